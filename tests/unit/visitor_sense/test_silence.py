"""Sensors that hear only in part are noticed; quiet days, chance and new ones are not accused."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.silence import Flaw, Flawed, Heard, flawed_hours
from tests.examples import share

NOON = datetime(2026, 5, 20, 3, tzinfo=UTC)
ALL = (1 << 60) - 1
CHANNELS = {2412: 40, 2437: 40, 2462: 40, 5180: 30, 5220: 30, 5500: 20}


def past(sensor_id: str = "gate-1", days: int = 14, frames: int = 400) -> list[Heard]:
    """What a sensor that is well heard at noon and beside it."""
    scale = frames / 200
    by_mhz = {mhz: round(count * scale) for mhz, count in CHANNELS.items()}
    return [
        Heard(sensor_id, "gate", NOON - timedelta(days=back, hours=beside), frames, ALL, by_mhz)
        for back in range(1, days + 1)
        for beside in (-1, 0, 1)
    ]


def today(sensor_id: str = "gate-1", frames: int = 400) -> Heard:
    return replace(past(sensor_id, 1, frames)[1], hour=NOON)


def found(*heard: Iterable[Heard]) -> list[tuple[str, Flaw, int]]:
    told = flawed_hours([one for part in heard for one in part], NOON, NOON + timedelta(hours=1))
    return [(one.sensor_id, one.flaw, one.amount) for one in told]


def test_a_sensor_as_usual_is_not_accused() -> None:
    assert found(past(), [today()]) == []
    assert found(past(), [today(frames=4_000)]) == []


def test_silent_minutes_are_told_from_a_quarter_of_an_hour_on() -> None:
    assert found(past(), [replace(today(), minutes=(1 << 46) - 1)]) == []
    assert found(past(), [replace(today(), minutes=(1 << 45) - 1)]) == [
        ("gate-1", Flaw.SILENT_MINUTES, 15)
    ]


def test_few_frames_are_a_sensor_s_fault_only_where_others_hear_more() -> None:
    deaf, rain = today("gate-1", 60), today("hill-1", 60)
    assert found(past(), past("hill-1"), [deaf, today("hill-1")]) == [
        ("gate-1", Flaw.FEW_FRAMES, 15)
    ]
    assert found(past(), past("hill-1"), past("lake-1"), [deaf, rain, today("lake-1", 60)]) == []


def test_alone_a_sensor_has_to_fall_far() -> None:
    assert found(past(), [today(frames=60)]) == []
    assert found(past(), [today(frames=39)]) == [("gate-1", Flaw.FEW_FRAMES, 10)]


def test_a_sensor_that_heard_nothing_is_told_once_somebody_else_did() -> None:
    assert found(past(), past("hill-1"), [today("hill-1")]) == [("gate-1", Flaw.FEW_FRAMES, 0)]
    assert found(past(), past("hill-1")) == []  # nobody heard the hour: it is a gap


def test_half_of_the_channels_silent_is_told() -> None:
    def without(*silent: int) -> Heard:
        by_mhz = {mhz: count for mhz, count in today().by_mhz.items() if mhz not in silent}
        return replace(today(), by_mhz=by_mhz, frames=sum(by_mhz.values()))

    assert found(past(), [without(5180, 5220)]) == []
    assert found(past(), [without(5180, 5220, 5500)]) == [("gate-1", Flaw.SILENT_CHANNELS, 3)]
    assert found(past(), [without(2412, 2437, 2462)]) == [("gate-1", Flaw.SILENT_CHANNELS, 3)]
    # A sensor that tells no channels is not judged by them.
    mute = [replace(one, by_mhz={}) for one in past()]
    assert found(mute, [replace(today(), by_mhz={})]) == []


@pytest.mark.parametrize("days", [0, 1, 4])
def test_a_new_sensor_is_not_judged(days: int) -> None:
    assert found(past(days=days), [today(frames=0)]) == []
    assert found(past(days=5), [today(frames=0)]) != []


def test_pauses_and_hours_outside_of_the_question_are_not_judged() -> None:
    heard = [*past(), today(frames=1)]
    until = NOON + timedelta(hours=1)
    assert flawed_hours(heard, NOON, until) == [Flawed("gate-1", "gate", NOON, Flaw.FEW_FRAMES, 0)]
    assert flawed_hours(heard, NOON, until, [("gate", NOON)]) == []
    assert flawed_hours(heard, NOON, until, [("hill", NOON)]) != []
    assert flawed_hours(heard, until, until + timedelta(hours=3)) == []


@share(2)
@given(st.integers(0, 2**32), st.integers(80, 2_000), st.integers(1, 4))
def test_chance_alone_accuses_nobody(seed: int, mean: int, sensors: int) -> None:
    """Counts by chance (Poisson) around the usual, each frame in any minute on any channel."""
    chance = np.random.default_rng(seed)
    heard = []
    for name in range(sensors):
        for one in [*past(f"s-{name}", frames=mean), today(f"s-{name}", mean)]:
            frames = int(chance.poisson(mean))
            minutes = sum(1 << int(at) for at in set(chance.integers(0, 60, frames).tolist()))
            shares = np.array(list(CHANNELS.values())) / 200
            by_mhz = dict(zip(CHANNELS, chance.multinomial(frames, shares).tolist(), strict=True))
            heard.append(replace(one, frames=frames, minutes=minutes, by_mhz=by_mhz))
    assert flawed_hours(heard, NOON, NOON + timedelta(hours=1)) == []
