"""Readers of strangers' bytes, a little each time; for longer: `./meguri bench hostile`."""

import json
import random
from pathlib import Path

import pytest

from bench.hostile import fuzz, run
from bench.hostile.targets import TARGETS, Target

INPUTS = 1_500


@pytest.mark.parametrize("name", TARGETS)
def test_damaged_inputs_are_read_or_refused(name: str) -> None:
    target, chance = TARGETS[name](), random.Random(1)
    for seed in target.seeds:
        target.read(seed)
    for _ in range(INPUTS):
        target.read(fuzz.damaged(target.seeds, chance))


@pytest.mark.parametrize("name", TARGETS)
def test_random_bytes_are_read_or_refused(name: str) -> None:
    target, chance = TARGETS[name](), random.Random(2)
    for _ in range(INPUTS):
        target.read(chance.randbytes(chance.randrange(200)))


def test_a_finding_is_a_finding() -> None:
    def read(data: bytes) -> None:
        if data[:1] != b"g":
            raise KeyError

    with pytest.raises(KeyError):
        fuzz.by_chance(Target(read, [b"good"], ()), 5, 1, lambda _: None)


def test_inputs_and_memory_are_reported() -> None:
    told: list[str] = []
    count = fuzz.by_chance(Target(lambda _: None, [b"good"], ()), 0.1, 1, told.append)
    first = json.loads(told[0])
    assert 0 < first["inputs"] <= count
    assert first["memory_mb"] > 1


def test_a_process_that_ends_badly_is_told_with_its_last_words(tmp_path: Path) -> None:
    reports, failure = run.fuzz("by-chance", "no such reader", 1, 1, str(tmp_path))
    assert reports == []
    assert "KeyError" in failure


def test_growth_is_measured_after_the_first_tenth() -> None:
    sizes = [50.0, 100.0, *[101.0] * 17, 150.0]
    assert run.grown([{"memory_mb": size} for size in sizes]) == pytest.approx(150 / 101)
    assert run.grown([{"memory_mb": 1.0}]) == 1.0
