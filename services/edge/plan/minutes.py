"""Times of a day as they are typed and written: minutes after midnight, up to 29:59."""

import re
from datetime import datetime

CLOCK = re.compile(r"([01]?[0-9]|2[0-9]):([0-5][0-9])")


def minute_of(text: str) -> int | None:
    """Reads HH:MM (up to 29:59) or an RFC 3339 time as minutes after midnight; None if neither."""
    found = CLOCK.fullmatch(text.strip())
    if found:
        return int(found[1]) * 60 + int(found[2])
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment.hour * 60 + moment.minute if "T" in text else None


def clock(minute: int) -> str:
    """Returns minutes after midnight as HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"
