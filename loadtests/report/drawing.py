"""Charts as SVG: numbers in, text out; colors and lettering come from the page's style sheet.

As in services/edge/insights/charts.py a drawing is 360 units wide, about a phone's width in CSS
pixels, so that its lettering keeps the size of small print there. Lines differ by dash as well as
by color: classes line-0, line-1, … and fill-0, fill-1, … .
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360.0, 200.0
LEFT, RIGHT, TOP, BOTTOM = 38.0, 8.0, 12.0, 30.0
LABEL_ROOM = 46.0  # a mark at the lower axis is about so wide


@dataclass(frozen=True)
class Series:
    """One line or layer. points: (x, y) in order of x."""

    name: str
    points: Sequence[tuple[float, float]]


@dataclass(frozen=True)
class Limit:
    """A level that must not be crossed."""

    value: float
    text: str


@dataclass(frozen=True)
class Axis:
    """The upright axis. ticks: (value, text). log: each tenfold takes as much room."""

    top: float
    ticks: Sequence[tuple[float, str]]
    log: bool = False
    bottom: float = 0.0

    def at(self, value: float) -> float:
        """Returns where a value stands, from the top of the drawing."""
        low, high, here = self.bottom, self.top, min(max(value, self.bottom), self.top)
        if self.log:
            low, high, here = math.log10(low), math.log10(high), math.log10(max(here, self.bottom))
        share = (here - low) / (high - low)
        return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)


def linear(largest: float) -> Axis:
    """Returns an axis from 0 to a round number that holds the largest value."""
    scale = 10.0 ** math.floor(math.log10(largest)) if largest > 0 else 1.0
    whole = next(
        n for n in (1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0) if largest <= n * scale * (1 + 1e-9)
    )
    steps = 3 if whole in (3.0, 6.0) else 4 if whole in (2.0, 4.0, 8.0) else 5
    top = whole * scale
    ticks = [(top * step / steps, _number(top * step / steps)) for step in range(steps + 1)]
    return Axis(top, ticks)


def milliseconds(smallest: float, largest: float) -> Axis:
    """Returns an axis of times on which 10 ms and 1 s can both be read."""
    low = 10.0 ** math.floor(math.log10(max(smallest, 1.0)))
    high = max(10.0 ** math.ceil(math.log10(max(largest, 10.0))), low * 10)
    ticks, value, decades = [], low, round(math.log10(high / low))
    while value <= high * 1.001:
        ticks.append((value, _time(value)))
        if value * 3 < high:
            ticks.append((value * 3, _time(value * 3) if decades <= 2 else ""))
        value *= 10
    return Axis(high, ticks, log=True, bottom=low)


def _time(ms: float) -> str:
    return f"{ms:g} ms" if ms < 1000 else f"{ms / 1000:g} s"


def lines(
    title: str, series: Sequence[Series], axis: Axis, *, length: float, unit: str = "s",
    limits: Sequence[Limit] = (), marks: Sequence[tuple[float, str]] = (),
) -> str:  # fmt: skip
    """Draws lines over time. length: at the right end. marks: moments that are named."""
    body = _frame(axis, length, unit) + _marks(marks, length)
    for number, each in enumerate(series):
        spots = " ".join(f"{_x(x, length):.1f},{axis.at(y):.1f}" for x, y in each.points)
        body.append(
            f'<polyline class="line line-{number}" points="{spots}">'
            f"<title>{escape(each.name)}</title></polyline>"
        )
    return _svg(title, body + _limits(axis, limits))


def layers(
    title: str, series: Sequence[Series], axis: Axis, *, length: float, unit: str = "s",
    marks: Sequence[tuple[float, str]] = (),
) -> str:  # fmt: skip
    """Draws layers that lie on one another, all with the same places on the lower axis."""
    body = _frame(axis, length, unit)
    below = [0.0] * (len(series[0].points) if series else 0)
    for number, each in enumerate(series):
        above = [low + y for low, (_, y) in zip(below, each.points, strict=True)]
        xs = [_x(x, length) for x, _ in each.points]
        upper = [f"{x:.1f},{axis.at(y):.1f}" for x, y in zip(xs, above, strict=True)]
        lower = [f"{x:.1f},{axis.at(y):.1f}" for x, y in zip(xs, below, strict=True)]
        edge = " ".join([*upper, *reversed(lower)])
        body.append(f'<polygon class="layer fill-{number}" points="{edge}">'
                    f"<title>{escape(each.name)}</title></polygon>")  # fmt: skip
        below = above
    return _svg(title, body + _marks(marks, length))


def dots(
    title: str, series: Sequence[Series], axis: Axis, names: Sequence[tuple[float, str]],
    limits: Sequence[Limit] = (),
) -> str:  # fmt: skip
    """Draws lines with a dot at each value, over steps that have names: (place, name)."""
    low, high = min(x for x, _ in names), max(x for x, _ in names)
    room = (high - low) or 1.0

    def place(x: float) -> float:
        return LEFT + 22 + (x - low) / room * (WIDTH - LEFT - RIGHT - 44)

    body = _levels(axis)
    for x, name in names:
        body.append(f'<text x="{place(x):.1f}" y="{HEIGHT - BOTTOM + 15}" '
                    f'text-anchor="middle">{escape(name)}</text>')  # fmt: skip
    for number, each in enumerate(series):
        spots = [(place(x), axis.at(y)) for x, y in each.points]
        body.append(f'<polyline class="line line-{number}" points="'
                    f'{" ".join(f"{x:.1f},{y:.1f}" for x, y in spots)}"></polyline>')  # fmt: skip
        for (x, y), (_, value) in zip(spots, each.points, strict=True):
            hint = escape(f"{each.name}: {_number(value)}")
            body.append(f'<circle class="dot dot-{number}" cx="{x:.1f}" cy="{y:.1f}" r="3.5">'
                        f"<title>{hint}</title></circle>")  # fmt: skip
    return _svg(title, body + _limits(axis, limits))


def bars(title: str, rows: Sequence[tuple[str, float, float, float]], unit: str) -> str:
    """Draws a bar a row with the range it may have: (name, value, low, high)."""
    height, row = 26.0, 30.0
    whole = len(rows) * row + 26
    top = linear(max((high for *_, high in rows), default=1.0) or 1.0).top
    left, right = 112.0, 52.0

    def at(value: float) -> float:
        return left + value / top * (WIDTH - left - right)

    body = []
    for number, (name, value, low, high) in enumerate(rows):
        y = 8 + number * row
        middle = y + height / 2 - 2
        body.append(
            f'<text x="{left - 6}" y="{middle + 4:.1f}" text-anchor="end">{escape(name)}</text>'
            f'<rect class="bar" x="{left}" y="{y:.1f}" width="{max(0.5, at(value) - left):.1f}" '
            f'height="{height - 6}" rx="1.5"></rect>'
            f'<line class="whisker" x1="{at(low):.1f}" x2="{at(high):.1f}" y1="{middle - 1:.1f}" '
            f'y2="{middle - 1:.1f}"></line>'
            f'<text x="{at(high) + 5:.1f}" y="{middle + 4:.1f}">{_number(value)} {unit}</text>'
        )
    return _svg(title, body, whole)


def _svg(title: str, body: Iterable[str], height: float = HEIGHT) -> str:
    return (f'<svg class="chart" viewBox="0 0 {WIDTH:g} {height:g}" role="img" '
            f'aria-label="{escape(title)}">{"".join(body)}</svg>')  # fmt: skip


def _x(value: float, length: float) -> float:
    return LEFT + value / length * (WIDTH - LEFT - RIGHT)


def _levels(axis: Axis) -> list[str]:
    found = []
    for number, (value, text) in enumerate(axis.ticks):
        y, base = axis.at(value), ' class="base"' if number == 0 else ""
        found.append(f'<line{base} x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}">'
                     f'</line><text x="{LEFT - 5}" y="{y + 3.5:.1f}" text-anchor="end">'
                     f"{escape(text)}</text>")  # fmt: skip
    return found


def _frame(axis: Axis, length: float, unit: str) -> list[str]:
    body, step = _levels(axis), _step(length)
    moment = 0.0
    while moment <= length + 1e-9:
        text = f"{moment:g}" + (f" {unit}" if moment + step > length else "")
        anchor = "end" if moment + step / 2 > length else "middle"
        body.append(f'<text x="{_x(moment, length):.1f}" y="{HEIGHT - BOTTOM + 15}" '
                    f'text-anchor="{anchor}">{text}</text>')  # fmt: skip
        moment += step
    return body


def _limits(axis: Axis, limits: Sequence[Limit]) -> list[str]:
    """Returns the limits, to lie above everything else."""
    found = []
    for limit in limits:
        y, text = axis.at(limit.value), escape(limit.text)
        found.append(
            f'<line class="limit" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}">'
            f'</line><text class="limit-text" x="{WIDTH - RIGHT - 2}" y="{y - 4:.1f}" '
            f'text-anchor="end">{text}</text>'
        )
    return found


def _step(length: float) -> float:
    """Returns a round distance between marks at which they do not touch."""
    most = max(2, int((WIDTH - LEFT - RIGHT) / LABEL_ROOM))
    steps = (1, 2, 5, 10, 15, 20, 30, 60, 120, 300, 600, 900, 1800)
    return float(next((step for step in steps if length / step <= most), steps[-1]))


def _marks(marks: Sequence[tuple[float, str]], length: float) -> list[str]:
    found = []
    for moment, text in marks:
        x = _x(moment, length)
        found.append(f'<line class="moment" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP}" '
                     f'y2="{HEIGHT - BOTTOM}"><title>{escape(text)}</title></line>'
                     f'<text class="moment-text" transform="translate({x - 3:.1f} {TOP + 2}) '
                     f'rotate(-90)" text-anchor="end">{escape(text)}</text>')  # fmt: skip
    return found


def _number(value: float) -> str:
    if value >= 1000:
        return f"{value:,.0f}"
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"
