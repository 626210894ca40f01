"""How the whole is, as figures: what /admin shows as lights, for whoever watches by program."""

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from kit import backups, certificates, disk, telemetry


def note(states: Mapping[str, str], data: Path, now: datetime | None = None) -> None:
    """Sets what is known now; what is not known is not told. states: as `readiness` returns."""
    now = now or datetime.now(UTC)
    for part, state in states.items():
        if part != "disk":
            telemetry.PART_UP.labels(part).set(state == "ok")
    telemetry.DISK_FREE_BYTES.labels("data").set(disk.look(data).free_bytes)
    _note_backups(data, now)
    _note_certificates(data, now)


def _note_backups(data: Path, now: datetime) -> None:
    telemetry.BACKUP_AGE_SECONDS.clear()
    record = backups.load(data)
    if record is None:
        return
    for of, made in (("backup", record.made_time), ("copy", record.copied_time)):
        # As the lights count it: where none ever succeeded, somebody has to be told of that too.
        age = now - (made or record.since)
        telemetry.BACKUP_AGE_SECONDS.labels(of).set(age.total_seconds())


def _note_certificates(data: Path, now: datetime) -> None:
    telemetry.CERTIFICATE_LEFT_SECONDS.clear()
    telemetry.CERTIFICATE_LIFE_SECONDS.clear()
    for each in (look.certificate for look in certificates.look(data, now)):
        if each.ends:
            left = each.ends - now
            telemetry.CERTIFICATE_LEFT_SECONDS.labels(each.of).set(left.total_seconds())
        if each.ends and each.begins:
            life = each.ends - each.begins
            telemetry.CERTIFICATE_LIFE_SECONDS.labels(each.of).set(life.total_seconds())
