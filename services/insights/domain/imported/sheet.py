"""A sheet as it was read, and the mapping that says what stands where in it."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property

from kit.pure.errors import InvalidFields
from services.insights.domain.imported.cells import FIRST_YEAR, LAST_YEAR, plain
from services.insights.domain.kpi import Unit
from services.insights.domain.lines import is_line

MOST_NAME = 60  # of a measure or a place
SHAPE_ROWS, SHAPE_COLUMNS = 12, 40
_LINE = re.compile(r"([rc])([1-9][0-9]{0,3})", re.ASCII)
# 花時計 is no sum, 秋吉台地区計 is one.
_TOTALS = re.compile(
    r".*(?:合計|小計|総計|総数|累計|年計|年度計|(?:地区|地域|エリア|管内|市|町|村|県|全体|日帰り|宿泊|国人|日本人)計)|計|total|subtotal",
    re.IGNORECASE,
)
_RATIOS = re.compile(
    r".*(?:前年比|前年同月比|前年度比|対前年|増減|構成比|伸率|伸び率|割合|平均|[%％]).*"
)
IN_MONTHS, TITLE = "", "title"


class SheetUnit(StrEnum):
    """In what the figures of a sheet are written."""

    PERSONS = "persons"
    PERSONS_1000 = "persons_1000"
    NIGHTS = "nights"
    NIGHTS_1000 = "nights_1000"
    YEN = "yen"
    YEN_1000 = "yen_1000"
    YEN_MILLION = "yen_million"
    ITEMS = "items"


# What a figure is kept in, and how many of it one in the sheet is.
KEPT_AS = {
    SheetUnit.PERSONS: (Unit.PERSONS, 1), SheetUnit.PERSONS_1000: (Unit.PERSONS, 1_000),
    SheetUnit.NIGHTS: (Unit.NIGHTS, 1), SheetUnit.NIGHTS_1000: (Unit.NIGHTS, 1_000),
    SheetUnit.YEN: (Unit.YEN, 1), SheetUnit.YEN_1000: (Unit.YEN, 1_000),
    SheetUnit.YEN_MILLION: (Unit.YEN, 1_000_000), SheetUnit.ITEMS: (Unit.ITEMS, 1),
}  # fmt: skip
# As towns write them, the longest first.
WRITTEN = {
    "百万円": SheetUnit.YEN_MILLION, "千人泊": SheetUnit.NIGHTS_1000, "千円": SheetUnit.YEN_1000,
    "千人": SheetUnit.PERSONS_1000, "人泊": SheetUnit.NIGHTS, "泊": SheetUnit.NIGHTS,
    "人": SheetUnit.PERSONS, "名": SheetUnit.PERSONS, "円": SheetUnit.YEN, "件": SheetUnit.ITEMS,
    "台": SheetUnit.ITEMS, "回": SheetUnit.ITEMS, "店": SheetUnit.ITEMS, "軒": SheetUnit.ITEMS,
}  # fmt: skip


@dataclass(frozen=True)
class Grid:
    """A sheet. rows: of cells as texts, of any length. merged: first row, first column, last row,
    last column of cells that are one, from 0."""

    name: str
    rows: tuple[tuple[str, ...], ...]
    merged: tuple[tuple[int, int, int, int], ...] = ()

    @cached_property
    def width(self) -> int:
        """Columns of the widest row."""
        return max(map(len, self.rows), default=0)

    def cell(self, row: int, column: int) -> str:
        """Returns a cell, "" outside."""
        line = self.rows[row] if 0 <= row < len(self.rows) else ()
        return line[column] if 0 <= column < len(line) else ""

    @cached_property
    def _under(self) -> dict[tuple[int, int], tuple[int, int]]:
        """Where the text of a merged cell stands, by every place it covers inside the sheet."""
        return {
            (row, column): (first, left)
            for first, left, last, right in self.merged
            for row in range(first, min(last, len(self.rows) - 1) + 1)
            for column in range(left, min(right, self.width - 1) + 1)
        }

    def label(self, row: int, column: int) -> str:
        """Returns what is to be read at a place: in a merged cell its one text."""
        return self.cell(*self._under.get((row, column), (row, column)))


@dataclass(frozen=True)
class Line:
    """A row or a column of a sheet, from 0."""

    is_row: bool
    at: int

    @property
    def code(self) -> str:
        """As a mapping names it, from 1: r3, c1."""
        return f"{'r' if self.is_row else 'c'}{self.at + 1}"


@dataclass(frozen=True)
class Mapping:
    """What stands where. months, years, places, measures: a line such as r3 or c1.

    years: "" where the months name their year, "title" where `year` holds for the whole sheet,
    which `fiscal` lets run from April to March. places, measures: "" where the one name beside it
    holds for all. unit: of figures whose label names none. dash_is_zero: 「－」 means that there
    was none, else that nobody knows.
    """

    sheet: str = ""
    months: str = ""
    years: str = IN_MONTHS
    year: int = 0
    fiscal: bool = True
    places: str = ""
    place: str = ""
    measures: str = ""
    measure: str = ""
    unit: SheetUnit = SheetUnit.PERSONS
    dash_is_zero: bool = False


def line_of(code: str) -> Line | None:
    """Returns the line a mapping names, None for no line."""
    found = _LINE.fullmatch(code)
    return Line(found[1] == "r", int(found[2]) - 1) if found else None


def checked(given: Mapping, grid: Grid) -> Mapping:
    """Returns a mapping without blanks around its names. Errors: InvalidFields naming what cannot
    be used of it for a sheet."""
    mapping = replace(given, place=given.place.strip(), measure=given.measure.strip())
    wrong: list[tuple[str, str]] = []
    named = [("months", mapping.months)]
    if mapping.years not in {IN_MONTHS, TITLE}:
        named.append(("years", mapping.years))
    named += [(name, code) for name in ("places", "measures") if (code := getattr(mapping, name))]
    for name, code in named:
        line = line_of(code)
        most = (len(grid.rows) if line.is_row else grid.width) if line else 0
        if line is None or line.at >= most:
            wrong.append((f"mapping.{name}", "give a row or column of the sheet"))
    codes = [code for _, code in named]
    if len(set(codes)) < len(codes):
        wrong.append(("mapping.months", "a row or column is one thing only"))
    if mapping.years == TITLE and not FIRST_YEAR <= mapping.year <= LAST_YEAR:
        wrong.append(("mapping.year", "give the year"))
    for name in ("place", "measure"):
        said = getattr(mapping, name)
        if not getattr(mapping, f"{name}s") and not (said and is_line(said, MOST_NAME)):
            wrong.append((f"mapping.{name}", f"give a name of at most {MOST_NAME} characters"))
    if wrong:
        raise InvalidFields(wrong)
    return mapping


def is_total(label: str) -> bool:
    """Tells whether a label stands over a sum of others."""
    return bool(_TOTALS.fullmatch(plain(label)))


def is_ratio(label: str) -> bool:
    """Tells whether a label stands over something worked out: a change, a share, a mean."""
    return bool(_RATIOS.fullmatch(plain(label)))


def tidy(label: str) -> str:
    """Returns a label as a name on one line: breaks and blanks in it are there for its width, as in
    秋　芳　洞."""
    said = re.sub(r"(?<=[^\x00-\x7f])\s*[\r\n]+\s*|\s*[\r\n]+\s*(?=[^\x00-\x7f])", "", label)
    parts = said.split()
    spread = len(parts) > 1 and all(len(part) == 1 and not part.isascii() for part in parts)
    return ("" if spread else " ").join(parts)


def unit_in(label: str) -> tuple[str, SheetUnit | None]:
    """Returns a label as a name, without the unit in brackets at its end, and that unit, None for
    none."""
    said = tidy(label)
    found = re.fullmatch(r"(.*?)[（(]\s*(?:単位[:：]?\s*)?([^（()）]+?)\s*[)）]\s*", said)
    unit = WRITTEN.get(plain(found[2])) if found else None
    return (found[1].strip(), unit) if found and unit else (said, None)


def shape_of(grid: Grid) -> str:
    """Returns what files of one layout have in common: the texts above, without their numbers."""
    seen = [re.sub(r"[0-9元]+", "0", plain(grid.name))]
    for row in grid.rows[:SHAPE_ROWS]:
        cells = [re.sub(r"[0-9元,.]+", "0", plain(cell)) for cell in row[:SHAPE_COLUMNS]]
        seen.append("\t".join(_masked(cell) for cell in cells).rstrip())
    return hashlib.sha256("\n".join(seen).encode()).hexdigest()[:32]


def _masked(cell: str) -> str:
    """Numbers and the signs instead of them are alike; so are months that begin with another
    year."""
    if cell in {"", "0", "-", "x", "...", "*", "00:00:00"}:
        return ""
    return re.sub(r"^(?:令和|平成|昭和|R|H)?\.?0(?=年度?|[/.-]0)", "0", cell)


def texts(row: Sequence[str]) -> list[str]:
    """Returns the cells of a row that say something."""
    return [said for cell in row if (said := cell.strip())]
