"""A moment as people of an area read it."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo


def zone_of(name: str) -> tzinfo:
    """Returns the time zone of that IANA name; UTC, which then is what is told, where none is."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return UTC


def told(moment: datetime, zone: tzinfo) -> str:
    """Returns day and time in a zone, which is named: 2026-11-28 21:05:00 JST."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S %Z}"
