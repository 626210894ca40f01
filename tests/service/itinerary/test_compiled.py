"""The compiled search: the same answers as plain Python, every rule kept, and close to the best."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any

import pytest

from bench.itinerary import cases, judge, programs
from infra.local.home import ROOT
from services.itinerary.domain.orienteering.compiled import sources_digest
from services.itinerary.domain.orienteering.engine import Limit, search
from services.itinerary.domain.orienteering.problem import instance_of
from tests.service.itinerary import tours_program
from tests.unit.itinerary.tours_checker import best_value, worth_of
from tests.unit.itinerary.tours_samples import tour_problem

pytestmark = pytest.mark.timeout(900)  # a busy machine may have to compile first


@pytest.fixture(scope="module")
def program() -> Iterator[programs.Program]:
    with programs.own("tests.service.itinerary.tours_program") as running:
        yield running


def ask(program: programs.Program, seed: int, count: int, iterations: int) -> dict[str, Any]:
    return program.ask({"seed": seed, "count": count, "iterations": iterations})


def test_compiled_and_plain_answers_are_equal(program: programs.Program) -> None:
    for seed in range(6):
        asked = {"seed": seed, "count": 12, "iterations": 60}
        assert program.ask(asked) == tours_program.solve(asked)


def test_every_rule_is_kept_in_long_searches(program: programs.Program) -> None:
    for seed in range(60):
        answer = ask(program, seed, 25, 3_000)
        if answer["tours"] is None:
            continue
        problem = tours_program.problem_of(seed, 25)
        assert judge.faults(problem, answer["tours"]) == []
        assert judge.value_of(problem, answer["tours"]) == answer["value"]


def test_hostile_problems_are_answered_alike_and_keep_every_rule(
    program: programs.Program,
) -> None:
    """Compiled code checks no bounds: what plain Python refuses would be memory of others."""
    searched = 0
    for seed in range(400):
        asked = {"seed": seed, "count": 120 if seed % 100 == 0 else 0, "hostile": True}
        short, long = ({**asked, "iterations": number} for number in (15, 1_500))
        if asked["count"] == 0:
            assert program.ask(short) == tours_program.solve(short), seed
        answer = program.ask(long)
        if answer["tours"] is None:
            continue
        searched += 1
        problem = tours_program.hostile_of(seed, asked["count"])
        assert judge.faults(problem, answer["tours"]) == [], seed
        assert judge.value_of(problem, answer["tours"]) == answer["value"], seed
    assert searched > 200


def test_up_to_eight_stops_are_solved_to_the_best(program: programs.Program) -> None:
    equal = tried = 0
    for seed in range(100, 130):
        count = 5 + seed % 4 if seed % 2 else 5
        answer = ask(program, seed, count, 4_000)
        problem = tours_program.problem_of(seed, count)
        if answer["tours"] is None:
            continue
        best, reached = best_value(problem), worth_of(problem, answer["tours"])
        assert reached[-1] == answer["value"]
        assert reached <= best
        equal += reached == best
        tried += 1
    assert tried >= 15
    assert equal >= tried - 1


def test_public_instances_are_solved_close_to_the_best_known() -> None:
    known = cases.read()
    if not known:
        pytest.skip("the public instances lie in ../shared, which is not there")
    with programs.own("services.itinerary.gateways.toptw") as running:
        gaps = []
        for case in known[::17]:
            asked = {"text": case.text, "name": case.name, "tours": case.tours, "seed": 1}
            answer = running.ask({**asked, "seconds": 0.5})
            assert cases.score(case, answer["tours"]) == answer["score"]
            gaps.append(cases.gap_percent(case, answer["score"]))
        assert running.ask({**asked, "text": "nothing", "seconds": 1})["error"]
    assert sum(gaps) / len(gaps) <= 1.5


def test_an_instance_is_solved_from_the_command_line(tmp_path: Path) -> None:
    known = cases.read()
    if not known:
        pytest.skip("the public instances lie in ../shared, which is not there")
    case, out = known[0], tmp_path / "tours.json"
    command = [
        sys.executable, "-P", "-m", "cli", "itinerary", "solve", "--instance",
        str(cases.FOLDER / "instances" / f"{case.name}.txt"), "--m", str(case.tours),
        "--budget-ms", "100", "--seed", "3", "--out", str(out), "--json",
    ]  # fmt: skip
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}"},
    )  # fmt: skip
    assert json.loads(done.stdout)["iterations"] > 0
    assert json.loads(done.stdout)["score"] == cases.score(case, json.loads(out.read_text()))


def test_sources_and_machine_code_go_together() -> None:
    folder = Path(os.environ["NUMBA_CACHE_DIR"]) / sources_digest()
    assert any(folder.rglob("*.nbi"))
    random = Random(1)
    assert search(instance_of(tour_problem(random, 3, 1, metric=True)), Limit(5)).iterations == 5
