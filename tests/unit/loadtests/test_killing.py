"""Each part is killed once, spread over the run; what does not come back misses the gate."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from chaos.stage import Stage
from loadtests import killing
from loadtests.killing import Killer

PARTS = ["nats", "postgres", "edge"]


@dataclass
class Platform:
    """Parts that come back at once, but for those that are named. Stands for a stage too."""

    lost: frozenset[str] = frozenset()
    killed: list[str] = field(default_factory=list)

    @property
    def platform(self) -> "Platform":
        return self

    def fault(self, name: str) -> None:
        assert name not in self.killed, "never twice"

    def process(self, name: str) -> int:
        return 100 + PARTS.index(name)

    def wait_healthy(self, name: str, *, after: int, timeout_s: float) -> float:
        assert after == self.process(name)
        if name in self.lost:
            raise AssertionError(f"{name} is not healthy after {timeout_s} s")
        return 0.25


@pytest.fixture
def killer_of(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Killer]:
    def strike(stage: Any, name: str) -> int:
        stage.killed.append(name)
        return 1

    def make(platform: Platform, every_s: float) -> Killer:
        return Killer(cast(Stage, platform), PARTS, every_s, lambda _: None)

    monkeypatch.setattr(killing, "strike", strike)
    return make


def test_each_part_is_killed_once_and_in_turn(killer_of: Callable[..., Killer]) -> None:
    platform = Platform()
    killer = killer_of(platform, 0.01)
    killer.start(time.monotonic())
    while len(killer.healthy_s) < len(PARTS):
        time.sleep(0.01)
    killer.stop()
    assert platform.killed == [name for _, name in killer.hit] == PARTS
    assert [moment for moment, _ in killer.hit] == sorted(moment for moment, _ in killer.hit)
    assert killer.verdict().passed
    assert killer.verdict().text == "3 of 3 parts killed, 3 healthy again"


def test_a_part_that_stays_away_misses_the_gate(killer_of: Callable[..., Killer]) -> None:
    platform = Platform(lost=frozenset({"postgres"}))
    killer = killer_of(platform, 0.01)
    killer.start(time.monotonic())
    while len(platform.killed) < len(PARTS):
        time.sleep(0.01)
    killer.stop()
    assert not killer.verdict().passed
    assert "postgres is not healthy" in killer.verdict().text


def test_a_run_that_ended_kills_nothing_more(killer_of: Callable[..., Killer]) -> None:
    platform = Platform()
    killer = killer_of(platform, 3_600.0)
    killer.start(time.monotonic())
    killer.stop()
    assert platform.killed == []
    assert not killer.verdict().passed, "a gate without kills is none"


def test_days_with_people_of_their_own_are_refused() -> None:
    from pathlib import Path  # noqa: PLC0415 - of this test alone

    from loadtests.command import Wanted  # noqa: PLC0415 - as above
    from loadtests.playing import LoadFailed  # noqa: PLC0415 - as above

    for day in ("rainy_sunday", "national"):
        with pytest.raises(LoadFailed, match="another day"):
            killing.run(Wanted(day, Path("nowhere")), lambda _: None)
