"""On which dates a run goes, what its times rest on, and what ends soon."""

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.public_holidays import is_public_holiday
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import departures, ending
from tests.pages.studio.timetables.conftest import SURE, line, run

MONDAY, SUNDAY = date(2026, 11, 30), date(2026, 11, 29)
HOLIDAY = date(2026, 11, 23)


@pytest.mark.parametrize(
    ("day", "change", "goes"),
    [
        (MONDAY, {}, True),
        (SUNDAY, {}, False),
        (HOLIDAY, {}, False),
        (HOLIDAY, {"holidays": pb.HOLIDAY_RULE_AS_WEEKDAY}, True),
        (HOLIDAY, {"weekdays": [7]}, True),
        (SUNDAY, {"added_dates": ["2026-11-29"]}, True),
        (MONDAY, {"removed_dates": ["2026-11-30"]}, False),
        (MONDAY, {"first_date": "2026-12-01"}, False),
        (MONDAY, {"last_date": "2026-11-29"}, False),
        (MONDAY, {"first_date": "2026-11-30", "last_date": "2026-11-30"}, True),
        (MONDAY, {"last_date": "2026-11-29", "added_dates": ["2026-11-30"]}, True),
    ],
)
def test_the_dates_of_a_run(day: date, change: dict[str, Any], goes: bool) -> None:  # noqa: FBT001
    given: dict[str, Any] = {
        "weekdays": [1, 2, 3, 4, 5], "holidays": pb.HOLIDAY_RULE_AS_SUNDAY,
    }  # fmt: skip
    days = pb.RunDays(**given | change)
    assert departures.goes(days, day, is_public_holiday(day)) is goes


def test_departures_stand_by_time_with_what_they_rest_on() -> None:
    kept = line()
    kept.runs.append(run("early", 400, 410, -1, call_ahead=True, basis=0, as_of=""))
    station, town_hall, cave = departures.by_stop(kept, MONDAY)
    assert [(each.time, each.basis) for each in station.departures] == [
        ("6:40", "guessed"), ("8:37", "confirmed"), ("10:37", "recorded"),
    ]  # fmt: skip
    assert [each.last for each in town_hall.departures] == [True, False]
    assert all(each.last for each in cave.departures)
    assert station.departures[0].call_ahead


def test_nothing_is_told_of_a_suspended_line() -> None:
    kept = line()
    kept.suspended = True
    assert not any(each.departures for each in departures.by_stop(kept, MONDAY))


def test_a_confirmation_holds_until_its_last_date() -> None:
    confirmed = run("r", 1, 2, confirmation=SURE)
    confirmed.confirmation.until_date = "2026-11-30"
    assert departures.basis_on(confirmed, MONDAY) == "confirmed"
    assert departures.basis_on(confirmed, MONDAY + timedelta(days=1)) == "recorded"


def summary(until: str = "", last: str = "", **more: Any) -> pb.TimetableSummary:
    return pb.TimetableSummary(timetable_id="x", first_until_date=until, last_date=last, **more)


@given(st.integers(-400, 400))
def test_a_warning_comes_fourteen_days_before_and_stays(days: int) -> None:
    until = (MONDAY + timedelta(days=days)).isoformat()
    for each in (summary(until), summary(last=until), summary(until, "2099-01-01")):
        found = ending.of(each, MONDAY)
        assert (found is not None) == (days <= 14)
        if found:
            assert (found.left, found.is_over) == (days, days < 0)
    assert ending.of(summary(until, suspended=True), MONDAY) is None


def test_what_never_ends_is_no_task_and_the_most_urgent_stands_first() -> None:
    assert ending.of(summary(), MONDAY) is None
    found = ending.due(
        [summary("2026-12-10"), summary("2026-11-01"), summary("2027-12-01")], MONDAY
    )
    assert [each.day.isoformat() for _summary, each in found] == ["2026-11-01", "2026-12-10"]
