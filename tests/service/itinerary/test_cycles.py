"""Days by cycle through the real doors: rented and back in time, closures, heights, more days."""

from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1 import sojourn_service_pb2_grpc as sojourn_grpc
from services.itinerary import cli
from services.itinerary.app import changing
from tests.service.itinerary.conftest import MINE, TIMEOUT_S, Mine, left_out, new_id, until, visited
from tests.service.itinerary.test_begun_days import Watch
from tests.service.itinerary.test_planning import LATER, close, stamp

CYCLE = pb.TRAVEL_MODE_CYCLE
RENTAL_CLOSED = pb.CONFLICT_KIND_CYCLE_RENTAL_CLOSED
MIDNIGHT = datetime(2028, 11, 17, 15, 0, tzinfo=UTC)  # of LATER, in Tokyo


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    found = Watch()
    monkeypatch.setattr(changing, "minute_of_day", found.minute_of_day)
    return found


def hour(at: float) -> Any:
    return stamp(MIDNIGHT + timedelta(hours=at))


async def repair(mine: Mine, itinerary_id: str) -> pb.RepairItineraryResponse:
    request = pb.RepairItineraryRequest(request_id=new_id(), itinerary_id=itinerary_id)
    answer: pb.RepairItineraryResponse = await mine.visitor.RepairItinerary(
        request, timeout=TIMEOUT_S
    )
    return answer


async def marked(mine: Mine, plan: pb.Itinerary) -> pb.Itinerary:
    async def hit() -> pb.Itinerary | None:
        now = await mine.get(plan.itinerary_id)
        return now if now.effects else None

    found: pb.Itinerary = await until(hit)
    return found


def ends(plan: pb.Itinerary) -> tuple[str, str]:
    return plan.start.place_id, plan.end.place_id


async def test_a_day_by_rental_cycle_through_the_real_data(mine: Mine) -> None:
    plan = await mine.plan(**LATER, mode=CYCLE, end_minute=20 * 60)
    assert plan.status == pb.ITINERARY_STATUS_PLANNED
    assert ends(plan) == ("bus-center", "bus-center")
    assert (plan.rental.poi_id, plan.rental.phone) == ("bus-center", "0837-62-0115")
    assert plan.rental.back_by_time == hour(17)
    assert plan.finish_time.seconds <= hour(17).seconds
    assert "opening" in plan.rental.estimated_fields
    assert len(plan.visits) >= 3
    assert plan.total_walk_minutes == 0
    assert await mine.get(plan.itinerary_id) == plan
    own = await mine.plan(**LATER, mode=CYCLE, own_cycle=True, end_minute=20 * 60)
    assert ends(own) == ("parking-city", "parking-city")
    assert not own.HasField("rental")
    assert own.trip.own_cycle


async def test_a_closed_rental_place_is_told_and_repaired_around(mine: Mine) -> None:
    before = await mine.plan(**LATER, mode=CYCLE)
    await close(mine, "bus-center")
    hit = await marked(mine, before)
    assert [effect.poi_id for effect in hit.effects] == ["bus-center"]
    assert hit.needs_repair
    after = (await repair(mine, before.itinerary_id)).itinerary
    assert after.version == 2
    assert not after.effects
    assert not after.needs_repair
    assert [(c.kind, c.why_out, c.closure_reason) for c in after.conflicts] == [
        (RENTAL_CLOSED, pb.WHY_OUT_CLOSURE, "flood")
    ]
    assert ends(after) == ("parking-city", "parking-city")
    assert visited(after)
    fresh = await mine.plan(**LATER, mode=CYCLE)
    assert [c.kind for c in fresh.conflicts] == [RENTAL_CLOSED]
    # Whoever asks again is not sent round in circles.
    assert (await repair(mine, before.itinerary_id)).itinerary.version == 2


async def test_under_way_the_cycles_come_back_before_the_place_closes_early(
    mine: Mine, watch: Watch
) -> None:
    before = await mine.plan(**LATER, mode=CYCLE)
    assert before.finish_time.seconds > hour(14).seconds
    watch.minute = 10 * 60
    await close(mine, "bus-center", from_time=hour(14))
    await marked(mine, before)
    after = (await repair(mine, before.itinerary_id)).itinerary
    assert ends(after) == ("bus-center", "bus-center")
    assert after.finish_time.seconds <= hour(14).seconds
    assert after.rental.back_by_time == hour(14)
    assert visited(after)[0] == visited(before)[0]
    assert not after.effects
    assert not after.conflicts


