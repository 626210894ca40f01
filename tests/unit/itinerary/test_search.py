"""The search for many candidates: feasible, repeatable, and close to the best."""

from random import Random

import pytest
from hypothesis import given

from services.itinerary.domain import search
from services.itinerary.domain.exact import best_day
from services.itinerary.domain.problem import Candidate, Problem, schedule, value_of
from tests.examples import share
from tests.unit.itinerary.problems import problems


def town(seed: int, count: int = 35) -> Problem:
    """A day in a made-up town of many sights."""
    random = Random(seed)
    points = [(random.randrange(50), random.randrange(50)) for _ in range(count + 2)]
    candidates = []
    for number in range(count):
        opens = random.choice([480, 540, 600, 780])
        group = "cave" if number < 3 else ""
        closes = random.randrange(opens + 60, 1080)
        candidates.append(
            Candidate(
                random.randrange(5, 100), random.randrange(15, 90), ((opens, closes),),
                random.choice([0, 500]), group,
            )
        )  # fmt: skip
    travel = tuple(tuple(abs(a[0] - b[0]) + abs(a[1] - b[1]) for b in points) for a in points)
    return Problem(tuple(candidates), travel, 540, 1020, 2000)


@share(15)
@given(problems(7))
def test_small_days_are_proven_and_never_beaten(problem: Problem) -> None:
    best = best_day(problem)
    greedy, found = (search.solve(problem, iterations=n, exact=False) for n in (0, 40))
    assert best is not None
    assert greedy.value <= found.value <= best.value
    assert search.solve(problem) == best


def test_on_average_the_search_comes_close_to_the_proven_best() -> None:
    gaps = []
    for seed in range(20):
        problem = town(seed, 8)
        best, found = best_day(problem), search.solve(problem, iterations=60, exact=False)
        assert best is not None
        gaps.append((best.value - found.value) / best.value)
    assert sum(gaps) / len(gaps) <= 0.01


@pytest.mark.parametrize("seed", range(3))
def test_large_days_are_feasible_and_improve_with_iterations(seed: int) -> None:
    problem = town(seed)
    short, long = (search.solve(problem, iterations=n, seed=1) for n in (0, 80))
    for found in (short, long):
        planned = schedule(problem, found.order)
        assert planned is not None
        assert planned[1] == found.finish <= problem.end_minute
        assert value_of(problem, found.order) == found.value
        chosen = [problem.candidates[node] for node in found.order]
        assert sum(candidate.fee_yen for candidate in chosen) <= 2000
        assert sum(candidate.group == "cave" for candidate in chosen) <= 1
    assert long.value >= short.value
    assert not long.proven_best


def test_the_search_is_better_than_greed_somewhere() -> None:
    gains = [
        search.solve(town(seed), iterations=80).value - search.solve(town(seed), iterations=0).value
        for seed in range(3)
    ]
    assert max(gains) > 0


def test_equal_seeds_give_equal_days() -> None:
    problem = town(9)
    assert search.solve(problem, seed=3, iterations=40) == search.solve(
        problem, seed=3, iterations=40
    )


def test_a_first_day_with_must_visits_keeps_them() -> None:
    problem = town(4)
    must = problem.candidates[5]
    candidates = list(problem.candidates)
    candidates[5] = Candidate(must.score, must.stay, must.windows, 0, "", must=True)
    problem = Problem(tuple(candidates), problem.travel, 540, 1020)
    assert 5 in search.solve(problem, first=(5,), iterations=40).order


def test_a_clock_stops_the_search_early_with_a_feasible_day() -> None:
    problem = town(2)
    found = search.solve(problem, should_stop=lambda: True)
    assert found.stopped_early
    assert schedule(problem, found.order) is not None


def test_an_infeasible_first_day_is_refused() -> None:
    late = Candidate(10, 60, ((0, 100),))
    problem = Problem((late,), ((0,) * 3,) * 3, 540, 1020)
    with pytest.raises(ValueError, match="feasible"):
        search.solve(problem, first=(0,))
