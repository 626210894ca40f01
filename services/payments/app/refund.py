"""Refunding a payment: transaction 1 reserves, the provider is asked, transaction 2 settles."""

import asyncio
from contextlib import suppress

from kit.db import StoreBusy, StoreUnavailable, Transaction
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.commit import FIRST_ASK, Pages
from services.payments.app.deps import Deps, as_id
from services.payments.app.steps import POLL_S, carry, perform
from services.payments.app.who import (
    Who,
    check_clerk,
    check_device,
    check_not_admitted,
    check_shop_is_own,
)
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import AlreadyResolved, UnknownPayment
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.provider import DONE, Answer
from services.payments.domain.refund import (
    Refund,
    RefundSettled,
    RefundState,
    refund_order,
    settle_refund,
    start_refund,
)
from services.payments.store import areas, journal, payments, refunds, split_sales, webhooks
from services.payments.store.payments import Change
from services.payments.store.webhooks import Heard


async def refund_payment(
    deps: Deps, key: RequestKey, who: Who, payment_id: str,
    amount_yen: int, channel: RefundChannel, reason: str, clerk_id: str = "",
    *, is_checked: bool = False, admitted_confirmed: bool = False,
) -> Refund:  # fmt: skip
    """Gives money back; a repeat waits for the first one's end and returns the same refund.

    is_checked: the PIN was checked before. admitted_confirmed: money goes back although the party
    of its ticket went in.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, Unresolved, WrongState, AmountTooLarge,
    GatewayAbsent, ProviderRefundUnsupported, DeviceRevoked, ClerkPinMissing, RequestIdReused,
    TicketWasAdmitted, SplitSaleOpen for a part of a sale that is not paid yet, StoreUnavailable.
    """
    payment_id = as_id("payment_id", payment_id)
    started: tuple[Payment, Refund] | None = None
    async with deps.db.transaction(who.area) as tx:

        async def begin() -> str:
            nonlocal started
            now = deps.clock.now()
            refund = Refund(
                area=who.area, refund_id=new_id(), payment_id=payment_id, amount_yen=amount_yen,
                channel=channel, reason=reason, refunded_by=who.principal, create_time=now,
                business_date=business_date(now, await areas.time_zone(tx)),
                clerk_id=clerk_id,
            )  # fmt: skip
            started = await begin_refund(
                deps, tx, who, refund, is_checked=is_checked, admitted_confirmed=admitted_confirmed
            )
            return refund.refund_id

        refund_id = await once(tx, key, str, begin)
    if started is None:
        return await wait_for_refund(deps, who.area, refund_id)
    return await finish_refund(deps, *started)


async def finish_refund(deps: Deps, payment: Payment, refund: Refund) -> Refund:
    """Asks the provider about a refund whose first transaction is committed."""
    if refund.state is not RefundState.CREATED:
        return refund
    return await carry(deps, refund.refund_id, _ask_and_settle(deps, payment, refund))


async def begin_refund(
    deps: Deps,
    tx: Transaction,
    who: Who,
    refund: Refund,
    *,
    is_checked: bool = False,
    admitted_confirmed: bool = False,
) -> tuple[Payment, Refund]:
    """Reserves a refund, or makes it where nobody outside has to be asked.

    is_checked: no PIN is needed any more; it happened at a register already, or was checked before.
    Errors: as refund_payment.
    """
    await check_device(tx, who)
    payment = await payments.lock(tx, refund.payment_id)
    if payment is None:
        raise UnknownPayment("There is no such payment.")
    check_shop_is_own(who, payment.shop_place_id)
    if not is_checked:
        await check_clerk(tx, who, payment.shop_place_id, refund.clerk_id)
    if not (is_checked or admitted_confirmed):
        await check_not_admitted(tx, refund.payment_id)
    if payment.split_sale_id and not is_checked:
        sale = await split_sales.find(tx, payment.split_sale_id)
        if sale is not None:
            sale.check_refund()
    facts = deps.facts.get(payment.gateway)
    by_provider = facts is None or facts.gives_back(payment.tender)
    after, refund = start_refund(payment, refund, provider_refunds=by_provider)
    if refund.channel is not RefundChannel.PROVIDER:
        # Nobody outside has to be asked: the money is in the clerk's hand already.
        same_date_yen = await journal.refunded_at_once(tx, after)
        settled = settle_refund(
            after, refund, DONE, refund.create_time, same_date_yen=same_date_yen
        )
        await refunds.insert(tx, settled.refund, None)
        await _pages(settled).write(deps, tx)
        return settled.payment, settled.refund
    lease = deps.lease(deps.gateway(payment.gateway))
    await payments.update(tx, [Change(after)])
    # From now, not from its making: the lock above may have been waited for.
    await refunds.insert(tx, refund, deps.clock.now() + lease)
    return after, refund


async def _ask_and_settle(deps: Deps, payment: Payment, refund: Refund) -> Refund:
    answer = await perform(deps.gateway(payment.gateway), refund_order(payment, refund))
    return await settle_answer(deps, payment, refund.refund_id, answer)


async def settle_answer(
    deps: Deps, known: Payment, refund_id: str, answer: Answer, heard: Heard | None = None
) -> Refund:
    """Applies an answer to a refund; the payment's lock also guards its refunds.

    heard: the webhook that told it, if one did.

    When somebody else settled it first, that outcome stands. Errors: StoreUnavailable.
    """
    async with deps.db.transaction(known.area) as tx:
        payment = await payments.lock(tx, known.payment_id)
        refund = await refunds.find(tx, refund_id)
        if payment is None or refund is None:
            raise AssertionError(f"{refund_id} was stored before its provider was asked")
        now = deps.clock.now()
        await webhooks.keep(tx, [heard] if heard else [], now)
        try:
            settled = settle_refund(
                payment, refund, answer, now,
                same_date_yen=await journal.refunded_at_once(tx, payment),
            )  # fmt: skip
        except AlreadyResolved:
            return refund
        if settled.refund is refund:
            return refund
        await refunds.update(tx, settled.refund, now + FIRST_ASK)
        if settled.payment is not payment:
            await _pages(settled).write(deps, tx)
        return settled.refund


def _pages(settled: RefundSettled) -> Pages:
    pages = Pages(entries=list(settled.entries), events=list(settled.events))
    pages.updates[settled.payment.payment_id] = Change(settled.payment)
    return pages


async def read_refund(deps: Deps, area: str, refund_id: str) -> tuple[Payment, Refund]:
    """Returns a refund that is known to be stored, and its payment."""
    async with deps.db.read(area) as tx:
        refund = await refunds.find(tx, refund_id)
        payment = await payments.find(tx, refund.payment_id) if refund else None
    if refund is None or payment is None:
        raise AssertionError(f"{refund_id} belongs to an answered request")
    return payment, refund


async def wait_for_refund(deps: Deps, area: str, refund_id: str) -> Refund:
    """Follows the task where this process carries the refund, else the row; see steps."""
    task: asyncio.Task[Refund] | None = deps.in_flight.get(refund_id)
    if task is not None:
        with suppress(StoreUnavailable, StoreBusy):
            return await asyncio.shield(task)
    payment, refund = await read_refund(deps, area, refund_id)
    gateway = deps.gateways.get(payment.gateway)
    if gateway is None:
        return refund  # nobody here carries it or asks about it
    with suppress(TimeoutError):
        async with asyncio.timeout(deps.lease(gateway).total_seconds()):
            while refund.state is RefundState.CREATED:
                await asyncio.sleep(POLL_S[-1])
                _, refund = await read_refund(deps, area, refund_id)
    return refund
