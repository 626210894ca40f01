"""The supervisor's side of the nursery: asks it for processes, and watches them as its own."""

import asyncio
import contextlib
import ctypes
import json
import os
import socket
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from infra.local import spawn
from infra.local.nursery_main import STUBS_ARE_BUILT
from infra.local.process import Adopted, Process, can_adopt, read_from

PR_SET_CHILD_SUBREAPER = 36
ANSWER_TIMEOUT_S = 20.0  # the first answer waits until everything shared is loaded
# Room for the command line that a fork writes over this one.
_PADDING = "-" * 80


class Nursery:
    """Makes our Python processes fast. Where it cannot work, start() returns None."""

    def __init__(self) -> None:
        self._channel: socket.socket | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._turn = asyncio.Lock()

    async def open(self, environment: Mapping[str, str], folder: Path) -> None:
        """Starts loading; does not wait for it."""
        if not can_adopt():
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

    def stubs_are_built(self) -> None:
        """Lets it load what services need beyond what all share; does not wait for it."""
        if self._channel is not None:
            try:
                self._channel.send(STUBS_ARE_BUILT)
            except OSError:
                self._give_up()

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
        return Adopted(pid, await read_from(reading))

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
