"""The exact search against trying every order of every set."""

import pytest
from hypothesis import given

from services.itinerary.domain.exact import MAX_CANDIDATES, best_day, largest_feasible_sets
from services.itinerary.domain.problem import Candidate, Problem, schedule, value_of
from tests.examples import share
from tests.unit.itinerary.problems import all_days, best_by_trying, problems


@share(30)
@given(problems(6, musts=True))
def test_the_best_day_is_the_best_of_all_days(problem: Problem) -> None:
    found, truth = best_day(problem), best_by_trying(problem)
    assert (found is None) == (truth is None)
    if found and truth:
        assert (found.value, -found.finish) == truth
        planned = schedule(problem, found.order)
        assert planned is not None
        assert (planned[1], value_of(problem, found.order)) == (found.finish, found.value)
        assert found.proven_best


@share(4)
@given(problems(7))
def test_seven_candidates(problem: Problem) -> None:
    found = best_day(problem)
    assert found is not None
    assert (found.value, -found.finish) == best_by_trying(problem)


@share(20)
@given(problems(5, budget=False))
def test_the_largest_sets_are_the_largest(problem: Problem) -> None:
    days = {tuple(sorted(order)) for _, _, order in all_days(problem)}
    size = max(map(len, days), default=0)
    expected = {day for day in days if len(day) == size}
    if days:
        assert set(largest_feasible_sets(problem)) == expected


def test_too_many_candidates_are_refused() -> None:
    one = Candidate(1, 10, ((540, 600),))
    count = MAX_CANDIDATES + 1
    travel = tuple((0,) * (count + 2) for _ in range(count + 2))
    with pytest.raises(ValueError, match="too many"):
        best_day(Problem((one,) * count, travel, 540, 1020))
