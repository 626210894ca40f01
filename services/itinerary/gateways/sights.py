"""Reading municipal lists apart: one at a time, each in a process that lives for it alone."""

from kit.apart import Apart, FileBroke, Line
from kit.child import Bounds, ChildEnded
from kit.pure.errors import InvalidFields, Refusal
from services.itinerary.gateways.sights_reader import Reply

PROGRAM = "services.itinerary.gateways.sights_reader"
BOUNDS = Bounds(memory_bytes=512 * 1024 * 1024, cpu_s=15, wait_s=20.0)
FILE_BYTES = 3 * 1024 * 1024
LINE_MOST = 4  # that wait, with the one at work; each holds its file in memory
SOURCE_CHARACTERS = 200


class SightsUnusable(InvalidFields):
    """Nothing of a list can be used. reason: stable, and at the end of the sentence as well."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__([("file", f"{text[:160]} [{reason}]")])


class SightsBusy(Refusal):
    """Other lists are being read. Try again in a moment."""


LINE = Line(
    SightsBusy, "Other lists are being read. Try again in a moment.",
    "The list could not be read in time. Try again.", LINE_MOST,
)  # fmt: skip


class SightsReader:
    """The door to the program that reads municipal lists."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._apart = Apart(PROGRAM, Reply, bounds, LINE)

    async def read(self, content: bytes, source: str) -> Reply:
        """Returns what is in a list. source: what to call it in the POIs made of it.

        Errors: SightsUnusable, SightsBusy.
        """
        if not content:
            raise SightsUnusable("NO_ROWS", "there is nothing in it")
        if len(content) > FILE_BYTES:
            raise SightsUnusable("TOO_LARGE", f"at most {FILE_BYTES // 1024**2} MiB")
        called = source.replace("\0", "")[:SOURCE_CHARACTERS].encode(errors="replace")
        try:
            reply = await self._apart.ask(called + b"\0" + content)
        except FileBroke as error:
            raise SightsUnusable("NO_TABLE", "it cannot be read as a table") from error
        except ChildEnded as error:
            raise SightsUnusable("TOO_LARGE", "it takes more than any list of a town") from error
        if reply.reason:
            raise SightsUnusable(reply.reason, reply.text)
        return reply
