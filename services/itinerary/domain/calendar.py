"""Days, Japanese holidays and opening hours. No clock, no I/O.

Opening hours are written in a subset of the OpenStreetMap notation, with one addition for the
closed weekday that moves when it is a holiday. Rules are separated by ";"; on a given day the last
rule that matches decides. No matching rule means closed.

    24/7
    Mar-Nov 08:30-18:30; Dec-Feb 08:30-17:30
    09:00-17:00; Mo off (PH: next day); Dec 28-Jan 04 off
    10:00-15:00; Sa,Su,PH 10:00-20:00; Tu[3] off
    24/7; 2026 Feb 11 08:00-15:00 off          (closed for a part of one day)
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import Enum
from itertools import pairwise
from zoneinfo import ZoneInfo

from kit.pure.public_holidays import is_public_holiday

MINUTES_PER_DAY = 1440
MAX_TEXT = 500
MAX_MOVE_DAYS = 14  # no run of holidays and weekends in Japan is longer

_WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTH = "|".join(_MONTHS)
_DAY = rf"(?:([0-9]{{4}}) )?({_MONTH})(?: ([0-9]{{1,2}}))?"
_DATES = re.compile(rf"{_DAY}(?:-{_DAY})?")
_WEEKDAY = re.compile(rf"({'|'.join(_WEEKDAYS)})(?:-({'|'.join(_WEEKDAYS)})|\[([1-5]|-1)\])?")
_HOLIDAYS = re.compile("PH")
_SPAN = re.compile(r"([0-9]{1,2}):([0-9]{2})-([0-9]{1,2}):([0-9]{2})")
_MOVE = re.compile(r" off \(PH: (next day|next workday)\)$")

IsHoliday = Callable[[date], bool]


class OpeningError(ValueError):
    """Text that is not opening hours in the notation above; the message quotes the part."""


class Move(Enum):
    """Where a closed day goes that falls on a holiday."""

    NONE = "stays closed"
    NEXT_DAY = "next day"
    NEXT_WORKDAY = "next workday"


@dataclass(frozen=True)
class Span:
    """A part of a day in minutes after local midnight; close_minute may pass 1,440."""

    open_minute: int
    close_minute: int


@dataclass(frozen=True)
class DayHours:
    """When something is open on one day. decided_by: the rule that decided, "" for none."""

    spans: tuple[Span, ...]
    decided_by: str


def instant(day: date, minute: int, zone: str) -> datetime:
    """Returns the UTC instant `minute` minutes of wall clock after local midnight of a day."""
    days, rest = divmod(minute, MINUTES_PER_DAY)
    wall = datetime.combine(day + timedelta(days=days), time(rest // 60, rest % 60))
    return wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def minute_of_day(moment: datetime, day: date, zone: str) -> int:
    """Returns the wall-clock minute of an aware instant counted from local midnight of a day.

    Negative before that day, 1,440 and more after it. Seconds are cut off.
    """
    local = moment.astimezone(ZoneInfo(zone))
    return (local.date() - day).days * MINUTES_PER_DAY + local.hour * 60 + local.minute


@dataclass(frozen=True)
class _Dates:
    """Dates from (month, day) to (month, day), over New Year where the end is before the start."""

    start: tuple[int, int, int]  # year or 0, month, day
    end: tuple[int, int, int]

    def matches(self, day: date) -> bool:
        if self.start[0]:
            return self.start <= (day.year, day.month, day.day) <= self.end
        here, first, last = (day.month, day.day), self.start[1:], self.end[1:]
        return first <= here <= last if first <= last else here >= first or here <= last


@dataclass(frozen=True)
class _Weekday:
    """One weekday, or only the nth of a month; nth -1 is the last, 0 every one."""

    weekday: int
    nth: int

    def matches(self, day: date) -> bool:
        if day.weekday() != self.weekday:
            return False
        if self.nth == -1:
            return (day + timedelta(days=7)).month != day.month
        return self.nth in (0, (day.day - 1) // 7 + 1)


@dataclass(frozen=True)
class _Rule:
    text: str
    dates: tuple[_Dates, ...]
    weekdays: tuple[_Weekday, ...]
    on_holidays: bool
    off: bool
    move: Move
    spans: tuple[Span, ...]

    def matches(self, day: date, is_holiday: IsHoliday) -> bool:
        if self.move is Move.NONE:
            return self._selects(day, is_holiday)
        if self._selects(day, is_holiday) and not is_holiday(day):
            return True
        return any(
            is_holiday(origin)
            and self._selects(origin, is_holiday)
            and self._moved_to(origin, is_holiday) == day
            for origin in (day - timedelta(days=n) for n in range(1, MAX_MOVE_DAYS))
        )

    def _selects(self, day: date, is_holiday: IsHoliday) -> bool:
        if self.dates and not any(dates.matches(day) for dates in self.dates):
            return False
        if not self.weekdays and not self.on_holidays:
            return True
        return any(weekday.matches(day) for weekday in self.weekdays) or (
            self.on_holidays and is_holiday(day)
        )

    def _moved_to(self, origin: date, is_holiday: IsHoliday) -> date:
        target = origin + timedelta(days=1)
        if self.move is Move.NEXT_WORKDAY:
            while is_holiday(target) or target.weekday() >= 5:
                target += timedelta(days=1)
        return target

    def apply(self, before: tuple[Span, ...]) -> tuple[Span, ...]:
        if not self.off:
            return self.spans
        return without(before, self.spans) if self.spans else ()


@dataclass(frozen=True)
class OpeningHours:
    """Parsed opening hours. Make with parse()."""

    text: str
    _rules: tuple[_Rule, ...]

    @classmethod
    def parse(cls, text: str) -> "OpeningHours":
        """Reads opening hours in the notation of this module. Errors: OpeningError."""
        if len(text) > MAX_TEXT:
            raise OpeningError(f"longer than {MAX_TEXT} characters")
        parts = [part.strip() for part in text.split(";")]
        if not all(parts):
            raise OpeningError(f"an empty rule in {text!r}")
        return cls(text, tuple(_parse_rule(part) for part in parts))

    def on(self, day: date, is_holiday: IsHoliday = is_public_holiday) -> DayHours:
        """Returns the opening spans of one day, in order, and the rule that decided."""
        spans: tuple[Span, ...] = ()
        decided_by = ""
        for rule in self._rules:
            if rule.matches(day, is_holiday):
                spans, decided_by = rule.apply(spans), rule.text
        return DayHours(spans, decided_by)


def without(spans: tuple[Span, ...], holes: tuple[Span, ...]) -> tuple[Span, ...]:
    """Returns spans with every minute of the holes cut out; empty pieces are dropped."""
    for hole in holes:
        pieces = []
        for span in spans:
            pieces.append(Span(span.open_minute, min(span.close_minute, hole.open_minute)))
            pieces.append(Span(max(span.open_minute, hole.close_minute), span.close_minute))
        spans = tuple(piece for piece in pieces if piece.open_minute < piece.close_minute)
    return spans


def _parse_rule(text: str) -> _Rule:
    rest, move = text, Move.NONE
    if found := _MOVE.search(rest):
        rest, move = rest[: found.start()] + " off", Move(found[1])
    off = rest == "off" or rest.endswith(" off")
    words = rest.removesuffix("off").strip() if off else rest
    selectors, spans = _split_times(words)
    if not off and not spans:
        raise OpeningError(f"no times in {text!r}")
    dates, weekdays, on_holidays = _parse_selectors(selectors, text)
    if move is not Move.NONE and (not weekdays or spans):
        raise OpeningError(f"only a closed weekday can move: {text!r}")
    return _Rule(text, dates, weekdays, on_holidays, off, move, spans)


def _split_times(text: str) -> tuple[str, tuple[Span, ...]]:
    selectors, _, times = text.rpartition(" ")
    if times == "24/7":
        return selectors, (Span(0, MINUTES_PER_DAY),)
    if not _SPAN.match(times):
        return text, ()
    return selectors, _parse_spans(times)


def _parse_spans(text: str) -> tuple[Span, ...]:
    spans = []
    for part in text.split(","):
        found = _SPAN.fullmatch(part)
        if not found:
            raise OpeningError(f"not a span of time: {part!r}")
        opens, closes = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
        if int(found[2]) > 59 or int(found[4]) > 59 or opens >= MINUTES_PER_DAY:
            raise OpeningError(f"not a time of day: {part!r}")
        # 00:00-00:00 in municipal files means all day; 18:00-02:00 ends after midnight.
        spans.append(Span(opens, closes if closes > opens else closes + MINUTES_PER_DAY))
    spans.sort(key=lambda span: span.open_minute)
    if spans[-1].close_minute > 2 * MINUTES_PER_DAY or any(
        one.close_minute > other.open_minute for one, other in pairwise(spans)
    ):
        raise OpeningError(f"spans overlap or end too late: {text!r}")
    return tuple(spans)


def _parse_selectors(text: str, rule: str) -> tuple[tuple[_Dates, ...], tuple[_Weekday, ...], bool]:
    dates: list[_Dates] = []
    weekdays: list[_Weekday] = []
    on_holidays = False
    position = 0
    while position < len(text):
        if found := _DATES.match(text, position):
            dates.append(_parse_dates(found, rule))
        elif found := _WEEKDAY.match(text, position):
            weekdays.extend(_parse_weekdays(found))
        elif found := _HOLIDAYS.match(text, position):
            on_holidays = True
        else:
            raise OpeningError(f"cannot read {text[position:]!r} in {rule!r}")
        position = found.end()
        if position < len(text):
            if text[position] not in ", ":
                raise OpeningError(f"cannot read {text[position:]!r} in {rule!r}")
            position += 1
    return tuple(dates), tuple(weekdays), on_holidays


def _parse_weekdays(found: re.Match[str]) -> list[_Weekday]:
    first = _WEEKDAYS.index(found[1])
    if found[2]:
        last = _WEEKDAYS.index(found[2])
        return [_Weekday((first + n) % 7, 0) for n in range((last - first) % 7 + 1)]
    return [_Weekday(first, int(found[3] or 0))]


def _parse_dates(found: re.Match[str], rule: str) -> _Dates:
    year, month, day, last_year, last_month, last_day = found.groups()
    start = (int(year or 0), _MONTHS.index(month) + 1, int(day or 1))
    if last_month:
        whole = int(last_day or 31)
        end = (int(last_year or year or 0), _MONTHS.index(last_month) + 1, whole)
    else:
        end = (start[0], start[1], int(day or 31))
    if bool(start[0]) != bool(end[0]) or (start[0] and end < start):
        raise OpeningError(f"the dates are not a range: {rule!r}")
    if not all(_is_day(*point) for point in (start, (end[0], end[1], int(last_day or day or 1)))):
        raise OpeningError(f"no such date: {rule!r}")
    return _Dates(start, end)


def _is_day(year: int, month: int, day: int) -> bool:
    try:
        date(year or 2024, month, day)  # 29 February exists in a rule without a year
    except ValueError:
        return False
    return True
