"""What visitors said in a month: ratings by stop and language, and the survey.

A month and no other span: from overlapping spans small cells could be worked out. What is told of
ratings, and how, stands in ratings.py, and of replies in replies.py.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from kit.pure.suppression import K
from services.insights.domain import replies as told_replies
from services.insights.domain.figures import Breakdown, Cell, Labels, Names, SourceState
from services.insights.domain.ratings import Heard, Liking, Told, tell
from services.insights.domain.replies import Reply


@dataclass(frozen=True)
class RatedLanguage:
    """Ratings of a stop in one language. count: in whole tens."""

    locale: str
    count: int
    liking: Liking
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class RatedStop:
    """Ratings of a stop, by languages that are told; count is theirs."""

    stop_code: str
    names: Names
    count: int
    languages: tuple[RatedLanguage, ...]


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """A month. rating_count: of the texts that are told; None where none is. reply_count: of whole
    groups of ten. questions: those of which anything is told."""

    first: date
    over: bool
    demo: bool
    rating_count: int | None
    reply_count: int
    stops: tuple[RatedStop, ...]
    questions: tuple[tuple[str, Breakdown], ...]
    sources: tuple[SourceState, ...] = ()


def rated_stops(heard: Iterable[Heard], labels: Labels) -> tuple[int | None, tuple[RatedStop, ...]]:
    """Returns the number of ratings and the stops, least liked first. heard: in its order."""
    by_stop: defaultdict[str, list[RatedLanguage]] = defaultdict(list)
    for (stop, language), told in tell(heard).items():
        by_stop[stop].append(_language(language, told))
    stops = [
        RatedStop(
            stop,
            labels.get(("stop", stop), {}),
            sum(each.count for each in languages),
            tuple(sorted(languages, key=lambda each: (each.liking, each.locale))),
        )
        for stop, languages in by_stop.items()
    ]
    ordered = sorted(stops, key=lambda each: (each.languages[0].liking, each.stop_code))
    return sum(each.count for each in stops) or None, tuple(ordered)


def _language(language: str, told: Told) -> RatedLanguage:
    # What was withdrawn within a group may leave a few more than whole tens.
    return RatedLanguage(language, told.count // K * K, told.liking, told.complaints)


def answers(heard: Iterable[Reply]) -> tuple[int, tuple[tuple[str, Breakdown], ...]]:
    """Returns how many surveys are told, and each question with its options, chosen most first.

    heard: in its order. The n of each question is that of all surveys told.
    """
    told = told_replies.tell(heard)
    found = [
        (question, Breakdown(_cells(options.items()), told.count, K))
        for question, options in sorted(told.questions.items())
    ]
    return told.count, tuple(found)


def _cells(options: Iterable[tuple[str, int]]) -> tuple[Cell, ...]:
    ordered = sorted(options, key=lambda option: (-option[1], option[0]))
    return tuple(Cell(value, {}, count, 0, withheld=False) for value, count in ordered)
