"""Other days for the same wishes: which trips they are, and that they lead elsewhere."""

from dataclasses import replace

import pytest

from services.itinerary.domain.proposals import DayKind, differs, other_trips
from services.itinerary.domain.trip import Pace, VisitWish
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

# Time for one of two that are about as good; the cave is a little better.
KNOWN = catalog(
    [poi("cave", score=60, stay_min_minutes=60), poi("pond", score=55, stay_min_minutes=60)],
    [place("station"), place("cave", 5), place("pond", -5)],
)
SHORT = trip(start_minute=540, end_minute=660)


def visited(**wishes: object) -> list[str]:
    return [visit.poi_id for visit in plan_day(KNOWN, replace(SHORT, **wishes)).visits]  # type: ignore[arg-type]


def test_what_one_would_rather_not_see_counts_half() -> None:
    assert visited() == ["cave"]
    assert visited(less_poi_ids=("cave",)) == ["pond"]
    assert visited(less_poi_ids=("cave", "pond")) == ["cave"]
    assert visited(less_poi_ids=("cave",), must_poi_ids=("cave",)) == ["cave"]


@pytest.mark.parametrize(
    ("pace", "kind", "other"),
    [
        (Pace.QUICK, DayKind.CALM, Pace.UNHURRIED),
        (Pace.NORMAL, DayKind.CALM, Pace.UNHURRIED),
        (Pace.UNHURRIED, DayKind.FULL, Pace.QUICK),
    ],
)
def test_another_pace_is_calmer_or_where_that_cannot_be_fuller(
    pace: Pace, kind: DayKind, other: Pace
) -> None:
    trips = other_trips(plan_day(KNOWN, replace(SHORT, pace=pace)))
    assert set(trips) == {DayKind.OTHER_PLACES, kind}
    assert trips[kind] == replace(SHORT, pace=other)


def test_other_places_leave_what_the_party_asked_for_as_it_is() -> None:
    wish = (VisitWish("cave", 60, 560),)
    plan = plan_day(KNOWN, replace(SHORT, visit_wishes=wish, less_poi_ids=("pond",)))
    assert [visit.poi_id for visit in plan.visits] == ["cave"]
    elsewhere = other_trips(plan)[DayKind.OTHER_PLACES]
    assert elsewhere.less_poi_ids == ("pond",)
    assert elsewhere.visit_wishes == wish


def test_days_differ_by_what_is_visited_and_an_empty_one_is_none() -> None:
    one, two = (plan_day(KNOWN, replace(SHORT, less_poi_ids=ids)) for ids in ((), ("cave",)))
    empty = plan_day(KNOWN, replace(SHORT, end_minute=541))
    assert differs(one, two)
    assert not differs(one, one)
    assert not differs(one, empty)
