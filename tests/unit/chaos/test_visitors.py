"""Visitors ask under one id until they are answered; what is never answered is a finding."""

import json
from pathlib import Path
from typing import Any
from uuid import uuid5

import pytest

from chaos import observers, visitors
from chaos.logs import Log
from chaos.observers import OBSERVATIONS, Sensor, stored_name
from chaos.platform import Platform
from chaos.scenarios import figures
from chaos.stage import Broken, Stage
from chaos.visitors import BATCH, LEAST, Phone, Planner, Visitor
from demo.web import Unexpected
from services.visitor_sense.store import batches


class Edge:
    """Answers with what is next, with the last one for ever; keeps what it was asked."""

    def __init__(self, *answers: int | Exception) -> None:
        self._answers, self.asked = list(answers), list[tuple[Any, dict[str, str]]]()
        self.status = 0

    def __enter__(self) -> "Edge":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing is open."""

    def post_json(self, path: str, body: object, **headers: str) -> "Edge":
        """Returns itself as the answer."""
        self.asked.append((body, headers))
        found = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        if isinstance(found, Exception):
            raise found
        if found >= 500:
            raise Unexpected(f"POST {path} gave {found}")
        self.status = found
        return self

    def json(self) -> Any:
        """Returns a plan."""
        return {"itinerary_id": f"plan-{len(self.asked)}"}


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Without a platform."""
    return Stage(Platform(tmp_path), tmp_path, "test")


def act(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, kind: type[Visitor], edge: Edge, *more: Any
) -> list[list[str]]:
    """Asks once. Returns the ids that were written down."""
    monkeypatch.setattr(visitors, "browser", lambda _: edge)
    monkeypatch.setattr(visitors, "PAUSE_S", 0)
    with stage.log(visitors.LOG) as left:
        kind(stage, left, 1, *more)._act()
    return [each["ids"] for each in stage.lines(visitors.LOG)]


