"""A municipality's open data of sights: read, checked, and told row by row.

Columns as the recommended data set of the Digital Agency (観光施設一覧) names them; of other files
what is named alike is understood. It says neither what a sight is worth, how long one stays nor
which place it is, so that no row becomes a POI by itself: a person decides (pois.csv).
"""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.itinerary.gateways import municipal_file

NAMES = {"utf-8": "UTF-8", "cp932": "Shift_JIS"}
FILE_BYTES, ROWS = 20_000_000, 20_000
COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("名称", "施設名", "施設名称", "観光スポット名称", "名称_日本語"),
    "latitude": ("緯度",),
    "longitude": ("経度",),
    "name_en": ("名称_英語", "名称_英字", "英語名"),
    "kana": ("名称_カナ", "名称_カナ表記", "名称カナ"),
    "opening": ("開始時間", "利用可能曜日", "営業時間"),
    "fee": ("料金(基本)", "料金（基本）", "料金"),
    "summary": ("説明", "概要"),
    "phone": ("連絡先電話番号", "電話番号"),
}
POINT_PROBLEMS = frozenset({"point_missing", "point_unreadable", "point_outside"})
NEEDED = ("name", "latitude", "longitude")
JAPAN = ((20.0, 46.0), (122.0, 154.0))  # latitudes, longitudes


class AreaRefused(FileNotFoundError):
    """The area cannot be made as asked; the text says why."""


@dataclass(frozen=True)
class Row:
    """A row that was read. number: in the file, its heading is 1. cells: by field of COLUMNS.
    problems: stable reasons."""

    number: int
    name: str
    cells: Mapping[str, str]
    problems: tuple[str, ...]

    @property
    def has(self) -> tuple[str, ...]:
        """What of COLUMNS it says something of."""
        return tuple(field for field, value in self.cells.items() if value)


@dataclass(frozen=True)
class Report:
    """A file as it will be kept, in UTF-8. ignored: columns of which nothing is understood."""

    content: bytes
    encoding: str
    columns: Mapping[str, str]
    ignored: tuple[str, ...]
    rows: tuple[Row, ...]

    @property
    def usable(self) -> int:
        """How many rows have a name and a point."""
        return len(self.usable_rows)

    @property
    def usable_rows(self) -> list[Row]:
        """The rows that have a name and a point."""
        return [row for row in self.rows if not row.problems]

    @property
    def encoding_name(self) -> str:
        """How people call the encoding."""
        return NAMES[self.encoding]

    def draft(self, columns: str) -> str:
        """Returns rows as lines of a places.csv with these columns, for a person to choose from.

        A point that cannot be used is left out, for that person to look up; so are rows without a
        name, with other cells or for a second time. Ids are made of the row: better ones are easier
        to live with.
        """
        written = io.StringIO()
        writer = csv.DictWriter(written, columns.split(","), restval="", lineterminator="\n")
        writer.writeheader()
        for row in self.rows:
            if set(row.problems) - POINT_PROBLEMS:
                continue
            cells, has_point = row.cells, not row.problems
            writer.writerow({
                "place_id": f"sight-{row.number}", "kind": "poi", "name_ja": row.name,
                "kana": cells.get("kana", ""), "name_en": cells.get("name_en", ""),
                "latitude": cells["latitude"] if has_point else "",
                "longitude": cells["longitude"] if has_point else "",
                "coordinate_quality": "source" if has_point else "",
                "error_m": "0" if has_point else "",
            })  # fmt: skip
        return written.getvalue()

    def document(self) -> dict[str, Any]:
        """Returns what a program is told."""
        return {
            "encoding": self.encoding, "columns": dict(self.columns),
            "ignored_columns": list(self.ignored), "rows": len(self.rows), "usable": self.usable,
            "imported": 0,
            "not_imported": [{"row": row.number, "name": row.name} for row in self.usable_rows],
            "problems": [
                {"row": row.number, "name": row.name, "reasons": list(row.problems)}
                for row in self.rows if row.problems
            ],
        }  # fmt: skip


def read(path: Path) -> Report:
    """Reads and checks a file. Errors: AreaRefused where nothing of it could be used."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise AreaRefused(f"{path} is not a file that can be read") from error
    if len(content) > FILE_BYTES:
        raise AreaRefused(f"{path} has more than {FILE_BYTES // 10**6} MB")
    encoding, text = _decoded(path, content)
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        lines = [line for line in reader if any(cell.strip() for cell in line)]
        while lines and lines[0][0].startswith("#"):  # some put a title above
            del lines[0]
    except csv.Error as error:
        raise AreaRefused(f"{path} is no CSV: line {reader.line_num}, {error}") from error
    if not lines:
        raise AreaRefused(f"{path} is empty")
    heading = [cell.strip() for cell in lines[0]]
    columns = _columns(heading)
    missing = [COLUMNS[each][0] for each in NEEDED if each not in columns]
    if missing:
        raise AreaRefused(f"{path} has no column {', '.join(missing)}: its first line names them")
    if not lines[1:] or len(lines) > ROWS:
        raise AreaRefused(f"{path} has {len(lines) - 1} rows; 1 to {ROWS} can be taken")
    rows = tuple(_rows(heading, columns, lines[1:]))
    used = set(columns.values())
    return Report(
        text.encode(), encoding, columns, tuple(each for each in heading if each not in used), rows
    )


def _decoded(path: Path, content: bytes) -> tuple[str, str]:
    try:
        return municipal_file.decoded(content)
    except municipal_file.BadMunicipalFile as error:
        text = f"{path} is neither UTF-8 nor Shift_JIS: save it as one of them"
        raise AreaRefused(text) from error


def _columns(heading: list[str]) -> dict[str, str]:
    found = {}
    for field, names in COLUMNS.items():
        known = next((each for each in names if each in heading), None)
        if known is not None:
            found[field] = known
    return found


def _rows(heading: list[str], columns: Mapping[str, str], lines: list[list[str]]) -> Iterator[Row]:
    seen: set[tuple[str, str, str]] = set()
    for number, line in enumerate(lines, start=2):
        cells = dict(zip(heading, (cell.strip() for cell in line), strict=False))
        given = {field: cells.get(name, "") for field, name in columns.items()}
        problems = [] if len(line) == len(heading) else ["cells"]
        if not given["name"]:
            problems.append("name_missing")
        problems += _point_problems(given["latitude"], given["longitude"])
        same = given["name"], given["latitude"], given["longitude"]
        if same in seen:
            problems.append("twice")
        seen.add(same)
        yield Row(number, given["name"], given, tuple(problems))


def _point_problems(latitude: str, longitude: str) -> list[str]:
    if not latitude or not longitude:
        return ["point_missing"]
    try:
        point = float(latitude), float(longitude)
    except ValueError:
        return ["point_unreadable"]
    inside = all(low <= each <= high for each, (low, high) in zip(point, JAPAN, strict=True))
    return [] if inside else ["point_outside"]
