"""The bench of sensing: its rivals do the work they are credited with, its limits are applied."""

import secrets
from typing import Any

import pytest

from bench.sense import growth, parse, run
from bench.sense.yardsticks import with_dpkt, with_struct
from services.visitor_sense.sensor.captures import RADIOTAP
from services.visitor_sense.sensor.frames import FrameReader
from tests.unit.visitor_sense import made

WPS = b"\xdd\x08\x00\x50\xf2\x04\x11\x22\x33\x44"
FILS = b"\xff\x03\x02\x01\x02"
HE = b"\xff\x03\x23\x01\x02"


def frames() -> list[bytes]:
    """Frames with and without checksum, of every kind of element; the last is long enough for
    dpkt, which takes its last four bytes for a checksum always."""
    elements = made.ssid(b"home") + made.RATES + b"\x03\x01\x0b" + WPS + FILS + HE + made.HT
    return [
        made.probe(made.phone(number), elements, sequence=number,
                   header=made.radiotap(signal_dbm=-40 - number, flags=flags),
                   fcs=b"\0\0\0\0" if flags else b"")
        for number in range(20) for flags in (0, 0x10)
    ]  # fmt: skip


@pytest.mark.parametrize("rival", [with_struct, with_dpkt])
def test_the_rivals_find_what_we_find(rival: Any) -> None:
    key = secrets.token_bytes(32)
    ours = FrameReader(key)
    assert rival(key, frames()) == [
        kept and kept[:5] for kept in (ours.read(RADIOTAP, frame) for frame in frames())
    ]


def test_an_address_of_its_own_in_each_frame_changes_nothing_else() -> None:
    key = secrets.token_bytes(32)
    once = [(1, RADIOTAP, frame) for frame in frames()]
    ours = FrameReader(key)
    before = [ours.read(RADIOTAP, frame) for _, _, frame in once]
    after = [ours.read(RADIOTAP, frame) for _, _, frame in parse.shuffled_addresses(once)]
    assert len({kept[0] for kept in after if kept}) == len(once)
    assert [kept[1:4] for kept in after if kept] == [kept[1:4] for kept in before if kept]


def test_growth_counts_all_visitors_it_made() -> None:
    found = growth.count(3_000)
    assert abs(found["found"] - 3_000) < 3_000 * 0.05  # read from the sketch that remains
    assert found["us"] > 0
    assert found["memory_mb"] > 10


def test_limits_say_what_holds_and_what_was_left_out() -> None:
    found = {
        name: [1.0] for name in (
            "aggregate_per_second", "many_memory_mb", "many_us", "bytes_per_zone_hour",
        )
    } | {"fetch_per_second": [10.0], "few_memory_mb": [1.0], "few_us": [1.0]}  # fmt: skip
    answer = run._answer(found, {"live_age_p99_s": 2.5}, [], ["parse: no captures"], 1)
    assert answer["ratios"]["aggregate_vs_fetch"] == 0.1
    assert answer["limits"]["aggregate_vs_fetch"] == ">= 0.2: does not hold"
    assert answer["limits"]["time_many_vs_few"] == "<= 1.15: holds"
    assert answer["limits"]["live_age_p99_s"] == "<= 2.0: does not hold"
    assert "parse_vs_dpkt" not in answer["limits"]
    assert answer["skipped"] == ["parse: no captures"]


def test_every_figure_with_a_limit_is_said_with_its_rival() -> None:
    assert {"parse", "dpkt", "yardstick", "aggregate", "fetch", "live", "many"} == set(run.SIDES)
