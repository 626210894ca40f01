"""When the visitors of a play come."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from demo.play import Stage, length_of_play

TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("now", "minutes"),
    [("14:59:59", 360), ("15:00:00", 0), ("15:10:00", 10), ("15:59:00", 59), ("16:00:00", 60)],
)
def test_the_play_begins_today_where_the_area_is(now: str, minutes: int) -> None:
    end = datetime.fromisoformat(f"2026-11-28T{now}Z")
    length = length_of_play(end, TOKYO)
    assert length == timedelta(minutes=minutes)
    stage = Stage("http://127.0.0.1", "demo.localhost", {}, end, length)
    first, last = stage.at(0).astimezone(TOKYO), stage.at(60)
    assert (first.date(), last) == (end.astimezone(TOKYO).date(), end)
    assert first <= stage.at(30) <= last


def test_a_whole_hour_where_nothing_is_said() -> None:
    end = datetime(2026, 11, 28, 5, tzinfo=UTC)
    assert Stage("", "", {}, end).at(15) == end - timedelta(minutes=45)
