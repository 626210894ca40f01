"""A day that goes around crowds: bounded, settled by seed and state, and only where it must."""

from dataclasses import replace
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from services.itinerary.domain import day_search
from services.itinerary.domain.crowd import SLOTS, Crowd, CrowdLevel, Level
from services.itinerary.domain.day_filled import planned
from services.itinerary.domain.job import Job
from services.itinerary.domain.leaning import (
    LEAST_PERCENT,
    QUIETER_LEAST_PERCENT,
    Leaning,
    Offer,
)
from services.itinerary.domain.plan import DayPlan
from services.itinerary.domain.planner import build_plan, job_of
from services.itinerary.domain.prepare import Catalog, prepare
from services.itinerary.domain.problem import Candidate, Problem, schedule, value_of
from services.itinerary.domain.repair import put_off
from services.itinerary.domain.search import never
from services.itinerary.domain.spot import Promotion, SpotSettings
from services.itinerary.domain.trip import TripRequest, VisitWish
from services.itinerary.domain.why import WhyIn, WhyOut
from tests.examples import share
from tests.unit.itinerary import problems
from tests.unit.itinerary.plans import ITERATIONS, plan_day
from tests.unit.itinerary.samples import catalog, place, poi, trip

ROOM_FOR = {"cave": SpotSettings(capacity=20)}


def area(crowd: Crowd, **more: Any) -> Catalog:
    """A cave that most want to see, and three other places around the station."""
    pois = [
        poi("cave", score=80, **more), poi("hill", score=50), poi("pond", score=46),
        poi("hidden", score=40, hidden_spot=True),
    ]  # fmt: skip
    places = [
        place("station"), place("cave", 1), place("hill", 0, 2), place("pond", -2),
        place("hidden", -1, -1),
    ]  # fmt: skip
    return replace(catalog(pois, places), crowd=crowd)


def full(*slots: int, count: int = 40) -> dict[str, list[int]]:
    return {"cave": [count if slot in slots else 0 for slot in range(SLOTS)]}


def begins(plan: DayPlan) -> dict[str, int]:
    return {visit.poi_id: visit.start_minute for visit in plan.visits}


def test_a_day_that_is_in_nobodys_way_is_the_plain_one() -> None:
    plain = plan_day(area(Crowd(ROOM_FOR)), trip())
    assert len(plain.visits) == 4
    free = [slot for slot in range(SLOTS) if abs(30 * slot - begins(plain)["cave"]) > 90]
    told = plan_day(area(Crowd(ROOM_FOR, full(*free))), trip())
    assert begins(told) == begins(plain)
    assert told.proven_best


def test_a_visit_moves_to_a_time_with_room_and_says_so() -> None:
    crowd = Crowd(ROOM_FOR, full(*range(18, 26)))
    plain = plan_day(area(Crowd(ROOM_FOR)), trip())
    assert begins(plain)["cave"] < 13 * 60
    leaned = plan_day(area(crowd), trip())
    assert begins(leaned)["cave"] >= 13 * 60
    assert set(begins(leaned)) == set(begins(plain))
    visit = next(visit for visit in leaned.visits if visit.poi_id == "cave")
    assert visit.crowd is not None
    assert visit.crowd.level is CrowdLevel.QUIETER_TIME
    assert not leaned.proven_best, "the plain day would be worth as much or more"


def short(**more: Any) -> TripRequest:
    """Time for two places only."""
    return trip(start_minute=600, end_minute=735, **more)


def test_where_no_time_has_room_another_place_comes_in_if_that_costs_little() -> None:
    crowd = Crowd({"cave": SpotSettings(capacity=20)}, full(*range(SLOTS), count=60))
    near = area(crowd)
    pois = {**near.pois, "cave": poi("cave", score=49)}
    plan = plan_day(replace(near, pois=pois), short())
    assert "cave" not in begins(plan)
    out = {left.poi_id: left.why for left in plan.left_out}
    assert out["cave"] is WhyOut.CROWDED


