"""Raw frames to what may leave the sensor: ours beside dpkt and beside a plain struct parser.

Each starts with nothing remembered, under a key of its own, and goes once over all frames. Ours
ends with signed batches, the others with tuples: what it does more, it does in its own time.
"""

import secrets
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from pathlib import Path

from bench import rounds
from bench.sense.yardsticks import with_dpkt, with_struct
from infra.local.home import ROOT
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters, DayKey
from services.visitor_sense.sensor.captures import RADIOTAP, Frame, read_frames
from services.visitor_sense.sensor.credential import make_credential

DATA = ROOT.parent / "shared" / "data" / "probes"
LABELLED = ("pintor/*/*.pcap*", "baccichet/*.pcap*")
DPKT_FRAMES = 8_000  # of all, evenly: it is slow
CREDENTIAL = make_credential("bench", "gate-1", "gate")


def captures(data: Path) -> list[Path]:
    """Returns the labelled captures, none where the folder is missing."""
    return sorted(path for pattern in LABELLED for path in data.glob(pattern))


def read_all(paths: Sequence[Path]) -> list[Frame]:
    """Returns the radiotap frames of captures."""
    return [frame for path in paths for frame in read_frames(path) if frame[1] == RADIOTAP]


def shuffled_addresses(frames: Sequence[Frame]) -> list[Frame]:
    """Returns the frames with an address of its own in each: nothing remembered of one helps."""
    found = []
    for time_ms, link_type, frame in frames:
        at = (frame[2] | frame[3] << 8) + 10
        made_up = frame[:at] + secrets.token_bytes(6) + frame[at + 6 :]
        found.append((time_ms, link_type, made_up))
    return found


def batcher(key: bytes | None = None) -> Batcher:
    """Returns the sensor's path from frames to signed batches, fresh."""
    day_key = DayKey(date(2026, 1, 1), 1, key or secrets.token_bytes(32))
    return Batcher(CREDENTIAL, Boot(), day_key, Counters())


def measures(frames: Sequence[Frame]) -> Mapping[str, rounds.Measure]:
    """Returns what is measured in turn."""
    raw = [frame for _, _, frame in frames]
    few = raw[:: max(1, len(raw) // DPKT_FRAMES)]
    unlike = shuffled_addresses(frames)
    return {
        "parse": lambda: _ours("parse", frames),
        "dpkt": lambda: _peer("dpkt", with_dpkt, few),
        "struct parser": lambda: _peer("yardstick", with_struct, raw),
        "parse, every address new": lambda: _ours("parse_new_addresses", unlike),
    }


def _ours(name: str, frames: Sequence[Frame]) -> dict[str, float]:
    path = batcher()
    began = time.process_time()
    for time_ms, link_type, frame in frames:
        path.feed(time_ms, link_type, frame)
    path.flush()
    return {f"{name}_per_second": len(frames) / (time.process_time() - began)}


def _peer(
    name: str, parser: Callable[[bytes, Sequence[bytes]], object], frames: Sequence[bytes]
) -> dict[str, float]:
    key = secrets.token_bytes(32)
    began = time.process_time()
    parser(key, frames)
    return {f"{name}_per_second": len(frames) / (time.process_time() - began)}
