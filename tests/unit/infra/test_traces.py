"""What one request did is put together from the logs, whatever else stands in them."""

import argparse
import json
from pathlib import Path
from typing import Any

import pytest

from cli import trace
from infra.local import traces

ONE, OTHER = "a" * 32, "a" * 6 + "b" * 26


def parent(trace_id: str, step: int) -> str:
    return f"00-{trace_id}-{step:016x}-01"


def step(trace_id: str, number: int, under: int = 0, **more: Any) -> dict[str, Any]:
    line = {
        "event": "step", "service": "payments", "name": f"step {number}", "ms": 2.5,
        "timestamp": f"2026-11-29T00:00:{number:02}.000000+00:00", "step": parent(trace_id, number),
    }  # fmt: skip
    return line | ({"parent": parent(trace_id, under)} if under else {}) | more


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "log"
    folder.mkdir()
    lines = {
        "edge.1": [step(ONE, 1, service="edge", name="POST /till/pay", failed="RpcError")],
        "edge": [step(OTHER, 9, service="edge"),
                 {"event": "request failed", "number": "00c0ffee", "trace_id": OTHER}],
        "payments": [step(ONE, 3, 1), step(ONE, 2, 1), {"event": "other", "trace_id": "f" * 32}],
        "insights": [step(ONE, 4, 2, service="insights"), step(ONE, 6, 5),
                     step(ONE, 7, ms="soon"), {"event": "step", "step": "damaged"},
                     step(ONE, 8, ms=float("nan")), step(ONE, 10, timestamp="2026-11-29T00:00:00"),
                     step(ONE, 4, 4, service="again")],
    }  # fmt: skip
    for name, records in lines.items():
        text = "".join(json.dumps(each) + "\n" for each in records)
        (folder / f"{name}.jsonl").write_text(text + '{"step": broken\n', encoding="utf-8")
    return tmp_path


def asked(home: Path, wanted: str = "", *, as_json: bool = True) -> argparse.Namespace:
    return argparse.Namespace(id=wanted, data=str(home), json=as_json)


def test_callers_come_before_what_they_called_and_strays_are_not_lost(home: Path) -> None:
    [request] = traces.read(home / "log", ONE)
    assert [(depth, each.name) for depth, each in request.in_order()] == [
        (0, "POST /till/pay"), (1, "step 2"), (2, "step 4"), (1, "step 3"), (0, "step 6"),
    ]  # fmt: skip
    assert len(traces.read(home / "log", "aaaaaa")) == 2
    assert traces.read(home / "log", "c" * 32) == []


def test_the_number_of_an_error_page_leads_to_its_request(home: Path) -> None:
    [request] = traces.read(home / "log", "00c0ffee")
    assert request.trace_id == OTHER
    assert [line["event"] for line in request.lines] == ["request failed"]


def test_the_command_shows_when_each_step_ran_and_which_failed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert trace.run(asked(home, ONE.upper(), as_json=False)) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == ONE
    assert "POST /till/pay  ✗ RpcError" in lines[1]
    assert lines[3].split()[:2] == ["3000.0", "ms"]
    assert lines[3].endswith("      insights  step 4")
    trace.run(asked(home, ONE))
    [told] = json.loads(capsys.readouterr().out)
    assert [each["depth"] for each in told["steps"]] == [0, 1, 2, 1, 0]


def test_without_an_id_the_last_requests_are_listed(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    trace.run(asked(home))
    assert [each["name"] for each in json.loads(capsys.readouterr().out)] == [
        "step 9", "POST /till/pay",
    ]  # fmt: skip
    trace.run(asked(home, as_json=False))
    assert "✗ RpcError" in capsys.readouterr().out
    trace.run(asked(home / "nothing", as_json=False))
    assert "nothing was recorded" in capsys.readouterr().out


@pytest.mark.parametrize("wanted", ["", "aaaa", "../../etc", "z" * 32, "a" * 40])
def test_what_is_no_id_finds_nothing(home: Path, wanted: str) -> None:
    assert not traces.may_be_id(wanted)
    if wanted:
        with pytest.raises(trace.NoSuchRequest, match="one in ten"):
            trace.run(asked(home, wanted))
