"""Taking a payment.

Transaction 1 writes CREATED and the request id; then the provider is asked; transaction 2 writes
the outcome. Where nobody outside has to be asked, one transaction does both.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.db import Transaction
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app import commit
from services.payments.app.deps import Deps, Who, check_device, check_shop_is_own
from services.payments.app.steps import carry_out, wait_for_end
from services.payments.domain.amount import check_amount
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import UnknownShop
from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment, take_order, with_take
from services.payments.domain.provider import DONE
from services.payments.domain.receipt import Item, check_items
from services.payments.domain.settle import settle
from services.payments.domain.shop import choose_gateway, is_practice
from services.payments.domain.tender import Tender
from services.payments.store import areas, payments, shops


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What to take. gateway: "" for the shop's first. items: may be empty."""

    shop_place_id: str
    tender: Tender
    amount_yen: int
    capture_at_once: bool
    items: Sequence[Item]
    gateway: str
    channel: Channel


async def take_payment(deps: Deps, key: RequestKey, who: Who, sale: Sale) -> Payment:
    """Takes a payment; a repeat waits for the first one's end and returns the same payment.

    Errors: InvalidFields, ShopNotYours, UnknownShop, TenderNotAccepted, DeviceRevoked,
    RequestIdReused, StoreUnavailable.
    """
    check_amount("amount_yen", sale.amount_yen)
    check_items(sale.items, sale.amount_yen)
    check_shop_is_own(who, sale.shop_place_id)
    created: Payment | None = None
    async with deps.db.transaction(who.area) as tx:

        async def create() -> str:
            nonlocal created
            created = await _create(deps, tx, who, sale)
            return created.payment_id

        payment_id = await once(tx, key, str, create)
    if created is None:
        return await wait_for_end(deps, who.area, payment_id, payment_id)
    if created.pending is None:
        return created
    return await carry_out(deps, created)


async def _create(deps: Deps, tx: Transaction, who: Who, sale: Sale) -> Payment:
    await check_device(tx, who)
    found = await shops.find(tx, sale.shop_place_id)
    if found is None:
        raise UnknownShop(f"{sale.shop_place_id[:80] or 'This'} is not set up for payments.")
    shop, now = found[0], deps.clock.now()
    facts = choose_gateway(shop, sale.tender, sale.gateway, deps.facts)
    payment = with_take(
        Payment(
            area=who.area, payment_id=new_id(), shop_place_id=shop.shop_place_id,
            owner=shop.owner, tender=sale.tender, gateway=facts.name, custody=facts.custody,
            practice=is_practice(shop, facts), channel=sale.channel, taken_by=who.principal,
            amount_yen=sale.amount_yen, capture_at_once=sale.capture_at_once,
            items=tuple(sale.items), business_date=business_date(now, await areas.time_zone(tx)),
            create_time=now, update_time=now, unconfirmed=facts.unconfirmed,
        )
    )  # fmt: skip
    await payments.insert(tx, payment, now + deps.lease(deps.gateways[facts.name]))
    if not facts.immediate:
        return payment
    settled = settle(payment, take_order(payment).key, DONE, now)
    return await commit.write(deps, tx, settled)
