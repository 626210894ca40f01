"""Taking a payment: checks the sale and hands it to the writer, who stores it (app/commit.py);
then its step is carried out (app/steps.py), or a repeat waits for the first one's end.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey
from services.payments.app.deps import Deps, as_id
from services.payments.app.steps import carry_out, wait_for_end
from services.payments.app.units import Known, Sale, Take
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.amount import check_amount
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import check_items
from services.payments.domain.waited import MOST_SALES


@dataclass(frozen=True)
class Taken:
    """A payment in its present state. repeated: the request id was known already."""

    payment: Payment
    repeated: bool = False


async def take_payments(
    deps: Deps, who: Who, sales: Sequence[tuple[RequestKey, Sale] | Refusal]
) -> list[Taken | Refusal]:
    """Takes sales that waited, each under its own request id; a refusal is the answer of its own
    sale only. They reach the writer together and so share its transactions.

    Errors: InvalidFields for too many; StoreUnavailable, after which all may be sent again.
    """
    if not 0 < len(sales) <= MOST_SALES:
        raise InvalidFields([("sales", f"give 1 to {MOST_SALES} sales")])
    return await asyncio.gather(*(_take_or_refuse(deps, who, each) for each in sales))


async def _take_or_refuse(
    deps: Deps, who: Who, given: tuple[RequestKey, Sale] | Refusal
) -> Taken | Refusal:
    if isinstance(given, Refusal):
        return given
    key, sale = given
    try:
        return await take_payment(deps, key, who, sale)
    except Refusal as refusal:
        return refusal


def as_part(sale: Sale) -> Sale:
    """Returns a part of a split sale. Errors: InvalidFields for what no part can be."""
    bad = [("items", "a part has no lines of its own")] if sale.items else []
    if not sale.capture_at_once:
        bad.append(("capture", "a part is captured at once"))
    if bad:
        raise InvalidFields(bad)
    return replace(sale, split_sale_id=as_id("split_sale_id", sale.split_sale_id))


async def take_payment(deps: Deps, key: RequestKey, who: Who, sale: Sale) -> Taken:
    """Takes a payment; a repeat waits for the first one's end and returns the same payment.

    Errors: InvalidFields, ShopNotYours, UnknownShop, TenderNotAccepted, DeviceRevoked,
    RequestIdReused, NeedsConnection, WaitedTooLong, StoreUnavailable; of a part UnknownSplitSale
    and those of SplitSale.check_part.
    """
    if sale.clerk_id:
        as_id("clerk_id", sale.clerk_id)
    if sale.split_sale_id:
        sale = as_part(sale)
    check_amount("amount_yen", sale.amount_yen)
    check_items(sale.items, sale.amount_yen)
    check_shop_is_own(who, sale.shop_place_id)
    result = await deps.writer.submit(who.area, Take(key, who, sale))
    if isinstance(result, Known):
        payment_id = result.payment_id
        return Taken(await wait_for_end(deps, who.area, payment_id, payment_id), repeated=True)
    if result.pending is None:
        return Taken(result)
    return Taken(await carry_out(deps, result))
