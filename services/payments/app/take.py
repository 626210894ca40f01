"""Taking a payment: checks the sale and hands it to the writer, who stores it (app/commit.py);
then its step is carried out (app/steps.py), or a repeat waits for the first one's end.
"""

from dataclasses import dataclass

from kit.requests import RequestKey
from services.payments.app.deps import Deps
from services.payments.app.steps import carry_out, wait_for_end
from services.payments.app.units import Known, Sale, Take
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.amount import check_amount
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import check_items


@dataclass(frozen=True)
class Taken:
    """A payment in its present state. repeated: the request id was known already."""

    payment: Payment
    repeated: bool = False


async def take_payment(deps: Deps, key: RequestKey, who: Who, sale: Sale) -> Taken:
    """Takes a payment; a repeat waits for the first one's end and returns the same payment.

    Errors: InvalidFields, ShopNotYours, UnknownShop, TenderNotAccepted, DeviceRevoked,
    RequestIdReused, StoreUnavailable.
    """
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
