"""What a finished day tells, from the devices near by per minute."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from statistics import median

import numpy as np
import pytest

from kit.pure.suppression import K
from services.visitor_sense.app.days import told_of
from services.visitor_sense.domain import day
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.sensor.generator.generate import simulate
from services.visitor_sense.sensor.generator.people import Kind

TODAY = date(2026, 11, 21)
MORNING = datetime(2026, 11, 21, 1, 0, tzinfo=UTC)
MADE_UP = 1 << 63  # the mark of a class among made-up addresses
Minutes = list[tuple[str, datetime, Distinct]]


def minutes_of(stays: dict[str, dict[int, tuple[int, int]]]) -> Minutes:
    """Zone -> device -> first and last minute."""
    near: dict[tuple[int, str], list[int]] = defaultdict(list)
    for zone_id, devices in stays.items():
        for device, (first, last) in devices.items():
            for minute in range(first, last + 1):
                near[minute, zone_id].append(device)
    found = []
    for (minute, zone_id), devices_then in sorted(near.items()):
        one = Distinct()
        one.add(np.array(devices_then, np.uint64))
        found.append((zone_id, MORNING + timedelta(minutes=minute), one))
    return found


def test_dwell_and_pairs_are_those_of_devices_that_keep_their_address() -> None:
    gate = {n: (n, n + 9) for n in range(20)} | {MADE_UP | 5: (0, 300)}
    hall = {n: (60 + n, 60 + n + 19) for n in range(12)}
    zones, pairs = told_of(TODAY, minutes_of({"gate": gate, "hall": hall}))
    assert {zone: one.stays for zone, one in zones.items()} == {"gate": 20, "hall": 12}
    assert zones["gate"].quartiles_s == (600.0, 600.0, 600.0)
    assert zones["hall"].quartiles_s[1] == 1_200.0
    assert pairs == {("gate", "hall"): 12}


@pytest.mark.parametrize(("devices", "told"), [(K - 1, False), (K, True)])
def test_below_k_nothing_is_told(devices: int, *, told: bool) -> None:
    same = {n: (n, n + 5) for n in range(devices)}
    zones, pairs = told_of(TODAY, minutes_of({"gate": same, "hall": same}))
    assert (bool(zones), bool(pairs)) == (told, told)


def test_one_device_that_comes_and_goes_tells_nothing_of_itself() -> None:
    minutes = [
        minute
        for visit in range(K + 1)
        for minute in minutes_of({"gate": {7: (32 * visit, 32 * visit + 3)}})
    ]
    assert told_of(TODAY, minutes) == ({}, {})


def test_who_is_there_all_day_and_what_became_a_sketch_says_nothing() -> None:
    staff = dict.fromkeys(range(20), (0, 500))
    assert told_of(TODAY, minutes_of({"gate": staff})) == ({}, {})
    minutes = minutes_of({"gate": {n: (n, n + 5) for n in range(20)}})
    for _, _, near in minutes:
        near.forget_values()
    assert told_of(TODAY, minutes) == ({}, {})


def test_on_a_simulated_day_the_median_is_near_the_truth() -> None:
    area = simulate(3, 400)
    near: dict[tuple[datetime, str], set[int]] = defaultdict(set)
    for sensor_id, heard in area.sensors.items():
        for one in heard:
            if not one.sent.address[0] & 2 and one.signal_dbm >= -75:
                minute = MORNING + timedelta(minutes=one.sent.time_ms // 60_000)
                near[minute, sensor_id.rpartition("-")[0]].add(int.from_bytes(one.sent.address))
    minutes: Minutes = []
    for (minute, zone_id), devices in sorted(near.items()):
        found = Distinct()
        found.add(np.array(sorted(devices), np.uint64))
        minutes.append((zone_id, minute, found))
    zones, pairs = told_of(TODAY, minutes)
    assert pairs
    for zone_id in ("shotengai", "karst-observatory"):
        true = median(
            (stay.end_ms - stay.begin_ms) / 1_000
            for person in area.people if person.kind is Kind.VISITOR
            for stay in person.stays if stay.zone_id == zone_id
        )  # fmt: skip
        assert zones[zone_id].quartiles_s[1] == pytest.approx(true, rel=0.3)


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert day.midnight_of(TODAY) == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert day.key_date(day.midnight_of(TODAY)) == TODAY
