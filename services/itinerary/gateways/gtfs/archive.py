"""The tables of a GTFS archive, read within bounds: what is in it is somebody else's."""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

ARCHIVE_BYTES = 100_000_000
TABLE_BYTES = 400_000_000
TABLE_ROWS = 5_000_000
BLOCK_BYTES = 65_536
FIRST_ROW = 2  # as spreadsheets count: row 1 names the columns
# What the library raises where bytes are not as they say of themselves.
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
)  # fmt: skip


class BadFeed(ValueError):
    """A feed of which nothing can be used. reason: stable; the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class Limits:
    """How much of one table is read, once unpacked. None: what a person at a desk may wait for."""

    table_bytes: int | None = None
    table_rows: int | None = None


class Archive:
    """A GTFS archive that was opened. Use it in a with-statement. name: for sentences."""

    def __init__(self, source: Path | bytes, limits: Limits | None = None) -> None:
        """source: a file, or the bytes of one. Errors: BadFeed NO_ARCHIVE, TOO_LARGE."""
        limits = limits or Limits()
        self._table_bytes = limits.table_bytes or TABLE_BYTES
        self._table_rows = limits.table_rows or TABLE_ROWS
        self.name = "the archive" if isinstance(source, bytes) else source.name
        try:
            size = len(source) if isinstance(source, bytes) else source.stat().st_size
            if size > ARCHIVE_BYTES:
                raise BadFeed("TOO_LARGE", f"{self.name} has more than {ARCHIVE_BYTES // 10**6} MB")
            self._zip = zipfile.ZipFile(io.BytesIO(source) if isinstance(source, bytes) else source)
        except _UNREADABLE as error:
            raise BadFeed("NO_ARCHIVE", f"{self.name} is no zip archive: {error}") from error
        # Some pack the folder instead of what is in it.
        self._members = {
            name.rsplit("/", 1)[-1]: name for name in self._zip.namelist() if name.count("/") < 2
        }

    def __enter__(self) -> "Archive":
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()

    def has(self, table: str) -> bool:
        """Tells whether a table, such as "stops", is in it."""
        return f"{table}.txt" in self._members

    def rows(self, table: str, *needed: str) -> Iterator[tuple[int, dict[str, str]]]:
        """Gives the rows of a table with their numbers; none where it is not there.

        Cells are without spaces around them, those that are missing empty. Errors: BadFeed
        NO_COLUMN where one needed is missing, BAD_TABLE, TOO_LARGE.
        """
        if not self.has(table):
            return
        name = f"{table}.txt"
        try:
            with self._zip.open(self._members[name]) as packed:
                bounded = io.BufferedReader(_Bounded(packed, name, self._table_bytes), BLOCK_BYTES)
                text = io.TextIOWrapper(bounded, "utf-8-sig", newline="")
                yield from _cells(name, csv.reader(text, strict=True), needed, self._table_rows)
        except UnicodeDecodeError as error:
            raise BadFeed("BAD_TABLE", f"{name} is not in UTF-8, which GTFS asks for") from error
        except (csv.Error, *_UNREADABLE) as error:
            raise BadFeed("BAD_TABLE", f"{name} cannot be read: {error}") from error


def _cells(
    name: str, lines: Iterator[list[str]], needed: tuple[str, ...], most: int
) -> Iterator[tuple[int, dict[str, str]]]:
    columns = [cell.strip() for cell in next(lines, [])]
    if missing := [column for column in needed if column not in columns]:
        raise BadFeed("NO_COLUMN", f"{name} has no column {', '.join(missing)}")
    for number, line in enumerate(lines, FIRST_ROW):
        if number > most:
            raise BadFeed("TOO_LARGE", f"{name} has more than {most:,} rows")
        if line:
            cells = dict.fromkeys(columns, "")
            cells.update(zip(columns, (cell.strip() for cell in line), strict=False))
            yield number, cells


class _Bounded(io.RawIOBase):
    """Bytes that end with an error where there are more than anybody needs: the size that an
    archive states of itself may be wrong."""

    def __init__(self, source: IO[bytes], name: str, most: int) -> None:
        self._source, self._name, self._most, self._left = source, name, most, most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        space = memoryview(buffer)
        found = self._source.read(len(space))
        self._left -= len(found)
        if self._left < 0:
            raise BadFeed(
                "TOO_LARGE", f"{self._name} has more than {self._most // 10**6} MB unpacked"
            )
        space[: len(found)] = found
        return len(found)
