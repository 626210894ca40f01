"""Reading what visitors said in a month."""

import asyncio
from calendar import monthrange
from datetime import date

from kit.pure.errors import InvalidFields
from services.insights.app import reading
from services.insights.app.deps import Deps
from services.insights.domain import feedback
from services.insights.domain.feedback import Feedback
from services.insights.store import areas, figures, labels


async def read_feedback(deps: Deps, area: str, month: str) -> Feedback:
    """Returns a month; "" is the running one of the area's own calendar. Errors: InvalidFields."""
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        today = deps.clock.now().astimezone(state.zone).date()
        first = _first(month) if month else today.replace(day=1)
        last = first.replace(day=monthrange(first.year, first.month)[1])
        ratings = await figures.ratings_heard(tx, first, last)
        replies = await figures.replies_heard(tx, first, last)
        names = await labels.read(tx)
        sources = await reading.read_sources(tx)
    # The chance of thousands takes up to a second, in which others read their day.
    count, stops = await asyncio.to_thread(feedback.rated_stops, ratings, names)
    reply_count, questions = await asyncio.to_thread(feedback.answers, replies)
    return Feedback(
        first=first,
        over=last < today,
        demo=state.demo,
        rating_count=count,
        reply_count=reply_count,
        stops=stops,
        questions=questions,
        sources=sources,
    )


def _first(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise InvalidFields([("month", "give a month as YYYY-MM")]) from error
    if not reading.FIRST_YEAR <= first.year <= reading.LAST_YEAR or len(month) != len("YYYY-MM"):
        raise InvalidFields([("month", "give a month as YYYY-MM")])
    return first
