"""Opening hours as rows that people fill in, and in the notation of the contract.

One row says when (dates, days of the week, holidays) and what holds then: open from to, or closed.
Of several rows that fit a day the last one decides. Not every text in the notation is such rows;
then only the notation is shown.
"""

import re
from calendar import monthrange
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from services.edge.studio.timetables.clock import plain

WEEKDAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
HOLIDAY = "PH"
DAYS = (*WEEKDAYS, HOLIDAY)
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
OPEN, CLOSED, NEXT_DAY, NEXT_WORKDAY = "open", "closed", "next-day", "next-workday"
KINDS = (OPEN, CLOSED, NEXT_DAY, NEXT_WORKDAY)
EVERY = "0"
NTHS = (EVERY, "1", "2", "3", "4", "5", "-1")
MOST_ROWS = 14
ALL_DAY = "24/7"
ALL_DAY_SHOWN = "0:00-24:00"
LEAP_YEAR = 2024

_OFF = {"off": CLOSED, "off (PH: next day)": NEXT_DAY, "off (PH: next workday)": NEXT_WORKDAY}
_MONTH = "|".join(MONTHS)
_DAY = rf"(?:([0-9]{{4}}) )?({_MONTH})(?: ([0-9]{{1,2}}))?"
_DATES = re.compile(rf"{_DAY}(?:-{_DAY})?")
_WEEKDAY = re.compile(rf"({'|'.join(WEEKDAYS)})(?:-({'|'.join(WEEKDAYS)})|\[([1-5]|-1)\])?")
_SPANS = re.compile(
    r"[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2}(?:,[0-9]{1,2}:[0-9]{2}-[0-9]{1,2}:[0-9]{2})*"
)
_TYPED_DATE = re.compile(
    r"(?:([0-9]{4})[-/.年])?([0-9]{1,2})(?:月(?:([0-9]{1,2})日?)?|[-/.]([0-9]{1,2}))?"
)
_TYPED_SPAN = re.compile(
    r"([0-9]{1,2})(?:[:.時]([0-9]{2})?分?)?[-~〜～–—ー―から]+([0-9]{1,2})(?:[:.時]([0-9]{2})?分?)?(?:まで)?"
)


class RowError(ValueError):
    """What was typed into a row cannot be read. part: first, last, days or times."""

    def __init__(self, part: str) -> None:
        super().__init__(part)
        self.part = part


@dataclass
class Row:
    """One row as typed. days: of WEEKDAYS, and HOLIDAY; none for every day. nth: of NTHS."""

    first: str = ""
    last: str = ""
    days: tuple[str, ...] = ()
    nth: str = EVERY
    kind: str = OPEN
    times: str = ""

    @property
    def is_empty(self) -> bool:
        """Tells whether nothing was typed into it."""
        return not (self.first or self.last or self.days or self.times) and self.kind == OPEN


def write(rows: Sequence[Row]) -> tuple[str, dict[int, str]]:
    """Returns rows in the notation, and by number of the row which part of it cannot be read."""
    rules, wrong = [], {}
    for number, row in enumerate(rows):
        if row.is_empty:
            continue
        try:
            rules.append(_rule(row))
        except RowError as error:
            wrong[number] = error.part
    return "; ".join(rules), wrong


def read(text: str) -> list[Row] | None:
    """Returns the rows of a text in the notation; None where rows cannot say the same."""
    rows: list[Row] = []
    for rule in filter(None, (each.strip() for each in text.split(";"))):
        found = _rows(rule)
        if found is None:
            return None
        rows += found
    return rows if len(rows) <= MOST_ROWS else None


def _rule(row: Row) -> str:
    dates = _dates(row.first, row.last)
    days = _days(row)
    selectors = " ".join(each for each in (dates, days) if each)
    if row.kind == OPEN:
        return " ".join(each for each in (selectors, _times(row.times)) if each)
    if row.kind == CLOSED and row.times.strip():
        return f"{selectors} {_times(row.times)} off".strip()
    if not selectors:
        raise RowError("days")
    if row.kind in (NEXT_DAY, NEXT_WORKDAY) and row.times.strip():
        raise RowError("times")
    off = next(word for word, kind in _OFF.items() if kind == row.kind)
    return f"{selectors} {off}"


def _days(row: Row) -> str:
    days = [day for day in WEEKDAYS if day in row.days]
    holiday = HOLIDAY in row.days
    if row.nth != EVERY:
        if row.nth not in NTHS or not days:
            raise RowError("days")
        told = [f"{day}[{row.nth}]" for day in days]
    elif len(days) == len(WEEKDAYS):
        return ""  # every day: holidays are among them
    else:
        told = _ranges(days)
    return ",".join([*told, *([HOLIDAY] if holiday else [])])


def _ranges(days: Sequence[str]) -> list[str]:
    """Returns weekdays with three and more in a row as a range."""
    told: list[list[str]] = []
    for day in days:
        at = WEEKDAYS.index(day)
        if told and WEEKDAYS.index(told[-1][-1]) == at - 1:
            told[-1].append(day)
        else:
            told.append([day])
    return [
        part
        for run in told
        for part in ([f"{run[0]}-{run[-1]}"] if len(run) > 2 else run)
    ]  # fmt: skip


