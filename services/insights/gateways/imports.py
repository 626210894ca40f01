"""Reading files that people import apart: one at a time, each in a process that lives for it
alone."""

from datetime import date

from kit.apart import Apart, FileBroke, Line
from kit.child import Bounds, ChildEnded
from kit.pure.errors import InvalidFields, Refusal
from services.insights.gateways.imports_reader import Reply

PROGRAM = "services.insights.gateways.imports_reader"
BOUNDS = Bounds(memory_bytes=512 * 1024 * 1024, cpu_s=15, wait_s=20.0)
FILE_BYTES = 3 * 1024 * 1024
LINE_MOST = 4  # that wait, with the one at work; each holds its file in memory


class FileUnusable(InvalidFields):
    """Nothing of a file can be used. reason: stable, and at the end of the sentence as well."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__([("file", f"{text[:160]} [{reason}]")])


class ImportsBusy(Refusal):
    """Other files are being read. Try again in a moment."""


LINE = Line(
    ImportsBusy, "Other files are being read. Try again in a moment.",
    "The file could not be read in time. Try again.", LINE_MOST,
)  # fmt: skip


class ImportsReader:
    """The door to the program that reads files of weather and statistics."""

    def __init__(self, bounds: Bounds = BOUNDS) -> None:
        self._apart = Apart(PROGRAM, Reply, bounds, LINE)

    async def read(self, content: bytes, today: date) -> Reply:
        """Returns what is in a file. Errors: FileUnusable, ImportsBusy."""
        if len(content) > FILE_BYTES:
            raise FileUnusable("TOO_LARGE", f"at most {FILE_BYTES // 1024**2} MiB")
        try:
            reply = await self._apart.ask(today.isoformat().encode() + b"\0" + content)
        except FileBroke as error:
            raise FileUnusable("NO_TABLE", "it cannot be read as a table") from error
        except ChildEnded as error:
            raise FileUnusable("TOO_LARGE", "it takes more than any table of a town") from error
        if reply.reason:
            raise FileUnusable(reply.reason, reply.text)
        return reply
