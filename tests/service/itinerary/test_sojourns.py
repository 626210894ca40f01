"""Days planned together through the real doors: kept, read, changed, and each aware of the rest."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from meguri.itinerary.v1 import sojourn_service_pb2_grpc as sojourn_grpc
from services.itinerary.app import sojourns as use_case
from services.itinerary.domain.job import Deal, Dealt, Job, Outcome
from services.itinerary.gateways.solver import Solver
from services.itinerary.gateways.tables import PlannerBusy
from tests.service.itinerary.conftest import Mine, left_out, new_id, visited
from tests.service.itinerary.test_planning import change, undo

TIMEOUT_S = 30.0
FIRST, SECOND, THIRD = "2028-11-18", "2028-11-19", "2028-11-20"  # days that have not begun
HOTEL = pb.Location(place_id="akiyoshido-main")


def asked(**more: Any) -> sojourn_pb.PlanSojournRequest:
    """Asks for three days by car from the city's car park, sleeping near the cave."""
    times: dict[str, Any] = {"start_minute": 9 * 60, "end_minute": 17 * 60}
    trip = pb.TripRequest(
        visit_date=FIRST, start=pb.Location(place_id="parking-city"), end=HOTEL,
        mode=pb.TRAVEL_MODE_CAR, **times, **more,
    )  # fmt: skip
    later = [
        sojourn_pb.LaterDay(visit_date=SECOND, start=HOTEL, **times),
        sojourn_pb.LaterDay(visit_date=THIRD, start=HOTEL, end=trip.start, **times),
    ]
    return sojourn_pb.PlanSojournRequest(request_id=new_id(), trip=trip, later_days=later)


class Days:
    """The days of an area."""

    def __init__(self, mine: Mine) -> None:
        self.mine = mine
        self.stub: Any = sojourn_grpc.SojournServiceStub(mine.it.channel(mine.area, Role.VISITOR))

    async def plan(self, request: sojourn_pb.PlanSojournRequest) -> sojourn_pb.Sojourn:
        answer = await self.stub.PlanSojourn(request, timeout=TIMEOUT_S)
        found: sojourn_pb.Sojourn = answer.sojourn
        return found

    async def get(self, sojourn_id: str) -> sojourn_pb.Sojourn:
        answer = await self.stub.GetSojourn(
            sojourn_pb.GetSojournRequest(sojourn_id=sojourn_id), timeout=TIMEOUT_S
        )
        found: sojourn_pb.Sojourn = answer.sojourn
        return found


@pytest.fixture
def days(mine: Mine) -> Days:
    return Days(mine)


def all_visited(kept: sojourn_pb.Sojourn) -> list[str]:
    return [poi_id for day in kept.days for poi_id in visited(day)]


def other_dates(day: pb.Itinerary) -> dict[str, str]:
    return {
        left.poi_id: left.other_date for left in day.left_out if left.why == pb.WHY_OUT_ANOTHER_DAY
    }


async def test_days_are_kept_once_and_know_each_other(days: Days) -> None:
    request = asked(must_poi_ids=["akiyoshido-main", "taishodo"])
    kept = await days.plan(request)
    assert await days.plan(request) == kept  # the same request again
    assert await days.get(kept.sojourn_id) == kept
    assert [day.trip.visit_date for day in kept.days] == [FIRST, SECOND, THIRD]
    assert not any(day.conflicts for day in kept.days)
    every = all_visited(kept)
    assert len(every) == len(set(every)) >= 12
    assert {"akiyoshido-main", "taishodo"} <= {*every}
    assert sum(poi_id.startswith("akiyoshido-") for poi_id in every) <= 2  # ways into one cave
    links = [(day.itinerary_id, day.trip.visit_date) for day in kept.days]
    for day in kept.days:
        assert day.together.sojourn_id == kept.sojourn_id
        assert [(each.itinerary_id, each.visit_date) for each in day.together.days] == links
        assert await days.mine.get(day.itinerary_id) == day
        beside = {p: other.trip.visit_date for other in kept.days if other != day
                  for p in visited(other)}  # fmt: skip
        assert beside.items() <= other_dates(day).items()
    assert [day.start.place_id for day in kept.days] == ["parking-city", *["akiyoshido-main"] * 2]
    assert kept.days[2].end.place_id == "parking-city"

    said = await days.mine.it.heard(days.mine.area, "itinerary_planned", 3)
    events = [own.ItineraryPlanned.FromString(message.data) for message in said]
    assert {event.sojourn_id for event in events} == {kept.sojourn_id}
    assert {event.itinerary_id for event in events} == {link for link, _ in links}
    assert not any(left.poi_id in every for event in events for left in event.left_out)


