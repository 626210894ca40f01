"""Single servers of the platform's own kind beside it: to stand in a cluster, or in for another."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psycopg

from chaos.stage import Broken
from infra.local import binaries, postgres, spawn
from infra.local.ports import PortChooser, is_free

START_WITHIN_S, STOP_WITHIN_S = 60.0, 10.0
STANDBY = "standby"  # as a standby calls itself, and its primary waits for it


@dataclass
class Server:
    """A process that can be started again on what it left. stop_by: the signal for an end in
    order."""

    command: Callable[[], list[str]]
    answers: Callable[[], bool]
    log: Path
    cwd: Path
    environment: Mapping[str, str] | None = None
    stop_by: signal.Signals = signal.SIGINT
    process: "subprocess.Popen[bytes] | None" = None

    def start(self) -> float:
        """Starts it; returns seconds until it answered. Errors: Broken."""
        began = time.monotonic()
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                self.command(), cwd=self.cwd, stdout=said, stderr=said, env=self.environment,
                start_new_session=True,
            )  # fmt: skip
        while not self.answers():
            if self.process.poll() is not None or time.monotonic() - began > START_WITHIN_S:
                raise Broken(f"a server does not start: {self._last_words()}")
            time.sleep(0.02)
        return time.monotonic() - began

    def kill(self) -> None:
        """Ends it as a power cut would: -9, with all of its group."""
        if self.process is not None and self.process.poll() is None:
            _signal_group(self.process.pid, signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        """Ends it in order."""
        if self.process is None or self.process.poll() is not None:
            return
        self.process.send_signal(self.stop_by)
        try:
            self.process.wait(STOP_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()

    def _last_words(self) -> str:
        lines = self.log.read_text(errors="replace").strip().splitlines()
        return " / ".join(lines[-3:])[:400]


def listens(port: int) -> bool:
    """Tells whether a server is there already."""
    return not is_free(port)


def database(folder: Path, port: int, password: str) -> Server:
    """Returns a durable PostgreSQL on a cluster that is there."""

    def command() -> list[str]:
        postgres.remove_stale_lock(folder)
        return postgres.command(folder, port)

    def answers() -> bool:
        try:
            psycopg.connect(postgres.url(port, password), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    return Server(
        command, answers, folder.with_name(f"{folder.name}.log"), folder, postgres.environment()
    )


def standby(folder: Path, primary_port: int, password: str) -> tuple[Server, int]:
    """Copies a running primary into a folder and returns a server that follows it, and its port.

    Errors: Broken when it cannot be copied.
    """
    folder.mkdir(mode=0o700)
    identity = spawn.unprivileged()
    program = binaries.find("postgres").with_name("pg_basebackup")
    target = f"{postgres.url(primary_port, password)}?application_name={STANDBY}"
    command = spawn.bound(
        [str(program), "--pgdata", str(folder), "--dbname", target, "--wal-method", "stream",
         "--checkpoint", "fast", "--write-recovery-conf", "--no-sync"],
        identity=identity,
    )  # fmt: skip
    if identity is spawn.Identity.NOBODY:
        postgres.give_to_nobody(folder)
    done = subprocess.run(
        command, cwd=folder, env=postgres.environment(), capture_output=True, text=True,
        check=False, timeout=120,
    )  # fmt: skip
    if done.returncode:
        raise Broken(f"the primary cannot be copied: {done.stderr.strip()[:300]}")
    port = PortChooser().choose(0)
    return database(folder, port, password), port


def wait_for_sync(primary_port: int, password: str) -> None:
    """Lets a primary acknowledge only what its standby has on disk, and waits until it is so.

    Errors: Broken.
    """
    with psycopg.connect(postgres.url(primary_port, password), autocommit=True) as owner:
        owner.execute(f"alter system set synchronous_standby_names = '{STANDBY}'".encode())
        owner.execute("select pg_reload_conf()")
        ends = time.monotonic() + START_WITHIN_S
        while time.monotonic() < ends:
            found = owner.execute("select sync_state from pg_stat_replication").fetchall()
            if ("sync",) in found:
                return
            time.sleep(0.1)
    raise Broken("the standby does not follow")


def promote(port: int, password: str) -> None:
    """Makes a standby the primary, which waits for nobody. Errors: Broken."""
    with psycopg.connect(postgres.url(port, password), autocommit=True) as owner:
        owner.execute("alter system reset synchronous_standby_names")
        owner.execute("select pg_reload_conf()")
        done = owner.execute("select pg_promote(true, 60)").fetchone()
    if done != (True,):
        raise Broken("the standby does not take over")


def _signal_group(process: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(process, number)
