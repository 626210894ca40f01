"""The supervisor's side of the nursery: asks it for processes, and watches them as its own."""

import asyncio
import contextlib
import ctypes
import json
import os
import signal
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from infra.local import spawn

PR_SET_CHILD_SUBREAPER = 36
ANSWER_TIMEOUT_S = 20.0  # the first answer waits until everything shared is loaded
# Room for the command line that a fork writes over this one.
_PADDING = "-" * 80


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
    """A process forked by the nursery; it is our child since its maker ended."""

    def __init__(self, pid: int, stdout: asyncio.StreamReader) -> None:
        self.pid, self.stdout = pid, stdout
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
        _, status = os.waitpid(self.pid, 0)
        self.returncode = os.waitstatus_to_exitcode(status)
        self._ended.set()


class Nursery:
    """Makes our Python processes fast. Where it cannot work, start() returns None."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def open(self, environment: Mapping[str, str], folder: Path) -> None:
        """Starts loading; does not wait for it."""
        if sys.platform != "linux" or not hasattr(os, "pidfd_open"):
            return
        ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1)
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.settimeout(0)
        number = theirs.fileno()
        command = [sys.executable, "-m", "infra.local.nursery_main", str(number), _PADDING]
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                *spawn.bound(command),
                env=environment,
                cwd=folder,
                stdin=asyncio.subprocess.DEVNULL,
                pass_fds=[number],
                start_new_session=True,
            )
        self._channel = ours

    async def start(
        self, module: Sequence[str], environment: Mapping[str, str], folder: Path
    ) -> Process | None:
        """Returns a process running a module, None when it must be started the ordinary way."""
        async with self._turn:
            if self._channel is None:
                return None
            order = {
                "module": list(module),
                "environment": dict(environment),
                "folder": str(folder),
                "parent": os.getpid(),
            }
            reading, writing = os.pipe()
            try:
                socket.send_fds(self._channel, [json.dumps(order).encode()], [writing])
                loop = asyncio.get_running_loop()
                async with asyncio.timeout(ANSWER_TIMEOUT_S):
                    answer = await loop.sock_recv(self._channel, 64)
                pid = int(answer)
            except (OSError, TimeoutError, ValueError):
                os.close(reading)
                self._give_up()
                return None
            finally:
                os.close(writing)
        return Adopted(pid, await _reader(reading))

    async def close(self) -> None:
        """Ends the nursery; its forks live on."""
        self._give_up()
        if self._process is not None:
            await self._process.wait()

    def _give_up(self) -> None:
        """A nursery that failed once is not asked again: the ordinary way always works."""
        if self._channel is not None:
            self._channel.close()
            self._channel = None
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()


async def _reader(file: int) -> asyncio.StreamReader:
    reader = asyncio.StreamReader()
    pipe = os.fdopen(file, "rb", buffering=0)
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), pipe
    )
    return reader
