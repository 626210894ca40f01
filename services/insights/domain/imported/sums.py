"""Sums that a sheet tells, compared with what was taken of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from services.insights.domain.imported.accounts import Fate, Names, Taken, Total
from services.insights.domain.imported.cells import BadCell, State, number_of
from services.insights.domain.imported.notes import Note, quoted
from services.insights.domain.imported.sheet import Grid, is_total

Place = tuple[int, int]  # row and column, from 0


@dataclass(frozen=True)
class Cell:
    """A number as it stands in a sheet, None where the cell tells none. rounded: written in
    thousands or more."""

    number: Decimal | None
    rounded: bool = False


def check(
    grid: Grid, taken: Taken, numbers: Mapping[Place, Cell], names: Mapping[int, Names]
) -> None:
    """Adds the sums of a sheet to what was taken, with a warning for each that differs. A sum may
    be of all rows, or of those since the sum above."""
    data = [each.at - 1 for each in taken.columns if each.fate is Fate.TAKEN]
    for row, column, choices in (
        *_down(taken, data, names), *_across(taken, data),
    ):  # fmt: skip
        found = _compared(grid, row, column, [
            [cell for place in choice if (cell := numbers.get(place))] for choice in choices
        ])  # fmt: skip
        if found is None:
            continue
        told, summed, agrees = found
        label = taken.rows[row].label
        taken.totals.append(Total(row + 1, column + 1, label, told, summed, agrees))
        if not agrees:
            where = taken.columns[column].label or f"c{column + 1}"
            taken.warnings.append(
                Note(row + 1, where, "SUM_DIFFERS", quoted(f"{told:,} / {summed:,}"))
            )


def _down(
    taken: Taken, data: Sequence[int], names: Mapping[int, Names]
) -> Iterator[tuple[int, int, list[list[Place]]]]:
    rows = [each.at - 1 for each in taken.rows if each.fate in {Fate.TAKEN, Fate.REJECTED}]
    above = -1
    last = -1
    for account in taken.rows:
        if account.fate is not Fate.TOTAL:
            continue
        row = account.at - 1
        if row != last + 1:  # of several lines of one sum, all are of the rows above the first
            above = last
        alike = [each for each in rows if _alike(names[each], names[row])]
        near = [each for each in alike if above < each < row]
        for column in data:
            yield row, column, [
                [(each, column) for each in alike], [(each, column) for each in near],
            ]  # fmt: skip
        last = row


def _across(taken: Taken, data: Sequence[int]) -> Iterator[tuple[int, int, list[list[Place]]]]:
    last = -1
    for account in taken.columns:
        if account.fate is not Fate.TOTAL:
            continue
        column = account.at - 1
        for each in taken.rows:
            if each.fate is Fate.TAKEN:
                row = each.at - 1
                near = [(row, at) for at in data if last < at < column]
                yield row, column, [[(row, at) for at in data], near]
        last = column


def _alike(names: Names, total: Names) -> bool:
    """Tells whether a row is of what a row of sums says, as 宿泊客数 is not of 宿泊客延数."""
    told = total.measure or ""
    return not told or is_total(told) or names.measure == told


def _compared(
    grid: Grid, row: int, column: int, choices: Sequence[Sequence[Cell]]
) -> tuple[Decimal, Decimal | None, bool] | None:
    """Returns the sum as it is told and as it is, None where it cannot be added up, and whether
    they agree as far as anybody can say; None where no sum is told."""
    try:
        state, told = number_of(grid.cell(row, column))
    except BadCell:
        return None
    if state is not State.NUMBER:
        return None
    summed: Decimal | None = None
    for cells in choices:
        parts = [cell.number for cell in cells if cell.number is not None]
        if not cells or len(parts) < len(cells):
            continue
        now = sum(parts, Decimal(0))
        if abs(now - told) <= _slack(parts, rounded=any(cell.rounded for cell in cells)):
            return told, now, True
        summed = now if summed is None else summed
    return told, summed, summed is None


def _slack(parts: Sequence[Decimal], *, rounded: bool) -> Decimal:
    """Returns by how much a sum of rounded figures may differ: half a step for each and for
    itself."""
    exponents = [int(part.as_tuple().exponent) for part in parts]
    finest = min((0, *exponents))
    return Decimal(len(parts) + 1) / 2 * Decimal(10) ** finest if rounded or finest else Decimal(0)
