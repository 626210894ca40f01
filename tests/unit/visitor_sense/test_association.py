"""Phones that make up addresses, told apart: counters that go on, counters made up anew."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.visitor_sense.domain.association import Learned, associate
from services.visitor_sense.domain.bursts import Heard
from services.visitor_sense.domain.hills import hills
from tests.examples import share

MINUTE_MS = 60_000


def phone(
    number: int, *, signature: int = 1, begin: int = 0, step: int = 20, frames: int = 5,
    scans: int = 20, every_ms: int = MINUTE_MS, rssi_dbm: int = -50, phase_ms: int = 0,
) -> list[Heard]:  # fmt: skip
    """A phone whose counter goes on while every scan has an address of its own."""
    return [
        Heard(
            phase_ms + scan * every_ms + 20 * frame, number * 1_000 + scan, signature, rssi_dbm,
            (begin + scan * step + frame) % 4096, randomized=True,
        )
        for scan in range(scans) for frame in range(frames)
    ]  # fmt: skip


def anew(number: int, *, signature: int, rssi_dbm: int, scans: int = 20) -> list[Heard]:
    """A phone that makes up its counter with every address."""
    chance = random.Random(number)
    found = []
    for scan in range(scans):
        begin = chance.randrange(4096)
        time_ms = scan * MINUTE_MS + number * 3_777
        for frame in range(4):
            signal = rssi_dbm + 5 * chance.choice((-1, 0, 0, 1))
            found.append(
                Heard(
                    time_ms + frame,
                    number * 1_000 + scan,
                    signature,
                    signal,
                    begin + frame,
                    randomized=True,
                )
            )
    return found


def crowd(*phones: list[Heard]) -> tuple[list[Heard], list[int]]:
    """Frames of phones in order of time, and whose each is."""
    both = sorted(
        ((one, number) for number, mine in enumerate(phones) for one in mine),
        key=lambda pair: pair[0].time_ms,
    )
    return [one for one, _ in both], [number for _, number in both]


def same_parts(labels: list[int], truth: list[int]) -> bool:
    pairs = set(zip(labels, truth, strict=True))
    return len(pairs) == len(set(labels)) == len(set(truth))


def test_equal_phones_are_told_apart_by_their_counters() -> None:
    heard, truth = crowd(*(phone(n, begin=700 * n, phase_ms=900 * n) for n in range(5)))
    found = associate(heard)
    assert (found.devices, found.crowded) == (5, True)
    assert same_parts(found.labels, truth)
    assert found.addresses == 100


def test_a_counter_goes_on_over_its_end() -> None:
    heard, truth = crowd(phone(1, begin=3_900), phone(2, begin=1_900, phase_ms=9_000))
    assert same_parts(associate(heard).labels, truth)


def test_a_counter_of_half_a_lap_is_one_phone() -> None:
    mine = [one._replace(sequence=one.sequence % 2048) for one in phone(1, begin=1_800, step=30)]
    assert associate(mine).devices == 1


def test_phones_with_counters_made_up_anew_are_told_apart_by_signal() -> None:
    heard, truth = crowd(
        anew(1, signature=5, rssi_dbm=-40), anew(2, signature=5, rssi_dbm=-75),
        anew(3, signature=6, rssi_dbm=-40),
    )  # fmt: skip
    found = associate(heard)
    assert found.devices == 3
    assert same_parts(found.labels, truth)


def test_in_a_crowd_scans_say_how_many_cannot_be_linked() -> None:
    others = [phone(n, begin=900 * n, phase_ms=900 * n, scans=30) for n in range(4)]
    equal = [anew(10 + n, signature=9, rssi_dbm=-60, scans=20) for n in range(6)]
    heard, _ = crowd(*others, *equal)
    found = associate(heard, Learned(scans_per_phone=20.0))
    assert found.crowded
    assert found.devices == 4 + 6
    alone, _ = crowd(*equal)
    assert associate(alone, Learned(scans_per_phone=20.0)).devices == 1  # nothing says a crowd


def test_a_phone_with_two_classes_in_one_counter_is_one() -> None:
    mine = phone(1, begin=100)
    aside = [
        one._replace(time_ms=one.time_ms + 900, pseudonym=one.pseudonym + 500, signature=2,
                     sequence=one.sequence + 8)
        for one in mine
    ]  # fmt: skip
    heard, _ = crowd(mine + aside)
    assert associate(heard).devices == 1


def test_fixed_addresses_are_never_one_and_are_exact() -> None:
    twins = [
        Heard(1_000 * second, 7 + number, 1, -50, second, randomized=False)
        for second in range(600) for number in range(2)
    ]  # fmt: skip
    found = associate(twins)
    assert (found.devices, found.fixed, found.interval) == (2, 2, (2, 2))


@pytest.mark.parametrize(("minutes", "devices"), [(1, 2), (20, 1)])
def test_a_few_frames_are_a_phone_only_where_there_was_no_time_for_more(
    minutes: int, devices: int
) -> None:
    heard, _ = crowd(
        phone(1, scans=4, every_ms=minutes * MINUTE_MS // 4),
        phone(2, signature=3, begin=2_000, scans=1, frames=2, rssi_dbm=-90, phase_ms=8_000),
    )
    assert associate(heard).devices == devices


def test_nothing_heard_is_nobody() -> None:
    found = associate([])
    assert (found.labels, found.devices, found.interval) == ([], 0, (0, 0))


heard_anything = st.lists(
    st.builds(
        Heard, st.integers(0, 2_000_000), st.integers(1, 30), st.integers(1, 4),
        st.sampled_from([0, -90, -60, -40]), st.integers(0, 4095), st.booleans(),
    ),
    max_size=80,
).map(lambda found: sorted(found, key=lambda one: one.time_ms))  # fmt: skip


@share(20)
@given(heard_anything)
def test_one_address_is_one_phone_and_no_more_phones_than_addresses(heard: list[Heard]) -> None:
    by_address = {one.pseudonym: one.randomized for one in heard}
    heard = [one._replace(randomized=by_address[one.pseudonym]) for one in heard]
    found = associate(heard)
    pairs = {(one.pseudonym, label) for one, label in zip(heard, found.labels, strict=True)}
    assert len(pairs) == found.addresses == len(by_address)
    low, high = found.interval
    assert found.fixed <= low <= found.devices <= high <= found.addresses
    fixed = [label for one, label in pairs if not by_address[one]]
    assert len(set(fixed)) == len(fixed) == found.fixed


def test_hills_part_where_a_valley_is_deep() -> None:
    near, far = [-41.0, -40.0, -40.0, -39.0], [-71.0, -70.0, -70.0]
    assert hills(far + near) == [0, 0, 0, 1, 1, 1, 1]
    assert hills([-50.0, -47.0, -44.0, -41.0]) == [0, 0, 0, 0]
    assert hills([]) == []
    assert hills([-90.0, -50.0, -50.0]) == [0, 0, 0]  # one value alone is no hill
