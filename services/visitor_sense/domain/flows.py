"""How long people stay and which zones they see, from devices that keep their address for the day.

Made-up addresses change within minutes and cannot show either; nothing here tries to link them.
Who keeps an address is a part of all phones, and nothing makes that part stay longer or go
elsewhere: so it is a sample. Devices that are there most of the day are staff or fixed and are left
out.

Zones seen by the same device are counted with theta sketches (Apache DataSketches, lgK 14), one per
zone and day: two of them intersect, which HLL sketches cannot do well. Of a
day only their figures are kept.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import datasketches

from kit.pure.suppression import K

AWAY_MS = 1_200_000  # without a sign: the stay has ended, what follows is another
SCAN_MS = 5_000  # frames so near to one another are one sign of life
MOST_MS = 6 * 3_600_000  # who is longer in the area in one day is no visitor
LG_K = 14


@dataclass(frozen=True)
class Stay:
    """A device in a zone. signs: how often it was heard, frames of one scan counting once."""

    begin_ms: int
    end_ms: int
    signs: int

    @property
    def dwell_ms(self) -> float:
        """How long it stayed. First and last sign lie within: phones scan at about even distances,
        so that of n signs the span is on average (n - 1) / n of the stay."""
        span = self.end_ms - self.begin_ms
        return span * self.signs / (self.signs - 1) if self.signs > 1 else 0.0


def stays_of(times_ms: Sequence[int]) -> list[Stay]:
    """Returns the stays of one device in one zone. times_ms: when it was heard, in order."""
    found: list[Stay] = []
    for time_ms in times_ms:
        if found and time_ms - found[-1].end_ms < AWAY_MS:
            last = found[-1]
            fresh = time_ms - last.end_ms > SCAN_MS
            found[-1] = Stay(last.begin_ms, time_ms, last.signs + fresh)
        else:
            found.append(Stay(time_ms, time_ms, 1))
    return found


def visitors_only(
    heard: Mapping[str, Mapping[int, Sequence[int]]],
) -> dict[str, dict[int, Sequence[int]]]:
    """Leaves out devices of staff and of the house.

    heard: zone -> pseudonym -> times in order, of one day and of fixed addresses only. A device is
    left out everywhere when first and last sign in the area lie more than MOST_MS apart.
    """
    first: dict[int, int] = {}
    last: dict[int, int] = {}
    for devices in heard.values():
        for device, times in devices.items():
            first[device] = min(first.get(device, times[0]), times[0])
            last[device] = max(last.get(device, times[-1]), times[-1])
    static = {device for device in first if last[device] - first[device] > MOST_MS}
    return {
        zone_id: {device: times for device, times in devices.items() if device not in static}
        for zone_id, devices in heard.items()
    }


def dwell_quantiles(
    devices: Mapping[int, Sequence[int]], shares: Iterable[float]
) -> list[float] | None:
    """Returns quantiles of dwell in one zone, in milliseconds; None for fewer than K devices: one
    that comes and goes has many stays, and they would tell of nobody else."""
    if len(devices) < K:
        return None
    found = sorted(stay.dwell_ms for times in devices.values() for stay in stays_of(times))
    return [found[min(len(found) - 1, int(share * len(found)))] for share in shares]


class ZonesSeen:
    """Which zones the devices of one day have seen; sketches that unite and intersect."""

    def __init__(self) -> None:
        self._zones: dict[str, datasketches.update_theta_sketch] = {}

    def add(self, zone_id: str, devices: Iterable[int]) -> None:
        """Adds pseudonyms under one day key; repeats and order change nothing."""
        sketch = self._zones.setdefault(zone_id, datasketches.update_theta_sketch(LG_K))
        for device in devices:
            sketch.update(device - (1 << 63))

    def zone(self, zone_id: str) -> float:
        """Returns how many devices were in a zone."""
        return float(self._zones[zone_id].get_estimate()) if zone_id in self._zones else 0.0

    def both(self) -> dict[tuple[str, str], float]:
        """Returns how many devices were in both of two zones, by their names in order."""
        found = {}
        for one, other in combinations(sorted(self._zones), 2):
            common = datasketches.theta_intersection()
            common.update(self._zones[one])
            common.update(self._zones[other])
            found[one, other] = float(common.get_result().get_estimate())
        return found
