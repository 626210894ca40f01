"""Taking a payment: checks the sale and hands it to the writer, who stores it (app/commit.py);
then its step is carried out (app/steps.py), or a repeat waits for the first one's end.
"""

import asyncio
from collections.abc import Sequence

import msgspec

from kit.pure.errors import InvalidFields, Refusal
from kit.requests import RequestKey
from services.payments.app.deps import Deps, as_id
from services.payments.app.steps import carry_out, wait_for_end
from services.payments.app.units import Known, Result, Sale, Take
from services.payments.app.who import Who, check_shop_is_own
from services.payments.domain.amount import check_amount
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import check_items
from services.payments.domain.waited import MOST_SALES


class Taken(msgspec.Struct, frozen=True):
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
    checked = [_check_or_refuse(who, each) for each in sales]
    takes = [each for each in checked if isinstance(each, Take)]
    written = iter(await deps.writer.submit_all(who.area, takes))
    found = [next(written) if isinstance(each, Take) else each for each in checked]
    ends = [_ended(each) for each in found]
    # Those that are not over yet, at the same time; mostly there are none.
    late = iter(await asyncio.gather(*(
        _end_or_refuse(deps, who, each) for each, end in zip(found, ends, strict=True)
        if end is None and not isinstance(each, Exception)
    )))  # fmt: skip
    return [end or next(late) for end in ends]


def _check_or_refuse(who: Who, given: tuple[RequestKey, Sale] | Refusal) -> Take | Refusal:
    if isinstance(given, Refusal):
        return given
    try:
        return _checked(who, *given)
    except Refusal as refusal:
        return refusal


def as_part(sale: Sale) -> Sale:
    """Returns a part of a split sale. Errors: InvalidFields for what no part can be."""
    bad = [("items", "a part has no lines of its own")] if sale.items else []
    if not sale.capture_at_once:
        bad.append(("capture", "a part is captured at once"))
    if bad:
        raise InvalidFields(bad)
    return msgspec.structs.replace(sale, split_sale_id=as_id("split_sale_id", sale.split_sale_id))


async def take_payment(deps: Deps, key: RequestKey, who: Who, sale: Sale) -> Taken:
    """Takes a payment; a repeat waits for the first one's end and returns the same payment.

    Errors: InvalidFields, ShopNotYours, UnknownShop, TenderNotAccepted, DeviceRevoked,
    RequestIdReused, NeedsConnection, WaitedTooLong, StoreUnavailable; of a part UnknownSplitSale
    and those of SplitSale.check_part.
    """
    result = await deps.writer.submit(who.area, _checked(who, key, sale))
    return await _end(deps, who, result)


def _checked(who: Who, key: RequestKey, sale: Sale) -> Take:
    if sale.clerk_id:
        as_id("clerk_id", sale.clerk_id)
    if sale.split_sale_id:
        sale = as_part(sale)
    check_amount("amount_yen", sale.amount_yen)
    check_items(sale.items, sale.amount_yen)
    check_shop_is_own(who, sale.shop_place_id)
    return Take(key, who, sale)


def _ended(result: Result | Exception) -> Taken | Refusal | None:
    """Returns what is over already, None where somebody has to be asked or waited for. Errors:
    whatever is no refusal of this sale."""
    if isinstance(result, Payment):
        return Taken(result) if result.pending is None else None
    if isinstance(result, Known):
        return None
    if isinstance(result, Refusal):
        return result
    raise result


async def _end(deps: Deps, who: Who, result: Result) -> Taken:
    if isinstance(result, Known):
        payment_id = result.payment_id
        return Taken(await wait_for_end(deps, who.area, payment_id, payment_id), repeated=True)
    if result.pending is None:
        return Taken(result)
    return Taken(await carry_out(deps, result))


async def _end_or_refuse(deps: Deps, who: Who, result: Result) -> Taken | Refusal:
    try:
        return await _end(deps, who, result)
    except Refusal as refusal:
        return refusal
