"""Capturing and voiding a payment."""

from collections.abc import Callable, Sequence
from datetime import date, datetime

from kit.db import Transaction
from kit.ids import new_id
from kit.requests import RequestKey, once
from services.payments.app.commit import Pages
from services.payments.app.deps import Deps, as_id
from services.payments.app.steps import cancel, carry_out, wait_for_end
from services.payments.app.units import Answered
from services.payments.app.who import (
    Who,
    check_clerk,
    check_device,
    check_not_admitted,
    check_shop_is_own,
)
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

STOP_WAITING = "stop waiting "  # the kept answer of such a request, before the key of the take


async def capture_payment(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, amount_yen: int
) -> Payment:
    """Captures an authorized payment; 0 for all of it, a part releases the rest.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, Unresolved, WrongState, AmountTooLarge,
    GatewayAbsent, ProviderRefused, DeviceRevoked, RequestIdReused, StoreUnavailable.
    """

    def start(payment: Payment, step_key: str, now: datetime, today: date) -> Payment:
        return start_capture(payment, amount_yen, key=step_key, now=now, today=today)

    return await _change(deps, key, who, payment_id, start, (State.AUTHORIZED,))


async def void_payment(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, clerk_id: str = "",
    *, admitted_confirmed: bool = False,
) -> Payment:  # fmt: skip
    """Cancels an authorized payment, or a captured one of the same business date; one that waits
    for its customer waits no longer, where its provider can stop that.

    Errors: InvalidFields, UnknownPayment, ShopNotYours, Unresolved, WrongState,
    WrongBusinessDate, GatewayAbsent, ProviderRefundUnsupported, ProviderRefused, DeviceRevoked,
    ClerkPinMissing, RequestIdReused, StoreUnavailable; TicketWasAdmitted where the party of its
    ticket went in and that is not confirmed.
    """
    return await _void(deps, key, who, payment_id, clerk_id, admitted_confirmed=admitted_confirmed)


async def void_checked(deps: Deps, key: RequestKey, who: Who, payment_id: str) -> Payment:
    """Voids for somebody whose right and PIN were checked before. Errors: those of void_payment."""
    return await _void(deps, key, who, payment_id, None, admitted_confirmed=True)


async def _void(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, clerk_id: str | None,
    *, admitted_confirmed: bool = False,
) -> Payment:  # fmt: skip
    def start(payment: Payment, step_key: str, now: datetime, today: date) -> Payment:
        return start_void(payment, key=step_key, now=now, today=today)

    refused_in = (State.AUTHORIZED, State.CAPTURED)
    return await _change(
        deps, key, who, payment_id, start, refused_in, clerk_id, stops_waiting=True,
        check_ticket=not admitted_confirmed,
    )  # fmt: skip


async def _change(
    deps: Deps, key: RequestKey, who: Who, payment_id: str, start: Start,
    refused_in: Sequence[State], clerk_id: str | None = None, *, stops_waiting: bool = False,
    check_ticket: bool = False,
) -> Payment:  # fmt: skip
    """Starts a step once and carries it out; a payment left in one of refused_in was refused.

    clerk_id: whose PIN it was, None for a step that needs none.

    stops_waiting: of a payment that is with its customer the request means the take, and for ever:
    sent again after the customer paid, it must not take the paid sale back.
    """
    payment_id = as_id("payment_id", payment_id)
    started: Payment | None = None
    async with deps.db.transaction(who.area) as tx:

        async def begin() -> str:
            nonlocal started
            payment = await _own(tx, who, payment_id, clerk_id)
            if stops_waiting and is_with_customer(payment):
                return STOP_WAITING + order_of(payment).key
            if check_ticket:
                await check_not_admitted(tx, payment_id)
            step_key = new_id()
            started = await _begin(deps, tx, payment, step_key, start)
            return step_key

        answer = await once(tx, key, str, begin)
    if answer.startswith(STOP_WAITING):
        take_key = answer.removeprefix(STOP_WAITING)
        return await _stop_waiting(deps, who.area, payment_id, take_key)
    if started is None:
        payment = await wait_for_end(deps, who.area, payment_id, answer)
    else:
        payment = started if started.pending is None else await carry_out(deps, started)
    if payment.state in refused_in and payment.pending is None:
        raise ProviderRefused("The provider refused; the payment is as it was.")
    return payment


async def _own(tx: Transaction, who: Who, payment_id: str, clerk_id: str | None) -> Payment:
    """Returns a payment of the caller's shop, locked. clerk_id: as of _change."""
    await check_device(tx, who)
    payment = await payments.lock(tx, payment_id)
    if payment is None:
        raise UnknownPayment("There is no such payment.")
    check_shop_is_own(who, payment.shop_place_id)
    if clerk_id is not None:
        await check_clerk(tx, who, payment.shop_place_id, clerk_id)
    return payment


async def _stop_waiting(deps: Deps, area: str, payment_id: str, take_key: str) -> Payment:
    """Starts no step: the take ends as its provider says, or goes on. A repeat asks the provider
    again as long as the customer has not finished, and changes nothing after that."""
    async with deps.db.read(area) as tx:
        payment = await payments.find(tx, payment_id)
    if payment is None:
        raise AssertionError(f"{payment_id} belongs to an answered request")
    if not is_with_customer(payment) or order_of(payment).key != take_key:
        return payment
    answer = await cancel(deps.gateway(payment.gateway), order_of(payment))
    if answer.outcome is Outcome.UNANSWERED:
        return payment
    result = await deps.writer.submit(area, Answered(payment_id, take_key, answer))
    return result if isinstance(result, Payment) else payment


async def _begin(
    deps: Deps, tx: Transaction, payment: Payment, step_key: str, start: Start
) -> Payment:
    now = deps.clock.now()
    today = business_date(now, await areas.time_zone(tx))
    started = start(payment, step_key, now, today)
    gateway = deps.gateway(payment.gateway)
    order = order_of(started)
    if order.step is Step.VOID and order.captured and not gateway.facts.gives_back(payment.tender):
        raise ProviderRefundUnsupported("The provider takes nothing back. Refund in cash instead.")
    if gateway.facts.immediate:
        pages = Pages()
        after = pages.keep(settle(started, order.key, DONE, now), now)
        await pages.write(deps, tx)
        return after
    await payments.update(tx, [Change(started, now + deps.lease(gateway))])
    return started
