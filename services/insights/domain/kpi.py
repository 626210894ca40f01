"""What a KPI is: its settings, checked; its fiscal years; figures and how sure they are."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.insights.domain.lines import is_line

FIRST_YEAR, LAST_YEAR = 2000, 2098
YEAR_BEGINS = 4  # Japan's fiscal year: April to March
MOST_KPIS, MOST_COSTS, MOST_SHOPS = 60, 30, 100_000
MOST_EVER = 300  # KPIs, those no longer followed included
MOST_LOCALES = 16
MOST_VALUE = 10**15
MOST_NAME, MOST_OWNER, MOST_DEFINITION, MOST_NOTE, MOST_LABEL = 80, 80, 400, 200, 80
MONTHS = 12

_ID = re.compile(r"[a-z][a-z0-9_]{1,39}", re.ASCII)
_YEAR = re.compile(r"20[0-9]{2}", re.ASCII)
_MONTH = re.compile(r"20[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
_LOCALE = re.compile(r"[a-z]{2}(-[A-Z][a-z]{3})?", re.ASCII)


class Unit(StrEnum):
    """What a figure counts."""

    PERSONS = "persons"
    NIGHTS = "nights"
    REPLIES = "replies"
    VIEWS = "views"
    YEN = "yen"
    ITEMS = "items"
    DAYS = "days"


class Measure(StrEnum):
    """From which events a figure is counted; HAND: somebody enters it."""

    HAND = ""
    FOREIGN_ENTRIES = "foreign_entries"
    ENTRIES = "entries"
    SURVEY_REPLIES = "survey_replies"
    GUIDE_VIEWS = "guide_views"
    TAKINGS = "takings"
    PLANS = "plans"


UNIT_OF = {
    Measure.FOREIGN_ENTRIES: Unit.PERSONS, Measure.ENTRIES: Unit.PERSONS,
    Measure.SURVEY_REPLIES: Unit.REPLIES, Measure.GUIDE_VIEWS: Unit.VIEWS,
    Measure.TAKINGS: Unit.YEN, Measure.PLANS: Unit.DAYS,
}  # fmt: skip


class Certainty(StrEnum):
    """How sure a figure is: counted, between two bounds, as somebody entered it, or as an imported
    file says it."""

    EXACT = "exact"
    BOUNDED = "bounded"
    ENTERED = "entered"
    IMPORTED = "imported"


@dataclass(frozen=True)
class Figure:
    """A figure. high: the most it can be. months: how many whole ones it is made of; a counted
    month that has begun in its midst, or is not over, is none. untold_days: days that are not in it
    because they may not be told; a month with one is no whole one. The rest is of one that was
    entered or imported: who, when (ISO 8601, UTC) and from where; "" otherwise. import_number: 0
    unless imported."""

    value: int
    high: int
    certainty: Certainty
    months: int = 1
    entered_by: str = ""
    entered_time: str = ""
    source_note: str = ""
    untold_days: int = 0
    import_number: int = 0


@dataclass(frozen=True)
class Series:
    """Imported figures of months that a KPI takes its own from: of what, where, and of which months
    ("2025-04", both included); "" for all before or after."""

    measure: str
    place: str
    first_month: str = ""
    last_month: str = ""

    def holds(self, month: str) -> bool:
        """Tells whether a month is one that is taken."""
        return self.first_month <= month and (not self.last_month or month <= self.last_month)


@dataclass(frozen=True)
class Point:
    """A figure of a fiscal year, as a beginning or an aim."""

    fiscal_year: int
    value: int


@dataclass(frozen=True)
class KpiSettings:
    """What a KPI is; the same as the message of that name."""

    names: Mapping[str, str] = field(default_factory=dict)
    unit: Unit | None = None
    measure: Measure = Measure.HAND
    baseline: Point | None = None
    target: Point | None = None
    owner: str = ""
    definition: str = ""
    retired: bool = False
    series: Series | None = None


def check_id(kpi_id: str) -> None:
    """Errors: InvalidFields."""
    if not _ID.fullmatch(kpi_id):
        raise InvalidFields([("kpi_id", "2 to 40 lower-case letters, digits and underscores")])


def checked(given: KpiSettings) -> KpiSettings:
    """Returns the settings with blanks taken off. Errors: InvalidFields naming all wrong fields."""
    settings = replace(
        given, names={key: text.strip() for key, text in given.names.items() if text.strip()},
        owner=given.owner.strip(), definition=given.definition.strip(),
    )  # fmt: skip
    wrong = list(_wrong(settings))
    if wrong:
        raise InvalidFields(wrong)
    return settings


def _wrong(settings: KpiSettings) -> Iterator[tuple[str, str]]:
    yield from _wrong_names(settings.names)
    if settings.unit is None:
        yield "unit", "say what the figure counts"
    elif UNIT_OF.get(settings.measure, settings.unit) is not settings.unit:
        yield "unit", f"this is measured in {UNIT_OF[settings.measure].value}"
    if not is_line(settings.owner, MOST_OWNER):
        yield "owner", f"give one line of at most {MOST_OWNER} characters"
    if not is_line(settings.definition.replace("\n", " "), MOST_DEFINITION):
        yield "definition", f"give at most {MOST_DEFINITION} characters"
    yield from _wrong_points(settings.baseline, settings.target)
    if settings.series is not None:
        yield from _wrong_series(settings.series, settings.measure)


def _wrong_names(names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not names.keys() & {"ja", "en"}:
        yield "names", "give a name in Japanese or English"
    if len(names) > MOST_LOCALES:
        yield "names", f"give names in at most {MOST_LOCALES} languages"
    for locale, name in names.items():
        if not _LOCALE.fullmatch(locale) or not is_line(name, MOST_NAME):
            yield "names", f"give one line of at most {MOST_NAME} characters by locale"


def _wrong_points(baseline: Point | None, target: Point | None) -> Iterator[tuple[str, str]]:
    for name, point in (("baseline", baseline), ("target", target)):
        if point and not (is_year(point.fiscal_year) and 0 <= point.value <= MOST_VALUE):
            yield name, f"give a year from {FIRST_YEAR} to {LAST_YEAR} and a figure from 0"
    if baseline and target and target.fiscal_year <= baseline.fiscal_year:
        yield "target", "give a year after that of the baseline"


def _wrong_series(series: Series, measure: Measure) -> Iterator[tuple[str, str]]:
    if measure is not Measure.HAND:
        yield "series", "a figure is counted from events or imported, not both"
    for name, month in (("first_month", series.first_month), ("last_month", series.last_month)):
        if month and not _MONTH.fullmatch(month):
            yield f"series.{name}", "give a month, as 2025-04"
    if series.first_month and series.last_month and series.first_month > series.last_month:
        yield "series.last_month", "give a month not before the first"


def is_year(year: int) -> bool:
    """Tells whether a fiscal year can be named."""
    return FIRST_YEAR <= year <= LAST_YEAR


def year_of(on: date) -> int:
    """Returns the fiscal year of a date."""
    return on.year if on.month >= YEAR_BEGINS else on.year - 1


def dates_of(year: int) -> tuple[date, date]:
    """Returns the first and the last date of a fiscal year."""
    return date(year, YEAR_BEGINS, 1), date(year + 1, YEAR_BEGINS, 1) - timedelta(days=1)


def months_of(year: int) -> tuple[str, ...]:
    """Returns the months of a fiscal year, such as "2026-05"."""
    numbers = [(YEAR_BEGINS - 1 + offset) % 12 + 1 for offset in range(MONTHS)]
    return tuple(f"{year + (number < YEAR_BEGINS)}-{number:02}" for number in numbers)


def year_of_period(period: str) -> int | None:
    """Returns the fiscal year that a year or month is in; None for what names neither."""
    if _YEAR.fullmatch(period) and is_year(int(period)):
        return int(period)
    if _MONTH.fullmatch(period):
        year = year_of(date.fromisoformat(f"{period}-01"))
        return year if is_year(year) else None
    return None


def first_day(period: str) -> date:
    """Returns the date a period begins on; it must name one."""
    if "-" in period:
        return date.fromisoformat(f"{period}-01")
    return dates_of(int(period))[0]


def last_day(period: str) -> date:
    """Returns the date a period ends on; it must name one."""
    if "-" not in period:
        return dates_of(int(period))[1]
    return (first_day(period) + timedelta(days=31)).replace(day=1) - timedelta(days=1)
