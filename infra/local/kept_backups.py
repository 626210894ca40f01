"""Backups that make themselves: where they lie, how long they stay, the copy on a second medium.

The folder stands beside the data folder, never inside: what empties the one leaves the other.
"""

import contextlib
import os
import re
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta, tzinfo
from pathlib import Path

from infra.local import archive
from infra.local.archive import Refused
from infra.local.files import make_private, sync_folder
from infra.local.home import Home
from kit import disk

NIGHT = time(3)  # in the area: the last guest is asleep, the first bus has not left
RETRY = timedelta(hours=1)
KEPT = 7  # of nights; whoever has something erased is out of all of them a week later
KEPT_BEFORE_UPDATES, UPDATE_DAYS = 2, 30
_NIGHTLY = re.compile(r"meguri-\d{4}-\d\d-\d\d")
_BEFORE_UPDATE = re.compile(r"meguri-before-update-\d{4}-\d\d-\d\d-\d{4}")


def folder_of(home: Home) -> Path:
    """Returns where the backups of a data folder lie."""
    return home.data.with_name(f"{home.data.name}-backups")


def ready_folder(home: Home) -> Path:
    """Makes that folder, for its owner alone. Errors: Refused `no_file`."""
    folder = folder_of(home)
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        make_private(folder)
    except OSError as error:
        raise archive.refusal(error, folder) from error
    return folder


def name_of_night(now: datetime, zone: tzinfo) -> str:
    """Returns the name of a backup made now: one a day of the area."""
    return f"meguri-{now.astimezone(zone):%Y-%m-%d}"


def name_before_update(now: datetime, zone: tzinfo) -> str:
    """Returns the name of the backup that an update is begun with."""
    return f"meguri-before-update-{now.astimezone(zone):%Y-%m-%d-%H%M}"


def next_night(now: datetime, zone: tzinfo) -> datetime:
    """Returns the next time that a backup is due."""
    here = now.astimezone(zone)
    day = here.date() if here.time() < NIGHT else here.date() + timedelta(days=1)
    return datetime.combine(day, NIGHT, zone).astimezone(UTC)


def newest(folder: Path) -> Path | None:
    """Returns the newest whole backup of a folder, whatever made it."""
    found = [*_named(folder, _NIGHTLY), *_named(folder, _BEFORE_UPDATE)]
    return max(found, key=lambda each: each.stat().st_mtime, default=None)


def prune(folder: Path, now: datetime, kept: int = KEPT) -> None:
    """Deletes backups that are older than what is kept. Never the newest, nor files of others."""
    for path in sorted(_named(folder, _NIGHTLY), reverse=True)[max(1, kept) :]:
        path.unlink(missing_ok=True)
    updates = sorted(_named(folder, _BEFORE_UPDATE), reverse=True)
    oldest = now.timestamp() - UPDATE_DAYS * 86_400
    for number, path in enumerate(updates):
        if number >= KEPT_BEFORE_UPDATES or path.stat().st_mtime < oldest:
            path.unlink(missing_ok=True)


def check_room(folder: Path, needed: int) -> None:
    """Errors: Refused `disk_low` where a backup would take the room that sales need."""
    if disk.look(folder).free_bytes - needed < disk.FULL_BYTES:
        raise Refused(
            "disk_low",
            f"A backup of {needed // 1024**2:,} MB would fill the disk of {folder}: make room"
            " there",
        )


def copy(file: Path, folder: Path, data: Path, now: datetime) -> Path:
    """Puts a backup onto a second medium and reads it there once. Returns where it lies.

    The folder is never made: it is there when the medium is, and a folder that waits for a stick
    lies on the disk it is to save from. Errors: Refused.
    """
    if not folder.is_dir():
        raise Refused("medium_away", f"{folder} is not there: put the medium in")
    if folder.stat().st_dev == data.stat().st_dev:
        raise Refused(
            "medium_same_disk",
            f"{folder} is on the same disk as {data}: put the medium in, or name a folder on one",
        )
    scratch, target = folder / f".{file.name}.copying", folder / file.name
    try:
        _make_room(folder, file.stat().st_size, now)
        _copy_durably(file, scratch)
        with archive.opened(scratch):
            pass  # all of it was read, and its checksum is right
        scratch.replace(target)
        sync_folder(folder)
        prune(folder, now)
    except OSError as error:
        raise archive.refusal(error, target) from error
    finally:
        with contextlib.suppress(OSError):
            scratch.unlink(missing_ok=True)
    return target


def _make_room(folder: Path, needed: int, now: datetime) -> None:
    """A small stick holds fewer nights: old ones go, down to one."""
    kept = KEPT
    while kept > 1 and shutil.disk_usage(folder).free < needed:
        kept -= 1
        prune(folder, now, kept)


def _copy_durably(file: Path, scratch: Path) -> None:
    scratch.unlink(missing_ok=True)
    scratch.touch(mode=0o600)
    with file.open("rb") as source, scratch.open("r+b") as target:
        shutil.copyfileobj(source, target, 1024 * 1024)
        target.flush()
        os.fsync(target.fileno())
        # What is read back comes from the medium, as far as the system heeds this.
        os.posix_fadvise(target.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _named(folder: Path, pattern: "re.Pattern[str]") -> Iterator[Path]:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            if pattern.fullmatch(path.name) and path.is_file():
                yield path
