"""Dwell and zones seen, from devices that keep their address for the day."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.suppression import K
from services.visitor_sense.domain.flows import (
    AWAY_MS,
    MOST_MS,
    Stay,
    ZonesSeen,
    dwell_quantiles,
    stays_of,
    visitors_only,
)

MINUTE_MS = 60_000


def scans(begin_ms: int, end_ms: int, every_ms: int = MINUTE_MS) -> list[int]:
    """Two frames at every scan."""
    return [at + more for at in range(begin_ms, end_ms, every_ms) for more in (0, 40)]


def test_frames_of_one_scan_are_one_sign_and_a_long_silence_ends_a_stay() -> None:
    again = 10 * MINUTE_MS + AWAY_MS
    found = stays_of(scans(0, 5 * MINUTE_MS) + scans(again, again + 2 * MINUTE_MS))
    assert found == [
        Stay(0, 4 * MINUTE_MS + 40, 5), Stay(again, again + MINUTE_MS + 40, 2),
    ]  # fmt: skip
    assert stays_of([]) == []
    assert stays_of([7]) == [Stay(7, 7, 1)]
    assert Stay(7, 7, 1).dwell_ms == 0.0


def test_what_lies_before_the_first_and_after_the_last_sign_is_made_up_for() -> None:
    chance = random.Random(1)
    ratios = []
    for _ in range(2_000):
        dwell = chance.randrange(10, 40) * MINUTE_MS
        phase = chance.randrange(MINUTE_MS * 2)
        (found,) = stays_of(list(range(phase, dwell, 2 * MINUTE_MS)))
        ratios.append(found.dwell_ms / dwell)
    assert sum(ratios) / len(ratios) == pytest.approx(1.0, abs=0.01)


def test_quantiles_are_those_of_the_stays_and_few_say_nothing() -> None:
    devices = {n: scans(0, (n + 2) * MINUTE_MS, MINUTE_MS) for n in range(21)}
    found = dwell_quantiles(devices, [0.0, 0.5])
    assert found is not None
    assert found[0] == pytest.approx(2 * MINUTE_MS, rel=0.01)
    assert found[1] == pytest.approx(12 * MINUTE_MS, rel=0.01)
    assert dwell_quantiles({n: devices[n] for n in range(K - 1)}, [0.5]) is None


def test_who_is_there_most_of_the_day_is_no_visitor_in_any_zone() -> None:
    heard = {
        "gate": {1: [0, MINUTE_MS], 2: [0, MOST_MS + 1], 3: [0]},
        "hall": {3: [MOST_MS + 1], 4: [5]},
    }
    assert visitors_only(heard) == {"gate": {1: [0, MINUTE_MS]}, "hall": {4: [5]}}


sets = st.dictionaries(
    st.sampled_from(["a", "b", "c"]), st.sets(st.integers(0, 2**64 - 1), max_size=40), max_size=3
)


@given(sets, sets)
def test_few_devices_are_counted_exactly_in_any_order(
    one: dict[str, set[int]], other: dict[str, set[int]]
) -> None:
    seen, again = ZonesSeen(), ZonesSeen()
    for part in (one, other):
        for zone_id, devices in part.items():
            seen.add(zone_id, devices)
    for part in (other, one, other):
        for zone_id, devices in part.items():
            again.add(zone_id, sorted(devices, reverse=True))
    whole = {zone: one.get(zone, set()) | other.get(zone, set()) for zone in one | other}
    assert seen.both() == again.both()
    assert {zone: seen.zone(zone) for zone in whole} == {
        zone: len(devices) for zone, devices in whole.items()
    }
    assert all(
        common == len(whole[left] & whole[right]) for (left, right), common in seen.both().items()
    )
    assert seen.zone("nowhere") == 0.0


def test_a_large_overlap_is_near_its_number() -> None:
    chance = random.Random(2)
    devices = [chance.getrandbits(64) for _ in range(60_000)]
    seen = ZonesSeen()
    seen.add("a", devices[:40_000])
    seen.add("b", devices[30_000:])
    assert seen.both()["a", "b"] == pytest.approx(10_000, rel=0.05)
