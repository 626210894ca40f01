"""Days by bus: what is reached, how it is told, and the way home that is not lost."""

from dataclasses import replace
from datetime import date

from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.transit.network import KnownWalk, Network, RunFacts, TimeBasis
from services.itinerary.domain.trip import Location, Pace, TravelMode
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.bus_samples import EVERY_DAY, line_of, network, stop_at, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

OUT = line_of((550, 580), (700, 730), line_id="out")
BACK = tuple(
    run for run in line_of((-1, 800, 830), (-1, 900, 930), (-1, 1000, 1030), line_id="back")
)


def valley(*runs: object, walks: tuple[KnownWalk, ...] = (), **more: object) -> Network:
    """The station (0), the cave 20 km away (1), and the station again (2) for the way back."""
    stops = [stop_at("station"), stop_at("cave"), stop_at("station")]
    stops[2] = stops[2].__class__("stop-home", "station", None)
    return network(
        stops, runs, walks=walks,  # type: ignore[arg-type]
        at_places={"stop-station": "station", "stop-home": "station", "stop-cave": "cave"}, **more,  # type: ignore[arg-type]
    )  # fmt: skip


AREA = catalog([poi("cave", score=90)], [place("station"), place("cave", 20)])


def planned(kept: Network, area=AREA, **wishes) -> DayPlan:  # type: ignore[no-untyped-def]
    wish = trip(mode=TravelMode.BUS, **wishes)
    known = with_bus(area, kept, wish.visit_date, past_midnight=wish.ends_after_midnight)
    plan = plan_day(known, wish)
    assert faults(plan, wish, known) == []
    return plan


def test_a_day_takes_the_bus_there_and_back() -> None:
    plan = planned(valley(*OUT, *BACK))
    assert plan.status is PlanStatus.PLANNED
    assert [visit.poi_id for visit in plan.visits] == ["cave"]
    there, home = plan.legs
    assert [(ride.depart_minute, ride.arrive_minute) for ride in there.rides] == [(550, 580)]
    assert there.depart_minute == 550  # not at 540: nobody waits at a bus stop for fun
    assert home.rides[0].depart_minute == 800
    assert home.rides[0].next_depart_minute == 900
    assert home.rides[0].line_names["en"] == "back line"


def test_what_the_times_rest_on_and_cost_is_told_of_each_ride() -> None:
    facts = {
        "out-0": RunFacts(TimeBasis.GUESSED, "", date(2026, 12, 31), "2026-11-02"),
        "back-0": RunFacts(TimeBasis.RECORDED, "2024-04"),
    }
    fares = {("out", "stop-station", "stop-cave"): 1170}
    there, home = planned(valley(*OUT, *BACK, facts=facts, fares=fares)).legs
    assert (there.rides[0].basis, there.rides[0].as_of) == (TimeBasis.CONFIRMED, "2026-11-02")
    assert (home.rides[0].basis, home.rides[0].as_of) == (TimeBasis.RECORDED, "2024-04")
    assert (there.rides[0].fare_yen, home.rides[0].fare_yen) == (1170, None)


def test_a_confirmation_holds_until_its_last_date_and_no_longer() -> None:
    facts = {run.run_id: RunFacts(confirmed_until=date(2026, 11, 21)) for run in (*OUT, *BACK)}
    kept = valley(*OUT, *BACK, facts=facts)
    assert planned(kept).legs[0].rides[0].basis is TimeBasis.CONFIRMED
    late = planned(kept, visit_date="2026-11-22").legs[0].rides[0]
    assert (late.basis, late.as_of) == (TimeBasis.GUESSED, "")


def test_the_last_bus_is_caught_with_time_to_spare_where_there_is_a_choice() -> None:
    # 60 minutes from 630 on end at 690: the only bus home leaves at 692. From 580 on, at 655.
    early = line_of((550, 580), (600, 630), line_id="out")
    home = line_of((-1, 692, 722), line_id="back")
    area = catalog(
        [poi("cave", score=90, stay_min_minutes=60), poi("pond", score=80, stay_min_minutes=45,
                                                        stay_max_minutes=45)],
        [place("station"), place("cave", 20), place("pond", 20, 0.02)],
    )  # fmt: skip
    kept = valley(*early, *home)
    quick = planned(kept, area, pace=Pace.QUICK, end_minute=760)
    assert quick.plan_b
    assert quick.plan_b.slack_minutes >= 5
    unhurried = planned(kept, area, pace=Pace.UNHURRIED, end_minute=760)
    assert unhurried.plan_b
    assert unhurried.plan_b.slack_minutes >= 30
    assert len(unhurried.visits) <= len(quick.visits)


