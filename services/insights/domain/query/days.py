"""Kinds of days, and which days are asked about."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kit.pure.public_holidays import is_public_holiday
from services.insights.domain.weather import WeatherClass

Weather = Mapping[date, Collection[WeatherClass]]  # what each day was for certain
NO_WEATHER: Weather = {}


class DayKind(StrEnum):
    """What kind of day a date is for shops and gates: each is exactly one of these."""

    WORKDAY = "workday"
    SATURDAY = "saturday"
    HOLIDAY = "holiday"  # Sundays and national holidays


class Rain(StrEnum):
    """How much rain a day had: each is exactly one of these. UNKNOWN: nobody measured it."""

    DRY = "dry"
    RAIN = "rain"
    HEAVY_RAIN = "heavy_rain"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class DayFilter:
    """Which days are asked about. weekdays: ISO, Monday is 1. Empty sets mean every day."""

    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[DayKind] = frozenset()
    rain: frozenset[Rain] = frozenset()

    def takes(self, on: date, weather: Weather = NO_WEATHER) -> bool:
        """Tells whether a date is asked about."""
        return (
            (not self.weekdays or on.isoweekday() in self.weekdays)
            and (not self.kinds or day_kind(on) in self.kinds)
            and (not self.rain or rain_of(on, weather) in self.rain)
        )


ALL_DAYS = DayFilter()


def day_kind(on: date) -> DayKind:
    """Returns the kind of a date."""
    if on.isoweekday() == 7 or is_public_holiday(on):
        return DayKind.HOLIDAY
    return DayKind.SATURDAY if on.isoweekday() == 6 else DayKind.WORKDAY


def rain_of(on: date, weather: Weather) -> Rain:
    """Returns how much rain a date had."""
    known = {each.value for each in weather.get(on, ())}
    return next((rain for rain in Rain if rain.value in known), Rain.UNKNOWN)
