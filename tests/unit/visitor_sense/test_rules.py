"""Days, levels, batches, release: the rules."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.visitor_sense.domain import day
from services.visitor_sense.domain.errors import BatchMalformed
from services.visitor_sense.domain.observations import (
    Batch,
    Pause,
    ZoneHour,
    acceptable,
    add_batches,
    check_batch,
    hours_of,
    joined,
)
from services.visitor_sense.domain.release import (
    device_figure,
    released_figure,
    released_interval,
    released_line,
)
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.domain.zones import (
    Level,
    Sensor,
    SensorState,
    Zone,
    check_zone,
    level_of,
    state_of,
)

NOW = datetime(2026, 11, 21, 6, 0, tzinfo=UTC)
ZONE = Zone("gate", "akiyoshido-main", {"ja": "正面口", "en": "Main gate"}, 20, 60, 120)
SENSOR = Sensor("gate-1", "gate", bytes(32), bytes(32), NOW - timedelta(days=9))


def batch(*times: datetime, key_date: date = date(2026, 11, 21)) -> Batch:
    """Returns a batch with one observation at each time, each of another address."""
    count = len(times)
    return Batch(
        "gate-1", "boot", 1, key_date, 1,
        np.array([day.to_ms(time) for time in times], np.int64),
        np.arange(count, dtype=np.uint64), np.full(count, 7, np.uint64), np.zeros(count, np.bool_),
    )  # fmt: skip


def kept(one: Batch, *pauses: Pause) -> list[bool]:
    return list(acceptable(one, NOW, pauses).tolist())


class TestDays:
    def test_the_day_begins_at_midnight_in_japan(self) -> None:
        before = datetime(2026, 11, 20, 14, 59, 59, 999_000, tzinfo=UTC)
        after = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
        assert (day.key_date(before), day.key_date(after)) == (
            date(2026, 11, 20), date(2026, 11, 21),
        )  # fmt: skip
        assert day.next_midnight(before) == after
        assert day.next_midnight(after) == after + timedelta(days=1)

    @given(st.integers(0, 4_000_000_000_000))
    def test_hours_never_straddle_midnight_and_both_ways_agree(self, time_ms: int) -> None:
        moment = day.from_ms(time_ms)
        assert day.to_ms(moment) == time_ms
        assert day.date_of_day(day.day_number(time_ms)) == day.key_date(moment)
        assert day.key_date(day.hour_of(moment)) == day.key_date(moment)

    def test_hours_have_names(self) -> None:
        assert day.hour_name(NOW) == "2026-11-21T06Z"


class TestLevels:
    @pytest.mark.parametrize(
        ("devices", "level"),
        [(0, Level.QUIET), (19, Level.QUIET), (20, Level.NORMAL), (59, Level.NORMAL),
         (60, Level.BUSY), (120, Level.CROWDED), (9_999, Level.CROWDED)],
    )  # fmt: skip
    def test_levels_rise_at_their_thresholds(self, devices: int, level: Level) -> None:
        assert level_of(ZONE, devices, Level.UNKNOWN) is level

    def test_a_level_falls_late_so_that_it_does_not_flicker(self) -> None:
        assert level_of(ZONE, 50, Level.BUSY) is Level.BUSY
        assert level_of(ZONE, 47, Level.BUSY) is Level.NORMAL
        assert level_of(ZONE, 50, Level.NORMAL) is Level.NORMAL

    @given(st.integers(0, 300), st.sampled_from(list(Level)))
    def test_no_level_tells_of_fewer_than_k(self, devices: int, before: Level) -> None:
        zone = replace(ZONE, normal_from=K, busy_from=K + 1, crowded_from=K + 2)
        check_zone(zone)
        if level_of(zone, devices, Level.UNKNOWN) > Level.QUIET:
            assert devices >= K

    @pytest.mark.parametrize(
        "wrong",
        [{"zone_id": "Gate 1"}, {"zone_id": ""}, {"place_id": ""}, {"names": {"ja": "口"}},
         {"normal_from": 9}, {"busy_from": 20}, {"crowded_from": 60}, {"crowded_from": 10**7}],
    )  # fmt: skip
    def test_wrong_zones_are_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(InvalidFields):
            check_zone(replace(ZONE, **wrong))  # type: ignore[arg-type]


class TestSensors:
    @pytest.mark.parametrize(
        ("changes", "paused", "state"),
        [
            ({}, False, SensorState.NEVER_HEARD),
            ({"heard_time": NOW - timedelta(minutes=5)}, False, SensorState.OK),
            ({"heard_time": NOW - timedelta(minutes=6)}, False, SensorState.SILENT),
            ({"heard_time": NOW, "clock_ahead_s": -61.0}, False, SensorState.SICK),
            ({"heard_time": NOW, "observations_dropped": 1}, False, SensorState.SICK),
            ({"heard_time": NOW}, True, SensorState.PAUSED),
            ({"revoke_time": NOW}, True, SensorState.REVOKED),
        ],
    )
    def test_states(self, changes: dict[str, object], paused: bool, state: SensorState) -> None:  # noqa: FBT001 - a parameter of the table
        assert state_of(replace(SENSOR, **changes), NOW, paused=paused) is state  # type: ignore[arg-type]


class TestBatches:
    def test_what_is_too_old_or_to_come_does_not_count(self) -> None:
        one = batch(NOW, NOW + timedelta(minutes=4), NOW + timedelta(minutes=6))
        assert kept(one) == [True, True, False]
        yesterday = NOW - timedelta(hours=24)
        old = batch(yesterday, yesterday - timedelta(seconds=1), key_date=date(2026, 11, 20))
        assert kept(old) == [True, False]

    def test_only_observations_of_the_day_of_the_key_count(self) -> None:
        midnight = datetime(2026, 11, 20, 15, 0, tzinfo=UTC)
        one = batch(midnight - timedelta(milliseconds=1), midnight)
        assert kept(one) == [False, True]

    def test_what_was_made_in_a_pause_does_not_count(self) -> None:
        minutes = [NOW - timedelta(minutes=ago) for ago in (30, 20, 10)]
        one = batch(*minutes)
        pause = Pause(NOW - timedelta(minutes=20), NOW - timedelta(minutes=10))
        assert kept(one, pause) == [True, False, True]
        assert kept(one, Pause(NOW - timedelta(minutes=25), None)) == [True, False, False]

    def test_hours_get_their_own_observations(self) -> None:
        one = batch(NOW - timedelta(minutes=1), NOW, NOW, NOW + timedelta(minutes=1))
        keep = acceptable(one, NOW, ())
        hours = [ZoneHour("gate", hour) for hour in hours_of(one, keep)]
        for hour in hours:
            add_batches(hour, [(one, keep)])
        assert [(hour.hour, hour.frames) for hour in hours] == [
            (NOW - timedelta(hours=1), 1), (NOW, 3),
        ]  # fmt: skip
        assert [hour.addresses.count().estimate for hour in hours] == [1, 3]

    def test_what_arrives_together_decides_nothing(self) -> None:
        ones = [
            replace(batch(NOW, NOW + timedelta(seconds=at)), sequence=at + 1, rssi_dbm=signals,
                    pseudonyms=np.ones(2, np.uint64))
            for at in range(4)
            for signals in (np.array([-50, -90]) if at % 2 else np.empty(0, np.int64),)
        ]  # fmt: skip
        keeps = [(one, acceptable(one, NOW, ())) for one in ones]
        together, apart = ZoneHour("gate", NOW), ZoneHour("gate", NOW)
        add_batches(together, keeps)
        for each in reversed(keeps):
            add_batches(apart, [each])
        assert (together.frames, together.bursts) == (apart.frames, apart.bursts) == (8, 5)
        assert together.addresses.to_bytes() == apart.addresses.to_bytes()
        assert together.devices.to_bytes() == apart.devices.to_bytes()
        whole = joined(ones)
        assert whole.near.tolist() == [mark for one in ones for mark in one.near.tolist()]
        assert whole.times_ms.tolist() == [time for one in ones for time in one.times_ms.tolist()]

    def test_randomized_addresses_of_one_kind_are_one_device(self) -> None:
        one = replace(batch(NOW, NOW, NOW), randomized=np.array([True, True, False]))
        hour = ZoneHour("gate", NOW)
        add_batches(hour, [(one, acceptable(one, NOW, ()))])
        assert (hour.addresses.count().estimate, hour.devices.count().estimate) == (3, 2)

    @pytest.mark.parametrize(
        "wrong",
        [{"pseudonyms": np.zeros(3, np.uint64)}, {"times_ms": np.zeros(0, np.int64)},
         {"boot_id": ""}, {"boot_id": "x" * 33}, {"sequence": 0}, {"key_epoch": 0}],
    )  # fmt: skip
    def test_malformed_batches_are_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(BatchMalformed):
            check_batch(replace(batch(NOW), **wrong))  # type: ignore[arg-type]


class TestRelease:
    @given(st.integers(0, 5_000), st.integers(0, 20_000))
    def test_the_interval_holds_the_estimate(self, keys: int, more: int) -> None:
        addresses = Bounded(keys + more, keys + more, keys + more)
        figure = device_figure(Bounded(keys, keys, keys), addresses)
        assert figure.low <= figure.estimate <= figure.high <= max(addresses.high, keys)

    @given(st.integers(1, 20_000))
    def test_the_interval_grows_with_the_figure(self, estimate: int) -> None:
        here, further = released_interval(estimate), released_interval(estimate + 1)
        assert here.low <= further.low
        assert here.high <= further.high

    @pytest.mark.parametrize(
        ("shown", "devices"), [(40, 50), (68, 100), (330, 1_000), (1_500, 10_000)]
    )
    def test_the_upper_end_is_that_of_the_literature(self, shown: int, devices: int) -> None:
        assert released_interval(shown).high == devices

    @given(st.lists(st.integers(0, 60), min_size=1, max_size=20))
    def test_two_answers_never_differ_by_fewer_than_k(self, corrections: list[int]) -> None:
        shown: list[int] = []
        before = None
        for estimate in sorted(corrections):
            before = released_figure(estimate, before)
            if before is not None:
                shown.append(before)
        assert all(figure >= K for figure in shown)
        steps = {abs(a - b) for a in shown for b in shown}
        assert all(step == 0 or step >= K for step in steps)

    @given(
        st.lists(st.integers(0, 60), min_size=1, max_size=6),
        st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), min_size=1, max_size=8),
    )
    def test_who_came_late_to_a_withheld_zone_is_not_the_difference_of_two_sums(
        self, estimates: list[int], late: list[tuple[int, int]]
    ) -> None:
        now = {f"zone {number}": estimate for number, estimate in enumerate(estimates)}
        before: dict[str, int | None] = dict.fromkeys(now)
        totals = list[int]()
        for which, more in [(0, 0), *late]:
            now[f"zone {which % len(now)}"] += more
            before = {zone: released_figure(now[zone], before[zone]) for zone in now}
            line = released_line({
                zone: min(now[zone], K - 1) if shown is None else shown
                for zone, shown in before.items()
            })  # fmt: skip
            if line.total is not None:
                cells = sum(count or 0 for count in line.cells.values())
                totals.append(line.total)
                real = sum(min(now[z], K - 1) if s is None else s for z, s in before.items())
                assert real - 2 * K < line.total <= real
                assert line.total >= cells - cells % K
        assert all(abs(a - b) not in range(1, K) for a in totals for b in totals)

    def test_a_sum_says_of_withheld_zones_their_tens_only(self) -> None:
        shown = {"tower": 27}
        sums = {
            released_line(shown | {"gate": gate, "hill": 8, "pond": 5}).total
            for gate in range(7)  # 13 to 19 withheld
        }
        assert sums == {30}
        assert released_line(shown | {"gate": 7, "hill": 8, "pond": 5}).total == 40
