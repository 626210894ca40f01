"""What became of the rides of a kept day, and what of it the party can still follow."""

from dataclasses import replace
from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.day_search import run
from services.itinerary.domain.plan import DayPlan, RideEffect
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.repair import cut, joined
from services.itinerary.domain.riding import breaks, ride_effects
from services.itinerary.domain.transit.network import KnownWalk, Network, RunFacts
from services.itinerary.domain.transit.timetable import Run
from services.itinerary.domain.trip import TravelMode, VisitWish
from tests.unit.itinerary.bus_checker import ride_faults
from tests.unit.itinerary.bus_samples import line_of, network, random_network, stop_at, with_bus
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, random_catalog, trip
from tests.unit.itinerary.test_bus_days import AREA, BACK, OUT, planned, valley

SURE = {run.run_id: RunFacts(confirmed_until=date(2026, 12, 31)) for run in (*OUT, *BACK)}
LONG_AGO = -5000


def now(plan: DayPlan, kept: Network, minute: int = LONG_AGO, area: Catalog = AREA) -> tuple[
    RideEffect, ...
]:  # fmt: skip
    known = with_bus(area, kept, plan.trip.visit_date)
    assert known.bus
    return ride_effects(plan, known.bus, minute)


def told(*effects: RideEffect) -> list[tuple[int, str, int, bool]]:
    return [(each.leg, each.trouble.value, each.minutes, each.holds) for each in effects]


@pytest.fixture(scope="module")
def day() -> DayPlan:
    """Out at 550, 580 to 625 at the cave, back at 800."""
    return planned(valley(*OUT, *BACK, facts=SURE))


def test_a_day_that_goes_as_planned_has_no_effects(day: DayPlan) -> None:
    assert now(day, valley(*OUT, *BACK, facts=SURE)) == ()
    renamed = [replace(run, run_id=f"new-{run.run_id}") for run in (*OUT, *BACK)]
    facts = {run.run_id: RunFacts(confirmed_until=date(2026, 12, 31)) for run in renamed}
    assert now(day, valley(*renamed, facts=facts)) == ()


@pytest.mark.parametrize(
    ("runs", "effects"),
    [
        ((*OUT[1:], *BACK), [(0, "gone", 0, False)]),
        ((*OUT, *BACK[1:]), [(1, "gone", 0, False)]),
        ((*line_of((560, 590), line_id="out"), *BACK), [(0, "later", 10, True)]),
        ((*line_of((545, 575), line_id="out"), *BACK), [(0, "earlier", 5, True)]),
        ((*line_of((530, 560), line_id="out"), *BACK), [(0, "earlier", 20, False)]),
        ((*line_of((550, 585), line_id="out"), *BACK), [(0, "later", 5, True)]),
        ((*line_of((611, 641), line_id="out"), *BACK), [(0, "gone", 0, False)]),
        ((*line_of((610, 640), line_id="out"), *line_of((-1, 750, 780), line_id="back")),
         [(0, "later", 60, True), (1, "earlier", 50, True)]),
        ((*line_of((610, 640), line_id="out"), *line_of((-1, 800, 830), line_id="back"),
          *line_of((-1, 684, 700), line_id="x")), [(0, "later", 60, True)]),
    ],
)  # fmt: skip
def test_what_became_of_rides_and_whether_the_day_holds(
    day: DayPlan, runs: tuple[Run, ...], effects: list[tuple[int, str, int, bool]]
) -> None:
    facts = {run.run_id: RunFacts(confirmed_until=date(2026, 12, 31)) for run in runs}
    assert told(*now(day, valley(*runs, facts=facts))) == effects


def test_a_ride_missed_because_of_the_one_before_says_by_how_much() -> None:
    home = line_of((-1, 660, 690), line_id="back")
    day = planned(valley(*OUT, *home))
    effects = now(day, valley(*line_of((590, 620), line_id="out"), *home))
    assert told(*effects) == [(0, "later", 40, True), (1, "missed", 5, False)]
    earlier = now(day, valley(*OUT, *line_of((-1, 625, 655), line_id="back")))
    assert told(*earlier) == [(1, "earlier", 35, True)]
    too_early = now(day, valley(*OUT, *line_of((-1, 624, 654), line_id="back")))
    assert told(*too_early) == [(1, "earlier", 36, False)]


def test_a_suspended_line_is_told_as_such(day: DayPlan) -> None:
    snow = {"ja": "雪", "en": "Snow"}
    kept = replace(valley(*BACK, facts=SURE), suspended={"out": snow})
    effects = now(day, kept)
    assert told(*effects) == [(0, "suspended", 0, False)]
    assert effects[0].notes == snow


