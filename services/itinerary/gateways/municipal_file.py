"""Municipal files of sights and occasions, as towns publish them."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from kit import area_files
from services.itinerary.domain.municipal.sights import (
    EVENT,
    NEEDED,
    Refused,
    Sight,
    columns_of,
    sight_of,
)
from services.itinerary.domain.municipal.words import normalized

ENCODINGS = ("utf-8-sig", "cp932")
FILE_BYTES, ROWS = 20_000_000, 20_000
SEARCHED = 20  # lines above the heading that some towns put there
FEWEST = 2  # columns known, for a line to be a heading


class BadMunicipalFile(ValueError):
    """A file of which nothing can be used. reason: stable."""

    def __init__(self, reason: str, text: str) -> None:
        super().__init__(text)
        self.reason = reason


@dataclass(frozen=True)
class SightsFile:
    """A file that was read. Every row below the heading is in sights or in refused.

    text: all of it. columns: what each column of domain/municipal/sights is called here. above:
    lines above the heading. ignored: columns of which nothing is understood.
    """

    encoding: str
    text: str
    columns: Mapping[str, str]
    heading: Sequence[str]
    above: int
    ignored: tuple[str, ...]
    is_occasions: bool
    sights: tuple[Sight, ...]
    refused: tuple[Refused, ...]

    @property
    def counts(self) -> Counter[str]:
        """How often each reason came up, of rows refused and of doubts."""
        return Counter(
            [reason for row in self.refused for reason in row.reasons]
            + [doubt.reason for sight in self.sights for doubt in sight.doubts]
        )


def read(path: Path) -> SightsFile:
    """Reads a file.

    Errors: OSError; BadMunicipalFile TOO_LARGE, NO_TEXT, NO_TABLE, NO_HEADING, NO_ROWS,
    TOO_MANY_ROWS.
    """
    try:
        content = area_files.content(path, FILE_BYTES)
    except area_files.BadFile as error:
        raise BadMunicipalFile("TOO_LARGE", f"more than {FILE_BYTES // 10**6} MB") from error
    return read_content(content)


def read_content(content: bytes) -> SightsFile:
    """Reads the bytes of a file. Errors: BadMunicipalFile as read."""
    encoding, text = decoded(content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        # Numbers are those of rows as a spreadsheet shows them, whatever lines a cell has.
        lines = [
            (number, line) for number, line in enumerate(reader, 1) if any(map(str.strip, line))
        ]
    except csv.Error as error:
        raise BadMunicipalFile("NO_TABLE", f"line {reader.line_num}, {error}") from error
    at, columns = _heading(lines)
    heading, rows = lines[at][1], lines[at + 1 :]
    if not rows:
        raise BadMunicipalFile("NO_ROWS", "no row below the heading")
    if len(rows) > ROWS:
        raise BadMunicipalFile("TOO_MANY_ROWS", f"{len(rows)} rows; {ROWS} can be taken")
    used = set(columns.values())
    made = list(_rows(rows, columns, len(heading)))
    return SightsFile(
        encoding, text, {field: heading[column].strip() for field, column in columns.items()},
        heading, at,
        tuple(cell for index, cell in enumerate(heading) if index not in used),
        EVENT in map(normalized, heading),
        tuple(row for row in made if isinstance(row, Sight)),
        tuple(row for row in made if isinstance(row, Refused)),
    )  # fmt: skip


def decoded(content: bytes) -> tuple[str, str]:
    """Returns encoding and text of a file as towns write them. Errors: BadMunicipalFile NO_TEXT."""
    for encoding in ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            return encoding.removesuffix("-sig"), text
    raise BadMunicipalFile("NO_TEXT", "neither UTF-8 nor Shift_JIS")


def _heading(lines: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    for at, (_, line) in enumerate(lines[:SEARCHED]):
        columns = columns_of(line)
        if NEEDED in columns and len(columns) >= FEWEST:
            return at, columns
    raise BadMunicipalFile("NO_HEADING", "no line names a column 名称 and another known one")


def _rows(
    rows: Sequence[tuple[int, list[str]]], columns: Mapping[str, int], width: int
) -> Iterator[Sight | Refused]:
    seen: dict[tuple[str, ...], int] = {}
    for number, line in rows:
        cells = {field: line[at].strip() if at < len(line) else "" for field, at in columns.items()}
        name = cells[NEEDED]
        reasons = [] if len(line) == width else ["CELLS"]
        if not name:
            reasons.append("NAME_MISSING")
        same = tuple(cells.get(field, "") for field in
                     ("name", "address", "latitude", "longitude", "first_date"))  # fmt: skip
        if name and seen.setdefault(same, number) != number:
            reasons.append("TWICE")
        yield Refused(number, name, tuple(reasons)) if reasons else sight_of(number, cells)
