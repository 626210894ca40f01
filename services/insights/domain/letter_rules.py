"""Which actions the figures of an area speak for: one rule each, with its threshold in the open.

Rules read roll-ups of four weeks or a month and of as many days before. Languages are read as
their day's own page tells them, people are rounded down to tens, ratings come in words: a letter
gives nothing away that other pages do not. A rule yields all it finds, the clearest first.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from statistics import median, quantiles

from kit.pure.suppression import K, quiet_hours_first, release_line
from services.insights.domain.fact import Dimension, Kind
from services.insights.domain.figures import Labels
from services.insights.domain.language import NOT_ASKED, told_languages
from services.insights.domain.letter_sales import ShopSales, declined_between, hours_between
from services.insights.domain.proposal import Action, Basis, Expected, Proposal, SeriesKey
from services.insights.domain.rollup import DayKey, HourKey, Measures
from services.insights.domain.unliked import Unliked

MOST = 3  # proposals of a letter
LEAST_DAYS = 14  # with anything heard
# Thresholds of the rules, of about four weeks.
LEAST_MISSED = 30  # pages in another language than the wished one
LEAST_STOPS, LEAST_TYPICAL, LITTLE = 5, 20, 5  # a fifth of what others get is little
LEAST_PLANS = 30
LEAST_WISHES, WISHES_SHARE = 20, 0.2
LEAST_PEOPLE, CROWDED = 200, 2.0  # times an even share of the open hours
LEAST_SALES = 200
LEAST_DECLINED, DECLINED_SHARE = 20, 0.1
CLOSED = ("closed_that_day", "closed_at_that_time")
NO_BUS = ("no_bus",)
_Z = 1.2816  # one-sided 90 %

Sums = Mapping[DayKey, Measures]
Cells = Mapping[tuple[Kind, Dimension, str], int]


@dataclass(frozen=True)
class Seen:
    """What rules look at. days, hours: sums of the dates from `before` to `last`. first: of the
    dates that the letter is about; those from `before` up to it are the ones before."""

    before: date
    first: date
    last: date
    days: Sums
    hours: Mapping[HourKey, Measures]
    labels: Labels
    unliked: Sequence[Unliked] = ()
    sales: ShopSales = field(default_factory=ShopSales)
    # Dates whose sales are of too few shops: sums with them, less what days tell, would be theirs.
    untold_sales: frozenset[date] = frozenset()
    _kept: dict[bool, "_Window"] = field(default_factory=dict, compare=False, repr=False)

    def window(self, *, earlier: bool = False) -> "_Window":
        """Returns the dates that the letter is about, or those before."""
        if earlier not in self._kept:
            begin, end = (
                (self.before, self.first - timedelta(days=1)) if earlier
                else (self.first, self.last)
            )  # fmt: skip
            self._kept[earlier] = _Window(begin, end, self)
        return self._kept[earlier]


class _Window:
    def __init__(self, first: date, last: date, seen: Seen) -> None:
        self.first, self.last = first, last
        # Whose sales are in the sums.
        self.told_days = _length(self) - sum(first <= on <= last for on in seen.untold_sales)
        self.sums: Counter[tuple[Kind, Dimension, str]] = Counter()
        self.dates: set[date] = set()
        self.days: dict[date, dict[tuple[Kind, Dimension, str], int]] = {}
        for key, measures in seen.days.items():
            if first <= key.occur_date <= last and not key.practice:
                self.dates.add(key.occur_date)
                cell = (key.kind, key.dimension, key.value)
                self.sums[cell] += measures.count
                self.days.setdefault(key.occur_date, {})[cell] = measures.count
        self.gate_hours: Counter[int] = Counter()
        for on in {hour.occur_date for hour in seen.hours if first <= hour.occur_date <= last}:
            self.gate_hours.update(told_hours(seen.hours, on))

    def count(self, kind: Kind, dimension: Dimension = Dimension.TOTAL, value: str = "") -> int:
        """Returns a sum of all days."""
        return self.sums[kind, dimension, value]

    def values(self, kind: Kind, dimension: Dimension) -> dict[str, int]:
        """Returns the sums of all values of a dimension."""
        return {value: count for (one, by, value), count in self.sums.items()
                if one is kind and by is dimension}  # fmt: skip

    def missed(self) -> Counter[str]:
        """Returns pages by the language that was wished for and not there, as days tell them."""
        found: Counter[str] = Counter()
        for day in self.days.values():
            found.update(told_missed(day))
        return found

    def weekly(self, of: Callable[[Cells], int]) -> list[float]:
        """Returns the mean a day of each whole week, the newest week first."""
        found = []
        end = self.last
        while end - timedelta(days=6) >= self.first:
            week = [self.days.get(end - timedelta(days=n), {}) for n in range(7)]
            found.append(sum(map(of, week)) / 7)
            end -= timedelta(days=7)
        return found


def told_missed(day: Cells) -> dict[str, int]:
    """Returns what a day's page tells of languages that were wished for and not there."""
    asked, served, missed = (
        {value: count for (kind, by, value), count in day.items()
         if kind is Kind.SCAN and by is dimension}
        for dimension in (Dimension.ASKED, Dimension.SERVED, Dimension.MISSED)
    )  # fmt: skip
    hidden = told_languages(asked, served, missed, K).missed
    return {} if hidden is None else {tag: n for tag, n in missed.items() if tag not in hidden}


