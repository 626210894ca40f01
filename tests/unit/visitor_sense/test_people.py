"""What a finished hour tells, devices near by of an hour, and when a calibration has drifted."""

import random
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.visitor_sense.domain import day
from services.visitor_sense.domain.calibration import Calibration, Line, People
from services.visitor_sense.domain.nearby import near_in_hour
from services.visitor_sense.domain.observations import (
    Batch,
    ZoneHour,
    add_batches,
    near_minutes,
)
from services.visitor_sense.domain.people import (
    CROWD_FROM,
    DRIFT_HOURS,
    Drift,
    Learned,
    Method,
    Told,
    drift,
    tell,
)
from services.visitor_sense.domain.sketch import EXACT_LIMIT, Bounded, Distinct

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
THRICE = Learned("gate", 4, NOW, Calibration(Line(3.0), -1.0, 1.0, 5, 40), 0.2, 2.0, 0.9)


def distinct(*values: int) -> Distinct:
    found = Distinct()
    found.add(np.array(values, np.uint64))
    return found


class TestTelling:
    def test_a_calibrated_zone_tells_people_with_their_interval(self) -> None:
        told = tell(40, 500, 12.0, THRICE, None)
        assert (told.method, told.raw, told.calibration_version) == (Method.CALIBRATED, 36, 4)
        assert told.figure is not None
        assert told.figure == Bounded(36, 29, 43)

    def test_a_small_crowd_is_told_by_signatures_and_a_large_one_by_its_rate(self) -> None:
        assert tell(CROWD_FROM - 1, 90_000, 5.0, None, None) == Told()
        told = tell(CROWD_FROM, 90_000, 5.0, None, None)
        assert told.method is Method.RATE
        assert told.figure is not None
        assert told.figure.low < told.figure.estimate == told.raw < told.figure.high

    @pytest.mark.parametrize(("devices", "near"), [(K - 1, 12.0), (40, 3.0)])
    def test_few_devices_or_few_people_are_withheld(self, devices: int, near: float) -> None:
        told = tell(devices, 500, near, THRICE, None)
        assert (told.method, told.figure) == (Method.CALIBRATED, None)
        assert told.raw == round(3 * near)

    def test_a_small_correction_is_not_shown_and_neither_is_its_interval(self) -> None:
        first = tell(40, 500, 12.0, THRICE, None)
        again = tell(41, 510, 14.0, THRICE, first)
        assert (again.figure, again.raw) == (first.figure, 42)
        more = tell(60, 700, 20.0, THRICE, again)
        assert more.figure is not None
        assert more.figure.estimate == 60

    def test_an_hour_that_was_told_keeps_its_way(self) -> None:
        assert tell(40, 500, 12.0, THRICE, Told()) == Told()
        rated = tell(CROWD_FROM, 90_000, 5.0, None, None)
        assert tell(CROWD_FROM + 1, 99_000, 5.0, THRICE, rated).method is Method.RATE
        assert tell(CROWD_FROM - 1, 90_000, 5.0, THRICE, rated) == rated


class TestNearByOfAnHour:
    def test_who_stays_counts_always_and_who_passes_for_three_minutes(self) -> None:
        stays = {minute: distinct(1) for minute in range(60)}
        assert near_in_hour(stays) == 1.0
        stays[30] = distinct(1, 2)
        assert near_in_hour(stays) == pytest.approx(1 + 3 / 58)
        assert near_in_hour({}) == 0.0

    @given(
        st.dictionaries(
            st.integers(0, 59), st.lists(st.integers(1, 9), min_size=1, max_size=5), max_size=30
        )
    )
    def test_it_is_the_mean_of_distinct_devices_per_slice(self, seen: dict[int, list[int]]) -> None:
        expected = [
            len({one for minute in range(first, first + 3) for one in seen.get(minute, ())})
            for first in range(58)
        ]
        found = near_in_hour({minute: distinct(*them) for minute, them in seen.items()})
        assert found == pytest.approx(sum(expected) / 58)

    def test_large_sets_unite_as_sketches(self) -> None:
        chance = random.Random(1)
        many = [chance.getrandbits(62) for _ in range(EXACT_LIMIT + 2_000)]
        one, other = distinct(*many[:5_000]), distinct(*many[1_000:])
        one.merge(other)
        assert not one.exact
        assert one.count().estimate == pytest.approx(len(many), rel=0.05)
        few = distinct(*many[:50])
        few.merge(distinct(*many))
        assert few.count().estimate == pytest.approx(len(many), rel=0.05)


class TestBatches:
    def batch(self, seconds: list[float], devices: list[int], rssi_dbm: list[int]) -> Batch:
        count = len(seconds)
        begin = NOW - timedelta(hours=1)
        return Batch(
            "gate-1", "boot", 1, date(2026, 11, 21), 1,
            np.array([day.to_ms(begin + timedelta(seconds=one)) for one in seconds], np.int64),
            np.array(devices, np.uint64), np.full(count, 7, np.uint64), np.zeros(count, np.bool_),
            np.array(rssi_dbm, np.int64),
        )  # fmt: skip

    def test_only_who_is_near_counts_and_an_unknown_signal_is_not(self) -> None:
        one = self.batch([0, 1, 61, 62, 63], [1, 2, 1, 3, 4], [-50, -65, -60, 0, -90])
        keep = np.ones(5, np.bool_)
        begin = NOW - timedelta(hours=1)
        assert {minute: set(values) for minute, values in near_minutes(one, keep).items()} == {
            begin: {1}, begin + timedelta(minutes=1): {1},
        }  # fmt: skip
        assert near_minutes(one, np.zeros(5, np.bool_)) == {}
        silent = self.batch([0, 1], [1, 2], [])
        assert near_minutes(silent, np.ones(2, np.bool_)) == {}

    def test_bursts_are_told_apart_by_address_and_pause_in_any_order(self) -> None:
        seconds, devices = [0.0, 1.0, 1.5, 4.0, 4.1], [1, 1, 2, 1, 2]
        chance = random.Random(2)
        for _ in range(5):
            order = chance.sample(range(5), 5)
            hour = ZoneHour("gate", NOW - timedelta(hours=1))
            one = self.batch([seconds[n] for n in order], [devices[n] for n in order], [-50] * 5)
            add_batches(hour, [(one, np.ones(5, np.bool_))])
            assert (hour.frames, hour.bursts) == (5, 4)


class TestDrift:
    def test_one_in_ten_outside_is_to_be_expected(self) -> None:
        inside, outside = (People(10, 5, 15), 12.0), (People(10, 5, 15), 30.0)
        assert drift([inside] * 18 + [outside] * 2) == Drift(20, 2)
        assert not drift([inside] * 18 + [outside] * 2).drifted
        assert drift([inside] * 14 + [outside] * 6).drifted

    def test_a_few_hours_say_nothing(self) -> None:
        assert not Drift(DRIFT_HOURS - 1, DRIFT_HOURS - 1).drifted
        assert Drift(DRIFT_HOURS, DRIFT_HOURS).drifted
        assert not Drift(0, 0).drifted

    def test_a_calibration_that_holds_is_rarely_called_drifted(self) -> None:
        chance = random.Random(3)
        called = sum(
            Drift(40, sum(chance.random() < 0.1 for _ in range(40))).drifted for _ in range(2_000)
        )
        assert called / 2_000 < 0.06
