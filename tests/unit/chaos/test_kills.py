"""What a kill must do before anything is tested, and how soon a part is back."""

import random
from pathlib import Path
from typing import Any, cast

import pytest

from chaos.crowd import Crowd
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


class Time:
    """A clock that stands still but for who sleeps. slept: how long, each time."""

    def __init__(self) -> None:
        self.slept = list[float]()

    def monotonic(self) -> float:
        """Returns the moment."""
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        """Lets time pass."""
        self.slept.append(seconds)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Time:
    """What storms look at."""
    made = Time()
    monkeypatch.setattr(kills, "time", made)
    return made


class Shop:
    """Whoever sells during a storm."""

    failures = ()

    def allow(self, share: float) -> None:
        """Does nothing."""
        assert 0 < share < 1


def test_each_blow_of_a_storm_is_a_fault_and_none_that_hit_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, clock: Time
) -> None:
    hits = iter((1, 0, 1, 1))
    monkeypatch.setattr(kills, "strike", lambda *_: next(hits, 0))
    blows = kills._blows(stage, random.Random(1), cast("Crowd", Shop()), 20.0)
    assert [each["stormy"] for each in stage.lines("faults")] == [True] * 3
    assert blows == [0.0, sum(clock.slept[:2]), sum(clock.slept[:3])]
    assert len(clock.slept) > 4


def test_a_storm_that_hit_nothing_tested_nothing(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, clock: Time
) -> None:
    monkeypatch.setattr(kills, "strike", lambda *_: 0)
    with pytest.raises(Broken, match="nothing was there to be killed"):
        kills._blows(stage, random.Random(1), cast("Crowd", Shop()), 20.0)
    assert clock.monotonic() > 15


def test_no_pause_follows_the_last_blow(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, clock: Time
) -> None:
    """Whoever sleeps before looking has measured how calm it is after that."""
    monkeypatch.setattr(kills, "strike", lambda *_: 1)
    blows = kills._blows(stage, random.Random(1), cast("Crowd", Shop()), 20.0)
    assert blows[-1] == clock.monotonic() < 20.0


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
