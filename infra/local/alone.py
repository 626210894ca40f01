"""PostgreSQL by itself, without the supervisor: to back up what does not run, and to restore."""

import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from infra.local import postgres
from infra.local.ports import PortChooser

START_S, STOP_S, PAUSE_S = 120.0, 60.0, 0.05


@contextmanager
def alone(folder: Path, password: str, *, durable: bool = True) -> Iterator[int]:
    """Runs the server on a cluster that nothing else runs on; gives its port.

    durable: False for a cluster that is thrown away unless all of it succeeds. Whoever keeps it
    syncs the disk afterwards. Errors: ClusterError.
    """
    port = PortChooser().choose(0)
    postgres.remove_stale_lock(folder)
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            postgres.command(folder, port, durable=durable), cwd=folder, stdin=subprocess.DEVNULL,
            stdout=said, stderr=said, env=postgres.environment(), start_new_session=True,
        )  # fmt: skip
        polite = signal.SIGINT  # in order, without waiting for clients
        try:
            if not _answers(process, postgres.url(port, password)):
                said.seek(0)
                lines = said.read().decode(errors="replace").strip().splitlines()
                raise postgres.ClusterError(f"PostgreSQL does not start: {' '.join(lines[-2:])}")
            yield port
        except BaseException:
            if not durable:  # on a full disk an end in order would wait for room for ever
                polite = signal.SIGQUIT
            raise
        finally:
            process.send_signal(polite)
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _answers(process: "subprocess.Popen[bytes]", url: str) -> bool:
    deadline = time.monotonic() + START_S
    while process.poll() is None and time.monotonic() < deadline:
        try:
            psycopg.connect(url, connect_timeout=5).close()
        except psycopg.OperationalError:
            time.sleep(PAUSE_S)
            continue
        return True
    return False