@pytest.mark.usefixtures("unhurried")
async def test_days_are_kept_though_there_is_no_time_for_a_second_look(
    days: Days, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[int] = []

    class Tired:
        def __next__(self) -> Any:
            raise PlannerBusy("all workers are taken")

    def tired(offered: Sequence[Any], *_more: Any) -> Any:
        looked.append(len(offered))
        return Tired()

    monkeypatch.setattr(use_case, "in_turn", tired)
    kept = await days.plan(asked())
    assert len(all_visited(kept)) >= 12
    assert looked == [3]
    assert all(day.search_stopped_early for day in kept.days)


@pytest.fixture
def unhurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each day by itself is searched to its end, however slow the machine is."""
    search = Solver.run

    async def run(solver: Solver, job: Job, limit_s: float) -> Outcome:
        found = await search(solver, job, limit_s)
        return replace(found, solution=replace(found.solution, stopped_early=False))

    monkeypatch.setattr(Solver, "run", run)


async def deal_late(_solver: Solver, asked: Deal, _limit_s: float) -> Dealt:
    return Dealt(tuple(() for _ in asked.days), stopped_early=True)


async def deal_not(_solver: Solver, _asked: Deal, _limit_s: float) -> Dealt:
    raise PlannerBusy("all workers are taken")


@pytest.mark.usefixtures("unhurried")
@pytest.mark.parametrize("deal", [deal_late, deal_not])
async def test_days_say_that_they_were_dealt_out_in_haste(
    days: Days, monkeypatch: pytest.MonkeyPatch, deal: Any
) -> None:
    """And are kept, one after another, where nobody had time to deal them out."""
    monkeypatch.setattr(Solver, "deal", deal)
    kept = await days.plan(asked())
    assert len(all_visited(kept)) >= 12
    assert all(day.search_stopped_early for day in kept.days)


async def test_no_day_brings_what_another_one_has(days: Days) -> None:
    kept = await days.plan(asked())
    first, second, third = kept.days
    # Another way into the cave might come in the place of one.
    wanted = next(p for p in visited(second) if not p.startswith("akiyoshido-"))
    refused = await change(days.mine, first, must_poi_ids=[wanted])
    [conflict] = refused.conflicts
    assert (conflict.kind, conflict.why_out) == (
        pb.CONFLICT_KIND_MUST_VISIT_IMPOSSIBLE, pb.WHY_OUT_ANOTHER_DAY,
    )  # fmt: skip
    assert wanted not in visited(refused)

    given = await change(days.mine, second, never_poi_ids=[wanted])
    now = (await days.get(kept.sojourn_id)).days
    assert wanted not in all_visited(await days.get(kept.sojourn_id))
    assert other_dates(now[2])[wanted] == ""  # nobody has it any more
    taken = await change(days.mine, third, must_poi_ids=[wanted])
    assert wanted in visited(taken)
    back = await undo(days.mine, given)  # the second day had it before
    assert wanted not in visited(back)
    assert other_dates(back)[wanted] == THIRD
    every = all_visited(await days.get(kept.sojourn_id))
    assert len(every) == len(set(every))

    with pytest.raises(grpc.aio.AioRpcError) as error:
        await change(days.mine, back, visit_date=THIRD)
    assert [name for name, _ in problem_of(error.value).fields] == ["visit_date"]


async def test_two_phones_cannot_bring_one_sight_to_two_days(days: Days) -> None:
    kept = await days.plan(asked(never_poi_ids=["taishodo"]))
    free = pb.TripRequest()
    calls = []
    for day in kept.days[:2]:
        free.CopyFrom(day.trip)
        del free.never_poi_ids[:]
        free.must_poi_ids.append("taishodo")
        calls.append(
            days.mine.visitor.ChangeItinerary(
                pb.ChangeItineraryRequest(
                    request_id=new_id(), itinerary_id=day.itinerary_id,
                    expected_version=day.version, trip=free,
                ),
                timeout=TIMEOUT_S,
            )
        )  # fmt: skip
    answers = await asyncio.gather(*calls, return_exceptions=True)
    every = all_visited(await days.get(kept.sojourn_id))
    assert every.count("taishodo") == 1
    refused = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert all(problem_of(each).reason == "VERSION_CONFLICT" for each in refused)


async def test_two_phones_cannot_bring_two_ways_into_one_cave(days: Days) -> None:
    listed = await days.mine.visitor.ListPois(pb.ListPoisRequest(page_size=500), timeout=TIMEOUT_S)
    every = [poi.record.poi_id for poi in listed.pois]
    kept = await days.plan(asked(never_poi_ids=every))
    assert all_visited(kept) == []
    calls = []
    for day, way_in in zip(kept.days, ("akiyoshido-main", "akiyoshido-kurotani"), strict=False):
        trip = pb.TripRequest()
        trip.CopyFrom(day.trip)
        trip.never_poi_ids.remove(way_in)
        calls.append(
            days.mine.visitor.ChangeItinerary(
                pb.ChangeItineraryRequest(
                    request_id=new_id(), itinerary_id=day.itinerary_id,
                    expected_version=day.version, trip=trip,
                ),
                timeout=TIMEOUT_S,
            )
        )  # fmt: skip
    answers = await asyncio.gather(*calls, return_exceptions=True)
    assert len(all_visited(await days.get(kept.sojourn_id))) == 1
    refused = [each for each in answers if isinstance(each, grpc.aio.AioRpcError)]
    assert all(problem_of(each).reason == "VERSION_CONFLICT" for each in refused)


async def test_what_cannot_be_read_changes_nothing(days: Days) -> None:
    lone, far, gone = asked(), asked(), asked()
    del lone.later_days[:]
    far.later_days[1].visit_date = "2028-12-30"
    gone.later_days[0].start.place_id = "nowhere"
    for request, field in (
        (lone, "later_days"), (far, "later_days[1].visit_date"), (gone, "later_days[0].start"),
    ):  # fmt: skip
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await days.plan(request)
        assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        assert field in {name for name, _ in problem_of(error.value).fields}
    for unknown in (new_id(), "no id"):
        with pytest.raises(grpc.aio.AioRpcError) as error:
            await days.get(unknown)
        assert error.value.code() is grpc.StatusCode.NOT_FOUND


async def test_a_must_visit_that_is_closed_on_all_days_is_one_conflict(days: Days) -> None:
    kept = await days.plan(asked(must_poi_ids=["suijin-park"]))  # in summer only
    [conflict] = [each for day in kept.days for each in day.conflicts]
    assert conflict.kind == pb.CONFLICT_KIND_ON_NO_DAY
    assert conflict.why_out == pb.WHY_OUT_CLOSED_THAT_DAY
    assert "WHY_OUT_CLOSED_THAT_DAY" in left_out(kept.days[0]).values()


async def test_a_day_is_not_moved_into_another_one(days: Days) -> None:
    kept = await days.plan(asked())
    first, second, _ = kept.days
    late = await change(days.mine, first, start_minute=18 * 60, end_minute=30 * 60)
    assert late.trip.end_minute == 30 * 60  # six in the morning
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await change(days.mine, second, start_minute=6 * 60 - 1)
    assert problem_of(error.value).reason == "DAYS_OVERLAP"
    assert error.value.code() is grpc.StatusCode.FAILED_PRECONDITION
    assert (await days.mine.get(second.itinerary_id)).version == second.version
    early = await change(days.mine, second, start_minute=6 * 60)
    shorter = await change(days.mine, late, end_minute=29 * 60)
    earlier = await change(days.mine, early, start_minute=5 * 60)
    assert (shorter.trip.end_minute, earlier.trip.start_minute) == (29 * 60, 5 * 60)
    with pytest.raises(grpc.aio.AioRpcError) as error:
        await change(days.mine, shorter, end_minute=29 * 60 + 1)
    assert problem_of(error.value).reason == "DAYS_OVERLAP"


async def test_two_phones_cannot_move_two_days_into_one_another(days: Days) -> None:
    kept = await days.plan(asked())
    first, second, _ = kept.days
    answers = await asyncio.gather(
        change(days.mine, first, start_minute=18 * 60, end_minute=30 * 60),
        change(days.mine, second, start_minute=5 * 60), return_exceptions=True,
    )  # fmt: skip
    assert sum(isinstance(each, pb.Itinerary) for each in answers) <= 1
    now = (await days.get(kept.sojourn_id)).days
    assert now[0].trip.end_minute - 24 * 60 <= now[1].trip.start_minute
