"""Answering questions that staff put together."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.insights.app.deps import Deps
from services.insights.app.reading import read_sources
from services.insights.domain import narrowed
from services.insights.domain.day_sales import PAYMENT_KINDS, Reach, cell_of, told_to_analysts
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import DaySums, Labels, SourceState
from services.insights.domain.query import told
from services.insights.domain.query.answer import Answer, answer
from services.insights.domain.query.asked import By, Measure, Question, checked
from services.insights.domain.query.days import NO_WEATHER, DayFilter, Weather
from services.insights.domain.query.related import Related, related
from services.insights.domain.query.sensed import Sensed, SensedHour
from services.insights.domain.query.table import Span
from services.insights.domain.query.told import DayData
from services.insights.domain.sales import Consents
from services.insights.domain.span import DaySpan
from services.insights.domain.weather import Element, classes_of
from services.insights.store import areas, consents, imported, kpi_sums, labels, zones
from services.insights.store import query as store

KIND_OF = {
    Measure.PAGES: Kind.SCAN, Measure.PLANS: Kind.PLANNED, Measure.PLANNED_PEOPLE: Kind.PLANNED,
    Measure.ENTRIES: Kind.ADMITTED, Measure.SALES: Kind.CAPTURED, Measure.TAKINGS: Kind.CAPTURED,
}  # fmt: skip
MOST_AT_ONCE = 24  # a page of a month asks sixteen
_MONEY = {Measure.SALES, Measure.TAKINGS}
# Which rows of the days' tables an answer is made from. Languages hide one another over three.
_LANGUAGES = (Dimension.ASKED, Dimension.SERVED, Dimension.MISSED)
_DIMENSIONS: Mapping[By, Collection[Dimension]] = {
    By.LANGUAGE_ASKED: _LANGUAGES, By.LANGUAGE_MISSED: _LANGUAGES, By.STOP: (Dimension.STOP,),
    By.SPOT: (Dimension.CHOSEN,), By.LEFT_OUT: (Dimension.LEFT_OUT,),
    By.ORIGIN: (Dimension.ORIGIN,), By.GATE: (Dimension.SHOP,),
}  # fmt: skip


@dataclass(frozen=True)
class Answered:
    """An answer with what it rests on. begins: first date the measure was counted on."""

    question: Question
    answer: Answer
    labels: Labels
    begins: date | None
    sources: tuple[SourceState, ...]
    demo: bool


@dataclass(frozen=True)
class AnsweredTogether:
    """Two measures by day. left_out: days asked for that one of them does not tell."""

    found: Related
    left_out: int
    sources: tuple[SourceState, ...]
    demo: bool


async def ask(deps: Deps, area: str, question: Question) -> Answered:
    """Answers a question. Errors: InvalidFields."""
    (answered,) = await ask_many(deps, area, [question])
    return answered


async def ask_many(deps: Deps, area: str, questions: Sequence[Question]) -> list[Answered]:
    """Answers questions, all of one moment. Errors: InvalidFields."""
    if len(questions) > MOST_AT_ONCE:
        raise InvalidFields([("questions", f"give at most {MOST_AT_ONCE}")])
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = deps.clock.now().astimezone(state.zone).date()
        sound = [checked(question, today) for question in questions]
        begins, names = await _begins(tx, state.zone), await labels.read(tx)
        if any(question.by is By.ZONE for question in sound):
            for zone_id, place_id in (await zones.places(tx)).items():
                names["zone", zone_id] = names.get(("place", place_id), {})
        # For all as for marketing staff, as sales are (_sales).
        sources = narrowed.coarse(await read_sources(tx))
        answered = []
        for question in sound:
            days = await _read(deps, tx, question, question.span, state.zone)
            if question.other:
                days = {**days, **await _read(deps, tx, question, question.other, state.zone)}
            begin = begins.get(question.measure)
            weather = await _weather(tx, question)
            # Adding up takes a while, in which others want their day.
            found = await asyncio.to_thread(answer, question, days, begin, weather)
            answered.append(Answered(question, found, names, begin, sources, state.demo))
        return answered


async def _weather(tx: Transaction, question: Question) -> Weather:
    """Returns what the days were; nothing where the question does not ask."""
    if not (question.only.rain or By.RAIN in {question.by, question.then_by}):
        return NO_WEATHER
    first = min(question.span.first, (question.other or question.span).first)
    known = await imported.weather_by_date(tx, first, question.span.last)
    return {on: classes_of(day) for on, day in known.items()}


async def relate(
    deps: Deps,
    area: str,
    first: Measure | Element,
    second: Measure | Element,
    span: DaySpan,
    only: DayFilter,
) -> AnsweredTogether:
    """Compares two measures by day, of days that are over. Errors: InvalidFields."""
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = deps.clock.now().astimezone(state.zone).date()
        # Only days that are over: the running one has less of everything but the weather.
        question = checked(Question(Measure.PAGES, span, By.DAY, only=only), today)
        weather = await _weather(tx, question)
        chosen = [on for on in question.span.days() if on < today and only.takes(on, weather)]
        begins = await _begins(tx, state.zone)
        series = []
        for each in (first, second):
            if isinstance(each, Element):
                series.append(await _measured(tx, each, span, chosen))
                continue
            begin = begins.get(each, today)
            counted = [on for on in chosen if on >= begin]
            series.append(await _counted(deps, tx, each, span, counted, state.zone))
        found = related(*series)
        asked = {on for each in series for on in each}
        return AnsweredTogether(
            found, len(asked) - len(found.points),
            narrowed.coarse(await read_sources(tx)), state.demo,
        )  # fmt: skip


async def _counted(
    deps: Deps, tx: Transaction, measure: Measure, span: DaySpan, chosen: Sequence[date],
    zone: ZoneInfo,
) -> dict[date, float]:  # fmt: skip
    days = await _read(deps, tx, Question(measure, span, By.DAY), span, zone)
    return await asyncio.to_thread(_middles, measure, days, chosen)


def _middles(
    measure: Measure, days: Mapping[date, DayData], chosen: Sequence[date]
) -> dict[date, float]:
    figures = {on: told.whole(measure, days.get(on, DayData()), on) for on in chosen}
    return {on: (each.low + each.high) / 2 for on, each in figures.items() if each}


async def _measured(
    tx: Transaction, element: Element, span: DaySpan, chosen: Sequence[date]
) -> dict[date, float]:
    """Returns an element of the weather in tenths of its unit, of days that have it."""
    known = await imported.weather_by_date(tx, span.first, span.last)
    found = {on: known[on].tenths(element) for on in chosen if on in known}
    return {on: float(tenths) for on, tenths in found.items() if tenths is not None}


async def _begins(tx: Transaction, zone: ZoneInfo) -> dict[Measure, date]:
    """Returns the first date that each measure was counted on."""
    kinds = await kpi_sums.begins(tx)
    found = {measure: kinds[kind] for measure, kind in KIND_OF.items() if kind in kinds}
    for measure, kind in told.SENSED.items():
        first = await zones.first_hour(tx, kind)
        if first:
            found[measure] = first.astimezone(zone).date()
    return found


async def _read(
    deps: Deps, tx: Transaction, question: Question, span: DaySpan, zone: ZoneInfo
) -> dict[date, DayData]:
    if question.measure in told.SENSED:
        return await _sensed(tx, span, zone)
    if question.measure in _MONEY:
        return await _sales(deps, tx, span, zone)
    kinds = [KIND_OF[question.measure]]
    dimensions = [Dimension.TOTAL, *_DIMENSIONS.get(question.by, ())]
    by_date = await store.days(tx, span.first, span.last, kinds, dimensions)
    by_hour = (
        await store.hours(tx, span.first, span.last, kinds[0]) if question.by is By.HOUR else {}
    )
    today = deps.clock.now().astimezone(zone).date()
    return {
        on: DayData(by_date.get(on, {}), by_hour.get(on, {}), over=on < today)
        for on in by_date.keys() | by_hour.keys()
    }


async def _sales(deps: Deps, tx: Transaction, span: DaySpan, zone: ZoneInfo) -> dict[date, DayData]:
    """For all as for marketing staff: whoever keeps the books reads days in full elsewhere."""
    dimensions = (Dimension.TOTAL, Dimension.SHOP, Dimension.SPLIT_SALE, Dimension.ENDED)
    by_date = await store.days(tx, span.first, span.last, PAYMENT_KINDS, dimensions)
    given, today = await consents.read_all(tx), deps.clock.now().astimezone(zone).date()
    return await asyncio.to_thread(_told_sales, by_date, given, span, today)


def _told_sales(
    by_date: Mapping[date, DaySums], given: Consents, span: DaySpan, today: date
) -> dict[date, DayData]:
    return {
        on: DayData(
            sums := by_date.get(on, {}),
            sales_told=told_to_analysts(cell_of(sums, on), given, {}, over=on < today).reach
            is not Reach.NONE,
        )
        for on in span.days()
    }


async def _sensed(tx: Transaction, span: DaySpan, zone: ZoneInfo) -> dict[date, DayData]:
    start = datetime.combine(span.first, time(), zone)
    end = datetime.combine(span.last + timedelta(days=1), time(), zone)
    by_date: defaultdict[date, list[SensedHour]] = defaultdict(list)
    for row in await zones.hours_between(tx, start, end):
        known = row["kind"] in set(Sensed)
        if known and row["released_estimate"] >= K and row["estimate"] >= K:
            local = row["start_time"].astimezone(zone)
            ends = Span(row["low"], row["high"])
            hour = SensedHour(row["zone_id"], local.hour, ends, Sensed(row["kind"]))
            by_date[local.date()].append(hour)
    return {on: DayData(sensed=tuple(hours)) for on, hours in by_date.items()}