def told_hours(hours: Mapping[HourKey, Measures], on: date) -> dict[int, int]:
    """Returns the people at the gates in those hours of a day that may be told. Rounding sums with
    the others in them would not hide these: letters of four weeks overlap."""
    line = release_line({
        at.hour: hours[at].persons
        for at in (HourKey(on, hour, Kind.ADMITTED, False) for hour in range(24))  # noqa: FBT003 - key
        if at in hours and hours[at].persons
    }, order=quiet_hours_first)  # fmt: skip
    return {hour: count for hour, count in line.cells.items() if count and line.total is not None}


def proposals(seen: Seen, blocked: Collection[str] = ()) -> tuple[Proposal, ...]:
    """Returns at most three proposals, each of another kind: those first that the days before say
    as well, then by how far their figures are over the threshold. blocked: keys of proposals that
    are not made again now."""
    if len(seen.window().dates) < LEAST_DAYS:
        return ()
    firsts = [
        next((one for one in rule(seen) if one.key not in blocked), None) for rule in RULES.values()
    ]
    found = [one for one in firsts if one is not None]
    return tuple(sorted(found, key=lambda one: (not one.steady, -one.strength, one.key))[:MOST])


def _add_language(seen: Seen) -> Iterator[Proposal]:
    window, earlier = seen.window(), seen.window(earlier=True).missed()
    missed = window.missed()
    total = window.count(Kind.SCAN)
    for tag, count in missed.most_common():
        if count < LEAST_MISSED or tag == NOT_ASKED:
            continue
        weeks = window.weekly(partial(_missed_of, tag))
        yield Proposal(
            Action.ADD_LANGUAGE, tag, count=_tens(count), total=total, days=_length(window),
            steady=earlier[tag] >= LEAST_MISSED, strength=count / LEAST_MISSED,
            expected=_at_most(weeks),
            series=SeriesKey(Kind.SCAN, Dimension.MISSED, (tag,), fewer=True),
        )  # fmt: skip


def _improve_text(seen: Seen) -> Iterator[Proposal]:
    for text in seen.unliked:
        # Ratings are told in words and by whole months: no daily figure can judge this one.
        yield Proposal(
            Action.IMPROVE_TEXT, text.stop_code, seen.labels.get(("stop", text.stop_code), {}),
            text.locale, days=_length(seen.window()), liking=int(text.liking),
            reasons=text.reasons, strength=4.0 / text.liking,
        )  # fmt: skip


def _sign_at_stop(seen: Seen) -> Iterator[Proposal]:
    window, earlier = seen.window(), seen.window(earlier=True)
    stops = sorted(key for kind, key in seen.labels if kind == "stop")
    counts = {stop: window.count(Kind.SCAN, Dimension.STOP, stop) for stop in stops}
    if len(stops) < LEAST_STOPS:
        return
    typical = median(counts.values())
    before = median(earlier.count(Kind.SCAN, Dimension.STOP, stop) for stop in stops)
    if typical < LEAST_TYPICAL:
        return
    for stop, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count * LITTLE > typical:
            return
        was = earlier.count(Kind.SCAN, Dimension.STOP, stop)
        yield Proposal(
            Action.SIGN_AT_STOP, stop, seen.labels.get(("stop", stop), {}), count=count,
            total=window.count(Kind.SCAN), typical=int(typical), days=_length(window),
            steady=before >= LEAST_TYPICAL and was * LITTLE <= before,
            strength=typical / LITTLE / max(count, 1), expected=_others(counts, stop, window),
            series=SeriesKey(Kind.SCAN, Dimension.STOP, (stop,)),
        )  # fmt: skip


