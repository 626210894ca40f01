"""Settlement, journal export, and the figures of the law."""

from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import Row
from kit.pure.errors import InvalidFields
from services.payments.app.deps import Deps
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain import journal_csv
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.legal import (
    POINT_ACCOUNTS,
    PREPAID_ACCOUNTS,
    UnusedBalance,
    base_dates,
)
from services.payments.store import areas, settlement, shops

MAX_DAYS = 366
EXPORT_BATCH = 2_000
EXPORT_MOST = 25_000  # entries in one answer: about 3 MB, below the message limit
ENCODINGS = ("utf-8", "shift_jis")


@dataclass(frozen=True)
class Settlement:
    """Rows as store.settlement returns them."""

    first: date
    last: date
    rows: list[Row]
    payouts: list[Row]


async def read_settlement(
    deps: Deps, who: Who, shop_place_id: str, first: str, last: str
) -> Settlement:
    """Returns what lies at each provider. Errors: InvalidFields, ShopNotYours."""
    span, wanted = _span(first, last), _shops(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        return Settlement(
            *span,
            await settlement.settlement(tx, *span, wanted),
            await settlement.payouts(tx, *span, wanted),
        )


async def export_journal(
    deps: Deps, who: Who, shop_place_id: str, first: str, last: str, encoding: str
) -> tuple[bytes, int]:
    """Returns the live journal of a span as CSV, and its entries counted.

    Errors: InvalidFields, for too many entries too; ShopNotYours.
    """
    if encoding not in ENCODINGS:
        raise InvalidFields([("encoding", "give utf-8 or shift_jis")])
    span, wanted = _span(first, last), _shops(who, shop_place_id)
    async with deps.db.read(who.area) as tx:
        known = {shop.shop_place_id: shop for shop, _version in await shops.all_of_area(tx)}
        found: list[journal_csv.ExportEntry] = []
        after: tuple[date, str] | None = None
        while page := await settlement.journal_page(tx, *span, wanted, after, EXPORT_BATCH):
            found += page
            after = page[-1].business_date, page[-1].entry_id
            if len(found) > EXPORT_MOST:
                text = f"more than {EXPORT_MOST} entries: choose fewer days or one shop"
                raise InvalidFields([("last_date", text)])
    return journal_csv.write(found, known, encoding), len(found)


async def read_legal_figures(deps: Deps, who: Who) -> list[UnusedBalance]:
    """Returns the unused balances of the latest base dates, newest first."""
    async with deps.db.read(who.area) as tx:
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        return [
            UnusedBalance(
                base_date=day,
                prepaid_yen=await settlement.owed(tx, PREPAID_ACCOUNTS, day),
                free_points_yen=await settlement.owed(tx, POINT_ACCOUNTS, day),
            )
            for day in base_dates(today)
        ]


def _span(first: str, last: str) -> tuple[date, date]:
    begin, end = read_date("first_date", first), read_date("last_date", last)
    if not timedelta(0) <= end - begin < timedelta(days=MAX_DAYS):
        raise InvalidFields([("last_date", f"give a span of 1 to {MAX_DAYS} days")])
    return begin, end


def _shops(who: Who, shop_place_id: str) -> list[str]:
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
        return [shop_place_id]
    return sorted(who.shops)
