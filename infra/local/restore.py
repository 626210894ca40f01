"""Restoring: a new data folder is made beside the old one, and takes its place when it is whole."""

import errno
import glob
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO, Any

import psycopg

from infra.local import dumps, files, options, postgres, providers, spawn
from infra.local import home as homes
from infra.local.alone import alone
from infra.local.archive import FORMAT, Reader, Refused, damaged, opened
from infra.local.backup import SIMULATORS
from infra.local.dumps import Server
from infra.local.home import Home, Settings
from infra.local.table import SERVICES
from kit.migrate import newest_revision

ROOM_BESIDE_BYTES = 200 * 1024**2
_ROOM_FACTOR = 1.5  # a database as it grows back, with its log
_GROWN_BYTES = 16 * 1024**2
_FULL_BYTES = 32 * 1024**2  # less than two pieces of PostgreSQL's log
NEEDED = ("secrets/passwords.json",)  # a platform always has it; without it new ones are made

Told = Callable[[str], None]


def restore(
    home: Home, file: Path, told: Told, *, really: bool = False, trial: bool = False
) -> dict[str, Any]:
    """Makes the data folder as it was when the backup was made. The platform must not run.

    really: also where the folder holds something; what was there is kept beside. trial: to look at
    beside the platform that goes on: it must neither void at a provider what the other captured
    since, nor take the other's address. Returns what the
    backup says of itself, `kept` (where the old folder is, "" where there was none) and `missing`
    (what of NEEDED was not in it and was made anew).
    Errors: Refused, AlreadyRunning; then the data folder is as it was.
    """
    try:
        return _restore(home, file, told, really=really, trial=trial)
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise _no_room(home.data.parent) from error
        said = f"{error.filename or file} cannot be used: {error.strerror}"
        raise Refused("file_failed", said) from error


@contextmanager
def _refused(folder: Path) -> Iterator[None]:
    """Turns what the databases say while they are made into a refusal.

    Asked while what was begun still lies on the disk: a server that finds no room for its log
    ends, and its client only hears that it is gone.
    """
    try:
        yield
    except (psycopg.Error, postgres.ClusterError, Refused) as error:
        lost = isinstance(error, psycopg.OperationalError) and error.sqlstate is None
        reason = getattr(error, "reason", "")
        if (
            isinstance(error, psycopg.errors.DiskFull)
            or "No space left" in str(error)
            or reason == "disk_full"
            # pg_restore's server, too, may be gone before it says why.
            or ((lost or reason == "database_failed") and room(folder) < _FULL_BYTES)
        ):
            raise _no_room(folder) from error
        if isinstance(error, psycopg.Error):
            said = f"The databases cannot be made: {' '.join(str(error).split())}"
            raise Refused("database_failed", said) from error
        raise


def _no_room(folder: Path) -> Refused:
    return Refused(
        "disk_full",
        f"The disk of {folder} filled up on the way; nothing was changed and what was begun is"
        " removed. Make room, or choose another disk with --data",
    )


def _restore(home: Home, file: Path, told: Told, *, really: bool, trial: bool) -> dict[str, Any]:
    told("check")
    data = home.data
    with ExitStack() as stack:
        backup = stack.enter_context(opened(file))
        check(backup, file)
        if (home.run / "lock").exists():
            stack.enter_context(homes.lock(home))
        _check_place(data, backup, really=really)
        fresh = stack.enter_context(beside(data))
        stack.enter_context(homes.lock(fresh))
        stack.enter_context(_refused(data.parent))
        unpack(backup, fresh)
        missing = [each for each in NEEDED if not (fresh.data / each).exists()]
        if trial:
            _cut_off(fresh)
        _move_paths(fresh, backup.manifest["data"], str(data))
        _fill(fresh, backup.manifest["made_time"], told)
        # The server wrote without waiting for the disk; before the old folder goes all must be on.
        os.sync()
        kept = _change_places(data, fresh.data)
        files.sync_folder(data.parent)
    return backup.manifest | {"file": str(file), "kept": kept, "missing": missing}


def check(backup: Reader, file: Path) -> None:
    """Errors: Refused for a backup that this release does not understand, or that is damaged."""
    _check_release(backup.manifest, file)
    _check_sizes(backup)


def _check_release(manifest: dict[str, Any], file: Path) -> None:
    known = {service: newest_revision(service) for service in SERVICES}
    revisions = manifest.get("revisions", {})
    newer = [name for name, at in revisions.items() if at > known.get(name, "")]
    if manifest.get("format") != FORMAT or newer or set(revisions) != set(known):
        what = f"{newer[0]} {revisions[newer[0]]}" if newer else f"format {manifest.get('format')}"
        raise Refused(
            "backup_newer",
            f"{file} was made by another release of Meguri, newer than this one ({what});"
            " nothing was changed. Install that release, then restore",
        )


