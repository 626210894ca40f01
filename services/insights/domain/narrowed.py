"""Figures without what may not be told of sales, or while a day runs: what is left out is in none
of them any more."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from kit.pure.suppression import K
from services.insights.domain.agreement import DayAgreement, OwnerTotal
from services.insights.domain.day_sales import Reach, SalesTold
from services.insights.domain.figures import (
    NOTHING,
    Breakdown,
    Day,
    HourTotals,
    Payments,
    SourceState,
)
from services.insights.domain.rollup import Measures
from services.insights.domain.shop_close import HeardClose, ShopClose
from services.insights.domain.span import DayTotals

PAYMENTS = "payments"
PRACTICE = "practice_"


def day(found: Day, told: SalesTold) -> Day:
    """Returns a day with its sales as far as they are told."""
    hours = found.hours if told.reach is Reach.ALL else tuple(map(_hour, found.hours))
    return replace(
        found, live=book(found.live, told), hours=hours, sources=coarse(found.sources)
    )  # fmt: skip


def running(found: Day) -> Day:
    """Returns a day that is not over, without its splits of people: whoever looks twice would know
    of the one who came between which language he reads, or where he is from."""
    scans, later = found.scans, Breakdown(suppression_k=K, withheld=True)
    return replace(
        found,
        scans=replace(scans, by_locale_asked=later, by_locale_served=later, by_locale_missed=later),
        visitors=replace(found.visitors, by_origin=later),
    )


def book(found: Payments, told: SalesTold) -> Payments:
    """Returns the live book of a day likewise."""
    if told.reach is Reach.ALL:
        return found
    total = Measures(found.kept_count, found.net_yen) if told.reach is Reach.TOTAL else NOTHING
    return Payments(
        captured=total, voided=NOTHING, refunded=NOTHING, declined_count=0, unknown_count=0,
        by_tender=Breakdown(), by_shop=Breakdown(), told=told,
    )  # fmt: skip


def totals(found: DayTotals, told: SalesTold) -> DayTotals:
    """Returns the totals of a day likewise."""
    if told.reach is Reach.ALL:
        return found
    total = Measures(found.kept_count, found.net_yen) if told.reach is Reach.TOTAL else NOTHING
    return replace(
        found, captured=total, voided=NOTHING, refunded=NOTHING, joined_count=0, ended_count=0,
        sales=told.reach,
    )  # fmt: skip


def agreement(found: DayAgreement, told: SalesTold) -> DayAgreement:
    """Returns the cross-check of a date likewise: that figures agree is told, not which."""
    if told.reach is Reach.ALL:
        return found
    return replace(
        found, live=book(found.live, told), totals=tuple(map(_owner_total, found.totals)),
        closes=tuple(map(_close, found.closes)),
    )  # fmt: skip


def coarse(sources: Iterable[SourceState]) -> tuple[SourceState, ...]:
    """Returns how fresh sources are, that of sales by the hour: who looks every second would count
    them, and the number of events counts them at once."""
    return tuple(
        replace(
            each, coarse=True, event_count=0, last_occur_time=_hour_of(each.last_occur_time),
            last_heard_time=_hour_of(each.last_heard_time),
        )
        if each.service == PAYMENTS else each
        for each in sources
    )  # fmt: skip


def _hour_of(moment: datetime | None) -> datetime | None:
    return moment and moment.replace(minute=0, second=0, microsecond=0)


def _hour(hour: HourTotals) -> HourTotals:
    return replace(hour, captured=NOTHING, sales_withheld=True)


def _owner_total(total: OwnerTotal) -> OwnerTotal:
    if total.service != PAYMENTS or total.measure.startswith(PRACTICE):
        return total
    said = None if total.said is None else 0
    return replace(total, counted=0, said=said, hidden=True, same=total.agrees)


def _close(shop: ShopClose) -> ShopClose:
    heard = shop.close
    bare = (
        HeardClose(number=heard.number, close_time=heard.close_time, closed={}) if heard else None
    )
    return ShopClose(
        shop_place_id=shop.shop_place_id, names=shop.names, close=bare, sums=(), hidden=True,
        same=shop.agrees,
    )  # fmt: skip
