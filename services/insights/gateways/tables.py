"""Tables out of files that people bring: CSV in UTF-8 or Shift_JIS, and Excel (xlsx).

Only what is shown is read: no formula is worked out, no macro, link or picture is looked at. It
runs in a process of its own (imports_reader.py), and its own bounds say what is wrong before those
of the process end it.
"""

import csv
import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time
from typing import Any

from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.sheet import Grid

ENCODINGS = ("utf-8-sig", "cp932")
MOST_ROWS, MOST_COLUMNS, MOST_SHEETS = 12_000, 600, 40
MOST_CELLS = 400_000  # with something in them; a year of hours at three stations has 300,000
MOST_TEXT = 2_500_000  # characters of all cells
CELL = 400  # characters of a cell that are looked at; a table has no longer ones that count
UNPACKED_BYTES = 60_000_000
MOST_MERGED, MERGED_CELLS = 3_000, 200_000
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # xls, and xlsx with a password
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
)  # fmt: skip


def read(content: bytes) -> list[Grid]:
    """Returns the sheets of a file.

    Errors: Unusable EMPTY, OLD_EXCEL, NO_TEXT, NO_TABLE, TOO_MANY_ROWS, TOO_MANY_COLUMNS,
    TOO_LARGE.
    """
    if not content.strip():
        raise Unusable("EMPTY", "there is nothing in it")
    if content.startswith(OLD_EXCEL):
        raise Unusable("OLD_EXCEL", "an old Excel file, or one with a password")
    if content.startswith(b"PK"):
        return _workbook(content)
    return [Grid("CSV", tuple(_csv(content)))]


def _csv(content: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(content)
    head = text[:20_000]
    mark = "\t" if head.count("\t") > head.count(",") else ","
    count = _Count()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            yield count.row(row)
    except csv.Error as error:
        raise Unusable("NO_TABLE", str(error)) from error


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return text
    raise Unusable("NO_TEXT", "neither UTF-8 nor Shift_JIS")


class _Count:
    """Counts what was read of a file, and says where it is too much."""

    def __init__(self) -> None:
        self.rows = self.cells = self.characters = 0

    def row(self, cells: Sequence[str]) -> tuple[str, ...]:
        """Returns a row without the blank cells at its end. Errors: Unusable."""
        self.rows += 1
        if self.rows > MOST_ROWS:
            raise Unusable("TOO_MANY_ROWS", f"more than {MOST_ROWS:,} rows")
        kept = [cell[:CELL] for cell in cells]
        while kept and not kept[-1].strip():
            kept.pop()
        if len(kept) > MOST_COLUMNS:
            raise Unusable("TOO_MANY_COLUMNS", f"more than {MOST_COLUMNS} columns")
        self.cells += sum(1 for cell in kept if cell)
        self.characters += sum(map(len, kept))
        if self.cells > MOST_CELLS or self.characters > MOST_TEXT:
            raise Unusable("TOO_LARGE", "more than any table of a town")
        return tuple(kept)


def _workbook(content: bytes) -> list[Grid]:
    _check_archive(content)
    import openpyxl  # type: ignore[import-untyped] # noqa: PLC0415 - it has none; 0.3 s that only Excel should cost

    count, shown = _Count(), {}
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if len(book.worksheets) > MOST_SHEETS:
            raise Unusable("TOO_LARGE", f"more than {MOST_SHEETS} sheets")
        for sheet in book.worksheets:
            # What a sheet says of its size may be wrong by a million rows.
            sheet.reset_dimensions()
            shown[sheet.title] = [
                count.row([_text(value) for value in row[: MOST_COLUMNS + 1]])
                for row in sheet.iter_rows(
                    max_col=MOST_COLUMNS + 1, max_row=MOST_ROWS + 1, values_only=True
                )
            ]
        # Once more for what a reader of values does not tell: formulas, and cells that are one.
        whole = openpyxl.load_workbook(io.BytesIO(content), data_only=False)
        found = [_grid(sheet, shown[sheet.title]) for sheet in whole.worksheets]
    except Unusable:
        raise
    except _UNREADABLE as error:
        raise Unusable("NO_TABLE", type(error).__name__) from error
    grids = [grid for grid in found if any(grid.rows)]
    if not grids:
        raise Unusable("EMPTY", "no sheet has anything in it")
    return grids


def _check_archive(content: bytes) -> None:
    """An archive may unpack to a thousand times its size, and a document may define entities that
    unfold: neither is a table."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            left = UNPACKED_BYTES
            for member in archive.infolist():
                if member.flag_bits & 1:
                    raise Unusable("OLD_EXCEL", "it has a password")
                with archive.open(member) as packed:
                    before = b""
                    while block := packed.read(65_536):
                        left -= len(block)
                        if left < 0:
                            raise Unusable(
                                "TOO_LARGE", "it unpacks to more than any table of a town"
                            )
                        if b"<!DOCTYPE" in before + block or b"<!ENTITY" in before + block:
                            raise Unusable("NO_TABLE", "a document with definitions of its own")
                        before = block[-9:]
            if "[Content_Types].xml" not in archive.namelist():
                raise Unusable("NO_TABLE", "an archive that is no Excel file")
    except _UNREADABLE as error:
        if isinstance(error, Unusable):
            raise
        raise Unusable("NO_TABLE", type(error).__name__) from error


def _grid(sheet: Any, shown: list[tuple[str, ...]]) -> Grid:
    """Returns a sheet as it is shown; a formula whose result the file does not hold is shown
    itself, so that it is not taken for an empty cell."""
    rows = [list(row) for row in shown]
    for line in sheet.iter_rows(max_row=len(rows), max_col=MOST_COLUMNS):
        for cell in line:
            if cell.data_type == "f":
                row = rows[cell.row - 1]
                row += [""] * (cell.column - len(row))
                if not row[cell.column - 1].strip():
                    row[cell.column - 1] = f"={str(cell.value).lstrip('=')}"[:CELL]
    ranges = list(sheet.merged_cells.ranges)
    if len(ranges) > MOST_MERGED:
        raise Unusable("TOO_LARGE", "too many cells that are one")
    merged = tuple(
        (each.min_row - 1, each.min_col - 1, min(each.max_row, len(rows)) - 1,
         min(each.max_col, MOST_COLUMNS) - 1)
        for each in ranges
    )  # fmt: skip
    if sum(max(0, d - b + 1) * max(0, c - a + 1) for a, b, c, d in merged) > MERGED_CELLS:
        raise Unusable("TOO_LARGE", "too many cells that are one")
    return Grid(sheet.title[:CELL], tuple(map(tuple, rows)), merged)


def _text(value: object) -> str:
    """Returns a cell as it is read by the rules of the domain: dates as 2025-04-01, whole numbers
    without a point."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else _decimal(value)
    if isinstance(value, datetime):
        midnight = value.time() == time()
        return value.date().isoformat() if midnight else value.strftime("%Y/%m/%d %H:%M:%S")
    if isinstance(value, date):
        return value.isoformat()
    return str(value)


def _decimal(value: float) -> str:
    """Returns a number as a person would read it: 0.1 and not 0.1000000000000000055."""
    text = repr(value)
    return text if re.fullmatch(r"-?[0-9]+\.[0-9]+", text) else f"{value:f}"
