"""A month of the area beside that of one shop, for the shop's owner."""

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.insights.app.deps import Deps
from services.insights.app.reading import month_first
from services.insights.domain.area_month import AreaMonth, Totals, ZoneHourHeard, area_month, totals
from services.insights.domain.consent import Owner
from services.insights.domain.fact import Kind
from services.insights.domain.month_findings import Before, Finding, findings
from services.insights.domain.own_month import OwnMonth, own_month
from services.insights.domain.span import DaySpan
from services.insights.store import areas, kpi_sums, labels, zones
from services.insights.store import figures as sums
from services.insights.store import shop_months as store


@dataclass(frozen=True)
class Beside:
    """Another month. own: None before the shop's first sale, and where single sales are gone.
    begun: kinds that were heard by its end."""

    first: date
    last: date
    area: Totals
    own: OwnMonth | None
    begun: frozenset[Kind]


@dataclass(frozen=True)
class ShopMonth:
    """A month. last: of its dates that are over, None before there is one."""

    first: date
    last: date | None
    over: bool
    demo: bool
    area: AreaMonth
    own: OwnMonth
    begun: frozenset[Kind]
    before: Beside | None
    year_before: Beside | None
    findings: tuple[Finding, ...]
    begins: date | None


async def read(
    deps: Deps, area: str, owner: Owner, shop_place_id: str, month: str
) -> ShopMonth:  # fmt: skip
    """Returns a month; "" is the newest one with a day that is over.

    Errors: ShopNotYours, InvalidFields.
    """
    owner.check(shop_place_id)
    async with deps.db.read(area) as tx:
        state = await areas.read(tx)
        yesterday = deps.clock.now().astimezone(state.zone).date() - timedelta(days=1)
        first = month_first(month) if month else yesterday.replace(day=1)
        end = _end(first)
        last = min(end, yesterday)
        # Own figures are of single facts: where these are gone, none is better than zero.
        kept = max(state.sealed.get(kind, date.min) for kind in store.MONEY)
        if first < kept:
            raise InvalidFields([("month", "single sales of this month are not kept any more")])
        begins = await sums.first_date(tx)
        begins = begins and max(begins, kept)
        if last < first:
            return ShopMonth(
                first, None, False, state.demo, AreaMonth(), OwnMonth(),  # noqa: FBT003 - not over
                frozenset(), None, None, (), begins,
            )  # fmt: skip
        span, begun = DaySpan(first, last), await kpi_sums.begins(tx)
        dates = list(span.days())
        guests = area_month(
            await store.days(tx, first, last), await store.hours(tx, first, last), dates,
            await _zone_hours(tx, span, state.zone),
        )  # fmt: skip
        own = own_month(await store.own(tx, shop_place_id, first, last), dates)
        before, year_before = [
            await _beside(tx, shop_place_id, start, dates, kept, whole=last == end)
            for start in (_month_before(first), _year_before(first))
        ]
    known = Before(before.area, before.own.kept_count if before.own else None)
    return ShopMonth(
        first, last, last == end, state.demo, guests, own, _heard(begun, last), before, year_before,
        findings(guests, own, known, dates), begins,
    )  # fmt: skip


async def _beside(
    tx: Transaction, shop_place_id: str, first: date, dates: Sequence[date], kept: date, *,
    whole: bool,
) -> Beside:  # fmt: skip
    """Returns another month: whole beside a whole one, else as many days from its first one."""
    end = _end(first)
    last = end if whole else min(end, first + timedelta(days=len(dates) - 1))
    days = list(DaySpan(first, last).days())
    since = await store.own_first(tx, shop_place_id)
    own = (
        own_month(await store.own(tx, shop_place_id, first, last), days)
        if since and since <= last and first >= kept else None
    )  # fmt: skip
    found = totals(await store.days(tx, first, last), await store.hours(tx, first, last), days)
    return Beside(first, last, found, own, _heard(await kpi_sums.begins(tx), last))


def _heard(begins: dict[Kind, date], last: date) -> frozenset[Kind]:
    return frozenset(kind for kind, first in begins.items() if first <= last)


async def _zone_hours(tx: Transaction, span: DaySpan, zone: ZoneInfo) -> list[ZoneHourHeard]:
    start = datetime.combine(span.first, time(), zone)
    end = datetime.combine(span.last + timedelta(days=1), time(), zone)
    names = await labels.read(tx)
    # The owner withholds by released_estimate; K is asked again because it is our page.
    return [
        ZoneHourHeard(
            row["zone_id"], names.get(("place", row["place_id"]), {}), row["kind"],
            row["start_time"].astimezone(zone).hour, row["estimate"], row["low"], row["high"],
        )
        for row in await zones.hours_between(tx, start, end)
        if row["released_estimate"] >= K and row["estimate"] >= K
    ]  # fmt: skip


def _end(first: date) -> date:
    return first.replace(day=monthrange(first.year, first.month)[1])


def _month_before(first: date) -> date:
    return (first - timedelta(days=1)).replace(day=1)


def _year_before(first: date) -> date:
    return first.replace(year=first.year - 1)
