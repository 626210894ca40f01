"""Reading figures."""

from collections import defaultdict
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.db import Row, Transaction
from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.insights.app.closes import read_closes
from services.insights.app.deps import Deps
from services.insights.domain import figures, narrowed
from services.insights.domain.agreement import DayAgreement, Said, compare
from services.insights.domain.day_sales import SalesTold, cell_of, told_to_analysts
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import (
    Day,
    DaySums,
    Labels,
    SourceState,
    Visitors,
    ZoneHour,
    ZoneLevel,
)
from services.insights.domain.rollup import by_date
from services.insights.domain.span import DaySpan, RangeFigures, day_totals
from services.insights.store import areas, labels, sources, zones
from services.insights.store import consents as store_of_consents
from services.insights.store import figures as sums

RANGE_DAYS_MAX = 400
FIRST_YEAR, LAST_YEAR = 2000, 2099
SERVICES = ("directory", "itinerary", "multilingual", "payments", "visitor_sense")


async def read_today(deps: Deps, area: str, *, books: bool) -> Day:
    """Returns the running day of the area's own calendar. books: to whoever keeps them, here and
    below; others are told of sales what domain.day_sales lets."""
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        return await _day(deps, tx, deps.clock.now().astimezone(state.zone).date(), books=books)


async def read_day(deps: Deps, area: str, date_text: str, *, books: bool) -> Day:
    """Returns one day. Errors: InvalidFields."""
    on = _date("date", date_text)
    async with deps.db.read(area) as tx:
        return await _day(deps, tx, on, books=books)


async def read_range(
    deps: Deps, area: str, from_text: str, until_text: str, *, books: bool
) -> RangeFigures:
    """Returns the totals of each day of a range. Errors: InvalidFields."""
    span = span_of(from_text, until_text)
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        found = await sums.totals(tx, span.first, span.last)
        kept = by_date(found)
        days = tuple(day_totals(kept.get(on, {}), on) for on in span.days())
        if not books:
            told = await _told(deps, tx, span, found)
            days = tuple(narrowed.totals(day, told(day.on)) for day in days)
        heard = await read_sources(tx)
        return RangeFigures(
            days=days,
            demo=state.demo,
            first_date=await sums.first_date(tx),
            sources=heard if books else narrowed.coarse(heard),
        )


async def read_agreement(
    deps: Deps, area: str, from_text: str, until_text: str, *, books: bool
) -> tuple[DayAgreement, ...]:
    """Returns exact totals of each date that has any. Errors: InvalidFields."""
    span = span_of(from_text, until_text)
    async with deps.db.read(area) as tx:
        known = await sums.totals(tx, span.first, span.last)
        kept = by_date(known)
        said: defaultdict[date, dict[tuple[str, str], int]] = defaultdict(dict)
        for row in await sources.totals(tx, span.first, span.last):
            said[row["business_date"]][row["service"], row["measure"]] = row["said"]
        closes = await read_closes(tx, span, await areas.read(tx))
        told = None if books else await _told(deps, tx, span, known)
    none: Said = {}
    found = tuple(
        compare(kept.get(on, {}), on, said.get(on, none), closes.get(on, ()))
        for on in sorted(kept.keys() | said.keys() | closes.keys())
    )
    return tuple(narrowed.agreement(day, told(day.on)) for day in found) if told else found


async def _told(
    deps: Deps, tx: Transaction, span: DaySpan, totals: DaySums
) -> Callable[[date], SalesTold]:
    """Returns what may be told of the sales of each date, without names of shops."""
    consents = await store_of_consents.read_all(tx)
    today = deps.clock.now().astimezone((await areas.read(tx)).zone).date()
    kept = by_date({**totals, **await sums.by_shop(tx, span.first, span.last)})

    def told(on: date) -> SalesTold:
        cell = cell_of(kept.get(on, {}), on)
        return told_to_analysts(cell, consents, {}, over=on < today)

    return told


