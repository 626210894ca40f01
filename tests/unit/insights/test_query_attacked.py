"""Ten thousand questions and everything that can be worked out from them together.

An attacker asks at random, and takes every cell of every answer as two inequalities about the
counts of single days. Linear programming then finds the least and the most that each count can be:
that holds for sums and differences of any number of answers at once. A count below K is K different
numbers at least; of a line that is itself below K, the sum is told and nothing else.
"""

import random
from collections.abc import Callable, Mapping, Sequence
from datetime import date, timedelta

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_matrix

from kit.pure.suppression import K
from services.insights.domain import figures
from services.insights.domain.query import told
from services.insights.domain.query.answer import Cell, answer, group_of
from services.insights.domain.query.asked import COLUMNS, By, Measure, Question
from services.insights.domain.query.days import DayFilter, DayKind
from services.insights.domain.query.told import DayData
from services.insights.domain.span import DaySpan
from tests.unit.insights.test_query import FIRST, entries, kept, pages

DAYS = [FIRST + timedelta(days=n) for n in range(14)]
LANGUAGES, ORIGINS, HOURS = ("ja", "ko", "en", "fr"), ("JP", "KR", "TW", "US"), ("9", "12", "16")
QUESTIONS = 10_000
Cell_ = tuple[date, str]
Truth = Mapping[Cell_, int]
Known = dict[frozenset[Cell_], tuple[int, int]]


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


