"""Until when certificates hold: written by who looks at them, read by who shows them to people.

Nothing secret is in it: whoever opens a page is shown its certificate.
"""

import os
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec

FILE = "certificates.json"  # in the data folder
PAGES, PARTS = "pages", "parts"  # before visitors' browsers; between the parts
# Who sees to a new one: somebody by hand, the proxy by itself, any start of the platform.
BY_HAND, BY_ITSELF, BY_START = "hand", "itself", "start"
OK, SOON, LAST, OVER, NONE = (
    "ok", "certificate_soon", "certificate_last", "certificate_over", "certificate_none",
)  # fmt: skip
LATE = frozenset({LAST, OVER, NONE})
# An office that has to ask another one for a certificate needs weeks; a start is made in a minute.
WARN_AFTER = {BY_HAND: timedelta(days=30), BY_START: timedelta(days=60)}
LAST_DAYS = timedelta(days=7)
# A proxy renews when a third of the time is left, however long that is: it should have by then.
WARN_SHARE, LAST_SHARE = 1 / 5, 1 / 15


class Certificate(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """of: PAGES or PARTS. by: who sees to a new one. begins, ends: None where there is none."""

    of: str
    by: str
    begins: datetime | None = None
    ends: datetime | None = None


class Record(msgspec.Struct, frozen=True):
    """What was found when somebody last looked."""

    looked_time: datetime
    certificates: tuple[Certificate, ...]


@dataclass(frozen=True)
class Look:
    """state: OK, SOON, LAST (a few days), OVER, or NONE (phones find no certificate at all)."""

    certificate: Certificate
    state: str


def load(data: Path) -> Record | None:
    """Returns what is known, None where nobody looks or the file cannot be read."""
    try:
        found = msgspec.json.decode((data / FILE).read_bytes(), type=Record)
    except (OSError, msgspec.MsgspecError, RecursionError):
        return None
    times = [found.looked_time]
    for each in found.certificates:
        times += [time for time in (each.begins, each.ends) if time is not None]
    return found if all(each.tzinfo for each in times) else None


def save(data: Path, record: Record) -> None:
    """Writes what is known, whole or not at all. Errors: OSError."""
    scratch = data / f".{FILE}.{os.getpid()}"
    scratch.write_bytes(msgspec.json.format(msgspec.json.encode(record), indent=2) + b"\n")
    scratch.replace(data / FILE)


def look(data: Path, now: datetime | None = None) -> tuple[Look, ...]:
    """Returns how each certificate is now, nothing where nobody looks at them (in containers)."""
    record = load(data)
    if record is None:
        return ()
    now = now or datetime.now(UTC)
    return tuple(Look(each, state(each, now)) for each in record.certificates)


def state(certificate: Certificate, now: datetime) -> str:
    """Returns how a certificate is at a time."""
    if certificate.ends is None:
        return NONE
    left = certificate.ends - now
    if left <= timedelta():
        return OVER
    if certificate.by == BY_ITSELF:
        whole = certificate.ends - (certificate.begins or certificate.ends)
        warn, last = whole * WARN_SHARE, whole * LAST_SHARE
    else:
        warn, last = WARN_AFTER.get(certificate.by, WARN_AFTER[BY_HAND]), LAST_DAYS
    if left < last:
        return LAST
    return SOON if left < warn else OK
