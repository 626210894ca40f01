"""Geometry of the small charts: numbers in, coordinates out; templates draw them as SVG.

A drawing is 360 units wide, about a phone's width in CSS pixels, so that its lettering keeps the
size of small print on a phone and grows a little on a desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from babel.numbers import format_compact_decimal
from flask_babel import get_locale

WIDTH, HEIGHT = 360.0, 168.0
LEFT, RIGHT, TOP, BOTTOM = 34.0, 6.0, 10.0, 22.0
LABELS_MAX = 8
MYRIADS = frozenset({"ja", "ko", "zh"})  # languages that count in ten thousands
GAP_SHARE = 0.28  # of the room of one column


@dataclass(frozen=True)
class Column:
    """One column; hint: what a reader is told who points at it."""

    x: float
    y: float
    width: float
    height: float
    hint: str


@dataclass(frozen=True)
class Whisker:
    """An estimate with its interval: a line from low to high and a dot."""

    x: float
    y: float
    low_y: float
    high_y: float
    hint: str


@dataclass(frozen=True)
class Tick:
    """A mark at an axis."""

    at: float
    text: str


@dataclass(frozen=True)
class Way:
    """A straight way from one spot to another, where it is to lead."""

    x1: float
    y1: float
    x2: float
    y2: float
    hint: str


@dataclass(frozen=True)
class Chart:
    """A drawing; either columns or whiskers. top: value at the upper end. way: drawn over it."""

    levels: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    columns: tuple[Column, ...] = ()
    whiskers: tuple[Whisker, ...] = ()
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT
    right: float = WIDTH - RIGHT
    base: float = HEIGHT - BOTTOM
    top: int = 0
    way: Way | None = None


def nice_ceiling(value: float) -> tuple[int, int]:
    """Returns the smallest of 4, 6, 8, 10, 20, 30, 40, 60, … not below a value, and its steps."""
    scale = 1
    while True:
        for top, steps in ((4, 4), (6, 3), (8, 4), (10, 2), (20, 4), (30, 3)):
            if value <= top * scale:
                return top * scale, steps
        scale *= 10


def columns(
    values: Sequence[int], labels: Sequence[str], hints: Sequence[str], *, least_top: int = 0
) -> Chart:
    """Returns a column per value, from left to right. least_top: what the upright axis holds."""
    top, steps = nice_ceiling(max((least_top, *values)))
    each = room(len(values))
    width = each * (1 - GAP_SHARE)
    drawn = [
        Column(
            round(LEFT + i * each + each * GAP_SHARE / 2, 2),
            round(height_of(value, top), 2),
            round(width, 2),
            round(HEIGHT - BOTTOM - height_of(value, top), 2),
            hint,
        )
        for i, (value, hint) in enumerate(zip(values, hints, strict=True))
    ]
    return Chart(levels(top, steps), thinned(labels), columns=tuple(drawn), top=top)


def whiskers(
    points: Sequence[tuple[int, int, int] | None], labels: Sequence[str], hints: Sequence[str], *,
    least_top: int = 0,
) -> Chart:  # fmt: skip
    """Returns an estimate with interval per point (estimate, low, high); None leaves a gap."""
    top, steps = nice_ceiling(max((least_top, *(point[2] for point in points if point))))
    each = room(len(points))
    drawn = [
        Whisker(
            round(LEFT + (i + 0.5) * each, 2),
            round(height_of(point[0], top), 2),
            round(height_of(point[1], top), 2),
            round(height_of(point[2], top), 2),
            hint,
        )
        for i, (point, hint) in enumerate(zip(points, hints, strict=True))
        if point is not None
    ]
    return Chart(levels(top, steps), thinned(labels), whiskers=tuple(drawn), top=top)


def with_way(drawn: Chart, spots: Sequence[tuple[int, int]], count: int, hint: str) -> Chart:
    """Returns a drawing with a straight way between two spots: position among `count`, value."""
    each = room(count)
    (first, low), (last, high) = spots
    way = Way(
        round(LEFT + (first + 0.5) * each, 2), round(height_of(low, drawn.top), 2),
        round(LEFT + (last + 0.5) * each, 2), round(height_of(high, drawn.top), 2), hint,
    )  # fmt: skip
    return replace(drawn, way=way)


def share(count: int, largest: int) -> float:
    """Returns the length of a bar in a table, 0 to 100; what is there at all can be seen."""
    if count <= 0 or largest <= 0:
        return 0.0
    return max(1.0, round(100 * count / largest, 1))


def short_number(value: int) -> str:
    """Returns a number for an axis: 1200 -> 1.2k, 3000000 -> 3M; 300万 where one counts so."""
    said = get_locale()  # None where no request is answered
    if said and said.language in MYRIADS:
        return format_compact_decimal(value, locale=said, fraction_digits=1)
    for unit, letter in ((10**12, "T"), (10**9, "B"), (1_000_000, "M"), (1_000, "k")):
        if value >= unit:
            return f"{value / unit:g}{letter}"
    return str(value)


def height_of(value: float, top: int) -> float:
    """Returns where a value stands, from the top of the drawing."""
    return HEIGHT - BOTTOM - (HEIGHT - BOTTOM - TOP) * value / top


def room(count: int) -> float:
    """Returns the width that each of some values has."""
    return (WIDTH - LEFT - RIGHT) / max(count, 1)


def levels(top: int, steps: int) -> tuple[Tick, ...]:
    """Returns the marks of the upright axis."""
    values = [top * step // steps for step in range(steps + 1)]
    return tuple(Tick(round(height_of(value, top), 2), short_number(value)) for value in values)


def thinned(labels: Sequence[str]) -> tuple[Tick, ...]:
    every = -(-len(labels) // LABELS_MAX)
    wide = room(len(labels))
    return tuple(
        Tick(round(LEFT + (i + 0.5) * wide, 2), text)
        for i, text in enumerate(labels)
        if i % max(every, 1) == 0
    )
