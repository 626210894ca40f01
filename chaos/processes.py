"""What the processes of a platform hold: memory of their own and open files."""

import contextlib
from dataclasses import dataclass
from pathlib import Path

from chaos.platform import Platform, descendants


@dataclass(frozen=True)
class Held:
    """anonymous_mb: memory that is nobody else's and no file's, so that PostgreSQL's common
    buffers, which fill once, count for nobody. files: open descriptors. processes: how many."""

    anonymous_mb: float = 0.0
    files: int = 0
    processes: int = 0


def held_by_component(platform: Platform) -> dict[str, Held]:
    """Returns what each component holds now with all its children; not one that is down."""
    found = {name: held_by(processes) for name, processes in _by_component(platform).items()}
    return {name: held for name, held in found.items() if held.processes}


def held_by_process(platform: Platform) -> dict[str, dict[int, Held]]:
    """Returns what each process of each component holds now, by its id: a mean over them would sink
    with each newcomer."""
    return {name: _each(processes) for name, processes in _by_component(platform).items()}


def _by_component(platform: Platform) -> dict[str, list[int]]:
    found = {}
    for component in platform.components():
        head = int(component["pid"])
        if head:
            found[component["name"]] = [head, *descendants(head)]
    return found | {"supervisor": [platform.supervisor]}


def _each(processes: list[int]) -> dict[int, Held]:
    held = {process: held_by([process]) for process in processes}
    return {process: each for process, each in held.items() if each.processes}


def held_by(processes: list[int]) -> Held:
    """Returns what processes hold together; one that is gone holds nothing."""
    kilobytes = files = alive = 0
    for process in processes:
        folder = Path(f"/proc/{process}")
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            kilobytes += _anonymous_kb((folder / "status").read_text())
            files += sum(1 for _ in (folder / "fd").iterdir())
            alive += 1
    return Held(kilobytes / 1024, files, alive)


def _anonymous_kb(status: str) -> int:
    for line in status.splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1])
    return 0