def test_a_visit_that_is_worth_too_much_stays_and_the_party_is_told() -> None:
    plan = plan_day(area(Crowd(ROOM_FOR, full(*range(SLOTS), count=60))), short())
    visit = next(visit for visit in plan.visits if visit.poi_id == "cave")
    assert visit.crowd is not None
    assert visit.crowd.level is CrowdLevel.FULL


def test_what_a_party_asked_for_stays_in_and_comes_when_it_is_quiet() -> None:
    crowd = Crowd(ROOM_FOR, full(*range(18, 26)))
    plan = plan_day(area(crowd), trip(must_poi_ids=("cave",)))
    assert begins(plan)["cave"] >= 13 * 60
    fixed = VisitWish("cave", start_minute=600)
    plan = plan_day(area(crowd), trip(visit_wishes=(fixed,)))
    assert begins(plan)["cave"] == 600
    both = plan_day(area(crowd), short(must_poi_ids=("cave", "hill")))
    assert set(begins(both)) >= {"cave", "hill"}, "the only time there is, though it is full"


def test_one_more_party_still_fits_and_a_larger_one_does_not() -> None:
    crowd = Crowd(ROOM_FOR, full(*range(SLOTS), count=18))
    small = plan_day(area(crowd), trip())
    assert all(visit.crowd is None for visit in small.visits)
    party = replace(trip().party, adults=3)
    large = plan_day(area(crowd), trip(party=party))
    assert [v.crowd for v in large.visits if v.crowd] or "cave" not in begins(large)


def test_a_sensor_moves_a_visit_of_today() -> None:
    crowd = Crowd(ROOM_FOR, {}, {"cave": Level.CROWDED}, now_minute=540)
    assert begins(plan_day(area(crowd), trip()))["cave"] >= 540 + 90


def test_a_recommended_spot_is_worth_more_and_says_why() -> None:
    reason = {"ja": "春の花", "en": "Flowers of spring"}
    promoted = Promotion(20, "2026-11-01", "2026-11-30", reason)
    crowd = Crowd({"pond": SpotSettings(promotion=promoted)})
    plan = plan_day(area(crowd), trip())
    visit = next(visit for visit in plan.visits if visit.poi_id == "pond")
    assert visit.score == 46 * 120 // 100
    notes = [reason.note for reason in visit.reasons if reason.why is WhyIn.RECOMMENDED]
    assert notes == [reason]
    after = plan_day(area(crowd), trip(visit_date="2026-12-01"))
    visit = next(visit for visit in after.visits if visit.poi_id == "pond")
    assert visit.score == 46
    assert WhyIn.RECOMMENDED not in [reason.why for reason in visit.reasons]


def test_a_quieter_day_takes_what_few_know() -> None:
    def of_two(**more: Any) -> set[str]:
        known = area(Crowd())
        pois = {**known.pois, "hidden": poi("hidden", score=39, hidden_spot=True)}
        return set(begins(plan_day(replace(known, pois=pois), short(**more))))

    assert "hidden" not in of_two()
    assert "hidden" in of_two(quieter=True)


def test_a_visit_put_off_stays_there_when_something_else_changes() -> None:
    crowd = Crowd(ROOM_FOR, full(*range(18, 26)))
    kept = plan_day(area(crowd), trip())
    assert put_off(kept) == {"cave": begins(kept)["cave"]}
    prepared = prepare(area(crowd), trip(never_poi_ids=("pond",)))
    order = [visit.poi_id for visit in kept.visits]
    job = job_of(prepared, keep=order, not_before=put_off(kept))
    assert job is not None
    changed = build_plan(area(crowd), prepared, day_search.run(job))
    assert begins(changed)["cave"] >= begins(kept)["cave"]
    assert "pond" not in begins(changed)
    moved = job_of(prepared, keep=order)
    assert moved is not None
    free = build_plan(area(crowd), prepared, day_search.run(moved))
    assert begins(free)["cave"] <= begins(changed)["cave"]


