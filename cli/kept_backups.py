"""Backups that make themselves: one each night, and one before a newer version changes tables."""

import hashlib
import json
import os
import sys
from collections.abc import Callable
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from typing import Any, TextIO

import msgspec
from msgspec.structs import replace

from cli.words import N_, _, hinted, told
from infra.local import files, kept_backups, postgres
from infra.local import home as homes
from infra.local.archive import Refused
from infra.local.areas import zone_of_data
from infra.local.home import ROOT, Home, Settings
from infra.local.table import SERVICES
from kit import backups
from kit.pure import local_time

TABLES = "tables.json"  # which tables the data was last started with
# A backup is a little larger than what it holds; it grows while it is made.
ROOM, LEAST_BYTES = 1.5, 32 * 1024**2

Make = Callable[[Home, Path], dict[str, Any]]


def make_nightly(home: Home, make: Make) -> backups.Record:
    """Makes the backup of this night unless it is there, copies it, deletes old ones, and notes
    how it went. Errors: Refused, and whatever stopped it, once that is noted.
    """
    os.nice(10)
    now, zone = datetime.now(UTC), zone_of_data(home)
    record = backups.load(home.data) or backups.Record(since=now, next_time=now)
    if not _is_only_to_be_copied(record, zone, now):
        try:
            record = _made(home, record, make, now, zone)
        except Exception as error:
            reason = error.reason if isinstance(error, Refused) else "failed"
            later = now + kept_backups.RETRY
            backups.save(home.data, replace(record, problem=reason, next_time=later))
            raise
        backups.save(home.data, record)
    record = copied(home, replace(record, next_time=kept_backups.next_night(now, zone)))
    backups.save(home.data, record)
    return record


def copied(home: Home, record: backups.Record) -> backups.Record:
    """Copies the last backup onto the second medium; returns what is known then.

    A medium that is not there is looked for again within the hour.
    """
    folder, now = Settings.load(home).backup_to, datetime.now(UTC)
    if not folder:
        return replace(record, folder="", copied_time=None, copy_problem="")
    known = record.copied_time if record.folder == folder else None
    try:
        kept_backups.copy(Path(record.file), Path(folder), home.data, now)
    except Refused as error:
        print(f"meguri backup: {told(str(error))}", file=sys.stderr)
        again = min(record.next_time, now + kept_backups.RETRY)
        return replace(
            record, folder=folder, copied_time=known, copy_problem=error.reason, next_time=again
        )
    return replace(record, folder=folder, copied_time=now, copy_problem="")


def before_update(home: Home, make: Make) -> str:
    """Makes a backup where this version has other tables than the data was last started with.

    Returns where it lies, "" where none was needed. Errors: Refused.
    """
    known, current = _known_tables(home), _tables()
    if known == current or homes.supervisor_of(home):
        return ""
    file = made_before_update(home, make) if postgres.is_made(home.postgres) else ""
    remember_tables(home)
    return file


def made_before_update(home: Home, make: Make) -> str:
    """Makes the backup that an update is begun with. Returns where it lies. Errors: Refused."""
    now = datetime.now(UTC)
    folder = kept_backups.ready_folder(home)
    record = backups.load(home.data)
    kept_backups.check_room(folder, _room_for(record.bytes if record else 0))
    name = kept_backups.name_before_update(now, zone_of_data(home))
    file = str(make(home, folder / name)["file"])
    kept_backups.prune(folder, now)
    return file


def remember_tables(home: Home) -> None:
    """Notes that the data has the tables of the files that are in place now."""
    files.write_json(home.data / TABLES, _tables())


def told_of(home: Home) -> dict[str, Any]:
    """Returns `backup` for programs: how it is, and all that is known. Empty where nobody makes
    backups."""
    found = backups.look(home.data)
    if found is None:
        return {}
    known = msgspec.to_builtins(found.record)
    return {"backup": {"state": found.state, "copy_state": found.copy_state, **known}}


def show(home: Home, stream: TextIO) -> None:
    """Says when the last backup was made and where it lies; more where something is amiss."""
    found = backups.look(home.data)
    if found is None:
        return
    record, zone = found.record, zone_of_data(home)
    if record.made_time:
        text = _("Last backup: %(time)s, in %(file)s")
        when = local_time.told(record.made_time, zone)
        print(text % {"time": when, "file": record.file}, file=stream)
    if found.state in _STATES:
        print(hinted(_(_STATES[found.state])), file=stream)
    told_of = {"folder": record.folder}
    if record.copied_time:
        told_of["time"] = local_time.told(record.copied_time, zone)
        print(_("Last copy on %(folder)s: %(time)s") % told_of, file=stream)
    if found.copy_state in _COPIES:
        print(hinted(_(_COPIES[found.copy_state]) % told_of), file=stream)


_STATES = {
    backups.DUE: N_("No backup was made yet: the first comes by itself within the hour."),
    backups.FAILED: N_("The last backup failed; it is tried again within the hour. See"
                       " ./meguri logs backup"),
    backups.OLD: N_("There has been no backup for two days. See ./meguri logs backup, then make"
                    " one by hand: ./meguri backup --nightly"),
}  # fmt: skip
_COPIES = {
    backups.COPY_NONE: N_("Backups lie on this computer alone. Have them copied onto another disk"
                          " too: ./meguri up --detach --backup-to /media/stick"),
    backups.COPY_DUE: N_("The first copy on %(folder)s comes by itself within a quarter of an"
                         " hour."),
    backups.COPY_FAILED: N_("The last backup is not on %(folder)s: is the medium in, and has it"
                            " room? See ./meguri logs backup"),
    backups.COPY_OLD: N_("For a week no backup was copied onto another disk. If this computer"
                         " breaks, what came since is lost: put the medium in, or choose one with"
                         " ./meguri up --detach --backup-to /media/stick"),
}  # fmt: skip


def _is_only_to_be_copied(record: backups.Record, zone: tzinfo, now: datetime) -> bool:
    """Tells whether tonight's backup is there and only the medium was not."""
    made = record.made_time
    of_tonight = made is not None and made <= now < kept_backups.next_night(made, zone)
    there = bool(record.file) and Path(record.file).is_file()
    return bool(record.copy_problem) and not record.problem and of_tonight and there


def _made(
    home: Home, record: backups.Record, make: Make, now: datetime, zone: tzinfo
) -> backups.Record:
    folder = kept_backups.ready_folder(home)
    kept_backups.check_room(folder, _room_for(record.bytes))
    made = make(home, folder / kept_backups.name_of_night(now, zone))
    kept_backups.prune(folder, now)
    return replace(
        record, made_time=datetime.fromisoformat(made["made_time"]), file=made["file"],
        bytes=made["bytes"], problem="",
    )  # fmt: skip


def _room_for(last_bytes: int) -> int:
    return max(LEAST_BYTES, int(ROOM * last_bytes))


def _tables() -> str:
    """Returns what stands for the tables of this version: all steps that lead to them."""
    steps = sorted(
        f"{service}/{path.name}"
        for service in SERVICES
        for path in (ROOT / "services" / service / "store" / "migrations" / "versions").glob("*.py")
    )
    return hashlib.sha256("\n".join(steps).encode()).hexdigest()


def _known_tables(home: Home) -> str:
    try:
        return str(json.loads((home.data / TABLES).read_text()))
    except (OSError, ValueError, RecursionError):
        return ""
