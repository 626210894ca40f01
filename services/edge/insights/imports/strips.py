"""Which days and months are there: small strips in which gaps are seen, and told in words too."""

import calendar
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

from flask_babel import gettext as _

from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.insights.imports import words

MOST_MONTHS = 60  # that a strip shows
STEP, HEIGHT = 10, 18
GAPS_TOLD = 6


@dataclass(frozen=True)
class Month:
    """A month of a strip. full: 2 all of it is there, 1 part of it, 0 nothing."""

    x: int
    full: int
    hint: str


@dataclass(frozen=True)
class Strip:
    """A row of months. said: which are missing, in words."""

    months: Sequence[Month]
    first: str
    last: str
    said: str
    gapless: bool

    @property
    def width(self) -> int:
        """Of the drawing."""
        return max(1, len(self.months)) * STEP


def of_days(dates: Sequence[str]) -> Strip | None:
    """Returns the months of dates, each as full as it is; None for none."""
    if not dates:
        return None
    counted = Counter(text[:7] for text in dates)
    first, last = date.fromisoformat(dates[0]), date.fromisoformat(dates[-1])

    def fullness(month: str) -> tuple[int, str]:
        year, number = map(int, month.split("-"))
        begin = first.day if month == dates[0][:7] else 1
        end = last.day if month == dates[-1][:7] else calendar.monthrange(year, number)[1]
        most, count = end - begin + 1, counted[month]
        name = words.month_word(month)
        told = _("%(month)s: %(count)s of %(days)s days", month=name, count=count,
                 days=calendar.monthrange(year, number)[1])  # fmt: skip
        return (2 if count >= most else 1 if count else 0), told

    return _strip(dates[0][:7], dates[-1][:7], fullness)


def of_months(series: pb.MonthSeries) -> Strip | None:
    """Returns the months of a series; None for none."""
    there = set(series.months)
    if not there:
        return None

    def fullness(month: str) -> tuple[int, str]:
        name = words.month_word(month)
        return (2, name) if month in there else (0, _("%(month)s: missing", month=name))

    return _strip(min(there), max(there), fullness)


def _strip(first: str, last: str, fullness: Callable[[str], tuple[int, str]]) -> Strip:
    judged = [(name, *fullness(name)) for name in _between(first, last)]
    gaps = [hint for _name, full, hint in judged if full < 2]
    named = ", ".join(gaps[-GAPS_TOLD:]) + (" …" if len(gaps) > GAPS_TOLD else "")
    said = _("Gaps: %(list)s", list=named) if gaps else _("No gap.")
    shown = judged[-MOST_MONTHS:]
    months = [Month(n * STEP, full, hint) for n, (_name, full, hint) in enumerate(shown)]
    return Strip(months, words.month_word(shown[0][0]), words.month_word(last), said, not gaps)


def _between(first: str, last: str) -> list[str]:
    year, month = map(int, first.split("-"))
    found = []
    while (name := f"{year}-{month:02}") <= last:
        found.append(name)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return found
