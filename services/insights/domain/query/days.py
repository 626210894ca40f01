"""Kinds of days, and which group of days a date belongs to."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from functools import cache


class DayKind(StrEnum):
    """What kind of day a date is for people in Japan."""

    WORKDAY = "workday"
    SATURDAY = "saturday"
    HOLIDAY = "holiday"  # Sundays and national holidays


@dataclass(frozen=True)
class DayFilter:
    """Which days are asked about. weekdays: ISO, Monday is 1. Empty sets mean every day."""

    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[DayKind] = frozenset()

    def takes(self, on: date) -> bool:
        """Tells whether a date is asked about."""
        return (not self.weekdays or on.isoweekday() in self.weekdays) and (
            not self.kinds or day_kind(on) in self.kinds
        )


ALL_DAYS = DayFilter()


def day_kind(on: date) -> DayKind:
    """Returns the kind of a date."""
    if on.isoweekday() == 7 or on in _holidays(on.year):
        return DayKind.HOLIDAY
    return DayKind.SATURDAY if on.isoweekday() == 6 else DayKind.WORKDAY


@cache
def _holidays(year: int) -> frozenset[date]:
    import holidays  # noqa: PLC0415 - 0.2 s that only a question about days should pay

    return frozenset(holidays.country_holidays("JP", years=year))
