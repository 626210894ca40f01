"""Reading translators' files apart from the guide: a few at a time, each in its own process."""

import msgspec

from kit import child
from kit.apart import Apart, Line
from kit.pure.errors import Refusal
from services.multilingual.domain.exchange import FileDamaged, Kind, Problem, Sheet
from services.multilingual.gateways.file_reader import Ask, Reply

MODULE = "services.multilingual.gateways.file_reader"
AT_ONCE = 2
MAX_WAITING = 8
# Python with its parts takes 60 MB, the heaviest file within the limits 100 MB and 2.5 s.
BOUNDS = child.Bounds(memory_bytes=256_000_000, cpu_s=15, wait_s=20.0)


class FilesBusy(Refusal):
    """Other files are being read. Try again in a moment."""


LINE = Line(
    FilesBusy,
    full="Other files are being read just now. Try again in a moment.",
    late="The file was not read in time. Try again in a moment.",
    most=MAX_WAITING,
    at_once=AT_ONCE,
)


class Reader:
    """Reads files for one process of the guide."""

    def __init__(self, bounds: child.Bounds = BOUNDS) -> None:
        self._apart = Apart(MODULE, Reply, bounds, LINE)

    async def read(self, content: bytes, *, read: bool) -> Sheet:
        """Returns what is in a file. read: a person answers for all of it.

        Errors: FileDamaged, FilesBusy.
        """
        try:
            reply = await self._apart.ask(msgspec.msgpack.encode(Ask(content, read)))
        except child.ChildEnded as error:
            raise FileDamaged([Problem(0, Kind.TOO_HEAVY, "")]) from error
        if reply.sheet is None:
            raise FileDamaged(reply.problems)
        return reply.sheet