@pytest.fixture(autouse=True)
def _days_are_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a day tells of a split does not change: ten thousand questions ask for it again."""
    kept_tables: dict[tuple[Measure, By, date], object] = {}
    split = told.split

    def read(measure: Measure, by: By, data: DayData, on: date) -> object:
        key = (measure, by, on)
        if key not in kept_tables:
            kept_tables[key] = split(measure, by, data, on)
        return kept_tables[key]

    monkeypatch.setattr(told, "split", read)


def learned(
    noise: random.Random,
    days: Mapping[date, DayData],
    measure: Measure,
    by: By,
    truth: Truth,
    questions: int = QUESTIONS,
) -> Known:
    """Asks; returns for each set of counts that an answer adds up how little and how much it is."""
    known: Known = {}
    for _ in range(questions):
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
    return known


def bounds(known: Known, truth: Truth) -> dict[Cell_, tuple[float, float]]:
    """Returns the least and the most that each small count can be."""
    cells = sorted(truth)
    place = {cell: n for n, cell in enumerate(cells)}
    groups = [([place[cell] for cell in group], ends) for group, ends in known.items() if group]
    goals = {cell: [place[cell]] for cell in cells if 0 < truth[cell] < K}
    return dict(
        zip(goals, spans(groups, list(goals.values()), [truth[c] for c in cells]), strict=True)
    )


def spans(
    groups: Sequence[tuple[Sequence[int], tuple[int, int]]], goals: Sequence[Sequence[int]],
    truth: Sequence[int],
) -> list[tuple[float, float]]:  # fmt: skip
    """Returns the least and the most that sums of unknowns can be. groups: sums of unknowns, each
    with its ends. goals: sums that are looked for. truth: what the unknowns are."""
    rows = [n for n, (group, _) in enumerate(groups) for _ in group]
    columns = [place for group, _ in groups for place in group]
    sums = csr_matrix((np.ones(len(rows)), (rows, columns)), shape=(len(groups), len(truth)))
    low = np.array([ends[0] for _, ends in groups], float)
    high = np.array([ends[1] for _, ends in groups], float)
    both, limits = _stacked(sums), np.concatenate([high, -low])
    assert (both @ np.array(truth, float) <= limits + 1e-9).all()
    found = []
    for goal in goals:
        one = np.zeros(len(truth))
        one[list(goal)] = 1.0
        least = linprog(one, both, limits, bounds=(0, None), method="highs")
        most = linprog(-one, both, limits, bounds=(0, None), method="highs")
        assert least.status == most.status == 0
        found.append((least.fun, -most.fun))
    return found


def narrow(
    small: Mapping[Cell_, tuple[float, float]], line: Callable[[date], int], least: int = K - 1
) -> dict[Cell_, tuple[float, float]]:
    """Returns the counts whose span is narrower than the rule says. line: how many a day has."""
    return {
        cell: ends for cell, ends in small.items()
        if ends[1] - ends[0] < min(least, line(cell[0])) - 1e-6
    }  # fmt: skip


def _stacked(sums: csr_matrix) -> csr_matrix:
    from scipy.sparse import vstack  # noqa: PLC0415 - beside its only use

    return csr_matrix(vstack([sums, -sums]))


FLOWS = [(wish, got) for wish in LANGUAGES for got in LANGUAGES]
Flow = tuple[date, str, str]


def flows(noise: random.Random) -> dict[Flow, int]:
    """Who asked for which language and got which: most what they asked for, on some days hardly
    anybody at all."""
    found = {}
    for on in DAYS:
        quiet = noise.random() < 0.2
        for wish, got in FLOWS:
            few, many = noise.randint(1, 9), noise.randint(10, 80)
            usual = (0, few, many) if wish == got else (0, 0, 0, few, few, many)
            found[on, wish, got] = noise.choice((0, 0, few)) if quiet else noise.choice(usual)
    return found


def read_pages(truth: Mapping[Flow, int]) -> dict[date, DayData]:
    return kept(*(
        each for (on, wish, got), n in truth.items() if n
        for each in pages(on, {wish: n}, served=got)
    ))  # fmt: skip


def told_by_pages(days: Mapping[date, DayData]) -> list[tuple[list[Flow], tuple[int, int]]]:
    """What the pages of the days tell, without any question: sums, and the three tables."""
    found: list[tuple[list[Flow], tuple[int, int]]] = []
    for on, data in days.items():
        page = figures.scans(data.sums, on, {})
        found.append(([(on, *flow) for flow in FLOWS], (page.count, page.count)))
        missed = page.other_language_count
        found.append(([(on, a, b) for a, b in FLOWS if a != b], (missed, missed)))
        for table, name in (
            (page.by_locale_asked, "asked"), (page.by_locale_missed, "missed"),
            (page.by_locale_served, "served"),
        ):  # fmt: skip
            cells = {cell.value: cell for cell in table.cells}
            for tag in () if table.withheld else LANGUAGES:
                group = [
                    (on, wish, got) for wish, got in FLOWS
                    if (got if name == "served" else wish) == tag
                    and (name != "missed" or wish != got)
                ]  # fmt: skip
                cell = cells.get(tag)
                if cell is not None and cell.withheld:
                    found.append((group, (1, 10**9)))  # its name says that there was somebody
                else:
                    count = cell.count if cell else 0
                    found.append((group, (count, count)))
    return found


def asked_too(
    noise: random.Random, days: Mapping[date, DayData], truth: Mapping[Flow, int]
) -> list[tuple[list[Flow], tuple[int, int]]]:
    """What answers tell of languages asked for, and of those asked for and not there."""
    found = []
    for by, missed in ((By.LANGUAGE_ASKED, False), (By.LANGUAGE_MISSED, True)):
        sums: dict[tuple[date, str], int] = {(on, tag): 0 for on in DAYS for tag in LANGUAGES}
        for (on, wish, got), n in truth.items():
            if not missed or wish != got:
                sums[on, wish] += n
        for group, ends in learned(noise, days, Measure.PAGES, by, sums, QUESTIONS // 2).items():
            single = [
                (on, wish, got) for on, wish in sorted(group) for got in LANGUAGES
                if not missed or wish != got
            ]  # fmt: skip
            if single:
                found.append((single, ends))
    return found


def small_languages(truth: Mapping[Flow, int]) -> dict[tuple[date, str, str], list[Flow]]:
    """Returns all counts below K that somebody may want to know of a day: of a language how many
    asked for it, missed it, got it as they wished, and got it instead of another."""
    found = {}
    for on in DAYS:
        for tag in LANGUAGES:
            by_name: dict[str, list[Flow]] = {}
            for wish, got in FLOWS:
                if tag == wish:
                    by_name.setdefault("asked", []).append((on, wish, got))
                    name = "got" if wish == got else "missed"
                    by_name.setdefault(name, []).append((on, wish, got))
                elif tag == got:
                    by_name.setdefault("instead", []).append((on, wish, got))
            for name, group in by_name.items():
                if 0 < sum(truth[flow] for flow in group) < K:
                    found[on, name, tag] = group
    return found


@pytest.mark.parametrize("seed", [1, 2])
def test_no_small_count_of_a_language_comes_out(seed: int) -> None:
    """All pages of days and ten thousand questions about languages asked for and missed, solved
    together for who asked for what and got what."""
    noise = random.Random(seed)
    truth = flows(noise)
    days = read_pages(truth)
    place = {flow: n for n, flow in enumerate(truth)}
    groups = [
        ([place[flow] for flow in group], ends)
        for group, ends in told_by_pages(days) + asked_too(noise, days, truth)
    ]  # fmt: skip
    everything = small_languages(truth)
    assert len(everything) > 50
    wanted = {key: everything[key] for key in noise.sample(sorted(everything), 40)}
    found = spans(
        groups, [[place[flow] for flow in group] for group in wanted.values()],
        list(truth.values()),
    )  # fmt: skip

    def line(on: date) -> int:
        whole = sum(n for (day, _a, _b), n in truth.items() if day == on)
        missed = sum(n for (day, a, b), n in truth.items() if day == on and a != b)
        return min(each for each in (whole - missed, missed, K) if each)

    small = dict(zip(((on, name + tag) for on, name, tag in wanted), found, strict=True))
    # Whoever knows that there was one has one number less to choose from.
    assert narrow(small, line, K - 2) == {}


def test_no_small_count_of_a_country_comes_out() -> None:
    noise = random.Random(3)
    truth = counts(noise, ORIGINS)
    days = kept(*(each for on in DAYS for each in entries(on, of_day(truth, on) | {"": 7})))
    known = learned(noise, days, Measure.ENTRIES, By.ORIGIN, truth)
    small = bounds(known, truth)
    assert narrow(small, lambda on: sum(of_day(truth, on).values())) == {}


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
    assert narrow(small, lambda on: sum(of_day(truth, on).values())) == {}


def test_the_attack_finds_what_is_told() -> None:
    """With every figure told, the same attack finds each count: it is no blunt one."""
    noise = random.Random(5)
    truth = counts(noise, LANGUAGES)
    known = {frozenset([cell]): (n, n) for cell, n in truth.items()}
    small = bounds(known, truth)
    assert {cell: ends for cell, ends in small.items() if ends[1] - ends[0] > 1e-6} == {}
