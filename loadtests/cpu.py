"""CPU time of every process of the platform, by component, read from /proc once a second."""

import json
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from chaos.slack import TICKS, all_processes, machine_s

EVERY_S = 1.0
SUPERVISOR, OTHERS, STOLEN = "supervisor", "other programs", "stolen"


@dataclass
class Cpu:
    """Seconds of computing since the watch began, at each moment it looked.

    at: seconds since the beginning. by_part: component -> seconds, as long as `at`; `other
    programs` is what the machine did besides, the load's own programs included.
    """

    at: list[float] = field(default_factory=list)
    by_part: dict[str, list[float]] = field(default_factory=dict)

    def between(self, begin: float, end: float) -> dict[str, float]:
        """Returns what each part computed from one moment to another, in seconds."""
        first, last = self._place(begin), self._place(end)
        return {name: row[last] - row[first] for name, row in self.by_part.items() if row}

    def platform_s(self, begin: float, end: float) -> float:
        """Returns what all parts of the platform computed."""
        found = self.between(begin, end)
        return sum(spent for name, spent in found.items() if name not in (OTHERS, STOLEN))

    def _place(self, moment: float) -> int:
        return min(range(len(self.at)), key=lambda i: abs(self.at[i] - moment))


class Watch:
    """Looks on in a thread of its own. supervisor: its process id; state: of `up`, a file.

    A part that is killed and started anew keeps what its old process had: what processes that end
    between two looks did in that second is not seen.
    """

    def __init__(self, supervisor: int, state: Path, every_s: float = EVERY_S) -> None:
        self._supervisor, self._state, self._every_s = supervisor, state, every_s
        self._spent: dict[int, tuple[str, float]] = {}  # process -> part, seconds now
        self._before: dict[int, float] = {}
        self._total: dict[str, float] = {}
        self._ended = threading.Event()
        self.began = time.monotonic()
        self.cpu = Cpu()
        self._machine = machine_s()
        self._look()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._thread.start()

    def stop(self) -> Cpu:
        """Looks a last time and returns what was seen."""
        self._ended.set()
        self._thread.join()
        self._look()
        return self.cpu

    def now(self) -> float:
        """Returns the seconds since the beginning."""
        return time.monotonic() - self.began

    def _work(self) -> None:
        while not self._ended.wait(self._every_s):
            self._look()

    def _look(self) -> None:
        parts = {self._supervisor: SUPERVISOR, **components(self._state)}
        for process, (part, spent) in spent_by(parts).items():
            first = process not in self._before
            # What was there before the watch counts from now; a newcomer from its birth.
            begins = spent if first and not self.cpu.at else 0.0
            self._total[part] = (
                self._total.get(part, 0.0) + spent - self._before.get(process, begins)
            )
            self._before[process] = spent
        self.cpu.at.append(self.now())
        busy, stolen = (now - then for now, then in zip(machine_s(), self._machine, strict=True))
        known = {**self._total, OTHERS: max(0.0, busy - sum(self._total.values())), STOLEN: stolen}
        for part, total in known.items():
            row = self.cpu.by_part.setdefault(part, [0.0] * (len(self.cpu.at) - 1))
            row.append(total)


def components(state: Path) -> dict[int, str]:
    """Returns the process ids of the components that run; none while the file is not whole."""
    try:
        known = json.loads(state.read_text())["components"]
    except (OSError, ValueError, KeyError):
        return {}
    return {int(each["pid"]): str(each["name"]) for each in known if each.get("pid")}


def spent_by(parts: Mapping[int, str]) -> dict[int, tuple[str, float]]:
    """Returns the part and the seconds of computing of each process that is one of the parts or
    below one; the nearest one above it counts."""
    parent, spent = dict[int, int](), dict[int, float]()
    for process, fields in all_processes():
        parent[process] = int(fields[1])
        spent[process] = (int(fields[11]) + int(fields[12])) / TICKS
    found = {}
    for process, seconds in spent.items():
        above = process
        while above and above not in parts:
            above = parent.get(above, 0)
        if above:
            found[process] = (parts[above], seconds)
    return found
