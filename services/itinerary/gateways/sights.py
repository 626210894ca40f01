"""Reading municipal lists apart: one at a time, each in a process that lives for it alone."""

import asyncio

import msgspec

from kit import log
from kit.child import Bounds, ChildEnded, ask_once
from kit.pure.errors import InvalidFields, Refusal
from services.itinerary.gateways.sights_reader import Reply

PROGRAM = "services.itinerary.gateways.sights_reader"
BOUNDS = Bounds(memory_bytes=512 * 1024 * 1024, cpu_s=15, wait_s=20.0)
FILE_BYTES = 3 * 1024 * 1024
MOST_WAITING = 4  # with the one at work; each holds its file in memory
SOURCE_CHARACTERS = 200

_DECODER = msgspec.msgpack.Decoder(Reply)


class SightsUnusable(InvalidFields):
    """Nothing of a list can be used. reason: stable, and at the end of the sentence as well."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__([("file", f"{text[:160]} [{reason}]")])


class SightsBusy(Refusal):
    """Other lists are being read. Try again in a moment."""


class SightsReader:
    """The door to the program that reads municipal lists."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._bounds, self._waiting, self._free = bounds, 0, asyncio.Semaphore(1)
        self._log = log.get("sights")

    async def read(self, content: bytes, source: str) -> Reply:
        """Returns what is in a list. source: what to call it in the POIs made of it.

        Errors: SightsUnusable, SightsBusy.
        """
        if not content:
            raise SightsUnusable("NO_ROWS", "there is nothing in it")
        if len(content) > FILE_BYTES:
            raise SightsUnusable("TOO_LARGE", f"at most {FILE_BYTES // 1024**2} MiB")
        if self._waiting >= MOST_WAITING:
            raise SightsBusy("Other lists are being read. Try again in a moment.")
        called = source.replace("\0", "")[:SOURCE_CHARACTERS].encode(errors="replace")
        self._waiting += 1
        try:
            async with self._free:
                body = await ask_once(PROGRAM, called + b"\0" + content, self._bounds)
            reply = await asyncio.to_thread(_DECODER.decode, body)
        except ChildEnded as error:
            self._log.error("a list broke its program", error=str(error))
            raise SightsUnusable("TOO_LARGE", "it takes more than any list of a town") from error
        except (TimeoutError, OSError) as error:
            self._log.warning("no answer in time", error=repr(error))
            raise SightsBusy("The list could not be read in time. Try again.") from error
        finally:
            self._waiting -= 1
        if reply.broke:
            self._log.error("a list broke its program", error=reply.broke)
            raise SightsUnusable("NO_TABLE", "it cannot be read as a table")
        if reply.reason:
            raise SightsUnusable(reply.reason, reply.text)
        return reply