def test_a_must_visit_is_worth_running_for_the_bus() -> None:
    home = line_of((-1, 642, 672), line_id="back")
    plan = planned(valley(*OUT, *home), must_poi_ids=("cave",), pace=Pace.UNHURRIED, end_minute=760)
    assert plan.status is PlanStatus.PLANNED
    assert plan.plan_b
    assert plan.plan_b.slack_minutes == 2


def test_who_misses_the_last_bus_is_told_what_is_left() -> None:
    plan = planned(valley(*OUT, *BACK)).plan_b
    assert plan
    assert (plan.next_depart_minute, plan.next_arrive_minute) == (900, 930)
    alone = planned(valley(*OUT, *line_of((-1, 800, 830), line_id="back"))).plan_b
    assert alone
    assert alone.next_depart_minute is None
    assert 27_000 < alone.taxi_distance_m < 29_000
    # 620 yen for 1,200 m, then 80 for each 250 m begun: 28 km cost 9,180 to 9,660 yen.
    assert 8_900 <= alone.taxis[0].estimated_yen <= 9_660


def test_where_no_bus_goes_is_left_out_and_a_must_there_is_a_conflict() -> None:
    area = catalog(
        [poi("cave"), poi("peak", score=99)],
        [place("station"), place("cave", 20), place("peak", -20)],
    )
    plan = planned(valley(*OUT, *BACK), area, must_poi_ids=("peak",))
    assert [(left.poi_id, left.why) for left in plan.left_out] == [("peak", WhyOut.NO_BUS)]
    (conflict,) = plan.conflicts
    assert (conflict.kind, conflict.poi_ids) == (ConflictKind.MUST_VISIT_IMPOSSIBLE, ("peak",))
    assert conflict.why_out is WhyOut.NO_BUS


def test_no_bus_home_is_a_conflict_and_no_plan() -> None:
    area = catalog([poi("cave")], [place("station"), place("cave", 20), place("inn", -60)])
    plan = planned(valley(*OUT, *BACK), area, end=Location("inn"))
    assert [conflict.kind for conflict in plan.conflicts] == [ConflictKind.NO_BUS]
    assert not plan.legs


def test_on_a_day_without_buses_one_can_still_walk() -> None:
    area = catalog([poi("cave")], [place("station"), place("cave", 1)])
    plan = planned(valley(), area)
    assert [visit.poi_id for visit in plan.visits] == ["cave"]
    assert not any(leg.rides for leg in plan.legs)
    assert plan.legs[0].last_walk_minutes == 18
    assert plan.plan_b is None


def test_nobody_is_led_to_an_estimated_point_unless_somebody_knows_the_walk() -> None:
    area = catalog(
        [poi("cave"), poi("view", score=80)],
        [place("station"), place("cave", 20), place("view", 20.1, 0, PointQuality.ESTIMATE, 500)],
    )
    unknown = planned(valley(*OUT, *BACK), area)
    assert [left.why for left in unknown.left_out] == [WhyOut.ESTIMATED_POINT_ON_FOOT]
    known = planned(valley(*OUT, *BACK, walks=(KnownWalk("cave", "view", 12),)), area)
    assert {visit.poi_id for visit in known.visits} == {"cave", "view"}
    assert 12 in {leg.last_walk_minutes for leg in known.legs if not leg.rides}


def test_a_late_day_goes_home_by_the_first_bus_of_the_morning() -> None:
    """The valley has a bus home at 5:10; on Sundays, after a Saturday night."""
    sundays = replace(EVERY_DAY, service_id="sun", weekdays=frozenset({6}))
    morning = line_of((-1, 310, 340), line_id="back", service="sun")
    evening = line_of((1200, 1230), line_id="out")
    kept = valley(*evening, *morning, services=(EVERY_DAY, sundays),
                  facts={"back-0": RunFacts(confirmed_until=date(2026, 11, 22))})  # fmt: skip
    area = replace(AREA, pois={"cave": replace(AREA.pois["cave"], opening="18:00-06:00")})
    late = {"start_minute": 1140, "end_minute": 1800}
    plan = planned(kept, area, **late)
    assert [visit.poi_id for visit in plan.visits] == ["cave"]
    home = plan.legs[-1].rides[0]
    assert (home.depart_minute, home.arrive_minute) == (1440 + 310, 1440 + 340)
    assert home.basis is TimeBasis.CONFIRMED
    assert planned(kept, area, **late, visit_date="2026-11-20").visits == ()
    night = planned(kept, area, **{**late, "end_minute": 1440})
    assert night.visits == ()
    assert night.left_out[0].why is WhyOut.NO_BUS


def test_who_misses_the_last_bus_of_an_evening_is_told_of_none_in_the_morning() -> None:
    morning = line_of((-1, 310, 340), line_id="early")
    plan = planned(valley(*OUT, *BACK[:1], *morning))
    assert plan.plan_b
    assert plan.plan_b.next_depart_minute is None
