"""Dating and summing facts."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain.fact import Dimension, Fact, Kind, Slice, date_facts
from services.insights.domain.rollup import HourKey, Measures, roll_up
from services.insights.domain.said import said_time
from tests.unit.insights.made import NOON, ON, TOKYO, count, dated, fact, facts, key


@pytest.mark.parametrize(
    ("at", "expected", "hour"),
    [
        (datetime(2026, 5, 2, 15, 0, tzinfo=UTC), date(2026, 5, 3), 0),
        (datetime(2026, 5, 2, 14, 59, 59, tzinfo=UTC), date(2026, 5, 2), 23),
        (datetime(2028, 2, 29, 3, tzinfo=UTC), date(2028, 2, 29), 12),
    ],
)
def test_a_fact_belongs_to_the_local_day(at: datetime, expected: date, hour: int) -> None:
    found = date_facts([fact(Kind.SCAN, at)], TOKYO, at)[0]
    assert (found.occur_date, found.hour, found.late) == (expected, hour, False)


def test_the_day_of_25_hours_keeps_both_of_its_hours() -> None:
    lisbon = ZoneInfo("Europe/Lisbon")
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)  # 01:30, before the clock goes back
    hours = [fact(Kind.SCAN, first + timedelta(hours=i)) for i in (0, 1)]
    both = date_facts(hours, lisbon, first)
    assert [each.hour for each in both] == [1, 1]
    [(only, sums)] = roll_up(both).hours.items()
    assert (only.hour, sums.count) == (1, 2)


def test_the_owners_date_wins_over_that_of_the_moment() -> None:
    booked = fact(Kind.REFUNDED, booked_date=date(2026, 5, 2))
    assert date_facts([booked], TOKYO, NOON)[0].occur_date == date(2026, 5, 2)


def test_late_is_what_is_heard_when_its_day_is_over() -> None:
    midnight = datetime(2026, 5, 3, 15, tzinfo=UTC)
    assert not date_facts([fact(Kind.SCAN)], TOKYO, midnight - timedelta(seconds=1))[0].late
    assert date_facts([fact(Kind.SCAN)], TOKYO, midnight)[0].late


def test_each_fact_counts_in_whole_and_in_each_of_its_slices_once() -> None:
    twice = (Slice(Dimension.TENDER, "card"), Slice(Dimension.TENDER, "card"))
    sums = roll_up(dated(fact(Kind.CAPTURED, amount_yen=700, slices=twice)))
    assert sums.days[key(Kind.CAPTURED)] == Measures(1, 700, 0)
    assert sums.days[key(Kind.CAPTURED, Dimension.TENDER, "card")] == Measures(1, 700, 0)


def test_a_fact_that_stands_for_many_counts_as_many() -> None:
    served = (Slice(Dimension.SERVED, "ja"),)
    sums = roll_up(dated(fact(Kind.SCAN, count=40, slices=served), fact(Kind.SCAN, slices=served)))
    assert count(sums.days, key(Kind.SCAN)) == 41
    assert count(sums.days, key(Kind.SCAN, Dimension.SERVED, "ja")) == 41


def test_practice_is_a_book_of_its_own() -> None:
    sums = roll_up(dated(fact(Kind.CAPTURED, amount_yen=1), fact(Kind.CAPTURED, practice=True)))
    assert count(sums.days, key(Kind.CAPTURED)) == 1
    assert {hour.practice for hour in sums.hours} == {True, False}


@given(st.lists(facts, max_size=30), st.integers(0, 2**32), st.integers(0, 30))
def test_order_and_batches_do_not_matter(made: list[Fact], seed: int, cut: int) -> None:
    ordered = dated(*made)
    mixed = sorted(ordered, key=lambda each: hash((seed, each.fact.event_id)))
    first, second = roll_up(mixed[:cut]), roll_up(mixed[cut:])
    merged = {
        each: first.days.get(each, Measures()) + second.days.get(each, Measures())
        for each in {*first.days, *second.days}
    }
    assert merged == roll_up(ordered).days


@given(st.lists(facts, max_size=30))
def test_hours_add_up_to_the_day(made: list[Fact]) -> None:
    sums = roll_up(dated(*made))
    by_day: dict[tuple[object, ...], Measures] = {}
    for hour, measures in sums.hours.items():
        day = (hour.occur_date, hour.kind, hour.practice)
        by_day[day] = by_day.get(day, Measures()) + measures
    whole = {
        (each.occur_date, each.kind, each.practice): measures
        for each, measures in sums.days.items()
        if each.dimension is Dimension.TOTAL
    }
    assert by_day == whole


def test_keys_are_written_in_one_order() -> None:
    sums = roll_up(dated(fact(Kind.SCAN), fact(Kind.CAPTURED), fact(Kind.PLANNED, persons=2)))
    assert list(sums.days) == sorted(sums.days)
    assert list(sums.hours) == [
        HourKey(ON, 12, kind, False)  # noqa: FBT003 - a key
        for kind in sorted((Kind.SCAN, Kind.CAPTURED, Kind.PLANNED))
    ]


def test_an_event_tells_by_its_id_when_it_was_said() -> None:
    event_id = "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"  # the example of RFC 9562, appendix A.6
    assert said_time(event_id, NOON) == datetime(2022, 2, 22, 19, 22, 22, tzinfo=UTC)


def test_an_id_of_another_kind_tells_nothing() -> None:
    assert said_time("00000000-0000-4000-8000-000000000000", NOON) == NOON
