"""What a run answers: limits stretch with what others take of the machine, findings never do."""

from pathlib import Path
from typing import Any

import pytest

from chaos import run as runs
from chaos.history import Verdict
from chaos.logs import Log
from chaos.platform import Platform
from chaos.run import run
from chaos.scenarios import SCENARIOS, Scenario
from chaos.stage import Broken, Size, Stage
from chaos.stages import NotHere


class QuietStage(Stage):
    """A stage whose history check has been made already."""

    verdict = Verdict()
    cards: tuple[str, ...] = ()
    afterwards: tuple[str, ...] = ()

    def card_data(self) -> list[str]:
        """Returns what it was given."""
        return list(self.cards)

    def judge(self) -> Verdict:
        """Returns what it was given."""
        return self.verdict


class QuietStages:
    """Stands in for running platforms."""

    stage: Stage

    def __init__(self, _tell: object) -> None:
        self.kept = 0

    def __enter__(self) -> "QuietStages":
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing runs."""

    def for_scenario(self, *, disk_mb: int, fresh: bool, providers: str, detoured: bool) -> Stage:
        """The one stage."""
        assert detoured is False
        assert providers == ""
        if disk_mb == 1:
            raise NotHere("only root may")
        if disk_mb == 2:
            raise AssertionError("no port")
        assert fresh is False
        return self.stage

    def keep_broken(self) -> str:
        """Where it would be."""
        return "kept here"


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> QuietStage:
    """A stage without a platform, on which every scenario plays."""
    made = QuietStage(Platform(tmp_path), tmp_path)
    monkeypatch.setattr(QuietStages, "stage", made, raising=False)
    monkeypatch.setattr(runs, "Stages", QuietStages)
    monkeypatch.setattr(runs, "slack_now", lambda: 2.0)
    monkeypatch.setattr(runs, "still_sells", lambda on: list(on.afterwards))
    return made


def play(monkeypatch: pytest.MonkeyPatch, scenario: Scenario) -> dict[str, Any]:
    """Runs one scenario under a name of its own."""
    monkeypatch.setattr(runs, "SCENARIOS", {"test": scenario})
    answer = run(["test"], seed=3, full=False, tell=lambda _: None)
    assert (answer["seed"], answer["full"]) == (3, False)
    [result] = answer["scenarios"]
    assert result["passed"] is answer["passed"]
    return dict(result)


def acknowledge(
    stage: Stage, *, after_s: float = 1.0, mistakes: int = 0, state: str = "captured"
) -> None:
    """A fault, and a sale that comes through some time after it."""
    for name, line in (
        ("faults", {"at": 100.0}),
        ("acks", {"first": 100.1, "sent": 100.1, "at": 100.0 + after_s, "mistakes": mistakes,
                  "refused": "", "unknown_s": 0.0, "step": "take", "state": state,
                  "tender": "card"}),
    ):  # fmt: skip
        log = Log(stage.path(name))
        log.write({"scenario": stage.scenario, **line})
        log.close()


def test_a_clean_scenario_passes(stage: QuietStage, monkeypatch: pytest.MonkeyPatch) -> None:
    result = play(monkeypatch, Scenario(lambda on, _: acknowledge(on), "says"))
    assert result["passed"] is True
    assert (result["acknowledged"], result["lost"], result["doubled"]) == (1, 0, 0)
    assert (result["recovery_s"], result["recovery_limit_s"], result["seed"]) == (1.0, 20.0, 3)
    assert result["slack"] == 2.0


def broken(stage: Stage, _size: Size) -> None:
    """A scenario that saw what must not be."""
    acknowledge(stage)
    raise Broken("two stories")


@pytest.mark.parametrize(
    ("scenario", "problem"),
    [
        (Scenario(broken, "says"), "Broken: two stories"),
        (Scenario(lambda on, _: acknowledge(on, mistakes=2), "says"), "2 answers call themselves"),
        (Scenario(lambda on, _: acknowledge(on, after_s=21.0), "says"), "only 21.0 s after"),
        (Scenario(lambda _on, _: None, "says"), "nothing was tested"),
    ],
)
def test_a_finding_fails_the_run_and_keeps_the_platform(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch, scenario: Scenario, problem: str
) -> None:
    result = play(monkeypatch, scenario)
    assert (result["passed"], result["kept"]) == (False, "kept here")
    assert any(problem in each for each in result["problems"])


def test_sales_that_are_declined_are_no_sales(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The gateway stays broken after a fault: every book agrees, and nothing was sold."""

    def play_on(on: Stage, _size: Size) -> None:
        acknowledge(on)
        acknowledge(on, state="declined")

    result = play(monkeypatch, Scenario(play_on, "says"))
    assert result["problems"] == ["only 50% of the sales by card and the like were taken"]
    assert play(monkeypatch, Scenario(play_on, "says", taken_least=0.4))["taken_share"] == 0.5


def test_when_all_is_over_sales_are_captured_again(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.afterwards = ("10 of 10 sales were not captured",)
    result = play(monkeypatch, Scenario(lambda on, _: acknowledge(on), "says"))
    assert (result["passed"], result["problems"]) == (False, list(stage.afterwards))


def test_card_data_fails_whatever_else_is_right(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.cards = ("card_number in log/edge.jsonl at 7",)
    result = play(monkeypatch, Scenario(lambda on, _: acknowledge(on), "says"))
    assert (result["passed"], result["problems"]) == (False, list(stage.cards))


def test_slow_sales_fail_where_there_is_a_limit(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = Scenario(lambda on, _: acknowledge(on, after_s=11.0), "says", limit_s=99, p99_limit_s=5)
    assert play(monkeypatch, slow)["passed"] is False
    quick = Scenario(lambda on, _: acknowledge(on, after_s=9.0), "says", p99_limit_s=5)
    assert play(monkeypatch, quick)["p99_s"] > 5
    stage.verdict = Verdict()


def test_what_was_lost_or_doubled_is_counted(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage.verdict = Verdict(lost=["a"], doubled=["b", "c"])
    result = play(monkeypatch, Scenario(lambda on, _: acknowledge(on), "says"))
    assert (result["passed"], result["lost"], result["doubled"]) == (False, 1, 2)


def test_what_this_machine_forbids_is_left_out_with_the_reason(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = play(monkeypatch, Scenario(broken, "says", disk_mb=1))
    assert (result["passed"], result["left_out"]) == (True, "only root may")


def test_a_platform_that_does_not_start_is_a_failure(
    stage: QuietStage, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = play(monkeypatch, Scenario(broken, "says", disk_mb=2))
    assert result["passed"] is False
    assert result["problems"] == ["the platform does not start: no port"]


def test_names_that_stay() -> None:
    assert {
        "payments-kill-service", "payments-kill-postgres", "payments-kill-nats",
        "payments-provider-faults", "payments-same-key", "payments-offline-drain",
        "payments-clock-skew", "payments-disk-full", "payments-restart-storm", "payments-drain",
        "payments-webhooks", "payments-daily-close", "payments-audit-chain",
        "payments-device-revoked", "payments-card-data",
        "events-poison", "events-shuffled-thrice", "valkey-gone", "supervisor-killed",
        "insights-week",
    } <= set(SCENARIOS)  # fmt: skip
