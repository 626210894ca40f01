"""From which zone to which next, from devices that keep their address for the day.

A move is two zones that follow one another in what a device was heard in, minute by minute, with
no third zone between. A minute in which several zones heard it says nothing of an order. Counted
are devices, once per zone left and zone reached, in theta sketches (Apache DataSketches, lgK 14).
Of a day only what may be told is kept (told_ways).
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

import datasketches

from kit.pure.suppression import K
from services.visitor_sense.domain.day import MINUTE_MS
from services.visitor_sense.domain.flows import LG_K
from services.visitor_sense.domain.release import rounded_down

Pair = tuple[str, str]


def path_of(heard: Mapping[str, Iterable[int]]) -> list[str]:
    """Returns the zones of one device in order, each other than the one before.

    heard: zone -> times in milliseconds.
    """
    zones_of: dict[int, set[str]] = defaultdict(set)
    for zone_id, times_ms in heard.items():
        for time_ms in times_ms:
            zones_of[time_ms // MINUTE_MS].add(zone_id)
    found: list[str] = []
    for minute in sorted(zones_of):
        here = zones_of[minute]
        if len(here) == 1 and found[-1:] != (now := list(here)):
            found += now
    return found


def paths_of(visitors: Mapping[str, Mapping[int, Sequence[int]]]) -> dict[int, list[str]]:
    """Returns the path of each device. visitors: zone -> pseudonym -> times in milliseconds."""
    by_device: dict[int, dict[str, Sequence[int]]] = defaultdict(dict)
    for zone_id, devices in visitors.items():
        for device, times_ms in devices.items():
            by_device[device][zone_id] = times_ms
    return {device: path_of(heard) for device, heard in by_device.items()}


def ways_of(path: Sequence[str]) -> list[Pair]:
    """Returns the moves of a path, each once, in order of the first time."""
    return list(dict.fromkeys(pairwise(path)))


class Moves:
    """Which devices of one day moved from which zone to which; repeats change nothing."""

    def __init__(self) -> None:
        self._ways: dict[Pair, datasketches.update_theta_sketch] = {}

    def add(self, device: int, ways: Iterable[Pair]) -> None:
        """Adds the moves of a pseudonym under one day key."""
        for way in ways:
            sketch = self._ways.setdefault(way, datasketches.update_theta_sketch(LG_K))
            sketch.update(device - (1 << 63))

    def ways(self) -> dict[Pair, int]:
        """Returns how many devices moved, by zone left and zone reached."""
        return {way: round(sketch.get_estimate()) for way, sketch in self._ways.items()}


def told_ways(both: Mapping[Pair, int], moves: Moves) -> tuple[dict[Pair, int], dict[Pair, int]]:
    """Returns what may be told of a day: devices in both of two zones, and moves, rounded down.

    both: devices by two zones, their names in order. A move is told from K devices on. What is told
    must leave every other count open, from nobody to K and more: so devices in both of two zones
    are told only where both directions are. Else what they hold beyond one direction would be the
    few who went the other way, or another way round.
    """
    ways = {way: count for way, count in moves.ways().items() if count >= K}
    pairs = {
        pair: rounded_down(devices)
        for pair, devices in both.items()
        if pair in ways and pair[::-1] in ways
    }
    return pairs, {way: rounded_down(count) for way, count in sorted(ways.items())}
