"""Reading feeds of operators apart: one at a time, each in a process that lives for it alone."""

import asyncio

import msgspec

from kit import log
from kit.child import Bounds, ChildEnded, ask_once
from kit.pure.errors import InvalidFields, Refusal
from services.itinerary.gateways.feed_reader import Reply

PROGRAM = "services.itinerary.gateways.feed_reader"
BOUNDS = Bounds(memory_bytes=512 * 1024 * 1024, cpu_s=15, wait_s=25.0)
ARCHIVE_BYTES = 3 * 1024 * 1024
MOST_WAITING = 4  # with the one at work; each holds its archive in memory

_DECODER = msgspec.msgpack.Decoder(Reply)


class FeedUnusable(InvalidFields):
    """Nothing of a feed can be used. reason: stable, and at the end of the sentence as well."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__([("archive", f"{text[:160]} [{reason}]")])


class FeedsBusy(Refusal):
    """Other feeds are being read. Try again in a moment."""


class FeedReader:
    """The door to the program that reads feeds."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._bounds, self._waiting, self._free = bounds, 0, asyncio.Semaphore(1)
        self._log = log.get("feeds")

    async def read(self, archive: bytes) -> Reply:
        """Returns what is in a feed. Whoever gives up ends the process that works for him.

        Errors: FeedUnusable, FeedsBusy.
        """
        if not archive:
            raise FeedUnusable("NO_ARCHIVE", "there is no archive in it")
        if len(archive) > ARCHIVE_BYTES:
            raise FeedUnusable("TOO_LARGE", f"at most {ARCHIVE_BYTES // 1024**2} MiB")
        if self._waiting >= MOST_WAITING:
            raise FeedsBusy("Other feeds are being read. Try again in a moment.")
        self._waiting += 1
        try:
            async with self._free:
                body = await ask_once(PROGRAM, archive, self._bounds)
            # A hundred thousand calls take a while: others are answered meanwhile.
            reply = await asyncio.to_thread(_DECODER.decode, body)
        except ChildEnded as error:
            self._log.error("a feed broke its program", error=str(error))
            raise FeedUnusable(
                "TOO_HEAVY", "it takes more than any timetable of an area"
            ) from error
        except (TimeoutError, OSError) as error:
            self._log.warning("no answer in time", error=repr(error))
            raise FeedsBusy("The feed could not be read in time. Try again.") from error
        finally:
            self._waiting -= 1
        if reply.broke:
            self._log.error("a feed broke its program", error=reply.broke)
            raise FeedUnusable("BAD_TABLE", "it cannot be read as a timetable")
        if reply.reason:
            raise FeedUnusable(reply.reason, reply.text)
        return reply
