"""Drawings and words of imports."""

import re
from pathlib import Path

from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.insights.imports import drawn, strips, words
from tests.pages.insights.test_imports_pages import day


def test_temperatures_below_zero_stand_below_those_above() -> None:
    days = [day("2025-01-01", -55, 32, 0), pb.WeatherDay(date="2025-01-02")]
    chart = drawn.temperatures(days, ["a", "b"])
    assert chart
    (mark,) = chart.whiskers
    assert mark.low_y > mark.y > mark.high_y
    assert [level.text for level in chart.levels] == ["-10", "0", "10"]
    assert drawn.temperatures(days[1:], ["b"]) is None
    assert drawn.rain(days[1:], ["b"]) is None
    rain = drawn.rain([day("2025-01-01", 0, 0, 125)], ["a"])
    assert rain
    assert rain.top == 20


def test_a_strip_goes_over_the_new_year_and_counts_days() -> None:
    strip = strips.of_months(pb.MonthSeries(months=["2025-11", "2026-02"]))
    assert strip
    assert [month.full for month in strip.months] == [2, 0, 0, 2]
    assert strips.of_months(pb.MonthSeries()) is None
    assert strips.of_days([]) is None


def test_every_fate_reason_and_unit_has_a_word() -> None:
    assert set(words.FATES) == set(pb.RowFate.values()) - {0}
    assert set(words.UNITS) == set(pb.MonthUnit.values()) - {0}
    assert set(words.SHEET_UNITS) == set(pb.SheetUnit.values()) - {0}
    assert reasons() <= set(words.REASONS)
    assert [words.column_name(n) for n in (1, 26, 27, 703)] == ["A", "Z", "AA", "AAA"]


def reasons() -> set[str]:
    """Returns why cells are refused, as the service raises it."""
    folder = Path(__file__).parents[3] / "services/insights/domain/imported"
    code = "".join(file.read_text("utf-8") for file in folder.glob("*.py"))
    found = set(re.findall(r'BadCell\("([A-Z_]+)"', code))
    assert "NEGATIVE" in found
    return found
