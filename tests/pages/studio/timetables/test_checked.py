"""A typed line as the service takes it: what is kept comes back so, what is wrong is told."""

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meguri.itinerary.v1 import itinerary_service_pb2 as base_pb
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge.studio.timetables import checked, clock, fields
from services.edge.studio.timetables.typed import Days, Fare, Line, Run, Stop
from tests.pages.studio.timetables.conftest import SURE, line

WORKDAYS = ("1", "2", "3", "4", "5")


@pytest.fixture(autouse=True)
def english(made_once: Flask) -> Iterator[None]:
    with made_once.test_request_context("/studio/timetables"):
        yield


def typed(**more: Any) -> Line:
    """Returns a line in which nothing is wrong."""
    given_: dict[str, Any] = {
        "timetable_id": "x", "names": {"ja": "線"}, "operator": "社",
        "stops": [Stop(f"s{at}", f"stop-{at}", "", {"ja": f"停{at}"}) for at in range(3)],
        "days": [Days("d0", WORKDAYS)],
        "runs": [Run("r0", "run-1", "d0", ["8:37", "", "9:22"])],
    }  # fmt: skip
    return Line(**given_ | more)


def wrong(line_: Line) -> list[str]:
    return list(checked.check(line_, None).wrong)


def test_nothing_is_wrong_with_it() -> None:
    assert wrong(typed()) == []


@pytest.mark.parametrize(
    ("change", "ids"),
    [
        ({"names": {"en": "Line"}}, ["f-name-ja"]),
        ({"operator": ""}, []),
        ({"phone": "ask"}, ["f-phone"]),
        ({"phone": "０８３－９２２－２５１９"}, []),
        ({"runs": []}, []),
        ({"stops": [], "runs": []}, ["add-place"]),
        ({"stops": [Stop("s0", "a", "", {"ja": "停"})], "runs": []}, ["add-place"]),
    ],
)
def test_the_line_itself(change: dict[str, Any], ids: list[str]) -> None:
    assert wrong(typed(**change)) == ids


@pytest.mark.parametrize(
    ("days", "ids"),
    [
        (Days("d0"), ["days-week-d0"]),
        (Days("d0", added="2026-12-31"), []),
        (Days("d0", added="soon"), ["days-added-d0"]),
        (Days("d0", WORKDAYS, removed="12/31"), ["days-removed-d0"]),
        (Days("d0", WORKDAYS, added="2026-12-31", removed="2026/12/31"), ["days-removed-d0"]),
        (Days("d0", WORKDAYS, first="2026-04-31"), ["days-first-d0"]),
        (Days("d0", WORKDAYS, first="2027-01-01", last="2026-12-31"), ["days-last-d0"]),
        (Days("d1", WORKDAYS), ["run-days-r0"]),
    ],
)
def test_kinds_of_days(days: Days, ids: list[str]) -> None:
    assert wrong(typed(days=[days])) == ids


def test_a_kind_that_no_run_has_is_not_looked_at() -> None:
    assert wrong(typed(days=[Days("d0", WORKDAYS), Days("d1", first="nonsense")])) == []


@pytest.mark.parametrize(
    ("times", "ids"),
    [
        (["8:37", "8:37", "8:37"], []),
        (["8:37", "", ""], ["time-r0-s0"]),
        (["", "", ""], ["time-r0-s0"]),
        (["9:00", "8:00", "9:30"], ["time-r0-s1"]),
        (["9:00", "", "0:10"], ["time-r0-s2"]),
        (["9:00", "", "24:10"], []),
        (["x", "y", "9:00"], ["time-r0-s0", "time-r0-s1"]),
    ],
)
def test_times_of_a_run(times: list[str], ids: list[str]) -> None:
    assert wrong(typed(runs=[Run("r0", "run-1", "d0", times)])) == ids


def test_a_new_run_without_times_is_left_out_and_ids_are_made() -> None:
    runs = [
        Run("r0", "", "d0", ["", " ", ""]),
        Run("r1", "run-2", "d0", ["8:00", "", "9:00"]),
        Run("r2", "", "d0", ["7:00", "", "8:00"]),
        Run("r3", "", "d0", ["6:00", "", "7:00"]),
    ]
    found = checked.check(typed(runs=runs), None)
    assert found.wrong == {}
    assert [each.run_id for each in found.line.runs] == ["run-3", "run-1", "run-2"]
    minutes = [checked.first_minute(each) for each in found.line.runs]
    assert minutes == sorted(minutes)


@pytest.mark.parametrize(
    ("basis", "of", "ids", "kept"),
    [
        ("recorded", "2026", [], "2026"),
        ("recorded", "２０２６－１１", [], "2026-11"),
        ("recorded", "", ["run-of-r0"], ""),
        ("recorded", "2026-13", ["run-of-r0"], ""),
        ("guessed", "2026", [], ""),
    ],
)
def test_what_times_rest_on(basis: str, of: str, ids: list[str], kept: str) -> None:
    run = Run("r0", "run-1", "d0", ["8:37", "", "9:22"], basis=basis, as_of=of)
    found = checked.check(typed(runs=[run]), None)
    assert list(found.wrong) == ids
    assert found.line.runs[0].as_of == kept


