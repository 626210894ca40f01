"""From zone to zone on a finished day: arrows on a ring, rows and a table of all zones.

Of a sample: devices near by that keep their address. How far chance, and noise where the area adds
it, may have moved a figure follows from how many there are in it and from the noise's scale.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights.visitors.stays import (
    CENTER_X,
    CENTER_Y,
    WIDTH,
    Knot,
    chance_of,
    knots_of,
)

WIDEST, THINNEST = 13.0, 1.5
ROUND = 13.0  # of a knot and the air around it
HEAD, BEND, INWARD = 9.0, 0.16, 0.3


@dataclass(frozen=True)
class Move:
    """Devices that went from one zone to another, with a 90 % interval. path, head: of its arrow.

    width, wide: of the arrow's sure part and of the whole.
    """

    left: str
    reached: str
    devices: int
    low: int
    high: int
    path: str
    head: str
    width: float
    wide: float


@dataclass(frozen=True)
class Flow:
    """Zones on a ring and the ways between them. rows: per zone left, a cell per zone reached.

    untold: ways with fewer than may be shown, or none. noisy: chance was added.
    """

    knots: tuple[Knot, ...]
    moves: tuple[Move, ...]
    rows: tuple[tuple[Knot, tuple[Move | None, ...]], ...]
    untold: int
    noisy: bool
    width: float = WIDTH
    height: float = 2 * CENTER_Y


def flow(moves: Sequence[wire.ZoneDayMove], names: Mapping[str, str], rounded_down_to: int) -> Flow:
    """Returns the drawing and the tables, most devices first."""
    knots = knots_of(names)
    at = dict(zip(names, knots, strict=True))
    known = sorted(
        (one for one in moves if one.from_zone_id in at and one.to_zone_id in at),
        key=lambda one: (-one.devices, one.from_zone_id, one.to_zone_id),
    )
    ends = [chance_of(one.devices, rounded_down_to, one.noise_scale) for one in known]
    most = max((high for _, high in ends), default=1)
    found = {
        (one.from_zone_id, one.to_zone_id): _move(
            one.devices, each, at[one.from_zone_id], at[one.to_zone_id], most
        )
        for one, each in zip(known, ends, strict=True)
    }
    return Flow(
        knots, tuple(found.values()),
        tuple((at[left], tuple(found.get((left, to)) for to in names)) for left in names),
        len(names) * (len(names) - 1) - len(found), any(one.noise_scale for one in known),
    )  # fmt: skip


def _move(devices: int, ends: tuple[int, int], here: Knot, there: Knot, most: int) -> Move:
    low, high = ends
    wide = round(max(THINNEST, WIDEST * high / most), 1)
    path, head = _arrow(here, there, wide)
    return Move(
        here.name, there.name, devices, low, high, path, head,
        round(max(1.0, WIDEST * low / most), 1), wide,
    )  # fmt: skip


def _arrow(here: Knot, there: Knot, wide: float) -> tuple[str, str]:
    """Returns curve and head. There and back bend to their own sides, and both towards the middle:
    so that neither lies on the other nor on a knot between."""
    over, down = there.x - here.x, there.y - here.y
    bent_x = (here.x + there.x) / 2 * (1 - INWARD) + CENTER_X * INWARD - BEND * down
    bent_y = (here.y + there.y) / 2 * (1 - INWARD) + CENTER_Y * INWARD + BEND * over
    from_x, from_y = _towards(here.x, here.y, bent_x, bent_y, ROUND)
    tip_x, tip_y = _towards(there.x, there.y, bent_x, bent_y, ROUND)
    end_x, end_y = _towards(there.x, there.y, bent_x, bent_y, ROUND + HEAD)
    half = wide / 2 + 3.0
    side_x, side_y = half * (end_y - tip_y) / HEAD, half * (tip_x - end_x) / HEAD
    corners = (
        (tip_x, tip_y), (end_x + side_x, end_y + side_y), (end_x - side_x, end_y - side_y)
    )  # fmt: skip
    path = f"M{from_x:.1f} {from_y:.1f}Q{bent_x:.1f} {bent_y:.1f} {end_x:.1f} {end_y:.1f}"
    return path, " ".join(f"{x:.1f},{y:.1f}" for x, y in corners)


def _towards(x: float, y: float, to_x: float, to_y: float, far: float) -> tuple[float, float]:
    length = math.hypot(to_x - x, to_y - y) or 1.0
    return x + (to_x - x) * far / length, y + (to_y - y) * far / length
