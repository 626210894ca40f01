"""`sense estimate`: how many devices a capture file holds. Laboratory use, files only.

The key of the hashes is made for the run and forgotten with it. Which estimator is used depends on
the size of the crowd, and the answer says which: while the rate of bursts (domain.rate) speaks of
fewer than CROWD_FROM devices at a time, frames are associated (domain.association); beyond, and in
captures that would take minutes, nothing is linked and the rate is the answer.
"""

import csv
import math
import secrets
from collections.abc import Sequence
from pathlib import Path

from services.visitor_sense.domain.association import associate
from services.visitor_sense.domain.bursts import Heard
from services.visitor_sense.domain.people import CROWD_FROM
from services.visitor_sense.domain.pseudonym import KEY_BYTES
from services.visitor_sense.domain.rate import count_bursts, crowd
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.sensor.captures import read_frames
from services.visitor_sense.sensor.frames import BrokenFrame, FrameReader

ASSOCIATED_MOST = 100_000  # bursts
ASSOCIATION = (
    "fixed addresses plus made-up ones associated by class of elements, sequence numbers, timing "
    "and signal; the interval is as wide as errors in simulated crowds are; over hours too few"
)
RATE = (
    "rate of bursts over that of labelled phones, nothing linked: devices present on average; the "
    "interval is wide because phones differ and few were measured"
)


def estimate(paths: Sequence[Path], labels: Path | None = None) -> dict[str, object]:
    """Returns {frames, probe_frames, frames_broken, addresses, devices, estimator, method}.

    Several files count as one crowd. labels: where to write frame number (from 1, over all files in
    their order, all frames counted) and cluster id; where nothing is linked a cluster is an
    address. Errors: CaptureError.
    """
    reader = FrameReader(secrets.token_bytes(KEY_BYTES))
    frames = broken = 0
    found = list[tuple[Heard, int]]()
    for path in paths:
        for time_ms, link_type, frame in read_frames(path):
            frames += 1
            try:
                probe = reader.read_probe(link_type, frame)
            except BrokenFrame:
                broken += 1
                continue
            if probe is not None:
                one = Heard(
                    time_ms, probe.pseudonym, probe.signature, probe.rssi_dbm,
                    probe.frame_sequence, probe.randomized,
                )  # fmt: skip
                found.append((one, frames))
    found.sort(key=lambda one: one[0].time_ms)
    heard = [one for one, _ in found]
    bursts = count_bursts((one.time_ms, one.pseudonym) for one in heard)
    minutes = max(1.0, (heard[-1].time_ms - heard[0].time_ms) / 60_000) if heard else 1.0
    some = crowd(bursts, minutes)
    small = some.devices < CROWD_FROM and bursts <= ASSOCIATED_MOST
    if small:
        linked = associate(heard)
        low, high = linked.interval
        clusters, devices = linked.labels, Bounded(linked.devices, low, high)
    else:
        clusters = [one.pseudonym for one in heard]
        devices = Bounded(round(some.devices), math.floor(some.low), math.ceil(some.high))
    if labels is not None:
        names: dict[int, int] = {}
        rows = sorted(
            (number, cluster) for (_, number), cluster in zip(found, clusters, strict=True)
        )
        _write(labels, [(number, names.setdefault(one, len(names) + 1)) for number, one in rows])
    return {
        "frames": frames,
        "probe_frames": len(heard),
        "frames_broken": broken,
        "addresses": len({one.pseudonym for one in heard}),
        "devices": {"estimate": devices.estimate, "low": devices.low, "high": devices.high},
        "estimator": "association" if small else "rate",
        "method": ASSOCIATION if small else RATE,
    }


def _write(path: Path, rows: Sequence[tuple[int, int]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("frame", "cluster"))
        writer.writerows(rows)
