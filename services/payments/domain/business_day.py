"""Which day a sale belongs to: decided by the server, in the area's time zone."""

from datetime import date, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from kit.pure.errors import InvalidFields

DEFAULT_TIME_ZONE = "Asia/Tokyo"  # until directory has told the area's own


def business_date(now: datetime, time_zone: str) -> date:
    """Returns the business date of a moment. now: aware. time_zone: IANA name."""
    try:
        return now.astimezone(ZoneInfo(time_zone)).date()
    except (ZoneInfoNotFoundError, ValueError):
        return now.astimezone(ZoneInfo(DEFAULT_TIME_ZONE)).date()


def read_date(field: str, text: str) -> date:
    """Reads YYYY-MM-DD. Errors: InvalidFields."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidFields([(field, "give a date as YYYY-MM-DD")]) from error
