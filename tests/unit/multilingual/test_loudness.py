"""Loudness after BS.1770 and peaks that are held back."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.gateways.loudness import (
    PEAK_DBFS,
    TARGET_LUFS,
    Wave,
    level,
    loudness,
)

RATE = 48_000
CEILING = 10 ** (PEAK_DBFS / 20)


def tone(amplitude: float, hertz: float = 997.0, seconds: float = 2.0) -> Wave:
    made: Wave = amplitude * np.sin(2 * np.pi * hertz * np.arange(int(RATE * seconds)) / RATE)
    return made


@pytest.mark.parametrize("dbfs", [-6.0, -20.0, -40.0])
def test_the_reference_tone_has_the_loudness_of_the_recommendation(dbfs: float) -> None:
    """A sine of 997 Hz at x dBFS in one channel measures x - 3.01 LUFS (BS.1770-4, annex 1)."""
    assert loudness(tone(10 ** (dbfs / 20)), RATE) == pytest.approx(dbfs - 3.01, abs=0.1)


def test_low_tones_count_less_and_silence_nothing() -> None:
    assert loudness(tone(0.5, 50), RATE) < loudness(tone(0.5), RATE) - 2
    assert loudness(np.zeros(RATE), RATE) == float("-inf")
    padded = np.concatenate([tone(0.1), np.zeros(5 * RATE)])
    assert loudness(padded, RATE) == pytest.approx(loudness(tone(0.1), RATE), abs=0.5)


@given(st.floats(0.001, 30.0), st.floats(80, 4_000), st.floats(0.05, 1.5))
def test_whatever_comes_in_no_peak_passes_the_ceiling(
    amplitude: float, hertz: float, seconds: float
) -> None:
    made = level(tone(amplitude, hertz, seconds), RATE)
    assert float(np.max(np.abs(made))) <= CEILING + 1e-9


@given(st.floats(0.001, 10.0))
def test_a_tone_comes_out_at_the_target(amplitude: float) -> None:
    assert loudness(level(tone(amplitude), RATE), RATE) == pytest.approx(TARGET_LUFS, abs=0.3)


def test_silence_stays_silent() -> None:
    assert not np.any(level(np.zeros(RATE), RATE))
