"""The plan of the way to tap on: every piece of it is a link that fills in its meters."""

from collections.abc import Sequence
from typing import Protocol

from markupsafe import Markup

from meguri.multilingual.v1 import tour_service_pb2 as pb
from services.edge.plan_of_way import point_at, way_line

PIECES = 48
ROUND_TO_M = 5
LEAST_M = 100  # length of a way that nothing is known of


class Placed(Protocol):
    """A stop of the way."""

    @property
    def stop(self) -> pb.TourStop:
        """The stop."""


def longest(group: Sequence[Placed]) -> int:
    """Returns the length of the way in meters as far as stops tell it."""
    return max([LEAST_M, *(each.stop.route_m for each in group)])


def meters_of(piece: int, whole_m: int) -> int:
    """Returns the meters that a piece (0 to PIECES) of the way stands for."""
    return round(whole_m * piece / PIECES / ROUND_TO_M) * ROUND_TO_M


def draw(code: str, group: Sequence[Placed], shown_m: int) -> Markup:
    """Returns the plan as inline SVG with a stop large at its meters.

    Fingers and mice tap on it; for keyboards and readers the field of meters says the same.
    """
    whole = longest(group)
    line = way_line()
    dots = [
        f'<circle class="plan__stop plan__stop--0" cx="{x:.0f}" cy="{y:.0f}" r="5"/>'
        for each in group
        if each.stop.HasField("route_m") and each.stop.stop_code != code
        for x, y in [point_at(each.stop.route_m / whole)]
    ]
    x, y = point_at(shown_m / whole)
    dots.append(
        f'<circle class="plan__halo" cx="{x:.0f}" cy="{y:.0f}" r="20"/>'
        f'<circle class="plan__here" cx="{x:.0f}" cy="{y:.0f}" r="10"/>'
    )
    taps = []
    for piece in range(PIECES + 1):
        # Half a piece to either side: of neighbors that overlap, the wrong one would be hit.
        begin, end = point_at((piece - 0.5) / PIECES), point_at((piece + 0.5) / PIECES)
        address = f"/studio/stops/{code}?m={meters_of(piece, whole)}#place"
        taps.append(
            f'<a href="{address}" tabindex="-1"><path class="plan__tap"'
            f' d="M{begin[0]:.1f} {begin[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/></a>'
        )
    return Markup(  # noqa: S704 - numbers, and a code of the guide's own alphabet
        f'<svg class="plan" viewBox="0 0 720 260" focusable="false" aria-hidden="true">'
        f'<path class="plan__rock" d="{line}"/><path class="plan__cave" d="{line}"/>'
        f'<path class="plan__water" d="{line}"/>{"".join(dots)}{"".join(taps)}</svg>'
    )
