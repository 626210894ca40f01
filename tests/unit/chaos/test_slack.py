"""Limits stretch with what other programs take, never with what is under test."""

import os
import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos import slack
from chaos.slack import SLACK_MOST, WINDOW_S, Look, Neighbours, families, slack_now, stretched

CORES = 2
BURNS = "import time\nwhile time.process_time() < 0.3: pass"


def looks(*each: tuple[float, float, float]) -> list[Look]:
    """Looks once a second. each: for how long, seconds a second that all are busy, ours of it."""
    found = [(0.0, 0.0, 0.0)]
    for lasts_s, busy, ours in each:
        for _ in range(int(lasts_s)):
            at, busy_before, ours_before = found[-1]
            found.append((at + 1, busy_before + busy, ours_before + ours))
    return found


def test_a_service_that_spins_on_all_cores_stretches_nothing() -> None:
    """By the load it made its own limits eight times as long."""
    assert stretched(looks((60, 2.0, 2.0)), CORES) == 1.0


@pytest.mark.parametrize(
    ("others", "factor"), [(0.0, 1.0), (0.5, 1.3), (1.0, 2.0), (1.5, 4.0), (2.0, SLACK_MOST)]
)
def test_who_leaves_us_half_makes_everything_twice_as_long(others: float, factor: float) -> None:
    assert stretched(looks((60, others, 0.0)), CORES) == factor
    assert stretched(looks((60, 2.0, 2.0 - others)), CORES) == factor


def test_the_worst_moments_count_and_a_moment_alone_does_not() -> None:
    calm, busy = (100, 0.5, 0.5), (WINDOW_S, 2.0, 1.0)
    assert stretched(looks(calm, busy, calm), CORES) == 2.0
    assert stretched(looks(calm, (1, 2.0, 0.0), calm), CORES) == 1.1
    assert stretched(looks((3, 2.0, 1.0)), CORES) == 2.0  # less than a window is all there is


@given(st.lists(st.tuples(st.integers(1, 40), st.floats(0, 2), st.floats(0, 2)), max_size=6))
def test_it_is_never_below_one_nor_above_the_most(each: list[tuple[int, float, float]]) -> None:
    made = looks(*((lasts, max(a, b), min(a, b)) for lasts, a, b in each))
    assert 1.0 <= stretched(made, CORES) <= SLACK_MOST


def test_nobody_looks_and_nothing_is_stretched() -> None:
    assert slack_now() == 1.0


def test_another_scenario_begins_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: CORES)
    spent = iter([0.0, 1e6, 1e6, 1e6])
    with Neighbours(machine=lambda: next(spent), ours=lambda: 0.0) as looking:
        looking._ended.set()  # no looks but these
        looking._thread.join()
        looking.look()
        assert slack_now() == SLACK_MOST
        slack.begin()
        assert slack_now() == 1.0


def test_what_children_computed_stays_with_their_family() -> None:
    before = families([os.getpid()])[os.getpid()]
    subprocess.run([sys.executable, "-c", BURNS], check=True)
    assert families([os.getpid()])[os.getpid()] >= before + 0.25


def test_a_platform_beside_us_is_ours_and_a_stranger_is_not() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", f"{BURNS}\ninput()"], stdin=subprocess.PIPE
    ) as child:
        while families([child.pid])[child.pid] < 0.25:
            time.sleep(0.01)
        looking = Neighbours()
        looking.roots = lambda: [child.pid]
        assert looking._our_seconds() >= 0.25
        assert families([2**22 + 1]) == {}
        child.communicate(b"\n")
    assert slack.busy_s() > 0
