"""What judges of plans reckon with: ways and last entries, written without the planner."""

from math import acos, ceil, cos, radians, sin
from typing import Protocol

# Meters a minute, detour, minutes to park.
Pace = tuple[float, float, int]
CAR: Pace = (40_000 / 60, 1.4, 4)
FOOT: Pace = (4_500 / 60, 1.3, 0)
CYCLE: Pace = (14_500 / 60, 1.4, 2)


class Located(Protocol):
    """A point of the contract or of the domain, in degrees."""

    @property
    def latitude(self) -> float: ...

    @property
    def longitude(self) -> float: ...


def way_minutes(one: Located, other: Located, errors_m: int, pace: Pace, climb_m: int = 0) -> int:
    """Returns the fewest minutes of a way. errors_m: of both points together. climb_m: what one has
    to climb, not by car. By cycle at most as on foot."""
    if pace == CYCLE:
        cycled = _minutes(one, other, errors_m, pace, climb_m)
        return min(cycled, _minutes(one, other, errors_m, FOOT, climb_m))
    return _minutes(one, other, errors_m, pace, 0 if pace == CAR else climb_m)


def _minutes(one: Located, other: Located, errors_m: int, pace: Pace, climb_m: int) -> int:
    a, b = ((radians(point.latitude), radians(point.longitude)) for point in (one, other))
    cosine = sin(a[0]) * sin(b[0]) + cos(a[0]) * cos(b[0]) * cos(a[1] - b[1])
    direct = 6_371_009 * acos(min(1.0, cosine)) if a != b else 0.0
    meters_a_minute, detour, parking = pace
    way = direct * detour + errors_m
    # Two formulas differ by centimeters: a meter of tolerance, so that no minute flips.
    if way <= 1 and not climb_m:
        return 0
    return ceil(max(0.0, way - 1) / meters_a_minute + climb_m / 10) + parking


def last_entry(text: str, close_minute: int) -> int:
    """Returns the minute of the last entry: "16:30", "-45min" before closing, "" for closing."""
    if text.startswith("-"):
        return close_minute - int(text[1:].removesuffix("min"))
    if text:
        hours, minutes = text.split(":")
        return int(hours) * 60 + int(minutes)
    return close_minute
