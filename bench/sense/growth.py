"""What a hundred times as many visitors cost: memory, and time per observation.

`python -m bench.sense.growth VISITORS` sends so many made-up phones, a burst of two frames each,
through the sensor's parser and into the counts of one zone and hour, as the service would keep
them. A process of its own for each size, because memory is asked of the system.
"""

import json
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path

from bench.sense.parse import batcher
from infra.local.home import ROOT
from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as wire
from services.visitor_sense.domain.observations import ZoneHour, acceptable, add_batches
from services.visitor_sense.domain.sketch import Distinct
from services.visitor_sense.events.observations import FETCH, read_arrival
from services.visitor_sense.sensor.captures import RADIOTAP

FEW, MANY = 10_000, 1_000_000
FRAMES_EACH = 2
CHUNK = 10_000
AT = datetime(2026, 1, 1, 3, tzinfo=UTC)
_HEADER = struct.pack("<BBHIBBHHb", 0, 0, 15, 0x2E, 0, 2, 2412, 0xA0, -60)
_REST = b"\0\0\x01\x04\x02\x04\x0b\x16\x2d\x1a" + bytes(26)


def frames(visitors: int) -> Iterator[bytes]:
    """Yields the frames of so many phones, one after the other."""
    scatter = 0x9E3779B97F4A7C15  # odd: a different number for each phone
    for number in range(visitors):
        address = b"\xda" + (number * scatter % 2**64).to_bytes(8, "little")[3:]
        head = b"\x40\0\0\0" + b"\xff" * 6 + address + b"\xff" * 6
        vendor = b"\xdd\x05\x00\x10\x18" + (number % 300).to_bytes(2, "little")
        for sequence in range(FRAMES_EACH):
            yield _HEADER + head + struct.pack("<H", sequence << 4) + _REST + vendor


def count(visitors: int) -> dict[str, float]:
    """Returns microseconds per observation, memory in MB, and bytes of the two sketches."""
    path, hour, waiting = batcher(), ZoneHour("gate", AT), list[bytes]()
    now_ms, observations = int(AT.timestamp() * 1000), visitors * FRAMES_EACH
    spent, made = 0.0, frames(visitors)
    while chunk := list(islice(made, CHUNK)):  # made outside of the time that is measured
        began = time.process_time()
        for frame in chunk:
            ready = path.feed(now_ms, RADIOTAP, frame)
            if ready is not None:
                waiting.append(ready.payload)
                if len(waiting) == FETCH:
                    hour = _kept(hour, waiting)
        spent += time.process_time() - began
    last = path.flush()
    hour = _kept(hour, waiting + ([last.payload] if last else []))
    hour.addresses.forget_values()
    hour.devices.forget_values()
    return {
        "us": 1e6 * spent / observations,
        "memory_mb": _most_memory_mb(),
        "sketch_bytes": len(hour.addresses.to_bytes()),
        "found": hour.addresses.count().estimate,
    }


def _most_memory_mb() -> float:
    status = Path("/proc/self/status")
    if not status.exists():
        return float("nan")
    [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) / 1024


def _kept(hour: ZoneHour, waiting: list[bytes]) -> ZoneHour:
    """Reads batches and adds them, as one transaction of the service does without its SQL."""
    batches = [read_arrival("bench", payload).batch for payload in waiting]
    add_batches(hour, [(batch, acceptable(batch, AT, ())) for batch in batches])
    waiting.clear()
    hour.addresses.count()
    hour.devices.count()
    hour.addresses = Distinct.from_bytes(hour.addresses.to_bytes())
    hour.devices = Distinct.from_bytes(hour.devices.to_bytes())
    return hour


def measure(visitors: int, name: str) -> dict[str, float]:
    """Measures in a process of its own. Errors: RuntimeError."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.sense.growth", str(visitors)], cwd=ROOT, check=False,
        capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    if done.returncode:
        raise RuntimeError(f"growth failed: {done.stderr[-800:]}")
    return {f"{name}_{figure}": value for figure, value in json.loads(done.stdout).items()}


if __name__ == "__main__":
    wire.ObservationBatch()  # what a service has loaded anyway
    print(json.dumps(count(int(sys.argv[1]))))  # noqa: T201 - its answer
