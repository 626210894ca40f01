"""Less walking, few steps, wheelchairs: what is known suits, what is not known is said."""

from dataclasses import replace
from itertools import product
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.itinerary.domain.paths import Ease, Paths, Slope, Steps, Wheelchair, why_not_easy
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.repair import cut
from services.itinerary.domain.transit.network import KnownWalk
from services.itinerary.domain.trip import TravelMode, check_trip
from services.itinerary.domain.walking import WalkingWish
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.unit.itinerary.bus_samples import line_of, network, stop_at, with_bus
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

AREA = catalog(
    [poi("near", score=40), poi("wood", score=60), poi("hill", score=80)],
    [place("station"), place("near", 0.5), place("wood", 0, 1.2), place("hill", -2.5)],
)
# There and back on foot: 18 minutes, 42 and 88.


def walked(area: Catalog = AREA, **wishes: Any) -> DayPlan:
    wish = trip(**{"mode": TravelMode.FOOT, **wishes})
    plan = plan_day(area, wish)
    assert faults(plan, wish, area) == []
    return plan


def visited(plan: DayPlan) -> set[str]:
    return {visit.poi_id for visit in plan.visits}


def why_out(plan: DayPlan) -> dict[str, WhyOut]:
    return {left.poi_id: left.why for left in plan.left_out}


def test_all_is_walked_to_without_a_wish() -> None:
    plan = walked()
    assert visited(plan) == {"near", "wood", "hill"}
    assert sum(plan.walked) == plan.total_travel_minutes > 100


def test_no_walk_at_a_stretch_is_longer_than_wished_for() -> None:
    plan = walked(walking=WalkingWish(25))
    assert visited(plan) == {"near", "wood"}
    assert max(plan.walked) <= 25
    assert why_out(plan) == {"hill": WhyOut.TOO_FAR_ON_FOOT}


@pytest.mark.parametrize(
    ("most", "left"), [(200, set()), (70, {"hill"}), (30, {"hill", "wood"}), (10, AREA.pois.keys())]
)
def test_a_day_gives_up_what_it_walks_most_for(most: int, left: set[str]) -> None:
    plan = walked(walking=WalkingWish(None, most))
    assert why_out(plan) == dict.fromkeys(left, WhyOut.TOO_MUCH_WALKING)
    assert sum(plan.walked) <= most
    assert plan.conflicts == ()


def test_a_must_that_is_too_far_is_a_conflict() -> None:
    [told] = walked(walking=WalkingWish(None, 60), must_poi_ids=("hill",)).conflicts
    assert (told.kind, told.missing_minutes) == (ConflictKind.TOO_MUCH_WALKING, 28)
    [told] = walked(walking=WalkingWish(20), must_poi_ids=("hill",)).conflicts
    assert told.kind is ConflictKind.MUST_VISIT_IMPOSSIBLE
    assert told.why_out is WhyOut.TOO_FAR_ON_FOOT


def test_by_car_nobody_walks() -> None:
    plan = walked(mode=TravelMode.CAR, walking=WalkingWish(10, 10))
    assert visited(plan) == {"near", "wood", "hill"}
    assert set(plan.walked) == {0}


def test_who_has_walked_has_less_left_to_walk() -> None:
    plan = walked()
    begun = cut(AREA, plan, plan.visits[0].start_minute)
    assert begun.remainder.walked_minutes == plan.walked[0]


def by_bus(walk: int, **wishes: Any) -> DayPlan:
    """A bus to the cave, and a temple so many minutes from it on a walk somebody knows."""
    area = catalog(
        [poi("cave", score=50), poi("temple", score=90)],
        [place("station"), place("cave", 20), place("temple", quality=None)],
    )
    stops = [stop_at("station"), stop_at("cave"), stop_at("station")]
    stops[2] = replace(stops[2], stop_id="home")
    there = line_of((550, 580), line_id="out")
    back = line_of((-1, 900, 930), line_id="back")
    kept = network(
        stops, [*there, *back], walks=[KnownWalk("cave", "temple", walk)],
        at_places={"stop-station": "station", "stop-cave": "cave", "home": "station"},
    )  # fmt: skip
    area = replace(area, places={**area.places, "temple": place("temple", 21, 3)})
    wish = trip(mode=TravelMode.BUS, **wishes)
    known = with_bus(area, kept, wish.visit_date)
    plan = plan_day(known, wish)
    assert faults(plan, wish, known) == []
    return plan


