"""Roll-ups: sums of facts per hour and per day, kept beside the facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from services.insights.domain.fact import DatedFact, Dimension, Kind, Slice

WHOLE = Slice(Dimension.TOTAL, "")


@dataclass(frozen=True, order=True)
class HourKey:
    """What an hourly sum is about. hour: 0 to 23, local."""

    occur_date: date
    hour: int
    kind: Kind
    practice: bool


@dataclass(frozen=True, order=True)
class DayKey:
    """What a daily sum is about."""

    occur_date: date
    kind: Kind
    practice: bool
    dimension: Dimension
    value: str


@dataclass(frozen=True)
class Measures:
    """Sums over facts."""

    count: int = 0
    amount_yen: int = 0
    persons: int = 0

    def __add__(self, other: "Measures") -> "Measures":
        return Measures(
            self.count + other.count,
            self.amount_yen + other.amount_yen,
            self.persons + other.persons,
        )


@dataclass(frozen=True)
class RollUps:
    """Hourly and daily sums, in key order: writers that take rows in one order cannot deadlock."""

    hours: Mapping[HourKey, Measures]
    days: Mapping[DayKey, Measures]


def by_date(sums: Mapping[DayKey, Measures]) -> Mapping[date, Mapping[DayKey, Measures]]:
    """Returns the sums of each date: whoever adds up a day looks at all that he is given."""
    found: defaultdict[date, dict[DayKey, Measures]] = defaultdict(dict)
    for key, measures in sums.items():
        found[key.occur_date][key] = measures
    return dict(found)


def roll_up(facts: Iterable[DatedFact]) -> RollUps:
    """Sums facts. Addition commutes: any order and any grouping of the same facts is equal.

    A fact that names a value of a dimension twice counts once there.
    """
    hours: dict[tuple[date, int, Kind, bool], list[int]] = {}
    alike: dict[tuple[date, Kind, bool, tuple[Slice, ...]], list[int]] = {}
    for fact, on, hour, _late in facts:
        one = (fact.count, fact.amount_yen, fact.persons)
        _add(hours, (on, hour, fact.kind, fact.practice), one)
        _add(alike, (on, fact.kind, fact.practice, fact.slices), one)
    # Facts of a day are alike in most: summed first by what they share, few are taken apart.
    days: dict[tuple[date, Kind, bool, Dimension, str], list[int]] = {}
    for (on, kind, practice, slices), sums in alike.items():
        for dimension, value in {WHOLE, *slices}:
            _add(days, (on, kind, practice, dimension, value), sums)
    # Keys and sums become what they are called at the end: each once, not once for every fact.
    return RollUps(
        {HourKey(*key): Measures(*sums) for key, sums in sorted(hours.items())},
        {DayKey(*key): Measures(*sums) for key, sums in sorted(days.items())},
    )


_Key = TypeVar("_Key")


def _add(sums: dict[_Key, list[int]], key: _Key, one: Sequence[int]) -> None:
    kept = sums.get(key)
    if kept is None:
        sums[key] = list(one)
        return
    kept[0] += one[0]
    kept[1] += one[1]
    kept[2] += one[2]
