"""A question as an address says it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from urllib.parse import urlencode

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights.query import words
from services.edge.insights.visitors.period import date_of
from services.edge.listed import listed
from services.edge.parts import locale
from services.edge.whole import read_whole

DAYS = 28  # each day of the week four times
LONG = 182  # days in which two measures have time to go together
MOST_DAYS = 400
TOGETHER = {"f-second", "f-from", "f-until"}  # what can be wrong where two are held together


@dataclass
class Asked:
    """What the form says. wrong: sentences by the id of their field. second: the other measure,
    where two are held against each other."""

    measure: int = pb.QUERY_MEASURE_PAGES
    second: int = pb.QUERY_MEASURE_ENTRIES
    by: int = pb.QUERY_BY_WEEKDAY
    then_by: int = pb.QUERY_BY_UNSPECIFIED
    compare: int = pb.QUERY_COMPARE_UNSPECIFIED
    first: date = date(2026, 1, 1)
    last: date = date(2026, 1, 1)
    weekdays: frozenset[int] = frozenset()
    kinds: frozenset[int] = frozenset()
    rain: frozenset[int] = frozenset()
    wrong: dict[str, str] = field(default_factory=dict)

    @property
    def address(self) -> str:
        """The question as the end of an address."""
        pairs = [
            ("measure", self.measure), ("by", self.by), ("then_by", self.then_by),
            ("compare", self.compare), ("from", self.first), ("until", self.last),
            *(("weekday", each) for each in sorted(self.weekdays)),
            *(("kind", each) for each in sorted(self.kinds)),
            *(("rain", each) for each in sorted(self.rain)),
        ]  # fmt: skip
        return urlencode([(name, value) for name, value in pairs if value != 0])

    @property
    def only(self) -> pb.DayFilter:
        """Which days."""
        return pb.DayFilter(
            weekdays=sorted(self.weekdays),
            day_kinds=sorted(self.kinds),  # type: ignore[arg-type] # numbers of the enums
            rain=sorted(self.rain),  # type: ignore[arg-type] # as above
        )

    @property
    def only_words(self) -> str:
        """The same in words; empty where every day is asked about. Weekdays and kinds both hold."""
        parts = [
            listed([words.weekday_word(each) for each in sorted(self.weekdays)], locale()),
            listed([str(words.DAY_KINDS[each]) for each in sorted(self.kinds)], locale()),
            listed([str(words.RAIN[each]) for each in sorted(self.rain)], locale()),
        ]
        return " / ".join(part for part in parts if part)

    def message(self) -> pb.AskRequest:
        """The question for the service."""
        return pb.AskRequest(
            measure=self.measure,  # type: ignore[arg-type] # numbers of the enums
            by=self.by, then_by=self.then_by, compare=self.compare,  # type: ignore[arg-type] # as above
            from_date=self.first.isoformat(), until_date=self.last.isoformat(), only=self.only,
        )  # fmt: skip


def read(args: "MultiDict[str, str]", today: date, days: int = DAYS) -> Asked:
    """Returns what an address asks for. days: how many until yesterday, where it says none."""
    last = _date(args, "until") or today - timedelta(days=1)
    measure = _known(args, "measure", words.MEASURES, pb.QUERY_MEASURE_PAGES)
    other = pb.QUERY_MEASURE_ENTRIES
    if measure == other:
        other = pb.QUERY_MEASURE_PAGES
    asked = Asked(
        measure=measure, second=_known(args, "second", words.COMPARABLE, other),
        by=_known(args, "by", range(pb.QUERY_BY_RAIN + 1), 0),
        then_by=_known(args, "then_by", words.COLUMNS, 0),
        compare=_known(args, "compare", words.COMPARED, 0),
        first=_date(args, "from") or last - timedelta(days=days - 1), last=last,
        weekdays=frozenset(n for n in map(_number, args.getlist("weekday")) if 1 <= n <= 7),
        kinds=frozenset(n for n in map(_number, args.getlist("kind")) if n in words.DAY_KINDS),
        rain=frozenset(n for n in map(_number, args.getlist("rain")) if n in words.RAIN),
    )  # fmt: skip
    _check(asked, today)
    return asked


def _check(asked: Asked, today: date) -> None:
    wrong = asked.wrong
    if asked.last < asked.first:
        wrong["f-until"] = _("Give a last day that is not before the first one.")
    elif (asked.last - asked.first).days >= MOST_DAYS:
        wrong["f-until"] = _("At most %(n)s days at once.", n=MOST_DAYS)
    elif asked.first > today:
        wrong["f-from"] = _("These days are still to come.")
    if not words.fits(asked.measure, asked.by):
        wrong["f-by"] = _(
            "“%(measure)s” cannot be told by this. Choose another measure or another split.",
            measure=words.MEASURES[asked.measure],
        )
    if asked.second == asked.measure:
        wrong["f-second"] = _("Choose another figure than the first one.")
    if asked.then_by and asked.then_by == asked.by:
        wrong["f-then_by"] = _("Choose something else than for the rows.")
    if asked.compare and (asked.then_by or asked.by in words.IN_TIME):
        wrong["f-compare"] = _(
            "To compare, choose no columns, and rows that both times have: not day, week or month."
        )


def _known(args: "MultiDict[str, str]", name: str, known: object, usual: int) -> int:
    number = _number(args.get(name, ""))
    return number if number in known else usual  # type: ignore[operator] # a container


def _number(text: str) -> int:
    return read_whole(text, 3) or 0


def _date(args: "MultiDict[str, str]", name: str) -> date | None:
    given = date_of(args, name)
    return given if given and given.year > 2000 else None  # a year before it has to be one as well