def _show_spot(seen: Seen) -> Iterator[Proposal]:
    window, earlier = seen.window(), seen.window(earlier=True)
    counts = window.values(Kind.PLANNED, Dimension.CHOSEN)
    plans = window.count(Kind.PLANNED)
    if plans < LEAST_PLANS or len(counts) < LEAST_STOPS:
        return
    typical = median(counts.values())
    was = earlier.values(Kind.PLANNED, Dimension.CHOSEN)
    before = median(was.values()) if was else 0
    if typical < LEAST_TYPICAL:
        return
    # Only what was in some plan: whatever never is may be no place to visit at all.
    for poi, count in sorted(counts.items(), key=lambda item: (item[1], item[0])):
        if count * LITTLE > typical:
            return
        yield Proposal(
            Action.SHOW_SPOT, poi, seen.labels.get(("poi", poi), {}), count=count, total=plans,
            typical=int(typical), days=_length(window),
            steady=before >= LEAST_TYPICAL and 0 < was.get(poi, 0) * LITTLE <= before,
            strength=typical / LITTLE / max(count, 1), expected=_others(counts, poi, window),
            series=SeriesKey(Kind.PLANNED, Dimension.CHOSEN, (poi,)),
        )  # fmt: skip


def _wishes(action: Action, reasons: tuple[str, ...], seen: Seen) -> Iterator[Proposal]:
    def of(window: _Window) -> tuple[int, int]:
        found = window.values(Kind.PLANNED, Dimension.LEFT_OUT)
        return sum(found.get(reason, 0) for reason in reasons), sum(found.values())

    def holds(count: int, total: int) -> bool:
        return count >= LEAST_WISHES and least_share(count, total) >= WISHES_SHARE

    window = seen.window()
    count, total = of(window)
    if holds(count, total):
        weeks = window.weekly(partial(_cells_of, Kind.PLANNED, Dimension.LEFT_OUT, reasons))
        yield Proposal(
            action, count=count, total=total, days=_length(window),
            steady=holds(*of(seen.window(earlier=True))), strength=count / LEAST_WISHES,
            expected=_at_most(weeks),
            series=SeriesKey(Kind.PLANNED, Dimension.LEFT_OUT, reasons, fewer=True),
        )  # fmt: skip


def _open_earlier(seen: Seen) -> Iterator[Proposal]:
    window = seen.window()
    found = crowded_edge(window.gate_hours, LEAST_PEOPLE)
    if found is None:
        return
    hour, count, total, open_hours = found
    again = crowded_edge(seen.window(earlier=True).gate_hours, LEAST_PEOPLE)
    yield Proposal(
        Action.OPEN_EARLIER, detail=str(hour), count=_tens(count), total=_tens(total),
        typical=open_hours, days=_length(window), steady=again is not None and again[0] == hour,
        strength=count * open_hours / total / CROWDED,
        series=SeriesKey(Kind.ADMITTED, persons=True),
    )  # fmt: skip


def _staff_till(seen: Seen) -> Iterator[Proposal]:
    window = seen.window()
    found = _crowded_sales(seen, window)
    if found is None:
        return
    hour, count, total, open_hours = found
    again = _crowded_sales(seen, seen.window(earlier=True))
    yield Proposal(
        Action.STAFF_TILL, detail=str(hour), count=count, total=total, typical=open_hours,
        days=window.told_days, steady=again is not None and again[0] == hour,
        strength=count * open_hours / total / CROWDED, series=SeriesKey(Kind.CAPTURED),
    )  # fmt: skip


