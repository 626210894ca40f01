"""A sketch of the area: where its places lie, how well that is known, what is closed.

No way is drawn: most points are estimates, and a wrong path is worse than none.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from markupsafe import Markup

WIDTH, HEIGHT, MARGIN = 520, 450, 44
NEAR_PX = 38  # places closer than this share one mark
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
KM_PER_DEGREE = 111.32
SCALES_KM = (0.5, 1, 2, 5, 10, 20, 50)


@dataclass(frozen=True)
class Spot:
    """One place. sure: its point was published; else it is an estimate of ours.

    plannable: a day may be planned round it.
    """

    place_id: str
    name: str
    latitude: float
    longitude: float
    sure: bool
    closed: bool = False
    plannable: bool = False


@dataclass
class Mark:
    """A letter on the sketch and the places it stands for. x, y: pixels."""

    x: float
    y: float
    letter: str = ""
    spots: list[Spot] = field(default_factory=list)

    @property
    def sure(self) -> bool:
        """Tells whether at least one of the points was published."""
        return any(spot.sure for spot in self.spots)

    @property
    def closed(self) -> bool:
        """Tells whether one of the places is closed."""
        return any(spot.closed for spot in self.spots)


@dataclass(frozen=True)
class Sketch:
    """Marks from north to south, and how long a kilometer is on the sheet."""

    marks: Sequence[Mark]
    px_per_km: float


def sketch(spots: Sequence[Spot]) -> Sketch:
    """Lays out places on a sheet; north is up. At least one place is needed."""
    middle = math.cos(math.radians(sum(spot.latitude for spot in spots) / len(spots)))
    xs = [spot.longitude * middle * KM_PER_DEGREE for spot in spots]
    ys = [-spot.latitude * KM_PER_DEGREE for spot in spots]
    wide, tall = max(xs) - min(xs) or 1.0, max(ys) - min(ys) or 1.0
    px_per_km = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / tall)
    left = (WIDTH - wide * px_per_km) / 2
    top = (HEIGHT - tall * px_per_km) / 2
    marks: list[Mark] = []
    for spot, x, y in zip(spots, xs, ys, strict=True):
        px, py = left + (x - min(xs)) * px_per_km, top + (y - min(ys)) * px_per_km
        near = min(marks, key=lambda mark: math.hypot(mark.x - px, mark.y - py), default=None)
        if near is None or math.hypot(near.x - px, near.y - py) > NEAR_PX:
            near = Mark(px, py)
            marks.append(near)
        near.spots.append(spot)
    marks.sort(key=lambda mark: (mark.y, mark.x))
    for number, mark in enumerate(marks):
        mark.letter = LETTERS[number] if number < len(LETTERS) else str(number + 1)
    return Sketch(marks, px_per_km)


def draw(plan: Sketch) -> Markup:
    """Returns the sketch as inline SVG, hidden from readers: the list below it says the same."""
    scale_km = max((km for km in SCALES_KM if km * plan.px_per_km <= 140), default=SCALES_KM[0])
    length = scale_km * plan.px_per_km
    parts = [_hills(plan)]
    for mark in plan.marks:
        style = "map__mark" + ("" if mark.sure else " map__mark--guess")
        style += " map__mark--shut" if mark.closed else ""
        radius = 15 + min(len(mark.spots), 9)
        parts.append(
            f'<circle class="{style}" cx="{mark.x:.0f}" cy="{mark.y:.0f}" r="{radius}"/>'
            f'<text class="map__letter{"" if mark.sure else " map__letter--guess"}"'
            f' x="{mark.x:.0f}" y="{mark.y + 7:.0f}">{mark.letter}</text>'
        )
    parts.append(
        f'<path class="map__scale" d="M40 {HEIGHT - 34}v10h{length:.0f}v-10"/>'
        f'<text class="map__words" x="{52 + length:.0f}" y="{HEIGHT - 22}">{scale_km:g} km</text>'
        f'<path class="map__north" d="M{WIDTH - 44} 66V24m-10 14 10-14 10 14"/>'
        f'<text class="map__words map__words--middle" x="{WIDTH - 44}" y="90">N</text>'
    )
    return Markup(  # noqa: S704 - numbers and letters only
        f'<svg class="map" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false">'
        f"{''.join(parts)}</svg>"
    )


def _hills(plan: Sketch) -> str:
    """Soft ground below the marks: where the places are, not what the land looks like."""
    return "".join(
        f'<circle class="map__ground" cx="{mark.x:.0f}" cy="{mark.y:.0f}"'
        f' r="{50 + 5 * len(mark.spots)}"/>'
        for mark in plan.marks
    )
