"""The itinerary bench judges as the public checker does; its requests are always the same."""

import argparse
import hashlib
import json
import runpy
import sys
import time
from pathlib import Path
from random import Random
from typing import Any

import numpy as np
import pytest

from bench.itinerary import cases, judge, requests
from bench.itinerary.cases import Case
from bench.itinerary.long_runs import keep
from bench.itinerary.run import BUDGETS, REFERENCES, _answer, _measure
from cli import bench
from services.itinerary.domain.orienteering.toptw import parse

TEXT = """4 1 2 1
0 200
0 40 50 0 0 0 0 0 1236
1 45 68 90 10 1 1 1 912 967
2 45 70 90 30 1 1 1 825 870
"""
SMALL = Case("c0", 1, 40, TEXT)


def test_an_instance_is_read_in_tenths() -> None:
    problem = parse(TEXT, "c0", 2)
    assert [stop.worth for stop in problem.stops] == [10, 30]
    assert problem.stops[0].windows == (((9120, 9670),),) * 2
    assert problem.stops[0].stay == 900
    assert problem.way[2, 0] == 186  # 18.68 rounded down
    assert parse(TEXT, "pr0", 1).way[2, 0] == 1868
    assert problem.days[1].ends == 12360


@pytest.mark.parametrize("text", ["", "4 1 9 1", TEXT.replace("10 1", "1.5 1"), TEXT[:60]])
def test_what_is_no_instance_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"missing|vertices|whole"):
        parse(text, "c0", 1)


@pytest.mark.parametrize(
    ("tours", "word"),
    [([[1], [2]], "tours"), ([[1, 1]], "twice"), ([[3]], "vertex"), ([[1, 2]], "closes")],
)
def test_tours_that_break_a_rule_are_refused(tours: list[list[int]], word: str) -> None:
    with pytest.raises(ValueError, match=word):
        cases.score(SMALL, tours)


def test_the_score_and_the_gap_are_counted() -> None:
    assert cases.score(SMALL, [[2, 1]]) == 40
    assert cases.score(SMALL, [[]]) == 0
    assert cases.gap_percent(SMALL, 30) == 25
    late = Case("c0", 1, 40, TEXT.replace("1236", "1000"))
    with pytest.raises(ValueError, match="late"):
        cases.score(late, [[1]])


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # the checker's own
def test_the_public_checker_agrees() -> None:
    path = cases.FOLDER / "evaluate.py"
    if not path.exists():
        pytest.skip("the public instances lie in ../shared, which is not there")
    public: dict[str, Any] = runpy.run_path(str(path))
    certificates = json.loads((cases.FOLDER / "certificates.json").read_text())
    random = Random(1)
    for case in cases.read()[::9]:
        points, scale = public["load"](cases.FOLDER / "instances" / f"{case.name}.txt")
        tours = certificates[f"{case.name}_m{case.tours}"]
        broken = [random.sample(tour, len(tour)) for tour in tours]
        for given in (tours, broken, [tours[0] + tours[0]]):
            try:
                expected = public["score"](points, scale, given, case.tours)
            except ValueError:
                expected = None
            try:
                found = cases.score(case, given)
            except ValueError:
                found = None
            assert found == expected
        problem = parse(case.text, case.name, case.tours)
        assert judge.faults(problem, [[v - 1 for v in tour] for tour in tours]) == []


def test_requests_are_the_same_everywhere() -> None:
    digest = hashlib.sha256()
    for number in range(0, requests.COUNT, 20):
        problem = requests.make(number)
        assert requests.FEWEST <= len(problem.stops) <= requests.MOST
        digest.update(np.ascontiguousarray(problem.way).tobytes())
        digest.update(repr((problem.stops, problem.days, problem.budget)).encode())
    assert digest.hexdigest()[:16] == "4fbb8b6916c8db55"


def test_a_value_is_known_for_every_request() -> None:
    best = json.loads(REFERENCES.read_text())["best"]
    assert len(best) == requests.COUNT
    assert all(missing < 99 and value > 0 for missing, value in best)


def test_long_runs_keep_the_better_value(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "references.json"
    monkeypatch.setattr(sys.modules["bench.itinerary.long_runs"], "REFERENCES", file)
    keep(1, 0, 50, "1 s")
    keep(1, 0, 40, "2 s")
    keep(1, 1, 90, "2 s")
    keep(0, 1, 90, "1 s")
    assert json.loads(file.read_text()) == {"best": [[1, 90], [0, 50]], "runs": ["1 s", "2 s"]}


def test_the_answer_says_what_holds() -> None:
    found = {"ours": {1.0: [0.0, 1.0]}, "pyvrp": {1.0: [2.0, 4.0]}}
    answer = _answer(found, {"phone_mean_gap_percent": 0.5}, {}, ["x"], [])
    assert answer["ratios"]["mean_gap_percent_1s"] == 0.5
    assert answer["limits"]["mean_gap_percent_1s"] == "<= 0.7: holds"
    assert answer["limits"]["phone_mean_gap_percent"].endswith("does not hold")
    assert answer["limits"]["infeasible"] == "<= 0: does not hold"
    assert answer["figures"]["pyvrp_worst_gap_percent_1s"] == 4.0
    assert answer["figures"]["ours_at_best_percent_1s"] == 50.0


def test_a_sample_ends_in_time_and_says_what_it_left_out() -> None:
    asked: list[str] = []

    class Slow:
        def ask(self, question: dict[str, Any]) -> dict[str, Any]:
            asked.append(question["name"])
            time.sleep(0.002)
            return {"tours": [[2, 1]]}

    faults: list[str] = []
    sides: Any = {"ours": Slow()}
    found = list(_measure(sides, [SMALL] * 5, lambda _: None, faults, 0.001))
    assert len(found) == len(BUDGETS)  # the first row is always measured
    assert len(list(_measure(sides, [SMALL] * 5, lambda _: None, faults, 60))) == 5 * len(BUDGETS)
    assert not faults


def test_what_was_left_out_and_what_was_wrong_is_told(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = _answer({}, {"phone_mean_gap_percent": 0.5}, {}, ["c1 m=1: late"], ["a: b"])
    fake = type("Fake", (), {"run": staticmethod(lambda *_, **__: answer)})
    monkeypatch.setattr("importlib.import_module", lambda _: fake)
    arguments = argparse.Namespace(
        name="itinerary", only=None, rounds=1, seconds=1, full=False, json=False
    )
    assert bench.run(arguments) == 0
    said = capsys.readouterr().out
    assert "faults: c1 m=1: late" in said
    assert "skipped: a: b" in said