def _times(text: str) -> str:
    spans = []
    for part in filter(None, re.split(r"[,、;；\s]+", plain(text))):
        if part in (ALL_DAY, "24時間", "終日", "24h"):
            return ALL_DAY
        found = _TYPED_SPAN.fullmatch(part)
        if found is None:
            raise RowError("times")
        hours = [int(found[n] or 0) for n in (1, 2, 3, 4)]
        if hours[1] > 59 or hours[3] > 59 or hours[0] > 23 or hours[2] > 30:
            raise RowError("times")
        spans.append("{:02d}:{:02d}-{:02d}:{:02d}".format(*hours))
    if not spans:
        raise RowError("times")
    if spans in (["00:00-24:00"], ["00:00-00:00"]):
        return ALL_DAY
    return ",".join(spans)


def _dates(first: str, last: str) -> str:
    begin, end = _date(first, "first"), _date(last, "last")
    if begin is None and end is None:
        return ""
    if begin is None:
        raise RowError("first")
    if end is None:
        end = begin
    if bool(begin[0]) != bool(end[0]):
        if end[0] or not begin[0]:
            raise RowError("last")
        end = (begin[0], *end[1:])
    one, other = (begin[0], begin[1], begin[2] or 1), (end[0], end[1], end[2] or _end_of(end))
    if one[0] and other < one:
        raise RowError("last")
    whole = not one[0] and one[2] == 1 and other[2] == _end_of(end)
    if whole:
        months = (MONTHS[one[1] - 1], MONTHS[other[1] - 1])
        return months[0] if months[0] == months[1] else "-".join(months)
    return _written(one) if one == other else f"{_written(one)}-{_written(other)}"


def _date(text: str, part: str) -> tuple[int, int, int] | None:
    """Returns year (0 for every), month and day (0 for all of the month)."""
    typed = plain(text).replace(" ", "")
    if not typed:
        return None
    found = _TYPED_DATE.fullmatch(typed)
    if found is None:
        raise RowError(part)
    point = (int(found[1] or 0), int(found[2]), int(found[3] or found[4] or 0))
    try:
        date(point[0] or LEAP_YEAR, point[1], point[2] or 1)
    except ValueError as error:
        raise RowError(part) from error
    return point


def _end_of(point: tuple[int, int, int]) -> int:
    return monthrange(point[0] or LEAP_YEAR, point[1])[1]


def _written(point: tuple[int, int, int]) -> str:
    year = f"{point[0]} " if point[0] else ""
    return f"{year}{MONTHS[point[1] - 1]} {point[2]:02d}"


def _rows(rule: str) -> list[Row] | None:
    """Returns the rows that mean what one rule means; None where there are none."""
    rest, kind = rule, OPEN
    for word, off in _OFF.items():
        if rest == word or rest.endswith(f" {word}"):
            rest, kind = rest[: -len(word)].strip(), off
    selectors, _, times = rest.rpartition(" ")
    if times != ALL_DAY and not _SPANS.fullmatch(times):
        selectors, times = rest, ""
    if (kind == OPEN) != bool(times) and kind != CLOSED:
        return None
    parts = _selected(selectors)
    if parts is None:
        return None
    dates, days = parts
    shown = _shown_times(times)
    return [
        Row(first, last, chosen, nth, kind, shown)
        for first, last in dates or [("", "")]
        for nth, chosen in days.items() or [(EVERY, ())]
    ]


def _selected(text: str) -> tuple[list[tuple[str, str]], dict[str, tuple[str, ...]]] | None:
    dates: list[tuple[str, str]] = []
    days: dict[str, list[str]] = {}
    on_holidays = False
    for part in _parts(text):
        if found := _DATES.fullmatch(part):
            dates.append(_shown_dates(found))
        elif found := _WEEKDAY.fullmatch(part):
            first = WEEKDAYS.index(found[1])
            count = (WEEKDAYS.index(found[2]) - first) % 7 + 1 if found[2] else 1
            days.setdefault(found[3] or EVERY, []).extend(
                WEEKDAYS[(first + n) % 7] for n in range(count)
            )
        elif part == HOLIDAY:
            on_holidays = True
        else:
            return None
    if on_holidays:
        days.setdefault(EVERY if EVERY in days or not days else next(iter(days)), []).append(
            HOLIDAY
        )
    return dates, {nth: tuple(dict.fromkeys(chosen)) for nth, chosen in days.items()}


def _parts(text: str) -> Iterable[str]:
    """Gives what selectors consist of: dates have spaces of their own."""
    position = 0
    while position < len(text):
        found = _DATES.match(text, position) or re.compile(r"[^, ]+").match(text, position)
        if found is None:
            yield text[position:]
            return
        yield found[0]
        position = found.end()
        if position < len(text) and text[position] not in ", ":
            yield text[position:]
            return
        position += 1


def _shown_dates(found: re.Match[str]) -> tuple[str, str]:
    year, month, day, last_year, last_month, last_day = found.groups()
    first = (int(year or 0), MONTHS.index(month) + 1, int(day or 1))
    if last_month:
        end = (int(last_year or year or 0), MONTHS.index(last_month) + 1, int(last_day or 0))
    else:
        end = (first[0], first[1], int(day or 0))
    last = (end[0], end[1], end[2] or _end_of(end))
    return _shown(first), _shown(last) if last != first else ""


def _shown(point: tuple[int, int, int]) -> str:
    year = f"{point[0]}-" if point[0] else ""
    return f"{year}{point[1]:02d}-{point[2]:02d}" if year else f"{point[1]}/{point[2]}"


def _shown_times(text: str) -> str:
    if text == ALL_DAY:
        return ALL_DAY_SHOWN
    return ", ".join(
        "-".join(each.removeprefix("0") if each[0] == "0" and len(each) == 5 else each
                 for each in span.split("-"))
        for span in filter(None, text.split(","))
    )  # fmt: skip
