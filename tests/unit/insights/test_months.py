"""Months in which facts were said."""

import random
import uuid
from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bench.insights.mix import event_id
from services.insights.domain.months import expected, month_of

NOW = datetime(2026, 5, 3, 3, 0, tzinfo=UTC)
_MOMENTS = st.datetimes(datetime(2019, 12, 1), datetime(2026, 9, 1), timezones=st.just(UTC))  # noqa: DTZ001 - naive bounds
_MINUTE = timedelta(milliseconds=0xFFFF)


def _id(moment: datetime) -> str:
    return event_id(random.Random(1), moment)


@given(st.lists(_MOMENTS, max_size=20))
def test_every_month_that_may_have_a_part_gets_one(moments: list[datetime]) -> None:
    ids = [_id(moment) for moment in moments] + [str(uuid.uuid4())]
    exactly = {month for each in ids if (month := month_of(each))}
    allowed = {month for month in exactly if date(2020, 1, 1) <= month <= date(2026, 7, 1)}
    found = expected(ids, NOW)
    assert found == sorted(set(found))
    assert allowed <= set(found)
    near = {month_of(_id(at + by)) for at in moments for by in (-_MINUTE, _MINUTE)}
    assert set(found) <= allowed | near


def test_the_end_of_a_month_is_told_from_the_beginning_of_the_next() -> None:
    midnight = datetime(2026, 4, 1, tzinfo=UTC)
    last = midnight - timedelta(minutes=5)
    assert expected([_id(last)], NOW) == [date(2026, 3, 1)]
    assert expected([_id(last), _id(midnight)], NOW) == [date(2026, 3, 1), date(2026, 4, 1)]
    assert expected([str(uuid.uuid4())], NOW) == []