def _check_sizes(backup: Reader) -> None:
    """Errors: Refused where more would be unpacked than the backup says of itself."""
    found = {"data": 0, "databases": 0}
    for name, size in backup.sizes().items():
        counts = name.parts[0] in found and not name.match(f"data/{SIMULATORS}")
        if counts:  # books of simulators came later than the sum in older backups
            found[name.parts[0]] += size
    said = backup.manifest
    # What is copied while everything runs may grow a little; a dump is smaller than its database,
    # but text of bytes is twice as long.
    most = {"data": said["file_bytes"] * 1.1, "databases": said["database_bytes"] * 2}
    for top, size in found.items():
        if size > most[top] + _GROWN_BYTES:
            raise damaged(f"{top} in it has {size} bytes, more than it says")


def _check_place(data: Path, backup: Reader, *, really: bool) -> None:
    there = data.is_dir() and any(data.iterdir())
    if there and not really:
        raise Refused(
            "data_present",
            f"{data} holds data already; nothing was changed. To replace it by the backup, say"
            " --really: what is there now is then kept beside",
        )
    if there and data.is_mount():
        raise Refused(
            "data_is_disk",
            f"{data} is a disk of its own and cannot be kept beside; choose a folder on it with"
            " --data",
        )
    data.parent.mkdir(parents=True, exist_ok=True)
    unpacked = sum(backup.sizes().values())
    needed = unpacked + int(_ROOM_FACTOR * backup.manifest["database_bytes"]) + ROOM_BESIDE_BYTES
    if room(data.parent) < needed:
        raise Refused(
            "disk_full",
            f"The backup needs {needed // 1024**2} MB at"
            f" {data.parent}; nothing was changed. Make room, or choose another disk with --data",
        )


def room(folder: Path) -> int:
    """Returns how many bytes the disk of a folder still takes."""
    found = os.statvfs(folder)
    return found.f_bavail * found.f_frsize


@contextmanager
def beside(data: Path) -> Iterator[Home]:
    """Gives an empty data folder beside another or a file, and removes it unless it was moved."""
    start = f".{data.name}.restoring-"
    for left in data.parent.glob(f"{glob.escape(start)}*"):  # of one that was killed
        process = left.name.removeprefix(start)
        if process.isdecimal() and not spawn.lives(int(process)):
            shutil.rmtree(left, ignore_errors=True)
    fresh = Home(data.with_name(f"{start}{os.getpid()}"))
    fresh.make()
    try:
        yield fresh
    finally:
        shutil.rmtree(fresh.data, ignore_errors=True)


def _everything(_name: PurePosixPath) -> bool:
    return True


def unpack(
    backup: Reader, fresh: Home, only: Callable[[PurePosixPath], bool] = _everything
) -> None:
    """Writes what is in a backup: files to their places, databases into a folder of scratch.

    only: which of its names are wanted.
    """
    for name, content in backup.entries():
        top, *rest = name.parts
        if top not in {"data", "databases"} or not rest:
            continue  # of a later release that added something
        if not only(name):
            continue
        path = (fresh.data if top == "data" else scratch(fresh)).joinpath(*rest)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:  # noqa: PTH123 - private from its first byte
            _copy(content, out)


def _cut_off(fresh: Home) -> None:
    """Takes providers, the public address and what else leads outside out of a data folder."""
    for name in (providers.FILE, options.FILE):
        (fresh.data / name).unlink(missing_ok=True)
    Settings(area=Settings.load(fresh).area).save(fresh)


def _copy(content: IO[bytes], out: IO[bytes]) -> None:
    shutil.copyfileobj(content, out, 1024 * 1024)


def _move_paths(fresh: Home, before: str, now: str) -> None:
    """Lets what names files of the old data folder name those of the new one."""
    for name in ("enrolled.json", "settings.json"):
        path = fresh.data / name
        found = homes.read_object(path)
        if found is not None and before != now:
            files.write_json(path, _moved(found, before + os.sep, now + os.sep))


def _moved(value: Any, before: str, now: str) -> Any:
    if isinstance(value, dict):
        return {name: _moved(inner, before, now) for name, inner in value.items()}
    if isinstance(value, str) and value.startswith(before):
        return now + value.removeprefix(before)
    return value


def _fill(fresh: Home, made_time: str, told: Told) -> None:
    """Makes a cluster and fills it."""
    from infra.local.prepare import make_databases  # noqa: PLC0415 - loads what only this needs

    passwords = homes.ensure_passwords(fresh)
    postgres.make(fresh.postgres, passwords.postgres)
    with alone(fresh.postgres, passwords.postgres, durable=False) as port:
        urls = {
            name: postgres.url(port, passwords.databases[name], user=name, database=name)
            for name in SERVICES
        }
        server = Server(port, passwords.postgres)
        make_databases(server.url(), urls)
        dumps.load(server, scratch(fresh), made_time, told)
    shutil.rmtree(scratch(fresh))


def scratch(fresh: Home) -> Path:
    """Returns where unpack() puts the databases."""
    return fresh.run / "databases"


def _change_places(data: Path, fresh: Path) -> str:
    """Puts the new folder in the place of the old one. Returns where the old one is kept."""
    kept = ""
    if data.is_dir() and not any(data.iterdir()):
        data.rmdir()
    elif data.exists():
        moment = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        kept = str(data.with_name(f"{data.name}.before-restore-{moment}"))
        data.rename(kept)
    try:
        fresh.rename(data)
    except OSError:
        if kept:
            Path(kept).rename(data)
        raise
    return kept