def _crowded_sales(seen: Seen, window: "_Window") -> tuple[int, int, int, int] | None:
    """Returns an edge that is crowded by what is told of its hour alone, beside all sales of the
    days whose sums are told; open hours are those of which something is told."""
    edges = hours_between(seen.sales, seen.untold_sales, window.first, window.last)
    if edges is None:
        return None
    found = crowded_edge(edges.all, LEAST_SALES)
    told = crowded_edge(edges.told, LEAST_SALES // 4)
    if found is None or told is None or found[0] != told[0]:
        return None
    hour, count, _told, open_hours = told
    total = sum(edges.all.values())
    return (hour, count, total, open_hours) if count * open_hours >= CROWDED * total else None


def crowded_edge(hours: Mapping[int, int], least: int) -> tuple[int, int, int, int] | None:
    """Returns the first or last open hour, how many came in it, in all, and in how many open
    hours, where twice as many came in it as in an hour on average."""
    found = {hour: count for hour, count in hours.items() if count > 0}
    total = sum(found.values())
    if total < least:
        return None
    open_hours = sorted(hour for hour, count in found.items() if count >= 0.02 * total)
    if len(open_hours) < 4:
        return None
    hour = max((open_hours[0], open_hours[-1]), key=lambda one: found[one])
    crowded = found[hour] * len(open_hours) >= CROWDED * total
    return (hour, found[hour], total, len(open_hours)) if crowded else None


def _offer_brand(seen: Seen) -> Iterator[Proposal]:
    def holds(count: int, total: int) -> bool:
        return count >= LEAST_DECLINED and least_share(count, total) >= DECLINED_SHARE

    window, earlier = seen.window(), seen.window(earlier=True)
    tenders = declined_between(seen.sales, window.first, window.last)
    before = declined_between(seen.sales, earlier.first, earlier.last)
    for tender, (count, total) in sorted(tenders.items(), key=lambda item: (-item[1][0], item[0])):
        if holds(count, total):
            # No week of it: weeks of two letters would leave single days.
            yield Proposal(
                Action.OFFER_BRAND, tender, count=_tens(count), total=total, days=_length(window),
                steady=holds(*before.get(tender, (0, 0))), strength=count / LEAST_DECLINED,
                series=SeriesKey(Kind.DECLINED, Dimension.TENDER, (tender,), fewer=True),
            )  # fmt: skip


Rule = Callable[[Seen], Iterator[Proposal]]
RULES: Mapping[Action, Rule] = {
    Action.ADD_LANGUAGE: _add_language,
    Action.IMPROVE_TEXT: _improve_text,
    Action.SIGN_AT_STOP: _sign_at_stop,
    Action.SHOW_SPOT: _show_spot,
    Action.LONGER_HOURS: lambda seen: _wishes(Action.LONGER_HOURS, CLOSED, seen),
    Action.MOVE_BUS: lambda seen: _wishes(Action.MOVE_BUS, NO_BUS, seen),
    Action.OPEN_EARLIER: _open_earlier,
    Action.STAFF_TILL: _staff_till,
    Action.OFFER_BRAND: _offer_brand,
}


def least_share(count: int, total: int) -> float:
    """Returns the share that is sure: the lower end of Wilson's interval, one-sided 90 %."""
    if total <= 0:
        return 0.0
    share, square = count / total, _Z**2
    middle = share + square / (2 * total)
    wide = _Z * math.sqrt(share * (1 - share) / total + square / (4 * total**2))
    return max(0.0, (middle - wide) / (1 + square / total))


def _missed_of(tag: str, day: Cells) -> int:
    return told_missed(day).get(tag, 0)


def _cells_of(kind: Kind, dimension: Dimension, values: Collection[str], day: Cells) -> int:
    return sum(day.get((kind, dimension, value), 0) for value in values)


def _at_most(weeks: Sequence[float]) -> Expected | None:
    return Expected(min(weeks), max(weeks), Basis.AT_MOST) if len(weeks) >= 3 else None


def _others(counts: Mapping[str, int], own: str, window: _Window) -> Expected | None:
    others = [count for key, count in counts.items() if key != own]
    if len(others) < LEAST_STOPS - 1:
        return None
    low, _middle, high = quantiles(others, n=4)
    days = _length(window)
    gain = [max(0.0, (each - counts[own]) / days) for each in (low, high)]
    return Expected(gain[0], gain[1], Basis.OTHERS) if gain[1] > 0 else None


def _length(window: _Window) -> int:
    return (window.last - window.first).days + 1


def _tens(count: int) -> int:
    """People, and payments declined, are told in whole tens: below ten is nothing to tell."""
    return count // K * K
