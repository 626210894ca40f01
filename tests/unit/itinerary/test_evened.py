"""Days planned together are about alike, and worth nearly what they were."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.evened import MOST_LOSS, UNEVEN, evened, load
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.sojourn import MOST_DAYS, offered
from services.itinerary.domain.trip import TravelMode, VisitWish
from services.itinerary.domain.why import ConflictKind, WhyOut
from tests.examples import share
from tests.unit.itinerary.checker import faults
from tests.unit.itinerary.plans import plan_days
from tests.unit.itinerary.samples import catalog, place, poi, trip
from tests.unit.itinerary.test_sojourns import (
    STATION,
    gain,
    in_one,
    on_days,
    random_days,
    visited,
    why,
)

# All of them fit into a day, with one way there and back.
FEW = [(f"sight-{number}", 1.0 + number) for number in range(4)]


def area(**more: Any) -> Catalog:
    return catalog(
        [poi(name, stay_min_minutes=60, stay_max_minutes=60, **more) for name, _ in FEW],
        [STATION, *(place(name, km) for name, km in FEW)],
    )


def test_few_sights_are_shared_among_two_days() -> None:
    days = in_one(area(), on_days(trip(), 2))
    uneven = [len(plan.visits) for plan in plan_days(days, evenly=False)]
    assert sorted(uneven) == [0, 4], "or this test would say nothing"
    first, second = plan_days(days)
    assert (len(first.visits), len(second.visits)) == (2, 2)
    assert why(first, visited(second)[0]) is WhyOut.ANOTHER_DAY
    others = {left.poi_id: left.other_date for left in first.left_out}
    assert others == dict.fromkeys(visited(second), second.trip.visit_date)


def test_must_visits_go_with_it_and_keep_their_time() -> None:
    names = tuple(name for name, _ in FEW)
    wishes = trip(must_poi_ids=names, visit_wishes=(VisitWish(names[3], 60, 900),))
    plans = plan_days(in_one(area(), on_days(wishes, 2)))
    assert [len(plan.visits) for plan in plans] == [2, 2]
    assert sorted(m for plan in plans for m in plan.trip.must_ids) == sorted(names)
    assert all({*plan.trip.must_ids} == {*visited(plan)} for plan in plans)
    [fixed] = [v for plan in plans for v in plan.visits if v.poi_id == names[3]]
    assert fixed.start_minute == 900


def test_a_day_on_which_nothing_is_open_stays_empty() -> None:
    known = area(opening="Sa 09:00-17:00")
    plans = plan_days(in_one(known, on_days(trip(), 2)))
    assert [len(plan.visits) for plan in plans] == [4, 0]


def test_what_lies_far_away_is_not_driven_to_twice() -> None:
    known = catalog(
        [poi("one", score=60, stay_min_minutes=90, stay_max_minutes=90),
         poi("two", score=60, stay_min_minutes=90, stay_max_minutes=90)],
        [STATION, place("one", 32), place("two", 33)],
    )  # fmt: skip
    plans = plan_days(in_one(known, on_days(trip(), 2)))
    assert sorted(len(plan.visits) for plan in plans) == [0, 2]


def test_a_must_visit_on_no_day_is_still_told_so() -> None:
    known = area()
    pois = {**known.pois, "friday": poi("friday", opening="Fr 09:00-17:00")}
    known = replace(known, pois=pois, places={**known.places, "friday": place("friday", 2)})
    plans = plan_days(in_one(known, on_days(trip(must_poi_ids=("friday",)), 2)))
    assert [len(plan.visits) for plan in plans] == [2, 2]
    [conflict] = [each for plan in plans for each in plan.conflicts]
    assert conflict.kind is ConflictKind.ON_NO_DAY


def test_where_there_is_no_time_days_stay_as_they_are() -> None:
    days = in_one(area(), on_days(trip(), 2))
    plans = plan_days(days, evenly=False)
    with pytest.raises(StopIteration) as found:
        next(evened(offered(days), plans, lambda: False))
    assert found.value.value == plans


@share(12)
@given(st.integers(0, 10**6), st.integers(2, MOST_DAYS), st.sampled_from(TravelMode))
def test_even_days_hold_and_are_worth_nearly_the_same(
    seed: int, count: int, mode: TravelMode
) -> None:
    _, days = random_days(Random(seed), count, mode)
    plans, before = plan_days(days), plan_days(days, evenly=False)
    every = [poi_id for plan in plans for poi_id in visited(plan)]
    assert len(every) == len(set(every))
    for plan, (known, _) in zip(plans, days, strict=True):
        assert faults(plan, plan.trip, known) == []
    (musts, conflicts, value), (had, had_conflicts, had_value) = gain(plans), gain(before)
    assert musts >= had
    assert conflicts >= had_conflicts
    rounds = count - 1
    assert value >= had_value - abs(had_value) * (1 - (1 - MOST_LOSS) ** rounds) - rounds
    if plans != before:
        loads, had_loads = [*map(load, plans)], [*map(load, before)]
        assert max(had_loads) - min(had_loads) > UNEVEN
        assert max(loads) <= max(had_loads) + 1e-9 or min(loads) > min(had_loads)
