"""Lines kept by hand: what cannot be is told with path and reason, days are those people mean."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.public_holidays import is_public_holiday
from services.itinerary.domain.place import KnownPoint, Point, PointQuality
from services.itinerary.domain.transit.faults import Faulty, day_of, refuse
from services.itinerary.domain.transit.line import (
    HolidayRule,
    KeptLine,
    LineFare,
    RunDays,
    with_confirmation,
)
from services.itinerary.domain.transit.line_check import check_line
from services.itinerary.domain.transit.network import RunFacts, TimeBasis
from tests.unit.itinerary.transit.lines import (
    DATES,
    DAYS,
    TODAY,
    faults,
    kept_lines,
    line,
    run,
    run_days,
    said,
    stop,
)

HERE = KnownPoint(Point(34.2, 131.3), PointQuality.SOURCE)


def days(**more: Any) -> RunDays:
    return replace(DAYS, **more)


def of_run(**more: Any) -> KeptLine:
    return line(runs=(run("one", 540, 560, 580, **more),))


def test_a_usual_line_has_no_fault() -> None:
    assert faults(line()) == []
    assert faults(line(suspended=True, runs=(), fares=())) == []
    circle = line(stops=(stop("a"), stop("b"), stop("a")), fares=())
    assert faults(circle) == []


@pytest.mark.parametrize(
    ("kept", "path", "reason"),
    [
        (line(timetable_id="Cave Line"), "line.timetable_id", "BAD_ID"),
        (line(timetable_id="a/b"), "line.timetable_id", "BAD_ID"),
        (line(timetable_id=""), "line.timetable_id", "BAD_ID"),
        (line(names={"ja": " "}), "line.names", "NO_NAME"),
        (line(names={"ja": "x" * 201}), "line.names", "TEXT_TOO_LONG"),
        (line(names={"日本語": "x"}), "line.names", "BAD_LOCALE"),
        (line(suspended_note={"": "x"}), "line.suspended_note", "BAD_LOCALE"),
        (line(phone="call us"), "line.phone", "BAD_PHONE"),
        (line(stops=(stop("hub"),), runs=(), fares=()), "line.stops", "TOO_FEW_STOPS"),
        (line(stops=tuple(stop(f"s{n}") for n in range(61)), runs=(), fares=()), "line.stops",
         "TOO_MANY_STOPS"),
        (line(stops=(stop("hub"), stop("hub"), stop("school"))), "line.stops[1].stop_id",
         "STOP_TWICE"),
        (line(stops=(stop("hub"), stop("school"), stop("hub", place_id="x"))), "line.stops[2]",
         "STOP_DIFFERS"),
        (line(stops=(stop("hub"), stop("B"), stop("school"))), "line.stops[1].stop_id", "BAD_ID"),
        (line(stops=(stop("hub"), stop("b", names={}), stop("school"))), "line.stops[1].names",
         "NO_NAME"),
        (line(stops=(stop("hub", place_id="A b"), stop("b"), stop("school"))),
         "line.stops[0].place_id", "BAD_ID"),
        (line(stops=(stop("hub", place_id="x", location=HERE), stop("b"), stop("school"))),
         "line.stops[0].location", "PLACE_AND_POINT"),
        (line(stops=(stop("hub", location=replace(HERE, point=Point(91, 0))), stop("b"),
                     stop("school"))), "line.stops[0].location", "BAD_POINT"),
        (line(stops=(stop("hub", location=replace(HERE, point=Point(float("nan"), 0))),
                     stop("b"), stop("school"))), "line.stops[0].location", "BAD_POINT"),
        (line(stops=(stop("hub", location=replace(HERE, error_m=-1)), stop("b"),
                     stop("school"))), "line.stops[0].location", "BAD_POINT"),
        (line(runs=tuple(run(f"r{n}", 1, 2, 3) for n in range(301))), "line.runs",
         "TOO_MANY_RUNS"),
        (line(runs=(run("one", 1, 2, 3), run("one", 4, 5, 6))), "line.runs[1].run_id",
         "RUN_TWICE"),
        (line(runs=(run("One", 1, 2, 3),)), "line.runs[0].run_id", "BAD_ID"),
        (line(runs=(run("one", 1, 2),)), "line.runs[0].minutes", "WRONG_COUNT"),
        (line(runs=(run("one"),)), "line.runs[0].minutes", "WRONG_COUNT"),
        (line(runs=(run("one", 1, 2, 2_881),)), "line.runs[0].minutes", "BAD_MINUTE"),
        (line(runs=(run("one", -2, 2, 3),)), "line.runs[0].minutes", "BAD_MINUTE"),
        (line(runs=(run("one", -1, -1, 3),)), "line.runs[0].minutes", "TOO_FEW_TIMES"),
        (line(runs=(run("one", 5, -1, 4),)), "line.runs[0].minutes", "TIMES_GO_BACK"),
        (of_run(days=days(weekdays=(0,))), "line.runs[0].days.weekdays", "BAD_WEEKDAY"),
        (of_run(days=days(weekdays=(8,))), "line.runs[0].days.weekdays", "BAD_WEEKDAY"),
        (of_run(days=RunDays()), "line.runs[0].days", "NEVER_RUNS"),
        (of_run(days=days(first_date="2026-02-30")), "line.runs[0].days.first_date", "BAD_DATE"),
        (of_run(days=days(last_date="20261129")), "line.runs[0].days.last_date", "BAD_DATE"),
        (of_run(days=days(first_date="2026-12-02", last_date="2026-12-01")),
         "line.runs[0].days.last_date", "DATES_GO_BACK"),
        (of_run(days=days(added_dates=("2026-12-01", "tomorrow"))),
         "line.runs[0].days.added_dates[1]", "BAD_DATE"),
        (of_run(days=days(removed_dates=("2026-12-01",) * 401)),
         "line.runs[0].days.removed_dates", "TOO_MANY_DATES"),
        (line(runs=tuple(run(f"r{n}", 1, 2, 3, days=days(added_dates=("2026-12-01",) * 201))
                         for n in range(100))), "line.runs", "TOO_MANY_DATES"),
        (of_run(days=days(added_dates=("2026-12-01",), removed_dates=("2026-12-01",))),
         "line.runs[0].days", "ADDED_AND_REMOVED"),
        (of_run(basis=TimeBasis.CONFIRMED), "line.runs[0].basis", "BAD_BASIS"),
        (of_run(as_of="2024"), "line.runs[0].as_of", "BAD_AS_OF"),
        (of_run(basis=TimeBasis.RECORDED), "line.runs[0].as_of", "BAD_AS_OF"),
        (of_run(basis=TimeBasis.RECORDED, as_of="2024-13"), "line.runs[0].as_of", "BAD_AS_OF"),
        (of_run(basis=TimeBasis.RECORDED, as_of="spring"), "line.runs[0].as_of", "BAD_AS_OF"),
        (of_run(confirmation=said(confirmed_by="")), "line.runs[0].confirmation.confirmed_by",
         "NOBODY"),
        (of_run(confirmation=said("x")), "line.runs[0].confirmation.until_date", "BAD_DATE"),
        (of_run(confirmation=said("2026-11-01")), "line.runs[0].confirmation.until_date",
         "DATES_GO_BACK"),
        (of_run(confirmation=said("2028-11-03")), "line.runs[0].confirmation.until_date",
         "TOO_FAR"),
        (of_run(confirmation=said(confirmed_date="2026-11-30")),
         "line.runs[0].confirmation.confirmed_date", "NOT_YET"),
        (line(fares=(LineFare("hub", "moon", 1),)), "line.fares[0].to_stop_id", "UNKNOWN_STOP"),
        (line(fares=(LineFare("hub", "hub", 1),)), "line.fares[0]", "STOP_TWICE"),
        (line(fares=(LineFare("hub", "pond", 1), LineFare("pond", "hub", 2))), "line.fares[1]",
         "FARE_TWICE"),
        (line(fares=(LineFare("hub", "pond", -1),)), "line.fares[0].amount_yen", "BAD_FARE"),
        (line(fares=(LineFare("hub", "pond", 1, -1),)), "line.fares[0].child_amount_yen",
         "BAD_FARE"),
        (line(fares=(LineFare("hub", "pond", 1),) * 1_771), "line.fares", "TOO_MANY_FARES"),
    ],
)  # fmt: skip
def test_each_fault_is_told_where_it_is(kept: KeptLine, path: str, reason: str) -> None:
    assert (path, reason) in faults(kept)


@pytest.mark.parametrize("as_of", ["2024", "2024-04", "2024-04-27"])
def test_recorded_times_are_of_a_year_a_month_or_a_day(as_of: str) -> None:
    assert faults(of_run(basis=TimeBasis.RECORDED, as_of=as_of)) == []


def test_all_faults_are_told_at_once_each_with_its_reason() -> None:
    bad = line(timetable_id="X", runs=(run("one", 5, 4, 3), run("two", 1, 2)))
    with pytest.raises(Faulty) as refused:
        refuse(check_line(bad, TODAY))
    assert [path for path, _ in refused.value.fields] == [
        "line.timetable_id", "line.runs[0].minutes", "line.runs[1].minutes",
    ]  # fmt: skip
    assert all(text.endswith("]") for _, text in refused.value.fields)


@given(kept_lines())
def test_tidying_changes_no_meaning_and_is_done_once(kept: KeptLine) -> None:
    assert faults(kept) == []
    tidied = kept.tidied
    assert faults(tidied) == []
    assert tidied.tidied == tidied
    assert {each.run_id for each in tidied.runs} == {each.run_id for each in kept.runs}
    assert [each.first_minute for each in tidied.runs] == sorted(
        each.first_minute for each in kept.runs
    )
    by_id = {each.run_id: each for each in tidied.runs}
    for each in kept.runs:
        one, other = each.days.service("x"), by_id[each.run_id].days.service("x")
        assert (one, each.minutes) == (other, by_id[each.run_id].minutes)


@given(run_days(), st.data())
def test_dates_are_stronger_than_holidays_and_those_than_weekdays(
    when: RunDays, data: st.DataObject
) -> None:
    named = [*when.added_dates, *when.removed_dates, when.first_date, when.last_date]
    holidays = ["2026-05-06", "2026-09-22", "2027-01-01", "2027-03-22"]
    text = data.draw(st.sampled_from([each for each in named if each] + holidays) | DATES)
    day = date.fromisoformat(text)
    goes = when.service("x").runs_on(day)
    in_time = when.first_date <= text <= (when.last_date or "9999")
    if text in when.added_dates:
        assert goes
    elif text in when.removed_dates or not in_time:
        assert not goes
    elif when.holidays is HolidayRule.AS_SUNDAY and is_public_holiday(day):
        assert goes == (7 in when.weekdays)
    else:
        assert goes == (day.isoweekday() in when.weekdays)


@pytest.mark.parametrize(
    ("day", "is_sunday"),
    [
        (date(2026, 11, 3), True),  # 文化の日, a Tuesday
        (date(2026, 5, 6), True),  # 振替休日: 3 May was a Sunday
        (date(2026, 9, 22), True),  # 国民の休日 between two holidays
        (date(2026, 11, 4), False),
        (date(2026, 11, 29), True),  # a plain Sunday
        (date(2026, 12, 29), False),  # no holiday by law
    ],
)
def test_substitute_holidays_count_as_sunday(day: date, *, is_sunday: bool) -> None:
    weekdays = RunDays((1, 2, 3, 4, 5, 6), HolidayRule.AS_SUNDAY).service("w")
    sundays = RunDays((7,), HolidayRule.AS_SUNDAY).service("s")
    assert (weekdays.runs_on(day), sundays.runs_on(day)) == (not is_sunday, is_sunday)
    assert RunDays((1, 2, 3, 4, 5, 6)).service("w").runs_on(day) == (day.isoweekday() != 7)


@given(kept_lines())
def test_the_last_date_is_the_last_anything_runs(kept: KeptLine) -> None:
    last = day_of(kept.last_date)
    services = [each.days.service("x") for each in kept.runs]
    if last is None:
        unbounded = [each for each in kept.runs if not each.days.last_date]
        assert bool(unbounded) == bool(kept.runs)
    else:
        after = [last + timedelta(days=more) for more in range(1, 30)]
        assert not any(service.runs_on(day) for service in services for day in after)


def test_confirming_names_runs_or_all() -> None:
    one = with_confirmation(line(), ["two"], said())
    assert [each.confirmation for each in one.runs] == [None, said()]
    assert [each.confirmation for each in with_confirmation(one, [], said()).runs] == [said()] * 2
    assert with_confirmation(one, [], None) == line()


def test_times_rest_on_the_confirmation_until_it_ends() -> None:
    recorded = run("one", 1, 2, 3, basis=TimeBasis.RECORDED, as_of="2024-04")
    assert recorded.facts.basis_on(TODAY) == (TimeBasis.RECORDED, "2024-04")
    confirmed = replace(recorded, confirmation=said()).facts
    assert confirmed.basis_on(date(2027, 3, 31)) == (TimeBasis.CONFIRMED, "2026-11-02")
    assert confirmed.basis_on(date(2027, 4, 1)) == (TimeBasis.RECORDED, "2024-04")
    assert run("one", 1, 2, 3).facts == RunFacts(TimeBasis.GUESSED)
