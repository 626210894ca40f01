"""Excel workbooks (xlsx) as tables: what is shown, and which cells are one."""

import io
import re
import zipfile
import zlib
from datetime import date, datetime, time
from typing import Any

import openpyxl  # type: ignore[import-untyped] # it has none
from openpyxl.utils.cell import range_boundaries  # type: ignore[import-untyped] # as above

from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.sheet import Grid
from services.insights.gateways.bounds import CELL, MOST_COLUMNS, MOST_ROWS, Count

MOST_SHEETS = 40
UNPACKED_BYTES = 60_000_000
MOST_MERGED, MERGED_CELLS = 3_000, 200_000
_AT = rb"[A-Z]{1,3}[0-9]{1,7}"
_MERGED = re.compile(
    rb"<(?:[a-z]+:)?mergeCell\b[^>]*?\bref=[\"'](" + _AT + rb":" + _AT + rb")[\"']"
)
_UNREADABLE = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError,
)  # fmt: skip


def read(content: bytes) -> list[Grid]:
    """Returns the sheets of a workbook. Errors: Unusable as tables.read."""
    _check_archive(content)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            count = Count()
            both = zip(_sheets(content, values=True), _sheets(content, values=False), strict=True)
            found = [_grid(*each, archive, count) for each in both]
    except Unusable:
        raise
    except _UNREADABLE as error:
        raise Unusable("NO_TABLE", type(error).__name__) from error
    grids = [grid for grid in found if any(grid.rows)]
    if not grids:
        raise Unusable("EMPTY", "no sheet has anything in it")
    return grids


def _sheets(content: bytes, *, values: bool) -> list[Any]:
    """Returns the sheets of a workbook, to be read row by row: as shown, or with formulas."""
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=values)
    if len(book.worksheets) > MOST_SHEETS:
        raise Unusable("TOO_LARGE", f"more than {MOST_SHEETS} sheets")
    for sheet in book.worksheets:
        # What a sheet says of its size may be wrong by a million rows.
        sheet.reset_dimensions()
    return list(book.worksheets)


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


def _grid(shown: Any, written: Any, archive: zipfile.ZipFile, count: Count) -> Grid:
    """Returns a sheet as it is shown; a formula whose result the file does not hold is shown
    itself, so that it is not taken for an empty cell. count: of the whole workbook."""
    rows = []
    # Whatever lies far out is counted too, and refused rather than cut off.
    both = zip(
        shown.iter_rows(max_row=MOST_ROWS + 1, values_only=True),
        written.iter_rows(max_row=MOST_ROWS + 1, values_only=True), strict=True,
    )  # fmt: skip
    for values, formulas in both:
        rows.append(count.row([_cell(*each) for each in zip(values, formulas, strict=True)]))
    # The reader that goes row by row does not tell which cells are one.
    path = shown._worksheet_path  # noqa: SLF001 - openpyxl has no other way to the part of a sheet
    return Grid(shown.title[:CELL], tuple(rows), _merged(archive.read(path), len(rows)))


def _cell(value: object, formula: object) -> str:
    if value is None and formula is not None:
        text = getattr(formula, "text", None) or str(formula)  # one of many cells is an object
        return f"={str(text).lstrip('=')}"
    return _text(value)


def _merged(body: bytes, row_count: int) -> tuple[tuple[int, int, int, int], ...]:
    found = [
        range_boundaries(ref.decode()) for ref in _MERGED.findall(body)
    ]  # first column, first row, last column, last row
    if len(found) > MOST_MERGED:
        raise Unusable("TOO_LARGE", "too many cells that are one")
    merged = tuple(
        (top - 1, left - 1, min(bottom, row_count) - 1, min(right, MOST_COLUMNS) - 1)
        for left, top, right, bottom in found
    )
    if sum(max(0, d - b + 1) * max(0, c - a + 1) for a, b, c, d in merged) > MERGED_CELLS:
        raise Unusable("TOO_LARGE", "too many cells that are one")
    return merged


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
