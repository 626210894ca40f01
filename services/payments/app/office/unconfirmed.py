"""Sales that no provider's file has confirmed yet, and when their payout is expected."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from kit.db import Row, Transaction
from services.payments.app.deps import Deps
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.payout_terms import Due, due, expected_payout
from services.payments.domain.shop import Shop, payout_terms
from services.payments.domain.tender import Tender
from services.payments.store import areas, shops, unconfirmed

LOOK_BACK = timedelta(days=120)  # no terms that are kept reach further
MOST = 200
_FIRST = {Due.OVER: 0, Due.COMING: 1, Due.UNKNOWN: 2}


@dataclass(frozen=True, kw_only=True)
class Unconfirmed:
    """Sales of one shop, way to pay and day. expected: None where the terms are not known."""

    shop_place_id: str
    tender: Tender
    gateway: str
    day: date
    payment_count: int
    amount_yen: int
    expected: date | None
    due: Due


@dataclass(frozen=True)
class Waiting:
    """sales: those whose day has passed first. more: there are others. first: looked at since."""

    sales: list[Unconfirmed]
    more: bool
    today: date
    first: date


async def list_unconfirmed(deps: Deps, who: Who, shop_place_id: str) -> Waiting:
    """Returns what waits for a provider's word. Errors: ShopNotYours."""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    async with deps.db.read(who.area) as tx:
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        first = today - LOOK_BACK
        rows = await unconfirmed.by_day(tx, first, wanted)
        known = await shops.find_all(tx, sorted({row["shop_place_id"] for row in rows}))
    found = sorted((_of(row, known, today) for row in rows), key=_place)
    return Waiting(found[:MOST], len(found) > MOST, today, first)


def _of(row: Row, known: Mapping[str, Shop], today: date) -> Unconfirmed:
    tender, day = Tender(row["tender"]), row["business_date"]
    terms = payout_terms(known.get(row["shop_place_id"]), tender, row["gateway"])
    expected = expected_payout(terms, day)
    return Unconfirmed(
        shop_place_id=row["shop_place_id"], tender=tender, gateway=row["gateway"], day=day,
        payment_count=row["payment_count"], amount_yen=row["amount_yen"], expected=expected,
        due=due(expected, today),
    )  # fmt: skip


def _place(each: Unconfirmed) -> tuple[int, date, date, str, str]:
    return _FIRST[each.due], each.expected or each.day, each.day, each.shop_place_id, each.tender


async def with_expected(tx: Transaction, rows: Sequence[Row]) -> list[Row]:
    """Returns findings; what is missing from a file has the day on which its payout is expected."""
    missing = [row for row in rows if row["kind"] == "missing"]
    known = await shops.find_all(tx, sorted({row["shop_place_id"] for row in missing}))
    return [{**row, "expected_payout_date": _expected(row, known)} for row in rows]


def _expected(row: Row, known: Mapping[str, Shop]) -> date | None:
    if row["kind"] != "missing":
        return None
    shop = known.get(row["shop_place_id"])
    terms = payout_terms(shop, Tender(row["tender"]), row["gateway"])
    return expected_payout(terms, row["expected_date"])
