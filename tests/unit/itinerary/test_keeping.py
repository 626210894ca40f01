"""A kept order under new conditions: feasible, with all musts, and no more moved than needed."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from services.itinerary.domain.exact import best_day
from services.itinerary.domain.keeping import nearest
from services.itinerary.domain.problem import Candidate, Problem, schedule
from tests.examples import share
from tests.unit.itinerary.problems import problems


def kept_in_order(before: tuple[int, ...], after: tuple[int, ...]) -> bool:
    common = [node for node in after if node in before]
    return common == [node for node in before if node in after]


@share(30)
@given(problems(6))
def test_a_day_that_still_works_is_kept_as_it_is(problem: Problem) -> None:
    best = best_day(problem)
    if best:
        assert nearest(problem, best.order) == best.order


@share(40)
@given(problems(6), st.data())
def test_after_a_change_the_rest_keeps_its_order(problem: Problem, data: st.DataObject) -> None:
    best = best_day(problem)
    if best is None or not best.order:
        return
    longer = data.draw(st.sampled_from(best.order))
    candidates = list(problem.candidates)
    candidates[longer] = replace(candidates[longer], stay=candidates[longer].stay + 60, must=True)
    if data.draw(st.booleans()):
        other = data.draw(st.integers(0, len(candidates) - 1))
        candidates[other] = replace(candidates[other], must=True)
    changed = replace(problem, candidates=tuple(candidates))
    found = nearest(changed, best.order)
    if found is None:
        return
    assert schedule(changed, found) is not None
    assert {n for n, c in enumerate(candidates) if c.must} <= set(found)
    assert kept_in_order(best.order, found)
    groups = [candidates[n].group for n in found if candidates[n].group and not candidates[n].must]
    assert len(groups) == len(set(groups))
    if changed.budget_yen is not None:
        assert sum(candidates[node].fee_yen for node in found) <= changed.budget_yen


def day(*candidates: Candidate, end: int = 900) -> Problem:
    count = len(candidates) + 2
    travel = tuple(tuple(10 * (one != other) for other in range(count)) for one in range(count))
    return Problem(candidates, travel, 540, end)


OPEN = ((480, 1000),)


def test_the_visit_of_least_worth_makes_room() -> None:
    problem = day(
        Candidate(50, 100, OPEN, must=True), Candidate(9, 60, OPEN), Candidate(30, 60, OPEN),
        Candidate(20, 60, OPEN), end=820,
    )  # fmt: skip
    # 100 + 3 × 60 + 5 × 10 = 330 minutes, of 280: one visit of 60 has to go.
    assert nearest(problem, (0, 1, 2, 3)) == (0, 2, 3)


def test_one_long_visit_goes_before_two_short_ones() -> None:
    problem = day(
        Candidate(50, 60, OPEN, must=True), Candidate(9, 10, OPEN), Candidate(8, 10, OPEN),
        Candidate(30, 120, OPEN), end=700,
    )  # fmt: skip
    assert nearest(problem, (0, 1, 2, 3)) == (0, 1, 2)


def test_a_must_is_put_where_it_costs_least() -> None:
    problem = day(
        Candidate(5, 30, ((540, 560),)), Candidate(5, 30, OPEN, must=True),
        Candidate(5, 30, ((700, 720),)),
    )  # fmt: skip
    assert nearest(problem, (0, 2)) in ((0, 1, 2), (0, 2, 1))


def test_what_cannot_be_done_at_all_is_none() -> None:
    assert nearest(day(Candidate(5, 500, OPEN, must=True)), ()) is None