def test_by_bus_the_walks_from_the_stop_count() -> None:
    plan = by_bus(30)
    assert visited(plan) == {"cave", "temple"}
    assert sum(plan.walked) == 60
    plan = by_bus(30, walking=WalkingWish(15))
    assert visited(plan) == {"cave"}
    assert why_out(plan) == {"temple": WhyOut.TOO_MUCH_WALKING}
    plan = by_bus(30, walking=WalkingWish(None, 50))
    assert (visited(plan), why_out(plan)) == ({"cave"}, {"temple": WhyOut.TOO_MUCH_WALKING})
    [told] = by_bus(30, walking=WalkingWish(15), must_poi_ids=("temple",)).conflicts
    assert told.why_out is WhyOut.TOO_MUCH_WALKING


@pytest.mark.parametrize(
    "wish", [WalkingWish(9), WalkingWish(91), WalkingWish(None, 9), WalkingWish(None, 601)]
)
def test_limits_that_are_none_are_refused(wish: WalkingWish) -> None:
    with pytest.raises(InvalidFields, match="walking"):
        check_trip(trip(walking=wish))
    check_trip(trip(walking=WalkingWish(10, 600)))


def test_what_nobody_knows_is_never_taken_for_easy() -> None:
    for ease in (Ease.GENTLE, Ease.WHEELCHAIR):
        assert why_not_easy(Paths(), ease) is WhyOut.PATHS_UNKNOWN
    assert why_not_easy(Paths(), Ease.ANY) is None


@pytest.mark.parametrize(
    ("paths", "gentle", "wheelchair"),
    [
        (Paths(Wheelchair.YES), None, None),
        (Paths(Wheelchair.PARTLY), WhyOut.PATHS_UNKNOWN, None),
        (Paths(Wheelchair.NO), WhyOut.PATHS_UNKNOWN, WhyOut.PATHS_TOO_HARD),
        (Paths(steps=Steps.NONE), WhyOut.PATHS_UNKNOWN, WhyOut.PATHS_UNKNOWN),
        (Paths(steps=Steps.SOME, slope=Slope.GENTLE), None, WhyOut.PATHS_UNKNOWN),
        (Paths(steps=Steps.MANY, slope=Slope.LEVEL), WhyOut.PATHS_TOO_HARD, WhyOut.PATHS_TOO_HARD),
        (Paths(slope=Slope.STEEP), WhyOut.PATHS_TOO_HARD, WhyOut.PATHS_TOO_HARD),
        (Paths(Wheelchair.PARTLY, Steps.MANY), WhyOut.PATHS_TOO_HARD, None),
    ],
)  # fmt: skip
def test_whom_paths_suit(paths: Paths, gentle: WhyOut | None, wheelchair: WhyOut | None) -> None:
    assert why_not_easy(paths, Ease.GENTLE) is gentle
    assert why_not_easy(paths, Ease.WHEELCHAIR) is wheelchair


def test_whoever_needs_no_easy_paths_is_kept_from_nothing() -> None:
    for each in product(Wheelchair, Steps, Slope):
        assert why_not_easy(Paths(*each), Ease.ANY) is None


def test_a_day_for_a_wheelchair_says_what_is_out_and_lets_a_must_in() -> None:
    pois = {
        "near": replace(AREA.pois["near"], paths=Paths(Wheelchair.PARTLY)),
        "wood": AREA.pois["wood"],
        "hill": replace(AREA.pois["hill"], paths=Paths(slope=Slope.STEEP)),
    }
    area = replace(AREA, pois=pois)
    plan = walked(area, ease=Ease.WHEELCHAIR)
    assert visited(plan) == {"near"}
    assert plan.visits[0].paths == Paths(Wheelchair.PARTLY)
    assert why_out(plan) == {"wood": WhyOut.PATHS_UNKNOWN, "hill": WhyOut.PATHS_TOO_HARD}
    assert "wood" in visited(walked(area, ease=Ease.WHEELCHAIR, must_poi_ids=("wood",)))
