"""Months in which facts were said: each has a part of the store of its own.

A month is that of the event's id in UTC, which never changes; the date a fact is counted under
may, with the time zone of its area.
"""

from collections.abc import Iterable
from datetime import UTC, date, datetime

FIRST = date(2020, 1, 1)  # nothing was said before there was anything to say it
AHEAD = 2  # months after the running one that are ready before anybody needs them


def month_of(event_id: str) -> date | None:
    """Returns the first day of the month in which an event was said; None where its id is no
    UUIDv7 and tells nothing, or a time that no calendar has. event_id: with dashes."""
    if event_id[14] != "7":
        return None
    try:
        moment = datetime.fromtimestamp(int(event_id[:8] + event_id[9:13], 16) / 1000, UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return date(moment.year, moment.month, 1)


def plus(month: date, months: int) -> date:
    """Returns the first day of the month so many months later, or earlier."""
    count = month.year * 12 + month.month - 1 + months
    return date(count // 12, count % 12 + 1, 1)


def ahead(now: datetime) -> list[date]:
    """Returns the months that are to be ready at a moment: the running one and those after it."""
    this = now.astimezone(UTC).date().replace(day=1)
    return [plus(this, number) for number in range(AHEAD + 1)]


def expected(event_ids: Iterable[str], now: datetime) -> list[date]:
    """Returns the months of events that get a part of their own, in order; and the neighbor of one
    that begins or ends within a minute of them.

    Whatever else comes, by a clock that is years ahead or an id of another kind, lies apart
    from all months: it may not make thousands of parts.
    """
    # By the digits that count minutes; both ends of one that spans two months, for few do.
    minutes = {event_id[:8] + event_id[14] for event_id in event_ids}
    found = {
        month_of(f"{each[:8]}-{end}-{each[8]}") for each in minutes for end in ("0000", "ffff")
    }
    last = ahead(now)[-1]
    return sorted(month for month in found if month is not None and FIRST <= month <= last)
