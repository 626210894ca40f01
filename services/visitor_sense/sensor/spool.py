"""Store and forward: signed batches wait on disk until NATS has acknowledged them.

Only pseudonymous batches are ever written. They wait 24 hours at most (privacy rule one-day), and
never take more than SPOOL_BOUND_BYTES: beyond, the oldest are given up and counted.
"""

from collections.abc import Iterator
from pathlib import Path

from services.visitor_sense.domain.day import RETENTION
from services.visitor_sense.sensor.batches import SignedBatch

SPOOL_BOUND_BYTES = 256 * 1024 * 1024
_ENDING = ".batch"


class Spool:
    """A folder of waiting batches, oldest first."""

    def __init__(self, folder: Path, *, bound_bytes: int = SPOOL_BOUND_BYTES) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._folder, self._bound_bytes = folder, bound_bytes
        for left_over in folder.glob("*.part"):
            left_over.unlink()
        self._held_bytes = sum(path.stat().st_size for path in self._paths())

    def put(self, batch: SignedBatch) -> int:
        """Stores a batch; returns how many observations had to be given up to make room."""
        # Name: boot and sequence for the order, size for counting what is given up.
        _, boot_id, _ = batch.message_id.split(":")
        path = self._folder / f"{boot_id}-{batch.sequence:012d}-{batch.size}{_ENDING}"
        part = path.with_suffix(".part")
        part.write_bytes(batch.payload)
        part.rename(path)
        self._held_bytes += len(batch.payload)
        given_up = 0
        while self._held_bytes > self._bound_bytes:
            oldest = next(self._paths())
            given_up += self._size_of(oldest)
            self.remove(oldest)
        return given_up

    def waiting(self) -> list[Path]:
        """Returns the waiting batches, oldest first."""
        return list(self._paths())

    def __len__(self) -> int:
        return sum(1 for _ in self._folder.glob(f"*{_ENDING}"))

    def message_id(self, path: Path, sensor_id: str) -> str:
        """Returns the id of a waiting batch."""
        boot_id, sequence, _ = path.stem.split("-")
        return f"{sensor_id}:{boot_id}:{int(sequence)}"

    def read(self, path: Path) -> bytes | None:
        """Returns a batch, None when it was given up meanwhile."""
        try:
            return path.read_bytes()
        except FileNotFoundError:
            return None

    def remove(self, path: Path) -> None:
        """Forgets a batch: it was acknowledged, or is given up. One already gone is no error."""
        try:
            size = path.stat().st_size
            path.unlink()
        except FileNotFoundError:
            return
        self._held_bytes -= size

    def drop_expired(self, now_s: float) -> int:
        """Gives up batches older than 24 hours; returns how many observations that were."""
        given_up = 0
        for path in self.waiting():
            if now_s - path.stat().st_mtime > RETENTION.total_seconds():
                given_up += self._size_of(path)
                self.remove(path)
        return given_up

    def _paths(self) -> Iterator[Path]:
        found = [(path.stat().st_mtime_ns, path.name, path)
                 for path in self._folder.glob(f"*{_ENDING}")]  # fmt: skip
        return (path for _, _, path in sorted(found))

    @staticmethod
    def _size_of(path: Path) -> int:
        return int(path.stem.split("-")[2])
