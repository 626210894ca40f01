"""What is known of the backups that make themselves: written by who makes them, read by who shows
them to people. Nothing secret is in it."""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

FILE = "backups.json"  # in the data folder
OK, DUE, FAILED, OLD = "ok", "backup_due", "backup_failed", "backup_old"
COPY_NONE, COPY_DUE, COPY_FAILED, COPY_OLD = "copy_none", "copy_due", "copy_failed", "copy_old"
OLD_AFTER = timedelta(days=2)  # one night may fail
COPY_OLD_AFTER = timedelta(days=7)  # what a town can bear to type in again


class Record(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """since: from when on backups are looked after here; next_time: when the next one is due.

    problem: reason why the last try failed, "" when it did not; folder: of the second medium, ""
    where none was chosen; copied_time, copy_problem: as made_time and problem, of that medium.
    """

    since: datetime
    next_time: datetime
    made_time: datetime | None = None
    file: str = ""
    bytes: int = 0
    problem: str = ""
    folder: str = ""
    copied_time: datetime | None = None
    copy_problem: str = ""


@dataclass(frozen=True)
class Look:
    """state: OK, DUE, FAILED or OLD; copy_state: OK, COPY_NONE (no medium was chosen),
    COPY_DUE (one was, and the first copy is to come), COPY_FAILED or COPY_OLD."""

    state: str
    copy_state: str
    record: Record


def load(data: Path) -> Record | None:
    """Returns what is known, None where nobody makes backups or the file cannot be read."""
    try:
        found = msgspec.json.decode((data / FILE).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    times = (found.since, found.next_time, found.made_time, found.copied_time)
    return found if all(each is None or each.tzinfo for each in times) else None


def save(data: Path, record: Record) -> None:
    """Writes what is known, whole or not at all. Errors: OSError."""
    scratch = data / f".{FILE}.{os.getpid()}"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    scratch.replace(data / FILE)


def look(data: Path, now: datetime | None = None) -> Look | None:
    """Returns how backups are, None where nobody makes them (kit of containers, say)."""
    record = load(data)
    if record is None:
        return None
    now = now or datetime.now(UTC)
    return Look(_state(record, now), _copy_state(record, now), record)


def _state(record: Record, now: datetime) -> str:
    if now - (record.made_time or record.since) > OLD_AFTER:
        return OLD
    if record.problem:
        return FAILED
    return OK if record.made_time else DUE


def _copy_state(record: Record, now: datetime) -> str:
    if now - (record.copied_time or record.since) > COPY_OLD_AFTER:
        return COPY_OLD
    if not record.folder:
        return COPY_NONE
    if record.copy_problem:
        return COPY_FAILED
    return OK if record.copied_time else COPY_DUE
