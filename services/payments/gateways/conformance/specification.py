"""The provider's own specification between our gateway and the simulator.

Prism (npm @stoplight/prism-cli, Apache-2.0) reads the OpenAPI document a provider publishes, holds
everything said against it and passes it on. A case in which either side breaks the document fails,
and what was wrong is told. Statuses that the document leaves out are no breach: providers publish
what a good answer looks like and seldom their refusals.
"""

import asyncio
import os
import re
import shutil
import socket
from asyncio.subprocess import DEVNULL, PIPE, Process
from pathlib import Path

START_S = 60.0
HINT = (
    "Prism is not installed: `npm ci --prefix tests/contract/payments/prism`, or name its program"
    " in MEGURI_PRISM"
)
_INSTALLED = (
    Path(__file__).resolve().parents[4] / "tests/contract/payments/prism/node_modules/.bin/prism"
)
_BREACH = re.compile("violation|no path matched", re.IGNORECASE)
_UNLISTED = re.compile("unable to match the returned status code", re.IGNORECASE)


class PrismMissing(Exception):
    """There is no Prism on this machine; str() says how to get it."""


def program() -> str:
    """Returns the path of Prism: the environment's, the PATH's, or the one of this tree.

    Errors: PrismMissing.
    """
    found = os.environ.get("MEGURI_PRISM") or shutil.which("prism")
    if not found and _INSTALLED.exists() and shutil.which("node"):
        found = str(_INSTALLED)
    if not found:
        raise PrismMissing(HINT)
    return found


class Prism:
    """A running Prism in front of a simulator. violations: what did not keep to the document."""

    def __init__(self, document: Path, simulator_url: str) -> None:
        self._document, self._simulator_url, self._port = document, simulator_url, free_port()
        self.url = f"http://127.0.0.1:{self._port}"
        self.violations: list[str] = []
        self._process: Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Starts it and waits until it listens. Errors: PrismMissing, TimeoutError."""
        self._process = await asyncio.create_subprocess_exec(
            program(), "proxy", str(self._document), self._simulator_url,
            "--host", "127.0.0.1", "--port", str(self._port),
            stdin=DEVNULL, stdout=PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        listens = asyncio.Event()
        self._reader = asyncio.create_task(self._read(self._process, listens))
        await asyncio.wait_for(listens.wait(), START_S)

    async def _read(self, process: Process, listens: asyncio.Event) -> None:
        if process.stdout is None:
            raise AssertionError("its output is a pipe")
        async for line in process.stdout:
            text = line.decode(errors="replace").strip()
            if "is listening" in text:
                listens.set()
            if _BREACH.search(text) and not _UNLISTED.search(text):
                self.violations.append(text)

    async def stop(self) -> None:
        """Ends it."""
        if self._process is not None and self._process.returncode is None:
            self._process.kill()
            await self._process.wait()
        if self._reader is not None:
            await self._reader


def free_port() -> int:
    """Returns a port nobody listens on now."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
