"""Whether what is closed for a time is closed at a moment: from its beginning until its end.

The beginning belongs to it, the end does not: at twelve o'clock a place that is closed until twelve
is open. end None: until further notice. Times are aware. Devices without a network judge by the
same rule: gate/static/closed.js and visitor/static/pack/worker.js of the edge.
"""

from collections.abc import Iterable
from datetime import datetime


def is_over(end: datetime | None, at: datetime) -> bool:
    """Tells whether the end is past at a moment."""
    return end is not None and end <= at


def is_closed(begin: datetime, end: datetime | None, at: datetime) -> bool:
    """Tells whether it is closed at a moment."""
    return begin <= at and not is_over(end, at)


def next_change(spans: Iterable[tuple[datetime, datetime | None]], at: datetime) -> datetime | None:
    """Returns when the next of some closures begins or ends by itself, None for never."""
    moments = [moment for span in spans for moment in span if moment is not None]
    return min((moment for moment in moments if moment > at), default=None)
