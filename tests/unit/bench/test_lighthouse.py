"""Marks of Lighthouse are told as it gave them; a page without one is no page with none to mend."""

import json
import subprocess

import pytest

from bench.lighthouse import run as lighthouse

GOOD = {"categories": {"accessibility": {"score": 1}, "performance": {"score": 0.97}}}


def test_marks_are_of_a_hundred() -> None:
    assert lighthouse.marks(GOOD, "stop") == {"stop_accessibility": 100, "stop_performance": 97}


def test_a_page_that_was_not_painted_has_no_mark() -> None:
    blank = {"categories": {"accessibility": {"score": 1}, "performance": {"score": None}},
             "runtimeError": {"code": "NO_FCP"}}  # fmt: skip
    with pytest.raises(RuntimeError, match="NO_FCP"):
        lighthouse.marks(blank, "stop")


@pytest.mark.parametrize(
    ("accessibility", "performance", "held"),
    [(100, 95, [True, True]), (99.9, 94.99, [False, False]), (100, 94.99, [True, False])],
)
def test_a_limit_is_held_against_the_median_itself(
    accessibility: float, performance: float, held: list[bool]
) -> None:
    found = {"stop_accessibility": accessibility, "stop_performance": performance, "home_x": 50.0}
    told = lighthouse.answer(found, 5)
    assert [": holds" in each for each in told["limits"].values()] == held
    assert told["figures"] == {"home_x": 50.0}


def test_without_a_browser_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.which", lambda _name: None)
    with pytest.raises(RuntimeError, match="apt-get install chromium"):
        lighthouse.browser()


def test_a_run_that_lost_its_trace_is_made_again_and_not_for_ever(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    lost = subprocess.CompletedProcess([], 1, "", "NO_NAVSTART")
    good = subprocess.CompletedProcess([], 0, json.dumps(GOOD), "")
    answers = [lost, good]
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answers.pop(0))
    assert lighthouse._marks("chromium", "http://127.0.0.1", "stop")["stop_performance"] == 97
    answers = [lost] * lighthouse.TRIES
    with pytest.raises(RuntimeError, match="NO_NAVSTART"):
        lighthouse._marks("chromium", "http://127.0.0.1", "stop")
