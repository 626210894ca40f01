"""What a process spends on its work. On a shared machine this can be compared, the clock cannot.

Linux only; elsewhere every figure is nan.
"""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

IDLE_S = 3.0  # how long a process is watched that has nothing to do
REST_SHARE = 0.05  # of one core, beyond what it spends idly: it still works
STEP_S = 0.5
LONGEST_S = 20.0  # until a process that was busy counts as one that never rests


def spent_s(process: int) -> float:
    """Returns the CPU seconds of all threads of a process."""
    stat = Path(f"/proc/{process}/stat")
    if not stat.exists():
        return float("nan")
    # The name of the program, in brackets, may hold spaces; user and system time are 14 and 15.
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def family_s(process: int) -> float:
    """Returns the CPU seconds of a process, of those it began and of those it has outlived."""
    stat, children = Path(f"/proc/{process}/stat"), Path(f"/proc/{process}/task/{process}/children")
    try:
        fields = stat.read_text().rpartition(")")[2].split()
        living = [int(child) for child in children.read_text().split()]
    except OSError:
        return 0.0 if Path("/proc/self/stat").exists() else float("nan")
    own = sum(int(each) for each in fields[11:15]) / os.sysconf("SC_CLK_TCK")
    return own + sum(family_s(child) for child in living)


def idle_share(process: int, seconds: float = IDLE_S) -> float:
    """Returns which share of one core a process takes that nobody asks for anything."""
    before, began = spent_s(process), time.monotonic()
    time.sleep(seconds)
    return (spent_s(process) - before) / (time.monotonic() - began)


@dataclass
class Spent:
    """What a block of work has cost. seconds: of CPU, once it is over."""

    seconds: float = 0.0


@contextmanager
def spending(process: int, idle: float) -> Iterator[Spent]:
    """Measures what a process spends on a block and on what it put off for later, without the share
    it spends anyway."""
    before, began, spent = spent_s(process), time.monotonic(), Spent()
    yield spent
    until = time.monotonic() + LONGEST_S
    last = spent_s(process)
    while time.monotonic() < until:
        time.sleep(STEP_S)
        now = spent_s(process)
        if not now - last > (REST_SHARE + idle) * STEP_S:
            break
        last = now
    spent.seconds = spent_s(process) - before - idle * (time.monotonic() - began)
