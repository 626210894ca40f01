"""A month of one shop, for its owner: all of it, from the shop's own facts."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.insights.domain import figures
from services.insights.domain.fact import DatedFact, Dimension, Kind
from services.insights.domain.rollup import Measures, roll_up


@dataclass(frozen=True)
class OwnDay:
    """A day: sales kept, and takings less what went back."""

    on: date
    kept_count: int
    net_yen: int


@dataclass(frozen=True)
class OwnMonth:
    """A month. days: each date, the oldest first. hours: (1 Monday to 7 Sunday, hour) -> payments
    taken. tenders: likewise, the most first."""

    days: tuple[OwnDay, ...] = ()
    hours: Mapping[tuple[int, int], Measures] = field(default_factory=dict)
    tenders: tuple[tuple[str, Measures], ...] = ()

    @property
    def kept_count(self) -> int:
        """Sales kept."""
        return sum(day.kept_count for day in self.days)

    @property
    def net_yen(self) -> int:
        """Taken less canceled and refunded."""
        return sum(day.net_yen for day in self.days)


def own_month(facts: Iterable[DatedFact], dates: Iterable[date]) -> OwnMonth:
    """Returns the month of some dates. facts: live ones of the shop."""
    rolled = roll_up(facts)
    days, tenders = [], defaultdict[str, Measures](Measures)
    for on in dates:
        known = {key: each for key, each in rolled.days.items() if key.occur_date == on}
        book = figures.payments(known, on, {}, practice=False)
        days.append(OwnDay(on, book.kept_count, book.net_yen))
        for key, each in known.items():
            if (key.kind, key.dimension) == (Kind.CAPTURED, Dimension.TENDER):
                tenders[key.value] += each
    inside = {day.on for day in days}
    hours: defaultdict[tuple[int, int], Measures] = defaultdict(Measures)
    for at, each in rolled.hours.items():
        if at.kind is Kind.CAPTURED and at.occur_date in inside:
            hours[at.occur_date.isoweekday(), at.hour] += each
    most_first = sorted(tenders.items(), key=lambda pair: (-pair[1].amount_yen, pair[0]))
    return OwnMonth(tuple(days), dict(sorted(hours.items())), tuple(most_first))
