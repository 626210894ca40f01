"""Which month's part a fact belongs to, and which parts are made."""

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.insights.domain import months
from services.insights.domain.said import said_time
from tests.service.insights.said import id_of

NOW = datetime(2026, 5, 3, 3, tzinfo=UTC)
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC


@given(MOMENTS)
def test_the_month_of_an_id_is_that_of_its_moment(moment: datetime) -> None:
    event_id = id_of(moment)
    assert months.month_of(event_id) == date(moment.year, moment.month, 1)
    assert abs(said_time(event_id, NOW) - moment) < timedelta(milliseconds=1)


@given(MOMENTS)
def test_months_part_the_ids_in_their_order(moment: datetime) -> None:
    """As ranges of ids do in the store: the first id of a month is not before its first moment."""
    month = date(moment.year, moment.month, 1)
    low, high = (
        f"{int(datetime(on.year, on.month, 1, tzinfo=UTC).timestamp() * 1000):012x}"
        for on in (month, months.plus(month, 1))
    )
    assert low <= id_of(moment).replace("-", "")[:12] < high


@pytest.mark.parametrize(
    "event_id", [str(uuid.UUID(int=4 << 76)), f"ffffffff-ffff-7{'0' * 3}-8{'0' * 3}-{'0' * 12}"]
)
def test_an_id_that_tells_no_time_has_no_month(event_id: str) -> None:
    assert months.month_of(event_id) is None
    assert months.expected([event_id], NOW) == []


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(-300, 300))
def test_months_are_added_as_on_a_calendar(on: date, count: int) -> None:
    month = on.replace(day=1)
    later = months.plus(month, count)
    assert (later.year - month.year) * 12 + later.month - month.month == count
    assert later.day == 1
    assert months.plus(later, -count) == month


def test_the_running_month_and_two_more_are_ready() -> None:
    assert months.ahead(datetime(2026, 11, 30, 23, 59, tzinfo=UTC)) == [
        date(2026, 11, 1), date(2026, 12, 1), date(2027, 1, 1),
    ]  # fmt: skip


def test_only_months_that_can_be_get_a_part() -> None:
    ids = [id_of(datetime(year, month, 9, tzinfo=UTC)) for year, month in (
        (2019, 12), (2020, 1), (2026, 5), (2026, 5), (2026, 7), (2026, 8), (2090, 1),
    )]  # fmt: skip
    assert months.expected(ids, NOW) == [date(2020, 1, 1), date(2026, 5, 1), date(2026, 7, 1)]


_NEAR = st.datetimes(datetime(2019, 12, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001 - given UTC
_MINUTE = timedelta(milliseconds=0xFFFF)


@given(st.lists(_NEAR, max_size=20))
def test_every_month_that_may_have_a_part_gets_one(moments: list[datetime]) -> None:
    """And none that is not within a minute of an event."""
    ids = [*map(id_of, moments), str(uuid.uuid4())]
    exactly = {month for each in ids if (month := months.month_of(each))}
    allowed = {month for month in exactly if date(2020, 1, 1) <= month <= date(2026, 7, 1)}
    found = months.expected(ids, NOW)
    assert found == sorted(set(found))
    assert allowed <= set(found)
    near = {months.month_of(id_of(at + by)) for at in moments for by in (-_MINUTE, _MINUTE)}
    assert set(found) <= allowed | near


def test_the_last_minute_of_a_month_makes_no_part_of_the_next_but_its_own() -> None:
    midnight = datetime(2026, 4, 1, tzinfo=UTC)
    before = id_of(midnight - timedelta(minutes=5))
    assert months.expected([before], NOW) == [date(2026, 3, 1)]
    assert months.expected([before, id_of(midnight)], NOW) == [date(2026, 3, 1), date(2026, 4, 1)]
