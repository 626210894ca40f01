"""Sales as letters may tell them: sums of what is of many shops by itself, and of nothing else.

Days tell no hours and no ways to pay (decision 0088), letters do, and letters of a week and of a
month overlap: whoever subtracts them has a few days. So of a day an hour is in the sum of a letter
only where that hour is of many shops and what is left of the day is as well, and a way to pay only
on days on which it is. Whatever is added up and subtracted, nothing comes out but sums of these.
Sales are the ones that pages count: kept, a split one once, in the hour of its first part.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from services.insights.domain.fact import DatedFact, Dimension, Kind
from services.insights.domain.sales import of_many

KINDS = (Kind.CAPTURED, Kind.VOIDED, Kind.REFUNDED, Kind.DECLINED)
ByShop = Mapping[str, int]


@dataclass(frozen=True)
class Tried:
    """Payments tried one way on one day. declined: of taken + declined."""

    taken: ByShop = field(default_factory=dict)
    declined: ByShop = field(default_factory=dict)

    @property
    def all(self) -> ByShop:
        """Payments that were tried, by shop."""
        return Counter(self.taken) + Counter(self.declined)


@dataclass(frozen=True)
class ShopSales:
    """Sales of single shops. hours: sales kept by shop, of a date's hours. tenders: of a date's
    ways to pay. since: the first date whose single facts are still there."""

    hours: Mapping[date, Mapping[int, ByShop]] = field(default_factory=dict)
    tenders: Mapping[date, Mapping[str, Tried]] = field(default_factory=dict)
    since: date = date.min


@dataclass(frozen=True)
class Edges:
    """Hours of some days. all: sales kept, for finding something. told: what of them is told."""

    all: Mapping[int, int]
    told: Mapping[int, int]


def shop_sales(facts: Iterable[DatedFact], since: date = date.min) -> ShopSales:
    """Returns the sales of shops. facts: live ones of KINDS, equal ones together."""
    kept: Counter[tuple[date, int, str]] = Counter()
    tried: Counter[tuple[date, str, str, bool]] = Counter()
    parts: defaultdict[tuple[date, str], list[tuple[int, str, int]]] = defaultdict(list)
    for dated in facts:
        fact, on = dated.fact, dated.occur_date
        words = {part.dimension: part.value for part in fact.slices}
        shop, tender = words.get(Dimension.SHOP, ""), words.get(Dimension.TENDER, "")
        if fact.kind in {Kind.CAPTURED, Kind.DECLINED}:
            tried[on, tender, shop, fact.kind is Kind.DECLINED] += fact.count
        sign = _sign(fact.kind, ended=Dimension.ENDED in words)
        kept[on, dated.hour, shop] += sign * fact.count
        split = words.get(Dimension.SPLIT_SALE)
        if split and sign:
            parts[on, split].append((dated.hour, shop, sign * fact.count))
    for (on, _split), found in parts.items():
        more = sum(count for _hour, _shop, count in found) - 1
        for hour, shop, one in sorted(found, reverse=True):
            gone = min(max(more, 0), max(one, 0))
            kept[on, hour, shop] -= gone
            more -= gone
    return ShopSales(_hours_of(kept), _tenders_of(tried), since)


def _sign(kind: Kind, *, ended: bool) -> int:
    if kind is Kind.CAPTURED:
        return 1
    return -1 if kind is Kind.VOIDED or (kind is Kind.REFUNDED and ended) else 0


def _hours_of(kept: Mapping[tuple[date, int, str], int]) -> dict[date, dict[int, dict[str, int]]]:
    found: dict[date, dict[int, dict[str, int]]] = {}
    for (on, hour, shop), count in kept.items():
        if count:
            found.setdefault(on, {}).setdefault(hour, {})[shop] = count
    return found


def _tenders_of(tried: Mapping[tuple[date, str, str, bool], int]) -> dict[date, dict[str, Tried]]:
    both: dict[tuple[date, str], tuple[dict[str, int], dict[str, int]]] = {}
    for (on, tender, shop, is_declined), count in tried.items():
        both.setdefault((on, tender), ({}, {}))[is_declined][shop] = count
    found: dict[date, dict[str, Tried]] = {}
    for (on, tender), (taken, declined) in both.items():
        found.setdefault(on, {})[tender] = Tried(taken, declined)
    return found


def told_hours(hours: Mapping[int, ByShop]) -> dict[int, int]:
    """Returns the sales of a day in those hours that are of many, while what is left of the day is
    of many too: the day's own page tells its sum."""
    # What went back in an hour is no part of it that a sum could hide in.
    told = {hour for hour, shops in hours.items() if min(shops.values()) > 0 and of_many(shops)}
    while told and not _rest_is_of_many(hours, told):
        told.remove(min(told, key=lambda hour: (sum(hours[hour].values()), hour)))
    return {hour: sum(hours[hour].values()) for hour in sorted(told)}


def _rest_is_of_many(hours: Mapping[int, ByShop], told: set[int]) -> bool:
    rest: Counter[str] = Counter()
    for hour, shops in hours.items():
        if hour not in told:
            rest.update(shops)
    return of_many(rest)


def hours_between(
    sales: ShopSales, untold: Iterable[date], first: date, last: date
) -> Edges | None:  # fmt: skip
    """Returns the hours of the days from first to last whose sum is told; None where single sales
    of these are not kept any more. untold: dates whose sum is not told."""
    if first < sales.since:
        return None
    found, told = Counter[int](), Counter[int]()
    for on in sorted(sales.hours.keys() - set(untold)):
        if first <= on <= last:
            told.update(told_hours(sales.hours[on]))
            for hour, shops in sales.hours[on].items():
                found[hour] += sum(shops.values())
    return Edges(found, told)


def declined_between(sales: ShopSales, first: date, last: date) -> dict[str, tuple[int, int]]:
    """Returns payments declined, and tried, by way to pay: of those days on which this way is of
    many shops, and only where those that declined are many as well."""
    if first < sales.since:
        return {}
    tried: Counter[str] = Counter()
    declined: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for on, ways in sales.tenders.items():
        for tender, one in ways.items():
            if first <= on <= last and of_many(one.all):
                tried[tender] += sum(one.all.values())
                declined[tender].update(one.declined)
    return {
        tender: (sum(shops.values()), tried[tender])
        for tender, shops in declined.items() if shops and of_many(shops)
    }  # fmt: skip
