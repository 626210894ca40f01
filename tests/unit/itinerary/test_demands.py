"""Must-visits that clash are named; the most of them are kept."""

from hypothesis import given

from services.itinerary.domain.day_search import run
from services.itinerary.domain.demands import settle_demands
from services.itinerary.domain.job import Job
from services.itinerary.domain.overrun import overrun
from services.itinerary.domain.problem import Candidate, Problem, schedule
from services.itinerary.domain.why import ConflictKind
from tests.examples import share
from tests.unit.itinerary.problems import all_days, problems

FLAT = ((0,) * 5,) * 5


def day(*candidates: Candidate, end: int = 1020, budget: int | None = None) -> Problem:
    size = len(candidates) + 2
    return Problem(candidates, tuple((0,) * size for _ in range(size)), 540, end, budget)


def must(stay: int, opens: int, closes: int, score: int = 10, fee: int = 0) -> Candidate:
    return Candidate(score, stay, ((opens, closes),), fee, must=True)


def test_two_that_open_at_the_same_time_clash_as_a_pair() -> None:
    demands = settle_demands(
        day(must(60, 600, 610, score=5), must(60, 600, 610, score=9), must(30, 540, 900))
    )
    assert demands.kept == (1, 2)
    [clash] = demands.clashes
    assert (clash.kind, clash.candidates) == (ConflictKind.MUST_VISITS_CLASH, (0, 1))


def test_three_that_fit_in_pairs_only_are_too_many_by_so_many_minutes() -> None:
    demands = settle_demands(day(*(must(200, 540, 2000) for _ in range(3)), end=1000))
    assert len(demands.kept) == 2
    [clash] = demands.clashes
    assert (clash.kind, clash.candidates, clash.missing_minutes) == (
        ConflictKind.TOO_MANY_MUST_VISITS, (0, 1, 2), 140,
    )  # fmt: skip


def test_who_is_dropped_beside_a_pair_that_clashes_is_named_too() -> None:
    pair = (must(60, 540, 550), must(60, 540, 550))
    three = (must(150, 600, 2000, score=30), must(150, 600, 2000, score=30), must(150, 600, 2000))
    demands = settle_demands(day(*pair, *three, end=1000))
    assert set(demands.kept) in ({0, 2, 3}, {1, 2, 3})
    assert [(clash.kind, clash.candidates) for clash in demands.clashes] == [
        (ConflictKind.MUST_VISITS_CLASH, (0, 1)),
        (ConflictKind.TOO_MANY_MUST_VISITS, (0, 1, 2, 3, 4)),
    ]


def test_fees_over_the_budget_say_how_many_yen_are_missing() -> None:
    demands = settle_demands(
        day(must(9, 540, 900, fee=800), must(9, 540, 900, fee=700), budget=1000)
    )
    [clash] = demands.clashes
    assert (clash.kind, clash.missing_yen) == (ConflictKind.BUDGET_TOO_SMALL, 500)
    assert len(demands.kept) == 1


@share(20)
@given(problems(5, musts=True))
def test_as_many_must_visits_are_kept_as_any_day_can_hold(problem: Problem) -> None:
    days = list(all_days(problem))
    if not days:
        return
    musts = {node for node, candidate in enumerate(problem.candidates) if candidate.must}
    demands = settle_demands(problem)
    assert set(demands.first) == set(demands.kept) <= musts
    assert len(demands.kept) == max(len(musts & set(order)) for _, _, order in days)
    assert bool(demands.clashes) == (len(demands.kept) < len(musts))
    assert set(demands.kept) <= set(run(Job(problem)).solution.order)


@share(20)
@given(problems(5))
def test_overrun_is_what_a_longer_day_would_need(problem: Problem) -> None:
    outcome = run(Job(problem))
    order = outcome.solution.order
    for node, missing in outcome.missing.items():
        assert missing == overrun(problem, order, node)
        feasible = any(
            schedule(problem, (*order[:n], node, *order[n:])) for n in range(len(order) + 1)
        )
        assert feasible == (missing == 0)


def test_spare_minutes_are_left_free_unless_a_must_needs_them() -> None:
    easy = Candidate(50, 460, ((540, 1000),))
    assert run(Job(day(easy))).solution.order == (0,)
    assert run(Job(day(easy), spare_minutes=30)).solution.order == ()
    needed = Candidate(50, 460, ((540, 1000),), must=True)
    assert run(Job(day(needed), spare_minutes=30)).solution.order == (0,)


def test_a_repair_keeps_the_order_it_is_given_and_adds_what_fits() -> None:
    slots = [Candidate(10, 60, ((540, 1000),)) for _ in range(4)]
    outcome = run(Job(day(*slots, end=760), keep=(2, 0)))
    order = outcome.solution.order
    assert len(order) == 3
    assert [node for node in order if node in (0, 2)] == [2, 0]
