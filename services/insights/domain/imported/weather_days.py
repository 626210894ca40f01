"""Days of weather made of what a file says, and what they change in what is kept."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from services.insights.domain.imported.jma import JmaSheet, Reading
from services.insights.domain.weather import USABLE, Element, Quality, Value, WeatherDay

HOURS, NEARLY_ALL = 24, 20  # 80 %, which JMA's rule asks for too, are 19.2

Key = tuple[str, date, Element]  # station, date, element


@dataclass(frozen=True)
class Change:
    """A value that a file says otherwise than what is kept."""

    station: str
    on: date
    element: Element
    before: Value
    after: Value


def values_of(sheet: JmaSheet) -> dict[Key, Value]:
    """Returns the values of days that a file holds."""
    if not sheet.hourly:
        return {
            (each.station, each.on, each.element): Value(each.tenths, each.quality)
            for each in sheet.readings
        }
    hours: defaultdict[Key, list[Reading]] = defaultdict(list)
    for each in sheet.readings:
        hours[each.station, each.on, each.element].append(each)
    return {
        key: value for one, readings in hours.items() for key, value in _of_hours(one, readings)
    }


def changes(kept: Mapping[Key, Value], coming: Mapping[Key, Value]) -> list[Change]:
    """Returns which kept values would become others, the oldest first."""
    found = [
        Change(station, on, element, kept[station, on, element], value)
        for (station, on, element), value in coming.items()
        if (station, on, element) in kept and kept[station, on, element] != value
    ]
    return sorted(found, key=lambda each: (each.on, each.station, each.element))


def worth_keeping(kept: Mapping[Key, Value], coming: Mapping[Key, Value]) -> dict[Key, Value]:
    """Returns the values that are to be kept: new ones and others. A maximum or minimum made of
    hours does not take the place of one of the day, which knows the time between the hours; a value
    does not give way to none."""
    return {
        key: value for key, value in coming.items()
        if kept.get(key) != value and not (key in kept and gives_way(value, kept[key]))
    }  # fmt: skip


def gives_way(coming: Value, kept: Value) -> bool:
    """Tells whether what comes is no better than what is kept."""
    if kept.tenths is None:
        return False
    return coming.tenths is None or (coming.hourly and not kept.hourly)


def days_of(values: Mapping[Key, Value]) -> list[WeatherDay]:
    """Returns values as days, by station and date."""
    days: defaultdict[tuple[str, date], dict[Element, Value]] = defaultdict(dict)
    for (station, on, element), value in values.items():
        days[station, on][element] = value
    return [WeatherDay(on, station, days[station, on]) for station, on in sorted(days)]


def _of_hours(key: Key, readings: Sequence[Reading]) -> Iterator[tuple[Key, Value]]:
    station, on, element = key
    there = [each for each in readings if each.tenths is not None]
    numbers = [each.tenths for each in there if each.tenths is not None]
    quality = _quality(there) if there else min(each.quality for each in readings)
    made: dict[Element, int | None] = {element: sum(numbers) if numbers else None}
    if element is Element.SNOW_DEPTH:
        made = {element: max(numbers, default=None)}
    elif element is Element.TEMPERATURE_MEAN:
        made = {
            Element.TEMPERATURE_MAX: max(numbers, default=None),
            Element.TEMPERATURE_MIN: min(numbers, default=None),
            Element.TEMPERATURE_MEAN: _mean(numbers),
        }
    for each, tenths in made.items():
        yield (station, on, each), Value(tenths, quality, hourly=True)


def _quality(there: Sequence[Reading]) -> Quality:
    good = sum(each.quality in USABLE for each in there)
    if len(there) == HOURS and all(each.quality is Quality.NORMAL for each in there):
        return Quality.NORMAL
    return Quality.NEARLY if good >= NEARLY_ALL else Quality.PARTIAL


def _mean(numbers: Sequence[int]) -> int | None:
    """Returns the mean as JMA rounds it: half up, below zero too."""
    if not numbers:
        return None
    return (2 * sum(numbers) + len(numbers)) // (2 * len(numbers))
