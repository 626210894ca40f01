"""The crowd simulation counts as it says, and its visitors are always the same."""

from datetime import date
from typing import Any

from bench.itinerary import crowd, visitors
from meguri.itinerary.v1 import itinerary_service_pb2 as pb

DAY = date(2026, 11, 21)


def plan(people: int, visits: dict[str, tuple[int, int]], travel: int = 20) -> pb.Itinerary:
    """Visits by POI: half hour of the begin, score."""
    made = pb.Itinerary(
        trip=pb.TripRequest(pace=pb.PACE_NORMAL, party=pb.Party(adult_count=people)),
        total_travel_minutes=travel,
    )
    for poi_id, (slot, score) in visits.items():
        visit = made.visits.add(poi_id=poi_id, score=score)
        visit.start_time.seconds = slot * crowd.SLOT_S
        visit.end_time.seconds = (slot + 1) * crowd.SLOT_S
    return made


def day(*plans: pb.Itinerary) -> crowd.Day:
    people: dict[tuple[str, int], int] = {}
    for each in plans:
        for visit in each.visits:
            key = (visit.poi_id, visit.start_time.seconds // crowd.SLOT_S)
            people[key] = people.get(key, 0) + each.trip.party.adult_count
    return crowd.Day(plans, people)


def answer(one: crowd.Day, other: crowd.Day) -> dict[str, Any]:
    found: dict[str, Any] = crowd.answer([one], [other], {"cave": 10, "hill": 10}, {"hidden"})
    return found


def test_visitors_are_a_thousand_and_always_the_same() -> None:
    trips = visitors.of_day(DAY)
    assert 1000 <= sum(visitors.size(trip) for trip in trips) < 1010
    assert trips == visitors.of_day(DAY)
    assert trips != visitors.of_day(DAY, 1)
    assert trips != visitors.of_day(date(2026, 11, 22))
    assert {trip.visit_date for trip in trips} == {"2026-11-21"}
    assert all(480 <= trip.start_minute < trip.end_minute <= 1110 for trip in trips)
    assert {trip.mode for trip in trips} == {pb.TRAVEL_MODE_CAR}
    starts = [trip.start_minute for trip in trips]
    assert starts != sorted(starts), "some plan early for a late day"
    assert sum(starts[:50]) < sum(starts[-50:])


def test_overload_is_the_people_above_the_capacity_by_half_hour() -> None:
    found = day(
        plan(8, {"cave": (20, 50)}), plan(6, {"cave": (20, 50)}), plan(9, {"cave": (21, 9)})
    )
    assert found.overload("cave", 10) == 4
    assert found.overload("cave", 5) == 9 + 4
    assert found.overload("hill", 0) == 0


def test_ratios_are_of_the_same_places_and_parties() -> None:
    before = day(plan(30, {"cave": (20, 64)}), plan(5, {"cave": (20, 64)}))
    after = day(plan(30, {"cave": (20, 64)}), plan(5, {"hidden": (20, 62)}))
    found = answer(before, after)
    assert found["ratios"]["overload_left_of_3_busiest"] == round(20 / 25, 3)
    assert found["ratios"]["hidden_visits_times"] == 5
    # 4 x (64 - 14) - 20 = 180, and 4 x (62 - 14) - 20 = 172.
    assert found["ratios"]["value_loss_worst_percent"] == round(100 * 8 / 180, 2)
    assert found["ratios"]["value_loss_mean_percent"] == round(50 * 8 / 180, 2)
    assert found["limits"]["overload_left_of_3_busiest"] == "<= 0.6: does not hold"
    assert found["limits"]["hidden_visits_times"] == ">= 2.0: holds"
    assert found["figures"]["parties_that_lose_nothing_percent"] == 50


def test_every_limit_is_judged() -> None:
    one = day(plan(30, {"cave": (20, 64)}))
    found = answer(one, one)
    assert set(found["limits"]) == set(crowd.LIMITS) == set(found["ratios"])
    assert found["limits"]["hidden_visits_times"].endswith("does not hold")
    assert found["limits"]["value_loss_worst_percent"].endswith(": holds")
