"""A municipality's open data of sights, for `./meguri area create`: what is kept and told of it.

It is read by itinerary's reader, as `./meguri itinerary sights` reads it: the same columns, rows
and reasons. A list says neither what a sight is worth, how long one stays nor which place it is, so
that no row becomes a POI by itself: a person decides (pois.csv).
"""

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from services.itinerary.cli import sights
from services.itinerary.gateways.municipal_file import SightsFile

NAMES = {"utf-8": "UTF-8", "cp932": "Shift_JIS"}


@dataclass(frozen=True)
class Row:
    """A row that was read. number: in the file, as a spreadsheet shows it. problems: stable
    reasons why it has no name and point that can be used."""

    number: int
    name: str
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Report:
    """A file that was read."""

    found: SightsFile

    @cached_property
    def rows(self) -> list[Row]:
        """All rows, in the order of the file."""
        refused = [Row(row.number, row.name, row.reasons) for row in self.found.refused]
        pointless = sights.POINT_REASONS
        read = [
            Row(sight.number, sight.name,
                tuple(doubt.reason for doubt in sight.doubts if doubt.reason in pointless))
            for sight in self.found.sights
        ]  # fmt: skip
        return sorted([*refused, *read], key=lambda row: row.number)

    @property
    def content(self) -> bytes:
        """The file as it will be kept, in UTF-8."""
        return self.found.text.encode()

    @property
    def encoding_name(self) -> str:
        """How people call the encoding."""
        return NAMES[self.found.encoding]

    @property
    def columns(self) -> Mapping[str, str]:
        """What each column that is understood is called in the file."""
        return self.found.columns

    @property
    def ignored(self) -> tuple[str, ...]:
        """Columns of which nothing is understood."""
        return self.found.ignored

    @cached_property
    def usable_rows(self) -> list[Row]:
        """The rows that have a name and a point."""
        return [row for row in self.rows if not row.problems]

    @property
    def usable(self) -> int:
        """How many rows have a name and a point."""
        return len(self.usable_rows)

    def draft(self, columns: str) -> str:
        """Returns rows as lines of a places.csv with these columns, for a person to choose from.

        A point that cannot be used is left out, for that person to look up; so are rows without a
        name, with other cells or for a second time.
        """
        written = io.StringIO()
        writer = csv.DictWriter(written, columns.split(","), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(sights.places_of(self.found))
        return written.getvalue()

    def document(self) -> dict[str, Any]:
        """Returns what a program is told."""
        return {
            "encoding": self.found.encoding, "columns": dict(self.columns),
            "ignored_columns": list(self.ignored), "rows": len(self.rows), "usable": self.usable,
            "imported": 0,
            "not_imported": [{"row": row.number, "name": row.name} for row in self.usable_rows],
            "problems": [
                {"row": row.number, "name": row.name, "reasons": list(row.problems)}
                for row in self.rows if row.problems
            ],
        }  # fmt: skip


def read(path: Path) -> Report:
    """Reads and checks a file. Errors: OSError; SightsRefused where nothing of it can be used."""
    return Report(sights.read_file(path))
