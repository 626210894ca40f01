"""Noise of differential privacy: its distribution, its budget, and that no small count is shown."""

import math
import random
from collections import Counter
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chisquare

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.visitor_sense.app.days import told_of
from services.visitor_sense.domain import noise as rules
from services.visitor_sense.domain.laplace import discrete_laplace, tail, within
from services.visitor_sense.domain.noise import DELTA, Budget, Noise, budget_of, quantiles
from services.visitor_sense.domain.people import Method, tell_noisy
from tests.unit.visitor_sense.test_days import TODAY, minutes_of
from tests.unit.visitor_sense.test_people import THRICE

EIGHT = Budget(80)
budgets = st.integers(rules.LEAST_TENTHS, rules.MOST_TENTHS).map(Budget)


def chances(scale: Fraction, most: int) -> dict[int, float]:
    """The distribution as it is defined."""
    alpha = math.exp(-1 / scale)
    return {x: (1 - alpha) / (1 + alpha) * alpha ** abs(x) for x in range(-most, most + 1)}


class TestLaplace:
    @pytest.mark.parametrize(
        "scale", [Fraction(2), Fraction(1, 3), Fraction(160, 73), Fraction(58)]
    )
    def test_numbers_come_as_often_as_the_distribution_says(self, scale: Fraction) -> None:
        chance = random.Random(f"laplace {scale}")
        draws = 40_000
        seen = Counter(discrete_laplace(scale, chance.randrange) for _ in range(draws))
        most = within(scale, 0.98)
        expected = {x: draws * share for x, share in chances(scale, most).items()}
        inside = [seen[x] for x in expected]
        observed = [*inside, draws - sum(inside)]
        rest = draws - sum(expected.values())
        assert chisquare(observed, [*expected.values(), rest]).pvalue > 0.001

    def test_a_scale_is_above_zero(self) -> None:
        with pytest.raises(ValueError, match="scale"):
            discrete_laplace(Fraction(0))

    @given(st.fractions(Fraction(1, 20), 50), st.integers(1, 60))
    def test_tails_are_sums_of_the_distribution(self, scale: Fraction, least: int) -> None:
        known = chances(scale, least + 3_000)
        summed = math.fsum(share for x, share in known.items() if x >= least)
        assert tail(scale, least) == pytest.approx(summed, rel=1e-6, abs=1e-15)

    @given(st.fractions(Fraction(1, 20), 50), st.sampled_from((0.5, 0.9, 0.95)))
    def test_a_reach_holds_its_share_and_no_less_would(self, scale: Fraction, share: float) -> None:
        found = within(scale, share)
        assert 1 - 2 * tail(scale, found + 1) >= share - 1e-12
        assert found == 0 or 1 - 2 * tail(scale, found) < share


class TestBudget:
    @given(budgets)
    def test_all_figures_of_a_device_take_the_whole_and_no_more(self, budget: Budget) -> None:
        hours = rules.ZONE_HOURS * budget.hour.epsilon
        stays = 2 * rules.MOST_ZONES * budget.stays.epsilon  # their number, and their bins
        assert hours + stays + rules.MOST_MOVES * budget.move.epsilon == budget.epsilon
        assert 2 * budget.shared().epsilon == budget.hour.epsilon

    @given(budgets)
    def test_one_device_more_changes_no_answer_s_chance_beyond_epsilon(
        self, budget: Budget
    ) -> None:
        """By the distribution itself: exact, for every answer there can be."""
        noise = budget.hour
        known = chances(noise.scale, 200)
        bound = math.exp(noise.epsilon) * (1 + 1e-9)
        assert all(
            known[x] <= bound * known[x + side] for x in range(-199, 200) for side in (-1, 1)
        )

    @given(budgets)
    def test_noise_lifts_a_count_below_k_so_far_with_a_chance_of_delta_only(
        self, budget: Budget
    ) -> None:
        for noise in (budget.hour, budget.shared(), budget.stays, budget.move):
            needed = noise.shown_from - (K - 1)
            assert (1 + math.exp(noise.epsilon)) * tail(noise.scale, needed) <= DELTA
            assert noise.shown_from > K

    @given(budgets, st.integers(0, K - 1), st.integers(0, 10_000))
    def test_fewer_than_k_are_never_shown_whatever_the_noise(
        self, budget: Budget, count: int, noisy: int
    ) -> None:
        assert budget.hour.told(count, noisy) is None

    @pytest.mark.parametrize("epsilon", [-1.0, 0.05, 0.4, 50.1, 8.05, math.inf, math.nan])
    def test_budgets_that_are_none_are_refused(self, epsilon: float) -> None:
        with pytest.raises(InvalidFields):
            budget_of(epsilon)

    def test_nought_is_no_noise_and_steps_are_tenths(self) -> None:
        assert budget_of(0) is None
        assert budget_of(8.0) == EIGHT
        assert budget_of(0.7) == Budget(7)

    def test_what_a_middle_way_costs(self) -> None:
        assert EIGHT.hour.scale == Fraction(2)
        assert (EIGHT.hour.shown_from, EIGHT.hour.reach(0.9)) == (34, 5)