def test_scans_are_written_down_under_the_ids_that_were_sent_again(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = Edge(503, ConnectionResetError(), 429, 200)
    [ids] = act(stage, monkeypatch, Phone, edge, ["stop"])
    assert len(edge.asked) == 4
    for body, _ in edge.asked:
        assert [each["scan_id"] for each in body["scans"]] == ids
    assert len(set(ids)) == BATCH


def test_a_plan_without_an_answer_is_asked_for_again_under_its_key(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    edge = Edge(504, 201)
    assert act(stage, monkeypatch, Planner, edge) == [["plan-2"]]
    assert len({json.dumps(each) for each in edge.asked}) == 1
    assert edge.asked[0][1]["Idempotency-Key"]


@pytest.mark.parametrize("status", [500, 400, 409])
def test_a_no_and_a_mistake_of_the_server_are_findings(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with pytest.raises(Broken, match=f"answered with {status}"):
        act(stage, monkeypatch, Planner, Edge(status))
    assert stage.lines(visitors.LOG) == []


def test_what_is_away_for_good_is_a_finding(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitors, "PATIENCE_S", 0.01)
    with pytest.raises(Broken, match="was not answered for"):
        act(stage, monkeypatch, Planner, Edge(503))


def test_what_breaks_a_visitor_breaks_the_block(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "browser", lambda _: Edge(500))
    left = Log(stage.path(visitors.LOG))
    with pytest.raises(Broken, match="answered with 500"), Planner(stage, left, 1):
        pass
    left.close()


def test_a_short_block_is_made_long_enough_to_test_something(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitors, "browser", lambda _: Edge(201))
    with stage.log(visitors.LOG) as left, Planner(stage, left, 1) as planner:
        pass
    assert planner.taken == len(stage.lines(visitors.LOG)) == LEAST


def compared(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, scans: dict[str, int], plans: dict[str, int]
) -> Stage:
    """After visitors were told of 200 scans and five plans, the owners hold these."""
    with stage.log(visitors.LOG) as left:
        for what, count in (("scans", BATCH * LEAST), ("plans", LEAST)):
            ids = [f"{what}-{number}" for number in range(count)]
            left.write({"scenario": stage.scenario, "what": what, "ids": ids})
    kept = {"scans": scans, "plans": plans}
    monkeypatch.setattr(figures, "_owned", lambda _: {("2026-12-01", "scans"): 1})
    monkeypatch.setattr(figures, "_counted", lambda _: {("2026-12-01", "scans"): 1})
    monkeypatch.setattr(figures, "_kept", lambda _, what: kept[what])
    figures.expect_same(stage)
    return stage


SCANS = {f"scans-{number}": 1 for number in range(BATCH * LEAST)}
PLANS = {f"plans-{number}": 1 for number in range(LEAST)}


def test_all_ids_there_are_clean_and_acknowledged(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = compared(stage, monkeypatch, SCANS, PLANS)
    assert (found.lost, found.doubled) == ([], [])
    assert found.also == len(SCANS) + len(PLANS)
    assert (found.figures["scans"], found.figures["plans"]) == (200, 5)


def test_a_plan_lost_behind_one_that_nobody_was_told_of_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    plans = {name: 1 for name in PLANS if name != "plans-3"} | {"unheard": 1}
    found = compared(stage, monkeypatch, SCANS, plans)
    assert found.lost == ["1 plans acknowledged and not kept: plans-3"]
    assert found.doubled == ["1 plans kept and acknowledged to nobody: unheard"]


def test_a_scan_lost_beside_one_that_counts_twice_is_found(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    scans = {name: 1 for name in SCANS if name != "scans-7"} | {"scans-8": 2}
    found = compared(stage, monkeypatch, scans, PLANS)
    assert found.lost == ["1 scans acknowledged and not kept: scans-7"]
    assert found.doubled == ["1 scans counted more or less than once: scans-8"]


def test_no_visitors_at_all_have_tested_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("_owned", "_counted"):
        monkeypatch.setattr(figures, name, lambda _: {})
    monkeypatch.setattr(figures, "_kept", lambda *_: {})
    with pytest.raises(Broken, match="only 0 reports were acknowledged"):
        figures.expect_same(stage)


def sensed(
    stage: Stage,
    monkeypatch: pytest.MonkeyPatch,
    told: int,
    kept: list[str],
    observations: int | None = None,
) -> Stage:
    """Judges a sensor that was told of so many batches."""
    monkeypatch.setattr(observers, "read_credential", lambda _: None)
    monkeypatch.setattr(observers, "COUNTED_WITHIN_S", 0)
    stage.platform.state["sensor"] = {"credential_file": "none"}
    sensor = Sensor(stage, 1)
    sensor.acknowledged = [f"batch-{number}" for number in range(told)]
    sensor._before = (0, 0)
    counted = len(kept), len(kept) * OBSERVATIONS if observations is None else observations
    monkeypatch.setattr(sensor, "_counted", lambda: counted)
    monkeypatch.setattr(sensor, "_kept", lambda: dict.fromkeys(kept, 1))
    sensor.judge()
    return stage


def test_batches_are_compared_by_their_names(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"batch-{number}" for number in range(LEAST)]
    found = sensed(stage, monkeypatch, LEAST, names)
    assert (found.lost, found.doubled, found.also) == ([], [], LEAST)
    found = sensed(stage, monkeypatch, LEAST, [*names[1:], "ghost"])
    assert found.lost == ["1 batches acknowledged and not kept: batch-0"]
    assert found.doubled == ["1 batches kept and acknowledged to nobody: ghost"]


def test_observations_of_a_batch_that_count_twice_are_doubled(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"batch-{number}" for number in range(LEAST)]
    found = sensed(stage, monkeypatch, LEAST, names, (LEAST + 1) * OBSERVATIONS)
    assert [each[:33] for each in found.doubled] == ["(batches, observations) acknowled"]


def test_a_sensor_that_was_never_heard_has_tested_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(Broken, match="only 0 batches of observations"):
        sensed(stage, monkeypatch, 0, [])


def test_a_batch_has_the_name_that_its_owner_gives_it() -> None:
    assert observers.NAMES == batches._NAMESPACE
    assert stored_name("a", "s", "b", 1) == str(uuid5(batches._NAMESPACE, "a:s:b:1"))