def test_a_confirmation_that_was_taken_back_is_told_and_breaks_nothing(day: DayPlan) -> None:
    effects = now(day, valley(*OUT, *BACK))
    assert told(*effects) == [(0, "unconfirmed", 0, True), (1, "unconfirmed", 0, True)]
    assert breaks(effects)  # the day is written anew, so that its page says so


def test_a_bus_too_late_for_a_fixed_time_names_the_visit() -> None:
    wish = VisitWish("cave", start_minute=600)
    day = planned(valley(*OUT, *BACK), visit_wishes=(wish,))
    effects = now(day, valley(*line_of((580, 610), line_id="out"), *BACK))
    assert [(each.poi_id, each.holds) for each in effects] == [("cave", False)]
    in_time = now(day, valley(*line_of((570, 600), line_id="out"), *BACK))
    assert [(each.poi_id, each.holds) for each in in_time] == [("", True)]


def test_a_bus_home_after_the_end_of_the_day_breaks_it(day: DayPlan) -> None:
    day = replace(day, trip=replace(day.trip, end_minute=840), finish_minute=830)
    late = valley(*OUT, *line_of((-1, 811, 841), line_id="back"), facts=SURE)
    assert [each.holds for each in now(day, late)] == [False]
    in_time = valley(*OUT, *line_of((-1, 810, 840), line_id="back"), facts=SURE)
    assert [each.holds for each in now(day, in_time)] == [True]


def test_what_is_over_is_told_no_more(day: DayPlan) -> None:
    none_left = valley(*OUT[1:], *BACK, facts=SURE)
    assert told(*now(day, none_left, 579)) == [(0, "gone", 0, False)]
    assert now(day, none_left, 600) == ()


def test_days_kept_before_rides_had_ids_are_found_by_names_and_times(day: DayPlan) -> None:
    legs = tuple(
        replace(leg, rides=tuple(
            replace(ride, run_id="", from_stop_id="", to_stop_id="") for ride in leg.rides
        ))
        for leg in day.legs
    )  # fmt: skip
    old = replace(day, legs=legs, network="")
    assert now(old, valley(*OUT, *BACK, facts=SURE)) == ()
    assert told(*now(old, valley(*OUT[1:], *BACK, facts=SURE))) == [(0, "gone", 0, False)]


def test_a_walk_that_takes_longer_now_misses_the_bus() -> None:
    area = catalog([poi("cave", score=90)], [place("station"), place("cave", 20), place("hut", 19)])
    stops = [stop_at("station"), stop_at("hut")]

    def kept(walk: int) -> Network:
        back = Run("back-0", "back", "daily", "", tuple(
            replace(call, stop=1 - call.stop) for call in line_of((665, 690))[0].calls
        ))  # fmt: skip
        return network(
            stops, [*line_of((550, 580), line_id="out"), back],
            walks=[KnownWalk("hut", "cave", walk)],
            at_places={"stop-station": "station", "stop-hut": "hut"},
        )  # fmt: skip

    day = plan_day(with_bus(area, kept(10), "2026-11-21"), trip(mode=TravelMode.BUS))
    assert [visit.poi_id for visit in day.visits] == ["cave"]
    assert now(day, kept(20), area=area) == ()
    effects = now(day, kept(25), area=area)
    assert told(*effects) == [(1, "missed", 10, False)]


def repaired(day: DayPlan, known: Catalog, minute: int, **late: int) -> DayPlan:
    begun = cut(known, day, minute, late.get("late", 0))
    prepared = prepare(known, begun.trip, begun.remainder)
    job = job_of(prepared, keep=begun.keep_poi_ids)
    return joined(day, begun, build_plan(known, prepared, run(job) if job else None))


def test_a_party_in_the_bus_stays_in_it(day: DayPlan) -> None:
    known = with_bus(AREA, valley(*OUT, *BACK[1:], facts=SURE), "2026-11-21")
    fixed = repaired(day, known, 560)
    assert fixed.legs[0] == day.legs[0]
    assert fixed.visits[0].poi_id == "cave"
    assert fixed.visits[0].arrive_minute == 580
    assert fixed.legs[-1].rides[0].depart_minute == 900
    assert ride_faults(fixed, known) == []


def test_a_party_in_a_late_bus_goes_on_from_when_it_is_there(day: DayPlan) -> None:
    known = with_bus(
        AREA, valley(*line_of((555, 600), line_id="out"), *BACK, facts=SURE), "2026-11-21"
    )
    fixed = repaired(day, known, 570)
    assert (fixed.legs[0].rides[0].arrive_minute, fixed.visits[0].start_minute) == (600, 600)
    assert ride_faults(fixed, known) == []


