"""Writing letters: by the job when a period is over, or because somebody asks."""

from dataclasses import replace
from datetime import date, timedelta

from kit import log
from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import Refusal
from kit.requests import RequestKey, once
from services.insights.app import letter_mail
from services.insights.app.deps import Deps
from services.insights.app.feedback import unliked_until
from services.insights.app.letter_effects import (
    LOOK_BACK,
    SETTLES,
    Ask,
    Followed,
    followed,
    is_done,
    is_followed,
    look,
)
from services.insights.domain import letter as rules
from services.insights.domain.day_sales import untold_dates
from services.insights.domain.effect import MOST_AFTER
from services.insights.domain.letter import (
    Earlier,
    Letter,
    LetterKind,
    Period,
    Step,
    period_before,
)
from services.insights.domain.letter_rules import LEAST_DAYS, MOST, Seen, proposals
from services.insights.domain.letter_sales import KINDS, ShopSales, shop_sales
from services.insights.gateways.estimator import EstimatorDown
from services.insights.store import areas, figures, labels, series
from services.insights.store import letters as store

DAY = timedelta(days=1)


class NothingOver(Refusal):
    """No whole period with enough days is over yet."""


async def write_asked(deps: Deps, ask: Ask, key: RequestKey, area: str, kind: LetterKind) -> int:
    """Writes the letter of the newest period that is over, or finds it written; returns its number.

    Errors: NothingOver, EstimatorDown.
    """
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
    number = await write(deps, ask, area, kind, deps.clock.now().astimezone(state.zone).date())
    async with deps.db.transaction(area) as tx:

        async def answer() -> int:
            if number is None:
                raise NothingOver(
                    "No whole period with two weeks of figures is over yet. Wait for the first."
                )
            return number

        return await once(tx, key, int, answer)


async def refresh(deps: Deps, ask: Ask) -> int:
    """Writes the letters that are due in all areas and looks at the effects of what was done;
    returns how many letters were written. What fails in one area holds up no other."""
    async with deps.db.read(ALL_AREAS) as tx:
        known = await areas.living(tx)
    written = 0
    for area in known:
        try:
            written += await _refresh(deps, ask, area)
        except EstimatorDown as error:
            log.get("letters").warning("effects wait", area=area, error=str(error))
    return written


async def _refresh(deps: Deps, ask: Ask, area: str) -> int:
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = (deps.clock.now() - SETTLES).astimezone(state.zone).date()
        due = [
            kind for kind in LetterKind
            if await store.number_of(tx, kind, period_before(kind, today).first) is None
        ]  # fmt: skip
    await look(deps, ask, area)
    numbers = [await write(deps, ask, area, kind, today) for kind in due]
    return sum(number is not None for number in numbers)


async def write(deps: Deps, ask: Ask, area: str, kind: LetterKind, today: date) -> int | None:
    """Writes the letter of the newest period that was over on a day, unless it is written; returns
    its number, None where there are too few days for one. Errors: EstimatorDown."""
    period = period_before(kind, today)
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        known = await store.number_of(tx, kind, period.first)
        first = await figures.first_date(tx)
    if known is not None:
        return known
    if first is None or period.last - first < DAY * (LEAST_DAYS - 1):
        return None
    # In this order: the letter says what its own day knows.
    await look(deps, ask, area)
    async with deps.db.transaction(area) as tx:
        await store.lock(tx)
        known = await store.number_of(tx, kind, period.first)
        if known is not None:
            return known
        letter = await _letter(tx, kind, period, today, demo=state.demo)
        await store.write(tx, letter, deps.clock.now())
        await letter_mail.put(deps, tx, letter)
        return letter.number


async def _letter(
    tx: Transaction, kind: LetterKind, period: Period, today: date, *, demo: bool
) -> Letter:
    sealed = (await areas.read(tx)).sealed
    since = max(sealed.get(each, date.min) for each in KINDS)
    seen = Seen(
        period.before, period.seen_first, period.last,
        await series.days(tx, period.before, period.last),
        await series.hours(tx, period.before, period.last),
        await labels.read(tx), await unliked_until(tx, period.last),
        *await _sales(tx, period, since),
    )  # fmt: skip
    letters = [letter for letter, _digest, _at in await store.read_all(tx, LOOK_BACK)]
    decided = await store.decided(tx, letters)
    effects = await store.effects(tx)
    found = proposals(seen, rules.blocked(decided, today))
    acted = [followed(one, effects) for one in decided if is_followed(one)]
    return Letter(
        await store.newest(tx) + 1, kind, period.first.isoformat(), period.last.isoformat(),
        period.seen_first.isoformat(), found,
        rules.few_of(found, len(seen.window().dates), LEAST_DAYS, MOST),
        tuple(_earlier(one) for one in acted if one.effect and _is_news(one, period)),
        sum(not is_done(one.decided) for one in acted), demo,
    )  # fmt: skip


async def _sales(
    tx: Transaction, period: Period, since: date
) -> tuple[ShopSales, frozenset[date]]:  # fmt: skip
    """Returns the sales of shops, of a letter's dates and of those before, and the dates of these
    whose sales are not told (decision 0088). since: the first date whose single sales are kept."""
    first, last = period.before, period.last
    sums = await figures.totals(tx, first, last) | await figures.by_shop(tx, first, last)
    return shop_sales(await series.sales(tx, first, last), since), untold_dates(sums)


def _is_news(one: Followed, period: Period) -> bool:
    """Tells whether days of the letter's period, or later ones, can still say something of it."""
    held = one.decided.standing
    done = held.on_date if held and held.step is Step.DONE else None
    return done is not None and done + DAY * MOST_AFTER >= period.first


def _earlier(one: Followed) -> Earlier:
    held, effect = one.decided.standing, one.effect
    if held is None or held.on_date is None or effect is None:
        raise AssertionError("only what was done has an effect")
    # A letter tells it in words; the days are on the page of the action.
    return Earlier(
        one.decided.number,
        one.decided.proposal,
        held.owner,
        held.on_date.isoformat(),
        replace(effect, days=()),
    )
