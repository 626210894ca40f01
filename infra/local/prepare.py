"""Prepares what services need before they start: roles, databases, tables, streams.

A job of its own process: it imports what the supervisor should not, and ends.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
from psycopg import sql

from infra.local.bus_layout import STREAMS, Stream, leaf_api
from infra.local.leaf import LeafNameInvalid, leaf_names
from infra.local.nats_library import load_nats
from infra.local.table import SERVICES
from kit.migrate import RevisionUnclear, migrate

SERVERS_WAIT_S, PAUSE_S = 60.0, 0.05
AT_ONCE = 3


def prepare_databases(admin_url: str, urls: dict[str, str]) -> None:
    """Makes roles and databases as make_databases(), and brings their tables up to date."""
    _of_each(admin_url, urls, with_tables=True)


def make_databases(admin_url: str, urls: dict[str, str]) -> None:
    """Makes a role and an empty database for every service that has none.

    urls: address of each service's database, with the role's password.
    """
    _of_each(admin_url, urls, with_tables=False)


def _of_each(admin_url: str, urls: dict[str, str], *, with_tables: bool) -> None:
    with _connect(admin_url) as admin:
        known = {row[0] for row in admin.execute("select rolname from pg_roles")}
        made = {row[0] for row in admin.execute("select datname from pg_database")}

    def prepare(service: str) -> None:
        url = urls[service]
        password = psycopg.conninfo.conninfo_to_dict(url)["password"]
        with _connect(admin_url) as admin:
            if service not in known:
                _give_login(admin, "create", service, password)
            elif not _lets_in(url):
                _give_login(admin, "alter", service, password)
            if service not in made:
                _make_database(admin, service)
        if with_tables and migrate(service, url):
            sys.stdout.write(f"{service}: tables brought up to date\n")

    # Side by side: each mostly waits for the disk.
    with ThreadPoolExecutor(AT_ONCE) as threads:
        list(threads.map(prepare, urls))


def _connect(url: str) -> psycopg.Connection:
    """Connects once the server is up. Errors: psycopg.OperationalError after a while."""
    deadline = time.monotonic() + SERVERS_WAIT_S
    while True:
        try:
            return psycopg.connect(url, autocommit=True, connect_timeout=5)
        except psycopg.OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(PAUSE_S)


def _give_login(admin: psycopg.Connection, verb: str, service: str, password: Any) -> None:
    statement = {
        "create": sql.SQL("create role {} login password {}"),
        "alter": sql.SQL("alter role {} login password {}"),
    }[verb]
    admin.execute(statement.format(sql.Identifier(service), sql.Literal(str(password))))


def _lets_in(url: str) -> bool:
    """Tells whether a role's password is still that of our secrets."""
    try:
        psycopg.connect(url, connect_timeout=5).close()
    except psycopg.OperationalError as error:
        return "password authentication failed" not in str(error)
    return True


def _make_database(admin: psycopg.Connection, service: str) -> None:
    name = sql.Identifier(service)
    admin.execute(sql.SQL("create database {} owner {}").format(name, name))
    # Services share a server, not data: nobody but the owner may even connect.
    admin.execute(sql.SQL("revoke all on database {} from public").format(name))


async def prepare_streams(
    url: str, user: str, password: str, streams: Iterable[Stream], replicas: int = 1,
    leaves: Sequence[str] = (),
) -> None:  # fmt: skip
    """Makes the streams that are missing and corrects those that differ.

    replicas: on how many servers each is kept: 1, or 3 of a cluster, which holds without one.
    leaves: names of the servers at other places whose batches are taken in.
    """
    load_nats()
    import nats  # noqa: PLC0415 - after load_nats()
    from nats.js.errors import NotFoundError  # noqa: PLC0415 - as above

    client = await nats.connect(
        url.split(","),
        user=user,
        password=password,
        name="prepare",
        reconnect_time_wait=PAUSE_S,
        max_reconnect_attempts=int(SERVERS_WAIT_S / PAUSE_S),
        error_cb=_ignore,
    )
    try:
        context = client.jetstream(timeout=5)
        for stream in streams:
            wanted = _stream_config(stream, replicas, leaves)
            try:
                current = (await context.stream_info(stream.name)).config
            except NotFoundError:
                await context.add_stream(config=wanted)
                continue
            if not _agrees(current, wanted):
                await context.update_stream(config=wanted)
    finally:
        await client.close()


async def _ignore(_error: Exception) -> None:
    """A server that is not there yet is no news; one that never comes is an error of connect()."""


def _stream_config(
    stream: Stream, replicas: int, leaves: Sequence[str]
) -> Any:  # nats-py ships no types
    from nats.js.api import (  # noqa: PLC0415 - after load_nats()
        DiscardPolicy,
        ExternalStream,
        StorageType,
        StreamConfig,
        StreamSource,
    )

    sources = [
        StreamSource(name=stream.name, external=ExternalStream(api=leaf_api(name), deliver=""))
        for name in (leaves if stream.from_leaves else ())
    ]
    return StreamConfig(
        name=stream.name,
        subjects=list(stream.subjects),
        storage=StorageType.FILE,
        max_age=stream.max_age_s,
        max_bytes=stream.max_bytes,
        max_msgs=stream.max_messages,
        max_msgs_per_subject=stream.max_per_subject,
        duplicate_window=stream.duplicate_window_s,
        discard=DiscardPolicy.OLD,
        allow_atomic=stream.batches,
        num_replicas=replicas,
        sources=sources or None,
    )


def _agrees(current: Any, wanted: Any) -> bool:
    names = ("subjects", "max_age", "max_bytes", "max_msgs", "max_msgs_per_subject",
             "duplicate_window", "allow_atomic", "num_replicas")  # fmt: skip
    return _sources(current) == _sources(wanted) and all(
        getattr(current, name) == getattr(wanted, name) for name in names
    )


def _sources(config: Any) -> set[str]:
    return {str(each.external.api) for each in config.sources or () if each.external}


async def _prepare_all(env: dict[str, str]) -> None:
    urls = {service: env[f"MEGURI_{service.upper()}_DATABASE_URL"] for service in SERVICES}
    streams = asyncio.create_task(
        prepare_streams(
            env["MEGURI_NATS_URL"],
            env["MEGURI_NATS_USER"],
            env["MEGURI_NATS_PASSWORD"],
            STREAMS,
            int(env["MEGURI_NATS_REPLICAS"]),
            leaf_names(env["MEGURI_NATS_LEAVES"]),
        )
    )
    await asyncio.to_thread(prepare_databases, env["MEGURI_ADMIN_DATABASE_URL"], urls)
    await streams


def main() -> int:
    """Prepares everything; run again it changes nothing. Returns the exit code."""
    try:
        asyncio.run(_prepare_all(dict(os.environ)))
    except (RevisionUnclear, LeafNameInvalid) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
