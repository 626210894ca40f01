"""Geometry of the small charts."""

import pytest
from babel import Locale
from hypothesis import given
from hypothesis import strategies as st

from services.edge.insights import charts

values = st.lists(st.integers(0, 10_000_000), min_size=1, max_size=60)


@pytest.mark.parametrize(
    ("value", "top"), [(0, 4), (4, 4), (5, 6), (7, 8), (11, 20), (190, 200), (47_000, 60_000)]
)
def test_scales_end_at_a_round_number_close_above(value: int, top: int) -> None:
    assert charts.nice_ceiling(value)[0] == top


@given(st.integers(0, 10**12))
def test_scales_have_even_whole_steps(value: int) -> None:
    top, steps = charts.nice_ceiling(value)
    assert value <= top
    assert top % steps == 0
    assert top <= max(4, 4 * value)


@given(values)
def test_columns_stay_inside_and_keep_their_ratio(given_values: list[int]) -> None:
    names = [str(i) for i in range(len(given_values))]
    chart = charts.columns(given_values, names, names)
    for column, value in zip(chart.columns, given_values, strict=True):
        assert charts.LEFT <= column.x <= column.x + column.width <= charts.WIDTH
        assert charts.TOP - 0.01 <= column.y <= chart.base + 0.01
        assert (column.height == 0) == (value == 0) or column.height < 0.01
    assert len(chart.labels) <= charts.LABELS_MAX


def test_whiskers_span_the_interval_and_leave_gaps() -> None:
    chart = charts.whiskers([(20, 10, 30), None], ["9", "10"], ["", ""])
    [mark] = chart.whiskers
    assert mark.high_y < mark.y < mark.low_y


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0"), (950, "950"), (1_500, "1.5k"), (20_000, "20k"), (3_000_000, "3M")]
)
def test_axes_use_short_numbers(value: int, text: str) -> None:
    assert charts.short_number(value) == text


@pytest.mark.parametrize(
    ("locale", "texts"),
    [("ja", ["1500", "2万", "4000万"]), ("ko", ["1.5천", "2만", "4000만"]),
     ("zh_Hant", ["1500", "2萬", "4000萬"]), ("en", ["1.5k", "20k", "40M"])],
)  # fmt: skip
def test_axes_count_as_the_language_does(
    monkeypatch: pytest.MonkeyPatch, locale: str, texts: list[str]
) -> None:
    monkeypatch.setattr(charts, "get_locale", lambda: Locale.parse(locale))
    assert [charts.short_number(value) for value in (1_500, 20_000, 40_000_000)] == texts


@given(st.integers(0, 10**6), st.integers(0, 10**6))
def test_bars_show_whatever_is_there(count: int, largest: int) -> None:
    length = charts.share(count, max(count, largest))
    assert 0 <= length <= 100
    assert (length == 0) == (count == 0)
