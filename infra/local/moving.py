"""Databases of a backup into a PostgreSQL that is not of this data folder, such as a cluster's."""

import errno
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path, PurePosixPath
from typing import Any

import psycopg
from psycopg import sql

from infra.local import dumps, postgres, restore
from infra.local import home as homes
from infra.local.archive import Reader, Refused, opened
from infra.local.dumps import Server
from infra.local.home import Home, NoDataFolder, Passwords
from infra.local.prepare import make_databases
from infra.local.restore import Told
from infra.local.table import SERVICES

_HELD = "select count(*) from pg_database where datname = any(%s)"
_PASSWORDS = PurePosixPath("data/secrets/passwords.json")
_MARGIN_BYTES = 16 * 1024**2


def into_server(file: Path, port: int, told: Told, *, really: bool = False) -> dict[str, Any]:
    """Fills the databases of the PostgreSQL at a port of this machine from a backup.

    That server knows the superuser of the backup's passwords.json, which an installation has that
    was made with `./meguri containers --kubernetes FOLDER --from DATA`. really: also where it has
    databases of these names, which are thrown away. Returns what the backup says of itself.
    Errors: Refused, which says what became of the databases there.
    """
    told("check")
    with ExitStack() as stack:
        backup = stack.enter_context(opened(file))
        restore.check(backup, file)
        if restore.room(file.resolve().parent) < _needed_bytes(backup):
            raise _no_room(backup, file.resolve().parent)
        home = stack.enter_context(_unpacked(backup, file.resolve()))
        passwords = homes.ensure_passwords(home)
        server = Server(port, passwords.postgres)
        _look(server, really=really)
        with _left_incomplete(port):
            _fill(server, passwords, home, backup.manifest["made_time"], told)
        return backup.manifest | {"file": str(file), "port": port}


def _is_needed(name: PurePosixPath) -> bool:
    """Tells whether a file of a backup is wanted: media, for one, may be many times as large."""
    return name.parts[0] == "databases" or name == _PASSWORDS


def _needed_bytes(backup: Reader) -> int:
    wanted = sum(size for name, size in backup.sizes().items() if _is_needed(name))
    return wanted + _MARGIN_BYTES


def _no_room(backup: Reader, folder: Path) -> Refused:
    needed = _needed_bytes(backup) // 1024**2
    return Refused(
        "disk_full",
        f"To move the databases {needed} MB are needed beside the backup, at {folder};"
        " nothing was changed. Make room, or copy the backup to another disk first",
    )


@contextmanager
def _unpacked(backup: Reader, file: Path) -> Iterator[Home]:
    """Gives a folder with what is needed of a backup, and removes it: it holds passwords.

    Beside the backup, which is as secret and on a disk for such sizes; a folder for temporary files
    is often in memory. What one that was killed left there goes too. Errors: Refused.
    """
    with ExitStack() as stack:
        try:
            home = stack.enter_context(restore.beside(file))
            restore.unpack(backup, home, _is_needed)
        except NoDataFolder as error:
            said = f"{file.parent} cannot be used: nothing can be written beside the backup"
            raise Refused("file_failed", said) from error
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise _no_room(backup, file.parent) from error
            said = f"{error.filename or file} cannot be used: {error.strerror}"
            raise Refused("file_failed", said) from error
        yield home


def _look(server: Server, *, really: bool) -> None:
    """Errors: Refused where nobody answers, or something is in the way."""
    try:
        with psycopg.connect(server.url(), autocommit=True, connect_timeout=5) as connection:
            held = connection.execute(_HELD, (list(SERVICES),)).fetchone()
    except psycopg.Error as error:
        said = " ".join(str(error).split())
        raise Refused(
            "no_database", f"no PostgreSQL of this backup answers at port {server.port}: {said}"
        ) from error
    if held and held[0] and not really:
        raise Refused(
            "data_present",
            f"the PostgreSQL at port {server.port} has databases of Meguri already; nothing"
            " was changed. To throw them away, say --really",
        )


@contextmanager
def _left_incomplete(port: int) -> Iterator[None]:
    """Turns whatever ends the work from here on into a refusal that says what is there now."""
    try:
        yield
    except (psycopg.Error, OSError, Refused) as error:
        full = isinstance(error, psycopg.errors.DiskFull)
        reason = getattr(error, "reason", "disk_full" if full else "database_failed")
        said = " ".join(str(error).split())
        raise Refused(
            reason,
            f"The databases at port {port} are not whole: {said}. Mend that, then say it again with"
            " --really",
        ) from error


def _fill(server: Server, passwords: Passwords, home: Home, made_time: str, told: Told) -> None:
    with psycopg.connect(server.url(), autocommit=True, connect_timeout=5) as connection:
        for name in SERVICES:
            drop = sql.SQL("drop database if exists {} with (force)")
            connection.execute(drop.format(sql.Identifier(name)))
    urls = {
        name: postgres.url(server.port, passwords.databases[name], user=name, database=name)
        for name in SERVICES
    }
    make_databases(server.url(), urls)
    dumps.load(server, restore.scratch(home), made_time, told)
