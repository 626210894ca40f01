"""Classes of days by their weather: only what is certain."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.weather import (
    THRESHOLDS,
    Element,
    Quality,
    Value,
    WeatherClass,
    WeatherDay,
    classes_of,
)

ON = date(2025, 8, 1)
RAIN = {WeatherClass.DRY, WeatherClass.RAIN, WeatherClass.HEAVY_RAIN}


def classes(element: Element, tenths: int | None, quality: int = 8) -> str:
    day = WeatherDay(ON, "秋吉台", {element: Value(tenths, Quality(quality))})
    return " ".join(classes_of(day))


@pytest.mark.parametrize(
    ("element", "tenths", "quality", "told"),
    [
        (Element.PRECIPITATION, 0, 8, "dry"), (Element.PRECIPITATION, 9, 8, "dry"),
        (Element.PRECIPITATION, 10, 8, "rain"), (Element.PRECIPITATION, 99, 5, "rain"),
        (Element.PRECIPITATION, 100, 8, "heavy_rain"),
        # With hours missing there was at least so much.
        (Element.PRECIPITATION, 100, 4, "heavy_rain"), (Element.PRECIPITATION, 50, 4, ""),
        (Element.PRECIPITATION, 0, 4, ""), (Element.PRECIPITATION, None, 1, ""),
        (Element.TEMPERATURE_MAX, 249, 8, ""), (Element.TEMPERATURE_MAX, 250, 8, "warm"),
        (Element.TEMPERATURE_MAX, 300, 8, "hot"), (Element.TEMPERATURE_MAX, 350, 8, "very_hot"),
        (Element.TEMPERATURE_MAX, 310, 4, ""), (Element.TEMPERATURE_MAX, 352, 4, "very_hot"),
        (Element.TEMPERATURE_MIN, -1, 8, "freezing"), (Element.TEMPERATURE_MIN, 0, 8, ""),
        (Element.TEMPERATURE_MIN, -1, 4, "freezing"), (Element.SNOW_DEPTH, 10, 8, "snow"),
        (Element.SNOW_DEPTH, 0, 8, ""), (Element.SUNSHINE, 80, 8, ""),
        (Element.PRECIPITATION, 120, 2, ""),
    ],
)  # fmt: skip
def test_classes_have_their_steps(element: Element, tenths: int, quality: int, told: str) -> None:
    assert classes(element, tenths, quality) == told


def test_a_value_that_is_not_whole_is_not_used_as_one() -> None:
    day = WeatherDay(ON, "", {Element.PRECIPITATION: Value(120, Quality.PARTIAL)})
    assert day.tenths(Element.PRECIPITATION) is None
    assert day.tenths(Element.SUNSHINE) is None


@given(st.integers(0, 5_000), st.sampled_from([5, 8]))
def test_a_day_with_rain_measured_is_in_one_class_of_rain(tenths: int, quality: int) -> None:
    found = set(classes(Element.PRECIPITATION, tenths, quality).split())
    assert len(found & RAIN) == 1


def test_every_class_has_its_step() -> None:
    assert set(THRESHOLDS) == set(WeatherClass)
