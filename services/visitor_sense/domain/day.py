"""Days of the pseudonym key: a key never lives past midnight in Japan."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

KEY_TIME_ZONE = "Asia/Tokyo"
_ZONE = ZoneInfo(KEY_TIME_ZONE)
RETENTION = timedelta(hours=24)
MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
# Japan has no daylight saving time, so that whole UTC hours never straddle its midnight.
_OFFSET_MS = 9 * HOUR_MS
_DAY_MS = 24 * HOUR_MS


def key_date(moment: datetime) -> date:
    """Returns the local day whose key a moment belongs to. moment: aware."""
    return moment.astimezone(_ZONE).date()


def next_midnight(moment: datetime) -> datetime:
    """Returns the next midnight in Japan after a moment, in UTC."""
    return midnight_of(key_date(moment) + timedelta(days=1))


def midnight_of(key_date: date) -> datetime:
    """Returns the moment a local day begins, in UTC."""
    return datetime(key_date.year, key_date.month, key_date.day, tzinfo=_ZONE).astimezone(UTC)


def day_number(time_ms: int) -> int:
    """Returns the local day of a time in milliseconds since 1970, as days since 1970-01-01."""
    return (time_ms + _OFFSET_MS) // _DAY_MS


def day_minute(time_ms: int) -> int:
    """Returns the minute of the local day that a time in milliseconds since 1970 falls into."""
    return (time_ms + _OFFSET_MS) % _DAY_MS // MINUTE_MS


def date_of_day(number: int) -> date:
    """Returns the date of a day number."""
    return date(1970, 1, 1) + timedelta(days=number)


def to_ms(moment: datetime) -> int:
    """Returns milliseconds since 1970. moment: aware."""
    return round(moment.timestamp() * 1000)


def from_ms(time_ms: int) -> datetime:
    """Returns an aware UTC moment from milliseconds since 1970."""
    return datetime.fromtimestamp(time_ms // 1000, UTC) + timedelta(milliseconds=time_ms % 1000)


def hour_of(moment: datetime) -> datetime:
    """Returns the first moment of the hour, in UTC."""
    return moment.astimezone(UTC).replace(minute=0, second=0, microsecond=0)


def hour_name(hour: datetime) -> str:
    """Returns an hour as 2026-11-21T05Z, as used in ids."""
    return hour.astimezone(UTC).strftime("%Y-%m-%dT%HZ")
