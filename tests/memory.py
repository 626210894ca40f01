"""The memory of another process, to look for what must not be in it."""

from collections.abc import Iterator
from pathlib import Path

CHUNK = 16 * 1024**2
OVERLAP = 64  # longer than anything looked for


def memory_of(pid: int) -> Iterator[bytes]:
    """Yields what a process holds in memory that it may write. Errors: PermissionError, OSError."""
    maps = Path(f"/proc/{pid}/maps").read_text()
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in maps.splitlines():
            span, rights, *_ = line.split()
            if not rights.startswith("rw") or line.endswith(("[vvar]", "[vsyscall]")):
                continue
            begin, end = (int(part, 16) for part in span.split("-"))
            for at in range(begin, end, CHUNK):
                try:
                    memory.seek(at)
                    yield memory.read(min(CHUNK + OVERLAP, end - at))
                except OSError:  # given back meanwhile
                    break
