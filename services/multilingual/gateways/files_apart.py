"""Reading translators' files apart from the guide: a few at a time, each in its own process.

A file is a stranger's: it went through other hands. Whatever it holds, visitors read on, and the
memory it took is the system's again (decision 0039).
"""

import asyncio

import msgspec

from kit import child, log
from kit.pure.errors import Refusal
from services.multilingual.domain.exchange import FileDamaged, Kind, Problem, Sheet
from services.multilingual.gateways.file_reader import Ask, Reply

MODULE = "services.multilingual.gateways.file_reader"
AT_ONCE = 2
MAX_WAITING = 8  # those being read too; each holds its file in memory
# Python with its parts takes 60 MB, the heaviest file within the limits 100 MB and 2.5 s.
BOUNDS = child.Bounds(memory_bytes=256_000_000, cpu_s=15, wait_s=20.0)


class FilesBusy(Refusal):
    """Other files are being read. Try again in a moment."""


class Reader:
    """Reads files for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._bounds = bounds
        self._free = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._decoder = msgspec.msgpack.Decoder(Reply)
        self._log = log.get("files")

    async def read(self, content: bytes, *, read: bool) -> Sheet:
        """Returns what is in a file. read: a person answers for all of it. Whoever gives up ends
        the process that reads for him. Errors: FileDamaged, FilesBusy."""
        if self._waiting >= MAX_WAITING:
            raise FilesBusy("Other files are being read just now. Try again in a moment.")
        self._waiting += 1
        try:
            async with self._free:
                reply = await self._ask(Ask(content, read))
        finally:
            self._waiting -= 1
        if reply.broke:
            self._log.error("a file broke its reader", error=reply.broke)
            raise FileDamaged([Problem(0, Kind.TOO_HEAVY, "")])
        if reply.sheet is None:
            raise FileDamaged(reply.problems)
        return reply.sheet

    async def _ask(self, ask: Ask) -> Reply:
        body = msgspec.msgpack.encode(ask)
        try:
            return self._decoder.decode(await child.ask_once(MODULE, body, self._bounds))
        except child.ChildEnded as error:
            return Reply(broke=str(error))
        except (TimeoutError, OSError) as error:
            self._log.warning("a file was not read in time", error=repr(error))
            raise FilesBusy("The file was not read in time. Try again in a moment.") from error
