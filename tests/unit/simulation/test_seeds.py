"""Seeds hold, are the same again, and find what is planted."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation import report
from simulation.mistakes import MISTAKES
from simulation.run import play
from simulation.scenarios import SCENARIOS
from simulation.store import registry

ROOT = Path(__file__).resolve().parents[3]
FAULTS = {"commit unheard after it was durable", "acquirer does it and says nothing",
          "crash of payments", "double tap", "power cut of the tablet"}  # fmt: skip
SEEDS_NEEDED = 150  # at most, to find any of the mistakes


def test_three_hundred_seeds_hold_every_rule() -> None:
    answer = report.many(report.Wanted(count=300), processes=1)
    assert answer["failures"] == []
    assert answer["seeds"] == 300
    assert set(answer["scenarios"]) == set(SCENARIOS)
    assert answer["never_reached"] == []
    assert set(answer["faults"]) >= FAULTS


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_a_seed_is_the_same_again(scenario: str) -> None:
    first, second = (play(7, scenario, traced=True) for _ in range(2))
    assert first.story == second.story
    assert first.fingerprint == second.fingerprint
    assert play(8, scenario).fingerprint != first.fingerprint


def test_a_seed_is_the_same_in_another_process() -> None:
    """Whatever order sets of words have there."""
    ends = {_fingerprint_with(hash_seed) for hash_seed in ("1", "2")}
    assert ends == {play(11).fingerprint}


def _fingerprint_with(hash_seed: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", "from simulation.run import play; print(play(11).fingerprint)"],
        cwd=ROOT, text=True, capture_output=True, check=True,
        env=os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"},
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.parametrize("mistake", sorted(MISTAKES))
def test_a_mistake_is_found(mistake: str) -> None:
    for seed in range(1, SEEDS_NEEDED + 1):
        if play(seed, mistake=mistake).problems:
            return
    pytest.fail(f"{SEEDS_NEEDED} seeds did not find that {MISTAKES[mistake].says}")


def test_a_mistake_leaves_nothing_behind() -> None:
    before = {seed: play(seed).fingerprint for seed in range(1, 11)}
    assert any(play(seed, mistake="event-outside").problems for seed in before)
    assert {seed: play(seed).fingerprint for seed in before} == before


def test_the_story_of_a_failure_names_it() -> None:
    seed = next(n for n in range(1, 50) if play(n, mistake="silence-is-no").problems)
    told = report.told_of_one(report.one(seed, "", "silence-is-no", traced=True))
    assert any("FAILED" in line and "acquirer" in line for line in told)
    assert any("CRASHES" in line or "acquirer" in line for line in told)


def test_a_statement_in_other_words_is_unknown() -> None:
    with pytest.raises(registry.UnknownStatement, match="find_payment"):
        registry.find("select * from payments where area = %s and payment_id = %s and true")


def test_transitions_that_nobody_took_are_told() -> None:
    assert report.never_reached(set()) != []
    assert "created -> captured" not in report.never_reached({"created (take) -> captured"})
    assert "unknown -> voided" in report.never_reached({"unknown (take) -> captured"})
