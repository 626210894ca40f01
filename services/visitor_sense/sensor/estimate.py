"""`sense estimate`: how many devices a capture file holds. Laboratory use, files only.

The key of the hashes is made for the run and forgotten with it. Method: see domain.release.
"""

import csv
import secrets
from collections.abc import Sequence
from pathlib import Path

from services.visitor_sense.domain.pseudonym import KEY_BYTES
from services.visitor_sense.domain.release import device_figure
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.sensor.captures import read_frames
from services.visitor_sense.sensor.frames import BrokenFrame, FrameReader

METHOD = (
    "fixed addresses plus distinct signatures among randomized addresses; the interval covers "
    "phones with several signatures and different phones with the same one"
)


def estimate(paths: Sequence[Path], labels: Path | None = None) -> dict[str, object]:
    """Returns {frames, probe_frames, frames_broken, addresses, devices, method} of captures.

    Several files count as one crowd, in the order given. labels: where to write frame number (from
    1, over all files, all frames counted) and cluster id. Errors: CaptureError.
    """
    reader = FrameReader(secrets.token_bytes(KEY_BYTES))
    frames = broken = 0
    addresses, clusters, rows = set[int](), dict[tuple[bool, int], int](), list[tuple[int, int]]()
    for path in paths:
        for _, link_type, frame in read_frames(path):
            frames += 1
            try:
                probe = reader.read_probe(link_type, frame)
            except BrokenFrame:
                broken += 1
                continue
            if probe is None:
                continue
            addresses.add(probe.pseudonym)
            name = (probe.randomized, probe.signature if probe.randomized else probe.pseudonym)
            rows.append((frames, clusters.setdefault(name, len(clusters) + 1)))
    if labels is not None:
        _write(labels, rows)
    found, most = len(clusters), len(addresses)
    devices = device_figure(Bounded(found, found, found), Bounded(most, most, most))
    return {
        "frames": frames,
        "probe_frames": len(rows),
        "frames_broken": broken,
        "addresses": most,
        "devices": {"estimate": devices.estimate, "low": devices.low, "high": devices.high},
        "method": METHOD,
    }


def _write(path: Path, rows: Sequence[tuple[int, int]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("frame", "cluster"))
        writer.writerows(rows)
