"""By how much limits in seconds are stretched: by what other programs take of this machine.

Not by its load, which a service that spins on all cores makes itself. Ours are this process with
all it started, the clients among them, and the platform under test.
"""

import os
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from chaos.beside import Beside

SLACK_MOST = 7.0  # the longest limit, 16 s of the cluster, ends before anybody gives up
UNTIMED = 2.0  # beyond it a limit says nothing any more
LOOK_S = 1.0
WINDOW_S = 15.0  # what disturbs for so long disturbs a restart
TICKS = os.sysconf("SC_CLK_TCK")

Look = tuple[float, float, float]  # moment, seconds that all cores were busy or stolen, ours of it
# Everybody's: limits are asked for in the middle of scenarios.
_looking: list["Neighbours"] = []


class Neighbours(Beside):
    """Looks at what others compute beside us. Use as a context; slack_now() then knows it.

    machine, ours: seconds of computing so far; in tests others.
    """

    def __init__(
        self, machine: Callable[[], float] | None = None, ours: Callable[[], float] | None = None
    ) -> None:
        super().__init__()
        self._machine, self._ours = machine or busy_s, ours or self._our_seconds
        self._one = threading.Lock()  # looks: our own thread, and whoever asks
        self._spent, self._before = 0.0, dict[int, float]()
        self.roots: Callable[[], Sequence[int]] = list
        self.looks: list[Look] = []

    def __enter__(self) -> Self:
        _looking.append(self)
        return super().__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:  # fmt: skip
        _looking.remove(self)
        super().__exit__(kind, error, trace)

    def begin(self) -> None:
        """Forgets what was: another scenario begins."""
        self.looks = []
        self.look()

    def look(self) -> None:
        """Notes how much everybody has computed by now."""
        with self._one:
            self.looks.append((time.monotonic(), self._machine(), self._ours()))

    def _work(self) -> None:
        while not self._ended.wait(LOOK_S):
            self.look()

    def _our_seconds(self) -> float:
        """Adds up what each family has computed since the last look: one that has died with its
        head, as a supervisor that is killed, is gone with all it had."""
        for root, spent in families([os.getpid(), *self.roots()]).items():
            self._spent += max(0.0, spent - self._before.get(root, 0.0))
            self._before[root] = spent
        return self._spent


def slack_now() -> float:
    """Returns by how much limits in seconds are stretched in the scenario at work."""
    if not _looking:
        return 1.0
    looking = _looking[-1]
    looking.look()
    return stretched(looking.looks, os.cpu_count() or 1)


def begin(roots: Callable[[], Sequence[int]] = list) -> None:
    """Begins anew for a scenario. roots: processes that are ours with all they started."""
    for looking in _looking:
        looking.roots = roots
        looking.begin()


def stretched(looks: Sequence[Look], cores: int) -> float:
    """Returns how many times as long everything takes as on a machine of our own, by the WINDOW_S
    in which others took most: who leaves us half of it makes everything twice as long."""
    most, first = 0.0, 0
    for last in range(1, len(looks)):
        while looks[last][0] - looks[first + 1][0] >= WINDOW_S:
            first += 1
        lasted_s, busy, ours = (b - a for a, b in zip(looks[first], looks[last], strict=True))
        whole = lasted_s >= WINDOW_S or (first == 0 and last == len(looks) - 1)
        if whole and lasted_s > 0:
            most = max(most, (busy - ours) / (lasted_s * cores))
    return round(min(SLACK_MOST, 1 / max(1 - most, 1 / SLACK_MOST)), 1)


def families(roots: Sequence[int]) -> dict[int, float]:
    """Returns the seconds that processes have computed with all their children, also those that
    have ended; not of one that is gone."""
    spent, children = dict[int, float](), dict[int, list[int]]()
    for process, fields in all_processes():
        children.setdefault(int(fields[1]), []).append(process)
        spent[process] = sum(map(int, fields[11:15])) / TICKS  # own and of children that ended
    found = {}
    for root in roots:
        if root in spent:
            waiting, total = [root], 0.0
            while waiting:
                process = waiting.pop()
                total += spent[process]
                waiting += children.get(process, [])
            found[root] = total
    return found


def all_processes() -> Iterator[tuple[int, list[str]]]:
    """Gives each process of the machine with what /proc says of it after its name."""
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except (FileNotFoundError, ProcessLookupError, IndexError):
            continue
        yield int(folder.name), fields


def busy_s() -> float:
    """Returns the seconds that all cores were busy, those that other machines took included."""
    return sum(machine_s())


def machine_s() -> tuple[float, float]:
    """Returns the seconds that all cores were busy, and those stolen by other machines."""
    fields = Path("/proc/stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _wait, irq, softirq, steal = map(int, fields[:8])
    return (user + nice + system + irq + softirq) / TICKS, steal / TICKS
