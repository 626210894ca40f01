"""What a kill must do before anything is tested, and how soon a part is back."""

from pathlib import Path
from typing import Any

import pytest

from chaos.platform import Platform
from chaos.scenarios import kills
from chaos.stage import Broken, Stage


class Parts(Platform):
    """A platform whose one part has a process that is not there any more, and is back in time."""

    back_s = 1.0

    def process(self, _name: str) -> int:
        """Returns no process."""
        return 0

    def wait_healthy(self, _name: str, *, after: int, timeout_s: float) -> float:
        """Returns at once."""
        assert after < timeout_s
        return self.back_s


@pytest.fixture
def stage(tmp_path: Path) -> Stage:
    """Without a platform."""
    return Stage(Parts(tmp_path), tmp_path, "test")


def test_a_kill_that_hits_nothing_tested_nothing(stage: Stage) -> None:
    with pytest.raises(Broken, match="payments was not there to be killed"):
        kills.kill_and_wait(stage, "payments")


def test_a_process_that_is_not_there_is_not_killed_either(stage: Stage) -> None:
    with pytest.raises(AssertionError, match="payments has no process to be killed"):
        stage.platform.kill("payments")


def test_a_kill_that_hits_is_a_fault_and_tells_how_long_it_took(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kills, "strike", lambda *_: 1)
    assert kills.kill_and_wait(stage, "payments") == 1.0
    assert [each["fault"] for each in stage.lines("faults")] == ["payments"]


@pytest.mark.parametrize(
    ("back", "slack", "late"),
    [
        (("edge", 2.9), 1.0, False),
        (("edge", 3.1), 1.0, True),
        (("edge", 14.8), 1.0, True),
        (("edge", 3.1), 1.5, False),
        (("postgres", 4.9), 1.0, False),
        (("postgres", 5.1), 1.0, True),
    ],
)
def test_a_part_is_back_in_3_seconds_and_postgresql_in_5(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, back: kills.Back, slack: float, *, late: bool
) -> None:
    monkeypatch.setattr(kills, "slack_now", lambda: slack)
    well: Any = [("nats", 0.5), back]
    if late:
        with pytest.raises(Broken, match=f"{back[0]} was healthy again only after {back[1]}"):
            kills._judge_back(stage, well)
    else:
        kills._judge_back(stage, well)
    assert stage.figures == {"kills": 2, "healthy_again_s": back[1], "healthy_last": back[0]}
