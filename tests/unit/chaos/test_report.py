"""The report of a run: what it tells, and what it keeps to itself."""

import json
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chaos.report import merged, surroundings, write

WHERE = {
    "time": "2026-12-01T00:00:00+00:00", "commit": "abc", "cores": 2, "load_before": [1.5, 1, 1],
    "python": "3.11", "system": "Linux",
}  # fmt: skip


def scenario(name: str, **more: Any) -> dict[str, Any]:
    """What a run says of a scenario that passed."""
    return {
        "name": name, "seed": 7, "passed": True, "acknowledged": 1_000, "faults": 3, "lost": 0,
        "doubled": 0, "recovery_s": 1.25, "recovery_limit_s": 20.0, "took_s": 9.5,
        "figures": {"kills": 3, "slopes": {"edge": [0.1, 0.2]}}, "problems": [], **more,
    }  # fmt: skip


def answer(*scenarios: dict[str, Any]) -> dict[str, Any]:
    """What `chaos` answers."""
    return {"full": False, "took_s": 20.0, "scenarios": list(scenarios)}


def test_the_page_tells_sums_faults_and_figures(tmp_path: Path) -> None:
    left_out = scenario("supervisor-killed", left_out="only root may", figures={})
    found = answer(scenario("partitions"), left_out)
    data, text = write(tmp_path / "new", found, WHERE, "./meguri chaos --faults")
    page = text.read_text()
    assert "**Passed: 2,000 acknowledged through 6 faults, 0 lost, 0 doubled**" in page
    assert "(seeds 7; of one commit)." in page
    assert "| F6 | the network" in page
    assert "| passed |  |" in page
    assert "| skipped | supervisor-killed: only root may |" in page
    assert "| partitions | 7 | passed | 1,000 | 3 | 0 | 0 | 1.25 (20.0) | 9.5 | abc 2026" in page
    assert "kills 3, slopes (edge 0.1 0.2)" in page
    assert "2 cores, load 1.5 before" in page
    told = json.loads(data.read_text())
    assert told["faults"]["F2"] == {"outcome": "skipped", "why": "supervisor-killed: only root may"}
    assert told["faults"]["F6"]["outcome"] == "passed"
    assert told["scenarios"][0]["figures"]["kills"] == 3


def test_runs_of_other_seeds_add_up_and_one_played_again_replaces_itself(tmp_path: Path) -> None:
    first = answer(scenario("valkey-gone", passed=False, lost=2), scenario("soak"))
    write(tmp_path, first, WHERE, "1")
    later = WHERE | {"commit": "def"}
    again = answer(scenario("valkey-gone", acknowledged=500), scenario("soak", seed=8))
    data, text = write(tmp_path, again, later, "2")
    told = json.loads(data.read_text())
    assert [(each["name"], each["seed"], each["run"]["commit"]) for each in told["scenarios"]] == [
        ("valkey-gone", 7, "def"), ("soak", 7, "abc"), ("soak", 8, "def"),
    ]  # fmt: skip
    assert (told["passed"], told["acknowledged"], told["faults_made"]) == (True, 2_500, 9)
    page = text.read_text()
    assert "**Passed: 2,500 acknowledged through 9 faults, 0 lost" in page
    assert "(seeds 7, 8; of 2 commits: def, abc)." in page
    rows = [line for line in page.splitlines() if line.startswith(("| valkey-gone", "| soak"))]
    commands = [row.split(" | ")[10] for row in rows]
    assert commands == ["`2`", "`1`", "`2`"]  # each its own, not the last one's


def test_a_row_of_a_busy_machine_says_that_time_was_not_judged(tmp_path: Path) -> None:
    found = answer(scenario("partitions", slack=5.5), scenario("valkey-gone", slack=1.2))
    page = write(tmp_path, found, WHERE, "1")[1].read_text()
    assert "| partitions | 7 | passed, not judged for time | 1,000 |" in page
    assert "| valkey-gone | 7 | passed | 1,000 |" in page
    assert "| passed | partitions: not judged for time |" in page


def test_a_short_soak_does_not_replace_a_long_one_that_failed(tmp_path: Path) -> None:
    write(tmp_path, answer(scenario("soak", minutes=30.0, passed=False)), WHERE, "1")
    data, text = write(tmp_path, answer(scenario("soak", minutes=2.0)), WHERE, "2")
    told = json.loads(data.read_text())
    assert [(each["minutes"], each["passed"]) for each in told["scenarios"]] == [
        (2.0, True), (30.0, False),
    ]  # fmt: skip
    assert (told["passed"], told["faults"]["F14"]["outcome"]) == (False, "FAILED")
    assert "**FAILED" in text.read_text()


@given(st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 3), st.booleans()), max_size=12))
def test_of_each_scenario_seed_and_size_the_last_one_stays(
    runs: list[tuple[str, int, bool]],
) -> None:
    lines: list[dict[str, Any]] = [{"name": name, "seed": seed, "full": full, "place": place}
             for place, (name, seed, full) in enumerate(runs)]  # fmt: skip
    at = len(lines) // 2
    kept = merged(lines[:at], lines[at:])
    last = {(each["name"], each["seed"], each["full"]): each for each in lines}
    assert {each["place"] for each in kept} == {each["place"] for each in last.values()}
    assert len(kept) == len(last)


def test_a_damaged_file_of_before_is_no_history(tmp_path: Path) -> None:
    (tmp_path / "chaos.json").write_text("[1, 2")
    data, _ = write(tmp_path, answer(scenario("soak")), WHERE, "1")
    assert len(json.loads(data.read_text())["scenarios"]) == 1


def test_a_finding_is_told_whole_and_no_folder_is(tmp_path: Path) -> None:
    kept = str(tmp_path / "secret-place")
    broken = scenario(
        "a",
        passed=False,
        lost=1,
        problems=["a | b\nis lost", f"nothing runs on {tempfile.gettempdir()}/x"],
        kept=kept,
    )
    data, text = write(tmp_path, answer(broken), WHERE, "./meguri chaos")
    assert "**FAILED: 1,000 acknowledged through 3 faults, 1 lost" in text.read_text()
    assert "## a, seed 7: what was found" in text.read_text()
    assert "* a / b is lost" in text.read_text()
    assert "* nothing runs on …/x" in text.read_text()
    for path in (data, text):
        assert tempfile.gettempdir() not in path.read_text()
        assert "secret-place" not in path.read_text()


def test_the_surroundings_name_no_machine() -> None:
    found = surroundings()
    assert set(found) == set(WHERE)
    assert found["cores"] >= 1
    told = json.dumps(found)
    assert "/" not in told.replace("//", "")
