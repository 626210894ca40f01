"""Times of day and dates as people type them from a printed timetable."""

import re
import unicodedata
from datetime import date

NEVER = -1  # of the contract: the run does not stop there
MOST_MINUTES = 48 * 60
MOST_DATES = 100
# What printed timetables have where a bus drives past.
PASSES = frozenset(
    {"-", "--", "ー", "―", "—", "–", "−", "レ", "↓", "|", "||", "∥", "=", "…", "・", "×"}
)
_TIME = re.compile(r"([0-9]{1,2})[:.時]([0-9]{2})分?|([0-9]{1,2})([0-9]{2})")
_DATE = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?")
_BETWEEN = re.compile(r"[\s,、;]+")


def plain(text: str) -> str:
    """Returns what was typed with a Japanese keyboard as ASCII would say it."""
    return unicodedata.normalize("NFKC", text).strip()


def read_minutes(text: str) -> int:
    """Returns minutes after midnight: 8:37, 0837, 837, 8時37分, 25:10; NEVER for none.

    Errors: ValueError for anything else; "8" alone may be an hour or a mistake.
    """
    typed = plain(text)
    if not typed or typed in PASSES:
        return NEVER
    found = _TIME.fullmatch(typed)
    if found is None:
        raise ValueError(typed)
    hours, minutes = int(found[1] or found[3]), int(found[2] or found[4])
    if minutes > 59 or hours * 60 + minutes >= MOST_MINUTES:
        raise ValueError(typed)
    return hours * 60 + minutes


def show(minutes: int) -> str:
    """Returns 8:37; 25:10 after midnight; "" for NEVER."""
    return "" if minutes < 0 else f"{minutes // 60}:{minutes % 60:02d}"


def shifted(text: str, by_minutes: int) -> str:
    """Returns a typed time moved by some minutes; what is no time, or would be none, stays."""
    try:
        minutes = read_minutes(text)
    except ValueError:
        return text
    moved = minutes + by_minutes
    return show(moved) if minutes >= 0 and 0 <= moved < MOST_MINUTES else text


def read_date(text: str) -> str:
    """Returns YYYY-MM-DD of 2026-12-1, 2026/12/1 or 2026年12月1日, "" for none.

    Errors: ValueError.
    """
    typed = plain(text)
    if not typed:
        return ""
    found = _DATE.fullmatch(typed)
    if found is None:
        raise ValueError(typed)
    return date(int(found[1]), int(found[2]), int(found[3])).isoformat()


def read_dates(text: str) -> list[str]:
    """Returns dates written one after another, each once and in order. Errors: ValueError."""
    found = {read_date(each) for each in _BETWEEN.split(plain(text)) if each}
    if len(found) > MOST_DATES:
        raise ValueError(text[:40])
    return sorted(found)


def is_day(text: str) -> bool:
    """Tells whether a text is YYYY, YYYY-MM or YYYY-MM-DD and such a day exists."""
    if not re.fullmatch(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?", text):
        return False
    try:
        date.fromisoformat((text + "-01-01")[:10])
    except ValueError:
        return False
    return True
