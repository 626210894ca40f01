"""Devices near by, people per device, and how a calibration is judged."""

import json
import random
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.accuracy import judge, judge_few, learn_constant, learn_straight
from services.visitor_sense.domain.calibration import (
    CURVE_DAYS,
    CountedWindow,
    People,
    TooFewCounts,
    calibrate,
    from_json,
)
from services.visitor_sense.domain.nearby import HOP_S, SLICE_S, Nearby, Sighting

MIDNIGHT_S = 1_700_006_400.0


def heard(time_s: float, device: int, rssi_dbm: int = -50) -> Sighting:
    return Sighting(MIDNIGHT_S + time_s, (False, device), rssi_dbm)


def test_who_stays_counts_all_the_time_and_who_passes_for_a_while() -> None:
    nearby = Nearby()
    nearby.add(heard(second, 1) for second in range(0, 900, 45))
    nearby.add([heard(300, 2), heard(301, 2)])
    assert nearby.between(MIDNIGHT_S, MIDNIGHT_S + 900) == 1 + SLICE_S / 900


@pytest.mark.parametrize(("rssi_dbm", "counts"), [(-50, 1), (-60, 1), (-65, 0), (0, 0)])
def test_only_who_is_near_counts_and_an_unknown_signal_is_not_near(
    rssi_dbm: int, counts: int
) -> None:
    nearby = Nearby()
    nearby.add(heard(second, 1, rssi_dbm) for second in range(-SLICE_S, 900, 30))
    assert nearby.between(MIDNIGHT_S, MIDNIGHT_S + 600) == counts


def test_a_window_too_short_to_say_anything_is_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        Nearby().between(MIDNIGHT_S + 31, MIDNIGHT_S + 31 + HOP_S / 4)


sightings = st.lists(
    st.builds(heard, st.integers(0, 1_800), st.integers(1, 6), st.sampled_from([-80, -60, -40])),
    max_size=60,
)


@given(sightings, st.randoms(use_true_random=False))
def test_order_and_repeats_do_not_matter(found: list[Sighting], chance: random.Random) -> None:
    plain, shaken = Nearby(), Nearby()
    plain.add(found)
    doubled = found * 2
    chance.shuffle(doubled)
    shaken.add(doubled)
    window = (MIDNIGHT_S, MIDNIGHT_S + 900)
    assert plain.between(*window) == shaken.between(*window) <= len({each.device for each in found})


def days(
    factor: float, count: int = 6, *, noise: Callable[[], float] = lambda: 0.0
) -> list[CountedWindow]:
    return [
        CountedWindow(f"day-{day}", near, max(0.0, factor * near + noise()))
        for day in range(count)
        for near in range(12)
    ]


@pytest.mark.parametrize("factor", [0.25, 1.0, 2.5])
def test_people_per_device_are_found_and_a_few_wrong_counts_do_not_move_them(
    factor: float,
) -> None:
    windows = days(factor)
    wrong = [
        replace(each, people=0.0) if each.day == "day-3" and each.near > 8 else each
        for each in windows
    ]
    for found in (calibrate(windows), calibrate(wrong)):
        assert found.line.factor == pytest.approx(factor)
        assert found.people(4.0).estimate == pytest.approx(4 * factor)


counted = st.builds(
    CountedWindow,
    st.sampled_from(["a", "b", "c", "d"]),
    st.floats(0, 40, allow_subnormal=False).map(lambda value: round(value, 3)),
    st.integers(0, 40).map(float),
)


@given(st.lists(counted, min_size=12, max_size=60), st.floats(0, 100))
def test_an_estimate_lies_in_its_interval_and_nobody_is_fewer_than_nobody(
    windows: list[CountedWindow], near: float
) -> None:
    try:
        found = calibrate(windows)
    except TooFewCounts:
        return
    people = found.people(near)
    assert 0.0 <= people.low <= people.high
    assert people.estimate <= people.high
    assert calibrate(windows[::-1]) == found


