"""Reading feeds of operators apart: one at a time, each in a process that lives for it alone."""

from kit.apart import Apart, FileBroke, Line
from kit.child import Bounds, ChildEnded
from kit.pure.errors import InvalidFields, Refusal
from services.itinerary.gateways.feed_reader import Reply

PROGRAM = "services.itinerary.gateways.feed_reader"
BOUNDS = Bounds(memory_bytes=512 * 1024 * 1024, cpu_s=15, wait_s=25.0)
ARCHIVE_BYTES = 3 * 1024 * 1024
LINE_MOST = 4  # that wait, with the one at work; each holds its archive in memory


class FeedUnusable(InvalidFields):
    """Nothing of a feed can be used. reason: stable, and at the end of the sentence as well."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__([("archive", f"{text[:160]} [{reason}]")])


class FeedsBusy(Refusal):
    """Other feeds are being read. Try again in a moment."""


LINE = Line(
    FeedsBusy, "Other feeds are being read. Try again in a moment.",
    "The feed could not be read in time. Try again.", LINE_MOST,
)  # fmt: skip


class FeedReader:
    """The door to the program that reads feeds."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._apart = Apart(PROGRAM, Reply, bounds, LINE)

    async def read(self, archive: bytes) -> Reply:
        """Returns what is in a feed. Whoever gives up ends the process that works for him.

        Errors: FeedUnusable, FeedsBusy.
        """
        if not archive:
            raise FeedUnusable("NO_ARCHIVE", "there is no archive in it")
        if len(archive) > ARCHIVE_BYTES:
            raise FeedUnusable("TOO_LARGE", f"at most {ARCHIVE_BYTES // 1024**2} MiB")
        try:
            reply = await self._apart.ask(archive)
        except FileBroke as error:
            raise FeedUnusable("BAD_TABLE", "it cannot be read as a timetable") from error
        except ChildEnded as error:
            raise FeedUnusable(
                "TOO_HEAVY", "it takes more than any timetable of an area"
            ) from error
        if reply.reason:
            raise FeedUnusable(reply.reason, reply.text)
        return reply
