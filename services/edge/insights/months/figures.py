"""What a month or a year is made of: questions, each with its answer ready to be drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import islice

from flask_babel import gettext as _

from meguri.insights.v1 import query_service_pb2 as pb
from services.edge.insights import charts
from services.edge.insights.query import calls, drawn, words
from services.edge.insights.query.asked import Asked
from services.edge.insights.query.drawn import View

PAGES, PLANS, ENTRIES, TAKINGS = (
    pb.QUERY_MEASURE_PAGES, pb.QUERY_MEASURE_PLANS, pb.QUERY_MEASURE_ENTRIES,
    pb.QUERY_MEASURE_TAKINGS,
)  # fmt: skip
MEASURES = (ENTRIES, PAGES, PLANS, TAKINGS)
ICONS: Mapping[int, str] = {PAGES: "qr", PLANS: "route", ENTRIES: "ticket", TAKINGS: "card"}
ROWS = 8  # of a list on a page; the whole of it is one tap away


@dataclass(frozen=True)
class Card:
    """A question with its answer."""

    title: str
    icon: str
    asked: Asked
    found: pb.AskResponse
    view: View

    @property
    def address(self) -> str:
        """Where the whole answer is, to be asked on from."""
        return f"/insights/query?{self.asked.address}"


@dataclass(frozen=True)
class Month:
    """A calendar month. last: its last day that may be asked about."""

    first: date
    last: date
    over: bool

    @property
    def before(self) -> str:
        """The month before, as in addresses."""
        return f"{self.first - timedelta(days=1):%Y-%m}"

    @property
    def after(self) -> str:
        """The month after."""
        return f"{next_month(self.first):%Y-%m}"


def next_month(first: date) -> date:
    """Returns the first day of the month after that of a first day."""
    return (first + timedelta(days=31)).replace(day=1)


def month_of(text: str, today: date) -> Month | None:
    """Returns a month of an address, None where it is none or still to come."""
    try:
        first = date.fromisoformat(f"{text}-01")
    except ValueError:
        return None
    if not 2001 <= first.year < 2099 or first > today:
        return None
    last = next_month(first) - timedelta(days=1)
    return Month(first, min(last, today), last < today)


@dataclass(frozen=True)
class Wanted:
    """A question that a page asks. rows: how many at most are shown."""

    asked: Asked
    title: str = ""
    rows: int | None = None


def answered(wanted: Sequence[Wanted]) -> list[Card]:
    """Asks all at once, and returns the answers."""
    answers = calls.ask_all(each.asked for each in wanted)
    return [_card(each, found) for each, found in zip(wanted, answers, strict=True)]


def _card(wanted: Wanted, found: pb.AskResponse) -> Card:
    view = drawn.view(wanted.asked, found)
    if wanted.rows is not None:
        more = view.more + max(0, len(view.rows) - wanted.rows)
        view = replace(view, rows=view.rows[: wanted.rows], more=more)
    measure = wanted.asked.measure
    title = wanted.title or str(words.MEASURES[measure])
    return Card(title, ICONS[measure], wanted.asked, found, view)


def of_month(month: Month) -> dict[str, object]:
    """Returns what the page of a month is made of."""

    def of(measure: int, by: int = 0, then_by: int = 0, compare: int = 0) -> Asked:
        return Asked(
            measure=measure, by=by, then_by=then_by, compare=compare, first=month.first,
            last=month.last,
        )  # fmt: skip

    tiles = [Wanted(of(measure, compare=pb.QUERY_COMPARE_YEAR_BEFORE)) for measure in MEASURES]
    days = [Wanted(of(measure, pb.QUERY_BY_DAY)) for measure in MEASURES]
    hours = [
        Wanted(of(measure, pb.QUERY_BY_HOUR, pb.QUERY_BY_WEEKDAY)) for measure in (ENTRIES, PAGES)
    ]
    lists = [
        Wanted(of(measure, by), title, ROWS)
        for measure, by, title in (
            (PAGES, pb.QUERY_BY_LANGUAGE_ASKED, _("Languages asked for")),
            (PAGES, pb.QUERY_BY_LANGUAGE_MISSED, _("Languages asked for and not there")),
            (ENTRIES, pb.QUERY_BY_ORIGIN, _("Where guests come from")),
            (PAGES, pb.QUERY_BY_STOP, _("Most opened stops")),
            (PLANS, pb.QUERY_BY_SPOT, _("Spots in day plans")),
            (PLANS, pb.QUERY_BY_LEFT_OUT, _("Wished for and left out")),
        )
    ]
    cards = iter(answered([*tiles, *days, *hours, *lists]))

    def told(count: int) -> list[Card]:
        return [card for card in islice(cards, count) if card.view.rows]

    return {
        "tiles": list(islice(cards, len(tiles))),
        "days": [card for card in told(len(days)) if card.view.chart],
        # Of people where there are any, else of pages.
        "hours": next(iter(told(len(hours))), None),
        "lists": told(len(lists)),
    }


@dataclass(frozen=True)
class YearRow:
    """A month of a year beside that of the year before. text: empty where nothing was counted."""

    month: str
    name: str
    text: str
    before: str
    change: str


@dataclass(frozen=True)
class YearCard:
    """A measure over a year."""

    title: str
    icon: str
    method: str
    chart: charts.Chart
    rows: Sequence[YearRow]
    left_out: int


def of_year(year: int, today: date) -> Iterator[YearCard]:
    """Yields the measures of a year that were counted in it or in the one before."""
    wanted = [_of_year(m, each, today) for m in MEASURES for each in (year, year - 1)]
    cards = iter(answered(wanted))
    for measure in MEASURES:
        now, before = _by_month(next(cards)), _by_month(next(cards))
        if not any(cell.day_count for cell in (*now.values(), *before.values())):
            continue
        money = measure in words.MONEY
        sums = [now[n].low if n in now else 0 for n in range(1, 13)]
        names = [words.value_word(pb.QUERY_BY_MONTH, f"{year}-{n:02}-01", {}) for n in range(1, 13)]
        rows = [_year_row(year, n, names[n - 1], now, before, money=money) for n in range(1, 13)]
        hints = [f"{row.name}: {row.text}" for row in rows]
        yield YearCard(
            str(words.MEASURES[measure]), ICONS[measure], str(words.METHODS[measure]),
            charts.columns([max(0, n) for n in sums], [str(n) for n in range(1, 13)], hints),
            rows, sum(cell.day_count - cell.told_day_count for cell in now.values()),
        )  # fmt: skip


def _of_year(measure: int, year: int, today: date) -> Wanted:
    last = min(date(year, 12, 31), today)
    return Wanted(Asked(measure=measure, by=pb.QUERY_BY_MONTH, first=date(year, 1, 1), last=last))


def _by_month(card: Card) -> dict[int, pb.AskedCell]:
    return {int(row.value[5:7]): row.whole for row in card.found.rows if row.whole.day_count}


def _year_row(
    year: int, n: int, name: str, now: dict[int, pb.AskedCell], before: dict[int, pb.AskedCell], *,
    money: bool,
) -> YearRow:  # fmt: skip
    here, there = now.get(n), before.get(n)

    def text(cell: pb.AskedCell | None) -> str:
        told = cell is not None and cell.told_day_count > 0
        return drawn.span_text((cell.low, cell.high), money=money) if cell and told else "–"

    # Of the running month, of one that counting began in and of days left out the days differ.
    change = drawn.change(_a_day(here), _a_day(there)) if here and there and here.high else ""
    return YearRow(f"{year}-{n:02}", name, text(here), text(there), change)


def _a_day(cell: pb.AskedCell) -> tuple[float, float]:
    days = max(cell.told_day_count, 1)
    return cell.low / days, cell.high / days
