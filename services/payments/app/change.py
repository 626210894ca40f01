"""Capturing and voiding a payment."""

from collections.abc import Callable
from datetime import date, datetime

from kit.db import Transaction
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.commit import Pages
from services.payments.app.deps import Deps, as_id
from services.payments.app.steps import carry_out, wait_for_end
from services.payments.app.units import Answered
from services.payments.app.who import Who, check_clerk, check_device, check_shop_is_own
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import (
    ProviderRefundUnsupported,
    ProviderRefused,
    UnknownPayment,
)
from services.payments.domain.payment import (
    Payment,
    State,
    is_with_customer,
    order_of,
    start_capture,
    start_void,
)
from services.payments.domain.provider import DONE, Outcome, Step
from services.payments.domain.settle import settle
from services.payments.store import areas, payments
from services.payments.store.payments import Change

Start = Callable[[Payment, str, datetime, date], Payment]


async def capture_payment(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, amount_yen: int
) -> Payment:
    """Captures an authorized payment; 0 for all of it, a part releases the rest.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, Unresolved, WrongState, AmountTooLarge,
    GatewayAbsent, ProviderRefused, DeviceRevoked, RequestIdReused, StoreUnavailable.
    """

    def start(payment: Payment, step_key: str, now: datetime, today: date) -> Payment:
        return start_capture(payment, amount_yen, key=step_key, now=now, today=today)

    return _unless(State.AUTHORIZED, await _change(deps, key, who, payment_id, start))


async def void_payment(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, clerk_id: str = ""
) -> Payment:
    """Cancels an authorized payment, or a captured one of the same business date; one that waits
    for its customer waits no longer, where its provider can stop that.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, Unresolved, WrongState,
    WrongBusinessDate, GatewayAbsent, ProviderRefundUnsupported, ProviderRefused, DeviceRevoked,
    ClerkPinMissing, RequestIdReused, StoreUnavailable.
    """

    def start(payment: Payment, step_key: str, now: datetime, today: date) -> Payment:
        return start_void(payment, key=step_key, now=now, today=today)

    waiting = await _with_customer(deps, who, payment_id, clerk_id)
    if waiting is not None:
        return await _stop_waiting(deps, waiting)
    payment = await _change(deps, key, who, payment_id, start, clerk_id)
    return _unless(State.AUTHORIZED, _unless(State.CAPTURED, payment))


async def _with_customer(deps: Deps, who: Who, payment_id: str, clerk_id: str) -> Payment | None:
    """Returns a payment of the caller's that waits for its customer, None for any other."""
    async with deps.db.read(who.area) as tx:
        payment = await payments.find(tx, as_id("payment_id", payment_id))
        if payment is None or not is_with_customer(payment):
            return None
        await check_device(tx, who)
        check_shop_is_own(who, payment.shop_place_id)
        await check_clerk(tx, who, payment.shop_place_id, clerk_id)
    return payment


async def _stop_waiting(deps: Deps, payment: Payment) -> Payment:
    """Starts no step: the take ends as its provider says, or goes on. Twice is as good as once."""
    order = order_of(payment)
    answer = await deps.gateway(payment.gateway).cancel(order)
    if answer.outcome is Outcome.UNANSWERED:
        return payment
    result = await deps.writer.submit(payment.area, Answered(payment.payment_id, order.key, answer))
    return result if isinstance(result, Payment) else payment


def _unless(state: State, payment: Payment) -> Payment:
    """A step that left the payment where it was has been refused."""
    if payment.state is state and payment.pending is None:
        raise ProviderRefused("The provider refused; the payment is as it was.")
    return payment


async def _change(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, start: Start,
    clerk_id: str | None = None,
) -> Payment:  # fmt: skip
    payment_id = as_id("payment_id", payment_id)
    started: Payment | None = None
    async with deps.db.transaction(who.area) as tx:

        async def begin() -> str:
            nonlocal started
            step_key = new_id()
            started = await _begin(deps, tx, who, payment_id, step_key, start, clerk_id)
            return step_key

        step_key = await once(tx, key, str, begin)
    if started is None:
        return await wait_for_end(deps, who.area, payment_id, step_key)
    if started.pending is None:
        return started
    return await carry_out(deps, started)


async def _begin(
    deps: Deps, tx: Transaction, who: Who, payment_id: str, step_key: str, start: Start,
    clerk_id: str | None,
) -> Payment:  # fmt: skip
    """clerk_id: whose PIN it was, None for a step that needs none."""
    await check_device(tx, who)
    payment = await payments.lock(tx, payment_id)
    if payment is None:
        raise UnknownPayment("There is no such payment.")
    check_shop_is_own(who, payment.shop_place_id)
    if clerk_id is not None:
        await check_clerk(tx, who, payment.shop_place_id, clerk_id)
    now = deps.clock.now()
    today = business_date(now, await areas.time_zone(tx))
    started = start(payment, step_key, now, today)
    gateway = deps.gateway(payment.gateway)
    order = order_of(started)
    if order.step is Step.VOID and order.captured and payment.tender in gateway.facts.no_refunds:
        raise ProviderRefundUnsupported("The provider takes nothing back. Refund in cash instead.")
    if gateway.facts.immediate:
        pages = Pages()
        after = pages.keep(settle(started, order.key, DONE, now), now)
        await pages.write(deps, tx)
        return after
    await payments.update(tx, [Change(started, now + deps.lease(gateway))])
    return started
