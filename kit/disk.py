"""How much room the disk of a folder has left. Asking costs microseconds and touches no disk."""

import os
from dataclasses import dataclass
from pathlib import Path

OK, LOW, FULL = "ok", "disk_low", "disk_full"
# Below this PostgreSQL and NATS soon refuse to write: a log segment alone has 16 MB.
FULL_BYTES = 200 * 1024**2
# A week of a small town's sales and logs, and room to delete in peace.
LOW_BYTES = 2 * 1024**3
LOW_SHARE, LOW_MOST_BYTES = 0.05, 10 * 1024**3  # of a large disk; nobody misses more than that
FEW_FILES = 1_000  # names that are left, where a file system counts them


@dataclass(frozen=True)
class Room:
    """free_bytes: what we may still write, which is less than root may. state: OK, LOW or FULL."""

    free_bytes: int
    all_bytes: int
    state: str


def look(folder: Path) -> Room:
    """Returns the room where a folder is, or will be once it is made."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    found = os.statvfs(folder)
    free, whole = found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize
    out_of_names = found.f_files > 0 and found.f_favail < FEW_FILES
    return Room(free, whole, FULL if out_of_names else _state(free, whole))


def _state(free: int, whole: int) -> str:
    if free < FULL_BYTES:
        return FULL
    low = max(LOW_BYTES, min(LOW_MOST_BYTES, int(LOW_SHARE * whole)))
    return LOW if free < low else OK
