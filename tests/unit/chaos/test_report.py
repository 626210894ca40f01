"""The report of a run: what it tells, and what it keeps to itself."""

import json
from pathlib import Path
from typing import Any

from chaos.faults import Fault
from chaos.report import surroundings, write

FAULTS = (Fault(1, "one", "endures", ("a",)), Fault(2, "two", "endures", ("b",)))
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
    return {
        "passed": all(each["passed"] for each in scenarios), "seed": 7, "full": False,
        "took_s": 20.0, "scenarios": list(scenarios),
        "acknowledged": sum(each["acknowledged"] for each in scenarios),
        "faults_made": sum(each["faults"] for each in scenarios),
    }  # fmt: skip


def test_the_page_tells_sums_faults_and_figures(tmp_path: Path) -> None:
    found = answer(scenario("a"), scenario("b", left_out="only root may"))
    data, text = write(tmp_path / "new", found, WHERE, "./meguri chaos --faults", FAULTS)
    page = text.read_text()
    assert "**Passed: 2,000 acknowledged through 6 faults, 0 lost, 0 doubled** (seeds 7)" in page
    assert "| F1 | one | endures | passed |  |" in page
    assert "| F2 | two | endures | skipped | b: only root may |" in page
    assert "| a | 7 | passed | 1,000 | 3 | 0 | 0 | 1.25 (20.0) | 9.5 |" in page
    assert "kills 3, slopes (edge 0.1 0.2)" in page
    assert "2 cores, load 1.5 before" in page
    told = json.loads(data.read_text())
    assert told["faults"]["F2"] == {"outcome": "skipped", "why": "b: only root may"}
    assert told["scenarios"][0]["figures"]["kills"] == 3


def test_a_finding_is_told_whole_and_no_folder_is(tmp_path: Path) -> None:
    kept = str(tmp_path / "secret-place")
    broken = scenario("a", passed=False, lost=1, problems=["a | b\nis lost"], kept=kept)
    data, text = write(tmp_path, answer(broken), WHERE, "./meguri chaos", ())
    assert "**FAILED: 1,000 acknowledged through 3 faults, 1 lost" in text.read_text()
    assert "## a: what was found" in text.read_text()
    assert "* a / b is lost" in text.read_text()
    for path in (data, text):
        assert "secret-place" not in path.read_text()


def test_the_surroundings_name_no_machine() -> None:
    found = surroundings()
    assert set(found) == set(WHERE)
    assert found["cores"] >= 1
    told = json.dumps(found)
    assert "/" not in told.replace("//", "")
