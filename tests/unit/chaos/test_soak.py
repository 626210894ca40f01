"""The line through a soak's figures: robust against peaks, honest about what it does not know."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.soak import LEAST, slope

LEVELS = st.floats(-1_000, 1_000)
GROWTHS = st.floats(-5, 5)


@given(growth=GROWTHS, level=LEVELS, count=st.integers(LEAST, 60))
def test_a_straight_line_is_found_exactly(growth: float, level: float, count: int) -> None:
    minutes = [number / 12 for number in range(count)]
    line = slope(minutes, [level + growth * at for at in minutes])
    assert line.a_minute == pytest.approx(growth, abs=1e-3)
    assert line.low <= line.a_minute <= line.high


@given(
    growth=GROWTHS, peaks=st.lists(st.floats(10, 10_000), min_size=1, max_size=8),
    seed=st.randoms(use_true_random=False),
)  # fmt: skip
def test_a_fifth_of_peaks_moves_it_little(growth: float, peaks: list[float], seed: object) -> None:
    minutes = [number / 12 for number in range(40)]
    values = [growth * at for at in minutes]
    places = seed.sample(range(40), len(peaks))  # type: ignore[attr-defined]
    for place, peak in zip(places, peaks, strict=True):
        values[place] += peak
    calm = [0.0 if place in places else 1.0 for place in range(40)]
    assert sum(calm) >= 32
    line = slope(minutes, values)
    # The median of all pairs: with 8 of 40 spoilt, 64 % of the pairs lie on the line itself.
    assert line.a_minute == pytest.approx(growth, abs=1e-3)


def test_the_levels_are_those_of_the_first_and_last_quarter() -> None:
    line = slope(list(range(8)), [1, 1, 5, 5, 5, 5, 9, 9])
    assert (line.first, line.last) == (1.0, 9.0)


def test_too_few_samples_are_no_line() -> None:
    with pytest.raises(ValueError, match="too few"):
        slope([1.0] * (LEAST - 1), [1.0] * (LEAST - 1))
    with pytest.raises(ValueError, match="too few"):
        slope([1.0] * LEAST, [1.0] * (LEAST + 1))


def test_a_long_soak_is_thinned_out_evenly() -> None:
    minutes = [number / 12 for number in range(2_000)]
    assert slope(minutes, [3 * at for at in minutes]).a_minute == pytest.approx(3)
