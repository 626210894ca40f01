"""Other days for the same wishes: which trips they are, and that they lead elsewhere."""

from dataclasses import replace
from typing import Any

import pytest

from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.proposals import DayKind, elsewhere, proposed
from services.itinerary.domain.trip import Pace, TravelMode, TripRequest, VisitWish
from tests.unit.itinerary.bus_samples import line_of, network, stop_at, with_bus
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

# Time for one of two that are about as good; the cave is a little better.
KNOWN = catalog(
    [poi("cave", score=60, stay_min_minutes=60), poi("pond", score=55, stay_min_minutes=60)],
    [place("station"), place("cave", 5), place("pond", -5)],
)
SHORT = trip(start_minute=540, end_minute=660)
# A valley with much to see: twelve places around the station.
VALLEY = catalog(
    [poi(f"p{n}", score=50 + n, stay_min_minutes=30, stay_max_minutes=90) for n in range(12)],
    [place("station"), *(place(f"p{n}", (n % 4) * 2 - 3, (n // 4) * 2 - 2) for n in range(12))],
)


def visited(plan: DayPlan) -> list[str]:
    return [visit.poi_id for visit in plan.visits]


def days(known: Catalog, wish: TripRequest) -> tuple[DayPlan, dict[DayKind, DayPlan]]:
    """The day of a trip, and those that are proposed beside it."""
    plan = plan_day(known, wish)
    searches = proposed(plan)
    try:
        asked = next(searches)
        while True:
            asked = searches.send(plan_day(known, asked))
    except StopIteration as found:
        return plan, dict(found.value)


def asked(plan: DayPlan) -> dict[DayKind, TripRequest]:
    """The trips of a proposal where no answer is ever another day."""
    searches, found = proposed(plan), []
    try:
        found.append(next(searches))
        while True:
            found.append(searches.send(plan))
    except StopIteration:
        return dict(zip(_KINDS, found, strict=False))


_KINDS = (DayKind.OTHER_PLACES, DayKind.CALM)


def test_what_one_would_rather_not_see_counts_half() -> None:
    def seen(**wishes: Any) -> list[str]:
        return visited(plan_day(KNOWN, replace(SHORT, **wishes)))

    assert seen() == ["cave"]
    assert seen(less_poi_ids=("cave",)) == ["pond"]
    assert seen(less_poi_ids=("cave", "pond")) == ["cave"]
    assert seen(less_poi_ids=("cave",), must_poi_ids=("cave",)) == ["cave"]


@pytest.mark.parametrize(
    ("pace", "kind", "other"),
    [
        (Pace.QUICK, DayKind.CALM, Pace.UNHURRIED),
        (Pace.NORMAL, DayKind.CALM, Pace.UNHURRIED),
        (Pace.UNHURRIED, DayKind.FULL, Pace.QUICK),
    ],
)
def test_three_days_stand_side_by_side_that_are_at_other_places(
    pace: Pace, kind: DayKind, other: Pace
) -> None:
    plan, found = days(VALLEY, trip(pace=pace, start_minute=540, end_minute=840))
    assert set(found) == {DayKind.OTHER_PLACES, kind}
    assert found[kind].trip.pace is other
    every = [plan, *found.values()]
    assert all(elsewhere(a, b) for a in every for b in every if a is not b)
    assert found[DayKind.OTHER_PLACES].trip.pace is pace


def test_a_pace_that_leads_to_the_same_places_is_tried_with_others() -> None:
    """All at once in a long day: only stays differ, so the least worth half is left for others."""
    few = replace(VALLEY, pois={f"p{n}": VALLEY.pois[f"p{n}"] for n in range(6)})
    plan, found = days(few, trip(pace=Pace.QUICK, start_minute=540, end_minute=1020))
    assert len(plan.visits) == 6
    assert set(visited(found[DayKind.CALM])) <= set(visited(plan))
    stays = [sum(v.end_minute - v.start_minute for v in each.visits)
             for each in (plan, found[DayKind.CALM])]  # fmt: skip
    assert stays[1] >= 1.3 * stays[0]


def test_other_places_leave_what_the_party_asked_for_as_it_is() -> None:
    wish = (VisitWish("cave", 60, 560),)
    plan = plan_day(KNOWN, replace(SHORT, visit_wishes=wish, less_poi_ids=("pond",)))
    assert visited(plan) == ["cave"]
    other = asked(plan)[DayKind.OTHER_PLACES]
    assert other.less_poi_ids == ("pond",)
    assert other.visit_wishes == wish


def test_one_place_and_one_time_leave_no_other_day() -> None:
    one = replace(KNOWN, pois={"cave": KNOWN.pois["cave"]})
    plan, found = days(one, replace(SHORT, visit_wishes=(VisitWish("cave", 60, 560),)))
    assert visited(plan) == ["cave"]
    assert found == {}
    assert days(one, replace(SHORT, end_minute=541))[1] == {}


def test_where_one_bus_leads_to_one_place_days_differ_by_time_or_stay() -> None:
    area = catalog([poi("cave", score=90, stay_max_minutes=120)], [place("station"),
                                                                   place("cave", 20)])  # fmt: skip
    stops = [stop_at("station"), stop_at("cave"), replace(stop_at("station"), stop_id="home")]
    there = line_of((550, 580), (700, 730), line_id="out")
    back = line_of((-1, 800, 830), (-1, 1000, 1030), line_id="back")
    buses = network(
        stops, [*there, *back],
        at_places={"stop-station": "station", "stop-cave": "cave", "home": "station"},
    )  # fmt: skip
    wish = trip(mode=TravelMode.BUS, end_minute=1100)
    plan, found = days(with_bus(area, buses, wish.visit_date), wish)
    assert set(found) == {DayKind.CALM, DayKind.LATER}
    assert found[DayKind.LATER].depart_minute >= plan.depart_minute + 60
    assert found[DayKind.CALM].visits[0].end_minute > plan.visits[0].end_minute


def test_a_day_that_goes_on_where_it_need_not_is_offered_an_earlier_end() -> None:
    far = catalog(
        [poi("cave", score=90), poi("pond", score=20, opening="16:00-18:00")],
        [place("station"), place("cave", 5), place("pond", -5)],
    )
    wish = trip(must_poi_ids=("cave",), pace=Pace.QUICK, visit_wishes=(VisitWish("cave", 60),))
    plan, found = days(far, replace(wish, end_minute=1080))
    assert visited(plan) == ["cave", "pond"]
    assert found
    for other in found.values():
        assert visited(other) != visited(plan) or other.depart_minute >= plan.depart_minute + 60
