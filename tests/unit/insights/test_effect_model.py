"""Effects that are there are found, chance is not, and what cannot be told is not told."""

import math
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from services.insights.domain.effect import (
    LEAST_AFTER,
    LEAST_BEFORE,
    LEAST_PLACEBOS,
    MOST_AFTER,
    Effect,
    Verdict,
    ready_on,
)
from services.insights.domain.effect_model import effect
from services.insights.gateways.estimator import Question, answers

DONE = date(2026, 2, 3)


@pytest.fixture(autouse=True, scope="module")
def one_thread() -> Iterator[None]:
    """As in the process of its own: threads of BLAS wait for one another on a busy machine."""
    with threadpool_limits(1):
        yield


DAY = timedelta(days=1)


def made(
    step: float = 0.0, level: float = 40.0, before: int = 200, after: int = 40, seed: int = 1,
    busy_weekend: float = 1.8,
) -> dict[date, float]:  # fmt: skip
    chance = np.random.default_rng(seed)
    dates = [DONE + DAY * n for n in range(-before, after + 1)]
    return {
        on: float(
            chance.poisson(
                level * (busy_weekend if on.weekday() >= 5 else 1) * (1 + step * (on > DONE))
            )
        )
        for on in dates
    }


def told(series: Mapping[date, float], done: date = DONE, **more: object) -> Effect:
    return effect(series, done, max(series), **more)  # type: ignore[arg-type] # by name


def test_an_effect_that_is_there_is_told_with_its_interval() -> None:
    found = told(made(0.5))
    assert found.verdict is Verdict.TOLD
    assert found.low <= 25 <= found.high  # half of 40 by week, of 72 on days off
    assert 0 < found.low < found.per_day < found.high
    assert found.placebos >= LEAST_PLACEBOS
    assert found.placebos_as_large == 0
    assert (found.days_before, found.days_after) == (200, 40)
    after = [day for day in found.days if day.without is not None]
    assert len(after) == 40
    assert found.days[0].on == (DONE - DAY * 56).isoformat()
    assert all(day.low <= day.without <= day.high for day in after if day.low is not None)  # type: ignore[operator] # all three or none
    assert sum(day.without for day in after if day.without) < sum(day.value or 0 for day in after)


def test_fewer_is_told_as_fewer() -> None:
    found = told(made(-0.5))
    assert found.verdict is Verdict.TOLD
    assert found.high < 0


def test_where_nothing_changed_nothing_is_told() -> None:
    found = told(made(0.0))
    assert found.verdict is Verdict.NO_EFFECT_TOLD
    assert found.low < 0 < found.high


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        (200, LEAST_AFTER - 1, Verdict.TOO_EARLY),
        (LEAST_BEFORE - 1, 40, Verdict.TOO_FEW_BEFORE),
    ],
)
def test_what_cannot_be_told_yet_says_why(before: int, after: int, verdict: Verdict) -> None:
    found = told(made(0.5, before=before, after=after))
    assert found.verdict is verdict
    assert found.ready_on == (DONE + DAY * (LEAST_AFTER + 1)).isoformat()
    assert found.days == ()
    assert ready_on(DONE).isoformat() == found.ready_on


def test_it_is_ready_on_the_day_it_says() -> None:
    series = made(0.5, after=LEAST_AFTER)
    assert max(series) == ready_on(DONE) - DAY
    assert told(series).verdict in {Verdict.TOLD, Verdict.NO_EFFECT_TOLD}


def test_too_few_placebo_dates_leave_it_untold() -> None:
    found = told(made(2.0, before=LEAST_BEFORE + 10))
    assert found.placebos < LEAST_PLACEBOS
    assert found.verdict is Verdict.NO_EFFECT_TOLD


def test_a_series_of_hardly_anything_tells_nothing() -> None:
    assert told(made(level=0.05)).verdict is Verdict.TOO_SMALL
    gone = {on: value for on, value in made(after=MOST_AFTER).items() if on <= DONE + DAY * 3}
    assert effect(gone, DONE, DONE + DAY * MOST_AFTER).verdict is Verdict.TOO_SMALL


