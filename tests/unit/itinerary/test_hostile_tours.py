"""The search against whoever wants it to break: rules are kept, or the question is refused."""

import dataclasses
from random import Random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.itinerary.judge import faults, value_of
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.instance import NEVER
from services.itinerary.domain.orienteering.problem import Stop, Timetable, TourProblem, instance_of
from tests.examples import share
from tests.unit.itinerary.test_orienteering import OPEN, found, line
from tests.unit.itinerary.tours_hostile import hostile_problem

STOP = Stop(10, 5, OPEN)


def judged(problem: TourProblem, iterations: int) -> bool:
    """Searches and judges. Says whether there was a day to search in."""
    try:
        tours = search(instance_of(problem), Limit(iterations), seed=7)
    except ValueError as error:
        assert "too short" in str(error)  # noqa: PT017 - the other answer, not a failure
        assert faults(problem, ((),) * len(problem.days))
        return False
    assert faults(problem, tours.tours) == []
    assert tours.value == value_of(problem, tours.tours)
    return True


@share(200)
@given(st.integers(0, 2**40))
def test_every_rule_is_kept_or_the_day_is_too_short(seed: int) -> None:
    judged(hostile_problem(Random(seed)), 20)


def test_most_hostile_days_can_be_searched() -> None:
    """The property above would prove nothing if all were refused."""
    assert sum(judged(hostile_problem(Random(seed)), 5) for seed in range(100)) > 50


def test_as_many_stops_as_the_service_ever_searches() -> None:
    searched = [judged(hostile_problem(Random(seed), 120), 2) for seed in range(12)]
    assert any(searched)


@pytest.mark.parametrize("group", [10**12, 2**70, -5])
def test_the_number_of_a_group_is_a_name(group: int) -> None:
    both = dataclasses.replace(STOP, group=group)
    assert len(found(line(both, both)).tours[0]) == (1 if group >= 0 else 2)


@pytest.mark.parametrize(
    ("problem", "word"),
    [
        (line(dataclasses.replace(STOP, stay=2**62)), "larger"),
        (line(dataclasses.replace(STOP, fee=2**62)), "larger"),
        (line(dataclasses.replace(STOP, rank=2**62)), "larger"),
        (line(STOP, budget=-1), "budget"),
        (line(STOP, budget=2**70), "budget"),
        (line(STOP, travel_price=-1), "price"),
        (line(STOP, travel_price=2**62), "price"),
        (line(STOP, way=np.full((3, 3), 1.7)), "square of numbers"),
        (line(STOP, way=np.array(3)), "square of numbers"),
        (line(way=np.zeros((0, 0), np.int32)), "square of numbers"),
        (line(STOP, timetable=Timetable(np.zeros((1, 3, 3, 5), np.int32), 0, 10)), "leaving"),
        (line(STOP, timetable=Timetable(np.zeros((1, 3, 3, 5), np.int32), 2**70, 1)), "whole"),
        (line(STOP, timetable=Timetable(np.zeros((1, 3, 3, 5), np.float64))), "whole"),
    ],
)  # fmt: skip
def test_what_would_overflow_or_be_cut_is_refused(problem: TourProblem, word: str) -> None:
    with pytest.raises(ValueError, match=word):
        instance_of(problem)


def test_arrivals_beyond_all_days_are_no_arrivals() -> None:
    for beyond in (NEVER + 1, 2**40):  # cut to 32 bits, the second would be midnight
        table = Timetable(np.full((1, 3, 3, 2), beyond, np.int64), 0, 10)
        far = np.full((3, 3), 900, np.int32)
        far[1, 2] = 0
        assert found(line(STOP, way=far, timetable=table)).tours == ((),)
