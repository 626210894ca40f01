"""Logs stay bounded, one record a line, whatever a component prints."""

import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.local import logs


def test_json_lines_keep_their_fields_and_others_become_text() -> None:
    record = logs.parse("edge", '{"event": "serving", "timestamp": "2026-01-01T00:00:00Z"}')
    assert record["event"] == "serving"
    assert record["time"] == "2026-01-01T00:00:00Z"
    assert logs.parse("nats", "Server is ready\n")["text"] == "Server is ready"
    assert logs.parse("edge", "{not json")["text"] == "{not json"


@given(st.text())
def test_any_line_becomes_a_record_and_a_line_again(line: str) -> None:
    record = logs.parse("x", line)
    assert record["component"] == "x"
    assert json.loads(json.dumps(record)) == record
    assert logs.readable(record)


def test_files_are_rotated_and_the_oldest_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logs, "ROTATE_BYTES", 200)
    log = logs.LogFile(tmp_path, "edge")
    for number in range(100):
        log.write(f"line {number}")
    log.close()
    files = sorted(path.name for path in tmp_path.iterdir())
    assert len(files) <= logs.KEPT_FILES + 1
    assert "edge.1.jsonl" in files
    newest = (tmp_path / "edge.1.jsonl").read_text() + (tmp_path / "edge.jsonl").read_text()
    assert "line 99" in newest
    assert all(json.loads(line) for line in newest.splitlines())


def test_the_tail_is_the_last_lines(tmp_path: Path) -> None:
    log = logs.LogFile(tmp_path, "edge")
    for number in range(30):
        log.write(f"line {number}")
    log.close()
    assert [record["text"] for record in logs.tail(tmp_path, "edge", 2)] == ["line 28", "line 29"]
    assert logs.tail(tmp_path, "nobody", 2) == []


def test_a_full_disk_costs_lines_and_nothing_else(tmp_path: Path) -> None:
    """/dev/full refuses every byte, as a full disk does."""
    path = tmp_path / "edge.jsonl"
    path.symlink_to("/dev/full")
    log = logs.LogFile(tmp_path, "edge")
    for number in range(3):
        log.write(f"lost {number}")
    path.unlink()  # there is space again
    log.write("kept")
    log.close()
    texts = [record["text"] for record in logs.tail(tmp_path, "edge", 5)]
    assert texts == ["the disk took no log: 3 lines are lost", "kept"]


def test_what_valkey_warns_of_in_vain_is_labelled() -> None:
    line = "4711:C 28 Nov 2026 07:00:00.000 # WARNING Memory overcommit must be enabled! Without it"
    shown = logs.readable(logs.parse("valkey", line))
    assert "WARNING" not in shown
    assert "harmless here" in shown


def test_steps_of_traces_are_kept_and_not_shown(tmp_path: Path) -> None:
    console = io.StringIO()
    file = logs.LogFile(tmp_path, "edge", console)
    file.write('{"event": "serving"}')
    for _ in range(30):
        file.write('{"event": "step", "name": "GET /"}')
    file.close()
    assert "GET /" not in console.getvalue()
    assert [each["event"] for each in logs.tail(tmp_path, "edge", 20)] == ["serving"]
    assert (tmp_path / "edge.jsonl").read_text(encoding="utf-8").count("GET /") == 30
