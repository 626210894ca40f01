"""Command lines for processes that die with us."""

import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from enum import StrEnum
from functools import cache
from pathlib import Path

_CHILD = str(Path(__file__).with_name("child.py"))


class Identity(StrEnum):
    """Whom a process runs as. KEEP: as we do. Others: not root (PostgreSQL refuses root)."""

    KEEP = "keep"
    NAMESPACE = "namespace"
    NOBODY = "nobody"


def bound(
    command: Sequence[str],
    *,
    identity: Identity = Identity.KEEP,
    death_signal: signal.Signals = signal.SIGKILL,
) -> list[str]:
    """Returns a command line whose process gets a signal when this process dies.

    It must be started by the main thread: Linux watches the starting thread, not the process.
    """
    shim = [sys.executable, "-I", "-S", _CHILD, str(int(death_signal)), identity, str(os.getpid())]
    return [*shim, *command]


@cache
def unprivileged() -> Identity:
    """Returns how to run a program that refuses root, changing nothing on this machine.

    A user namespace also works where others may not enter the clone; where the kernel or a
    container forbids it, the program runs as nobody.
    """
    if os.geteuid() != 0:
        return Identity.KEEP
    probe = subprocess.run(
        bound(["/bin/true"], identity=Identity.NAMESPACE), capture_output=True, check=False
    )
    return Identity.NAMESPACE if probe.returncode == 0 else Identity.NOBODY


def lives(process: int) -> bool:
    """Tells whether a process still runs; one that only waits to be reaped does not."""
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return not Path("/proc/self").exists()  # without /proc believe the signal
