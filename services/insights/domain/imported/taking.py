"""Figures of months out of a sheet: every row is accounted for, every sum is checked."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from collections.abc import Mapping as Kept
from datetime import date
from decimal import Decimal

from services.insights.domain.imported import sums
from services.insights.domain.imported.accounts import (
    Account,
    Fate,
    Figure,
    Names,
    Series,
    Taken,
)
from services.insights.domain.imported.cells import (
    FIRST_YEAR,
    LAST_YEAR,
    BadCell,
    State,
    YearSaid,
    month_of,
    number_of,
    year_of,
)
from services.insights.domain.imported.notes import Note, quoted
from services.insights.domain.imported.sheet import (
    IN_MONTHS,
    KEPT_AS,
    MOST_NAME,
    TITLE,
    Grid,
    Line,
    Mapping,
    is_ratio,
    is_total,
    line_of,
    texts,
    unit_in,
)
from services.insights.domain.kpi import MOST_VALUE
from services.insights.domain.lines import is_line

_SUMS = frozenset({Fate.TOTAL, Fate.WORKED_OUT})
_NOTES = re.compile(r"\s*(?:※|\*|[（(]?(?:注|備考|資料|出典|出所))")
_LINES = ("months", "years", "places", "measures")


class _Reader:
    """Takes one sheet apart by one mapping."""

    def __init__(self, grid: Grid, mapping: Mapping, today: date) -> None:
        self.grid, self.mapping, self.today = grid, mapping, today
        self.lines = {
            what: line for what in _LINES if (line := line_of(getattr(mapping, what))) is not None
        }
        self.heads = {line.at for line in self.lines.values() if line.is_row}
        self.sides = {line.at for line in self.lines.values() if not line.is_row}
        self.first = max(self.heads, default=-1) + 1
        self.taken = Taken()
        self.by_series: dict[Series, Figure] = {}
        # By row and column, for sums.
        self.numbers: dict[sums.Place, sums.Cell] = {}

    def read(self) -> Taken:
        """Takes all of it."""
        across = self._across()
        self.taken.columns = [account for account, _ in across]
        names = self._names(is_row=False)
        columns = [column for account, column in across if account.fate is Fate.TAKEN]
        for row in range(len(self.grid.rows)):
            self.taken.rows.append(self._row(row, names, columns))
        # Of a sum with a row in it that was rejected nobody can say whether it is right.
        lost = {
            (each.at - 1, column): sums.Cell(None)
            for each in self.taken.rows
            if each.fate is Fate.REJECTED
            for column in columns
        }
        sums.check(self.grid, self.taken, self.numbers | lost, names)
        count = Counter(column for _, column in self.numbers)
        for account, column in across:
            if account.fate is Fate.TAKEN:
                account.count = count[column]
        return self.taken

    def _names(self, *, is_row: bool) -> dict[int, Names]:
        """Returns what the lines along one side say, by row (lines that are columns) or column."""
        count = self.grid.width if is_row else len(self.grid.rows)
        found: dict[int, Names] = {}
        year: YearSaid | None = None
        month: tuple[int | None, int] | None = None
        last: tuple[int | None, int] | None = None
        for at in range(count):
            said = {
                what: self._label(line, at)
                for what, line in self.lines.items()
                if line.is_row == is_row
            }
            if "years" in said:
                year = year_of(said["years"], year.year if year else None) or year
            if "months" in said:
                now = self._dated(said["months"], last)
                # A month that is written once stands for the measures below it too.
                goes_on = not said["months"].strip() and said.get("measures", "").strip()
                last = now or last
                month = month if goes_on and not now else now
            found[at] = Names(
                month if "months" in said else None, year if "years" in said else None,
                said["places"].strip() if "places" in said else None,
                said["measures"].strip() if "measures" in said else None,
            )  # fmt: skip
        return self._carried(found, is_row=is_row)

    def _dated(
        self, text: str, before: tuple[int | None, int] | None
    ) -> tuple[int | None, int] | None:
        """Returns the month of a cell. Where months name their year, it is often written with the
        first of them alone."""
        year = before[0] if before and self.mapping.years == IN_MONTHS else None
        now = month_of(text, bare=True, before=year)
        if now and before and year and now[0] is None:
            return year + (now[1] < before[1]), now[1]
        return now

    def _carried(self, found: dict[int, Names], *, is_row: bool) -> dict[int, Names]:
        """A place that is written once stands for the measures beside it, where both run along."""
        both = [self.lines.get(what) for what in ("places", "measures")]
        if not all(line is not None and line.is_row == is_row for line in both):
            return found
        place = ""
        for at, names in found.items():
            place = names.place or (place if names.measure else "")
            found[at] = Names(names.month, names.year, place, names.measure)
        return found

    def _label(self, line: Line, at: int) -> str:
        return self.grid.label(line.at, at) if line.is_row else self.grid.label(at, line.at)

    def _across(self) -> list[tuple[Account, int]]:
        """Returns what each column is."""
        names = self._names(is_row=True)
        found = []
        for at in range(self.grid.width):
            label = " ".join(
                dict.fromkeys(
                    said for row in sorted(self.heads) if (said := self.grid.label(row, at).strip())
                )
            )
            below = texts(
                [self.grid.cell(row, at) for row in range(self.first, len(self.grid.rows))]
            )
            fate = self._column_fate(at, names[at], label, filled=bool(below))
            found.append((Account(at + 1, fate, quoted(label), len(below)), at))
        self.column_names = names
        return found

    def _column_fate(self, at: int, names: Names, label: str, *, filled: bool) -> Fate:
        if at in self.sides:
            return Fate.HEADING
        if not filled:
            return Fate.BLANK
        if (of_words := _of_words([self.grid.label(row, at) for row in self.heads])) is not None:
            return of_words
        months = self.lines.get("months")
        no_month = months is not None and months.is_row and names.month is None
        return Fate.NOTE if no_month or (self.heads and not label) else Fate.TAKEN

    def _row(self, row: int, names: dict[int, Names], columns: list[int]) -> Account:
        own, said = names[row], texts(self.grid.rows[row])
        words = (self.grid.label(row, column).strip() for column in sorted(self.sides))
        label = quoted(
            " ".join(dict.fromkeys(filter(None, (own.place, *words)))) or (said[0] if said else "")
        )
        fate = self._row_fate(row, own, said)
        if fate is not Fate.TAKEN:
            return Account(row + 1, fate, label)
        filled = [column for column in columns if self.grid.cell(row, column).strip()]
        if not filled:
            return Account(row + 1, Fate.EMPTY, label)
        figures: list[Figure] = []
        numbers: dict[sums.Place, sums.Cell] = {}
        for column in filled:
            try:
                figure, number = self._figure(row, column, own)
            except BadCell as error:
                where = self.taken.columns[column].label or f"c{column + 1}"
                note = Note(row + 1, where, str(error), quoted(self.grid.cell(row, column)))
                self.taken.rejected.append(note)
                return Account(row + 1, Fate.REJECTED, label, 0, note.reason)
            numbers[row, column] = number
            figures.append(figure)
        if twice := self._twice(figures, row, label):
            return twice
        self.numbers |= numbers
        self.taken.figures += figures
        self.by_series |= {each.series: each for each in figures}
        return Account(row + 1, Fate.TAKEN, label, len(figures))

    def _row_fate(self, row: int, names: Names, said: list[str]) -> Fate:
        if not said or row < self.first:
            heading = Fate.HEADING if row in self.heads else Fate.TITLE
            return heading if said else Fate.BLANK
        words = [self.grid.label(row, column) for column in self.sides]
        if (of_words := _of_words(words)) is not None:
            return of_words
        months = self.lines.get("months")
        if months and not months.is_row and names.month is None:
            # The second line of a sum: its measure alone is written.
            above = self.taken.rows[-1].fate if names.measure and self.taken.rows else Fate.NOTE
            goes_on = above in _SUMS and not self.grid.label(row, months.at).strip()
            return above if goes_on else Fate.NOTE
        nameless = bool(self.sides) and not any(word.strip() for word in words)
        return Fate.NOTE if nameless or _NOTES.match(said[0]) else Fate.TAKEN

    def _twice(self, figures: list[Figure], row: int, label: str) -> Account | None:
        """Refuses a row that says again what is said already, unless it says the same."""
        seen: dict[Series, Figure] = {}
        for each in figures:
            before = self.by_series.get(each.series) or seen.get(each.series)
            if before is not None and (before.value, before.state) != (each.value, each.state):
                text = f"{each.measure} {each.place} {each.month:%Y-%m}"
                self.taken.rejected.append(Note(row + 1, "", "TWICE", quoted(text)))
                return Account(row + 1, Fate.REJECTED, label, 0, "TWICE")
            if before is not None:
                text = f"{each.measure} {each.place} {each.month:%Y-%m}"
                self.taken.warnings.append(Note(row + 1, "", "SAME_TWICE", quoted(text)))
            seen[each.series] = each
        figures[:] = [each for key, each in seen.items() if key not in self.by_series]
        return None

    def _figure(self, row: int, column: int, own: Names) -> tuple[Figure, sums.Cell]:
        beside = self.column_names[column]
        measure, unit = unit_in(own.measure or beside.measure or self.mapping.measure)
        place, unit_of_place = unit_in(own.place or beside.place or self.mapping.place)
        if not measure or not place:
            raise BadCell("NO_NAME")
        if not (is_line(measure, MOST_NAME) and is_line(place, MOST_NAME)):
            raise BadCell("NAME_TOO_LONG")
        month = self._month(own, beside)
        state, number = number_of(self.grid.cell(row, column))
        if state is State.DASH and self.mapping.dash_is_zero:
            state = State.NUMBER
        kept_as, factor = KEPT_AS[unit or unit_of_place or self.mapping.unit]
        value = number * factor
        if value != value.to_integral_value():
            raise BadCell("FRACTION")
        if value > MOST_VALUE:
            raise BadCell("TOO_LARGE")
        known = state is State.NUMBER
        figure = Figure(
            measure, place, month, int(value) if known else None, state, kept_as,
            _step(factor, number) if known else factor, row + 1,
        )  # fmt: skip
        return figure, sums.Cell(number if known else None, rounded=factor > 1)

    def _month(self, own: Names, beside: Names) -> date:
        said = own.month or beside.month
        if said is None:
            raise BadCell("NO_MONTH")
        year, month = said
        if year is None:
            known = own.year or beside.year
            if self.mapping.years == TITLE:
                known = YearSaid(self.mapping.year, self.mapping.fiscal)
            if known is None or not known.year:
                raise BadCell("NO_YEAR")
            year = known.year + (known.fiscal and month <= 3)
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise BadCell("NO_YEAR")
        if date(year, month, 1) > self.today:
            raise BadCell("FUTURE_MONTH")
        return date(year, month, 1)


def _of_words(words: Iterable[str]) -> Fate | None:
    """Returns what labels say of what stands there, None where it may be figures."""
    said = list(words)
    if any(map(is_ratio, said)):
        return Fate.WORKED_OUT
    return Fate.TOTAL if any(map(is_total, said)) else None


def take(grid: Grid, mapping: Mapping, today: date) -> Taken:
    """Returns what a mapping that was checked makes of a sheet. today: no month after it has
    figures."""
    return _Reader(grid, mapping, today).read()


def changed(
    kept: Kept[Series, tuple[int | None, State]], figures: Iterable[Figure]
) -> defaultdict[str, list[Figure]]:
    """Returns figures as "new", "other" (another is kept) and "same"."""
    found: defaultdict[str, list[Figure]] = defaultdict(list)
    for each in figures:
        before = kept.get(each.series)
        same = before == (each.value, each.state)
        found["new" if before is None else "same" if same else "other"].append(each)
    return found


def _step(factor: int, number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    fine = factor // 10**-exponent if isinstance(exponent, int) and exponent < 0 else factor
    return max(1, fine)
