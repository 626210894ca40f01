"""Which days a page is about, as its address says; what is no date is taken as not given."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from services.edge.whole import read_whole

SPANS = ("day", "week", "month", "year")
WEEK = 7
MOST_DAYS = 31  # of one answer of visitor sensing


@dataclass(frozen=True)
class Period:
    """Some local days in a row, at most a year."""

    first: date
    days: int
    zone: ZoneInfo

    @property
    def last(self) -> date:
        """The last day, included."""
        return self.first + timedelta(days=self.days - 1)

    @property
    def begin(self) -> datetime:
        """The first moment, in UTC."""
        return _midnight(self.first, self.zone)

    @property
    def end(self) -> datetime:
        """The first moment after it, in UTC."""
        return _midnight(self.last + timedelta(days=1), self.zone)

    @property
    def dates(self) -> list[date]:
        """All days."""
        return [self.first + timedelta(days=number) for number in range(self.days)]

    def hours(self) -> Iterator[datetime]:
        """Yields the first moment of each hour, in local time."""
        moment = self.begin
        while moment < self.end:
            yield moment.astimezone(self.zone)
            moment += timedelta(hours=1)

    def parts(self) -> Iterator["Period"]:
        """Yields it in parts that visitor sensing answers at once."""
        for begin in range(0, self.days, MOST_DAYS):
            yield Period(
                self.first + timedelta(days=begin), min(MOST_DAYS, self.days - begin), self.zone
            )

    def shifted(self, days: int) -> "Period":
        """Returns as many days, later or earlier."""
        return Period(self.first + timedelta(days=days), self.days, self.zone)


def span_of(args: Mapping[str, str]) -> str:
    """Returns day, week, month or year."""
    found = args.get("span", "")
    return found if found in SPANS else "week"


def period_of(span: str, on: date, zone: ZoneInfo) -> Period:
    """Returns the day, the week from Monday, the month or the year that a day is in."""
    if span == "year":
        first = on.replace(month=1, day=1)
        return Period(first, (date(on.year + 1, 1, 1) - first).days, zone)
    if span == "month":
        return Period(on.replace(day=1), monthrange(on.year, on.month)[1], zone)
    if span == "week":
        return Period(on - timedelta(days=on.weekday()), WEEK, zone)
    return Period(on, 1, zone)


def around(period: Period) -> tuple[date, date]:
    """Returns a day of the period before and one of the period after."""
    return period.first - timedelta(days=1), period.last + timedelta(days=1)


def date_of(args: Mapping[str, str], name: str) -> date | None:
    """Returns a date of the address, None where there is none."""
    try:
        given = date.fromisoformat(args.get(name, ""))
    except ValueError:
        return None
    return given if 2000 <= given.year < 2100 else None


def days_of(args: Mapping[str, str]) -> int:
    """Returns how many days are compared, 1 to 31; a week where nothing sensible is said."""
    number = read_whole(args.get("days", ""))
    return WEEK if number is None else min(max(number, 1), MOST_DAYS)


def _midnight(on: date, zone: ZoneInfo) -> datetime:
    return datetime(on.year, on.month, on.day, tzinfo=zone).astimezone(UTC)
