"""What operators tell of their runs, laid over a day: never a bus that has left, never one back in
time, and nothing of another day."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.live import (
    ALERTS_HOLD,
    ASK_EVERY_S,
    MOST_PAUSE_S,
    RUNS_HOLD,
    LiveAddress,
    LiveKind,
    pause_s,
    told_at,
)
from services.itinerary.domain.transit.day import transit_day
from services.itinerary.domain.transit.live import (
    MOST_S,
    LiveAlert,
    LiveCall,
    LiveRun,
    LiveTime,
    LiveView,
    as_it_goes,
)
from services.itinerary.domain.transit.timetable import Boarding, Run, TransitStop
from tests.unit.itinerary.bus_samples import line_of, network, stop_at

DAY = date(2026, 11, 21)
MIDNIGHT = int(datetime(2026, 11, 20, 15, tzinfo=UTC).timestamp())
STOPS = [stop_at(name) for name in ("a", "b", "c", "d")]
[RUN] = line_of((600, 610, 620, 630))


def at(delay_s: int) -> LiveTime:
    return LiveTime(delay_s=delay_s)


def call(name: str, late: int | None = None, **more: object) -> LiveCall:
    times = {} if late is None else {"arrive": at(late), "depart": at(late)}
    return LiveCall(f"stop-{name}", **{**times, **more})  # type: ignore[arg-type]


def goes(told: LiveRun, run: Run = RUN) -> list[tuple[int, int]]:
    now = as_it_goes(run, STOPS, "", told, DAY, "Asia/Tokyo")
    return [(each.arrive_minute, each.depart_minute) for each in now.calls]


def same(*minutes: int) -> list[tuple[int, int]]:
    return [(minute, minute) for minute in minutes]


def test_a_delay_holds_until_another_is_told() -> None:
    told = LiveRun("r", calls=(call("b", 300), call("d", 60)))
    assert goes(told) == same(600, 615, 625, 631)


def test_no_data_ends_a_delay_and_a_delay_of_the_whole_run_is_one_of_each_call() -> None:
    assert goes(LiveRun("r", calls=(call("a", 300), call("c", no_data=True)))) == same(
        605, 615, 620, 630
    )
    assert goes(LiveRun("r", delay_s=120)) == same(602, 612, 622, 632)


def test_seconds_are_cut_so_that_nobody_is_promised_a_bus_that_has_left() -> None:
    assert goes(LiveRun("r", calls=(call("a", 90),))) == [
        (602, 602), (612, 612), (622, 622), (632, 632),
    ]  # fmt: skip
    early = goes(LiveRun("r", calls=(call("a", -90),)))
    assert [depart for _, depart in early] == [598, 608, 618, 628]
    assert [arrive for arrive, _ in early][1:] == [609, 619, 629]


def test_moments_are_stronger_than_delays_and_one_of_a_call_stands_for_both() -> None:
    when = LiveTime(delay_s=9999, time=MIDNIGHT + 618 * 60)
    told = LiveRun("r", calls=(replace(call("b"), arrive=when, depart=LiveTime()),))
    assert goes(told) == same(600, 618, 628, 638)
    told = LiveRun("r", calls=(replace(call("b"), depart=when),))
    assert goes(told)[1:] == same(618, 628, 638)


def test_nobody_gets_on_or_off_where_it_does_not_stop_and_the_delay_goes_on() -> None:
    told = LiveRun("r", calls=(call("a", 60), call("b", skipped=True)))
    now = as_it_goes(RUN, STOPS, "", told, DAY, "Asia/Tokyo")
    assert [(each.on, each.off) for each in now.calls][1] == (Boarding.NONE, Boarding.NONE)
    assert [each.depart_minute for each in now.calls] == [601, 611, 621, 631]
    canceled = as_it_goes(RUN, STOPS, "", LiveRun("r", canceled=True), DAY, "Asia/Tokyo")
    assert not any(each.on.possible or each.off.possible for each in canceled.calls)


def test_calls_are_found_by_their_number_where_a_run_comes_by_twice() -> None:
    [loop] = line_of((600, 610, 620))
    loop = replace(loop, calls=(*loop.calls, replace(loop.calls[0], stop=0, arrive_minute=630,
                                                     depart_minute=630)))  # fmt: skip
    numbered = replace(loop, sequences=(10, 20, 30, 40))
    told = LiveRun("r", calls=(call("a", 300, sequence=40),))
    assert goes(told, numbered) == same(600, 610, 620, 635)
    assert goes(told, loop) == same(605, 615, 625, 635)  # nobody knows which one: the first
    by_number = LiveRun("r", calls=(LiveCall(sequence=30, arrive=at(300), depart=at(300)),))
    assert goes(by_number, numbered) == same(600, 610, 625, 635)
    assert goes(by_number, loop) == same(600, 610, 620, 630)  # and without a stop none at all
    assert goes(LiveRun("r", calls=(call("nowhere", 300),))) == same(600, 610, 620, 630)


def test_a_message_with_many_times_the_calls_of_a_run_is_looked_through_once() -> None:
    class Looked(list[TransitStop]):
        times = 0

        def __getitem__(self, index: Any) -> Any:
            self.times += 1
            return super().__getitem__(index)

    stops = Looked(STOPS)
    for said in (call("nowhere", 60), call("d", 60, sequence=7), LiveCall(sequence=7)):
        told = LiveRun("r", calls=(said,) * 5_000)
        for run in (RUN, replace(RUN, sequences=(1, 2, 3, 4))):
            stops.times = 0
            as_it_goes(run, stops, "", told, DAY, "Asia/Tokyo")
            assert stops.times <= len(RUN.calls)


def test_what_is_told_of_neither_a_stop_nor_a_number_is_of_no_call() -> None:
    numbered = replace(RUN, sequences=(1, 2, 3, 4))
    told = LiveRun("r", calls=(LiveCall(arrive=at(300), depart=at(300)),))
    assert goes(told, numbered) == goes(told) == same(600, 610, 620, 630)


def test_what_cannot_be_is_left_aside() -> None:
    assert goes(LiveRun("r", delay_s=MOST_S + 60)) == same(600, 610, 620, 630)
    assert goes(LiveRun("r", calls=(call("c", -(2**31)),))) == same(600, 610, 620, 630)
    assert goes(LiveRun("r", calls=(LiveCall("stop-a", arrive=LiveTime(time=1)),))) == same(
        600, 610, 620, 630
    )


@given(st.lists(st.tuples(st.sampled_from("abcdx"), st.integers(-20_000, 20_000),
                          st.sampled_from(["", "skipped", "no_data"])), max_size=6))  # fmt: skip
def test_whatever_is_told_no_bus_drives_back_in_time(told: list[tuple[str, int, str]]) -> None:
    calls = tuple(call(name, late, **({kind: True} if kind else {})) for name, late, kind in told)
    now = as_it_goes(RUN, STOPS, "", LiveRun("r", calls=calls), DAY, "Asia/Tokyo")
    assert len(now.calls) == len(RUN.calls)
    for one, other in pairwise(now.calls):
        assert one.depart_minute <= other.arrive_minute
        assert one.depart_minute <= other.depart_minute
    for each, planned in zip(now.calls, RUN.calls, strict=True):
        assert abs(each.depart_minute - planned.depart_minute) <= 2 * MOST_S // 60 + 30


def view(*told: LiveRun, day: date = DAY) -> LiveView:
    runs: dict[str, list[tuple[str, LiveRun]]] = {}
    for each in told:
        runs.setdefault(each.run_id, []).append(("", each))
    return LiveView(day, "Asia/Tokyo", runs)


@pytest.mark.parametrize(
    ("start_date", "told_on", "late"),
    [
        ("", DAY, True),
        ("", DAY + timedelta(days=1), False),
        ("20261121", DAY, True),
        ("20261122", DAY, False),
        ("20261121", DAY + timedelta(days=1), True),
    ],
)
def test_what_is_told_is_of_one_date(
    start_date: str,
    told_on: date,
    late: bool,  # noqa: FBT001 - a column of the table
) -> None:
    planned = transit_day(network(STOPS, [RUN]).timetable, DAY)
    told = view(LiveRun(RUN.run_id, start_date, delay_s=600), day=told_on)
    minutes = [each.depart_minute for each in told.applied(planned).runs[0].calls]
    assert minutes == ([610, 620, 630, 640] if late else [600, 610, 620, 630])


def test_after_midnight_the_run_still_on_its_way_is_the_one_of_the_day_before() -> None:
    [late] = line_of((1400, 1430, 1460, 1490))
    kept = network(STOPS, [late]).timetable
    planned = transit_day(kept, DAY)
    assert planned.offsets == [0, -1440]
    told = view(LiveRun(late.run_id, "20261120", delay_s=600))
    now = told.applied(planned)
    assert now.runs[0] == late
    assert [each.depart_minute for each in now.runs[1].calls] == [1410, 1440, 1470, 1500]
    assert LiveView(DAY, "Asia/Tokyo").applied(planned) is planned


@pytest.mark.parametrize(
    ("start_date", "late"), [("20261120", 0), ("20261121", 0), ("20261122", 10)]
)
def test_early_runs_of_a_late_day_are_those_of_the_next_date(start_date: str, late: int) -> None:
    [early] = line_of((60, 70, 80, 90))
    planned = transit_day(network(STOPS, [early]).timetable, DAY, past_midnight=True)
    assert planned.offsets == [0, 1440]
    now = view(LiveRun(early.run_id, start_date, delay_s=600)).applied(planned)
    assert [each.depart_minute for each in now.runs[1].calls] == [
        minute + late for minute in (60, 70, 80, 90)
    ]


def test_what_was_told_is_used_for_minutes_and_never_from_the_future() -> None:
    now = datetime(2026, 11, 21, 3, tzinfo=UTC)
    assert told_at(0, now) == now
    assert told_at(int(now.timestamp()) + 3600, now) == now
    assert told_at(1 << 60, now) == now
    old = told_at(int(now.timestamp()) - 400, now)
    assert now - old == timedelta(seconds=400)
    for kind, hold in ((LiveKind.RUNS, RUNS_HOLD), (LiveKind.ALERTS, ALERTS_HOLD)):
        address = LiveAddress("f", kind, "u", told_time=now)
        assert not address.is_stale(now + hold - timedelta(seconds=1))
        assert address.is_stale(now + hold)
    assert LiveAddress("f", LiveKind.RUNS, "u").is_stale(now)


@given(st.integers(0, 2000), st.integers(0, 999))
def test_faults_are_answered_by_longer_pauses_that_are_never_in_step(
    faults: int, seed: int
) -> None:
    pause = pause_s(faults, Random(seed))
    assert 0.8 * ASK_EVERY_S <= pause <= 1.2 * MOST_PAUSE_S
    if faults >= 5:
        assert pause >= 0.8 * MOST_PAUSE_S
    assert pause != pause_s(faults, Random(seed + 1))


def test_an_alert_holds_in_its_time() -> None:
    alert = LiveAlert({"ja": "迂回"}, {}, 100, 200)
    assert [alert.holds_at(second) for second in (99, 100, 199, 200)] == [False, True, True, False]
    assert LiveAlert({}, {}).holds_at(10**9)
