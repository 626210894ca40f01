"""Simulated actions have the effect they say, and the plain way is what its name says."""

from datetime import date, timedelta
from statistics import fmean

import pytest

from bench.insights.effects import DAY, JUDGED, SIZES, TUNED, Case, peer, score, simulated

DONE = date(2026, 2, 3)


@pytest.mark.parametrize("seed", range(8))
def test_the_same_seed_is_the_same_case_and_no_effect_is_none(seed: int) -> None:
    case = simulated(seed)
    assert case == simulated(seed)
    assert case.size == SIZES[seed % len(SIZES)]
    assert (case.more > 0) is (case.size > 0)
    assert min(case.series) < case.done < case.until == max(case.series)
    assert (case.comparison is not None) is bool(seed // 8 % 2)
    assert all(value >= 0 and value == int(value) for value in case.series.values())


def test_the_truth_is_what_the_action_adds_to_its_days() -> None:
    cases = [simulated(seed) for seed in range(3, 400, 8)]  # 40 %
    shares = []
    for case in cases:
        after = [value for on, value in case.series.items() if on > case.done]
        shares.append(case.more / max(fmean(after), 1e-9))
    assert 0.25 < fmean(shares) < 0.32  # 0.4 of 1.4


def test_no_seed_is_both_made_with_and_judged_by() -> None:
    assert not set(TUNED) & set(JUDGED)


def test_before_and_after_is_a_difference_of_means() -> None:
    dates = [DONE + DAY * n for n in range(-60, 31) if n]
    series = {on: 10.0 + on.toordinal() % 2 + (5 if on > DONE else 0) for on in dates}
    case = Case(
        series, None, {}, rain_known=False, done=DONE, until=DONE + timedelta(days=30), size=0.5,
        more=5.0,
    )  # fmt: skip
    low, high = peer(case)
    assert low < 5 < high
    assert high - low < 1


def test_a_case_is_scored_beside_the_peer() -> None:
    found = score(50_004)
    assert found.size == 0
    assert found.verdict in {"told", "no_effect_told"}
    assert found.told is (found.verdict == "told")
    assert found.width > 0
