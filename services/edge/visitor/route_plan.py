# ruff: noqa: E501 - path data reads best unbroken
"""The plan of the route: a drawn way with the stops at their distance from the entrance.

It is not to scale and no survey: distances along the route are estimates, and the page says so.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from markupsafe import Markup

from services.edge.plan_of_way import point_at, way_line


@dataclass(frozen=True)
class Mark:
    """One stop on the plan. share: 0 at the entrance, 1 at the end of the route. wide: a hall."""

    number: int
    share: float
    section: str
    closed: bool = False
    wide: bool = False


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
    line = way_line()
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
