"""A capture played into the whole platform: counted exactly inside, a level outside, no address.

Everything goes the way a newcomer's does: `./meguri sense replay`, mTLS gRPC with an analyst's
token for the exact counts, the public pages for the level; then the data folder itself is searched,
file by file, for every address of the capture: PostgreSQL's and NATS's own files, logs, spool.
"""

import json
import time
import urllib.error
from collections import defaultdict
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import grpc
import pytest

from kit.auth import Caller, Minter, Role
from kit.client import sync_channel
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.visitor_sense.sensor.captures import read_frames
from tests.platform import Platform
from tests.service.visitor_sense.test_brno import DAY, counted_by_dpkt
from tests.service.visitor_sense.test_privacy import Search, needles
from tests.unit.visitor_sense import made

pytestmark = [pytest.mark.long, pytest.mark.platform]


def until(holds: Callable[[], Any], timeout_s: float = 20) -> Any:
    """Waits until something holds and returns it."""
    end = time.monotonic() + timeout_s
    while not (found := holds()):
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.2)
    return found


def count(platform: Platform, done: dict[str, Any]) -> list[wire.ZoneHourCount]:
    """Reads the exact counts as an analyst's program does."""
    secrets = platform.data / "secrets"
    minter = Minter(next(secrets.glob("token_private*")).read_bytes())
    tokens = minter.tokens_of(Caller("mine", "tester", frozenset({Role.ANALYST})))
    folder = Path(platform.state["tls"]["ca"]).parent
    request = wire.CountDevicesRequest(zone_id="main-gate")
    request.from_time.FromDatetime(datetime.fromisoformat(done["first_time"]))
    request.to_time.FromDatetime(datetime.fromisoformat(done["last_time"]))
    request.to_time.seconds += 1
    with sync_channel(platform.state["grpc"]["visitor_sense"], folder, tokens) as channel:
        return list(VisitorSenseServiceStub(channel).CountDevices(request, timeout=10).hours)


def replay(platform: Platform, path: Path) -> dict[str, Any]:
    """Plays a capture as the first sensor."""
    sensor = platform.state["sensor"]["id"]
    answer = platform.run("sense", "replay", str(path), "--sensor", sensor, "--json").stdout
    done: dict[str, Any] = json.loads(answer)
    assert done["batches_waiting"] == 0
    return done


def addresses_of(path: Path) -> list[bytes]:
    """Returns the addresses of the probe requests of a capture."""
    found = set()
    for _, _, frame in read_frames(path):
        start = frame[2] | frame[3] << 8
        found.add(frame[start + 10 : start + 16])
    return sorted(found)


def own_crowd(folder: Path) -> Path:
    """Returns a capture of our own, three hours long, for machines without the shared ones."""
    return made.pcap(folder / "crowd.pcap.gz", made.crowd(300, 4, span_s=3 * 3600))


def test_a_capture_is_counted_shown_and_leaves_no_address(
    platform: Platform, tmp_path: Path
) -> None:
    path = DAY if DAY.exists() else own_crowd(tmp_path)
    done = replay(platform, path)
    platform.kill("visitor_sense")  # what NATS took is counted once it is back
    expected = counted_by_dpkt(path, done["shift_ms"])

    def counted() -> bool:
        try:
            hours = count(platform, done)
        except grpc.RpcError:
            return False  # not back yet
        found = {h.hour_start_time.seconds: (h.frames, h.addresses.estimate) for h in hours}
        return found == expected and all(hour.addresses_exact for hour in hours)

    until(counted)
    assert sum(frames for frames, _ in expected.values()) == done["probe_frames"]
    zone = until(lambda: level_of(platform), 30)
    assert zone["as_of"]
    figures = json.loads(platform.get("/api/v1/visitors?zone=main-gate"))
    assert all(hour["estimate"] is None or hour["estimate"] >= 10 for hour in figures["hours"])
    assert b"main-gate" not in platform.get("/privacy/sensing")  # names, not ids

    search = Search(needles(addresses_of(path), []))
    platform.run("sense", "sensors", "--json")
    searched: dict[str, int] = defaultdict(int)
    for file in platform.data.rglob("*"):
        if file.is_file() and file.stat().st_size:
            content = file.read_bytes()
            searched[file.relative_to(platform.data).parts[0]] += len(content)
            assert search.hits(content) == [], file
    assert len(searched) > 3
    assert sum(searched.values()) > 10_000_000


def level_of(platform: Platform) -> dict[str, Any] | None:
    """Returns the public figure of the main gate once it is known."""
    try:
        zones = json.loads(platform.get("/api/v1/occupancy"))["zones"]
    except urllib.error.HTTPError:
        return None  # the service is on its way back
    (found,) = (zone for zone in zones if zone["zone"] == "main-gate")
    return found if found["level"] != "unknown" else None


def test_a_broken_capture_is_refused_with_its_reason(platform: Platform, tmp_path: Path) -> None:
    path = own_crowd(tmp_path)
    path.write_bytes(path.read_bytes()[:-20])
    before = platform.run("sense", "sensors", "--json").stdout
    sensor = platform.state["sensor"]["id"]
    done = platform.run("sense", "replay", str(path), "--sensor", sensor, "--json", check=False)
    assert done.returncode == 1
    assert json.loads(done.stdout)["reason"] == "CAPTURE_TRUNCATED"
    assert len(done.stderr.strip().splitlines()) == 1
    assert json.loads(platform.run("sense", "sensors", "--json").stdout) == json.loads(before)
    asked = ("sense", "replay", str(path), "--sensor", "nobody", "--json")
    unknown = platform.run(*asked, check=False)
    assert (unknown.returncode, json.loads(unknown.stdout)["reason"]) == (1, "SENSOR_NOT_ENROLLED")
    assert "./meguri sense enroll" in unknown.stderr


def test_estimate_needs_no_platform(tmp_path: Path) -> None:
    bare = Platform(tmp_path / "nothing-here")
    found = json.loads(bare.run("sense", "estimate", str(own_crowd(tmp_path)), "--json").stdout)
    assert (found["frames"], found["addresses"]) == (1200, 300)
    assert found["devices"]["low"] <= found["devices"]["estimate"] == 300
    assert found["devices"]["high"] == 300
