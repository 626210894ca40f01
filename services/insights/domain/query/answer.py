"""Answers: what chosen days tell, added up in rows and columns."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.insights.domain.query import told
from services.insights.domain.query.asked import OF_A_PART, OF_DAYS, By, Question
from services.insights.domain.query.days import (
    NO_WEATHER,
    DayKind,
    Rain,
    Weather,
    day_kind,
    rain_of,
)
from services.insights.domain.query.table import NOTHING, Span
from services.insights.domain.query.told import DayData
from services.insights.domain.span import DaySpan

ALL = ""  # row or column of everything


@dataclass(frozen=True)
class Cell:
    """A sum over days. days: how many are in the group; told_days: how many of them are in the
    figure, fewer where money of a day may not be told."""

    figure: Span = NOTHING
    days: int = 0
    told_days: int = 0

    def __add__(self, other: "Cell") -> "Cell":
        return Cell(
            self.figure + other.figure, self.days + other.days, self.told_days + other.told_days
        )


@dataclass(frozen=True)
class Row:
    """A row: its cells by column. other: the same of the days it is compared with."""

    value: str
    cells: Mapping[str, Cell]
    other: Cell | None = None


@dataclass(frozen=True)
class Answer:
    """An answer. columns: in the order of the calendar; without any, each row has the one cell of
    ALL. whole: everything asked for. other: of the days compared with."""

    rows: tuple[Row, ...]
    columns: tuple[str, ...]
    whole: Cell
    other: Cell | None = None


Grid = dict[str, dict[str, Cell]]
_GROUPS: Mapping[By, Callable[[date], str]] = {
    By.NOTHING: lambda _on: ALL,
    By.DAY: lambda on: on.isoformat(),
    By.WEEK: lambda on: (on - timedelta(days=on.weekday())).isoformat(),
    By.MONTH: lambda on: on.replace(day=1).isoformat(),
    By.WEEKDAY: lambda on: str(on.isoweekday()),
    By.DAY_KIND: lambda on: day_kind(on).value,
}


def group_of(by: By, on: date, weather: Weather = NO_WEATHER) -> str:
    """Returns the group of days that a date is in. Weeks and months are named by their first day;
    weekdays by their ISO number."""
    if by is By.RAIN:
        return rain_of(on, weather).value
    return _GROUPS[by](on)


def answer(
    question: Question, days: Mapping[date, DayData], begins: date | None,
    weather: Weather = NO_WEATHER,
) -> Answer:  # fmt: skip
    """Answers a question. days: what is kept of dates, of the days compared with as well. begins:
    the first date the measure was counted on; days before it are none of the group."""

    def added(span: DaySpan) -> tuple[Grid, Cell]:
        chosen = [
            on for on in span.days()
            if question.only.takes(on, weather) and begins is not None and on >= begins
        ]  # fmt: skip
        return _added(question, chosen, days, weather)

    grid, whole = added(question.span)
    other = question.other
    if other is None:
        beside: Mapping[str, Mapping[str, Cell]] = {}
        whole_beside = None
    else:
        beside, whole_beside = added(other)
    columns = {column for cells in grid.values() for column in cells} - {ALL}
    values = sorted(grid.keys() | beside.keys(), key=_order(question.by))
    rows = tuple(
        Row(
            value, grid.get(value, {}),
            None if other is None else beside.get(value, {}).get(ALL, Cell()),
        )
        for value in values
    )  # fmt: skip
    in_order = sorted(columns, key=_order(question.then_by))
    return Answer(rows, tuple(in_order), whole, whole_beside)


def _added(
    question: Question, chosen: Sequence[date], days: Mapping[date, DayData], weather: Weather
) -> tuple[Grid, Cell]:
    none = DayData()
    whole = _whole(question, {on: days.get(on, none) for on in chosen})
    grid: defaultdict[str, defaultdict[str, Cell]] = defaultdict(lambda: defaultdict(Cell))
    parts: Iterable[tuple[str, date, Cell]]
    if question.by in OF_DAYS:
        parts = [(group_of(question.by, on, weather), on, cell) for on, cell in whole.items()]
    else:
        tables = {
            on: told.split(question.measure, question.by, days.get(on, none), on) for on in chosen
        }
        if question.by in OF_A_PART:
            whole = {on: Cell(each.whole, 1, 1) for on, each in tables.items()}
        values = sorted({value for table in tables.values() for value in table.cells})
        parts = [
            (value, on, Cell(table.of(value), 1, int(table.tells(value))))
            for on, table in tables.items() for value in values
        ]  # fmt: skip
    for value, on, cell in parts:
        grid[value][ALL] += cell
        if question.then_by is not By.NOTHING:
            grid[value][group_of(question.then_by, on, weather)] += cell
    return {value: dict(cells) for value, cells in grid.items()}, sum(whole.values(), Cell())


def _whole(question: Question, days: Mapping[date, DayData]) -> dict[date, Cell]:
    found = {}
    for on, data in days.items():
        figure = told.whole(question.measure, data, on)
        found[on] = Cell(days=1) if figure is None else Cell(figure, 1, 1)
    return found


def _order(by: By) -> Callable[[str], tuple[int, str]]:
    if by is By.HOUR:
        return lambda value: (int(value), value)
    kinds: Mapping[By, Sequence[str]] = {By.DAY_KIND: list(DayKind), By.RAIN: list(Rain)}
    if by in kinds:
        return lambda value: (kinds[by].index(value), value)
    return lambda value: (0, value)
