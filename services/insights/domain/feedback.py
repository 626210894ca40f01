"""What visitors said in a month: ratings by stop and language, and the survey.

A month and no other span: from overlapping spans small cells could be worked out. Ratings make two
lines, one within the other: stops within all, languages within a stop that is told. Of a cell that
is told the share of good ones is rounded to tenths, which says how a text is liked and not who.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kit.pure.suppression import K, release_line
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import HOME, Breakdown, Cell, Labels, Names, SourceState

GOOD = "good"
Values = Mapping[tuple[Kind, Dimension, str], int]  # sums of a month
Faces = Mapping[str, int]


@dataclass(frozen=True)
class RatedLanguage:
    """Ratings of a stop in one language. count, good_tenths: None when withheld."""

    locale: str
    count: int | None
    good_tenths: int | None
    reasons: tuple[Cell, ...] = ()


@dataclass(frozen=True)
class RatedStop:
    """Ratings of a stop. count, good_tenths: None when withheld; then no language is told."""

    stop_code: str
    names: Names
    count: int | None
    good_tenths: int | None
    languages: tuple[RatedLanguage, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Feedback:
    """A month. rating_count: None for fewer than K."""

    first: date
    over: bool
    demo: bool
    rating_count: int | None
    reply_count: int
    stops: tuple[RatedStop, ...]
    questions: tuple[tuple[str, Breakdown], ...]
    sources: tuple[SourceState, ...] = ()


def rated_stops(values: Values, labels: Labels) -> tuple[int | None, tuple[RatedStop, ...]]:
    """Returns the number of ratings and the stops, least liked first."""
    by_stop: defaultdict[str, dict[str, dict[str, int]]] = defaultdict(dict)
    for (stop, language, face), count in _net(values, Dimension.FACE).items():
        by_stop[stop].setdefault(language, {})[face] = count
    complaints = _net(values, Dimension.COMPLAINT)
    line = release_line({stop: _sum(faces) for stop, faces in by_stop.items()})
    stops = [
        RatedStop(stop, labels.get(("stop", stop), {}), None, None)
        if line.cells[stop] is None
        else _stop(stop, by_stop[stop], complaints, labels)
        for stop in by_stop
    ]
    return line.total, tuple(
        sorted(stops, key=lambda each: (_liking(each.good_tenths), each.stop_code))
    )


def _stop(
    stop: str,
    by_language: Mapping[str, Faces],
    complaints: Mapping[tuple[str, str, str], int],
    labels: Labels,
) -> RatedStop:
    line = release_line({each: sum(faces.values()) for each, faces in by_language.items()})
    languages = [
        RatedLanguage(language, None, None)
        if count is None
        else RatedLanguage(
            language,
            count,
            _tenths(by_language[language]),
            _reasons(stop, language, complaints),
        )
        for language, count in line.cells.items()
    ]
    together: defaultdict[str, int] = defaultdict(int)
    for faces in by_language.values():
        for face, count in faces.items():
            together[face] += count
    return RatedStop(
        stop,
        labels.get(("stop", stop), {}),
        _sum(by_language),
        _tenths(together),
        tuple(sorted(languages, key=lambda each: (_liking(each.good_tenths), each.locale))),
    )


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


def _reasons(
    stop: str, language: str, complaints: Mapping[tuple[str, str, str], int]
) -> tuple[Cell, ...]:
    found = [
        Cell(reason, {}, count, 0, withheld=False)
        for (of_stop, of_language, reason), count in complaints.items()
        if (of_stop, of_language) == (stop, language) and count >= K
    ]
    return tuple(sorted(found, key=lambda cell: (-cell.count, cell.value)))


def _net(values: Values, dimension: Dimension) -> dict[tuple[str, str, str], int]:
    """Returns what was given less what was withdrawn, by stop, language and face or reason.

    What was withdrawn may be heard a moment before what was given.
    """
    sums: defaultdict[tuple[str, str, str], int] = defaultdict(int)
    for (kind, of, value), count in values.items():
        if of is dimension:
            stop, language, last = value.split("/", 2)
            sums[stop, language, last] += count if kind is Kind.RATED else -count
    return {key: count for key, count in sums.items() if count > 0}


def _sum(by_language: Mapping[str, Faces]) -> int:
    return sum(sum(faces.values()) for faces in by_language.values())


def _tenths(faces: Faces) -> int:
    whole = sum(faces.values())
    return (20 * faces.get(GOOD, 0) + whole) // (2 * whole)  # half a tenth counts up


def _liking(good_tenths: int | None) -> int:
    return 11 if good_tenths is None else good_tenths
