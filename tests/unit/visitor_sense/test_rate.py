"""A crowd from the rate of its bursts: unbiased, with an interval that tells what it rests on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.rate import BurstRate, count_bursts, crowd, learn_rate


def test_a_burst_ends_with_a_pause_and_belongs_to_one_address() -> None:
    assert count_bursts([(0, 1), (100, 1), (100, 2), (2_100, 1), (4_101, 1)]) == 3
    assert count_bursts([]) == 0


def test_what_is_learned_is_mean_and_scatter() -> None:
    found = learn_rate([2.0, 4.0, 6.0])
    assert found == BurstRate(4.0, found.scatter, 3)
    assert found.scatter == pytest.approx(0.408, abs=1e-3)
    with pytest.raises(ValueError, match="two phones"):
        learn_rate([3.0])
    with pytest.raises(ValueError, match="two phones"):
        learn_rate([0.0, 0.0])


def test_it_is_right_on_average_and_its_interval_holds_nine_in_ten() -> None:
    """Phones with rates of their own; the learned rate is that of 30 others of their kind."""
    chance = np.random.default_rng(4)
    inside, errors = 0, []
    for _ in range(400):
        rate = learn_rate(chance.gamma(2, 2, 30).tolist())
        bursts = int(chance.poisson(10 * chance.gamma(2, 2, 40)).sum())
        found = crowd(bursts, 10.0, rate)
        errors.append(found.devices / 40 - 1)
        inside += found.low <= 40 <= found.high
    assert abs(sum(errors) / len(errors)) < 0.05
    assert 0.84 < inside / 400 < 0.96


@given(st.integers(0, 10**6), st.floats(0.5, 100))
def test_an_interval_holds_its_estimate_and_more_bursts_are_more_people(
    bursts: int, minutes: float
) -> None:
    less, more = crowd(bursts, minutes), crowd(bursts + 1, minutes)
    assert 0 <= less.low <= less.devices <= less.high
    assert less.devices < more.devices


def test_no_time_says_nothing() -> None:
    with pytest.raises(ValueError, match="some time"):
        crowd(5, 0.0)
