# ruff: noqa: E501 - path data reads best unbroken
"""The plan of the route: a drawn way with the stops at their distance from the entrance.

It is not to scale and no survey: distances along the route are estimates, and the page says so.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

# Bends of the way on a sheet of 720 × 260; read off no map, only meant to be walked with a finger.
BENDS = ((24, 206), (92, 196), (150, 150), (214, 128), (268, 164), (330, 190), (396, 168), (430, 112),
         (486, 72), (548, 86), (596, 128), (648, 112), (696, 56))  # fmt: skip
STEPS = 16


@dataclass(frozen=True)
class Mark:
    """One stop on the plan. share: 0 at the entrance, 1 at the end of the route. wide: a hall."""

    number: int
    share: float
    section: str
    closed: bool = False
    wide: bool = False


@lru_cache(maxsize=1)
def _way() -> list[tuple[float, float, float]]:
    """Returns points of the way with the length so far (Catmull-Rom through BENDS)."""
    points: list[tuple[float, float, float]] = []
    length = 0.0
    padded = (BENDS[0], *BENDS, BENDS[-1])
    for p0, p1, p2, p3 in zip(padded, padded[1:], padded[2:], padded[3:], strict=False):
        for step in range(STEPS):
            t = step / STEPS
            x, y = (_spline(t, p0[i], p1[i], p2[i], p3[i]) for i in (0, 1))
            if points:
                length += math.hypot(x - points[-1][0], y - points[-1][1])
            points.append((x, y, length))
    return points


def _spline(t: float, a: float, b: float, c: float, d: float) -> float:
    return 0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3)  # fmt: skip


def point_at(share: float) -> tuple[float, float]:
    """Returns where on the sheet a share (0 to 1) of the way is reached."""
    way = _way()
    wanted = min(max(share, 0.0), 1.0) * way[-1][2]
    x, y, _ = next((point for point in way if point[2] >= wanted), way[-1])
    return x, y


def _rooms(points: Sequence[tuple[int, int]], style: str, radius: int) -> str:
    return "".join(
        f'<ellipse class="{style}" cx="{x}" cy="{y}" rx="{radius + 8}" ry="{radius}"/>'
        for x, y in points
    )


@lru_cache(maxsize=500)
def draw(marks: tuple[Mark, ...], current: int = 0) -> Markup:
    """Returns the plan as inline SVG; current: number of the stop to show large, 0 for none.

    Hidden from readers that cannot see it: the list beside it says the same in order.
    """
    line = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y, _ in _way()[::3])
    dots, halls = [], []
    sections = list(dict.fromkeys(mark.section for mark in marks))
    for mark in marks:
        x, y = point_at(mark.share)
        if mark.wide:
            halls.append((round(x), round(y)))
        if mark.number == current:
            dots.append(
                f'<circle class="plan__halo" cx="{x:.0f}" cy="{y:.0f}" r="20"/><circle class="plan__here" cx="{x:.0f}" cy="{y:.0f}" r="10"/>'
            )
        else:
            style = (
                "plan__shut"
                if mark.closed
                else f"plan__stop plan__stop--{sections.index(mark.section) % 3}"
            )
            dots.append(f'<circle class="{style}" cx="{x:.0f}" cy="{y:.0f}" r="5"/>')
    return Markup(  # noqa: S704 - numbers and escaped words only
        f'<svg class="plan" viewBox="0 0 720 260" focusable="false" aria-hidden="true">'
        f'<path class="plan__rock" d="{line}"/>{_rooms(halls, "plan__rock-room", 40)}'
        f'<path class="plan__cave" d="{line}"/>{_rooms(halls, "plan__room", 30)}'
        f'<path class="plan__water" d="{line}"/>{"".join(dots)}</svg>'
    )
