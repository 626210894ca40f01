"""Tables out of files that people bring: CSV in UTF-8 or Shift_JIS, and Excel (xlsx).

Only what is shown is read: no formula is worked out, no macro, link or picture is looked at. It
runs in a process of its own (imports_reader.py), and its own bounds say what is wrong before those
of the process end it.
"""

import csv
import io
from collections.abc import Iterator

from services.insights.domain.imported.notes import Unusable
from services.insights.domain.imported.sheet import Grid
from services.insights.gateways.bounds import Count

ENCODINGS = ("utf-8-sig", "cp932")
LETTER = 3  # bytes of a letter of UTF-8 at most that can be there before the rest is missing
NO_SIGNS = frozenset("\uf8f0\uf8f1\uf8f2\uf8f3")  # what Python makes of bytes Shift_JIS has not
OLD_EXCEL = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # xls, and xlsx with a password


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
        from services.insights.gateways import workbooks  # noqa: PLC0415 - 0.3 s of Excel alone

        return workbooks.read(content)
    return [Grid("CSV", tuple(_csv(content)))]


def _csv(content: bytes) -> Iterator[tuple[str, ...]]:
    text = _decoded(content)
    head = text[:20_000]
    mark = "\t" if head.count("\t") > head.count(",") else ","
    count = Count()
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark, strict=True):
            yield count.row(row)
    except csv.Error as error:
        raise Unusable("NO_TABLE", str(error)) from error


def _decoded(content: bytes) -> str:
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError as error:
            # UTF-8 that is cut off in a letter can be read as Shift_JIS, which is rubbish.
            long_enough = error.start > LETTER
            if encoding == ENCODINGS[0] and long_enough and error.start >= len(content) - LETTER:
                break
            continue
        if "\0" not in text and not NO_SIGNS.intersection(text):
            return text
    raise Unusable("NO_TEXT", "neither UTF-8 nor Shift_JIS")
