"""The judges of lunches, walks and several days agree with days as they are, and name what is
wrong."""

from collections.abc import Callable
from random import Random

import pytest

from bench.hostile.wishes import DAY_SPOILERS, hostile_days
from bench.itinerary import areas, day_judge, sojourn_judge
from bench.itinerary.plan_judge import Judge
from kit.pure.errors import InvalidFields
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2 as sojourn_pb
from services.itinerary.app.itineraries import Read
from services.itinerary.domain.away import OtherDay, Together
from services.itinerary.domain.plan import Itinerary
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.sojourn import check_days
from services.itinerary.wire.itineraries import itinerary_message
from services.itinerary.wire.pois import poi_of
from services.itinerary.wire.trips import days_of
from tests.unit.bench.test_plan_judge import AREA, NOW, TRIP, placed, planned
from tests.unit.itinerary.bus_samples import network, stop_at, with_bus
from tests.unit.itinerary.plans import plan_days

INN = areas.point(1, 1)
ASKED = sojourn_pb.PlanSojournRequest(
    trip=TRIP,
    later_days=[
        sojourn_pb.LaterDay(visit_date=f"2026-11-2{n}", start=INN, start_minute=540, end_minute=720)
        for n in (2, 3)
    ],
)


def kept_days(made: areas.MadeArea, asked: sojourn_pb.PlanSojournRequest) -> sojourn_pb.Sojourn:
    """Plans as the service does, without its processes."""
    trips = days_of(asked)
    check_days(trips)
    read = [poi_of(row, record) for row, record in enumerate(made.pois, 1)]
    pois = {poi.poi_id: poi for poi in read if isinstance(poi, Poi)}
    places = {each.place_id: placed(each) for each in made.places}
    known = Catalog("Asia/Tokyo", pois, places, [])
    none = network([stop_at("station")], [])
    plans = plan_days([(with_bus(known, none, trip.visit_date), trip) for trip in trips])
    together = Together("all", tuple(
        OtherDay(plan.trip.visit_date, (), f"day{n}") for n, plan in enumerate(plans)
    ))  # fmt: skip
    return sojourn_pb.Sojourn(sojourn_id="all", days=[
        itinerary_message(Read(Itinerary(f"day{n}", 1, plan, NOW), (), together=together))
        for n, plan in enumerate(plans)
    ])  # fmt: skip


def test_days_of_the_planner_break_no_rule() -> None:
    random, judged, days = Random(7), 0, 0
    for number in range(4):
        made = areas.careless("a", number, 10, 10)
        for _ in range(12):
            asked = hostile_days(random, made)
            try:
                kept = kept_days(made, asked)
            except (InvalidFields, KeyError):  # KeyError: no such POI, which the use case refuses
                continue
            assert sojourn_judge.faults(Judge(made, ()), asked, kept) == []
            judged += 1
            days += sum(bool(day.visits) for day in kept.days)
    assert judged > 8
    assert days > 8


def a_sight_twice(kept: sojourn_pb.Sojourn) -> None:
    kept.days[1].visits.add().CopyFrom(kept.days[0].visits[0])


def a_wrong_date(kept: sojourn_pb.Sojourn) -> None:
    left = next(each for each in kept.days[1].left_out if each.other_date)
    left.other_date = kept.days[1].trip.visit_date


def silent(kept: sojourn_pb.Sojourn) -> None:
    for left in kept.days[1].left_out:
        left.why, left.other_date = pb.WHY_OUT_NOT_WORTH_THE_WAY, ""


