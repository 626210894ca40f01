"""Databases of a backup into a PostgreSQL that is not of this data folder, such as a cluster's."""

import tempfile
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql

from infra.local import dumps, postgres, restore
from infra.local import home as homes
from infra.local.archive import Refused, opened
from infra.local.dumps import Server
from infra.local.home import Home
from infra.local.prepare import make_databases
from infra.local.restore import Told
from infra.local.table import SERVICES

_HELD = "select count(*) from pg_database where datname = any(%s)"


def into_server(file: Path, port: int, told: Told, *, really: bool = False) -> dict[str, Any]:
    """Fills the databases of the PostgreSQL at a port of this machine from a backup.

    That server knows the superuser of the backup's passwords.json, which an installation has that
    was made with `./meguri containers --kubernetes FOLDER --from DATA`. really: also where it has
    databases of these names, which are thrown away. Returns what the backup says of itself.
    Errors: Refused.
    """
    told("check")
    # Private, and gone again whatever happens: it holds passwords and everything anybody paid.
    with opened(file) as backup, tempfile.TemporaryDirectory(prefix="meguri-moving-") as folder:
        restore.check(backup, file)
        home = Home(Path(folder) / "data")
        home.make()
        restore.unpack(backup, home)
        passwords = homes.ensure_passwords(home)
        server = Server(port, passwords.postgres)
        _make_room(server, really=really)
        urls = {
            name: postgres.url(port, passwords.databases[name], user=name, database=name)
            for name in SERVICES
        }
        make_databases(server.url(), urls)
        dumps.load(server, restore.scratch(home), backup.manifest["made_time"], told)
        return backup.manifest | {"file": str(file), "port": port}


def _make_room(server: Server, *, really: bool) -> None:
    """Errors: Refused where nobody answers, or something is in the way."""
    try:
        with psycopg.connect(server.url(), autocommit=True, connect_timeout=5) as connection:
            held = connection.execute(_HELD, (list(SERVICES),)).fetchone()
            if held and held[0] and not really:
                raise Refused(
                    "data_present",
                    f"the PostgreSQL at port {server.port} has databases of Meguri already; nothing"
                    " was changed. To throw them away, say --really",
                )
            for name in SERVICES:
                drop = sql.SQL("drop database if exists {} with (force)")
                connection.execute(drop.format(sql.Identifier(name)))
    except psycopg.OperationalError as error:
        said = " ".join(str(error).split())
        raise Refused(
            "no_database", f"no PostgreSQL of this backup answers at port {server.port}: {said}"
        ) from error
