"""The area's guests of a month, from what its days may tell: small numbers are in no sum.

People at gates and pages of the guide are told by hours of each day like any line of cells and
their sum (kit.pure.suppression): what is added up over the month are hours and sums that a day
tells. Origins and languages are those that the pages of days tell.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from kit.pure.suppression import K, quiet_hours_first, release_line
from services.insights.domain import figures
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import DaySums, Names
from services.insights.domain.rollup import HourKey, Measures, by_date

WeekHours = Mapping[tuple[int, int], int]  # (1 Monday to 7 Sunday, hour) -> how many
HourSums = Mapping[HourKey, Measures]


@dataclass(frozen=True)
class Told:
    """A sum of days. untold_days: those with too few, which are not in it."""

    value: int = 0
    untold_days: int = 0

    def __add__(self, other: "Told") -> "Told":
        return Told(self.value + other.value, self.untold_days + other.untold_days)


UNTOLD = Told(0, 1)


@dataclass(frozen=True)
class ZoneHourHeard:
    """A counted hour of a zone that may be told, with its hour of the local day."""

    zone_id: str
    names: Names
    kind: str
    hour: int
    estimate: int
    low: int
    high: int


@dataclass(frozen=True)
class ZoneHourMean:
    """An hour of the day on average. hours: of so many."""

    hour: int
    estimate: int
    low: int
    high: int
    hours: int


@dataclass(frozen=True)
class ZoneMonth:
    """A zone, by one way of counting."""

    zone_id: str
    names: Names
    kind: str
    hours: tuple[ZoneHourMean, ...]


@dataclass(frozen=True)
class Totals:
    """What months are compared by."""

    admitted: Told = Told()
    guide_views: Told = Told()
    plans: Told = Told()


@dataclass(frozen=True)
class AreaMonth:
    """A month. origins, languages: the most first. asked, language_views: of days telling them."""

    totals: Totals = field(default_factory=Totals)
    origins: tuple[tuple[str, int], ...] = ()
    asked: int = 0
    languages: tuple[tuple[str, int], ...] = ()
    language_views: int = 0
    gate_hours: WeekHours = field(default_factory=dict)
    guide_hours: WeekHours = field(default_factory=dict)
    zones: tuple[ZoneMonth, ...] = ()


def totals(days: DaySums, hours: HourSums, dates: Iterable[date]) -> Totals:
    """Returns what a month is compared by."""
    found = Totals()
    for on in dates:
        plans = figures.total(days, Kind.PLANNED, on).count
        found = Totals(
            found.admitted + _whole(sum(_by_hour(hours, Kind.ADMITTED, on).values())),
            found.guide_views + _whole(sum(_by_hour(hours, Kind.SCAN, on).values())),
            found.plans + _whole(plans),
        )
    return found


def area_month(
    days: DaySums, hours: HourSums, dates: Iterable[date], zones: Iterable[ZoneHourHeard]
) -> AreaMonth:
    """Returns the month of some dates. days, hours: of at least these, without practice."""
    dates = list(dates)
    kept = by_date(days)
    origins: defaultdict[str, int] = defaultdict(int)
    languages: defaultdict[str, int] = defaultdict(int)
    asked = views = 0
    for on in dates:
        from_where = figures.breakdown(
            kept.get(on, {}), Kind.ADMITTED, Dimension.ORIGIN, {}, persons=True
        )
        spoken = figures.scans(kept.get(on, {}), on, {}).by_locale_asked
        asked, views = asked + from_where.n, views + spoken.n
        for found, cells in ((origins, from_where.cells), (languages, spoken.cells)):
            for cell in cells:
                if not cell.withheld:
                    found[cell.value] += cell.count
    return AreaMonth(
        totals(days, hours, dates), _most_first(origins), asked, _most_first(languages), views,
        _week_hours(hours, Kind.ADMITTED, dates), _week_hours(hours, Kind.SCAN, dates),
        tuple(_zones(zones)),
    )  # fmt: skip


def _by_hour(hours: HourSums, kind: Kind, on: date) -> dict[int, int]:
    """Returns a day by its hours: persons at gates, counts of anything else."""
    return {
        key.hour: measures.persons if kind is Kind.ADMITTED else measures.count
        for key, measures in (
            (key, hours[key])
            for key in (HourKey(on, hour, kind, False) for hour in range(24))  # noqa: FBT003 - key
            if key in hours
        )
    }


def _whole(count: int) -> Told:
    """Returns a day's sum; its hours stand beside it only where it may be told with them."""
    # Nobody at all is told: it hides nobody.
    return Told(count) if count >= K or count == 0 else UNTOLD


def _week_hours(hours: HourSums, kind: Kind, dates: Iterable[date]) -> WeekHours:
    found: defaultdict[tuple[int, int], int] = defaultdict(int)
    for on in dates:
        line = release_line(_by_hour(hours, kind, on), order=quiet_hours_first)
        for hour, count in line.cells.items():
            if count and line.total is not None:
                found[on.isoweekday(), hour] += count
    return dict(sorted(found.items()))


def _zones(heard: Iterable[ZoneHourHeard]) -> Iterator[ZoneMonth]:
    by_zone: defaultdict[tuple[str, str], list[ZoneHourHeard]] = defaultdict(list)
    for each in heard:
        by_zone[each.zone_id, each.kind].append(each)
    for (zone_id, kind), told in sorted(by_zone.items()):
        by_hour: defaultdict[int, list[ZoneHourHeard]] = defaultdict(list)
        for each in told:
            by_hour[each.hour].append(each)
        yield ZoneMonth(zone_id, told[0].names, kind, tuple(
            ZoneHourMean(
                hour, _mean(each.estimate for each in found), _mean(each.low for each in found),
                _mean(each.high for each in found), len(found),
            )
            for hour, found in sorted(by_hour.items())
        ))  # fmt: skip


def _mean(values: Iterable[int]) -> int:
    known = list(values)
    return round(sum(known) / len(known))


def _most_first(found: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))
