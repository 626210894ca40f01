"""Daily figures that actions are judged by, and those they are compared with.

Nothing goes in that a day's own page does not tell: of a language that is withheld on a day, and of
fewer than ten people, five are reckoned and nothing is drawn.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from kit.pure.suppression import K
from services.insights.domain.fact import DatedFact, Dimension, Kind
from services.insights.domain.figures import total
from services.insights.domain.letter_rules import told_missed
from services.insights.domain.proposal import SeriesKey
from services.insights.domain.rollup import DayKey, Measures, by_date
from services.insights.domain.span import day_totals

WITHHELD_AS = K / 2
# A day on which nothing of this kind was heard says nothing: the place was shut, or nobody counted.
PRESENT = {Kind.DECLINED: Kind.CAPTURED}

Cells = Mapping[tuple[Kind, Dimension, str], int]


@dataclass(frozen=True)
class DaySeries:
    """A figure by day. withheld: dates whose figure is not told. comparison: by day, None where
    the area has nothing that the action leaves alone."""

    values: Mapping[date, float] = field(default_factory=dict)
    withheld: frozenset[date] = frozenset()
    comparison: Mapping[date, float] | None = None


def series_of(key: SeriesKey, sums: Mapping[DayKey, Measures]) -> DaySeries:
    """Returns a series. sums: of the kinds in kinds_of, by day."""
    days = by_date({one: measures for one, measures in sums.items() if not one.practice})
    values, withheld, comparison = dict[date, float](), set[date](), dict[date, float]()
    present = PRESENT.get(key.kind, key.kind)
    for on, day in days.items():
        cells = {(one.kind, one.dimension, one.value): each.count for one, each in day.items()}
        if not cells.get((present, Dimension.TOTAL, "")):
            continue
        figure = _told(key, cells, day, on)
        if figure is None:
            withheld.add(on)
        values[on] = WITHHELD_AS if figure is None else float(figure)
        beside = _beside(key, cells)
        if beside is not None:
            comparison[on] = float(beside)
    return DaySeries(values, frozenset(withheld), comparison or None)


def kinds_of(key: SeriesKey) -> tuple[Kind, ...]:
    """Returns the kinds of facts that a series and its comparison are made of."""
    gone = (Kind.VOIDED, Kind.REFUNDED) if key.kind is Kind.CAPTURED else ()
    return tuple({key.kind, PRESENT.get(key.kind, key.kind), *gone})


def takes(key: SeriesKey, dated: DatedFact) -> bool:
    """Tells whether a single fact is of a series."""
    return any(
        part.dimension is key.dimension and part.value in key.values for part in dated.fact.slices
    )


def by_shop(facts: Iterable[DatedFact]) -> dict[str, int]:
    """Returns how many facts are of which shop; none of none."""
    found: Counter[str] = Counter()
    for dated in facts:
        for part in dated.fact.slices:
            if part.dimension is Dimension.SHOP:
                found[part.value] += dated.fact.count
    return dict(found)


def _told(key: SeriesKey, cells: Cells, day: Mapping[DayKey, Measures], on: date) -> int | None:
    if key.persons:
        people = total(day, key.kind, on).persons
        return people if people == 0 or people >= K else None
    if key.kind is Kind.CAPTURED and key.dimension is Dimension.TOTAL:
        return max(0, day_totals(day, on).kept_count)  # sales as pages count them
    if key.dimension is Dimension.MISSED:
        return _missed(key.values[0], cells)
    return sum(cells.get((key.kind, key.dimension, value), 0) for value in key.values)


def _missed(tag: str, cells: Cells) -> int | None:
    told = told_missed(cells)
    if tag in told:
        return told[tag]
    # A day that tells no language at all does not even tell that nobody missed this one.
    is_named = any(by is Dimension.MISSED for _kind, by, _value in cells) and not told
    hidden = (Kind.SCAN, Dimension.MISSED, tag) in cells
    return None if hidden or is_named else 0


def _beside(key: SeriesKey, cells: Cells) -> int | None:
    """Returns what the action leaves alone: all others of the same kind, or how much there was."""
    if key.dimension is Dimension.TOTAL:
        return None
    whole = cells.get((PRESENT.get(key.kind, key.kind), Dimension.TOTAL, ""), 0)
    if key.dimension is Dimension.STOP:
        return whole - sum(cells.get((key.kind, key.dimension, value), 0) for value in key.values)
    return whole
