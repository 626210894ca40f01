"""Figures of a day, made from its roll-ups."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from kit.pure.suppression import K, release_line
from services.insights.domain.day_sales import EVERYTHING, SalesTold
from services.insights.domain.fact import ABOUT_PEOPLE, Dimension, Kind
from services.insights.domain.language import told_languages
from services.insights.domain.rollup import DayKey, HourKey, Measures

Names = Mapping[str, str]
Labels = Mapping[tuple[str, str], Names]
DaySums = Mapping[DayKey, Measures]

NOTHING = Measures()
# Of a split sale, facts of a refund name it only where nothing is left of the part.
TAKEN_OR_GONE = (Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED)
HOME = "JP"  # everybody else is a guest from abroad
_LABEL_KIND = {
    Dimension.STOP: "stop",
    Dimension.SHOP: "place",
    Dimension.CHOSEN: "poi",
}


@dataclass(frozen=True)
class Cell:
    """One value of a breakdown; a withheld one has count 0."""

    value: str
    names: Names
    count: int
    amount_yen: int
    withheld: bool


@dataclass(frozen=True)
class Breakdown:
    """A count split by one dimension, largest first.

    n: facts that have the dimension. suppression_k: 0 when not about people. withheld: too few
    in all, so that not even the values are told.
    """

    cells: tuple[Cell, ...] = ()
    n: int = 0
    suppression_k: int = 0
    withheld: bool = False


@dataclass(frozen=True)
class Scans:
    """Stop pages opened."""

    count: int
    offline_count: int
    other_language_count: int
    by_locale_asked: Breakdown
    by_locale_served: Breakdown
    by_locale_missed: Breakdown
    by_stop: Breakdown


@dataclass(frozen=True)
class Payments:
    """One book of payments: live or practice. told: how much of it is in here; where only the total
    is, `captured` holds sales kept and takings."""

    captured: Measures
    voided: Measures
    refunded: Measures
    declined_count: int
    unknown_count: int
    by_tender: Breakdown
    by_shop: Breakdown
    joined_count: int = 0
    ended_count: int = 0
    told: SalesTold = EVERYTHING

    @property
    def kept_count(self) -> int:
        """Sales kept: taken, not canceled and not refunded in full, a split one once; the till
        counts the same way."""
        return self.captured.count - self.voided.count - self.ended_count - self.joined_count

    @property
    def net_yen(self) -> int:
        """What stays of the day's takings."""
        return self.captured.amount_yen - self.voided.amount_yen - self.refunded.amount_yen


@dataclass(frozen=True)
class Plans:
    """Day plans made."""

    count: int
    person_count: int
    repaired_count: int
    by_chosen: Breakdown
    by_left_out_reason: Breakdown


@dataclass(frozen=True)
class HourTotals:
    """Totals of one hour, 0 to 23. sales_withheld: nothing was captured as far as is told."""

    hour: int
    scan_count: int
    captured: Measures
    practice_count: int
    plan_count: int
    sales_withheld: bool = False


@dataclass(frozen=True)
class SourceState:
    """Freshness of one service's events; times are None when none was ever heard. coarse: times are
    told to the hour and the number of events is not."""

    service: str
    last_occur_time: datetime | None = None
    last_heard_time: datetime | None = None
    event_count: int = 0
    coarse: bool = False


@dataclass(frozen=True, kw_only=True)
class ZoneHour:
    """A counted hour as it may be shown; a withheld one has zeros."""

    zone_id: str
    names: Names
    start_time: datetime
    estimate: int
    low: int
    high: int
    kind: str
    method: str
    withheld: bool


@dataclass(frozen=True)
class ZoneLevel:
    """How full a zone was when last said."""

    zone_id: str
    names: Names
    level: str
    as_of_time: datetime


@dataclass(frozen=True)
class Visitors:
    """What sensors and gates tell of a day."""

    zone_hours: tuple[ZoneHour, ...] = ()
    levels: tuple[ZoneLevel, ...] = ()
    admitted_count: int = 0
    suppression_k: int = K
    by_origin: Breakdown = field(default_factory=Breakdown)
    by_gate: Breakdown = field(default_factory=Breakdown)

    @property
    def foreign(self) -> int | None:
        """Persons from abroad among those asked; None where their number or that of the others
        may not be told: it follows from the released line and tells nothing beyond it."""
        home = next((c for c in self.by_origin.cells if c.value == HOME), None)
        if self.by_origin.withheld or (home is not None and home.withheld):
            return None
        return self.by_origin.n - (home.count if home else 0)

    @property
    def busiest(self) -> ZoneHour | None:
        """The highest estimate that may be shown."""
        shown = [hour for hour in self.zone_hours if not hour.withheld]
        return max(shown, key=lambda hour: hour.estimate, default=None)


@dataclass(frozen=True, kw_only=True)
class Day:
    """Everything about one day. over: the day has ended; late events may still correct it."""

    on: date
    time_zone: str
    over: bool
    demo: bool
    scans: Scans
    live: Payments
    practice: Payments
    visitors: Visitors
    plans: Plans
    hours: tuple[HourTotals, ...]
    sources: tuple[SourceState, ...] = field(default=())
    late_count: int = 0


def total(sums: DaySums, kind: Kind, on: date, *, practice: bool = False) -> Measures:
    """Returns the undivided sum of one kind."""
    return sums.get(DayKey(on, kind, practice, Dimension.TOTAL, ""), NOTHING)


def ended_count(sums: DaySums, on: date, *, practice: bool = False) -> int:
    """Returns how many payments of a day were refunded in full on it."""
    key = DayKey(on, Kind.REFUNDED, practice, Dimension.ENDED, "yes")
    return sums.get(key, NOTHING).count


