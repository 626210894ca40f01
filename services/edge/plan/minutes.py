"""Times of a day as they are typed and written: minutes after midnight, up to 29:59."""

import re
from datetime import datetime

MINUTES_OF_A_DAY = 1440
NEXT_MORNING = 360  # a day can last until then
LAST_MINUTE = MINUTES_OF_A_DAY + NEXT_MORNING
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


def clock_face(minute: int) -> str:
    """Returns minutes after midnight as a clock on the wall shows them, also the next morning."""
    return clock(minute % MINUTES_OF_A_DAY)


def end_of(start: int, end: int) -> int:
    """Returns the end of a day as a form means it: an hour of the early morning that lies before
    the start is one of the next day. What begins and ends the wrong way round stays so."""
    return end + MINUTES_OF_A_DAY if end < start and end <= NEXT_MORNING else end


def clock(minute: int) -> str:
    """Returns minutes after midnight as HH:MM."""
    return f"{minute // 60:02}:{minute % 60:02}"
