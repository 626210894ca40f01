"""The judge of answered plans agrees with plans as they are, and names what is wrong."""

from collections.abc import Callable
from datetime import UTC, datetime
from random import Random

import pytest

from bench.hostile.plans import Findings
from bench.hostile.wishes import SPOILERS, hostile_trip
from bench.itinerary import areas
from bench.itinerary.plan_judge import Judge, essence
from bench.itinerary.service import _answer, _timed
from kit.pure.errors import InvalidFields
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary.app.itineraries import Read
from services.itinerary.domain.day_search import run
from services.itinerary.domain.place import KnownPoint, Place, Point, PointQuality
from services.itinerary.domain.plan import Itinerary
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.trip import check_trip
from services.itinerary.wire.itineraries import itinerary_message
from services.itinerary.wire.pois import poi_of
from services.itinerary.wire.trips import trip_of
from tests.unit.itinerary.bus_samples import network, stop_at, with_bus

NOW = datetime(2026, 11, 1, tzinfo=UTC)
AREA = areas.pleasant("a", 8)
TRIP = pb.TripRequest(
    visit_date="2026-11-21", start=areas.point(0, 0), end=areas.point(1, 1), start_minute=540,
    end_minute=1080, mode=pb.TRAVEL_MODE_CAR, party=pb.Party(adult_count=2), seed=3,
)  # fmt: skip


def planned(made: areas.MadeArea, trip: pb.TripRequest) -> pb.Itinerary:
    """Plans as the service does, without its processes."""
    wishes = trip_of(trip)
    check_trip(wishes)
    read = [poi_of(row, record) for row, record in enumerate(made.pois, 1)]
    pois = [poi for poi in read if isinstance(poi, Poi)]
    known = Catalog(
        "Asia/Tokyo", {poi.poi_id: poi for poi in pois},
        {each.place_id: placed(each) for each in made.places}, [],
    )  # fmt: skip
    known = with_bus(known, network([stop_at("station")], []), wishes.visit_date)
    prepared = prepare(known, wishes)
    job = job_of(prepared)
    plan = build_plan(known, prepared, run(job) if job else None)
    return itinerary_message(Read(Itinerary("i", 1, plan, NOW), ()))


def placed(place: directory.Place) -> Place:
    name = directory.CoordinateQuality.Name(place.coordinate_quality)
    quality = PointQuality(name.removeprefix("COORDINATE_QUALITY_").lower())
    location = KnownPoint(Point(place.latitude, place.longitude), quality, place.error_m)
    return Place(place.place_id, dict(place.names), location, 1)


def test_plans_of_the_planner_break_no_rule() -> None:
    random, judged = Random(4), 0
    for number in range(4):
        made = areas.careless("a", number, 8, 8)
        judge = Judge(made, ())
        for _ in range(8):
            trip = hostile_trip(random, made)
            try:
                plan = planned(made, trip)
            except (InvalidFields, KeyError):  # KeyError: no such POI, which the use case refuses
                continue
            assert judge.faults(trip, plan) == []
            judged += 1
    assert judged > 16


def visit(plan: pb.Itinerary) -> pb.PlannedVisit:
    return plan.visits[0]


def shorten(plan: pb.Itinerary) -> None:
    visit(plan).end_time.seconds = visit(plan).start_time.seconds


def at_night(plan: pb.Itinerary) -> None:
    for moment in (visit(plan).start_time, visit(plan).end_time):
        moment.seconds += 12 * 3600


def hurry(plan: pb.Itinerary) -> None:
    plan.legs[0].depart_time.seconds = plan.legs[0].arrive_time.seconds


def overstay(plan: pb.Itinerary) -> None:
    plan.legs[-1].arrive_time.seconds += 24 * 3600


def forget(plan: pb.Itinerary) -> None:
    del plan.left_out[:1]


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (shorten, "a stay of 0"), (at_night, "closed from"), (hurry, "too short"),
        (overstay, "after the end"), (forget, "neither in nor out"),
        (lambda plan: setattr(visit(plan), "fee_amount_yen", 7), "fees"),
        (lambda plan: setattr(plan, "status", pb.ITINERARY_STATUS_CONFLICT), "status"),
        (lambda plan: setattr(visit(plan), "slack_minutes", -1), "meet"),
        (lambda plan: setattr(plan.left_out[0], "why", 0), "without a reason"),
        (lambda plan: plan.legs.pop(), "match"),
        (lambda plan: plan.legs.__delitem__(slice(None)), "without legs"),
        (lambda plan: plan.conflicts.add(), "says nothing"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(spoil: Callable[[pb.Itinerary], None], word: str) -> None:
    plan = planned(AREA, TRIP)
    assert plan.visits
    assert plan.left_out
    assert Judge(AREA, ()).faults(TRIP, plan) == []
    spoil(plan)
    assert any(word in fault for fault in Judge(AREA, ()).faults(TRIP, plan))


def test_wishes_and_closures_are_held_against_a_plan() -> None:
    plan = planned(AREA, TRIP)
    first = visit(plan).poi_id
    never = pb.TripRequest()
    never.CopyFrom(TRIP)
    never.never_poi_ids.append(first)
    never.must_poi_ids.append(plan.left_out[0].poi_id)
    never.budget_amount_yen = 0
    said = " ".join(Judge(AREA, ()).faults(never, plan))
    assert f"{first} was never asked for" in said
    assert f"{plan.left_out[0].poi_id} is missing" in said
    shut = directory.ClosePlaceRequest(place_id=first)
    shut.from_time.FromDatetime(NOW)
    assert f"{first}: shut by a closure" in Judge(AREA, [shut]).faults(TRIP, plan)
    shut.until_time.FromDatetime(NOW)
    assert Judge(AREA, [shut]).faults(TRIP, plan) == []


def test_equal_plans_are_equal_but_for_their_names() -> None:
    one, other = planned(AREA, TRIP), planned(AREA, TRIP)
    other.itinerary_id = "another"
    assert essence(one) == essence(other)
    other.total_score += 1
    assert essence(one) != essence(other)


def test_every_spoiler_spoils() -> None:
    for spoil in SPOILERS:
        changed = 0
        for seed in range(10):
            trip = pb.TripRequest()
            trip.CopyFrom(TRIP)
            spoil(Random(seed), trip)
            changed += trip.SerializeToString() != TRIP.SerializeToString()
        assert changed > 5, spoil


def test_findings_are_counted_and_told() -> None:
    said: list[str] = []
    found = Findings(said.append)
    found.counts["asked"] += 1
    found.add("findings", "it broke")
    answer = found.answer()
    assert answer["ratios"] == {"findings": 1.0, "plans_that_differ": 0.0}
    assert answer["limits"]["findings"] == "<= 0.0: does not hold"
    assert answer["figures"]["asked"] == 1
    assert answer["faults"] == said == ["it broke"]


def test_times_of_plans_are_held_against_the_limits() -> None:
    times, answers = _timed(lambda number: number * 2, 9)
    assert (len(times), answers) == (9, [0, 2, 4, 6, 8, 10, 12, 14, 16])
    assert times == sorted(times)
    plan = pb.Itinerary(visits=[pb.PlannedVisit()])
    answer = _answer([20.0] * 99 + [240.0], [10.0] * 100, [plan] * 100, 4.0, 2.0)
    assert answer["ratios"]["car_p50_over_40_ms"] == 0.5
    assert answer["limits"]["car_p99_over_120_ms"].endswith("does not hold")
    assert answer["ratios"]["plans_a_core_second_over_20"] == 1.25
    assert answer["figures"]["car_plans_a_second"] == 50
