"""What visitors said in a month: ratings by stop and language, and the survey.

A month and no other span: from overlapping spans small cells could be worked out. What is told of
ratings, and how, stands in ratings.py.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from kit.pure.suppression import K, release_line
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import HOME, Breakdown, Cell, Labels, Names, SourceState
from services.insights.domain.ratings import Heard, Liking, Told, tell

Values = Mapping[tuple[Kind, Dimension, str], int]  # sums of a month


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
    """A month. rating_count: of the texts that are told; None where none is."""

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


def answers(values: Values) -> tuple[tuple[str, Breakdown], ...]:
    """Returns each question that was answered with its line of options.

    Prefectures are a part of those who come from here: where their number is withheld, so are all
    prefectures, whose sum would tell it.
    """
    counts: defaultdict[str, dict[str, int]] = defaultdict(dict)
    for (_, dimension, value), count in values.items():
        if dimension is Dimension.ANSWER:
            question, _, option = value.partition("/")
            counts[question][option] = count
    lines = {question: release_line(options) for question, options in counts.items()}
    home = [line.cells[HOME] for line in lines.values() if HOME in line.cells]
    nothing = Breakdown(suppression_k=K, withheld=True)
    found = []
    for question, line in sorted(lines.items()):
        is_part = any(option.startswith(f"{HOME}-") for option in line.cells)
        hidden = line.total is None or (is_part and None in home)
        found.append((question, nothing if hidden else _breakdown(line.cells, line.total or 0)))
    return tuple(found)


def reply_count(values: Values) -> int:
    """Returns how many surveys were filled in, in whole multiples of K.

    Beside the number of answers to a question, the exact one would tell how many left it out.
    """
    return values.get((Kind.ANSWERED, Dimension.TOTAL, ""), 0) // K * K


def _breakdown(cells: Mapping[str, int | None], n: int) -> Breakdown:
    made = [Cell(value, {}, count or 0, 0, count is None) for value, count in cells.items()]
    ordered = sorted(made, key=lambda cell: (cell.withheld, -cell.count, cell.value))
    return Breakdown(tuple(ordered), n, K)
