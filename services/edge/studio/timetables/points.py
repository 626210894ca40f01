"""Points as people type or paste them: "34.2281, 131.3034", degrees north and degrees east."""

import re
from math import asin, cos, isfinite, radians, sin, sqrt

from flask_babel import gettext as _

from services.edge.studio.timetables.clock import plain

_PAIR = re.compile(r"[(\[]?\s*([^,;\s()\[\]]+)\s*[,;\s]\s*([^,;\s()\[\]]+)\s*[)\]]?")
_DEGREES = re.compile(
    r"([NSEW北南東西緯経]*)(-?[0-9]{1,3}(?:\.[0-9]+)?)[°度]?"
    r"(?:([0-9]{1,2}(?:\.[0-9]+)?)['′分](?:([0-9]{1,2}(?:\.[0-9]+)?)[\"″秒])?)?([NSEW]?)"
)
HIGHEST_LATITUDE, HIGHEST_LONGITUDE = 90.0, 180.0
EARTH_M = 6_371_008.8


def how_to_type() -> str:
    """Returns what to say of a point that cannot be read."""
    return str(_("Write latitude and longitude, such as 34.2281, 131.3034."))


def read_degrees(text: str) -> float:
    """Returns degrees of 34.2281, 34.2281N or 34°13'41.2"N. Errors: ValueError."""
    typed = plain(text).upper().replace("’", "'").replace("”", '"').replace("′", "'")
    found = _DEGREES.fullmatch(typed.replace("″", '"'))
    if found is None:
        raise ValueError(text[:40])
    size = abs(float(found[2])) + float(found[3] or 0) / 60 + float(found[4] or 0) / 3600
    behind = found[2].startswith("-") or any(c in "SW南西" for c in found[1] + found[5])
    if not isfinite(size):
        raise ValueError(text[:40])
    return -size if behind else size


def read_pair(text: str) -> tuple[float, float]:
    """Returns latitude and longitude of one text with both. Errors: ValueError."""
    found = _PAIR.fullmatch(plain(text).replace("、", ","))
    if found is None:
        raise ValueError(text[:40])
    return ordered(read_degrees(found[1]), read_degrees(found[2]))


def read(latitude: str, longitude: str) -> tuple[float, float]:
    """Returns the point of two fields; both may stand in the first. Errors: ValueError."""
    if not plain(longitude):
        return read_pair(latitude)
    return ordered(read_degrees(latitude), read_degrees(longitude))


def ordered(latitude: float, longitude: float) -> tuple[float, float]:
    """Returns both the right way round: 131 degrees are no latitude. Errors: ValueError."""
    if abs(latitude) > HIGHEST_LATITUDE >= abs(longitude):
        latitude, longitude = longitude, latitude
    if abs(latitude) > HIGHEST_LATITUDE or abs(longitude) > HIGHEST_LONGITUDE:
        raise ValueError(f"{latitude}, {longitude}")
    return round(latitude, 6), round(longitude, 6)


def distance_m(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Returns the great-circle distance of two points in meters."""
    (north, east), (up, right) = map(_radians, (one, other))
    half = sin((up - north) / 2) ** 2 + cos(north) * cos(up) * sin((right - east) / 2) ** 2
    return 2 * EARTH_M * asin(min(1.0, sqrt(half)))


def _radians(point: tuple[float, float]) -> tuple[float, float]:
    return radians(point[0]), radians(point[1])


def shrink(latitude: float) -> float:
    """Returns how long a degree of longitude is there, of one at the equator."""
    return cos(radians(latitude))
