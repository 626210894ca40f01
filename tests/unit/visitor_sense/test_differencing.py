"""Ten thousand questions at random, and differences of their answers: none is a count below k."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from kit.pure.suppression import K
from services.visitor_sense.app.hours import ReleasedHour, ReleasedTotal, released_hours
from services.visitor_sense.domain.noise import Budget
from services.visitor_sense.domain.people import Told, tell_noisy
from services.visitor_sense.domain.release import released_figure
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.store.hours import Figures

MORNING = datetime(2026, 11, 21, 0, tzinfo=UTC)
ZONES, HOURS, QUESTIONS = ("gate", "hall", "hill", "street"), 12, 10_000
Answer = tuple[Sequence[ReleasedHour], Sequence[ReleasedTotal]]


def a_day(chance: random.Random, budget: Budget | None) -> list[Figures]:
    """Hours of zones, every third with fewer than k devices."""
    found = []
    for number in range(HOURS):
        for zone_id in ZONES:
            devices = chance.randrange(K) if chance.random() < 0.35 else chance.randrange(K, 120)
            told, released = Told(), released_figure(devices, None)
            if budget is not None:
                told, released = tell_noisy(devices, 0.0, None, budget, chance.randrange)
            found.append(
                Figures(
                    "mine", zone_id, "place", MORNING + timedelta(hours=number), 3 * devices,
                    Bounded(devices, devices, devices), Bounded(devices, devices, devices), (1,), 1,
                    dirty=False, released=released, told=told,
                )
            )  # fmt: skip
    return found


def later(chance: random.Random, day: Iterable[Figures]) -> list[Figures]:
    """The same day after observations that came late."""
    found = []
    for one in day:
        devices = one.devices.estimate + chance.choice((0, 0, 1, 2, 5, 9, 14))
        released = one.released if one.told.noise else released_figure(devices, one.released)
        found.append(replace(one, devices=Bounded(devices, devices, devices), released=released))
    return found


def asked(answer: Answer, zone_id: str, first: int, last: int) -> tuple[int, int]:
    """Sums of what a question shows: of cells, and of the sums over zones."""
    since, until = MORNING + timedelta(hours=first), MORNING + timedelta(hours=last)
    cells = sum(
        one.figure.estimate
        for one in answer[0]
        if since <= one.hour < until and zone_id in ("", one.zone_id) and one.figure
    )
    totals = sum(one.estimate for one in answer[1] if since <= one.hour < until and one.estimate)
    return cells, totals if not zone_id else 0


@pytest.mark.parametrize("budget", [None, Budget(80)])
def test_no_difference_of_two_questions_is_a_count_below_k(budget: Budget | None) -> None:
    chance = random.Random(8)
    days = [a_day(chance, budget)]
    days.append(later(chance, days[0]))
    days.append(later(chance, days[1]))
    answers = [released_hours(day) for day in days]
    small = 0
    for _ in range(QUESTIONS):
        first, last = sorted(chance.sample(range(HOURS + 1), 2))
        inner_first = chance.randint(first, last - 1)
        inner_last = chance.randint(inner_first + 1, last)
        zone_id, when, then = chance.choice(("", *ZONES)), *chance.choices(answers, k=2)
        outer, inner = (
            asked(when, zone_id, first, last),
            asked(when, zone_id, inner_first, inner_last),
        )
        before = asked(then, zone_id, first, last)
        for one, other in zip(outer, inner, strict=True):  # a question within another
            small += 0 < one - other < K
        small += 0 < abs(outer[1] - before[1]) < K  # the same question at another time
        if first + 1 == last and zone_id:
            small += 0 < abs(outer[0] - before[0]) < K
    assert small == 0


def test_under_noise_asking_at_any_time_gives_the_same_answer() -> None:
    chance = random.Random(9)
    day = a_day(chance, Budget(80))
    assert released_hours(later(chance, day)) == released_hours(day)
