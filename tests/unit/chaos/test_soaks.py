"""What a soak calls growth: of the worst process of each component, whoever comes and goes."""

import os
import time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.platform import Platform
from chaos.processes import held_by_process
from chaos.scenarios.soaks import LOOK_S, Points, Watch, judge, restarts
from chaos.stage import Broken, Stage

HALF_HOUR = 30.0


def points(
    *, mb_a_minute: float = 0.0, files_a_minute: float = 0.0, begins: float = 0.0,
    ends: float = HALF_HOUR,
) -> Points:  # fmt: skip
    """A process that holds 100 MB and 20 files at first."""
    step, found, at = LOOK_S / 60, Points(), begins
    while at <= ends:
        lived = at - begins
        found.append((at, 100 + mb_a_minute * lived, float(int(20 + files_a_minute * lived))))
        at += step
    return found


def stage() -> Stage:
    """Without a platform."""
    return Stage(Platform(Path()), Path(), "soak")


def test_what_does_not_grow_passes() -> None:
    on = stage()
    assert judge(on, {"edge": {1: points(), 2: points(mb_a_minute=0.9)}}, HALF_HOUR) == []
    assert on.figures["memory_mb_a_minute"]["edge"][0] == pytest.approx(0.9)
    assert on.figures["files_a_minute"]["edge"][0] == 0.0


@given(st.integers(1, 8), st.integers(0, 8))
def test_one_process_that_grows_is_found_among_any_number(calm: int, newcomers: int) -> None:
    """A mean over nine processes would show a ninth of it, and sink with each newcomer."""
    processes = {number: points() for number in range(calm)}
    processes |= {100 + number: points(begins=3.0 * number) for number in range(newcomers)}
    processes[1_000] = points(mb_a_minute=1.5)
    [told] = judge(stage(), {"itinerary": processes}, HALF_HOUR)
    assert told.startswith("itinerary: memory_mb_a_minute 1.5")


def test_a_file_left_open_every_five_minutes_is_found_in_half_an_hour() -> None:
    """It was not where 29 in half an hour were allowed."""
    [told] = judge(stage(), {"payments": {1: points(files_a_minute=0.2)}}, HALF_HOUR)
    assert told.startswith("payments: files_a_minute")
    assert judge(stage(), {"payments": {1: points(files_a_minute=0.05)}}, HALF_HOUR) == []


def test_in_two_minutes_one_connection_more_is_no_leak() -> None:
    two = {"payments": {1: points(files_a_minute=0.5, ends=2.0)}}
    assert judge(stage(), two, 2.0) == []
    leak = {"payments": {1: points(files_a_minute=6, ends=2.0)}}
    assert len(judge(stage(), leak, 2.0)) == 1


def test_in_two_minutes_caches_fill_and_a_leak_shows_all_the_same() -> None:
    assert judge(stage(), {"nats": {1: points(mb_a_minute=9, ends=2.0)}}, 2.0) == []
    assert len(judge(stage(), {"nats": {1: points(mb_a_minute=16, ends=2.0)}}, 2.0)) == 1
    assert len(judge(stage(), {"nats": {1: points(mb_a_minute=1.1, ends=45.0)}}, 45.0)) == 1


def test_files_of_tables_that_postgresql_keeps_open_are_told_and_not_judged() -> None:
    on = stage()
    assert judge(on, {"postgres": {1: points(files_a_minute=7)}}, HALF_HOUR) == []
    assert on.figures["files_a_minute"]["postgres"][0] > 6
    assert len(judge(on, {"postgres": {1: points(mb_a_minute=7)}}, HALF_HOUR)) == 1


def test_a_process_that_has_just_come_still_gets_warm() -> None:
    young = points(mb_a_minute=40.0, begins=25.0)
    assert judge(stage(), {"itinerary": {1: points(), 2: young}}, HALF_HOUR) == []
    with pytest.raises(Broken, match="too short for a line"):
        judge(stage(), {"itinerary": {1: points(ends=0.3)}}, 0.3)


def test_a_component_that_was_started_again_is_told() -> None:
    heads = {"edge": {10}, "payments": {11, 12}, "setup": {0}, "nats": {13, 0}}
    assert restarts(heads) == ["nats", "payments"]


class Ours(Platform):
    """A platform whose one component is this process."""

    def components(self) -> list[dict[str, Any]]:
        """Returns it."""
        return [{"name": "edge", "pid": os.getpid()}, {"name": "setup", "pid": 0}]

    @property
    def supervisor(self) -> int:
        """Who started us."""
        return os.getppid()


def test_each_process_is_watched_by_itself(tmp_path: Path) -> None:
    found = held_by_process(Ours(tmp_path))
    assert found["edge"][os.getpid()].processes == 1
    assert found["edge"][os.getpid()].files > 2
    assert set(found) == {"edge", "supervisor"}
    with Watch(Ours(tmp_path)) as watch:
        while not watch.samples:
            time.sleep(0.001)
    assert watch.heads == {"edge": {os.getpid()}, "setup": {0}}
    [(minute, megabytes, files), *_] = watch.samples["edge"][os.getpid()]
    assert (minute < 1, megabytes > 1, files > 2) == (True, True, True)
