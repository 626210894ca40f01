"""Dwell per zone and zones seen together on a finished day, as drawings and rows.

Both are of a sample: devices near by that keep their address. How far chance alone may have moved
a figure follows from how many there are in it, and where the area adds noise, from its scale.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.edge.insights import charts

WIDTH, LEFT, RIGHT, ROW = 360.0, 8.0, 10.0, 40.0
NINETY = 1.645  # standard deviations either way hold 90 % of a normal distribution
# Standard error of a median, in quartile distances over the root of n, for a normal distribution.
MEDIAN_SHARE = 1.2533 / 1.349
NOISY_BINS = 11  # of durations, as visitor sensing adds noise to them
RING, CENTER_X, CENTER_Y = 104.0, 180.0, 130.0
WIDEST = 16.0


@dataclass(frozen=True)
class Dwell:
    """Stays of one zone; minutes. median_low, median_high: 90 % interval of the median."""

    name: str
    stays: int
    first: float
    median: float
    third: float
    median_low: float
    median_high: float
    y: float = 0.0
    box: tuple[float, float] = (0.0, 0.0)
    sure: tuple[float, float] = (0.0, 0.0)
    x: float = 0.0


@dataclass(frozen=True)
class Boxes:
    """Zones below one another on one scale of minutes."""

    rows: tuple[Dwell, ...]
    ticks: tuple[charts.Tick, ...]
    height: float
    noisy: bool = False
    width: float = WIDTH


@dataclass(frozen=True)
class Pair:
    """Devices of the sample that were in both zones, with a 90 % interval for chance and for what
    was rounded away."""

    names: tuple[str, str]
    devices: int
    low: int
    high: int
    path: str = ""
    width: float = 0.0
    wide: float = 0.0


@dataclass(frozen=True)
class Knot:
    """A zone on the ring."""

    number: int
    name: str
    x: float
    y: float


@dataclass(frozen=True)
class Ring:
    """Zones on a ring, joined as wide as devices were in both."""

    knots: tuple[Knot, ...]
    pairs: tuple[Pair, ...]
    untold: int
    width: float = WIDTH
    height: float = 2 * CENTER_Y


def boxes(dwell: Sequence[wire.ZoneDayDwell], names: Mapping[str, str]) -> Boxes:
    """Returns the drawing of the zones' stays, longest median first."""
    found = sorted((_dwell(one, names) for one in dwell), key=lambda one: -one.median)
    top, steps = charts.nice_ceiling(max((max(d.third, d.median_high) for d in found), default=0))

    def x(minutes: float) -> float:
        return round(LEFT + (WIDTH - LEFT - RIGHT) * minutes / top, 2)

    rows = tuple(
        Dwell(
            one.name, one.stays, one.first, one.median, one.third, one.median_low,
            one.median_high, ROW * number, (x(one.first), round(x(one.third) - x(one.first), 2)),
            (x(one.median_low), round(x(one.median_high) - x(one.median_low), 2)), x(one.median),
        )
        for number, one in enumerate(found)
    )  # fmt: skip
    ticks = tuple(
        charts.Tick(x(top * step / steps), str(top * step // steps)) for step in range(steps + 1)
    )
    noisy = any(one.noise_scale for one in dwell)
    return Boxes(rows, ticks, ROW * len(rows) + 24, noisy)


def ring(pairs: Sequence[wire.ZoneDayPair], names: Mapping[str, str], rounded_down_to: int) -> Ring:
    """Returns the drawing of zones seen together, most devices first.

    untold: pairs of zones with fewer than k devices, or none.
    """
    knots = knots_of(names)
    at = dict(zip(names, knots, strict=True))
    known = [one for one in pairs if one.zone_id in at and one.other_zone_id in at]
    most = max((one.devices for one in known), default=1)
    found = [
        _pair(one, at[one.zone_id], at[one.other_zone_id], most, rounded_down_to)
        for one in sorted(known, key=lambda one: -one.devices)
    ]
    return Ring(knots, tuple(found), math.comb(len(names), 2) - len(found))


def _dwell(one: wire.ZoneDayDwell, names: Mapping[str, str]) -> Dwell:
    first, median, third = (
        seconds / 60 for seconds in (one.first_quartile_s, one.median_s, one.third_quartile_s)
    )
    stays = max(one.stays, 1)
    # Noise of the bins on either side of the median moves it as so many more stays by chance.
    scatter = stays + 2 * NOISY_BINS * one.noise_scale**2
    off = NINETY * MEDIAN_SHARE * (third - first) * math.sqrt(scatter) / stays
    return Dwell(
        names.get(one.zone_id, one.zone_id), one.stays, first, median, third,
        max(0.0, median - off), median + off,
    )  # fmt: skip


def chance_of(count: int, rounded_down_to: int, noise_scale: float = 0.0) -> tuple[int, int]:
    """Returns how far chance may have moved a count, nine times in ten, with what was rounded away
    or the noise that was added. Counts scatter with their root; discrete Laplace noise with the
    root of two times its scale."""
    most = count if noise_scale else count + max(0, rounded_down_to - 1)
    noise = 2 * noise_scale**2
    low = count - NINETY * math.sqrt(count + noise)
    return max(0, math.floor(low)), math.ceil(most + NINETY * math.sqrt(most + noise))


def _pair(one: wire.ZoneDayPair, here: Knot, there: Knot, most: int, rounded_down_to: int) -> Pair:
    low, high = chance_of(one.devices, rounded_down_to)
    return Pair(
        (here.name, there.name), one.devices, low, high,
        f"M{here.x:g} {here.y:g}Q{CENTER_X:g} {CENTER_Y:g} {there.x:g} {there.y:g}",
        round(max(1.0, WIDEST * low / most), 1), round(max(1.5, WIDEST * high / most), 1),
    )  # fmt: skip


def knots_of(names: Mapping[str, str]) -> tuple[Knot, ...]:
    """Returns the zones on a ring, the first on top. names: by zone."""
    return tuple(_knot(n, len(names), name) for n, name in enumerate(names.values()))


def _knot(number: int, count: int, name: str) -> Knot:
    angle = 2 * math.pi * number / max(count, 1) - math.pi / 2
    return Knot(
        number + 1, name, round(CENTER_X + RING * math.cos(angle), 1),
        round(CENTER_Y + RING * math.sin(angle), 1),
    )  # fmt: skip
