"""Which day a sale belongs to: decided by the server, in the area's time zone."""

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.pure.errors import InvalidFields

DEFAULT_TIME_ZONE = "Asia/Tokyo"  # until directory has told the area's own
WRITTEN = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def business_date(now: datetime, time_zone: str) -> date:
    """Returns the business date of a moment. now: aware. time_zone: IANA name."""
    try:
        return now.astimezone(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(ZoneInfo(DEFAULT_TIME_ZONE)).date()


def read_date(field: str, text: str) -> date:
    """Reads YYYY-MM-DD and no other way to write a day: what compares texts would take 20261121
    for another day. Errors: InvalidFields."""
    try:
        if not WRITTEN.fullmatch(text):
            raise ValueError(text)
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidFields([(field, "give a date as YYYY-MM-DD")]) from error
