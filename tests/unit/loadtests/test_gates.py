"""Gates: each limit is held against what was measured, and what was not looked at is missed."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loadtests import gates
from loadtests.day import Gate
from loadtests.samples import Run, Sample, percentile


def run_of(*ms: float, failed: int = 0, again: int = 0, asked: int = 0) -> Run:
    found = [Sample(0.1, each, "/") for each in ms]
    found += [Sample(0.2, 1.0, "/", 3, "status 503")] * failed
    found += [Sample(0.3, 1.0, "/", 2)] * again
    count = asked or len(found)
    return Run(10, found, [count], [len(found)])


def verdict_of(name: str, gate: Gate, run: Run) -> gates.Verdict:
    return {each.name: each for each in gates.judge(gate, run)}[name]


def test_a_run_within_its_limits_passes() -> None:
    run = run_of(*[10.0] * 99, 90.0)
    assert gates.passes(gates.judge(Gate(p95_ms=100, p99_ms=100), run))


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=200), st.integers(1, 1000))
def test_p95_is_held_against_the_value_itself(ms: list[float], limit: int) -> None:
    held = verdict_of("p95", Gate(p95_ms=limit), run_of(*ms)).passed
    assert held == (percentile(sorted(ms), 0.95) <= limit)
    slow = sum(1 for each in ms if each > limit)
    assert held == (slow <= len(ms) * 0.05 + 1e-9), "at most one in twenty is slower"


def test_a_value_that_would_round_to_the_limit_misses_it() -> None:
    assert not verdict_of("p95", Gate(p95_ms=100), run_of(100.04)).passed
    assert verdict_of("p95", Gate(p95_ms=100), run_of(100.0)).passed


def test_a_kind_that_is_too_rare_to_be_seen_among_all_is_held_by_itself() -> None:
    pages = [Sample(0.1, 5.0, "/")] * 1_000
    plans = [Sample(0.1, 3_000.0, "POST /api/v1/itineraries")] * 25
    run = Run(10, [*pages, *plans], [1_025], [1_025])
    gate = Gate(p95_ms=150)
    assert verdict_of("p95", gate, run).passed
    found = verdict_of("each_p95", gate, run)
    assert not found.passed
    assert "POST /api/v1/itineraries, p95 3000.0 ms" in found.text
    quick = replace(run, samples=[*pages, *(replace(each, ms=1_000.0) for each in plans)])
    assert verdict_of("each_p95", gate, quick).passed


def test_of_a_kind_that_came_a_few_times_the_slowest_alone_says_nothing() -> None:
    run = Run(10, [Sample(0.1, 3_000.0, "/gate/unused")] * (gates.EACH_LEAST - 1), [19], [19])
    assert "each_p95" not in {each.name for each in gates.judge(Gate(), run)}
    assert "each_p95" not in {each.name for each in gates.judge(Gate(each_p95_ms=0), run)}


def test_one_failure_is_one_too_many() -> None:
    run = run_of(*[1.0] * 9_999, failed=1)
    assert not verdict_of("answered", Gate(), run).passed
    assert verdict_of("answered", Gate(succeed=0.999), run).passed
    assert not verdict_of("answered", Gate(succeed=0.99991), run).passed


def test_a_second_try_counts_as_success_and_is_told() -> None:
    found = verdict_of("answered", Gate(succeed=0.999), run_of(1.0, again=2))
    assert found.passed
    assert "2 of them at a second or third try" in found.text


def test_an_arrival_of_which_nothing_was_heard_misses_the_gate() -> None:
    run = replace(run_of(*[1.0] * 99), asked=[100], reached=[100])
    found = verdict_of("arrivals", Gate(), run)
    assert not found.passed
    assert "only 99 requests are accounted for" in found.text
    assert verdict_of("arrivals", Gate(), replace(run, asked=[99], reached=[99])).passed


def test_arrivals_that_were_late_miss_the_gate() -> None:
    assert verdict_of("arrivals", Gate(), run_of(*[1.0] * 97, asked=100)).passed
    assert not verdict_of("arrivals", Gate(), run_of(*[1.0] * 96, asked=100)).passed


@pytest.mark.parametrize("name", ["answered", "arrivals", "p95"])
def test_nothing_at_all_passes_nothing(name: str) -> None:
    assert not verdict_of(name, Gate(), Run(10, [], [0], [0])).passed


def test_a_check_that_nobody_made_is_missed() -> None:
    gate, run = Gate(checks=("plans_repaired",)), run_of(1.0)
    assert verdict_of("plans_repaired", gate, run).text == "was not looked at"
    looked = replace(run, checks=[("plans_repaired", True, "all"), ("closed", False, "not")])
    assert verdict_of("plans_repaired", gate, looked).passed
    assert not gates.passes(gates.judge(gate, looked)), "what else went wrong counts too"


def test_no_verdict_is_no_pass() -> None:
    assert not gates.passes([])
