"""CPU by part: counted by the nearest part above a process, kept when a part is started anew."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from loadtests import cpu
from loadtests.cpu import OTHERS, Cpu, Watch


def test_a_process_below_a_part_is_that_parts() -> None:
    nested = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'while True: pass'])"
    child = subprocess.Popen([sys.executable, "-c", nested], start_new_session=True)
    parts = {os.getpid(): "all", child.pid: "edge"}

    def seen() -> float:
        found = cpu.spent_by(parts)
        assert found[os.getpid()][0] == "all"
        found.pop(child.pid, None)
        return sum(s for part, s in found.values() if part == "edge")

    try:
        wait_for(lambda: seen() >= 0.2)
    finally:
        os.killpg(child.pid, signal.SIGKILL)
        child.wait()


def test_what_a_killed_part_did_stays(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    state.write_text("{}")
    watch = Watch(os.getpid(), state, every_s=0.05)
    for number in (1, 2):
        child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        try:
            told = {"components": [{"name": "edge", "pid": child.pid}]}
            state.write_text(json.dumps(told))
            wait_for(partial(has_spent, watch, 0.2 * number))
        finally:
            child.kill()
            child.wait()
    found = watch.stop()
    assert found.by_part["edge"][-1] >= 0.4
    row = found.by_part["edge"]  # sums of floats: the last digit may differ
    assert all(b >= a - 1e-9 for a, b in pairwise(row)), "it never takes anything back"
    assert {len(row) for row in found.by_part.values()} == {len(found.at)}


def has_spent(watch: Watch, wanted: float) -> bool:
    return watch.cpu.by_part.get("edge", [0.0])[-1] >= wanted


def wait_for(condition: Callable[[], bool]) -> None:
    ends = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < ends
        time.sleep(0.02)


def test_no_state_is_no_component(tmp_path: Path) -> None:
    assert cpu.components(tmp_path / "none.json") == {}
    (tmp_path / "cut.json").write_text('{"components": [{"na')
    assert cpu.components(tmp_path / "cut.json") == {}


def test_between_two_moments_and_without_others() -> None:
    known = Cpu([0.0, 1.0, 2.0], {"edge": [0.0, 0.4, 0.9], OTHERS: [0.0, 1.0, 2.0]})
    assert known.between(1.0, 2.0) == pytest.approx({"edge": 0.5, OTHERS: 1.0})
    assert known.platform_s(0.0, 2.0) == pytest.approx(0.9)
