"""A real day of a laboratory in Brno, re-timed to now: the counts are exactly those of dpkt.

Proves that nothing is lost, doubled or shifted between the file and the internal count: frames and
distinct addresses per hour are counted by an independent reader on the same time shift.
"""

import gzip
import io
from collections import defaultdict
from pathlib import Path
from typing import Any

import dpkt
import pytest

from kit.auth import Role
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.sensor.calibrate import calibrate_folder
from tests.service.visitor_sense.conftest import Sense, until

pytestmark = pytest.mark.long

BRNO = Path(__file__).resolve().parents[4] / "shared/data/probes/brno/position_1"
DAY = BRNO / "2023-03-14.pcap.gz"


def counted_by_dpkt(path: Path, shift_ms: int) -> dict[int, tuple[int, int]]:
    """Returns frames and distinct addresses per hour (seconds since 1970 of its begin)."""
    frames: dict[int, int] = defaultdict(int)
    addresses: dict[int, set[bytes]] = defaultdict(set)
    for time_s, data in dpkt.pcap.Reader(io.BytesIO(gzip.decompress(path.read_bytes()))):
        radiotap = dpkt.radiotap.Radiotap(data)
        frame = dpkt.ieee80211.IEEE80211(data[radiotap.length :])
        if frame.type != 0 or frame.subtype != 4:
            continue
        time_ms = round(time_s * 1_000_000) // 1000 + shift_ms
        hour = time_ms // 3_600_000 * 3600
        frames[hour] += 1
        addresses[hour].add(frame.mgmt.src)
    return {hour: (frames[hour], len(addresses[hour])) for hour in frames}


@pytest.mark.skipif(not DAY.exists(), reason="the shared captures are not on this machine")
async def test_counts_of_a_real_day_are_exact(sense: Sense) -> None:
    done = await sense.replay(DAY)
    expected = counted_by_dpkt(DAY, done.shift_ms)
    hours = await sense.counted(done)
    counted = {h.hour_start_time.seconds: (h.frames, h.addresses.estimate) for h in hours}
    assert counted == expected
    assert all(hour.addresses_exact for hour in hours)
    assert sum(frames for frames, _ in counted.values()) == done.probe_frames == 25_445

    async def level_known() -> bool:
        answer = await sense.stub(Role.VISITOR).ReadOccupancy(
            wire.ReadOccupancyRequest(), timeout=30
        )
        (gate,) = answer.zones
        return gate.level > wire.OCCUPANCY_LEVEL_UNKNOWN and gate.HasField("as_of_time")

    await until(level_known)


@pytest.mark.skipif(not DAY.exists(), reason="the shared captures are not on this machine")
def test_people_of_real_days_are_estimated_better_than_by_their_addresses(tmp_path: Path) -> None:
    """Eight days of people counted in that room: each judged by what the days before it taught."""
    for path in sorted(BRNO.iterdir())[:16]:
        (tmp_path / path.name).symlink_to(path)
    found: dict[str, Any] = calibrate_folder(tmp_path)
    near, addresses = found["accuracy"], found["addresses_scaled"]
    assert near["days"] == 6
    assert near["wape"] < 0.18 < addresses["wape"]
    assert near["mae"] < 2.0
    assert 0.8 < near["coverage"] <= 1.0
