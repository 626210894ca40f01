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
    telemetry.CERTIFICATE_LEFT_SECONDS.clear()
    for each in certificates.look(data, now):
        if each.certificate.ends:
            left = (each.certificate.ends - now).total_seconds()
            telemetry.CERTIFICATE_LEFT_SECONDS.labels(each.certificate.of).set(left)


def _note_backups(data: Path, now: datetime) -> None:
    telemetry.BACKUP_AGE_SECONDS.clear()
    record = backups.load(data)
    if record is None:
        return
    for of, made in (("backup", record.made_time), ("copy", record.copied_time)):
        if made:
            telemetry.BACKUP_AGE_SECONDS.labels(of).set((now - made).total_seconds())
