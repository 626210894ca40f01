"""Files of an area: tables that people write in a spreadsheet, told row by row what is wrong.

Rows are counted as spreadsheets count them: the first line, which names the columns, is row 1.
"""

import csv
import io
import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")

ENCODINGS = ("utf-8-sig", "cp932")  # what spreadsheets of Japan save
FIRST_ROW = 2
FILE_BYTES = 20_000_000
_NO_NUMBER = ("could not convert", "invalid literal")  # how int() and float() begin


class BadFile(ValueError):
    """A file of an area cannot be used: one sentence with file, row, column and what is wrong."""


class Row(dict[str, str]):
    """One row. last: the column that was read last, which is the one that something is wrong in."""

    last = ""

    def __getitem__(self, column: str) -> str:
        """Returns a cell without spaces around it. Errors: KeyError for a column not there."""
        self.last = column
        return (super().__getitem__(column) or "").strip()

    def word(self, column: str, enum: Any, prefix: str, default: str = "") -> Any:
        """Returns the value of an enumeration of protobuf that a cell names in small letters.

        default: the word of an empty cell. Errors: ValueError naming the words there are.
        """
        text = self[column] or default
        values = enum.DESCRIPTOR.values_by_name
        if f"{prefix}{text.upper()}" not in values:
            words = [name.removeprefix(prefix).lower() for name in values]
            raise ValueError(f"is none of {', '.join(words[1:])}")  # the first is UNSPECIFIED
        return enum.Value(f"{prefix}{text.upper()}")


def read(path: Path, make: Callable[[Row], T]) -> list[T]:
    """Returns what `make` makes of each row. Errors: BadFile."""
    reader = csv.DictReader(io.StringIO(_text(path), newline=""), restkey="", restval="")
    made = []
    try:
        for number, cells in enumerate(reader, FIRST_ROW):
            cells.pop("", None)
            made.append(_made(path.name, number, Row(cells), make))
    except csv.Error as error:
        raise BadFile(f"{path.name} is no table of cells with commas between: {error}") from error
    return made


def of_refusal(name: str, listed: str, fields: Sequence[tuple[str, str]]) -> BadFile | None:
    """Returns what a service refused of a list, as rows of the file; None where it is no list's."""
    told = []
    for field, text in fields:
        found = re.fullmatch(rf"{listed}\[([0-9]+)\]\.?(\S*)", field)
        if found:
            where = f", column {found[2]}" if found[2] else ""
            told.append(f"{name}, row {int(found[1]) + FIRST_ROW}{where}: {text}")
    return BadFile("; ".join(told)) if told else None


def content(path: Path, most: int = FILE_BYTES) -> bytes:
    """Returns what is in a file that a person named, whatever it turns out to be.

    A stated size proves nothing: a device or a pipe states none. Errors: OSError; BadFile where
    there are more than `most` bytes.
    """
    with path.open("rb") as file:
        body = file.read(most + 1)
    if len(body) > most:
        raise BadFile(f"{path.name} has more than {most // 10**6} MB")
    return body


def _text(path: Path) -> str:
    body = content(path)
    for encoding in ENCODINGS:
        try:
            return body.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile(f"{path.name} is neither UTF-8 nor Shift_JIS: save it as one of them")


def _made(name: str, number: int, row: Row, make: Callable[[Row], T]) -> T:
    try:
        return make(row)
    except KeyError as error:
        if row.last in row:
            raise
        raise BadFile(
            f"{name} has no column {row.last}: its first line names the columns"
        ) from error
    except (ValueError, TypeError) as error:
        why = str(error)
        if why.startswith(_NO_NUMBER):
            why = "is no number"
        elif not why.startswith("is "):
            why = f"cannot be used: {why}"
        value = row.get(row.last, "")
        raise BadFile(f"{name}, row {number}, column {row.last}: {value!r} {why}") from error
