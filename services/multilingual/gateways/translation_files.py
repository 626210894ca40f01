"""The formats a sheet of translations travels in. Same sheet, same bytes, whatever the format."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from services.multilingual.domain.exchange import (
    MAX_FILE_BYTES,
    Fault,
    FileDamaged,
    FileTooLarge,
    Kind,
    Problem,
    Sheet,
    check_sizes,
)
from services.multilingual.gateways import po, translation_csv, xliff


@dataclass(frozen=True)
class Format:
    """One format. write and read: sheet to text and back. read raises FileDamaged."""

    name: str
    suffix: str
    media_type: str
    write: Callable[[Sheet], str]
    read: Callable[[str], Sheet]


FORMATS = {
    each.name: each
    for each in (
        Format("po", ".po", "text/x-gettext-translation", po.write, po.read),
        Format("xliff-1.2", ".xlf", "application/x-xliff+xml", xliff.write_1_2, xliff.read),
        Format("xliff-2.0", ".xlf", "application/xliff+xml", xliff.write_2_0, xliff.read),
        Format("csv", ".csv", "text/csv", translation_csv.write, translation_csv.read),
    )
}


def write(name: str, sheet: Sheet) -> bytes:
    """Returns the file. Errors: FileTooLarge."""
    content = FORMATS[name].write(sheet).encode()
    if len(content) > MAX_FILE_BYTES:
        raise FileTooLarge(f"The file would have {len(content):,} bytes; choose fewer stops.")
    return content


_PO_LINE = re.compile(r"^\s*msgid\b", re.MULTILINE)


def read(content: bytes) -> Sheet:
    """Reads a file of any of the formats, told by its beginning. Errors: FileDamaged."""
    if len(content) > MAX_FILE_BYTES:
        raise FileDamaged([Problem(0, Kind.SYNTAX, fault=Fault.FILE_TOO_LARGE)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileDamaged([Problem(line, Kind.ENCODING)]) from None
    sheet = _reader(text)(text)
    check_sizes(sheet)
    return sheet


def _reader(text: str) -> Callable[[str], Sheet]:
    start = text.lstrip()[:2_000]
    if start.startswith("<"):
        return xliff.read
    # A line of a PO file begins with its word; in a table the word may stand in any text.
    first = start.partition("\n")[0]
    is_po = _PO_LINE.search(start) and not translation_csv.is_head(first)
    return po.read if is_po else translation_csv.read
