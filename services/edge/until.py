"""Until when something is closed, as people say it: with the month's name, and no midnight."""

from datetime import UTC, datetime, timedelta
from typing import Any

from babel.dates import format_skeleton
from flask_babel import format_date, format_time, get_locale, to_user_timezone
from flask_babel import gettext as _


def until_words(until: datetime | None, now: datetime | None = None) -> str:
    """Returns the end of something in the reader's language and the area's time: "until December 1,
    14:00". Midnight is told as the end of the day before it; None as until further notice.

    until: UTC or aware. now: decides whether the year is said; None for the present.
    """
    if until is None:
        return str(_("until further notice"))
    local = to_user_timezone(until)
    if (local.hour, local.minute) == (0, 0):
        return str(_("until the end of %(day)s", day=_day(local - timedelta(minutes=1), now)))
    return str(_("until %(day)s, %(time)s", day=_day(local, now), time=_clock(local)))


def moment_words(at: datetime) -> str:
    """Returns a moment, UTC or aware: "December 1, 14:00"."""
    local = to_user_timezone(at)
    return str(_("%(day)s, %(time)s", day=_day(local, None), time=_clock(local)))


def last_day(until: datetime) -> str:
    """Returns the day whose last moment is just before a moment, UTC or aware: "November 30"."""
    return _day(to_user_timezone(until - timedelta(minutes=1)), None)


def _day(local: datetime, now: datetime | None) -> str:
    """Returns a day with its month's name. Its year is said where it is not this one."""
    if local.year != to_user_timezone(now or datetime.now(UTC)).year:
        return str(format_date(local, "long", rebase=False))
    found: Any = format_skeleton("MMMMd", local, locale=get_locale())
    return str(found)


def _clock(local: datetime) -> str:
    return str(format_time(local, "short", rebase=False))
