"""What stands out in a month, by rules simple enough to be said on the page.

FULL: the two hours in a row of a day of the week with the most people at gates (where nobody is
counted there, the most pages of the guide) per such day, of at least LEAST_GUESTS in all and half
as many again as two hours have on average. AND_QUIET: and of the shop's payments on that day of the
week, at least LEAST_SALES, the part in those hours is less than half the part of the guests.
APART: against the month before, guests and sales kept changed by APART points or more otherwise.
LANGUAGE: a language other than Japanese with LANGUAGE_SHARE percent or more of the pages that tell
a language, at least LEAST_VIEWS of them.
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from itertools import islice

from services.insights.domain.area_month import AreaMonth, Told, Totals, WeekHours
from services.insights.domain.own_month import OwnMonth

MOST = 2
LEAST_GUESTS, LEAST_SALES, LEAST_DAYS = 50, 10, 2
MUCH_FULLER = 1.5
LEAST_BEFORE, APART = 100, 10
LANGUAGE_SHARE, LEAST_VIEWS = 15, 100


class FindingKind(StrEnum):
    """Which rule."""

    FULL_AND_QUIET = "full_and_quiet"
    FULL = "full"
    APART = "apart"
    LANGUAGE = "language"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What stands out; fields that a rule does not use are 0. at_gates: the area's figure is people
    at gates, else pages of the guide."""

    kind: FindingKind
    weekday: int = 0
    hour: int = 0
    area_count: int = 0
    own_count: int = 0
    own_weekday_count: int = 0
    at_gates: bool = False
    area_percent: int = 0
    own_percent: int = 0
    locale: str = ""
    share_percent: int = 0


@dataclass(frozen=True)
class Before:
    """The month before. own_kept: None where the shop could not be counted yet."""

    area: Totals
    own_kept: int | None


def findings(
    area: AreaMonth, own: OwnMonth, before: Before, dates: Sequence[date]
) -> tuple[Finding, ...]:
    """Returns what stands out, at most two things. dates: those of the month that are over."""

    def found() -> Iterator[Finding]:
        yield from _fullest(area, own, dates)
        yield from _apart(area.totals, own, before)
        yield from _language(area)

    return tuple(islice(found(), MOST))


def _fullest(area: AreaMonth, own: OwnMonth, dates: Sequence[date]) -> Iterator[Finding]:
    at_gates = bool(area.gate_hours)
    hours = area.gate_hours if at_gates else area.guide_hours
    days = Counter(on.isoweekday() for on in dates)
    pairs = {
        (weekday, hour): _two(hours, weekday, hour)
        for weekday in days if days[weekday] >= LEAST_DAYS for hour in range(23)
    }  # fmt: skip
    a_day = {key: count / days[key[0]] for key, count in pairs.items() if count}
    if not a_day:
        return
    weekday, hour = max(a_day, key=lambda key: (a_day[key], -key[0], -key[1]))
    here = pairs[weekday, hour]
    if here < LEAST_GUESTS or a_day[weekday, hour] * len(a_day) < MUCH_FULLER * sum(a_day.values()):
        return
    sales: defaultdict[tuple[int, int], int] = defaultdict(int)
    sales.update({key: each.count for key, each in own.hours.items()})
    own_here = _two(sales, weekday, hour)
    own_day, area_day = _day(sales, weekday), _day(hours, weekday)
    quiet = own_day >= LEAST_SALES and 2 * own_here * area_day < here * own_day
    yield Finding(
        kind=FindingKind.FULL_AND_QUIET if quiet else FindingKind.FULL, weekday=weekday, hour=hour,
        area_count=here, own_count=own_here, own_weekday_count=own_day, at_gates=at_gates,
    )  # fmt: skip


def _two(hours: WeekHours, weekday: int, hour: int) -> int:
    return hours.get((weekday, hour), 0) + hours.get((weekday, hour + 1), 0)


def _day(hours: WeekHours, weekday: int) -> int:
    return sum(count for (day, _hour), count in hours.items() if day == weekday)


def _apart(area: Totals, own: OwnMonth, before: Before) -> Iterator[Finding]:
    at_gates = _is_known(area.admitted) and _is_known(before.area.admitted)
    now, then = (
        (area.admitted, before.area.admitted) if at_gates
        else (area.guide_views, before.area.guide_views)
    )  # fmt: skip
    if before.own_kept is None or before.own_kept < LEAST_SALES or then.value < LEAST_BEFORE:
        return
    if not (_is_known(now) and _is_known(then)):
        return
    guests, sales = _change(then.value, now.value), _change(before.own_kept, own.kept_count)
    if abs(guests - sales) >= APART:
        yield Finding(
            kind=FindingKind.APART, at_gates=at_gates, area_percent=guests, own_percent=sales
        )


def _is_known(told: Told) -> bool:
    """Sums with days left out would change by what is left out."""
    return told.value > 0 and told.untold_days == 0


def _change(before: int, now: int) -> int:
    return round(100 * (now - before) / before)


def _language(area: AreaMonth) -> Iterator[Finding]:
    foreign = [(locale, count) for locale, count in area.languages
               if locale not in {"ja", "und", "other"}]  # fmt: skip
    if not foreign or area.language_views < LEAST_VIEWS:
        return
    locale, count = foreign[0]
    share = round(100 * count / area.language_views)
    if share >= LANGUAGE_SHARE:
        yield Finding(
            kind=FindingKind.LANGUAGE, locale=locale, area_count=count, share_percent=share
        )
