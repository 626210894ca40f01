"""Translations as a table for a spreadsheet: UTF-8 with a byte order mark, so that Excel reads it.

Columns: stop_code, part, the source language, the target language, state, about, source_revision,
base_revision. A text that a spreadsheet would run as a formula has an apostrophe before it, which
is taken away again.
"""

import csv
import io
import re
from collections.abc import Iterator

from services.multilingual.domain.exchange import (
    Fault,
    FileDamaged,
    Kind,
    Problem,
    Sheet,
    Unit,
    check_count,
    check_lines,
)

BOM = "\ufeff"
STATES = {True: "read", False: "machine draft"}
_BEFORE, _AFTER = ("stop_code", "part"), ("state", "about", "source_revision", "base_revision")
# The full-width ones are formulas to a spreadsheet in Japanese, too.
_FORMULA = re.compile("'*[=+\\-@\t\r\uff1d\uff0b\uff0d\uff20]")


def write(sheet: Sheet) -> str:
    """Returns the table of a sheet."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow([*_BEFORE, sheet.source_locale, sheet.locale, *_AFTER])
    for unit in sheet.units:
        writer.writerow([
            unit.stop_code, unit.part, _harmless(unit.source), _harmless(unit.target),
            STATES[unit.read] if unit.target else "", unit.about,
            unit.source_revision, unit.base_revision,
        ])  # fmt: skip
    return BOM + out.getvalue()


def is_head(line: str) -> bool:
    """Tells whether a line may be the first one of a table: it names the columns."""
    return all(name in line for name in (*_BEFORE, *_AFTER))


def read(text: str) -> Sheet:
    """Reads a table. Errors: FileDamaged."""
    check_lines(text)
    rows = list(_rows(text))
    heading = rows[0][1] if rows else []
    if tuple(heading[:2]) != _BEFORE or tuple(heading[4:8]) != _AFTER or len(heading) != 8:
        columns = ", ".join((*_BEFORE, "<source>", "<target>", *_AFTER))
        raise FileDamaged([Problem(1, Kind.SYNTAX, columns, Fault.TABLE_HEADINGS)])
    found = [_unit(line, row) for line, row in rows[1:] if any(row)]
    problems = [each for each in found if isinstance(each, Problem)]
    if problems:
        raise FileDamaged(problems)
    units = tuple(each for each in found if isinstance(each, Unit))
    return Sheet(heading[2], heading[3], units)


def _unit(line: int, row: list[str]) -> Unit | Problem:
    if len(row) != 8:
        return Problem(line, Kind.SYNTAX, str(len(row)), Fault.TABLE_CELLS)
    code, part, source, target, state, about, *revisions = row
    if not all(re.fullmatch(r"[0-9]{1,9}", each) for each in revisions):
        return Problem(line, Kind.REVISION, f"{code} {part}"[:80])
    if target and state not in STATES.values():
        return Problem(line, Kind.SYNTAX, state[:80], Fault.TABLE_STATE)
    words = _text(target)
    read_by = bool(words) and state == STATES[True]
    return Unit(code, part, _text(source), words, read_by, int(revisions[0]), int(revisions[1]),
                about, line)  # fmt: skip


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yields (line the row begins at, cells)."""
    reader = csv.reader(io.StringIO(text.removeprefix(BOM), newline=""), strict=True)
    begins, count = 1, 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FileDamaged([Problem(begins, Kind.SYNTAX, fault=Fault.TABLE_QUOTES)]) from None
        count += any(row)
        check_count(count - 1, begins)  # the heading is none
        yield begins, row
        begins = reader.line_num + 1


def _harmless(text: str) -> str:
    return "'" + text if _FORMULA.match(text) else text


def _text(cell: str) -> str:
    plain = cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell
    return plain.replace("\r\n", "\n").strip()