def test_weekends_alone_are_no_effect() -> None:
    """Whoever looks at so many days before and after sees more days off on one side."""
    series = made(0.0, level=100, busy_weekend=4.0, after=23)
    assert told(series).verdict is Verdict.NO_EFFECT_TOLD


def test_a_holiday_is_none_either() -> None:
    done = date(2026, 4, 26)
    dates = [done + DAY * n for n in range(-200, 25)]
    chance = np.random.default_rng(5)
    free = {date(2026, 4, 29), date(2026, 5, 4), date(2026, 5, 5), date(2026, 5, 6)}
    series = {
        on: float(chance.poisson(120 if on in free or on.weekday() >= 5 else 40)) for on in dates
    }
    assert effect(series, done, dates[-1]).verdict is Verdict.NO_EFFECT_TOLD


def test_a_comparison_takes_out_what_both_share() -> None:
    """All stops are read more from a day on: that is nothing of this one."""
    more = {on: value * (2.0 if on > DONE else 1.0) for on, value in made(level=60).items()}
    others = {
        on: value * (2.0 if on > DONE else 1.0) for on, value in made(level=300, seed=2).items()
    }
    # Days before must show how both go together: rain halves every fifth day.
    wet = {on: 0.5 if on.toordinal() % 5 == 0 else 1.0 for on in more}
    more = {on: round(value * wet[on]) for on, value in more.items()}
    others = {on: round(value * wet[on]) for on, value in others.items()}
    alone, beside = told(more), told(more, comparison=others)
    assert alone.verdict is Verdict.TOLD
    assert beside.verdict is Verdict.NO_EFFECT_TOLD
    assert beside.compared
    assert not alone.compared


def test_a_covariate_takes_out_what_it_tells() -> None:
    wet = {on: float(on.toordinal() % 3 == 0 or on > DONE) for on in made()}
    series = {on: round(value * (0.5 if wet[on] else 1.0)) for on, value in made().items()}
    assert told(series).verdict is Verdict.TOLD
    assert told(series, covariates={"rain": wet}).verdict is Verdict.NO_EFFECT_TOLD


def test_another_action_near_by_makes_it_untold_and_an_earlier_one_is_a_step_of_its_own() -> None:
    assert told(made(0.5), touched=[DONE - DAY * 7]).verdict is Verdict.MIXED
    assert told(made(0.5), touched=[DONE + DAY * 7]).verdict is Verdict.MIXED
    earlier = DONE - DAY * 60
    series = {on: value * (2 if on > earlier else 1) for on, value in made(0.0).items()}
    assert told(series, touched=[earlier]).verdict is Verdict.NO_EFFECT_TOLD


def test_the_same_days_say_the_same_and_later_days_change_nothing_once_it_is_over() -> None:
    series = made(0.3, after=MOST_AFTER + 60)
    first = effect(series, DONE, DONE + DAY * MOST_AFTER)
    assert first == effect(series, DONE, max(series))
    assert first.until == (DONE + DAY * MOST_AFTER).isoformat()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(
        st.one_of(st.just(0.0), st.floats(0, 1e6), st.integers(0, 9).map(float)),
        min_size=90, max_size=170,
    ),
    st.integers(22, 60),
)  # fmt: skip
def test_whatever_the_days_hold_there_is_a_finite_answer(values: list[float], after: int) -> None:
    dates = [DONE + DAY * (n - len(values) + after) for n in range(len(values))]
    found = effect(dict(zip(dates, values, strict=True)), DONE, dates[-1])
    assert all(math.isfinite(each) for each in (found.low, found.per_day, found.high))
    assert found.low <= found.per_day <= found.high
    if found.verdict is Verdict.TOLD:
        assert found.low > 0 or found.high < 0


def test_the_process_answers_in_order() -> None:
    series = made(0.5)
    both = answers(
        [Question(series, DONE, max(series)), Question({}, DONE, DONE + DAY * 3)]
    )  # fmt: skip
    assert [one.verdict for one in both] == [Verdict.TOLD, Verdict.TOO_EARLY]
