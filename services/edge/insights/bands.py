"""Geometry of a curve with its interval: a band, a line in it, and what is not shown marked.

Values that stand alone between gaps become a line from low to high with a dot, as in charts.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from services.edge.insights import charts

Triple = tuple[int, int, int]  # estimate, low, high
DOTS_UP_TO = 62  # of more values dots would only thicken the line


@dataclass(frozen=True)
class Stretch:
    """Values in a row without a gap, as SVG wants their points."""

    area: str
    line: str


@dataclass(frozen=True)
class Mark:
    """A value that is withheld, on the base line."""

    x: float
    hint: str


@dataclass(frozen=True)
class Band:
    """A drawing of the size of a Chart. spots: what a reader is told who points at a value.

    hollow: where a value stands of which a part is missing.
    """

    levels: tuple[charts.Tick, ...]
    labels: tuple[charts.Tick, ...]
    stretches: tuple[Stretch, ...]
    alone: tuple[charts.Whisker, ...]
    spots: tuple[charts.Whisker, ...]
    withheld: tuple[Mark, ...]
    dots: bool
    hollow: frozenset[float]
    width: float = charts.WIDTH
    height: float = charts.HEIGHT
    left: float = charts.LEFT
    right: float = charts.WIDTH - charts.RIGHT
    base: float = charts.HEIGHT - charts.BOTTOM

    @property
    def empty(self) -> bool:
        """There is no value to draw."""
        return not self.spots


def band(
    values: Sequence[Triple | None],
    withheld: Sequence[bool],
    labels: Sequence[str],
    hints: Sequence[str],
    parts: Sequence[bool] = (),
) -> Band:
    """Returns the drawing. values: None leaves a gap, marked where it is withheld. labels: as many;
    empty ones are not written. parts: which values have a part missing; none where not given."""
    top, steps = charts.nice_ceiling(max((value[2] for value in values if value), default=0))
    wide = charts.room(len(values))
    spots: list[charts.Whisker] = []
    marks: list[Mark] = []
    rows: list[list[charts.Whisker]] = [[]]
    for i, (value, hidden, hint) in enumerate(zip(values, withheld, hints, strict=True)):
        x = round(charts.LEFT + (i + 0.5) * wide, 2)
        if value is None:
            rows.append([])
            if hidden:
                marks.append(Mark(x, hint))
            continue
        estimate, low, high = (round(charts.height_of(one, top), 2) for one in value)
        rows[-1].append(charts.Whisker(x, estimate, low, high, hint))
        spots.append(rows[-1][-1])
    return Band(
        charts.levels(top, steps),
        tuple(
            charts.Tick(round(charts.LEFT + (i + 0.5) * wide, 2), text)
            for i, text in enumerate(labels)
            if text
        ),
        tuple(_stretch(row) for row in rows if len(row) > 1),
        tuple(row[0] for row in rows if len(row) == 1),
        tuple(spots),
        tuple(marks),
        len(values) <= DOTS_UP_TO,
        frozenset(round(charts.LEFT + (i + 0.5) * wide, 2) for i, part in enumerate(parts) if part),
    )


def _stretch(row: Sequence[charts.Whisker]) -> Stretch:
    upper = [f"{one.x:g},{one.high_y:g}" for one in row]
    lower = [f"{one.x:g},{one.low_y:g}" for one in reversed(row)]
    return Stretch(" ".join(upper + lower), " ".join(f"{one.x:g},{one.y:g}" for one in row))