async def _day(deps: Deps, tx: Transaction, on: date, *, books: bool) -> Day:
    state = await areas.read(tx)
    known, names = await sums.day(tx, on), await labels.read(tx)
    over = deps.clock.now().astimezone(state.zone).date() > on
    found = Day(
        on=on,
        time_zone=state.zone.key,
        over=over,
        demo=state.demo,
        scans=figures.scans(known, on, names),
        live=figures.payments(known, on, names, practice=False),
        practice=figures.payments(known, on, names, practice=True),
        visitors=await _visitors(tx, on, state.zone, names, known),
        plans=figures.plans(known, on, names),
        hours=figures.hour_totals(await sums.hours(tx, on), on),
        sources=await read_sources(tx),
        late_count=await sums.late_count(
            tx, on, [kind for kind in Kind if state.is_sealed(kind, on)], sales=books
        ),
    )
    if not over:
        found = narrowed.running(found)
    if books:
        return found
    shops = {key: names for (kind, key), names in names.items() if kind == "place"}
    consents = await store_of_consents.read_all(tx)
    return narrowed.day(found, told_to_analysts(cell_of(known, on), consents, shops, over=over))


async def _visitors(
    tx: Transaction, on: date, zone: ZoneInfo, names: Labels, known: figures.DaySums
) -> Visitors:
    start = datetime.combine(on, time(), zone)
    end = datetime.combine(on + timedelta(days=1), time(), zone)
    return Visitors(
        zone_hours=tuple(
            _zone_hour(row, names) for row in await zones.hours_between(tx, start, end)
        ),
        levels=tuple(
            ZoneLevel(
                row["zone_id"],
                names.get(("place", row["place_id"]), {}),
                row["level"],
                row["as_of_time"],
            )
            for row in await zones.levels(tx)
        ),
        admitted_count=figures.total(known, Kind.ADMITTED, on).persons,
        by_origin=figures.breakdown(known, Kind.ADMITTED, Dimension.ORIGIN, names, persons=True),
        by_gate=figures.breakdown(known, Kind.ADMITTED, Dimension.SHOP, names, persons=True),
    )


def _zone_hour(row: Row, names: Labels) -> ZoneHour:
    # The owner withholds by released_estimate; K is asked again because it is our page.
    hidden = row["released_estimate"] < K or row["estimate"] < K
    return ZoneHour(
        zone_id=row["zone_id"],
        names=names.get(("place", row["place_id"]), {}),
        start_time=row["start_time"],
        estimate=0 if hidden else row["estimate"],
        low=0 if hidden else row["low"],
        high=0 if hidden else row["high"],
        kind=row["kind"],
        method=row["method"],
        withheld=hidden,
    )


async def read_sources(tx: Transaction) -> tuple[SourceState, ...]:
    """Returns how fresh each service's events are."""
    known = {row["service"]: row for row in await sources.read(tx)}
    return tuple(
        SourceState(
            service,
            known[service]["last_occur_time"],
            known[service]["last_heard_time"],
            known[service]["event_count"],
        )
        if service in known
        else SourceState(service)
        for service in SERVICES
    )


def _date(field: str, text: str) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise InvalidFields([(field, "give a date as YYYY-MM-DD")]) from error
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise InvalidFields([(field, f"give a year from {FIRST_YEAR} to {LAST_YEAR}")])
    return day


def span_of(from_text: str, until_text: str) -> DaySpan:
    """Returns the days from one date to another. Errors: InvalidFields."""
    first, last = _date("from_date", from_text), _date("until_date", until_text)
    if last < first:
        raise InvalidFields([("until_date", "give a date that is not before from_date")])
    if (last - first).days >= RANGE_DAYS_MAX:
        raise InvalidFields([("until_date", f"give at most {RANGE_DAYS_MAX} days")])
    return DaySpan(first, last)


def month_first(month: str) -> date:
    """Returns the first day of a month given as YYYY-MM. Errors: InvalidFields."""
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise InvalidFields([("month", "give a month as YYYY-MM")]) from error
    if not FIRST_YEAR <= first.year <= LAST_YEAR or len(month) != len("YYYY-MM"):
        raise InvalidFields([("month", "give a month as YYYY-MM")])
    return first
