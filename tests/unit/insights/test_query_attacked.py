"""Ten thousand questions and everything that can be worked out from them together.

An attacker asks at random, and takes every cell of every answer as two inequalities about the
counts of single days. Linear programming then finds the least and the most that each count can be:
that holds for sums and differences of any number of answers at once.
"""

import random
from collections.abc import Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from kit.pure.suppression import K
from services.insights.domain.query.answer import Cell, answer, group_of
from services.insights.domain.query.asked import COLUMNS, By, Measure, Question
from services.insights.domain.query.days import DayFilter, DayKind
from services.insights.domain.query.told import DayData
from services.insights.domain.span import DaySpan
from tests.unit.insights.test_query import FIRST, entries, kept, pages

DAYS = [FIRST + timedelta(days=n) for n in range(14)]
LANGUAGES, ORIGINS, HOURS = ("ja", "ko", "en", "fr"), ("JP", "KR", "TW", "US"), ("9", "12", "16")
QUESTIONS = 10_000
Truth = Mapping[tuple[date, str], int]


def counts(noise: random.Random, values: tuple[str, ...]) -> dict[tuple[date, str], int]:
    """Counts by day and value: many, a few, none."""
    return {
        (on, value): noise.choice((0, noise.randint(1, 9), noise.randint(10, 80)))
        for on in DAYS for value in values
    }  # fmt: skip


def of_day(truth: Truth, on: date) -> dict[str, int]:
    return {value: n for (day, value), n in truth.items() if day == on}


def a_question(noise: random.Random, measure: Measure, by: By) -> Question:
    start = noise.randrange(len(DAYS))
    end = noise.randrange(start, len(DAYS))
    only = DayFilter(
        frozenset(noise.sample(range(1, 8), noise.choice((0, 0, 1, 3)))),
        frozenset(noise.sample(list(DayKind), noise.choice((0, 0, 1, 2)))),
    )
    then_by = noise.choice(sorted(COLUMNS))
    return Question(measure, DaySpan(DAYS[start], DAYS[end]), by, then_by, only)


def learned(
    noise: random.Random, days: Mapping[date, DayData], measure: Measure, by: By, truth: Truth
) -> dict[frozenset[tuple[date, str]], tuple[int, int]]:
    """Asks; returns for each set of counts that an answer adds up how little and how much it is."""
    known: dict[frozenset[tuple[date, str]], tuple[int, int]] = {}
    for _ in range(QUESTIONS):
        question = a_question(noise, measure, by)
        found = answer(question, days, FIRST)
        chosen = [on for on in question.span.days() if question.only.takes(on)]
        for row in found.rows:
            if (FIRST, row.value) not in truth:
                continue  # those whom nobody asked
            for column in ("", *found.columns):
                cell = row.cells.get(column, Cell())
                group = frozenset(
                    (on, row.value) for on in chosen
                    if column in ("", group_of(question.then_by, on))
                )  # fmt: skip
                low, high = known.get(group, (0, 10**9))
                known[group] = max(low, cell.figure.low), min(high, cell.figure.high)
        # What pages of days tell besides: how many there were in all, where that is told.
        for on in chosen:
            if measure is Measure.PAGES:
                whole = sum(of_day(truth, on).values())
                known[frozenset((on, value) for value in of_day(truth, on))] = whole, whole
    return known


def bounds(
    known: Mapping[frozenset[tuple[date, str]], tuple[int, int]], truth: Truth
) -> dict[tuple[date, str], tuple[float, float]]:
    """Returns the least and the most that each small count can be."""
    cells = sorted(truth)
    place = {cell: n for n, cell in enumerate(cells)}
    groups = [(group, ends) for group, ends in known.items() if group]
    rows = [n for n, (group, _) in enumerate(groups) for _ in group]
    columns = [place[cell] for group, _ in groups for cell in group]
    sums = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(groups), len(cells)))
    low = np.array([ends[0] for _, ends in groups], float)
    high = np.array([ends[1] for _, ends in groups], float)
    both, limits = _stacked(sums), np.concatenate([high, -low])
    assert (both @ np.array([truth[cell] for cell in cells], float) <= limits + 1e-9).all()
    found = {}
    for cell in [each for each in cells if 0 < truth[each] < K]:
        goal = np.zeros(len(cells))
        goal[place[cell]] = 1.0
        least = linprog(goal, both, limits, bounds=(0, None), method="highs")
        most = linprog(-goal, both, limits, bounds=(0, None), method="highs")
        assert least.status == most.status == 0
        found[cell] = least.fun, -most.fun
    return found


def _stacked(sums: csr_matrix) -> csr_matrix:
    from scipy.sparse import vstack  # noqa: PLC0415 - beside its only use

    return csr_matrix(vstack([sums, -sums]))


@pytest.mark.parametrize("seed", [1, 2])
def test_no_small_count_of_a_language_comes_out(seed: int) -> None:
    noise = random.Random(seed)
    truth = counts(noise, LANGUAGES)
    days = kept(*(each for on in DAYS for each in pages(on, of_day(truth, on))))
    known = learned(noise, days, Measure.PAGES, By.LANGUAGE_ASKED, truth)
    small = bounds(known, truth)
    assert len(small) > 10
    assert {cell: ends for cell, ends in small.items() if ends[1] - ends[0] < 1} == {}


def test_no_small_count_of_a_country_comes_out() -> None:
    noise = random.Random(3)
    truth = counts(noise, ORIGINS)
    days = kept(*(each for on in DAYS for each in entries(on, of_day(truth, on) | {"": 7})))
    known = learned(noise, days, Measure.ENTRIES, By.ORIGIN, truth)
    small = bounds(known, truth)
    assert {cell: ends for cell, ends in small.items() if ends[1] - ends[0] < K - 1} == {}


def test_no_hour_of_few_people_comes_out() -> None:
    noise = random.Random(4)
    truth = counts(noise, HOURS)
    days = kept(
        *(
            each for on in DAYS for hour, n in of_day(truth, on).items()
            for each in entries(on, {"": n}, hour=int(hour))
        )
    )  # fmt: skip
    known = learned(noise, days, Measure.ENTRIES, By.HOUR, truth)
    small = bounds(known, truth)
    assert {cell: ends for cell, ends in small.items() if ends[1] - ends[0] < 1} == {}


def test_the_attack_finds_what_is_told() -> None:
    """With every figure told, the same attack finds each count: it is no blunt one."""
    noise = random.Random(5)
    truth = counts(noise, LANGUAGES)
    known = {frozenset([cell]): (n, n) for cell, n in truth.items()}
    small = bounds(known, truth)
    assert {cell: ends for cell, ends in small.items() if ends[1] - ends[0] > 1e-6} == {}
