"""Series are made of what days tell, and of nothing else."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.proposal import SeriesKey
from services.insights.domain.rollup import DayKey, Measures
from services.insights.domain.series import WITHHELD_AS, kinds_of, series_of
from tests.unit.insights.letters_made import scans

ON = date(2026, 5, 1)
KO = SeriesKey(Kind.SCAN, Dimension.MISSED, ("ko",), fewer=True)


def sums(
    *days: dict[tuple[Kind, Dimension, str], int], practice: bool = False
) -> dict[DayKey, Measures]:
    return {
        DayKey(ON + timedelta(days=n), kind, practice, dimension, value): Measures(count, 0, count)
        for n, day in enumerate(days)
        for (kind, dimension, value), count in day.items()
    }


def test_a_stop_stands_beside_all_others() -> None:
    key = SeriesKey(Kind.SCAN, Dimension.STOP, ("A",))
    day = {(Kind.SCAN, Dimension.TOTAL, ""): 50, (Kind.SCAN, Dimension.STOP, "A"): 20}
    without = {(Kind.SCAN, Dimension.TOTAL, ""): 30}
    found = series_of(key, sums(day, without, {}))
    assert list(found.values.values()) == [20, 0]  # a day without any page says nothing
    assert found.comparison == {ON: 30, ON + timedelta(days=1): 30}
    assert not found.withheld
    assert series_of(key, sums(day, practice=True)).values == {}


def test_several_reasons_are_added_up_and_plans_stand_beside_them() -> None:
    key = SeriesKey(Kind.PLANNED, Dimension.LEFT_OUT, ("closed_that_day", "closed_at_that_time"))
    day = {
        (Kind.PLANNED, Dimension.TOTAL, ""): 12,
        (Kind.PLANNED, Dimension.LEFT_OUT, "closed_that_day"): 3,
        (Kind.PLANNED, Dimension.LEFT_OUT, "closed_at_that_time"): 2,
        (Kind.PLANNED, Dimension.LEFT_OUT, "no_bus"): 9,
    }
    found = series_of(key, sums(day))
    assert (found.values[ON], found.comparison) == (5, {ON: 12})


def test_declined_payments_need_a_day_of_sales() -> None:
    key = SeriesKey(Kind.DECLINED, Dimension.TENDER, ("card",))
    sold = {(Kind.CAPTURED, Dimension.TOTAL, ""): 9}
    found = series_of(key, sums(sold, {(Kind.DECLINED, Dimension.TENDER, "card"): 4}))
    assert found.values == {ON: 0}
    assert set(kinds_of(key)) == {Kind.DECLINED, Kind.CAPTURED}
    assert set(kinds_of(KO)) == {Kind.SCAN}


def test_fewer_than_ten_people_are_reckoned_as_five_and_not_drawn() -> None:
    key = SeriesKey(Kind.ADMITTED, persons=True)
    days = [{(Kind.ADMITTED, Dimension.TOTAL, ""): count} for count in (40, 9, 10)]
    found = series_of(key, sums(*days))
    assert list(found.values.values()) == [40, WITHHELD_AS, 10]
    assert found.withheld == {ON + timedelta(days=1)}
    assert found.comparison is None  # the action touches all of them


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_a_language_is_read_as_its_day_tells_it(ko: int, th: int, other: int) -> None:
    day = {name: count for name, count in {"ko": ko, "th": th}.items() if count}
    found = series_of(KO, sums(scans(200 + ko + th, **day)))
    assert found.values[ON] in {ko if ko >= 10 else 0, WITHHELD_AS}
    if 0 < ko < 10:
        assert found.withheld == {ON}
    # Two days that differ only in what is withheld are the same to whoever reads the series.
    if 0 < ko < 10 and 0 < other < 10:
        again = series_of(KO, sums(scans(200 + other + th, **{**day, "ko": other})))
        assert again.values == found.values
