"""The end of a day, in every zone there is and at every change of its clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, available_timezones

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kit.pure.midnight import next_midnight

ZONES = sorted(each for each in available_timezones() if "/" in each and "posix" not in each)
INSTANT = timedelta(microseconds=1)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


MOMENTS = st.integers(
    int(datetime(1975, 1, 1, tzinfo=UTC).timestamp()),
    int(datetime(2037, 12, 31, tzinfo=UTC).timestamp()),
).map(lambda second: datetime.fromtimestamp(second, UTC))


@given(
    MOMENTS,
    st.sampled_from(ZONES),
)
@example(utc("2010-11-07T02:30:30"), "America/St_Johns")  # 00:01 became 23:01 of the day before
@example(utc("2010-11-07T03:15:00"), "America/St_Johns")  # 23:45 for the second time
@example(utc("2018-11-04T02:59:00"), "America/Sao_Paulo")  # there was no 00:00
@example(utc("2018-02-18T01:30:00"), "America/Sao_Paulo")  # 23:30 came twice
@example(utc("2011-12-30T09:00:00"), "Pacific/Apia")  # a whole day was left out
@example(utc("2026-11-28T15:00:00"), "Asia/Tokyo")  # midnight itself belongs to the new day
def test_it_is_the_first_moment_of_another_day(now: datetime, zone: str) -> None:
    end, place = next_midnight(now, zone), ZoneInfo(zone)
    assert end > now
    assert end - now <= timedelta(hours=26)
    today = now.astimezone(place).date()
    assert (end - INSTANT).astimezone(place).date() <= today
    assert end.astimezone(place).date() > today or zone == "America/St_Johns"


@pytest.mark.parametrize(
    ("now", "zone", "end"),
    [
        ("2026-11-28T01:42:00", "Asia/Tokyo", "2026-11-28T15:00:00"),
        ("2026-11-28T14:59:59", "Asia/Tokyo", "2026-11-28T15:00:00"),
        ("2026-11-28T15:00:00", "Asia/Tokyo", "2026-11-29T15:00:00"),
        ("2026-03-29T00:00:00", "Europe/Paris", "2026-03-29T22:00:00"),  # a day of 23 hours
        ("2026-10-24T23:00:00", "Europe/Paris", "2026-10-25T23:00:00"),  # one of 25
        ("2018-11-04T02:59:00", "America/Sao_Paulo", "2018-11-04T03:00:00"),
        ("2010-11-07T02:31:30", "America/St_Johns", "2010-11-07T03:30:00"),
    ],
)
def test_days_somebody_looked_up(now: str, zone: str, end: str) -> None:
    assert next_midnight(utc(now), zone) == utc(end)
