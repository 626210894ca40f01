"""Tax-free sales: recording one, what customs said, giving the tax back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.payments.app.deps import Deps, as_id
from services.payments.app.reads import PAGE_DEFAULT, PAGE_MOST
from services.payments.app.refund import begin_refund, finish_refund, wait_for_refund
from services.payments.app.who import Who, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date, read_date
from services.payments.domain.errors import (
    TaxFreeNotPossible,
    UnknownPayment,
    UnknownShop,
    UnknownTaxFreeSale,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.refund import Refund
from services.payments.domain.tax_free import (
    RecordWish,
    TaxFreeSale,
    record_sale,
    settle_customs,
    start_tax_refund,
)
from services.payments.store import areas, payments, refunds, shops, tax_free


@dataclass(frozen=True)
class TaxFreePage:
    """Records, newest first. today: what decides whether one is expired."""

    sales: list[TaxFreeSale]
    next_token: str
    today: date


async def record_tax_free(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, purchase_record_id: str,
    serials: Mapping[int, str],
) -> TaxFreeSale:  # fmt: skip
    """Records a sale of today whose tax may go back; a repeat returns the same record.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, WrongState, TaxFreeNotPossible,
    DeviceRevoked, RequestIdReused, StoreUnavailable.
    """
    payment_id = as_id("payment_id", payment_id)
    async with deps.db.transaction(who.area) as tx:

        async def record() -> str:
            payment = await _lock(tx, who, payment_id)
            shop = await shops.find(tx, payment.shop_place_id)
            if shop is None:
                raise UnknownShop("This shop is not set up for payments.")
            now = deps.clock.now()
            wish = RecordWish(
                tax_free_sale_id=new_id(), purchase_record_id=purchase_record_id, serials=serials,
                recorded_by=who.principal, now=now,
                today=business_date(now, await areas.time_zone(tx)),
            )  # fmt: skip
            sale = record_sale(payment, shop[0], wish)
            if not await tax_free.insert(tx, sale):
                raise TaxFreeNotPossible("This sale or this purchase record is recorded already.")
            return sale.tax_free_sale_id

        return await _read(tx, await once(tx, key, str, record))


async def settle_tax_free(
    deps: Deps, key: RequestKey, who: Who, tax_free_sale_id: str,
    *, confirmed: bool, confirm_date: str,
) -> TaxFreeSale:  # fmt: skip
    """Notes what customs said; a repeat returns the record in its present state.

    Errors: InvalidFields, UnknownTaxFreeSale, ShopNotYours, WrongState, TaxFreeExpired,
    TaxFreeNotPossible, DeviceRevoked, RequestIdReused, StoreUnavailable.
    """
    tax_free_sale_id = as_id("tax_free_sale_id", tax_free_sale_id)
    seen = read_date("confirm_date", confirm_date)
    async with deps.db.transaction(who.area) as tx:

        async def note() -> str:
            payment, sale = await _lock_both(tx, who, tax_free_sale_id)
            today = business_date(deps.clock.now(), await areas.time_zone(tx))
            after = settle_customs(
                sale, payment, confirmed=confirmed, confirm_date=seen, today=today
            )
            await tax_free.update(tx, after)
            return tax_free_sale_id

        return await _read(tx, await once(tx, key, str, note))


async def refund_tax_free(
    deps: Deps, key: RequestKey, who: Who, tax_free_sale_id: str, channel: RefundChannel,
    clerk_id: str = "",
) -> tuple[Refund, TaxFreeSale]:  # fmt: skip
    """Gives the tax of a confirmed record back; a repeat waits and returns the same refund.

    Errors: as refund_payment, and UnknownTaxFreeSale, TaxFreeNotPossible.
    """
    tax_free_sale_id = as_id("tax_free_sale_id", tax_free_sale_id)
    started: tuple[Payment, Refund] | None = None
    async with deps.db.transaction(who.area) as tx:

        async def begin() -> str:
            nonlocal started
            payment, sale = await _lock_both(tx, who, tax_free_sale_id)
            earlier = await refunds.find(tx, sale.refund_id) if sale.refund_id else None
            now = deps.clock.now()
            refund = Refund(
                area=who.area, refund_id=new_id(), payment_id=sale.payment_id,
                amount_yen=sale.tax_yen, channel=channel, refunded_by=who.principal,
                clerk_id=clerk_id,
                reason=f"免税 {sale.purchase_record_id}", create_time=now,
                business_date=business_date(now, await areas.time_zone(tx)),
            )  # fmt: skip
            after = start_tax_refund(sale, payment, earlier, refund.refund_id)
            started = await begin_refund(deps, tx, who, refund)
            await tax_free.update(tx, after)
            return refund.refund_id

        refund_id = await once(tx, key, str, begin)
        sale = await _read(tx, tax_free_sale_id)
    if started is None:
        return await wait_for_refund(deps, who.area, refund_id), sale
    return await finish_refund(deps, *started), sale


async def list_tax_free(
    deps: Deps, who: Who, *, shop_place_id: str, payment_id: str, page_size: int, page_token: str
) -> TaxFreePage:
    """Returns a page of records, newest first. Errors: InvalidFields, ShopNotYours."""
    if not 0 <= page_size <= PAGE_MOST:
        raise InvalidFields([("page_size", f"give 0 to {PAGE_MOST}")])
    before = as_id("page_token", page_token) if page_token else ""
    only_payment = as_id("payment_id", payment_id) if payment_id else ""
    if shop_place_id:
        check_shop_is_own(who, shop_place_id)
    wanted = [shop_place_id] if shop_place_id else sorted(who.shops)
    size = page_size or PAGE_DEFAULT
    async with deps.db.read(who.area) as tx:
        today = business_date(deps.clock.now(), await areas.time_zone(tx))
        found = await tax_free.page(
            tx, shop_place_ids=wanted, payment_id=only_payment, before=before, limit=size + 1
        )
    token = found[size - 1].tax_free_sale_id if len(found) > size else ""
    return TaxFreePage(found[:size], token, today)


async def today_of(deps: Deps, area: str) -> date:
    """Returns the area's business date."""
    async with deps.db.read(area) as tx:
        return business_date(deps.clock.now(), await areas.time_zone(tx))


async def _lock(tx: Transaction, who: Who, payment_id: str) -> Payment:
    await check_device(tx, who)
    payment = await payments.lock(tx, payment_id)
    if payment is None:
        raise UnknownPayment("There is no such payment.")
    check_shop_is_own(who, payment.shop_place_id)
    return payment


async def _lock_both(
    tx: Transaction, who: Who, tax_free_sale_id: str
) -> tuple[Payment, TaxFreeSale]:
    """The record is read again under the lock of its payment."""
    found = await tax_free.find(tx, tax_free_sale_id)
    if found is None:
        raise UnknownTaxFreeSale("There is no such tax-free sale.")
    payment = await _lock(tx, who, found.payment_id)
    return payment, await _read(tx, tax_free_sale_id)


async def _read(tx: Transaction, tax_free_sale_id: str) -> TaxFreeSale:
    found = await tax_free.find(tx, tax_free_sale_id)
    if found is None:
        raise AssertionError(f"{tax_free_sale_id} belongs to an answered request")
    return found
