"""Sums of days as rules of letters see them."""

from collections.abc import Callable, Mapping
from datetime import date, timedelta

from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.letter_rules import Seen
from services.insights.domain.rollup import DayKey, HourKey, Measures
from services.insights.domain.unliked import Unliked

LAST = date(2026, 5, 31)
FIRST = date(2026, 5, 1)
BEFORE = date(2026, 4, 1)

Cells = Mapping[tuple[Kind, Dimension, str], int]


def seen(
    of_day: Callable[[date], Cells],
    hours: Callable[[date], Mapping[tuple[Kind, int], int]] = lambda _on: {},
    stops: Mapping[str, Mapping[str, str]] | None = None,
    unliked: tuple[Unliked, ...] = (),
    first: date = FIRST,
    *,
    practice: bool = False,
) -> Seen:
    """Returns May 2026 and the April before, each day as `of_day` says it."""
    dates = [BEFORE + timedelta(days=n) for n in range((LAST - BEFORE).days + 1)]
    days = {
        DayKey(on, kind, practice, dimension, value): Measures(count)
        for on in dates
        for (kind, dimension, value), count in of_day(on).items()
    }
    by_hour = {
        HourKey(on, hour, kind, practice): Measures(count, 0, count)
        for on in dates
        for (kind, hour), count in hours(on).items()
    }
    labels = {("stop", code): names for code, names in (stops or {}).items()}
    return Seen(BEFORE, first, LAST, days, by_hour, labels, unliked)


def scans(total: int, **missed: int) -> dict[tuple[Kind, Dimension, str], int]:
    """Returns a day of page views: those asked for in other languages were served in Japanese."""
    cells = {
        (Kind.SCAN, Dimension.TOTAL, ""): total,
        (Kind.SCAN, Dimension.ASKED, "ja"): total - sum(missed.values()),
        (Kind.SCAN, Dimension.SERVED, "ja"): total,
    }
    for tag, count in missed.items():
        cells[Kind.SCAN, Dimension.ASKED, tag] = count
        cells[Kind.SCAN, Dimension.MISSED, tag] = count
    return cells
