"""What becomes of actions that were done: reckoned once a day until their days are over."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from kit.db import Transaction
from services.insights.app.deps import Deps
from services.insights.domain.day_sales import PAYMENT_KINDS, untold_dates
from services.insights.domain.effect import MOST_AFTER, MOST_BEFORE, Effect, Verdict
from services.insights.domain.fact import Dimension
from services.insights.domain.letter import Decided, Step
from services.insights.domain.proposal import SeriesKey
from services.insights.domain.sales import of_many
from services.insights.domain.series import DaySeries, by_shop, kinds_of, series_of, takes
from services.insights.domain.weather import Element
from services.insights.gateways.estimator import Question
from services.insights.store import areas, figures, imported, series
from services.insights.store import letters as store

DAY = timedelta(days=1)
LOOK_BACK = 60  # letters whose actions are followed; three months of both kinds are 17
SETTLES = timedelta(hours=5)  # after midnight: what is heard late of the last day is in by then

RAIN_KNOWN = 0.9  # of the days: others would be taken for as wet as those on average
WET = 10  # tenths of a millimetre, from which on JMA's tables count a day of rain

Ask = Callable[[Sequence[Question]], Awaitable[list[Effect]]]
Known = Mapping[tuple[int, str], tuple[date, date, Effect]]
_Asked = tuple[Question, frozenset[date]]  # and the dates whose figure is withheld


@dataclass(frozen=True)
class Followed:
    """An action that somebody accepted or did. effect: None until it was looked at."""

    decided: Decided
    effect: Effect | None


def is_followed(one: Decided) -> bool:
    """Tells whether somebody accepted or did it."""
    return one.standing is not None and one.standing.step in {Step.ACCEPTED, Step.DONE}


def followed(one: Decided, effects: Known) -> Followed:
    """Returns an action with what can be said of it."""
    known = effects.get((one.number, one.proposal.key))
    held = one.standing
    # What was reckoned for another day of the action says nothing of this one.
    fits = known is not None and held is not None and known[0] == held.on_date
    return Followed(one, known[2] if known and fits else None)


def is_done(one: Decided) -> bool:
    """Tells whether it was done."""
    return one.standing is not None and one.standing.step is Step.DONE


async def look(deps: Deps, ask: Ask, area: str) -> None:
    """Reckons what can be said of each action that was done, once a day until its days are over."""
    asked: list[tuple[Decided, date, _Asked | None]] = []
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        until = (deps.clock.now() - SETTLES).astimezone(state.zone).date() - DAY
        letters = [letter for letter, _digest, _at in await store.read_all(tx, LOOK_BACK)]
        decided = [one for one in await store.decided(tx, letters) if is_done(one)]
        kept = await store.effects(tx)
        for one in decided:
            done = one.standing.on_date if one.standing else None
            if done is None:
                continue
            last = min(until, done + DAY * MOST_AFTER)
            if kept.get((one.number, one.proposal.key), (None, None))[:2] != (done, last):
                asked.append((one, done, await _question(tx, one, done, last, decided)))
    if not asked:
        return
    questions = [question[0] for _one, _done, question in asked if question is not None]
    found = iter(await ask(questions) if questions else [])
    async with deps.db.transaction(area) as tx:
        for one, done, question in asked:
            effect = Effect(Verdict.NO_SERIES)
            if question is not None:
                effect = _hide(next(found), question[1])
            await store.keep_effect(
                tx, one.number, one.proposal.key, done, min(until, done + DAY * MOST_AFTER),
                effect, deps.clock.now(),
            )  # fmt: skip


async def _question(
    tx: Transaction, one: Decided, done: date, last: date, others: Sequence[Decided]
) -> _Asked | None:
    key = one.proposal.series
    if key is None:
        return None
    first = done - DAY * MOST_BEFORE
    sums = await series.of(tx, kinds_of(key), key.dimension, first, max(last, done))
    found = series_of(key, sums)
    if key.kind in PAYMENT_KINDS:
        told = await _of_many_shops(tx, key, found, done)
        if told is None:
            return None
        found = told
    touched = tuple(
        other.standing.on_date
        for other in others
        if other is not one and other.proposal.series == key
        and other.standing and other.standing.on_date
    )  # fmt: skip
    rain = await _rain(tx, found.values)
    return Question(found.values, done, last, found.comparison, touched, rain), found.withheld


async def _rain(tx: Transaction, values: Mapping[date, float]) -> dict[date, float] | None:
    """Returns 1 for each day with 1 mm of rain or more and 0 for others, as far as weather was
    imported; None where less than RAIN_KNOWN of the days have any."""
    if not values:
        return None
    weather = await imported.weather_by_date(tx, min(values), max(values))
    tenths = {on: weather[on].tenths(Element.PRECIPITATION) for on in values if on in weather}
    known = {on: float(each >= WET) for on, each in tenths.items() if each is not None}
    return known if len(known) >= RAIN_KNOWN * len(values) else None


async def _of_many_shops(
    tx: Transaction, key: SeriesKey, found: DaySeries, done: date
) -> DaySeries | None:  # fmt: skip
    """Returns a series of payments as its effect may be told: of the days whose sales are told; of
    a way to pay, of which no day is, only where its payments before and after are of many shops
    (decision 0088). None where nothing may be told."""
    if not found.values:
        return found
    first, last = min(found.values), max(found.values)
    if key.dimension is Dimension.TENDER:
        since = (await areas.read(tx)).sealed.get(key.kind, date.min)
        facts = await series.single(tx, key.kind, first, last)
        before, after = (
            by_shop(one for one in facts if takes(key, one) and (one.occur_date < done) is earlier)
            for earlier in (True, False)
        )  # fmt: skip
        if first < since or not before or not (of_many(before) and of_many(after)):
            return None
        return replace(found, withheld=frozenset(found.values))
    sums = await figures.totals(tx, first, last) | await figures.by_shop(tx, first, last)
    untold = untold_dates(sums)
    values = {on: value for on, value in found.values.items() if on not in untold}
    return replace(found, values=values)


def _hide(effect: Effect, withheld: frozenset[date]) -> Effect:
    """Returns an effect that draws no day that is withheld."""
    hidden = {on.isoformat() for on in withheld}
    days = tuple(replace(day, value=None) if day.on in hidden else day for day in effect.days)
    return replace(effect, days=days)