def test_a_visit_put_off_comes_earlier_rather_than_not_at_all() -> None:
    known = area(Crowd(ROOM_FOR))
    prepared = prepare(known, trip(end_minute=800))
    job = job_of(prepared, keep=["cave"], not_before={"cave": 790, "gone": 600})
    assert job is not None
    assert "cave" in begins(build_plan(known, prepared, day_search.run(job)))


@st.composite
def leanings(draw: st.DrawFn, problem: Problem) -> Leaning:
    """Any way to lean: each candidate cut in two, one half worth less, or all of it more."""
    offers: list[tuple[int, tuple[Offer, ...]]] = []
    for node, candidate in enumerate(problem.candidates):
        how = draw(st.sampled_from(["plain", "more", "cut"]))
        if how == "more":
            offers.append((node, (Offer(candidate.score + 20, candidate.windows),)))
        elif how == "cut":
            earliest, latest = candidate.windows[0]
            middle = (earliest + latest) // 2
            late = ((middle + 1, latest), *candidate.windows[1:])
            few = Offer(max(1, candidate.score // 2), ((earliest, middle),), 40)
            offers.append((node, (Offer(candidate.score, late), few)))
    least = draw(st.sampled_from([LEAST_PERCENT, QUIETER_LEAST_PERCENT]))
    return Leaning(tuple(offers), least, always=draw(st.booleans()))


@share(10)
@given(st.data())
def test_no_party_pays_more_than_the_bound(data: st.DataObject) -> None:
    problem = data.draw(problems.problems(6, musts=True))
    leaning = data.draw(leanings(problem))
    job = Job(problem, seed=3, iterations=ITERATIONS)
    plain = day_search.run(job)
    leaned = day_search.run(replace(job, leaning=leaning))
    assert leaned == day_search.run(replace(job, leaning=leaning)), "same seed and state, same day"
    assert leaned.times is not None
    assert leaned.clashes == plain.clashes
    order, before = leaned.solution.order, value_of(problem, plain.solution.order)
    assert schedule(problem, order) is not None
    assert 100 * value_of(problem, order) >= leaning.least_percent * before or (
        order == plain.solution.order
    )
    assert leaned.solution.value == value_of(problem, order)
    kept = {n for n in plain.solution.order if problem.candidates[n].must}
    assert kept <= set(order)
    assert leaned.crowded <= set(plain.solution.order) - set(order)
    for node, when in zip(order, leaned.times.visits, strict=True):
        windows = problem.candidates[node].windows
        assert any(one <= when.begin_minute <= last for one, last in windows)


@share(10)
@given(st.data())
def test_by_bus_it_is_bounded_too(data: st.DataObject) -> None:
    problem = data.draw(problems.bus_problems(4))
    assume(schedule(problem, ()) is not None)
    leaning = data.draw(leanings(problem))
    job = Job(problem, seed=3, iterations=ITERATIONS)
    plain = planned(job, problem, problem, never)
    leaned = planned(replace(job, leaning=leaning), problem, problem, never)
    order = leaned.solution.order
    assert schedule(problem, order) is not None
    least = leaning.least_percent * value_of(problem, plain.solution.order)
    assert 100 * value_of(problem, order) >= least or order == plain.solution.order


def test_a_candidate_that_was_given_up_does_not_come_back_by_an_offer() -> None:
    travel = ((0, 5, 5, 5), (5, 0, 5, 5), (5, 5, 0, 0), (5, 5, 0, 0))
    day = ((540, 900),)
    given_up = (Candidate(50, 30, day), Candidate(90, 30, ()))
    full = (Offer(30, day, 40),)
    leaning = Leaning(((0, full), (1, (Offer(90, day),))), always=True)
    job = Job(Problem(given_up, travel, 540, 1020), leaning=leaning)
    assert day_search.run(job).solution.order == (0,)


def test_candidates_that_are_left_out_before_the_search_take_their_offers_along() -> None:
    leaning = Leaning(((0, (Offer(1, ()),)), (2, (Offer(2, ()),))))
    assert leaning.only([2, 1]).offers == ((0, (Offer(2, ()),)),)
