"""Who lives here is told by the hours a device was heard in, and forgotten with the day key."""

from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
import pytest

from services.visitor_sense.domain import day
from services.visitor_sense.domain.observations import ZoneHour, add_batches
from services.visitor_sense.domain.residents import NIGHT, Residents, lives_here
from tests.unit.visitor_sense.test_rules import NOW, batch

MIDNIGHT = day.to_ms(datetime(2026, 11, 20, 15, tzinfo=UTC))  # in Japan
HOUR = 3_600_000
QUARTER = HOUR // 4


def heard(quarters: list[int], device: int = 1) -> list[bool]:
    """Returns what is said each time a device is heard in these quarters of the day."""
    one = Residents()
    return [one.hear(device, MIDNIGHT + quarter * QUARTER + 5) for quarter in quarters]


def test_a_device_heard_through_the_night_lives_here() -> None:
    assert heard([8, 9, 10, 11, 60]) == [False, False, False, True, True]
    assert heard([8, 10, 15, 19]) == [False, False, False, True]


def test_a_visitor_of_the_day_does_not() -> None:
    assert not any(heard(list(range(8 * 4, 20 * 4))))  # from eight to eight: twelve hours
    assert not any(heard([8, 8, 8, 8, 8, 9, 10]))  # one that passed at night


def test_more_than_twelve_hours_are_too_long_for_a_visit() -> None:
    assert heard([4 * hour for hour in range(7, 20)])[-2:] == [False, True]


def test_the_night_is_that_of_japan() -> None:
    assert lives_here(sum(1 << quarter for quarter in NIGHT))
    assert not lives_here(sum(1 << quarter + 36 for quarter in NIGHT))  # the same hours in UTC


def test_devices_do_not_answer_for_each_other_and_memory_is_bounded() -> None:
    one = Residents(most=2)
    for quarter in (8, 9, 10, 11):
        found = [one.hear(device, MIDNIGHT + quarter * QUARTER) for device in (1, 2, 3)]
    assert found == [True, True, False]
    assert not one.hear(4, MIDNIGHT)
    assert len(one._heard) == 2


def test_who_lives_here_is_heard_but_is_no_visitor() -> None:
    one = replace(batch(NOW, NOW, NOW), resident=np.array([True, False, False]),
                  rssi_dbm=np.array([-40, -40, -90]))  # fmt: skip
    hour = ZoneHour("gate", NOW)
    add_batches(hour, [(one, np.ones(3, np.bool_))])
    assert (hour.frames, hour.addresses.count().estimate) == (3, 3)
    assert hour.devices.count().estimate == 2
    assert one.near.tolist() == [False, True, False]


@pytest.mark.parametrize("minute", [0, 59, 1439])
def test_minutes_of_the_local_day(minute: int) -> None:
    assert day.day_minute(MIDNIGHT + minute * 60_000 + 59_999) == minute
