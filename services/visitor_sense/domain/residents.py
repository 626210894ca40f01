"""Devices that live here: access points, printers, the phones of who sleeps or works here.

They are heard at night, or for more than half of the day; no visitor of these places is. What is
known of a device ends with its day key: nobody is recognized from one day to the next.
"""

from services.visitor_sense.domain.day import day_minute

QUARTER_MINUTES = 15
NIGHT = range(2 * 4, 5 * 4)  # quarters of an hour from two to five in the morning, in Japan
NIGHT_QUARTERS = 4  # heard in so many of the twelve
DAY_HOURS = 12  # heard in more than so many hours
# Bound of memory: beyond it, devices that are not known yet count as visitors.
MOST_DEVICES = 50_000
_NIGHT_BITS = sum(1 << quarter for quarter in NIGHT)
_HOUR_BITS = tuple(0b1111 << 4 * hour for hour in range(24))


class Residents:
    """Tells who lives here, from when each device was heard. One object per day key."""

    def __init__(self, most: int = MOST_DEVICES) -> None:
        self._most = most
        self._heard: dict[int, int] = {}  # quarters of the day, as bits
        self._found: set[int] = set()

    def hear(self, device: int, time_ms: int) -> bool:
        """Notes that a device was heard; returns True when it lives here.

        device: what stands for it under the day key. time_ms: milliseconds since 1970.
        """
        bit = 1 << day_minute(time_ms) // QUARTER_MINUTES
        before = self._heard.get(device, 0)
        if before & bit:
            return device in self._found
        if not before and len(self._heard) >= self._most:
            return False
        now = self._heard[device] = before | bit
        if lives_here(now):
            self._found.add(device)
        return device in self._found


def lives_here(quarters: int) -> bool:
    """Tells whether somebody heard in these quarters of a day (bit 0: the first) lives here."""
    at_night = (quarters & _NIGHT_BITS).bit_count() >= NIGHT_QUARTERS
    return at_night or sum(1 for hour in _HOUR_BITS if quarters & hour) > DAY_HOURS
