"""The databases out of a running PostgreSQL, each as of one moment, and into a new one."""

import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from infra.local import binaries, postgres, spawn
from infra.local.archive import Refused
from infra.local.bus_layout import STREAMS
from infra.local.table import SERVICES

# Who hears stands before whom it hears: no copy has heard what its owner's copy never said. What
# an owner said between the two moments is said again after a restore.
HEARERS_FIRST = (
    "insights", "itinerary", "visitor_sense", "multilingual", "payments", "directory",
)  # fmt: skip
_HEARD_FOR_S = max(stream.max_age_s for stream in STREAMS if stream.name.lower() in SERVICES)
# What streams may still have held when the backup was made: somebody may not have heard it.
_SAY_AGAIN = (
    "update outbox set published_time = null, attempt_count = 0, next_attempt_time = null"
    " where published_time >= %s::timestamptz - make_interval(secs => %s)"
)


@dataclass(frozen=True)
class Apart:
    """A table that a backup may not hold as it stands.

    columns: of bytes, which `changed` turns into what may be kept; where: the rows concerned, as
    SQL; flag: a column that is false afterwards.
    """

    service: str
    table: str
    columns: tuple[str, ...]
    changed: Callable[[bytes], bytes]
    where: str
    flag: str

    @property
    def file(self) -> str:
        """Its name in a backup."""
        return f"{self.service}.{self.table}.copy"


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL as its superuser sees it."""

    port: int
    password: str

    def url(self, database: str = "postgres") -> str:
        """Returns the address of a database."""
        return postgres.url(self.port, self.password, database=database)

    def run(self, program: str, database: str, *arguments: str) -> None:
        """Runs a program of PostgreSQL on a database. Errors: Refused with what it said."""
        where = f"host=127.0.0.1 port={self.port} user={postgres.SUPERUSER} dbname={database}"
        done = subprocess.run(
            spawn.bound([str(_program(program)), f"--dbname={where}", *arguments]),
            # Not on the command line, which everybody on this machine may read.
            env=postgres.environment() | {"PGPASSWORD": self.password},
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            said = done.stderr.strip().splitlines()
            if any("No space left" in line for line in said):
                raise Refused("disk_full", f"The disk is full: {said[0]}")
            told = " ".join(said[-2:])
            raise Refused("database_failed", f"{program} failed on {database}: {told}")


@contextmanager
def _refused() -> Iterator[None]:
    """Turns what the database refuses into a sentence."""
    try:
        yield
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise Refused("database_failed", f"The databases cannot be read: {said}") from error


@_refused()
def dump(
    server: Server, folder: Path, aparts: Sequence[Apart], told: Callable[[str], None]
) -> dict[str, Any]:
    """Writes all databases into a folder, each as of one moment, all moments close together.

    Returns `revisions` (service → revision of its tables) and `database_bytes`. Errors: Refused.
    """
    revisions: dict[str, str] = {}
    size = 0
    with ExitStack() as stack:
        held: dict[str, tuple[psycopg.Connection, str]] = {}
        for service in HEARERS_FIRST:
            connection = stack.enter_context(psycopg.connect(server.url(service)))
            connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
            snapshot = _value(connection, "select pg_export_snapshot()")
            held[service] = connection, str(snapshot)
        for service, (connection, snapshot) in held.items():
            told(service)
            revisions[service] = str(_value(connection, "select version_num from alembic_version"))
            size += int(_value(connection, "select pg_database_size(current_database())"))
            mine = [apart for apart in aparts if apart.service == service]
            server.run(
                "pg_dump", service, "--format=custom", "--compress=gzip:3", "--no-sync",
                f"--snapshot={snapshot}", f"--file={folder / f'{service}.dump'}",
                *(f"--exclude-table-data=public.{apart.table}" for apart in mine),
            )  # fmt: skip
            for apart in mine:
                _copy_out(connection, apart, folder / apart.file)
            connection.rollback()
    return {"revisions": revisions, "database_bytes": size}


@_refused()
def load(server: Server, folder: Path, made_time: str, told: Callable[[str], None]) -> None:
    """Fills the new, empty databases of a server from a folder that dump() wrote."""
    for service in SERVICES:
        told(service)
        dumped = folder / f"{service}.dump"
        server.run("pg_restore", service, "--exit-on-error", "--jobs=2", str(dumped))
        with psycopg.connect(server.url(service)) as connection:
            for copied in sorted(folder.glob(f"{service}.*.copy")):
                _copy_in(connection, copied.name.split(".")[1], copied)
            connection.execute(_SAY_AGAIN, (made_time, _HEARD_FOR_S))
            connection.execute("analyze")


def _copy_out(connection: psycopg.Connection, apart: Apart, path: Path) -> None:
    """Writes a table as text with a head line, changed as its rule asks."""
    names: Mapping[str, sql.Composable] = {
        "table": sql.Identifier(apart.table), "flag": sql.Identifier(apart.flag),
        "where": sql.SQL(apart.where),
        "columns": sql.SQL(", ").join(map(sql.Identifier, apart.columns)),
    }  # fmt: skip
    make = "create temporary table kept on commit drop as select * from public.{table}"
    connection.execute(sql.SQL(make).format(**names))
    rows = connection.execute(
        sql.SQL("select ctid::text, {columns} from kept where {where}").format(**names)
    ).fetchall()
    for where, *values in rows:
        sets = [sql.SQL("{} = %s").format(sql.Identifier(name)) for name in apart.columns]
        connection.execute(
            sql.SQL("update kept set {sets}, {flag} = false where ctid = %s::tid").format(
                sets=sql.SQL(", ").join(sets), **names
            ),
            [*(apart.changed(bytes(value)) for value in values), where],
        )
    with path.open("wb") as file, connection.cursor() as cursor, cursor.copy(
        "copy kept to stdout (header true)"
    ) as copying:  # fmt: skip
        for chunk in copying:
            file.write(chunk)
    connection.execute("drop table kept")  # the next one of this transaction has the same name


def _copy_in(connection: psycopg.Connection, table: str, path: Path) -> None:
    with path.open("rb") as file, connection.cursor() as cursor:
        columns = file.readline().decode().rstrip("\n").split("\t")
        statement = sql.SQL("copy {} ({}) from stdin").format(
            sql.Identifier("public", table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(statement) as copying:
            while chunk := file.read(1024 * 1024):
                copying.write(chunk)


def _value(connection: psycopg.Connection, statement: str) -> Any:
    row = connection.execute(statement.encode()).fetchone()
    return row[0] if row else None


def _program(name: str) -> Path:
    """Returns a program of the PostgreSQL in use: pg_dump of another version refuses its server."""
    beside = binaries.find("postgres").resolve().with_name(name)
    return beside if beside.exists() else binaries.find(name)
