"""How many devices are near, averaged over a while: the raw figure that counted people calibrate.

Distinct addresses or signatures of a whole quarter of an hour grow with everybody who passes and
with every new random address. Within three minutes a device near by is heard about once and has had
little time to change its address; the mean over slices stands for how many are there at a time.
Only signals from near by count: the next room is not the place that was asked about. Slices
overlap, so that it does not matter where they begin.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.visitor_sense.domain.sketch import Distinct

SLICE_S = 180
HOP_S = 60  # from the beginning of one slice to that of the next
SLICES_IN_HOUR = 60 - SLICE_S // HOP_S + 1  # that lie wholly in it
NEAR_DBM = -60  # as quantized on the sensor; devices in the same room, found on the Brno captures


@dataclass(frozen=True)
class Sighting:
    """A device heard once. time_s: Unix time. device: what it is told apart by. rssi_dbm: 0 when
    unknown, which counts as far."""

    time_s: float
    device: tuple[bool, int]
    rssi_dbm: int


class Nearby:
    """Devices near by per slice of time. Slices begin at multiples of HOP_S since 1970."""

    def __init__(self, near_dbm: int = NEAR_DBM) -> None:
        self._near_dbm = near_dbm
        self._slices: dict[int, set[tuple[bool, int]]] = {}

    def add(self, sightings: Iterable[Sighting]) -> None:
        """Notes sightings, in any order; one heard twice counts once."""
        for each in sightings:
            if self._near_dbm <= each.rssi_dbm < 0:
                last = math.floor(each.time_s / HOP_S)
                for number in range(last - SLICE_S // HOP_S + 1, last + 1):
                    self._slices.setdefault(number, set()).add(each.device)

    def between(self, begin_s: float, end_s: float) -> float:
        """Returns the mean number of devices near by over the slices whose middle is in between.

        begin_s: included; end_s: not. Errors: ValueError where there is no middle in between.
        """
        first, last = (math.ceil((at - SLICE_S / 2) / HOP_S) for at in (begin_s, end_s))
        if last <= first:
            raise ValueError("the window is too short")
        counts = (len(self._slices.get(number, ())) for number in range(first, last))
        return sum(counts) / (last - first)


def near_in_hour(minutes: Mapping[int, Distinct]) -> float:
    """Returns the mean number of devices near by over the slices that lie wholly in an hour.

    minutes: of the hour, 0 to 59; one that is not in it had none. Slices that reach into the next
    hour are left out, so that an hour depends on nothing that arrives for another.
    """
    length = SLICE_S // HOP_S
    slices = range(SLICES_IN_HOUR)
    total = 0
    for first in slices:
        parts = [minutes[number] for number in range(first, first + length) if number in minutes]
        if len(parts) == 1:
            total += parts[0].count().estimate
        elif parts:
            both = Distinct()
            for part in parts:
                both.merge(part)
            total += both.count().estimate
    return total / len(slices)
