"""What strangers can send, and who reads it. A reader takes bytes or refuses them by its own error;
anything else that it raises is a finding, as is time or memory that grows."""

import contextlib
import gzip
import io
import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from bench.hostile import lists
from bench.sense.growth import frames
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain.errors import BatchMalformed
from services.visitor_sense.domain.observations import (
    ZoneHour,
    acceptable,
    add_batches,
    check_batch,
    hours_of,
)
from services.visitor_sense.events.observations import read_arrival
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, DayKey
from services.visitor_sense.sensor.captures import (
    IEEE802_11,
    RADIOTAP,
    CaptureError,
    frames_of,
)
from services.visitor_sense.sensor.credential import make_credential
from services.visitor_sense.sensor.relay import NotUnderstood, reduce

NOW = datetime(2026, 1, 1, 3, tzinfo=UTC)
NOW_MS = int(NOW.timestamp() * 1000)
MOST_FRAMES = 20_000  # of one made-up capture


@dataclass(frozen=True)
class Target:
    """A reader. read: raises only for a finding. seeds: good inputs to begin from. modules: whose
    branches guide the search."""

    read: Callable[[bytes], None]
    seeds: Sequence[bytes]
    modules: Sequence[str]


def _frames_target() -> Target:
    """A frame, after a byte that says of which kind: read, and kept in a batch that is signed."""
    key = DayKey(NOW.date(), 1, bytes(range(32)))
    batcher = Batcher(make_credential("fuzz", "gate-1", "gate"), Boot(), key, Counters())

    def read(data: bytes) -> None:
        link_type = IEEE802_11 if data[:1] == b"\1" else RADIOTAP
        # Times jump too: each jump of an hour ends a batch.
        batcher.feed(NOW_MS + 4_000_000 * len(data), link_type, data[1:])

    bare = [b"\1" + frame[15:] for frame in frames(3)]
    words = struct.pack("<BBHIIBBHHb", 0, 0, 19, 0x8000002E, 0, 0x10, 2, 2412, 0xA0, -60)
    more = [b"\0" + words + frame[15:] + b"\0\0\0\0" for frame in frames(3)]
    seeds = [b"\0" + frame for frame in frames(3)] + bare + more
    modules = ("services.visitor_sense.sensor.frames", "services.visitor_sense.sensor.batches")
    return Target(read, seeds, modules)


def _captures_target() -> Target:
    """A capture file."""

    def read(data: bytes) -> None:
        # Any of these errors is a refusal with a reason; what was read before it is thrown away.
        with contextlib.suppress(CaptureError):
            for number, _ in enumerate(frames_of(io.BytesIO(data))):
                if number > MOST_FRAMES:
                    break

    some = list(frames(3))
    head = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, RADIOTAP)
    classic = head + b"".join(struct.pack("<IIII", 1, 2, len(one), len(one)) + one for one in some)
    section = _block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    interface = _block(1, struct.pack("<HHIHHB3xHH", RADIOTAP, 0, 0, 9, 1, 6, 0, 0))
    packets = b"".join(
        _block(6, struct.pack("<IIIII", 0, 0, 5, len(one), len(one)) + one) for one in some
    )
    seeds = [classic, section + interface + packets, gzip.compress(classic)]
    return Target(read, seeds, ("services.visitor_sense.sensor.captures",))


def _block(kind: int, body: bytes) -> bytes:
    body += b"\0" * (-len(body) % 4)
    size = struct.pack("<I", 12 + len(body))
    return struct.pack("<I", kind) + size + body + size


def _batches_target() -> Target:
    """A batch as it lies in the stream; the signature is taken for proved."""

    def read(data: bytes) -> None:
        try:
            batch = read_arrival("fuzz", data).batch
            check_batch(batch)
        except BatchMalformed:
            return
        keep = acceptable(batch, NOW, ())
        for hour in hours_of(batch, keep):
            add_batches(ZoneHour("gate", hour), [(batch, keep)])

    good = wire.ObservationBatch(
        boot_id="b00t", sequence=1, key_date=NOW.date().isoformat(), key_epoch=1,
        offsets_ms=[0, 5], pseudonyms=[1, 2**64 - 1], signatures=[3, 4], rssi_dbm=[-60, 0],
        frame_sequences=[1, 2], randomized=[True, False],
    )  # fmt: skip
    good.base_time.FromDatetime(NOW)
    signed = wire.SignedBySensor(area="fuzz", sensor_id="gate-1", body=good.SerializeToString())
    modules = (
        "services.visitor_sense.events.observations", "services.visitor_sense.domain.observations",
    )  # fmt: skip
    return Target(read, [signed.SerializeToString()], modules)


def _posts_target() -> Target:
    """A body as a Meraki network posts it, in the hashing child."""

    def read(data: bytes) -> None:
        with contextlib.suppress(NotUnderstood):
            reduce(bytes(32), bytes(32), data)

    record = {"time": NOW.isoformat(), "nearestApRssi": -57}
    seen = {"clientMac": "00:11:22:33:44:55", "latestRecord": record}
    good = {"version": "3.0", "secret": "x", "type": "WiFi", "data": {"observations": [seen]}}
    modules = ("services.visitor_sense.sensor.relay", "services.visitor_sense.domain.optout")
    return Target(read, [json.dumps(good).encode()], modules)


def _sights_target() -> Target:
    """A municipal list of sights."""
    modules = (
        "services.itinerary.gateways.municipal_file", "services.itinerary.domain.municipal.sights",
        "services.itinerary.domain.municipal.hours", "services.itinerary.domain.municipal.fees",
        "services.itinerary.domain.municipal.words", "bench.hostile.lists",
    )  # fmt: skip
    return Target(lists.read_sights, lists.SIGHT_SEEDS, modules)


def _timetables_target() -> Target:
    """One table of a GTFS feed."""
    modules = (
        "services.itinerary.gateways.gtfs.reader", "services.itinerary.gateways.gtfs.calls",
        "services.itinerary.gateways.gtfs.archive", "services.itinerary.domain.transit.day",
        "bench.hostile.lists",
    )  # fmt: skip
    return Target(lists.read_timetable, lists.FEED_SEEDS, modules)


TARGETS: dict[str, Callable[[], Target]] = {
    "frames": _frames_target,
    "captures": _captures_target,
    "batches": _batches_target,
    "posts": _posts_target,
    "sights": _sights_target,
    "timetables": _timetables_target,
}
