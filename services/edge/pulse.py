"""Signs of life of the edge's workers: one that gives none is ended, and another takes its place.

The supervisor asks the edge as a whole, and any worker may answer; of several it would never notice
that one is frozen, while each page that falls to it waits for ever.
"""

import contextlib
import os
import signal
import struct
import sys
import threading
import time
from pathlib import Path

BEAT_S = 2.0
SILENT_S = 20.0
_BEAT = struct.Struct("=i")
_told: list[int] = []  # the open file that signs of life go to; workers have it by their fork


def watch() -> None:
    """Listens for signs of life of the processes that this one will fork."""
    if sys.platform != "linux":  # elsewhere workers are not forked and have no open files of ours
        return
    reading, writing = os.pipe()
    _told.append(writing)
    os.set_blocking(writing, False)
    threading.Thread(target=_listen, args=(reading,), name="pulse", daemon=True).start()


def beat() -> None:
    """Gives signs of life of this process from now on."""
    if _told:
        threading.Thread(target=_beat, args=(_told[0],), name="pulse", daemon=True).start()


def _beat(file: int) -> None:
    while True:
        with contextlib.suppress(OSError):  # a parent that does not read has worse to think about
            os.write(file, _BEAT.pack(os.getpid()))
        time.sleep(BEAT_S)


def _listen(file: int) -> None:
    os.set_blocking(file, False)
    last: dict[int, float] = {}
    before = time.monotonic()
    while True:
        time.sleep(BEAT_S / 2)
        with contextlib.suppress(BlockingIOError):
            while heard := os.read(file, 1024 * _BEAT.size):
                last |= dict.fromkeys(
                    (pid for (pid,) in _BEAT.iter_unpack(heard)), time.monotonic()
                )
        now = time.monotonic()
        if now - before > SILENT_S / 2:  # we stood still ourselves: nobody could be heard
            last = dict.fromkeys(last, now)
        before = now
        for worker in [pid for pid, at in last.items() if now - at > SILENT_S]:
            del last[worker]
            if _is_ours(worker):
                sys.stderr.write(f"worker {worker} gave no sign of life: ended\n")
                with contextlib.suppress(ProcessLookupError):
                    os.kill(worker, signal.SIGKILL)


def _is_ours(process: int) -> bool:
    """Tells whether a process is a child of this one: its number may be a stranger's by now."""
    try:
        fields = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return False
    return int(fields[1]) == os.getpid()