async def test_under_way_with_nowhere_to_bring_them_back_that_is_said_once(
    mine: Mine, watch: Watch
) -> None:
    before = await mine.plan(**LATER, mode=CYCLE)
    watch.minute = 12 * 60
    await close(mine, "bus-center", from_time=hour(11))
    await marked(mine, before)
    after = (await repair(mine, before.itinerary_id)).itinerary
    assert [c.kind for c in after.conflicts] == [RENTAL_CLOSED]
    assert (after.end.place_id, after.rental.poi_id) == ("bus-center", "bus-center")
    assert not after.needs_repair


async def test_a_wheelchair_by_cycle_is_a_typed_conflict(mine: Mine) -> None:
    plan = await mine.plan(**LATER, mode=CYCLE, ease=pb.EASE_WHEELCHAIR)
    assert [c.kind for c in plan.conflicts] == [pb.CONFLICT_KIND_WHEELCHAIR_BY_CYCLE]


async def test_what_is_too_far_by_cycle_is_told(mine: Mine) -> None:
    plan = await mine.plan(
        **LATER, mode=CYCLE, own_cycle=True, start=pb.Location(place_id="st-mine")
    )
    assert "WHY_OUT_TOO_FAR_BY_CYCLE" in left_out(plan).values()


async def test_ways_lead_up_where_heights_are_known(mine: Mine) -> None:
    low, high = "akiyoshido-main", "art-village"  # two published points, 35 minutes on foot

    async def walk(one: str, other: str) -> pb.Leg:
        plan = await mine.plan(
            **LATER, mode=pb.TRAVEL_MODE_FOOT, start=pb.Location(place_id=one),
            end=pb.Location(place_id=other), end_minute=600,
            never_poi_ids=[each.poi_id for each in records.values()],
        )  # fmt: skip
        [leg] = plan.legs
        return leg

    records = {each.poi_id: each for each in cli.read_pois(MINE / "pois.csv")}
    level = await walk(low, high)
    assert not level.HasField("climb_m")
    records[low].elevation_m, records[high].elevation_m = 90, 240
    await mine.staff.ImportPois(
        pb.ImportPoisRequest(request_id=new_id(), records=[records[low], records[high]]),
        timeout=TIMEOUT_S,
    )
    up, down = await walk(low, high), await walk(high, low)
    assert (up.climb_m, up.travel_minutes) == (150, level.travel_minutes + 15)
    assert (down.climb_m, down.travel_minutes) == (-150, level.travel_minutes)
    assert up.distance_m == down.distance_m == level.distance_m > 0


@pytest.mark.parametrize("height", [-101, 4001])
async def test_a_height_that_is_none_is_refused(mine: Mine, height: int) -> None:
    [record] = [each for each in cli.read_pois(MINE / "pois.csv") if each.poi_id == "ryugoho"]
    record.elevation_m = height
    report = await mine.staff.ImportPois(
        pb.ImportPoisRequest(request_id=new_id(), records=[record]), timeout=TIMEOUT_S
    )
    assert [(r.field, r.reason) for r in report.rejected] == [("elevation_m", "BAD_ELEVATION")]


async def test_each_of_several_days_fetches_and_brings_back(mine: Mine) -> None:
    stub: Any = sojourn_grpc.SojournServiceStub(mine.it.channel(mine.area, Role.VISITOR))
    hotel = pb.Location(place_id="akiyoshido-main")
    trip = pb.TripRequest(
        visit_date=LATER["visit_date"], start=hotel, start_minute=540, end_minute=1140, mode=CYCLE,
    )  # fmt: skip
    later = [sojourn_pb.LaterDay(visit_date="2028-11-19", start=hotel, start_minute=540,
                                 end_minute=1140)]  # fmt: skip
    answer = await stub.PlanSojourn(
        sojourn_pb.PlanSojournRequest(request_id=new_id(), trip=trip, later_days=later),
        timeout=TIMEOUT_S,
    )
    days = answer.sojourn.days
    assert [ends(day) for day in days] == [("bus-center", "bus-center")] * 2
    assert all(day.visits for day in days)
    every = [poi_id for day in days for poi_id in visited(day)]
    assert len(every) == len(set(every))


async def test_a_start_that_is_none_stays_a_mistake(mine: Mine) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.plan(**LATER, mode=CYCLE, start=pb.Location(place_id="atlantis"))
    assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
