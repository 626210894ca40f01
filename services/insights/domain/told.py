"""What a month of answers has told, which stays when the answers themselves are gone.

It is what its page tells: whole groups of ten, with chance (groups.py), in words and tens. So it
gives nothing away that the page has not.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from services.insights.domain.feedback import RatedStop, answers, rated_stops
from services.insights.domain.figures import Breakdown, Labels
from services.insights.domain.ratings import Heard
from services.insights.domain.replies import Reply


@dataclass(frozen=True)
class ToldMonth:
    """rating_count, reply_count, stops, questions: as domain.feedback.Feedback has them, stops
    without their names, which may change."""

    rating_count: int | None = None
    stops: tuple[RatedStop, ...] = ()
    reply_count: int = 0
    questions: tuple[tuple[str, Breakdown], ...] = ()


def told_month(ratings: Iterable[Heard], replies: Iterable[Reply]) -> ToldMonth:
    """Returns what answers tell. ratings, replies: of a month, in the order of hearing."""
    rating_count, stops = rated_stops(ratings, {})
    reply_count, questions = answers(replies)
    return ToldMonth(rating_count, stops, reply_count, questions)


def named(stops: Iterable[RatedStop], labels: Labels) -> tuple[RatedStop, ...]:
    """Returns stops with the names they have now."""
    return tuple(replace(stop, names=labels.get(("stop", stop.stop_code), {})) for stop in stops)
