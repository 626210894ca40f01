"""Real servers for tests: one of each per run, on free ports, gone with the run."""

import asyncio
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from nats import connect
from psycopg import sql

from infra.local import nats, postgres, valkey
from infra.local.ports import HOST, PortChooser
from kit.migrate import migrate

START_TIMEOUT_S = 20.0
PASSWORD = "for-tests-only"
_ports = PortChooser(claims=False)


@dataclass(frozen=True)
class PostgresServer:
    """A running PostgreSQL without durability (its tests kill nothing)."""

    port: int

    def url(self, database: str = "postgres", user: str = postgres.SUPERUSER) -> str:
        """Returns the connection address of a database."""
        return postgres.url(self.port, PASSWORD, user=user, database=database)

    def execute(self, *statements: sql.Composed) -> None:
        """Runs statements as superuser, each in a transaction of its own."""
        with psycopg.connect(self.url(), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement)


class ServiceDatabases:
    """Fresh databases with a service's newest tables, copied from one migrated template.

    Each is owned by an ordinary role named like the service: row-level security does not bind
    superusers, so a test as superuser would prove nothing.
    """

    def __init__(self, server: PostgresServer) -> None:
        self._server = server
        self._templates: set[str] = set()
        self._made: list[str] = []
        self._count = 0

    def make(self, service: str) -> str:
        """Returns the address of a new database of a service."""
        return self._make(service, f"{service}_template")

    def make_bare(self, service: str) -> str:
        """Returns the address of a new database without any table."""
        return self._make(service, "template1")

    def make_at(self, service: str, revision: str) -> str:
        """Returns the address of a new database as an earlier release left it."""
        url = self.make_bare(service)
        migrate(service, url, revision)
        return url

    def _make(self, service: str, template: str) -> str:
        if service not in self._templates:
            self._make_template(service)
        self._count += 1
        name = f"{service}_{self._count}"
        self._create(name, owner=service, template=template)
        self._made.append(name)
        return self._server.url(name, user=service)

    def drop_made(self) -> None:
        """Drops what make() made since the last call."""
        for name in self._made:
            self._server.execute(
                sql.SQL("drop database {} with (force)").format(sql.Identifier(name))
            )
        self._made.clear()

    def _make_template(self, service: str) -> None:
        self._make_role(service)
        self._create(f"{service}_template", owner=service, template="template1")
        migrate(service, self._server.url(f"{service}_template", user=service))
        self._templates.add(service)

    def _make_role(self, service: str) -> None:
        # A test of the preparation may have made it before, with another password.
        with psycopg.connect(self._server.url(), autocommit=True) as connection:
            known = connection.execute("select 1 from pg_roles where rolname = %s", (service,))
            verb = sql.SQL("alter" if known.fetchone() else "create")
            role, password = sql.Identifier(service), sql.Literal(PASSWORD)
            connection.execute(sql.SQL("{} role {} login password {}").format(verb, role, password))

    def _create(self, name: str, *, owner: str, template: str) -> None:
        statement = "create database {} owner {} template {} strategy file_copy"
        self._server.execute(
            sql.SQL(statement).format(*map(sql.Identifier, (name, owner, template)))
        )


@contextmanager
def running_postgres(folder: Path) -> Iterator[PostgresServer]:
    """Runs PostgreSQL for as long as the block."""
    postgres.make(folder / "postgres", PASSWORD)
    port = _ports.choose(0)
    command = postgres.command(folder / "postgres", port, durable=False)
    server = PostgresServer(port)

    def answers() -> bool:
        try:
            psycopg.connect(server.url(), connect_timeout=2).close()
        except psycopg.OperationalError:
            return False
        return True

    # At once: SIGTERM would wait for the last client, and what it keeps is thrown away anyway.
    environment = postgres.environment()
    with _running("postgres", command, folder, answers, environment, signal.SIGQUIT):
        yield server


@contextmanager
def running_nats(folder: Path) -> Iterator[str]:
    """Runs NATS with JetStream for as long as the block; yields its address."""
    port, monitor_port = _ports.choose(0), _ports.choose(0)
    config = nats.write_config(folder / "nats", [])
    with _running("nats", nats.command(config, port, monitor_port), folder, opens(port)):
        yield f"nats://{HOST}:{port}"


def empty_nats(url: str) -> None:
    """Deletes all streams and what is in them, with their consumers."""

    async def empty() -> None:
        connection = await connect(url)
        streams = connection.jetstream()
        for each in await streams.streams_info():
            await streams.delete_stream(str(each.config.name))
        await connection.close()

    asyncio.run(empty())


@contextmanager
def running_valkey(folder: Path) -> Iterator[str]:
    """Runs Valkey for as long as the block; yields its address."""
    port = _ports.choose(0)
    config = valkey.write_config(folder / "valkey", PASSWORD)
    with _running("valkey", valkey.command(config, port), folder, opens(port)):
        yield f"redis://:{PASSWORD}@{HOST}:{port}/0"


@contextmanager
def _running(
    name: str,
    command: list[str],
    folder: Path,
    ready: Callable[[], bool],
    environment: dict[str, str] | None = None,
    end: signal.Signals = signal.SIGTERM,
) -> Iterator[None]:
    log = folder / f"{name}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, start_new_session=True
        )
    try:
        deadline = time.monotonic() + START_TIMEOUT_S
        while not ready():
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"{name} did not start:\n{log.read_text(errors='replace')}")
            time.sleep(0.02)
        yield
    finally:
        process.send_signal(end)
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def opens(port: int) -> Callable[[], bool]:
    """Returns a question: does anybody listen on this port?"""

    def listens() -> bool:
        try:
            socket.create_connection((HOST, port), 1).close()
        except OSError:
            return False
        return True

    return listens
