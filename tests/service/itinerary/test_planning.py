"""Planning a day through the real doors, and what closures do to it."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from kit.client import problem_of
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from tests import harness
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, left_out, new_id, until, visited

NINE = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)  # 09:00 in Tokyo


def stamp(moment: datetime) -> Timestamp:
    encoded = Timestamp()
    encoded.FromDatetime(moment)
    return encoded


async def close(mine: Mine, *place_ids: str, closure_id: str = "", **more: Any) -> str:
    closure_id = closure_id or new_id()
    more.setdefault("from_time", stamp(NINE - timedelta(days=1)))
    event = said.PlaceClosed(
        closure_id=closure_id, place_id=place_ids[0], reason="flood",
        affected_place_ids=place_ids, **more,
    )  # fmt: skip
    await mine.say("place_closed", event, closure_id)
    return closure_id


async def test_a_day_by_car_through_the_real_data(mine: Mine) -> None:
    plan = await mine.plan()
    assert plan.status == pb.ITINERARY_STATUS_PLANNED
    assert 4 <= len(plan.visits) <= 12
    assert len(plan.legs) == len(plan.visits) + 1
    assert plan.time_zone == "Asia/Tokyo"
    assert plan.depart_time.ToDatetime(tzinfo=UTC) >= NINE
    assert plan.finish_time.ToDatetime(tzinfo=UTC) <= NINE + timedelta(hours=8)
    assert any(poi_id.startswith("akiyoshido-") for poi_id in visited(plan))
    assert left_out(plan)["suijin-park"] == "WHY_OUT_CLOSED_THAT_DAY"
    assert left_out(plan)["bus-center"] == "WHY_OUT_NOT_A_VISIT"
    assert all(visit.reasons for visit in plan.visits)
    assert plan.visits[0].names["ja"]


async def test_on_foot_no_leg_touches_an_estimated_point(mine: Mine) -> None:
    plan = await mine.plan(mode=pb.TRAVEL_MODE_FOOT, start=pb.Location(place_id="akiyoshido-main"))
    assert "akiyoshido-main" in visited(plan)
    assert {visit.location.quality for visit in plan.visits} == {pb.POINT_QUALITY_SOURCE}
    assert not any(leg.from_estimated_point for leg in plan.legs)
    assert left_out(plan)["karst-observatory"] == "WHY_OUT_ESTIMATED_POINT_ON_FOOT"
    refused = await mine.plan(mode=pb.TRAVEL_MODE_FOOT)
    assert [c.kind for c in refused.conflicts] == [pb.CONFLICT_KIND_ESTIMATED_POINT_ON_FOOT]


async def test_the_plan_can_be_read_by_its_id_and_the_event_is_said(mine: Mine) -> None:
    plan = await mine.plan(party=pb.Party(adult_count=2, infant_count=1))
    assert await mine.get(plan.itinerary_id) == plan
    [message] = await mine.it.heard(mine.area, "itinerary_planned", 1)
    event = own.ItineraryPlanned.FromString(message.data)
    assert event.itinerary_id == plan.itinerary_id
    assert list(event.chosen_poi_ids) == visited(plan)
    assert event.party_size == 3
    assert {left.poi_id for left in event.left_out} == set(left_out(plan))


async def test_a_closure_takes_the_cave_out_of_new_plans_and_marks_kept_ones(mine: Mine) -> None:
    before = await mine.plan(must_poi_ids=["akiyoshido-main"])
    assert "akiyoshido-main" in visited(before)
    assert not before.effects

    closure_id = await close(
        mine, "akiyoshido", "akiyoshido-main", "akiyoshido-kurotani", "akiyoshido-elevator",
        "akiyoshido-adventure",
    )  # fmt: skip

    async def marked() -> Any:
        return (await mine.get(before.itinerary_id)).effects

    effects = await until(marked)
    assert [(e.poi_id, e.reason, e.closure_id) for e in effects] == [
        ("akiyoshido-main", "flood", closure_id)
    ]
    assert not effects[0].HasField("until_time")
    after = await mine.plan()
    assert not any(poi_id.startswith("akiyoshido-") for poi_id in visited(after))
    assert left_out(after)["akiyoshido-main"] == "WHY_OUT_CLOSURE"
    demanded = await mine.plan(must_poi_ids=["akiyoshido-main"])
    assert demanded.status == pb.ITINERARY_STATUS_CONFLICT
    [conflict] = demanded.conflicts
    assert (conflict.kind, conflict.closure_reason) == (
        pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, "flood",
    )  # fmt: skip

    reopened = said.PlaceReopened(closure_id=closure_id, place_id="akiyoshido")
    await mine.say("place_reopened", reopened, closure_id, version=2)

    async def clean() -> bool:
        return not (await mine.get(before.itinerary_id)).effects

    await until(clean)
    assert visited(await mine.plan(must_poi_ids=["akiyoshido-main"])) == visited(before)


async def test_a_closure_of_another_day_changes_nothing(mine: Mine) -> None:
    before = await mine.plan()
    yesterday: dict[str, Any] = {
        "from_time": stamp(NINE - timedelta(days=2)), "until_time": stamp(NINE - timedelta(days=1)),
    }  # fmt: skip
    await close(mine, *visited(before), **yesterday)
    last = await close(mine, "mito-sa")

    async def heard() -> bool:
        plan = await mine.plan(must_poi_ids=["mito-sa"], seed=1)
        return plan.status == pb.ITINERARY_STATUS_CONFLICT

    await until(heard)
    assert last
    assert visited(await mine.plan()) == visited(before)
    assert not (await mine.get(before.itinerary_id)).effects


async def test_the_end_of_a_closure_heard_before_its_beginning_wins(mine: Mine) -> None:
    closure_id = new_id()
    reopened = said.PlaceReopened(closure_id=closure_id, place_id="safari-land")
    await mine.say("place_reopened", reopened, closure_id, version=2)
    await close(mine, "safari-land", closure_id=closure_id)
    await close(mine, "mito-sa")

    async def heard() -> bool:
        plan = await mine.plan(must_poi_ids=["mito-sa"])
        return plan.status == pb.ITINERARY_STATUS_CONFLICT

    await until(heard)
    assert "safari-land" in visited(await mine.plan(must_poi_ids=["safari-land"]))


async def test_a_repair_replaces_what_closed_and_keeps_the_rest(mine: Mine) -> None:
    # The clock of the service is the real one: a day long ahead has not begun.
    day = {"visit_date": "2028-11-18", "must_poi_ids": ["akiyoshido-main"]}
    before = await mine.plan(**day)
    victim = next(v.poi_id for v in before.visits if v.poi_id != "akiyoshido-main")
    await close(mine, victim)

    async def marked() -> Any:
        return (await mine.get(before.itinerary_id)).effects

    await until(marked)
    request = pb.RepairItineraryRequest(request_id=new_id(), itinerary_id=before.itinerary_id)
    answer = await mine.visitor.RepairItinerary(request, timeout=TIMEOUT_S)
    assert list(answer.dropped_poi_ids) == [victim]
    assert answer.itinerary.version == 2
    assert not answer.itinerary.effects
    kept = [poi_id for poi_id in visited(before) if poi_id != victim]
    assert [poi_id for poi_id in visited(answer.itinerary) if poi_id in kept] == kept
    again = await mine.visitor.RepairItinerary(request, timeout=TIMEOUT_S)
    assert again == answer
    [message] = await mine.it.heard(mine.area, "itinerary_repaired", 1)
    event = own.ItineraryRepaired.FromString(message.data)
    assert list(event.dropped_poi_ids) == [victim]
    assert list(event.chosen_poi_ids) == visited(answer.itinerary)


async def test_equal_requests_and_seeds_give_equal_plans(mine: Mine) -> None:
    first, second = await asyncio.gather(mine.plan(seed=7), mine.plan(seed=7))
    assert first.itinerary_id != second.itinerary_id
    assert list(first.visits) == list(second.visits)
    assert list(first.left_out) == list(second.left_out)


async def test_a_repeated_request_returns_the_kept_plan(mine: Mine) -> None:
    trip = pb.TripRequest(
        visit_date="2026-11-21", start=pb.Location(place_id="st-mine"), start_minute=540,
        end_minute=1020, mode=pb.TRAVEL_MODE_CAR,
    )  # fmt: skip
    request = pb.PlanItineraryRequest(request_id=new_id(), trip=trip)
    first = await mine.visitor.PlanItinerary(request, timeout=TIMEOUT_S)
    assert await mine.visitor.PlanItinerary(request, timeout=TIMEOUT_S) == first
    request.trip.end_minute = 1000
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.visitor.PlanItinerary(request, timeout=TIMEOUT_S)
    assert problem_of(refused.value).reason == "REQUEST_ID_REUSED"


@pytest.mark.parametrize(
    ("wishes", "field"),
    [
        ({"visit_date": "2026-02-30"}, "visit_date"),
        ({"visit_date": ""}, "visit_date"),
        ({"start_minute": -5}, "start_minute"),
        ({"end_minute": 100_000}, "end_minute"),
        ({"start": pb.Location()}, "start"),
        ({"start": pb.Location(place_id="atlantis")}, "start"),
        ({"start": pb.Location(point=pb.Point(latitude=91, longitude=0))}, "start"),
        ({"start": pb.Location(point=pb.Point(latitude=float("nan"), longitude=0))}, "start"),
        ({"must_poi_ids": ["atlantis"]}, "must_poi_ids"),
        ({"must_poi_ids": [f"p{n}" for n in range(10_000)]}, "must_poi_ids"),
        ({"never_poi_ids": ["atlantis"]}, "never_poi_ids"),
        ({"budget_amount_yen": -1}, "budget_amount_yen"),
        ({"party": pb.Party(adult_count=-1)}, "party"),
        ({"party": pb.Party()}, "party"),
    ],
)
async def test_what_cannot_be_read_is_refused_by_field(
    mine: Mine, wishes: dict[str, Any], field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.plan(**wishes)
    problem = problem_of(refused.value)
    assert (problem.code, problem.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert field in [name for name, _ in problem.fields]


@pytest.mark.parametrize("itinerary_id", ["", "nonsense", "018f0000-0000-7000-8000-000000000000"])
async def test_an_unknown_itinerary_is_not_found(mine: Mine, itinerary_id: str) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await mine.get(itinerary_id)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_an_area_that_directory_has_not_told_of_is_not_ready(
    service: harness.Running, area: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Mine(service, area).plan()
    assert problem_of(refused.value).reason == "AREA_NOT_READY"


async def test_an_itinerary_of_another_area_cannot_be_read(mine: Mine) -> None:
    plan = await mine.plan()
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await Mine(mine.it, f"{mine.area}x").get(plan.itinerary_id)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND


async def test_many_at_once_are_all_answered(mine: Mine) -> None:
    plans = await asyncio.gather(*(mine.plan(seed=seed) for seed in range(12)))
    assert all(plan.status == pb.ITINERARY_STATUS_PLANNED for plan in plans)


async def change(mine: Mine, plan: pb.Itinerary, **wishes: Any) -> pb.Itinerary:
    trip = pb.TripRequest()
    trip.CopyFrom(plan.trip)
    trip.MergeFrom(pb.TripRequest(**wishes))
    request = pb.ChangeItineraryRequest(
        request_id=new_id(), itinerary_id=plan.itinerary_id, expected_version=plan.version,
        trip=trip,
    )  # fmt: skip
    answer = await mine.visitor.ChangeItinerary(request, timeout=TIMEOUT_S)
    fresh: pb.Itinerary = answer.itinerary
    return fresh


async def undo(mine: Mine, plan: pb.Itinerary) -> pb.Itinerary:
    request = pb.UndoItineraryRequest(
        request_id=new_id(), itinerary_id=plan.itinerary_id, expected_version=plan.version
    )
    answer = await mine.visitor.UndoItinerary(request, timeout=TIMEOUT_S)
    fresh: pb.Itinerary = answer.itinerary
    return fresh


def stay_of(plan: pb.Itinerary, poi_id: str) -> int:
    visit = next(visit for visit in plan.visits if visit.poi_id == poi_id)
    return int(visit.end_time.seconds - visit.start_time.seconds) // 60


LATER = {"visit_date": "2028-11-18"}  # a day that has not begun


async def test_a_longer_stay_moves_nothing_it_need_not_move(mine: Mine) -> None:
    before = await mine.plan(**LATER)
    longer = before.visits[0].poi_id
    stay = stay_of(before, longer) + 45
    wish = pb.VisitWish(poi_id=longer, stay_minutes=stay)
    after = await change(mine, before, visit_wishes=[wish])
    assert (after.itinerary_id, after.version) == (before.itinerary_id, 2)
    assert stay_of(after, longer) == stay
    kept = [poi_id for poi_id in visited(before) if poi_id in visited(after)]
    assert len(kept) >= len(before.visits) - 1
    assert [poi_id for poi_id in visited(after) if poi_id in kept] == kept
    told = after.latest_change
    assert told.cause == pb.CHANGE_CAUSE_WISH
    assert {poi.poi_id for poi in told.dropped} == set(visited(before)) - set(visited(after))
    assert told.undoable
    [message] = await mine.it.heard(mine.area, "itinerary_changed", 1)
    event = own.ItineraryChanged.FromString(message.data)
    assert list(event.chosen_poi_ids) == visited(after)


async def test_a_change_is_taken_back_and_back_again(mine: Mine) -> None:
    before = await mine.plan(**LATER)
    gone = before.visits[-1].poi_id
    after = await change(mine, before, never_poi_ids=[gone])
    assert gone not in visited(after)
    again = await undo(mine, after)
    assert (visited(again), again.version) == (visited(before), 3)
    assert list(again.visits) == list(before.visits)
    assert again.latest_change.cause == pb.CHANGE_CAUSE_UNDO
    assert visited(await undo(mine, again)) == visited(after)


async def test_a_fixed_time_is_kept_to_the_minute(mine: Mine) -> None:
    before = await mine.plan(**LATER)
    fixed = next(v.poi_id for v in before.visits if v.poi_id.startswith("akiyoshido"))
    wish = pb.VisitWish(poi_id=fixed, start_minute=13 * 60)
    after = await change(mine, before, visit_wishes=[wish])
    visit = next(visit for visit in after.visits if visit.poi_id == fixed)
    assert visit.start_time.ToDatetime(tzinfo=UTC).hour == 13 - 9
    assert visit.start_time.ToDatetime(tzinfo=UTC).minute == 0
    never = await change(
        mine, after, visit_wishes=[pb.VisitWish(poi_id="safari-land", start_minute=120)]
    )
    assert [c.kind for c in never.conflicts] == [pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE]


async def test_two_phones_do_not_overwrite_each_other(mine: Mine) -> None:
    before = await mine.plan(**LATER)
    await change(mine, before, never_poi_ids=[before.visits[0].poi_id])
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await change(mine, before, never_poi_ids=[before.visits[-1].poi_id])
    assert problem_of(refused.value).reason == "VERSION_CONFLICT"
    assert (await mine.get(before.itinerary_id)).version == 2


async def test_bad_changes_change_nothing(mine: Mine) -> None:
    before = await mine.plan(**LATER)
    for wish in (
        pb.VisitWish(poi_id="nowhere", stay_minutes=30),
        pb.VisitWish(poi_id=before.visits[0].poi_id, stay_minutes=-5),
        pb.VisitWish(poi_id=before.visits[0].poi_id, stay_minutes=601),
        pb.VisitWish(poi_id=before.visits[0].poi_id, start_minute=-1),
    ):
        with pytest.raises(grpc.aio.AioRpcError) as refused:
            await change(mine, before, visit_wishes=[wish])
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await undo(mine, before)
    assert refused.value.code() is grpc.StatusCode.NOT_FOUND
    assert await mine.get(before.itinerary_id) == before


async def test_other_days_differ_and_can_be_taken(mine: Mine) -> None:
    before = await mine.plan(must_poi_ids=["akiyoshido-main"], **LATER)
    answer = await mine.visitor.ProposeDays(
        pb.ProposeDaysRequest(itinerary_id=before.itinerary_id), timeout=TIMEOUT_S
    )
    days = {each.kind: each.itinerary for each in answer.days}
    assert set(days) == {pb.DAY_KIND_OTHER_PLACES, pb.DAY_KIND_CALM}
    others, calm = days[pb.DAY_KIND_OTHER_PLACES], days[pb.DAY_KIND_CALM]
    assert len({*visited(before)} & {*visited(others)}) < len(before.visits)
    assert len(calm.visits) <= len(before.visits)
    assert all("akiyoshido-main" in visited(day) for day in days.values())
    assert await mine.get(before.itinerary_id) == before  # nothing was kept
    request = pb.ChangeItineraryRequest(
        request_id=new_id(), itinerary_id=before.itinerary_id, expected_version=1,
        trip=others.trip, anew=True,
    )  # fmt: skip
    taken = (await mine.visitor.ChangeItinerary(request, timeout=TIMEOUT_S)).itinerary
    assert list(taken.visits) == list(others.visits)
    assert visited(await undo(mine, taken)) == visited(before)
