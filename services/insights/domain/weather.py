"""Weather of a day as the Japan Meteorological Agency (JMA, 気象庁) measured it, and its classes.

Values are whole tenths of their unit: 0.1 °C, 0.1 mm, 0.1 h, 0.1 cm.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import IntEnum, StrEnum

SOURCE = "https://www.jma.go.jp/jma/kishou/know/yougo_hp/kion.html"
ATTRIBUTION = "https://www.data.jma.go.jp/risk/obsdl/"


class Element(StrEnum):
    """What is kept of a day, in the order in which it is shown."""

    TEMPERATURE_MAX = "temperature_max"
    TEMPERATURE_MIN = "temperature_min"
    TEMPERATURE_MEAN = "temperature_mean"
    PRECIPITATION = "precipitation"
    SUNSHINE = "sunshine"
    SNOW_DEPTH = "snow_depth"


class Quality(IntEnum):
    """JMA's 品質情報. NEARLY: at least 80 % of what it is made of is there, used as a normal one.
    PARTIAL: less; a sum or maximum is at least, a minimum at most what it says. The rest have no
    value: doubtful, missing, not observed at this station."""

    NORMAL = 8
    NEARLY = 5
    PARTIAL = 4
    DOUBTFUL = 2
    MISSING = 1
    NOT_OBSERVED = 0


USABLE = frozenset({Quality.NORMAL, Quality.NEARLY})


@dataclass(frozen=True)
class Value:
    """A value of a day in tenths of its unit, None where there is none. hourly: made of 24 values
    of hours, so that a maximum may be lower, and a minimum higher, than what was between them."""

    tenths: int | None
    quality: Quality
    hourly: bool = False


@dataclass(frozen=True)
class WeatherDay:
    """A day at a station. values: only elements of which something was imported."""

    on: date
    station: str
    values: Mapping[Element, Value] = field(default_factory=dict)

    def tenths(self, element: Element) -> int | None:
        """Returns a value that can be used as it stands, else None."""
        value = self.values.get(element)
        return value.tenths if value and value.quality in USABLE else None


class WeatherClass(StrEnum):
    """A class of days. Temperatures by JMA's terms 夏日, 真夏日, 猛暑日, 冬日 (SOURCE); rain by the
    steps in which its climate tables count days, 1.0 mm and 10.0 mm. DRY: less than 1.0 mm."""

    DRY = "dry"
    RAIN = "rain"
    HEAVY_RAIN = "heavy_rain"
    SNOW = "snow"
    FREEZING = "freezing"
    WARM = "warm"
    HOT = "hot"
    VERY_HOT = "very_hot"


# Least and most (not reached) in tenths of the unit, None for no end.
THRESHOLDS: Mapping[WeatherClass, tuple[Element, int | None, int | None]] = {
    WeatherClass.DRY: (Element.PRECIPITATION, None, 10),
    WeatherClass.RAIN: (Element.PRECIPITATION, 10, 100),
    WeatherClass.HEAVY_RAIN: (Element.PRECIPITATION, 100, None),
    WeatherClass.SNOW: (Element.SNOW_DEPTH, 10, None),
    WeatherClass.FREEZING: (Element.TEMPERATURE_MIN, None, 0),
    WeatherClass.WARM: (Element.TEMPERATURE_MAX, 250, 300),
    WeatherClass.HOT: (Element.TEMPERATURE_MAX, 300, 350),
    WeatherClass.VERY_HOT: (Element.TEMPERATURE_MAX, 350, None),
}


def classes_of(day: WeatherDay) -> tuple[WeatherClass, ...]:
    """Returns the classes a day is certainly in; none of what was not measured."""
    return tuple(each for each in WeatherClass if _is_in(day, each))


def _is_in(day: WeatherDay, wanted: WeatherClass) -> bool:
    element, least, most = THRESHOLDS[wanted]
    value = day.values.get(element)
    if value is None or value.tenths is None:
        return False
    if value.quality is Quality.PARTIAL:
        # It is at least (a minimum: at most) so much: only the open end of a scale is certain.
        is_minimum = element is Element.TEMPERATURE_MIN
        if (least if is_minimum else most) is not None:
            return False
    elif value.quality not in USABLE:
        return False
    return (least is None or value.tenths >= least) and (most is None or value.tenths < most)
