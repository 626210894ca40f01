"""A closed gate is respected: another way in is taken and said, or the place is left out."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from services.directory.domain.place import below
from services.itinerary.domain.place import Closure
from services.itinerary.domain.plan import DayPlan, PlanStatus
from services.itinerary.domain.poi import Category
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.repair import closed_ends
from services.itinerary.domain.trip import Location
from services.itinerary.domain.why import ConflictKind, WhyIn, WhyOut
from tests.unit.itinerary.plans import plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

MINE = Path(__file__).resolve().parents[3] / "data" / "mine"
MIDNIGHT = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)  # of 21 November in Japan
SITE = {
    "cave": "", "cave-main": "cave", "cave-back": "cave", "cave-course": "cave-main",
    "museum": "", "station": "",
}  # fmt: skip


def shut(place_id: str, begin: int = 0, end: int | None = None) -> Closure:
    """As directory says it: with everything below."""
    until = None if end is None else MIDNIGHT + timedelta(minutes=end)
    places = frozenset([place_id, *below(place_id, SITE)])
    return Closure("c1", places, "flood", MIDNIGHT + timedelta(minutes=begin), until)


def area(*closures: Closure) -> Catalog:
    pois = [
        poi("cave-main", group="cave", score=100),
        poi("cave-back", group="cave", score=80),
        poi("cave-course", group="cave", score=90, category=Category.ACTIVITY),
        poi("museum", score=40),
    ]
    places = [place(name, number, 1) for number, name in enumerate(SITE)]
    return catalog(pois, places, closures)


def ids(plan: DayPlan) -> set[str]:
    return {visit.poi_id for visit in plan.visits}


def why_out(plan: DayPlan) -> dict[str, WhyOut]:
    return {left.poi_id: left.why for left in plan.left_out}


def test_all_open_goes_by_the_main_gate() -> None:
    plan = plan_day(area(), trip())
    assert ids(plan) == {"cave-main", "museum"}
    assert all(WhyIn.OTHER_WAY_IN not in {r.why for r in v.reasons} for v in plan.visits)


def test_with_the_main_gate_shut_another_gate_is_taken_and_the_reason_said() -> None:
    plan = plan_day(area(shut("cave-main")), trip())
    assert ids(plan) == {"cave-back", "museum"}
    assert why_out(plan)["cave-main"] is WhyOut.CLOSURE
    assert why_out(plan)["cave-course"] is WhyOut.CLOSURE  # it begins behind the gate
    (visit,) = (visit for visit in plan.visits if visit.poi_id == "cave-back")
    assert WhyIn.OTHER_WAY_IN in {reason.why for reason in visit.reasons}
    (main,) = (left for left in plan.left_out if left.poi_id == "cave-main")
    assert main.closure_reason == "flood"


def test_a_closure_somewhere_else_makes_nothing_another_way_in() -> None:
    plan = plan_day(area(shut("museum")), trip())
    assert ids(plan) == {"cave-main"}
    assert WhyIn.OTHER_WAY_IN not in {reason.why for reason in plan.visits[0].reasons}


def test_with_every_gate_shut_the_cave_is_left_out_as_closed() -> None:
    plan = plan_day(area(shut("cave")), trip())
    assert ids(plan) == {"museum"}
    assert {why_out(plan)[f"cave-{part}"] for part in ("main", "back", "course")} == {
        WhyOut.CLOSURE
    }


def test_a_must_behind_a_shut_gate_is_a_conflict_and_keeps_no_other_way_in_out() -> None:
    plan = plan_day(area(shut("cave-main")), trip(must_poi_ids=("cave-main",)))
    assert plan.status is PlanStatus.CONFLICT
    (conflict,) = plan.conflicts
    assert (conflict.kind, conflict.closure_reason) == (
        ConflictKind.MUST_VISIT_IMPOSSIBLE, "flood",
    )  # fmt: skip
    assert ids(plan) == {"cave-back", "museum"}


def test_an_open_must_still_keeps_the_other_ways_in_out() -> None:
    plan = plan_day(area(), trip(must_poi_ids=("cave-back",)))
    assert ids(plan) == {"cave-back", "museum"}
    assert why_out(plan)["cave-main"] is WhyOut.SAME_AS_CHOSEN
    # Asked for and asked to be left out: it is in no way of the other gates.
    both = trip(must_poi_ids=("cave-back",), never_poi_ids=("cave-back",))
    assert ids(plan_day(area(), both)) == {"cave-main", "museum"}


@pytest.mark.parametrize(
    ("closure", "told"),
    [
        (shut("cave-main"), {"cave-main": "flood"}),
        (shut("cave"), {"cave-main": "flood"}),
        (shut("cave-back"), {}),
        (shut("cave-main", 0, 24 * 60), {"cave-main": "flood"}),
        (shut("cave-main", 0, 60), {}),
        (shut("cave-main", 24 * 60), {}),
    ],
)
def test_a_day_that_starts_at_a_shut_gate_says_so(closure: Closure, told: dict[str, str]) -> None:
    wished = trip(start=Location("cave-main"), end=Location("cave-main"))
    plan = plan_day(area(closure), wished)
    assert closed_ends(plan, [closure]) == told


def test_in_mine_nothing_that_begins_at_the_main_gate_outlives_its_closure() -> None:
    with (MINE / "places.csv").open(encoding="utf-8", newline="") as file:
        parents = {row["place_id"]: row["parent"] for row in csv.DictReader(file)}
    reached = below("akiyoshido-main", parents)
    assert "akiyoshido-adventure" in reached
    assert "akiyoshido-kurotani" not in reached
    assert {"akiyoshido-main", "akiyoshido-adventure"} <= set(below("akiyoshido", parents))