@pytest.mark.parametrize(
    ("fares", "ids"),
    [
        ([Fare("s0", "s1", "1,170円")], []),
        ([Fare("s0", "s0", "200")], ["fare-from-0"]),
        ([Fare("s0", "", "200")], ["fare-from-0"]),
        ([Fare("s0", "s9", "200")], ["fare-from-0"]),
        ([Fare("s0", "s1", "cheap")], ["fare-yen-0"]),
        ([Fare("s0", "s1", "1,170円", "５９０円")], []),
        ([Fare("s0", "s1", "1170", "half")], ["fare-child-0"]),
        ([Fare("s0", "s1", "", "590")], ["fare-yen-0"]),
        ([Fare("s0", "s1", "200"), Fare(), Fare("s1", "s0", "300")], ["fare-from-2"]),
    ],
)
def test_fares(fares: list[Fare], ids: list[str]) -> None:
    assert wrong(typed(fares=fares)) == ids


def test_points_of_stops_at_no_place() -> None:
    stops = typed().stops
    stops[0].point, stops[1].point = "34.2281, 131.3034", "somewhere"
    stops[2].place_id, stops[2].point = "bus-center", "34.0, 131.0"
    found = checked.check(typed(stops=stops), None)
    assert list(found.wrong) == ["stop-point-s1"]
    location = found.line.stops[0].location
    assert (location.point.latitude, location.quality) == (34.2281, base_pb.POINT_QUALITY_SOURCE)
    assert not found.line.stops[2].HasField("location"), "the place says where it is"


def test_a_stop_right_after_itself_and_one_without_a_name() -> None:
    stops = typed().stops
    stops[1].stop_id, stops[2].names = stops[0].stop_id, {"en": "Cave"}
    assert wrong(typed(stops=stops)) == ["stop-name-s1-ja", "stop-name-s2-ja"]


@pytest.mark.parametrize("what", ["time", "stop", "days"])
def test_a_changed_run_loses_its_confirmation(what: str) -> None:
    kept = line()
    made = fields.of_kept(kept, 1)
    assert checked.check(made, kept).lost == []
    if what == "time":
        made.runs[0].times[2] = "9:25"
    elif what == "stop":
        made.stops[2].stop_id = "elsewhere"
    else:
        made.days[0].weekdays = ("1",)
    found = checked.check(made, kept)
    assert found.lost == ["8:37"]
    assert not any(each.HasField("confirmation") for each in found.line.runs)


def test_an_estimated_point_that_nobody_touched_keeps_its_error() -> None:
    kept = line()
    found = checked.check(fields.of_kept(kept, 1), kept)
    assert found.line.stops[1].location == kept.stops[1].location
    assert found.line.stops[1].location.error_m == 50


DATES = st.lists(st.dates().map(str), max_size=3, unique=True).map(sorted)


@st.composite
def kept_lines(draw: st.DrawFn) -> pb.Line:
    count = draw(st.integers(2, 5))
    made = pb.Line(timetable_id="x", names={"ja": "線", "th": "สาย"}, operator="社")
    for at in range(count):
        made.stops.add(stop_id=f"stop-{at}", names={"ja": f"停{at}"}, place_id=f"p{at}")
    for at in range(draw(st.integers(0, 4))):
        minutes = sorted(draw(st.lists(st.integers(0, 2_879), min_size=count, max_size=count)))
        for skipped in draw(st.sets(st.integers(0, count - 1), max_size=count - 2)):
            minutes[skipped] = clock.NEVER
        added = draw(DATES)
        days = pb.RunDays(
            weekdays=sorted(draw(st.sets(st.integers(1, 7), min_size=1))), added_dates=added,
            holidays=draw(st.sampled_from([pb.HOLIDAY_RULE_AS_SUNDAY, pb.HOLIDAY_RULE_AS_WEEKDAY])),
            removed_dates=[day for day in draw(DATES) if day not in added],
        )  # fmt: skip
        run = made.runs.add(
            run_id=f"run-{at}", minutes=minutes, days=days, call_ahead=draw(st.booleans()),
            basis=base_pb.TIME_BASIS_GUESSED,
        )  # fmt: skip
        if draw(st.booleans()):
            run.confirmation.CopyFrom(SURE)
    ordered = sorted(made.runs, key=checked.first_minute)
    del made.runs[:]
    made.runs.extend(ordered)
    return made


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept_lines())
def test_what_is_kept_is_kept_the_same_by_a_page_that_nobody_touched(kept: pb.Line) -> None:
    found = checked.check(fields.of_kept(kept, 7), kept)
    assert found.wrong == {}
    assert found.lost == []
    assert found.line == kept


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kept_lines())
def test_equal_days_are_one_kind(kept: pb.Line) -> None:
    made = fields.of_kept(kept, 1)
    assert len(made.days) == len({each.SerializeToString() for each in (r.days for r in kept.runs)})
