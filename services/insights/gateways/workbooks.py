"""Excel workbooks (xlsx) as tables: what is shown, and which cells are one."""

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any

import openpyxl  # type: ignore[import-untyped] # it has none

from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.sheet import Grid
from services.insights.gateways.bounds import CELL, MOST_COLUMNS, MOST_ROWS, Count

MOST_SHEETS = 40
UNPACKED_BYTES = 60_000_000
MOST_MERGED, MERGED_CELLS = 3_000, 200_000
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
)  # fmt: skip


def read(content: bytes) -> list[Grid]:
    """Returns the sheets of a workbook. Errors: Unusable as tables.read."""
    _check_archive(content)
    count, shown = Count(), {}
    try:
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        if len(book.worksheets) > MOST_SHEETS:
            raise Unusable("TOO_LARGE", f"more than {MOST_SHEETS} sheets")
        for sheet in book.worksheets:
            # What a sheet says of its size may be wrong by a million rows.
            sheet.reset_dimensions()
            # Whatever lies far out is counted too, and refused rather than cut off.
            rows = sheet.iter_rows(max_row=MOST_ROWS + 1, values_only=True)
            shown[sheet.title] = [count.row([_text(value) for value in row]) for row in rows]
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
        return f"{value:.0f}" if value.is_integer() else _decimal(value)
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
