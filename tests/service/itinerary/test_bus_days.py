"""A day by bus through the real doors: lines kept by hand, walks somebody knows, the way home."""

from typing import Any

import pytest

from kit.auth import Role
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2 as tt
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from tests.service.itinerary.conftest import TIMEOUT_S, Mine, left_out, new_id, until, visited
from tests.service.itinerary.test_planning import close

OUT, BACK = "shinyamaguchi-akiyoshido", "akiyoshido-shinyamaguchi"
STATION, CENTER = "st-shin-yamaguchi", "bus-center"
CONFIRMED = tt.Confirmation(
    confirmed_by="佐藤、電話で", confirmed_date="2026-11-02", until_date="2027-03-31"
)


def line(timetable_id: str, *runs: tuple[int, int], **more: Any) -> tt.Line:
    stops = [(STATION, "新山口駅"), (CENTER, "秋芳洞")]
    if timetable_id == BACK:
        stops.reverse()
    return tt.Line(
        timetable_id=timetable_id, names={"ja": "新山口秋芳洞線", "en": "Akiyoshi-do line"},
        operator="防長交通", phone="0835-00-0000", source="test",
        stops=[tt.LineStop(stop_id=f"s-{place}", names={"ja": name}, place_id=place)
               for place, name in stops],
        runs=[
            tt.LineRun(run_id=f"r{number}", minutes=minutes, confirmation=CONFIRMED,
                       days=tt.RunDays(weekdays=range(1, 8)))
            for number, minutes in enumerate(runs)
        ],
        fares=[tt.LineFare(from_stop_id=f"s-{STATION}", to_stop_id=f"s-{CENTER}",
                           amount_yen=1170)],
        **more,
    )  # fmt: skip


@pytest.fixture
def timetables(mine: Mine) -> Any:
    return TimetableServiceStub(mine.it.channel(mine.area, Role.EDITOR))


async def keep(timetables: Any, kept: tt.Line, version: int = 0) -> int:
    request = tt.SaveLineRequest(request_id=new_id(), line=kept, expected_version=version)
    answer = await timetables.SaveLine(request, timeout=TIMEOUT_S)
    return int(answer.summary.version)


async def walks(timetables: Any, *known: tuple[str, str, int]) -> None:
    await timetables.SaveWays(
        tt.SaveWaysRequest(
            request_id=new_id(),
            walks=[tt.KnownWalk(from_place_id=one, to_place_id=other, minutes=minutes,
                                source="test") for one, other, minutes in known],
            taxis=[tt.Taxi(names={"ja": "秋吉タクシー"}, phone="0837-00-0000", source="test",
                           first_amount_yen=620, first_m=1200, step_amount_yen=80, step_m=250)],
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip


async def by_bus(mine: Mine, **wishes: Any) -> pb.Itinerary:
    station = pb.Location(place_id=STATION)
    return await mine.plan(**{"mode": pb.TRAVEL_MODE_BUS, "start": station, **wishes})


async def test_from_the_station_to_the_cave_and_home_by_kept_lines(
    mine: Mine, timetables: Any
) -> None:
    await keep(timetables, line(OUT, (560, 600), (700, 740)))
    await keep(timetables, line(BACK, (840, 880), (960, 1000)))
    await walks(timetables, (CENTER, "akiyoshido-main", 8))
    plan = await by_bus(mine)
    assert plan.status == pb.ITINERARY_STATUS_PLANNED
    assert "akiyoshido-main" in visited(plan)
    first = plan.legs[0]
    assert [ride.timetable_id for ride in first.rides] == [OUT]
    assert first.rides[0].basis == pb.TIME_BASIS_CONFIRMED
    assert first.rides[0].as_of == "2026-11-02"
    assert first.rides[0].fare_amount_yen == 1170
    assert first.rides[0].phone == "0835-00-0000"
    assert plan.legs[-1].rides[0].timetable_id == BACK
    assert plan.plan_b.taxis[0].phone == "0837-00-0000"
    assert plan.plan_b.taxi_distance_m > 15_000
    assert await mine.get(plan.itinerary_id) == plan
    assert "WHY_OUT_NO_BUS" in left_out(plan).values()


async def test_a_line_that_is_suspended_takes_nobody_anywhere(mine: Mine, timetables: Any) -> None:
    await keep(timetables, line(OUT, (560, 600)))
    version = await keep(timetables, line(BACK, (960, 1000)))
    await walks(timetables, (CENTER, "akiyoshido-main", 8))
    assert "akiyoshido-main" in visited(await by_bus(mine))
    await keep(timetables, line(BACK, (960, 1000), suspended=True), version)
    stuck = await by_bus(mine)
    assert "akiyoshido-main" not in visited(stuck)
    assert left_out(stuck)["akiyoshido-main"] == "WHY_OUT_NO_BUS"


async def test_the_end_without_a_bus_is_a_conflict(mine: Mine, timetables: Any) -> None:
    await keep(timetables, line(OUT, (560, 600)))
    plan = await by_bus(mine, end=pb.Location(place_id="st-mine"))
    assert [conflict.kind for conflict in plan.conflicts] == [pb.CONFLICT_KIND_NO_BUS]
    assert not plan.legs


async def test_a_closure_repairs_a_day_by_bus_and_keeps_the_way_home(
    mine: Mine, timetables: Any
) -> None:
    await keep(timetables, line(OUT, (560, 600)))
    await keep(timetables, line(BACK, (960, 1000)))
    await walks(timetables, (CENTER, "akiyoshido-main", 8), (CENTER, "shotengai", 3))
    # The clock of the service is the real one: a day long ahead has not begun.
    before = await by_bus(mine, visit_date="2028-11-18")
    assert "akiyoshido-main" in visited(before)
    await close(mine, "akiyoshido-main")

    async def marked() -> Any:
        return (await mine.get(before.itinerary_id)).effects

    await until(marked)
    request = pb.RepairItineraryRequest(request_id=new_id(), itinerary_id=before.itinerary_id)
    fresh = (await mine.visitor.RepairItinerary(request, timeout=TIMEOUT_S)).itinerary
    assert "akiyoshido-main" not in visited(fresh)
    assert fresh.legs[-1].rides[0].timetable_id == BACK
    assert fresh.HasField("plan_b")
