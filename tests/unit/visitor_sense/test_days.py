"""What a finished day tells, from the devices near by per minute."""

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.visitor_sense.app.days import ToldDay, different, told_of
from services.visitor_sense.domain import day
from services.visitor_sense.domain.curves import MOST_STEPS, ROUNDED_S, steps_of
from services.visitor_sense.domain.sketch import Distinct

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
    told = told_of(TODAY, minutes_of({"gate": gate, "hall": hall}))
    assert {zone: one.stays for zone, one in told.zones.items()} == {"gate": 20, "hall": 10}
    assert told.zones["gate"].quartiles_s == (600.0, 600.0, 600.0)
    assert told.zones["hall"].quartiles_s[1] == 1_200.0
    assert told.moves == {("gate", "hall"): 10}
    assert told.pairs == {}  # with it, who went back could be told from who did not


@pytest.mark.parametrize(("devices", "told"), [(K - 1, False), (K, True)])
def test_below_k_nothing_is_told(devices: int, *, told: bool) -> None:
    same = {n: (n, n + 5) for n in range(devices)}
    found = told_of(TODAY, minutes_of({"gate": same, "hall": same}))
    assert bool(found.zones) is told
    assert (found.pairs, found.moves) == ({}, {})  # both heard them in every minute: no order


@pytest.mark.parametrize(("devices", "told"), [(K - 1, False), (K, True)])
def test_zones_seen_together_are_told_with_both_directions(devices: int, *, told: bool) -> None:
    there = {n: (n, n + 5) for n in range(devices)}
    back = {n: (100 + n, 105 + n) for n in range(devices)}
    gate = minutes_of({"gate": there}) + minutes_of(
        {"hall": dict.fromkeys(range(devices), (50, 52))}
    )
    found = told_of(TODAY, sorted(gate + minutes_of({"gate": back}), key=lambda one: one[1]))
    assert bool(found.pairs) is told
    assert found.moves == ({("gate", "hall"): K, ("hall", "gate"): K} if told else {})


@given(
    st.lists(st.frozensets(st.sampled_from(("gate", "hall", "hill"))), max_size=60),
    st.integers(0, 30),
)
def test_no_difference_of_two_figures_is_a_count_below_k(
    seen: list[frozenset[str]], everywhere: int
) -> None:
    seen = seen + [frozenset(("gate", "hall", "hill"))] * everywhere
    heard = {
        zone: {n: (0, 1) for n, zones in enumerate(seen) if zone in zones}
        for zone in ("gate", "hall", "hill")
    }
    day = told_of(TODAY, minutes_of(heard))
    zones = day.zones
    told = [one.stays for one in zones.values()] + [*day.pairs.values(), *day.moves.values()]
    assert all(figure >= K for figure in told)
    assert all(abs(one - other) not in range(1, K) for one in told for other in told)
    for zone, one in zones.items():  # rounded, not made up
        assert len(heard[zone]) - K < one.stays <= len(heard[zone])


def test_the_one_device_that_went_nowhere_else_cannot_be_told() -> None:
    def told(only_at_the_gate: int) -> object:
        gate = dict.fromkeys(range(10 + only_at_the_gate), (0, 1))
        hall = dict.fromkeys(range(10), (5, 6))
        day = told_of(TODAY, minutes_of({"gate": gate, "hall": hall}))
        return {zone: one.stays for zone, one in day.zones.items()}, day.pairs, day.moves

    assert len({repr(told(few)) for few in range(K)}) == 1


def test_one_device_that_comes_and_goes_tells_nothing_of_itself() -> None:
    minutes = [
        minute
        for visit in range(K + 1)
        for minute in minutes_of({"gate": {7: (32 * visit, 32 * visit + 3)}})
    ]
    assert told_of(TODAY, minutes) == ToldDay()


def test_who_is_there_all_day_and_what_became_a_sketch_says_nothing() -> None:
    staff = dict.fromkeys(range(20), (0, 500))
    assert told_of(TODAY, minutes_of({"gate": staff})) == ToldDay()
    minutes = minutes_of({"gate": {n: (n, n + 5) for n in range(20)}})
    for _, _, near in minutes:
        near.forget_values()
    assert told_of(TODAY, minutes) == ToldDay()


def test_a_day_begins_at_midnight_of_its_zone() -> None:
    assert day.midnight_of(TODAY) == datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
    assert day.key_date(day.midnight_of(TODAY)) == TODAY


@given(st.lists(st.integers(0, 86_399), max_size=240))
def test_between_two_steps_of_a_curve_there_are_k_devices(times: list[int]) -> None:
    steps = steps_of(times)
    assert list(steps) == sorted(steps)
    assert len(steps) == max(0, min(MOST_STEPS, len(times) // K) - 1)
    assert all(step % ROUNDED_S == 0 for step in steps)
    if len(set(times)) == len(times):
        ends = [min(times, default=0) - 1, *steps, 86_400]
        for begin, end in pairwise(ends):
            # Rounding moves a step by five minutes at most.
            inside = sum(begin - ROUNDED_S / 2 <= time <= end + ROUNDED_S / 2 for time in times)
            assert inside >= min(K, len(times))


def test_curves_say_when_devices_were_heard_first_and_last() -> None:
    heard = {n: (n, n + 30) for n in range(40)}
    told = told_of(TODAY, minutes_of({"gate": heard})).zones["gate"]
    ten = 10 * 3_600  # MORNING in Japan
    assert told.came_s == (ten + 600, ten + 1_200, ten + 1_800)
    assert told.left_s == (ten + 2_400, ten + 3_000, ten + 3_600)
    few = {n: (n, n + 30) for n in range(2 * K - 1)}
    told = told_of(TODAY, minutes_of({"gate": few})).zones["gate"]
    assert (told.came_s, told.left_s) == ((), ())


def test_whoever_was_there_in_several_hours_counts_once_a_day() -> None:
    def hour(*devices: int) -> Distinct:
        found = Distinct()
        found.add(np.array(devices, np.uint64))
        return found

    sets = [
        ("gate", hour(*range(30))), ("gate", hour(*range(20, 47))), ("hall", hour(*range(K - 1))),
        ("hall", hour(*range(K - 1))),
    ]  # fmt: skip
    assert different(sets) == {"gate": 40}
