"""A party that is late says so: what has begun stays, what no longer fits goes, and back again."""

from typing import Any

import pytest

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, new_id, visited
from tests.service.itinerary.test_begun_days import Watch, minute, watch
from tests.service.itinerary.test_bus_days import BACK, OUT, by_bus, keep, line, timetables, walks
from tests.service.itinerary.test_planning import LATER, undo
from tests.service.itinerary.timetables.conftest import refused

__all__ = ["timetables", "watch"]


async def late(mine: Mine, plan: pb.Itinerary, minutes: int = 0, **more: Any) -> pb.Itinerary:
    values: dict[str, Any] = {
        "request_id": new_id(), "itinerary_id": plan.itinerary_id,
        "expected_version": plan.version, "late_minutes": minutes, "leaving": not minutes,
    } | more  # fmt: skip
    answer = await mine.visitor.ReportLateness(
        pb.ReportLatenessRequest(**values), timeout=TIMEOUT_S
    )
    itinerary: pb.Itinerary = answer.itinerary
    return itinerary


async def test_a_late_party_keeps_what_has_begun_and_is_told_what_had_to_go(
    mine: Mine, watch: Watch
) -> None:
    plan = await mine.plan(**LATER)
    first = plan.visits[0]
    watch.minute = minute(first) + 130
    after = await late(mine, plan, 120)
    assert visited(after)[0] == first.poi_id
    assert after.visits[0].start_time == first.start_time
    assert after.visits[0].end_time.seconds == first.end_time.seconds + 120 * 60
    change = after.latest_change
    assert (change.cause, change.late_minutes) == (pb.CHANGE_CAUSE_LATE, 120)
    kept = [poi for poi in visited(plan) if poi in visited(after)]
    assert visited(after)[: len(kept)] == kept
    assert {poi.poi_id for poi in change.dropped} == {*visited(plan)} - {*visited(after)}
    assert change.dropped or change.moved
    assert after.finish_time.seconds <= plan.finish_time.seconds + 120 * 60
    back = await undo(mine, after)
    assert visited(back)[0] == first.poi_id


async def test_who_goes_on_now_ends_the_visit_now(mine: Mine, watch: Watch) -> None:
    plan = await mine.plan(**LATER)
    watch.minute = minute(plan.visits[0]) + 7
    after = await late(mine, plan)
    first = after.visits[0]
    assert first.end_time.seconds - first.start_time.seconds == 7 * 60
    assert after.legs[1].depart_time.seconds >= first.end_time.seconds
    assert after.latest_change.late_minutes == 0


async def test_a_bus_that_left_without_them_is_not_theirs(
    mine: Mine, timetables: Any, watch: Watch
) -> None:
    await keep(timetables, line(OUT, (560, 600), (640, 680)))
    await keep(timetables, line(BACK, (840, 880), (960, 1000)))
    await walks(timetables, ("bus-center", "akiyoshido-main", 8))
    plan = await by_bus(mine, visit_date=LATER["visit_date"])
    ride = plan.legs[0].rides[0]
    left = (ride.depart_time.seconds // 60 + 540) % 1440
    watch.minute = left + 5
    after = await late(mine, plan, 10)
    assert after.legs[0].rides[0].depart_time.seconds > ride.depart_time.seconds
    # Ten minutes into the ride the same party sits in it, late or not.
    watch.minute = left + 20
    aboard = await late(mine, await mine.get(plan.itinerary_id), 10)
    assert aboard.version == after.version + 1


async def test_only_a_day_under_way_can_be_late_and_only_by_what_can_be(
    mine: Mine, watch: Watch
) -> None:
    plan = await mine.plan(**LATER)
    watch.minute = -60
    assert (await refused(late(mine, plan, 10))).reason == "NOT_UNDER_WAY"
    watch.minute = 24 * 60
    assert (await refused(late(mine, plan, 10))).reason == "NOT_UNDER_WAY"
    watch.minute = 600
    for wrong in ({"late_minutes": 241}, {"late_minutes": -1}, {"leaving": True}):
        problem = await refused(late(mine, plan, 10, **wrong))
        assert problem.reason == "INVALID_FIELDS"
    other = await refused(late(mine, plan, 10, expected_version=7))
    assert other.reason == "VERSION_CONFLICT"
    assert (await mine.get(plan.itinerary_id)).version == 1


async def test_two_taps_are_one_delay(mine: Mine, watch: Watch) -> None:
    plan = await mine.plan(**LATER)
    watch.minute = minute(plan.visits[0]) + 1
    request_id = new_id()
    one = await late(mine, plan, 20, request_id=request_id)
    assert (await late(mine, plan, 20, request_id=request_id)) == one


@pytest.mark.parametrize("minutes", [10, 40])
async def test_before_anything_has_begun_the_whole_day_begins_later(
    mine: Mine, watch: Watch, minutes: int
) -> None:
    plan = await mine.plan(**LATER)
    watch.minute = 1
    after = await late(mine, plan, minutes)
    assert after.depart_time.seconds >= plan.depart_time.seconds + minutes * 60