@pytest.mark.parametrize(
    ("spoil", "word"),
    [
        (a_sight_twice, "on two days"), (a_wrong_date, "is said to be on"),
        (silent, "nothing said of it"),
        (lambda kept: kept.days.pop(), "other days than asked for"),
        (lambda kept: kept.days[0].together.days.pop(), "does not know the others"),
        (lambda kept: kept.days[1].trip.must_poi_ids.append("p0"), "are asked of days as"),
        (lambda kept: setattr(kept.days[1].trip, "end_minute", 1), "at other times"),
        (lambda kept: kept.days[1].trip.end.CopyFrom(pb.Location(place_id="x")), "elsewhere"),
        (lambda kept: kept.days[2].trip.never_poi_ids.append("p0"), "forgotten"),
        (lambda kept: setattr(kept.days[2].left_out[0], "why", 0), "day 3: a POI is left out"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_days_is_named(
    spoil: Callable[[sojourn_pb.Sojourn], None], word: str
) -> None:
    kept = kept_days(AREA, ASKED)
    assert all(day.visits for day in kept.days[:2])
    assert sojourn_judge.faults(Judge(AREA, ()), ASKED, kept) == []
    spoil(kept)
    assert any(word in fault for fault in sojourn_judge.faults(Judge(AREA, ()), ASKED, kept))


def wished(**more: object) -> pb.TripRequest:
    trip = pb.TripRequest()
    trip.CopyFrom(TRIP)
    trip.MergeFrom(pb.TripRequest(**more))  # type: ignore[arg-type] # fields of it
    return trip


def eaten(plan: pb.Itinerary) -> pb.PlannedVisit:
    number = day_judge.eaten_at(plan)
    assert number is not None
    return plan.visits[number]


EVER = pb.LunchWish(from_minute=540, until_minute=1080)
LATE = pb.LunchWish(from_minute=900, until_minute=960)


def as_it_is(_plan: pb.Itinerary) -> None:
    pass


def without_lunch(plan: pb.Itinerary) -> None:
    visit = eaten(plan)
    visit.pause_minutes = 0
    del visit.reasons[:]


def told_without(plan: pb.Itinerary) -> None:
    without_lunch(plan)
    plan.status = pb.ITINERARY_STATUS_CONFLICT
    plan.conflicts.add(kind=pb.CONFLICT_KIND_NO_LUNCH)


@pytest.mark.parametrize(
    ("spoil", "wish", "word"),
    [
        (without_lunch, {}, "nothing said of it"),
        (told_without, {"lunch": EVER}, "there is time"),
        (as_it_is, {"lunch": pb.LunchWish(none=True)}, "nobody asked for"),
        (as_it_is, {"lunch": LATE}, "lunch from"),
        (lambda plan: setattr(plan.visits[-1], "pause_minutes", 40), {}, "more than one lunch"),
        (lambda plan: setattr(eaten(plan), "pause_minutes", 90), {}, "a break of 90"),
        (as_it_is, {"visit_wishes": [pb.VisitWish(poi_id="p0", start_minute=1)]},
         "p0: at"),
        (as_it_is, {"ease": pb.EASE_WHEELCHAIR}, "no wheelchair"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_lunch_or_a_wish_is_named(
    spoil: Callable[[pb.Itinerary], None], wish: dict[str, object], word: str
) -> None:
    plan = planned(AREA, TRIP)
    judge = Judge(AREA, ())
    assert judge.faults(TRIP, plan) == []
    spoil(plan)
    assert any(word in fault for fault in judge.faults(wished(**wish), plan))


def test_what_is_wrong_with_walks_is_named() -> None:
    trip = wished(mode=pb.TRAVEL_MODE_FOOT)
    plan = planned(AREA, trip)
    assert plan.visits
    judge = Judge(AREA, ())
    assert judge.faults(trip, plan) == []
    few = pb.WalkingWish(stretch_minutes=10, day_minutes=10)
    said = " ".join(judge.faults(wished(mode=pb.TRAVEL_MODE_FOOT, walking=few), plan))
    assert "10 wished for" in said
    assert "minutes on foot, 10 wished for" in said
    plan.total_walk_minutes += 1
    assert any("are told as" in fault for fault in judge.faults(trip, plan))
    far = plan.legs[-1].arrive_time
    far.seconds += 60 * 91
    assert any("nothing that must be" in fault for fault in judge.faults(trip, plan))
    by_car = planned(AREA, TRIP)
    by_car.total_walk_minutes = 1
    assert "a day by car counts walks" in judge.faults(TRIP, by_car)


def test_a_stay_that_was_asked_for_is_as_long() -> None:
    plan = planned(AREA, TRIP)
    first = plan.visits[0]
    stay = (first.end_time.seconds - first.start_time.seconds) // 60
    for minutes, faulty in ((stay, False), (stay + 1, True)):
        trip = wished(visit_wishes=[pb.VisitWish(poi_id=first.poi_id, stay_minutes=minutes)])
        found = Judge(AREA, ()).faults(trip, plan)
        assert any("a stay of" in fault for fault in found) is faulty


def test_every_spoiler_of_days_spoils() -> None:
    for spoil in DAY_SPOILERS:
        for seed in range(10):
            asked = sojourn_pb.PlanSojournRequest()
            asked.CopyFrom(ASKED)
            spoil(Random(seed), asked)
            assert asked != ASKED, spoil
