"""Child processes as the keeper sees them.

asyncio's own wait() returns only when every holder of the output pipe is gone; a grandchild that
lives on would hide the death of its parent. A process handle (pidfd) of Linux tells at once.
"""

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol


class Process(Protocol):
    """What the keeper needs of a process; asyncio's own has it too."""

    pid: int

    @property
    def returncode(self) -> int | None:
        """Exit code, -N for signal N, None while it runs."""

    @property
    def stdout(self) -> asyncio.StreamReader | None:
        """What it prints, errors too."""

    async def wait(self) -> int:
        """Waits for its end and returns the exit code."""

    def send_signal(self, signal: int, /) -> None:
        """Sends a signal. Errors: ProcessLookupError."""


class Adopted:
    """A child process watched through a handle, whoever made it.

    popen: the object that started it, if it was one; it learns the exit code too.
    """

    def __init__(
        self,
        pid: int,
        stdout: asyncio.StreamReader,
        popen: subprocess.Popen[bytes] | None = None,
    ) -> None:
        self.pid, self.stdout, self._popen = pid, stdout, popen
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._handle = os.pidfd_open(pid)
        asyncio.get_running_loop().add_reader(self._handle, self._reap)

    async def wait(self) -> int:
        """Waits for its end and returns the exit code, -N for signal N."""
        await self._ended.wait()
        return self.returncode if self.returncode is not None else 0

    def send_signal(self, number: int) -> None:
        """Sends a signal; the handle keeps it from reaching a stranger with the same id."""
        signal.pidfd_send_signal(self._handle, signal.Signals(number))

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._handle)
        os.close(self._handle)
        # Nobody of its family stays behind. Before it is reaped its number belongs to nobody else.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self.pid, signal.SIGKILL)
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        if self._popen is not None:
            self._popen.returncode = self.returncode
        self._ended.set()


def can_adopt() -> bool:
    """Tells whether this system has process handles."""
    return sys.platform == "linux" and hasattr(os, "pidfd_open")


async def start(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> Process:
    """Starts a program in a session of its own, with all its output in one pipe."""
    if not can_adopt():
        return await asyncio.create_subprocess_exec(
            *command,
            env=environment,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
    reading, writing = os.pipe()
    try:
        popen = subprocess.Popen(  # noqa: ASYNC220 - returns once the program runs, in a few ms
            command,
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
        )
    except OSError:
        os.close(reading)
        raise
    finally:
        os.close(writing)
    return Adopted(popen.pid, await read_from(reading), popen)


async def read_from(file: int) -> asyncio.StreamReader:
    """Returns a reader of a pipe's end."""
    reader = asyncio.StreamReader()
    pipe = os.fdopen(file, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    return reader
