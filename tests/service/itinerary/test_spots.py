"""Counts of kept plans, capacities, recommendations and sensors, with a real database."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.db import Database
from meguri.itinerary.v1 import itinerary_events_pb2 as events_pb
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import spot_service_pb2 as spot_pb
from meguri.itinerary.v1.spot_service_pb2_grpc import SpotServiceStub
from meguri.visitor_sense.v1 import visitor_sense_events_pb2 as sense_events
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as sense
from services.itinerary import events
from services.itinerary.cli import read_pois
from services.itinerary.main import build
from services.itinerary.store import areas
from services.itinerary.store import spots as store
from tests import harness
from tests.service.itinerary.conftest import (
    MINE,
    TIMEOUT_S,
    Mine,
    area,
    mine,
    new_id,
    until,
)
from tests.service.itinerary.test_planning import change, stamp, undo
from tests.service.itinerary.test_sojourns import Days
from tests.service.itinerary.test_sojourns import asked as days_asked

__all__ = ["area", "mine"]

CAVE = "akiyoshido-main"
# Still to come, so that nothing of a kept day has begun, and soon, so that its plans count.
DAY = date.today() + timedelta(days=7)  # noqa: DTZ011 - a week off, in whatever zone
FEW = {CAVE, "benten-pond", "shotengai", "kaerimizu", "event-yamayaki"}
OTHERS = [each.poi_id for each in read_pois(MINE / "pois.csv") if each.poi_id not in FEW]
PARTY = pb.Party(adult_count=20)
AUTUMN = pb.Promotion(
    percent=20, first_date="2026-11-01", last_date="2026-11-30", reason={"ja": "紅葉が見ごろ"}
)


def spots(mine: Mine, role: Role = Role.EDITOR) -> Any:
    return SpotServiceStub(mine.it.channel(mine.area, role))


async def save(
    mine: Mine, poi_id: str, version: int = 0, *, request_id: str = "", **settings: Any
) -> int:
    request = spot_pb.SaveSpotSettingsRequest(
        request_id=request_id or new_id(), poi_id=poi_id, expected_version=version,
        settings=pb.SpotSettings(**settings),
    )  # fmt: skip
    answer = await spots(mine).SaveSpotSettings(request, timeout=TIMEOUT_S)
    kept: int = answer.version
    return kept


async def listed(mine: Mine, month: str = "") -> spot_pb.ListSpotsResponse:
    answer: spot_pb.ListSpotsResponse = await spots(mine).ListSpots(
        spot_pb.ListSpotsRequest(month=month), timeout=TIMEOUT_S
    )
    return answer


async def spot(mine: Mine, poi_id: str) -> spot_pb.Spot:
    return next(each for each in (await listed(mine)).spots if each.poi_id == poi_id)


async def reason(call: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    return problem_of(refused.value).reason


async def plan(mine: Mine, **wishes: Any) -> pb.Itinerary:
    """Plans a day of few sights, so that it is proven best and no clock has a part in it."""
    few = {
        "visit_date": str(DAY), "must_poi_ids": [CAVE], "party": PARTY, "never_poi_ids": OTHERS,
        "lunch": pb.LunchWish(none=True),
    }  # fmt: skip
    return await mine.plan(**few | wishes)


def begin(plan: pb.Itinerary, poi_id: str) -> int:
    return next(v.start_time.seconds for v in plan.visits if v.poi_id == poi_id)


def crowd(plan: pb.Itinerary, poi_id: str) -> str:
    level = next(v.crowd.level for v in plan.visits if v.poi_id == poi_id)
    return pb.CrowdLevel.Name(level).removeprefix("CROWD_LEVEL_")


@pytest.fixture
def address(service_database: Callable[[str], str]) -> str:
    return service_database("itinerary")


@pytest.fixture
async def service(address: str, nats_url: str) -> AsyncIterator[harness.Running]:
    async with harness.running("itinerary", events.ENCODERS, build, address, nats_url) as it:
        yield it


@pytest.fixture
async def database(address: str) -> AsyncIterator[Database]:
    """What the service has written."""
    opened = Database(address)
    await opened.open()
    yield opened
    await opened.close()


async def rows(database: Database, mine: Mine, sql: str) -> list[Any]:
    async with database.read(mine.area) as tx:
        return await tx.fetch_all(sql, (mine.area,))


async def test_settings_are_kept_told_and_taken_back(mine: Mine) -> None:
    first = new_id()
    assert await save(mine, CAVE, request_id=first, capacity=150) == 1
    assert await save(mine, CAVE, request_id=first, capacity=150) == 1, "a repeat"
    assert await save(mine, CAVE, 77, capacity=150) == 1, "equal settings change nothing"
    assert await reason(save(mine, CAVE, 0, capacity=90)) == "VERSION_CONFLICT"
    assert await save(mine, CAVE, 1, capacity=150, promotion=AUTUMN) == 2
    told = await spot(mine, CAVE)
    assert told.settings == pb.SpotSettings(capacity=150, promotion=AUTUMN)
    assert (told.settings_version, told.undoable) == (2, True)

    undo = spot_pb.UndoSpotSettingsRequest(request_id=new_id(), poi_id=CAVE, expected_version=2)
    await spots(mine).UndoSpotSettings(undo, timeout=TIMEOUT_S)
    await spots(mine).UndoSpotSettings(undo, timeout=TIMEOUT_S)
    assert (await spot(mine, CAVE)).settings == pb.SpotSettings(capacity=150)
    undo = spot_pb.UndoSpotSettingsRequest(request_id=new_id(), poi_id=CAVE, expected_version=3)
    await spots(mine).UndoSpotSettings(undo, timeout=TIMEOUT_S)
    pois = await mine.visitor.ListPois(pb.ListPoisRequest(), timeout=TIMEOUT_S)
    open_to_all = {poi.record.poi_id: poi.settings for poi in pois.pois}
    assert open_to_all[CAVE].promotion == AUTUMN
    assert open_to_all["karstar"] == pb.SpotSettings()

    said = await mine.it.heard(mine.area, "spot_settings_changed", 4)
    bodies = [events_pb.SpotSettingsChanged.FromString(each.data) for each in said]
    assert [body.settings.HasField("promotion") for body in bodies] == [False, True, False, True]
    assert {body.poi_id for body in bodies} == {CAVE}


async def test_settings_out_of_bounds_or_by_others_change_nothing(
    mine: Mine, database: Database
) -> None:
    assert await reason(save(mine, CAVE, capacity=9)) == "INVALID_FIELDS"
    far = pb.Promotion(percent=21, first_date="2026-11-01", last_date="2026-11-30",
                       reason={"ja": "理由"})  # fmt: skip
    assert await reason(save(mine, CAVE, promotion=far)) == "INVALID_FIELDS"
    assert await reason(save(mine, "nowhere", capacity=90)) == "NOT_FOUND"
    undo = spot_pb.UndoSpotSettingsRequest(request_id=new_id(), poi_id=CAVE)
    assert await reason(spots(mine).UndoSpotSettings(undo, timeout=TIMEOUT_S)) == "NOT_FOUND"
    for role in (Role.VISITOR, Role.CLERK, Role.ANALYST):
        request = spot_pb.ListSpotsRequest()
        asked = spots(mine, role).ListSpots(request, timeout=TIMEOUT_S)
        assert await reason(asked) == "NOT_ALLOWED"
    assert await reason(listed(mine, "2026-13")) == "INVALID_FIELDS"
    assert await rows(database, mine, "select * from spot_settings where area = %s") == []


async def test_later_parties_are_led_around_the_earlier_ones(mine: Mine) -> None:
    plain = await plan(mine)
    await save(mine, CAVE, capacity=30)
    second = await plan(mine)
    early, late = sorted((begin(plain, CAVE), begin(second, CAVE)))
    stay = next(v.end_time.seconds - v.start_time.seconds for v in plain.visits
                if v.poi_id == CAVE)  # fmt: skip
    assert late - early >= stay - 1800
    assert crowd(second, CAVE) == "QUIETER_TIME"
    assert crowd(plain, CAVE) == "UNSPECIFIED"
    other_day = await plan(mine, visit_date=str(DAY + timedelta(days=1)))
    assert crowd(other_day, CAVE) == "UNSPECIFIED", "nobody is there on that day"
    again = await plan(mine, visit_date=str(DAY + timedelta(days=2)))
    repeated = await plan(mine, visit_date=str(DAY + timedelta(days=2)), seed=0)
    assert begin(again, CAVE) != begin(repeated, CAVE), "the first of both is in the second's way"


async def test_a_kept_day_is_not_in_its_own_way(mine: Mine, database: Database) -> None:
    await save(mine, CAVE, capacity=30)
    kept = await plan(mine)
    wished = pb.TripRequest()
    wished.CopyFrom(kept.trip)
    changed = await mine.visitor.ChangeItinerary(
        pb.ChangeItineraryRequest(
            request_id=new_id(), itinerary_id=kept.itinerary_id, expected_version=1, trip=wished,
            anew=True,
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip
    assert begin(changed.itinerary, CAVE) == begin(kept, CAVE)
    counted = await rows(
        database, mine,
        "select sum(people)::integer as n from headcounts where area = %s"
        " and poi_id = 'akiyoshido-main' group by slot",
    )  # fmt: skip
    assert {row["n"] for row in counted} == {20}, "a changed plan counts once"
    leave = pb.TripRequest()
    leave.CopyFrom(wished)
    leave.must_poi_ids.remove(CAVE)
    leave.never_poi_ids.append(CAVE)
    await mine.visitor.ChangeItinerary(
        pb.ChangeItineraryRequest(
            request_id=new_id(), itinerary_id=kept.itinerary_id, expected_version=2, trip=leave
        ),
        timeout=TIMEOUT_S,
    )
    counted = await rows(database, mine, "select people from headcounts where area = %s"
                               " and poi_id = 'akiyoshido-main'")  # fmt: skip
    assert {row["people"] for row in counted} == {0}


async def test_plans_given_up_and_repeats_count_no_longer(mine: Mine, database: Database) -> None:
    await save(mine, CAVE, capacity=30)
    request = pb.PlanItineraryRequest(
        request_id=new_id(),
        trip=pb.TripRequest(
            visit_date=str(DAY), start=pb.Location(place_id="parking-city"), start_minute=540,
            end_minute=1020, mode=pb.TRAVEL_MODE_CAR, party=PARTY, must_poi_ids=[CAVE],
            never_poi_ids=OTHERS, lunch=pb.LunchWish(none=True),
        ),
    )  # fmt: skip
    first = await mine.visitor.PlanItinerary(request, timeout=TIMEOUT_S)
    await mine.visitor.PlanItinerary(request, timeout=TIMEOUT_S)
    people = await rows(database, mine, "select max(people) as n from headcounts where area = %s")
    assert people[0]["n"] == 20
    async with database.transaction(mine.area) as tx:
        await tx.execute(
            "update headcounts set touched_date = visit_date - 15 where area = %s", (mine.area,)
        )
    fresh = await plan(mine)
    assert begin(fresh, CAVE) == begin(first.itinerary, CAVE)


async def test_many_plans_at_once_are_all_counted(mine: Mine, database: Database) -> None:
    one = pb.Party(adult_count=1)
    plans = await asyncio.gather(*(plan(mine, party=one, seed=seed) for seed in range(12)))
    shown = await rows(database, mine, "select plans from spot_days where area = %s"
                             " and poi_id = 'akiyoshido-main' and kind = 'shown'")  # fmt: skip
    assert [row["plans"] for row in shown] == [len(plans)]
    people = await rows(
        database, mine,
        "select sum(people)::integer as n from headcounts where area = %s"
        " and poi_id = 'akiyoshido-main'",
    )  # fmt: skip
    visits = [visit for plan in plans for visit in plan.visits if visit.poi_id == CAVE]
    halves = [range(v.start_time.seconds // 1800, -(-v.end_time.seconds // 1800)) for v in visits]
    assert people[0]["n"] == sum(map(len, halves))


async def test_days_planned_together_are_one_plan(mine: Mine, database: Database) -> None:
    """Else three parties of four days would be told as twelve."""
    wanted = "taishodo"
    kept = await Days(mine).plan(days_asked(never_poi_ids=[CAVE], must_poi_ids=[wanted]))
    sums = "select poi_id, kind, plans from spot_days where area = %s and plans <> 0"

    async def counted() -> dict[tuple[str, str], int]:
        return {(r["poi_id"], r["kind"]): r["plans"] for r in await rows(database, mine, sums)}

    first = await counted()
    assert set(first.values()) == {1}
    assert {("", "plans"), (CAVE, "never"), (wanted, "asked")} <= set(first)
    shown = {visit.poi_id for day in kept.days for visit in day.visits}
    assert shown == {poi_id for poi_id, kind in first if kind == "shown"}
    assert not shown & {poi_id for poi_id, kind in first if kind.startswith("out:")}
    for day in kept.days:  # changed and back again: nothing is counted twice or taken off twice
        changed = await change(mine, day, less_poi_ids=[wanted], pace=pb.PACE_QUICK)
        await undo(mine, changed)
    assert await counted() == first


async def test_counts_are_told_from_the_next_day_and_small_ones_withheld(
    mine: Mine, database: Database
) -> None:
    await plan(mine)
    await plan(mine, must_poi_ids=[], never_poi_ids=[*OTHERS, CAVE])
    async with database.transaction(mine.area) as tx:
        await tx.execute("update spot_days set plans = plans * 12 where area = %s", (mine.area,))
    today = await listed(mine)
    assert not today.HasField("plan_count")
    assert all(not each.HasField("shown_count") for each in today.spots)

    async with database.transaction(mine.area) as tx:
        await tx.execute(
            "update spot_days set plan_date = '2026-05-03' where area = %s", (mine.area,)
        )
    told = await listed(mine, "2026-05")
    assert (told.plan_count, told.suppression_k, list(told.months)) == (20, 10, ["2026-05"])
    by_id = {each.poi_id: each for each in told.spots}
    cave = by_id[CAVE]
    assert (cave.shown_count, cave.asked_count, cave.never_count) == (10, 10, 10)
    assert [(out.why, out.plan_count) for out in cave.left_out] == [
        (pb.WHY_OUT_NEVER_ASKED_FOR, 10)
    ]  # fmt: skip
    shut = by_id["event-yamayaki"].left_out
    assert [(out.why, out.plan_count) for out in shut] == [(pb.WHY_OUT_NOT_HELD_THAT_DAY, 20)]
    assert "parking-city" not in by_id
    assert by_id["kaerimizu"].hidden_spot

    async with database.transaction(mine.area) as tx:
        await tx.execute("update spot_days set plans = 9 where area = %s", (mine.area,))
    few = await listed(mine, "2026-05")
    assert not few.HasField("plan_count")
    assert not any(s.HasField("shown_count") or s.left_out for s in few.spots)


async def test_a_sensor_that_sees_a_crowd_moves_plans_of_today(
    mine: Mine, database: Database
) -> None:
    now = datetime.now(UTC)
    zone = ZoneInfo("Asia/Tokyo")
    kept = await plan(
        mine, visit_date=now.astimezone(zone).date().isoformat(), start_minute=0, end_minute=1439,
        must_poi_ids=["benten-pond"],
    )  # fmt: skip

    async def level(zone_id: str, level: Any, at: datetime) -> None:
        body = sense_events.OccupancyLevelChanged(
            zone_id=zone_id, place_id="benten-pond", level=level, as_of_time=stamp(at)
        )
        await mine.it.say(mine.area, "visitor_sense", "occupancy_level_changed", body,
                          aggregate_id=zone_id, version=1)  # fmt: skip

    await level("hill", sense.OCCUPANCY_LEVEL_CROWDED, now - timedelta(minutes=1))
    await level("late", sense.OCCUPANCY_LEVEL_QUIET, now - timedelta(minutes=2))

    await until(lambda: _count(database, mine, 2))
    await level("hill", sense.OCCUPANCY_LEVEL_QUIET, now - timedelta(hours=2))
    await level("more", sense.OCCUPANCY_LEVEL_UNKNOWN, now)
    await until(lambda: _count(database, mine, 3))
    found = await rows(
        database, mine, "select level from zone_levels where area = %s and zone_id = 'hill'"
    )
    assert found[0]["level"] == "crowded", "what is older says nothing of now"
    visit = next(v for v in (await mine.get(kept.itinerary_id)).visits
                 if v.poi_id == "benten-pond")  # fmt: skip
    soon = visit.start_time.seconds - 90 * 60 < now.timestamp() < visit.end_time.seconds
    assert (visit.crowd.level == pb.CROWD_LEVEL_BUSY_NOW) == soon


async def _count(database: Database, mine: Mine, wanted: int) -> bool:
    return len(await rows(database, mine, "select 1 from zone_levels where area = %s")) == wanted


async def test_an_area_that_is_dropped_in_the_morning_keeps_no_sum_of_that_day(
    mine: Mine, database: Database
) -> None:
    """In Tokyo the day has begun, while the drop is told of the evening before in Greenwich."""
    said, today = datetime(2026, 11, 29, 23, 58, tzinfo=UTC), date(2026, 11, 30)
    later = today + timedelta(days=1)
    async with database.transaction(mine.area) as tx:
        for day in (today, later):
            await store.add_people(tx, {store.HeadcountKey(later, CAVE, 20, day): 2})
            await store.add_plans(tx, {store.SpotKey(day, CAVE, "shown"): 1})
        await areas.wipe(tx, said)
    people = await rows(database, mine, "select touched_date from headcounts where area = %s")
    plans = await rows(database, mine, "select plan_date from spot_days where area = %s")
    assert (people, plans) == ([{"touched_date": later}], [{"plan_date": later}])
