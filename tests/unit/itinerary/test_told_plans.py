"""What the staff is told of kept plans, so that nobody learns where one party will be."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.told_plans import ToldPlans, full_hour, told_plans


@pytest.mark.parametrize(
    ("plans", "today", "told"),
    [
        (0, 0, (None, None)), (1, 1, (None, None)), (9, 3, (None, None)), (10, 0, (10, None)),
        (15, 12, (10, None)), (12, 12, (10, None)), (20, 10, (20, 10)), (47, 19, (40, 10)),
    ],
)  # fmt: skip
def test_small_counts_are_not_told(
    plans: int, today: int, told: tuple[int | None, int | None]
) -> None:
    assert told_plans(plans, today) == ToldPlans(*told)


@given(st.integers(0, 30), st.integers(0, 30))
def test_nothing_below_ten_follows_from_what_is_told(later: int, today: int) -> None:
    told = told_plans(later + today, today)
    assert told.plans is None or told.plans >= 10
    assert told.today is None or (told.today >= 10 and later >= 10)


@given(st.integers(0, 200), st.integers(0, 200))
def test_who_asks_twice_learns_of_no_single_party(later: int, today: int) -> None:
    """As for a closure until a minute later, or of a quiet hut beside a cave."""
    told = told_plans(later + today, today)
    for figure in (told.plans, told.today):
        assert figure is None or figure % 10 == 0


@given(st.datetimes(max_value=datetime(9999, 1, 1), timezones=st.just(UTC)))  # noqa: DTZ001 - as it wants it
def test_the_full_hour_is_the_first_one_not_before(moment: datetime) -> None:
    hour = full_hour(moment)
    assert (hour.minute, hour.second, hour.microsecond) == (0, 0, 0)
    assert timedelta(0) <= hour - moment < timedelta(hours=1)


def test_minutes_of_one_hour_are_told_alike() -> None:
    """Whoever asks minute by minute sees no party's visit begin."""
    minutes = {full_hour(datetime(2026, 12, 1, 13, each, tzinfo=UTC)) for each in range(1, 60)}
    assert minutes == {datetime(2026, 12, 1, 14, tzinfo=UTC)}
    assert full_hour(datetime(2026, 12, 1, 14, tzinfo=UTC)) == datetime(2026, 12, 1, 14, tzinfo=UTC)
