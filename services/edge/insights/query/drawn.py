"""An answer as its page shows it: rows with bars, columns as shades, a chart of days in a row."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext as _

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.query import words
from services.edge.insights.query.asked import Asked
from services.edge.pages import yen

MOST_ROWS = 60
SHADES = 4


@dataclass(frozen=True)
class Bar:
    """A bar of 0 to 100: what is sure, and what may come on top."""

    sure: float = 0.0
    more: float = 0.0


@dataclass(frozen=True)
class Shade:
    """A figure in a column. shade: 0 to SHADES, how much it is beside the others."""

    text: str
    shade: int
    days: int


@dataclass(frozen=True)
class Shown:
    """A row. left_out: days of which no money is told."""

    name: str
    text: str
    per_day: str
    bar: Bar
    days: int
    left_out: int
    columns: tuple[Shade, ...] = ()
    other_text: str = ""
    other_per_day: str = ""
    other_bar: Bar = field(default_factory=Bar)
    change: str = ""


@dataclass(frozen=True)
class View:
    """An answer. more: rows that are only in the file."""

    rows: tuple[Shown, ...]
    columns: tuple[str, ...]
    whole: Shown
    chart: charts.Chart | None
    per_day: bool
    spans: bool
    left_out: int
    more: int = 0


def view(asked: Asked, found: pb.AskResponse) -> View:
    """Returns what the page of an answer is made of."""
    money = asked.measure in words.MONEY
    per_day = asked.by in words.PER_DAY or bool(asked.compare)
    rows = list(found.rows)
    if asked.by not in words.ORDERED:
        rows.sort(key=lambda row: (-row.whole.low, -row.whole.high, row.value))
    cells = [cell for row in rows for cell in (row.whole, row.other) if cell.day_count]
    largest = max((_number(cell, per_day=per_day)[1] for cell in cells), default=0.0)
    shades = max((_each(cell)[1] for row in rows for cell in row.cells), default=0.0)
    shown = tuple(
        _shown(asked, row, found.columns, (largest, shades), money=money, per_day=per_day)
        for row in rows[:MOST_ROWS]
    )
    whole = pb.AskedRow(whole=found.whole, other=found.other if found.HasField("other") else None)
    return View(
        shown,
        tuple(words.value_word(asked.then_by, each, {}) for each in found.columns),
        _shown(asked, whole, (), (0, 0), money=money, per_day=per_day, name=_("All together")),
        _chart(asked, rows, money=money),
        per_day,
        any(row.whole.low != row.whole.high for row in found.rows),
        found.whole.day_count - found.whole.told_day_count,
        max(0, len(rows) - MOST_ROWS),
    )


def _shown(
    asked: Asked, row: pb.AskedRow, columns: Sequence[str], most: tuple[float, float], *,
    money: bool, per_day: bool, name: str = "",
) -> Shown:  # fmt: skip
    other = row.HasField("other")
    return Shown(
        name or words.value_word(asked.by, row.value, row.names),
        span_text((row.whole.low, row.whole.high), money=money),
        span_text(_each(row.whole), money=money),
        _bar(_number(row.whole, per_day=per_day), most[0]),
        row.whole.day_count,
        row.whole.day_count - row.whole.told_day_count,
        tuple(
            Shade(
                span_text(_each(cell), money=money) if cell.told_day_count else "–",
                _shade(_each(cell), most[1]), cell.day_count,
            )
            for cell in row.cells[: len(columns)]
        ),
        span_text((row.other.low, row.other.high), money=money) if other else "",
        span_text(_each(row.other), money=money) if other else "",
        _bar(_number(row.other, per_day=per_day), most[0]) if other else Bar(),
        change(_each(row.whole), _each(row.other)) if other else "",
    )  # fmt: skip


def _number(cell: pb.AskedCell, *, per_day: bool) -> tuple[float, float]:
    return _each(cell) if per_day else (float(cell.low), float(cell.high))


def _each(cell: pb.AskedCell) -> tuple[float, float]:
    """Returns the figure of one day among those told."""
    days = max(cell.told_day_count, 1)
    return cell.low / days, cell.high / days


def span_text(ends: tuple[float, float], *, money: bool) -> str:
    """Returns a figure, as two ends where it is not sure."""
    # A figure below a hundred has one more digit, where it is the mean of days.
    texts = [_text(end, money=money) for end in ends]
    return texts[0] if texts[0] == texts[1] else f"{texts[0]}–{texts[1]}"


def _text(value: float, *, money: bool) -> str:
    if money:
        return yen(round(value))
    whole = isinstance(value, int) or abs(value) >= 100
    return f"{value:,.0f}" if whole else f"{value:,.1f}"


def change(now: tuple[float, float], before: tuple[float, float]) -> str:
    """Returns by how many percent a figure is another one: a span where one of them is one."""
    if before[0] <= 0:
        return "–"
    if now[0] <= before[1] and before[0] <= now[1] and (now[0] < now[1] or before[0] < before[1]):
        return str(_("not sure"))  # they may be the same
    ends = sorted({round(100 * (now[0] / before[1] - 1)), round(100 * (now[1] / before[0] - 1))})
    return " … ".join(f"{end:+,} %" for end in ends)


def _bar(ends: tuple[float, float], largest: float) -> Bar:
    if largest <= 0:
        return Bar()
    sure = round(100 * max(ends[0], 0.0) / largest, 1)
    return Bar(sure, round(100 * max(ends[1], 0.0) / largest - sure, 1))


def _shade(ends: tuple[float, float], largest: float) -> int:
    middle = sum(ends) / 2
    if middle <= 0 or largest <= 0:
        return 0
    return min(SHADES, 1 + int(SHADES * middle / largest))


def _chart(asked: Asked, rows: Sequence[pb.AskedRow], *, money: bool) -> charts.Chart | None:
    """Returns columns of days, weeks or months in a row; lines from end to end where sensors
    counted."""
    if asked.by not in words.IN_TIME or not any(row.whole.high for row in rows):
        return None
    names = [words.value_word(asked.by, row.value, {}) for row in rows]
    hints = [
        f"{name}: {span_text((row.whole.low, row.whole.high), money=money)}"
        for name, row in zip(names, rows, strict=True)
    ]
    labels = [_short(asked.by, row.value) for row in rows]
    if asked.measure in words.SENSED:
        ends = [
            ((cell.low + cell.high) // 2, cell.low, cell.high) if cell.told_day_count else None
            for cell in (row.whole for row in rows)
        ]
        return charts.whiskers(ends, labels, hints)
    return charts.columns([max(0, row.whole.low) for row in rows], labels, hints)


def _short(by: int, value: str) -> str:
    _year, month, day = value.split("-")
    return str(int(month)) if by == pb.QUERY_BY_MONTH else f"{int(month)}/{int(day)}"