def test_whoever_changes_on_the_way_goes_on_from_there() -> None:
    area = catalog([poi("cave", score=90)], [place("station"), place("hub", 10), place("cave", 20)])
    stops = [stop_at("station"), stop_at("hub"), stop_at("cave"), stop_at("home")]
    at = {"stop-station": "station", "stop-hub": "hub", "stop-cave": "cave",
          "stop-home": "station"}  # fmt: skip
    one = line_of((550, 570), line_id="one")
    two = line_of((-1, 580, 600), (-1, 610, 630), line_id="two")
    back = line_of((-1, -1, 800, 840), line_id="back")
    day = plan_day(with_bus(area, network(stops, [*one, *two, *back], at_places=at), "2026-11-21"),
                   trip(mode=TravelMode.BUS))  # fmt: skip
    assert [ride.run_id for ride in day.legs[0].rides] == ["one-0", "two-0"]
    gone = network(stops, [*one, two[1], *back], at_places=at)
    known = with_bus(area, gone, "2026-11-21")
    fixed = repaired(day, known, 560)
    assert [ride.run_id for ride in fixed.legs[0].rides] == ["one-0", "two-1"]
    assert fixed.legs[0].to_place_id == "cave"
    assert len(fixed.legs) == len(fixed.visits) + 1
    assert ride_faults(fixed, known) == []


def test_a_late_party_has_missed_the_bus_that_left_without_it(day: DayPlan) -> None:
    known = with_bus(AREA, valley(*OUT, *BACK, facts=SURE), "2026-11-21")
    fixed = repaired(day, known, 556, late=20)
    assert fixed.legs[0].rides[0].depart_minute == 700
    assert fixed.legs[-1].rides[0].depart_minute == 800


def test_a_late_party_stays_as_long_as_it_says_where_it_is(day: DayPlan) -> None:
    known = with_bus(AREA, valley(*OUT, *BACK, facts=SURE), "2026-11-21")
    fixed = repaired(day, known, 605, late=20)
    assert (fixed.visits[0].start_minute, fixed.visits[0].end_minute) == (580, 645)


def test_who_is_stuck_ends_the_day_where_they_are(day: DayPlan) -> None:
    known = with_bus(AREA, valley(*OUT, facts=SURE), "2026-11-21")
    fixed = repaired(day, known, 600)
    assert len(fixed.legs) == len(fixed.visits) + 1
    assert fixed.legs[-1].arrive_minute == fixed.finish_minute == day.visits[0].end_minute
    assert [conflict.kind.value for conflict in fixed.conflicts] == ["no_bus"]


@given(st.integers(0, 10**6))
def test_any_change_of_what_runs(seed: int) -> None:
    """Whatever changes on whatever day: a repaired day can be ridden, and nothing begun moves."""
    random = Random(seed)
    area = random_catalog(random, 14)
    before = with_bus(area, random_network(random, area.places, 40), "2026-11-21")
    day = plan_day(before, trip(mode=TravelMode.BUS))
    after = with_bus(area, random_network(random, area.places, 40), "2026-11-21")
    assert before.bus
    assert after.bus
    assert ride_effects(day, before.bus, LONG_AGO) == ()
    minute = random.choice([LONG_AGO, *range(540, 1020, 60)])
    effects = ride_effects(day, after.bus, minute)
    rides = {(each.leg, each.ride) for each in effects}
    assert len(rides) == len(effects)
    fixed = repaired(day, after, minute)
    assert len(fixed.legs) in (0, len(fixed.visits) + 1)
    begun = [visit.poi_id for visit in day.visits if visit.start_minute <= minute]
    assert [visit.poi_id for visit in fixed.visits[: len(begun)]] == begun
    assert len({visit.poi_id for visit in fixed.visits}) == len(fixed.visits)
    if minute == LONG_AGO:
        assert ride_faults(fixed, after) == []
    if not effects and minute == LONG_AGO:
        # What nothing has happened to can be ridden as it was planned.
        faults = ride_faults(day, after)
        assert [each for each in faults if "confirmed" not in each and "walk" not in each] == []


def test_whoever_is_late_for_the_way_home_has_no_time_of_the_morning_to_spare(
    day: DayPlan,
) -> None:
    known = with_bus(AREA, valley(*OUT, *BACK, facts=SURE), "2026-11-21")
    fixed = repaired(day, known, 870, late=20)
    assert fixed.legs[-1].rides[0].depart_minute == 900
    assert fixed.plan_b
    assert fixed.plan_b.slack_minutes == fixed.legs[-1].depart_minute - 870
