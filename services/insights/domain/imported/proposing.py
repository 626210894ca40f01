"""What a sheet seems to hold: a first mapping, which a person looks at and corrects."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise

from services.insights.domain.imported.cells import (
    BadCell,
    State,
    YearSaid,
    month_of,
    number_of,
    plain,
    year_of,
    year_within,
)
from services.insights.domain.imported.sheet import (
    IN_MONTHS,
    MOST_NAME,
    TITLE,
    WRITTEN,
    Grid,
    Line,
    Mapping,
    SheetUnit,
    is_ratio,
    is_total,
    line_of,
)

SEARCHED = 60  # rows and columns in which months are looked for
LEAST_MONTHS = 2
LEAST_GROUPED = 3  # spots, from which on districts are told from names of measures
LABELS = 3  # columns beside the figures, rows above them, that are looked at
WHOLE = "全体"
COUNTED = "入込客数"
# Words by which a label is a measure and not a place.
_MEASURE = re.compile(r"(客数|宿泊|者数|人数|消費|売上|収入|件数|台数|人泊|入場|入館|利用|稼働)")
_IN_TITLE = re.compile(
    r"((?:訪日)?(?:外国人|日帰り|延べ)?(?:観光)?(?:入込客数|入込み客数|入込客|入込数|宿泊客延数|宿泊者延数|宿泊者数|宿泊客数|"
    r"宿泊数|消費額|入場者数|入館者数|利用者数|客数))"
)
_UNIT = re.compile(r"単位[:：]?\s*[（(]?\s*([^\s、，,)）・]+)")


def best_sheet(grids: Sequence[Grid]) -> Grid:
    """Returns the sheet with the most months in a line; the first where none has any."""
    return max(grids, key=lambda grid: _months(grid)[1])


def propose(grid: Grid) -> Mapping:
    """Returns what a sheet seems to hold; months is "" where none were found."""
    line, count = _months(grid)
    if line is None or count < LEAST_MONTHS:
        return Mapping(sheet=grid.name, year=_title(grid, 0).year, measure=COUNTED, place=WHOLE)
    mapping = _with_labels(grid, line, Mapping(sheet=grid.name, months=line.code))
    return replace(_with_year(grid, line, mapping), unit=_unit(grid))


def again(kept: Mapping, grid: Grid) -> Mapping:
    """Returns a mapping that was kept, for another file of its shape: with the year of its
    title."""
    if kept.years != TITLE:
        return replace(kept, sheet=grid.name)
    line = line_of(kept.months)
    said = _title(grid, line.at if line and line.is_row else 0)
    return replace(
        kept, sheet=grid.name, year=said.year, fiscal=said.fiscal if said.year else kept.fiscal
    )


def _months(grid: Grid) -> tuple[Line | None, int]:
    """Returns the line that holds the most months, and how many different ones."""
    best: tuple[Line | None, int] = (None, 0)
    lines = [Line(is_row=True, at=at) for at in range(min(len(grid.rows), SEARCHED))]
    lines += [Line(is_row=False, at=at) for at in range(min(grid.width, SEARCHED))]
    for line in lines:
        cells = list(_cells(grid, line))
        found = {said for cell in cells if (said := month_of(cell))}
        if not found:  # bare numbers: only as a run of months, not as any small counts
            bare = [said[1] for cell in cells if (said := month_of(cell, bare=True))]
            runs = sum(after == before % 12 + 1 for before, after in pairwise(bare))
            count = len(set(bare)) if runs >= 5 and len(bare) <= 12 else 0
        else:
            count = len(found)
        if count > best[1]:
            best = (line, count)
    return best


def _cells(grid: Grid, line: Line) -> Iterator[str]:
    if line.is_row:
        yield from grid.rows[line.at]
    else:
        for row in range(len(grid.rows)):
            yield grid.cell(row, line.at)


def _with_labels(grid: Grid, months: Line, mapping: Mapping) -> Mapping:
    """Adds the lines that name places and measures."""
    names = [line for line in _label_lines(grid, months) if not _names_years(grid, line, months)]
    found = {"places": "", "measures": ""}
    for line in names[:2]:
        said = [cell for cell in _cells_behind(grid, line, months) if cell.strip()]
        telling = sum(bool(_MEASURE.search(plain(cell))) for cell in said if not is_total(cell))
        what = "measures" if 2 * telling > len(said) and not found["measures"] else "places"
        if found[what]:
            what = "measures" if what == "places" else "places"
        found[what] = line.code
    if _groups(grid, names[:2], months):
        found = {"places": names[1].code, "measures": ""}
    measure = "" if found["measures"] else _measure(grid)
    return replace(
        mapping,
        places=found["places"],
        measures=found["measures"],
        measure=measure,
        place="" if found["places"] else WHOLE,
    )


def _groups(grid: Grid, names: Sequence[Line], months: Line) -> bool:
    """Tells whether the first of two columns of names only groups the second, as districts do
    spots: the second says no measure and never the same twice, which measures of several places
    do."""
    if len(names) < 2 or any(line.is_row for line in names):
        return False
    first, second = (
        [plain(cell) for cell in _cells_behind(grid, line, months)
         if cell.strip() and not is_total(cell)]
        for line in names
    )  # fmt: skip
    return (
        len(second) >= LEAST_GROUPED
        and len(set(second)) == len(second)
        and len(set(first)) < len(second)
        and not any(_MEASURE.search(cell) for cell in second)
    )


def _label_lines(grid: Grid, months: Line) -> list[Line]:
    """Returns the rows and columns of names beside the figures: of rows the nearest ones first."""
    if months.is_row:
        first = next(
            (at for at in range(grid.width) if month_of(grid.cell(months.at, at), bare=True)), 0
        )
        lines = [Line(is_row=False, at=at) for at in range(max(0, first - LABELS), first)]
    else:
        first_row = next(
            (at for at in range(len(grid.rows)) if month_of(grid.cell(at, months.at))),
            next((at for at in range(len(grid.rows))
                  if month_of(grid.cell(at, months.at), bare=True)), 0),
        )  # fmt: skip
        sides = [*range(months.at), *range(months.at + 1, min(grid.width, months.at + 3))]
        lines = [Line(is_row=False, at=at) for at in sides[:LABELS]]
        above = range(first_row - 1, max(-1, first_row - 1 - LABELS), -1)
        lines += [Line(is_row=True, at=at) for at in above if _wide(grid, at, months.at)]
    return [line for line in lines if _is_names(grid, line, months)]


def _wide(grid: Grid, row: int, beside: int) -> bool:
    """Tells whether a row names several columns: a title names none."""
    said = {grid.label(row, at).strip() for at in range(grid.width) if at != beside}
    return len(said - {""}) >= 2 or (grid.width == 2 and bool(said - {""}))


def _cells_behind(grid: Grid, line: Line, months: Line) -> list[str]:
    """Returns the cells of a line that stand beside figures."""
    cells = list(_cells(grid, line))
    if line.is_row:
        return cells[months.at + 1 :]
    if months.is_row:
        return cells[months.at + 1 :]
    return [cell for at, cell in enumerate(cells) if month_of(grid.label(at, months.at), bare=True)]


def _is_names(grid: Grid, line: Line, months: Line) -> bool:
    cells = [cell for cell in _cells_behind(grid, line, months) if cell.strip()]
    return bool(cells) and 2 * sum(map(_is_name, cells)) > len(cells)


def _is_name(cell: str) -> bool:
    try:
        return number_of(cell)[0] is State.BLANK
    except BadCell as error:
        return str(error) == "NOT_A_NUMBER"


def _with_year(grid: Grid, months: Line, mapping: Mapping) -> Mapping:
    named = [said for cell in _cells(grid, months) if (said := month_of(cell, bare=True))]
    if named[0][0] is not None:
        return replace(mapping, years=IN_MONTHS)
    along = [Line(months.is_row, at) for at in range(max(0, months.at - LABELS), months.at)]
    across = [Line(not months.is_row, at) for at in range(LABELS)]
    taken = {mapping.places, mapping.measures}
    for line in (*along, *across):
        if line.code not in taken and _names_years(grid, line, months):
            return replace(mapping, years=line.code)
    title = _title(grid, months.at if months.is_row else 0)
    return replace(mapping, years=TITLE, year=title.year, fiscal=title.fiscal)


def _names_years(grid: Grid, line: Line, months: Line) -> bool:
    """Tells whether a line of years runs along the months, or across them: from the first figure on
    years and nothing else."""
    if line.is_row == months.is_row:
        first = next(
            (at for at, cell in enumerate(_cells(grid, months)) if month_of(cell, bare=True)), 0
        )
    else:
        first = months.at + 1
    cells = list(_cells(grid, line))
    said = [
        cell for cell in cells[first:] if cell.strip() and not is_total(cell) and not is_ratio(cell)
    ]
    at_first = any(year_of(cell) for cell in cells[: first + 1])
    year = 2020
    for cell in said:
        found = year_of(cell, year)
        if found is None:
            return False
        year = found.year
    return bool(said) and (at_first or line.is_row != months.is_row)


def _title(grid: Grid, below: int) -> YearSaid:
    """Returns the year that a title names, or the name of the sheet; 0 where none does."""
    for row in grid.rows[: max(below, 6)]:
        for cell in row:
            if said := year_within(cell):
                return said
    return year_within(grid.name) or year_of(grid.name) or YearSaid(0, fiscal=True)


def _measure(grid: Grid) -> str:
    for row in grid.rows[:6]:
        for cell in row:
            if found := _IN_TITLE.search(plain(cell)):
                return found[1][:MOST_NAME]
    return COUNTED


def _unit(grid: Grid) -> SheetUnit:
    for row in grid.rows[:SEARCHED]:
        for cell in row:
            if (found := _UNIT.search(cell)) and (unit := WRITTEN.get(plain(found[1]))):
                return unit
    return SheetUnit.PERSONS
