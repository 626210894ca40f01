"""Reading what visitors said in a month."""

import asyncio
from calendar import monthrange
from collections.abc import Mapping
from datetime import date, datetime, timedelta

from kit.db import Transaction
from services.insights.app import keeping, reading
from services.insights.app.deps import Deps
from services.insights.domain import narrowed
from services.insights.domain import unliked as low
from services.insights.domain.fact import Kind
from services.insights.domain.feedback import Feedback
from services.insights.domain.ratings import Text
from services.insights.domain.told import named, told_month
from services.insights.domain.unliked import Unliked
from services.insights.store import areas, figures, labels


async def read_feedback(deps: Deps, area: str, month: str) -> Feedback:
    """Returns a month; "" is the running one of the area's own calendar. Errors: InvalidFields."""
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = deps.clock.now().astimezone(state.zone).date()
        first = reading.month_first(month) if month else today.replace(day=1)
        last = _last(first)
        told = await keeping.read_told(tx, first, state.is_sealed(Kind.ANSWERED, first))
        if told is None:
            ratings = await figures.ratings_heard(tx, first, last)
            replies = await figures.replies_heard(tx, first, last)
        names = await labels.read(tx)
        sources = narrowed.coarse(await reading.read_sources(tx))
    # Reading thousands and their chance takes a while, in which others read their day.
    if told is None:
        told = await asyncio.to_thread(told_month, ratings, replies)
    return Feedback(
        first=first,
        over=last < today,
        demo=state.demo,
        rating_count=told.rating_count,
        reply_count=told.reply_count,
        stops=named(told.stops, names),
        questions=told.questions,
        sources=sources,
    )


async def list_unliked(
    deps: Deps, area: str, since: Mapping[Text, datetime]
) -> tuple[Unliked, ...]:
    """Returns the texts that few like in this calendar month and the one before.

    since: of some texts, from when on ratings count.
    """
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        return await unliked_until(tx, deps.clock.now().astimezone(state.zone).date(), since)


async def unliked_until(
    tx: Transaction, last: date, since: Mapping[Text, datetime] | None = None
) -> tuple[Unliked, ...]:
    """Returns the texts that few like in the calendar month of a date and the one before: the same
    whole months that other pages tell, so that no two spans can be held against each other."""
    this = last.replace(day=1)
    before = (this - timedelta(days=1)).replace(day=1)
    months = [await figures.ratings_heard(tx, first, _last(first)) for first in (before, this)]
    return await asyncio.to_thread(low.unliked, months, since or {})


def _last(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])