def test_nine_of_ten_windows_lie_in_the_interval_on_days_like_those_counted() -> None:
    chance = random.Random(7)
    windows = days(1.3, 40, noise=lambda: chance.gauss(0, 1.5))
    accuracy = judge(windows)
    assert accuracy.days == 38
    assert 0.87 <= accuracy.coverage <= 0.93
    assert abs(accuracy.bias) < 0.2
    assert accuracy.wape < judge(windows, learn_constant).wape / 2


@pytest.mark.parametrize(
    "windows",
    [
        [],
        [each for each in days(1.0) if each.day == "day-0"],
        [replace(each, people=0.0) for each in days(1.0)],
        days(1.0, 2)[:3] + days(1.0, 2)[12:15],
    ],
)
def test_too_few_counts_are_said(windows: list[CountedWindow]) -> None:
    with pytest.raises(TooFewCounts):
        calibrate(windows)


def test_a_place_where_no_device_was_ever_heard_is_said_to_be_empty() -> None:
    deaf = [replace(each, near=0.0) for each in days(1.0)]
    found = calibrate(deaf)
    assert found.line.factor == 0.0
    assert found.people(0.0).high > 5  # and how little that says


def test_no_day_is_judged_by_what_came_after_it() -> None:
    asked: list[tuple[str, ...]] = []

    def learn(windows: Sequence[CountedWindow]) -> Callable[[CountedWindow], People]:
        asked.append(tuple(sorted({each.day for each in windows})))
        return lambda _: People(1.0, 0.0, 2.0)

    judge([each for each in days(1.0, 4) if each.near < 3], learn)
    assert asked == [
        (),
        ("day-0",),
        ("day-0", "day-1"),
        ("day-0", "day-1", "day-2"),
    ]


def test_one_day_alone_cannot_be_judged() -> None:
    with pytest.raises(TooFewCounts, match="No day"):
        judge(days(1.0, 1))


def crooked(count: int) -> list[CountedWindow]:
    """Days on which every third device is one nobody carries, up to eight of them."""
    return [
        CountedWindow(f"day-{day}", near, max(0.0, near - min(8.0, near / 3)))
        for day in range(count)
        for near in (3.0, 6.0, 12.0, 24.0, 36.0, 48.0)
    ]


def test_many_days_teach_a_curve_and_few_a_line() -> None:
    few, many = calibrate(crooked(CURVE_DAYS - 1)), calibrate(crooked(CURVE_DAYS))
    assert few.line.corners == ()
    assert [many.line.at(near) for near in (3.0, 24.0, 48.0)] == pytest.approx([2.0, 16.0, 40.0])
    assert many.line.at(0.0) == 0.0
    assert many.line.at(1.5) == pytest.approx(1.0)  # straight down to nobody
    assert many.line.at(58.0) == pytest.approx(40 + 10 * many.line.factor)
    assert calibrate(crooked(CURVE_DAYS), curve=False).line.corners == ()
    assert judge(crooked(9)).wape < judge(crooked(9), learn_straight).wape


@given(st.lists(counted, min_size=30, max_size=80), st.floats(0, 90), st.floats(0, 90))
def test_more_devices_are_never_fewer_people(
    windows: list[CountedWindow], one: float, other: float
) -> None:
    spread = [replace(each, day=f"{number % 9}") for number, each in enumerate(windows)]
    try:
        found = calibrate(spread)
    except TooFewCounts:
        return
    less, more = sorted((one, other))
    assert found.line.at(less) <= found.line.at(more) + 1e-9
    kept = from_json(json.loads(json.dumps(found.to_json())))
    assert kept == found


def test_the_first_days_are_judged_by_all_later_ones() -> None:
    windows = [
        *(replace(each, people=3 * each.near) for each in days(1.0, 2)),
        *(replace(each, day="later") for each in days(1.0, 1)),
    ]
    found = judge_few(windows, 2)
    assert (found.days, found.windows) == (1, 12)
    assert found.wape == pytest.approx(2.0)
