"""Reading what visitors said in a month."""

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
        values = await figures.feedback_values(tx, first, last)
        heard = await figures.ratings_heard(tx, first, last)
        count, stops = feedback.rated_stops(heard, await labels.read(tx))
        return Feedback(
            first=first,
            over=last < today,
            demo=state.demo,
            rating_count=count,
            reply_count=feedback.reply_count(values),
            stops=stops,
            questions=feedback.answers(values),
            sources=await reading.read_sources(tx),
        )


def _first(month: str) -> date:
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise InvalidFields([("month", "give a month as YYYY-MM")]) from error
    if not reading.FIRST_YEAR <= first.year <= reading.LAST_YEAR or len(month) != len("YYYY-MM"):
        raise InvalidFields([("month", "give a month as YYYY-MM")])
    return first