class TestHours:
    def test_the_interval_holds_what_was_counted(self) -> None:
        chance = random.Random(4)
        held = 0
        for _ in range(2_000):
            told, shown = tell_noisy(120, 0.0, None, EIGHT, chance.randrange)
            assert told.figure is not None
            assert told.figure.estimate == shown == told.raw
            held += told.figure.low <= 120 <= told.figure.high
        assert held == 2_000  # the interval of signatures is far wider than the noise

    @pytest.mark.parametrize("devices", [0, 9, 12])
    def test_small_hours_are_withheld_and_what_is_kept_of_them_is_noisy(self, devices: int) -> None:
        chance = random.Random(5)
        found = {tell_noisy(devices, 0.0, None, EIGHT, chance.randrange)[0] for _ in range(400)}
        assert {one.figure for one in found} == {None}
        assert len({one.raw for one in found}) > 4

    def test_a_calibrated_zone_tells_people_under_noise(self) -> None:
        chance = random.Random(6)
        told = [tell_noisy(200, 30.0, THRICE, Budget(200), chance.randrange) for _ in range(500)]
        people = THRICE.calibration.people(30.0).estimate
        figures = [one.figure for one, _ in told if one.figure is not None]
        assert len(figures) == 500
        assert len({figure.estimate for figure in figures}) > 5
        assert sum(figure.low <= people <= figure.high for figure in figures) > 450
        assert {one.method for one, _ in told} == {Method.CALIBRATED}

    def test_a_calibrated_zone_with_few_devices_tells_nothing(self) -> None:
        chance = random.Random(7)
        told = [tell_noisy(9, 9.0, THRICE, EIGHT, chance.randrange) for _ in range(300)]
        assert all(one.figure is None and shown is None for one, shown in told)


class TestDays:
    def test_a_day_tells_noisy_stays_and_ways_and_no_pairs(self) -> None:
        gate = {n: (n, n + 9) for n in range(80)}
        hall = {n: (100 + n, 119 + n) for n in range(80)}
        minutes = minutes_of({"gate": gate, "hall": hall})
        days = [told_of(TODAY, minutes, Budget(200)) for _ in range(40)]
        stays = [day.zones["gate"].stays for day in days]
        assert len(set(stays)) > 3
        assert abs(sum(stays) / len(stays) - 80) < 5
        assert all(day.zones["gate"].noise_tenths == 200 for day in days)
        assert all(day.pairs == {} for day in days)
        assert {way for day in days for way in day.moves} == {("gate", "hall")}
        middle = sorted(day.zones["hall"].quartiles_s[1] for day in days)[20]
        assert middle == pytest.approx(1_200, rel=0.3)

    def test_a_device_counts_in_few_zones_and_ways_however_much_it_moves(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(Noise, "add", lambda _, count: count)
        monkeypatch.setattr(Noise, "told", lambda _, count, noisy: noisy if count else None)
        zones = ("a", "b", "c", "d", "e", "f")
        restless = {
            zone: {7: (10 * place, 10 * place)} for place, zone in enumerate(zones)
        }  # fmt: skip
        told = told_of(TODAY, minutes_of(restless), EIGHT)
        assert sum(one.stays for one in told.zones.values()) == rules.MOST_ZONES
        assert sum(told.moves.values()) == rules.MOST_MOVES

    @given(st.integers(0, K - 1))
    def test_fewer_than_k_devices_are_never_told(self, few: int) -> None:
        same = {n: (n, n + 5) for n in range(few)}
        later = {n: (60 + n, 70 + n) for n in range(few)}
        told = told_of(TODAY, minutes_of({"gate": same, "hall": later}), Budget(500))
        assert (told.zones, told.pairs, told.moves) == ({}, {}, {})


class TestQuantiles:
    def test_they_lie_straight_within_their_bins(self) -> None:
        bins = [(0.0, 10.0, 10), (10.0, 20.0, -4), (20.0, 40.0, 10)]
        assert quantiles(bins, (0.25, 0.5, 0.75, 1.0)) == [5.0, 10.0, 30.0, 40.0]

    def test_of_nobody_there_are_none(self) -> None:
        with pytest.raises(ValueError, match="nothing"):
            quantiles([(0.0, 1.0, 0)], (0.5,))
