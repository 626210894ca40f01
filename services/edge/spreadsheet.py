"""Tables as CSV for spreadsheets: with the mark they know UTF-8 by, and nothing in it is run."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

BOM = "\ufeff"
# Japanese spreadsheets take the wide signs for the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")

Cells = Sequence[object]


def text_of(headings: Cells, lines: Iterable[Cells]) -> str:
    """Returns a table as text; nothing in it runs as a formula."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(headings)
    for line in lines:
        writer.writerow([_harmless(cell) for cell in line])
    return BOM + sheet.getvalue()


def as_download(text: str, name: str) -> Response:
    """Returns a table as a file to keep."""
    return Response(
        text,
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _harmless(cell: object) -> object:
    """A spreadsheet would run a text that begins like a formula."""
    if isinstance(cell, str) and cell.startswith(_FORMULA):
        return "'" + cell
    return cell
