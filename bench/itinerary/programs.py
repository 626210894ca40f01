"""The programs measured: each a process of its own that answers JSON lines, one after another."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from infra.local.home import DEFAULT_DATA, ROOT
from services.itinerary.domain.orienteering.compiled import sources_digest

PEERS = DEFAULT_DATA / "peers"
LOCK = ROOT / "requirements-peers.lock"
HERE = Path(__file__).parent
INSTALL_S = 300.0


class Program:
    """A running program."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process

    def ask(self, question: Mapping[str, Any]) -> dict[str, Any]:
        """Returns its answer to one line. Errors: RuntimeError when it has ended."""
        if self._process.stdin is None or self._process.stdout is None:
            raise RuntimeError("a program has pipes")
        with suppress(BrokenPipeError):  # then it says nothing either
            self._process.stdin.write(json.dumps(question) + "\n")
            self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._process.args!r} ended with {self._process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        return answer


@contextmanager
def own(module: str) -> Iterator[Program]:
    """Runs a module of ours with the compiled search."""
    kept = os.environ.get("NUMBA_CACHE_DIR", str(DEFAULT_DATA / "cache" / "machine_code"))
    compiled = {"ORIENTEERING_COMPILED": "1", "NUMBA_CACHE_DIR": str(Path(kept) / sources_digest())}
    with _running([sys.executable, "-P", "-m", module], compiled) as program:
        yield program


@contextmanager
def peer(name: str) -> Iterator[Program]:
    """Runs one of the peers. Errors: OSError, RuntimeError when it is not installed."""
    with _running([str(PEERS / "bin" / "python"), str(HERE / f"{name}_peer.py")], {}) as program:
        yield program


@contextmanager
def _running(command: list[str], more: Mapping[str, str]) -> Iterator[Program]:
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'gen'}", **more}
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        env=environment,
    ) as process:  # fmt: skip
        try:
            yield Program(process)
        finally:
            process.kill()


def install_peers() -> str:
    """Installs what the lock of the peers names, in an environment of their own. Returns why
    not."""
    stamp = PEERS / "lock"
    if stamp.is_file() and stamp.read_text() == LOCK.read_text():
        return ""
    uv = str(Path(sys.executable).with_name("uv"))
    python = str(PEERS / "bin" / "python")
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(PEERS)],
        [uv, "pip", "sync", "--quiet", "--require-hashes", "--python", python, str(LOCK)],
    )
    try:
        for step in steps:
            subprocess.run(step, check=True, timeout=INSTALL_S, capture_output=True, cwd=ROOT)
    except (OSError, subprocess.SubprocessError) as error:
        return f"not installed: {error}"
    stamp.write_text(LOCK.read_text())
    return ""