def joined_count(sums: DaySums, on: date, *, practice: bool = False) -> int:
    """Returns how many payments kept are no sale of their own, but further parts of a split one."""
    kept: dict[str, int] = {}
    for key, measures in sums.items():
        is_part = key.dimension is Dimension.SPLIT_SALE and key.practice is practice
        if is_part and key.occur_date == on and key.kind in TAKEN_OR_GONE:
            signed = measures.count if key.kind is Kind.CAPTURED else -measures.count
            kept[key.value] = kept.get(key.value, 0) + signed
    return sum(parts - 1 for parts in kept.values() if parts > 1)


def guests_first(value: str) -> int:
    """An order of origins: Japan is missed most, for who is from abroad follows from it."""
    return int(value == HOME)


def breakdown(
    sums: DaySums, kind: Kind, dimension: Dimension, labels: Labels, *,
    practice: bool = False, persons: bool = False,
) -> Breakdown:  # fmt: skip
    """Returns one dimension of one kind, small cells withheld where it is about people.

    persons: counts the people the facts are about, not the facts; few of them are withheld as well.
    """
    found = {
        key.value: measures
        for key, measures in sums.items()
        if key.kind is kind and key.dimension is dimension and key.practice is practice
    }
    exact = {value: each.persons if persons else each.count for value, each in found.items()}
    counts: dict[str, int | None] = dict(exact)
    n = sum(exact.values())
    k = K if dimension in ABOUT_PEOPLE or persons else 0
    if k and found:
        line = release_line(exact, k, guests_first)
        if line.total is None:
            return Breakdown(suppression_k=k, withheld=True)
        counts = dict(line.cells)
    label = _LABEL_KIND.get(dimension, "")
    cells = [
        Cell(
            value,
            labels.get((label, value), {}),
            count or 0,
            0 if count is None else found[value].amount_yen,
            count is None,
        )
        for value, count in counts.items()
    ]
    return Breakdown(_in_order(cells), n, k)


def scans(sums: DaySums, on: date, labels: Labels) -> Scans:
    """Returns the scans of a day."""
    asked, served, missed = (
        _counts(sums, Kind.SCAN, dimension)
        for dimension in (Dimension.ASKED, Dimension.SERVED, Dimension.MISSED)
    )
    told = told_languages(asked, served, missed, K)
    offline = sums.get(DayKey(on, Kind.SCAN, False, Dimension.OFFLINE, "yes"), NOTHING)  # noqa: FBT003 - key
    return Scans(
        count=total(sums, Kind.SCAN, on).count,
        offline_count=offline.count,
        other_language_count=sum(missed.values()),
        by_locale_asked=_languages(asked, told.asked),
        by_locale_served=_languages(served, told.served),
        by_locale_missed=_languages(missed, told.missed),
        by_stop=breakdown(sums, Kind.SCAN, Dimension.STOP, labels),
    )


def _counts(sums: DaySums, kind: Kind, dimension: Dimension) -> dict[str, int]:
    return {
        key.value: measures.count
        for key, measures in sums.items()
        if key.kind is kind and key.dimension is dimension
    }


def _languages(counts: Mapping[str, int], hidden: frozenset[str] | None) -> Breakdown:
    if counts and (hidden is None or counts.keys() <= hidden):
        return Breakdown(suppression_k=K, withheld=True)
    out = hidden or frozenset()
    cells = [
        Cell(value, {}, 0 if value in out else count, 0, value in out)
        for value, count in counts.items()
    ]
    return Breakdown(_in_order(cells), sum(counts.values()), K)


def _in_order(cells: Iterable[Cell]) -> tuple[Cell, ...]:
    # Withheld cells stand last by name: an order by size would rank them.
    return tuple(sorted(cells, key=lambda cell: (cell.withheld, -cell.count, cell.value)))


def payments(sums: DaySums, on: date, labels: Labels, *, practice: bool) -> Payments:
    """Returns one book of a day."""

    def of(kind: Kind) -> Measures:
        return total(sums, kind, on, practice=practice)

    return Payments(
        captured=of(Kind.CAPTURED),
        voided=of(Kind.VOIDED),
        refunded=of(Kind.REFUNDED),
        declined_count=of(Kind.DECLINED).count,
        unknown_count=of(Kind.UNKNOWN).count,
        by_tender=breakdown(sums, Kind.CAPTURED, Dimension.TENDER, labels, practice=practice),
        by_shop=breakdown(sums, Kind.CAPTURED, Dimension.SHOP, labels, practice=practice),
        joined_count=joined_count(sums, on, practice=practice),
        ended_count=ended_count(sums, on, practice=practice),
    )


def plans(sums: DaySums, on: date, labels: Labels) -> Plans:
    """Returns the plans of a day."""
    made = total(sums, Kind.PLANNED, on)
    return Plans(
        count=made.count,
        person_count=made.persons,
        repaired_count=total(sums, Kind.REPAIRED, on).count,
        by_chosen=breakdown(sums, Kind.PLANNED, Dimension.CHOSEN, labels),
        by_left_out_reason=breakdown(sums, Kind.PLANNED, Dimension.LEFT_OUT, labels),
    )


def hour_totals(sums: Mapping[HourKey, Measures], on: date) -> tuple[HourTotals, ...]:
    """Returns all 24 hours of a day."""

    def of(hour: int, kind: Kind, *, practice: bool = False) -> Measures:
        return sums.get(HourKey(on, hour, kind, practice), NOTHING)

    return tuple(
        HourTotals(
            hour,
            of(hour, Kind.SCAN).count,
            of(hour, Kind.CAPTURED),
            of(hour, Kind.CAPTURED, practice=True).count,
            of(hour, Kind.PLANNED).count,
        )
        for hour in range(24)
    )
