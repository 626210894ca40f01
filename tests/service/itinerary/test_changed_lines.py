"""Lines that change after a day was planned: the kept day says so, and is planned around it."""

import asyncio
from typing import Any

import pytest

from kit.auth import Role
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as tt
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, new_id, visited
from tests.service.itinerary.test_bus_days import BACK, OUT, by_bus, keep, line, walks
from tests.service.itinerary.timetables.conftest import refused

DAY = "2028-11-18"  # the clock of the service is the real one: nothing of it has begun
CAVE = "akiyoshido-main"


@pytest.fixture
async def timetables(mine: Mine) -> Any:
    """A line to the cave and one back, twice a day each."""
    stub: Any = TimetableServiceStub(mine.it.channel(mine.area, Role.EDITOR))
    await keep(stub, line(OUT, (560, 600), (700, 740)))
    await keep(stub, line(BACK, (840, 880), (960, 1000)))
    await walks(stub, ("bus-center", CAVE, 8))
    return stub


async def repair(mine: Mine, plan: pb.Itinerary, request_id: str = "") -> pb.Itinerary:
    request = pb.RepairItineraryRequest(
        request_id=request_id or new_id(), itinerary_id=plan.itinerary_id
    )
    answer = await mine.visitor.RepairItinerary(request, timeout=TIMEOUT_S)
    itinerary: pb.Itinerary = answer.itinerary
    return itinerary


async def undo(mine: Mine, plan: pb.Itinerary) -> pb.Itinerary:
    request = pb.UndoItineraryRequest(
        request_id=new_id(), itinerary_id=plan.itinerary_id, expected_version=plan.version
    )
    answer = await mine.visitor.UndoItinerary(request, timeout=TIMEOUT_S)
    itinerary: pb.Itinerary = answer.itinerary
    return itinerary


def troubles(plan: pb.Itinerary) -> list[tuple[str, bool]]:
    return [(pb.RideTrouble.Name(each.trouble)[13:], each.holds) for each in plan.ride_effects]


def departures(plan: pb.Itinerary) -> list[int]:
    rides = [ride for leg in plan.legs for ride in leg.rides]
    return [(ride.depart_time.seconds // 60 + 9 * 60) % 1440 for ride in rides]


async def test_a_suspended_line_is_told_and_the_day_planned_around_it(
    mine: Mine, timetables: Any
) -> None:
    plan = await by_bus(mine, visit_date=DAY)
    assert CAVE in visited(plan)
    assert not plan.ride_effects
    await keep(timetables, line(OUT, (560, 600), (700, 740), suspended=True), 1)
    told = await mine.get(plan.itinerary_id)
    assert troubles(told) == [("SUSPENDED", False)]
    assert (told.needs_repair, told.version) == (True, 1)
    fixed = await repair(mine, plan)
    assert not fixed.ride_effects
    assert fixed.latest_change.cause == pb.CHANGE_CAUSE_TIMETABLE
    assert [each.timetable_id for each in fixed.latest_change.rides] == [OUT]
    assert CAVE not in visited(fixed)
    [said] = await mine.it.heard(mine.area, "itinerary_repaired", 1)
    assert list(own.ItineraryRepaired.FromString(said.data).timetable_ids) == [OUT]
    back = await undo(mine, fixed)
    assert visited(back) == visited(plan)
    assert troubles(back) == [("SUSPENDED", False)]
    await keep(timetables, line(OUT, (560, 600), (700, 740)), 2)
    healed = await mine.get(plan.itinerary_id)
    assert (troubles(healed), healed.needs_repair) == ([], False)


async def test_other_minutes_move_the_day_and_no_more_of_it_than_need_be(
    mine: Mine, timetables: Any
) -> None:
    plan = await by_bus(mine, visit_date=DAY)
    first, *_, last = departures(plan)
    out, back = [560, 700], [840, 960]
    moved = [minute + 5 if minute == last else minute for minute in back]
    await keep(timetables, line(BACK, *((minute, minute + 40) for minute in moved)), 1)
    told = await mine.get(plan.itinerary_id)
    assert troubles(told) == [("LATER", True)]
    assert told.ride_effects[0].minutes == 5
    fixed = await repair(mine, plan)
    assert visited(fixed) == visited(plan)
    assert departures(fixed) == [first, last + 5]
    assert not fixed.latest_change.added
    assert not fixed.latest_change.dropped
    assert out == [560, 700]


async def test_a_repair_repeated_is_one_and_a_healed_day_needs_none(
    mine: Mine, timetables: Any
) -> None:
    plan = await by_bus(mine, visit_date=DAY)
    await keep(timetables, line(OUT, (700, 740)), 1)
    assert troubles(await mine.get(plan.itinerary_id)) == [("GONE", False)]
    request_id = new_id()
    fixed = await repair(mine, plan, request_id)
    assert (fixed.version, departures(fixed)[0]) == (2, 700)
    assert (await repair(mine, plan, request_id)).version == 2
    assert (await repair(mine, plan)).version == 2


@pytest.mark.usefixtures("few_are_told")
async def test_who_suspends_a_line_sees_first_how_many_days_ride_it(
    mine: Mine, timetables: Any
) -> None:
    await by_bus(mine, visit_date=DAY)
    await by_bus(mine, visit_date="2028-11-19")
    await by_bus(mine, visit_date="2020-11-19")  # over
    await mine.plan(visit_date=DAY)  # by car

    async def riding(timetable_id: str) -> tuple[int, int]:
        request = tt.PreviewTimetableRequest(timetable_id=timetable_id)
        found = await timetables.PreviewTimetable(request, timeout=TIMEOUT_S)
        return found.plan_count, found.plan_count_today

    assert await riding(OUT) == (2, 0)
    assert await riding("no-such-line") == (0, 0)
    await keep(timetables, line(OUT, (560, 600), (700, 740), suspended=True), 1)
    messages = await mine.it.heard(mine.area, "timetable_changed", 3)
    said = [own.TimetableChanged.FromString(message.data) for message in messages]
    assert [each.riding_plan_count for each in said] == [0, 0, 2]
    visitor: Any = TimetableServiceStub(mine.it.channel(mine.area, Role.VISITOR))
    asked = visitor.PreviewTimetable(
        tt.PreviewTimetableRequest(timetable_id=OUT), timeout=TIMEOUT_S
    )
    assert (await refused(asked)).reason == "NOT_ALLOWED"


@pytest.mark.usefixtures("few_are_told")
async def test_rides_of_days_that_change_are_counted_as_they_are(
    mine: Mine, timetables: Any
) -> None:
    plan = await by_bus(mine, visit_date=DAY)
    trip = pb.TripRequest()
    trip.CopyFrom(plan.trip)
    trip.mode = pb.TRAVEL_MODE_CAR
    request = pb.ChangeItineraryRequest(
        request_id=new_id(), itinerary_id=plan.itinerary_id, expected_version=1, trip=trip
    )
    await mine.visitor.ChangeItinerary(request, timeout=TIMEOUT_S)
    found = await timetables.PreviewTimetable(
        tt.PreviewTimetableRequest(timetable_id=OUT), timeout=TIMEOUT_S
    )
    assert found.plan_count == 0


async def test_many_readers_of_a_changed_line_all_hear_the_same(
    mine: Mine, timetables: Any
) -> None:
    plans = [await by_bus(mine, visit_date=DAY, seed=seed) for seed in range(3)]
    await keep(timetables, line(OUT, (700, 740)), 1)
    told = await asyncio.gather(*(mine.get(plan.itinerary_id) for plan in plans * 5))
    assert {str(troubles(each)) for each in told} == {"[('GONE', False)]"}
