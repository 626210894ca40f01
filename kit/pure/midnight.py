"""When the day of a place ends. Clocks that are put forward or back at midnight do not move it."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo


def next_midnight(now: datetime, zone: str) -> datetime:
    """Returns the first moment (UTC) of the day after that of an aware moment in a zone (IANA).

    A midnight that the clock leaps over is the moment of the leap. One that it strikes twice ends
    the day the first time, and for who comes between the two the second time.
    """
    place = ZoneInfo(zone)
    tomorrow = now.astimezone(place).date() + timedelta(days=1)
    struck = datetime.combine(tomorrow, time.min, place).astimezone(UTC)
    if struck > now:
        return struck
    return datetime.combine(tomorrow, time.min.replace(fold=1), place).astimezone(UTC)
