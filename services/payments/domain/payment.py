"""The life of a payment.

A payment has at most one step under way with its provider. Starting a step and settling it are two
functions, because the provider is asked between two transactions; a step is settled at most once.
"""

from datetime import date, datetime
from enum import StrEnum

import msgspec

from services.payments.domain.errors import (
    AlreadyResolved,
    AmountTooLarge,
    Unresolved,
    WrongBusinessDate,
    WrongState,
)
from services.payments.domain.events import Channel
from services.payments.domain.provider import Order, Step
from services.payments.domain.receipt import Item
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Custody, Tender


class State(StrEnum):
    """Where a payment stands."""

    CREATED = "created"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"
    DECLINED = "declined"
    EXPIRED = "expired"
    UNKNOWN = "unknown"


# Everything that may happen to a payment; all else is a mistake of ours and raises WrongState.
TRANSITIONS: dict[State, frozenset[State]] = {
    State.CREATED: frozenset(
        {State.AUTHORIZED, State.CAPTURED, State.DECLINED, State.EXPIRED, State.UNKNOWN}
    ),
    State.AUTHORIZED: frozenset({State.CAPTURED, State.VOIDED, State.EXPIRED, State.UNKNOWN}),
    State.CAPTURED: frozenset({State.VOIDED, State.UNKNOWN}),
    State.UNKNOWN: frozenset(
        {State.AUTHORIZED, State.CAPTURED, State.VOIDED, State.DECLINED, State.EXPIRED}
    ),
    State.VOIDED: frozenset(),
    State.DECLINED: frozenset(),
    State.EXPIRED: frozenset(),
}


class Pending(msgspec.Struct, frozen=True, kw_only=True):
    """The step under way. key: what the provider knows it by. came_from: state before the step."""

    step: Step
    key: str
    amount_yen: int
    came_from: State
    business_date: date


class Payment(msgspec.Struct, frozen=True, kw_only=True):
    """One payment. Amounts in whole yen, times aware UTC, business_date that of the sale.

    No dataclass: a frozen one of thirty fields takes six times as long to make, and a sale makes
    several.
    """

    area: str
    payment_id: str
    shop_place_id: str
    owner: Owner
    tender: Tender
    gateway: str
    custody: Custody
    practice: bool
    channel: Channel
    taken_by: str
    amount_yen: int
    capture_at_once: bool
    items: tuple[Item, ...]
    business_date: date
    create_time: datetime
    update_time: datetime
    state: State = State.CREATED
    authorized_yen: int = 0
    captured_yen: int = 0
    captured_date: date | None = None
    refunded_yen: int = 0
    reserved_yen: int = 0  # refunds under way
    decline_reason: str = ""
    unconfirmed: bool = False
    authorized_until: datetime | None = None
    terminal: str = ""
    provider_ref: str = ""
    tap_time: datetime | None = None  # of a sale that waited for a connection
    clerk_id: str = ""
    split_sale_id: str | None = None  # of a part
    pending: Pending | None = None
    version: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.captured_yen <= self.authorized_yen <= self.amount_yen:
            raise AssertionError(f"{self.payment_id}: captured more than authorized")
        if self.refunded_yen < 0 or self.reserved_yen < 0 or self.left_yen < 0:
            raise AssertionError(f"{self.payment_id}: refunded more than captured")

    @property
    def sale_time(self) -> datetime:
        """When the customer paid; create_time is when we heard of it."""
        return self.tap_time or self.create_time

    @property
    def is_being_voided(self) -> bool:
        """Whether its provider is asked to cancel it: until the answer nobody knows if it pays."""
        return self.pending is not None and self.pending.step is Step.VOID

    @property
    def left_yen(self) -> int:
        """What of the capture neither went back nor is on its way back."""
        return self.captured_yen - self.refunded_yen - self.reserved_yen

    # The one answer to what may go back: refunds, voids, split sales, tickets, tax-free records,
    # journals that are taken back, and through the contract the counter, all ask these three.

    @property
    def refundable_yen(self) -> int:
        """What may be refunded now: nothing while an outcome is awaited."""
        settled = self.state is State.CAPTURED and self.pending is None
        return self.left_yen if settled else 0

    @property
    def has_money_back(self) -> bool:
        """Whether some of it was refunded, be it only under way."""
        return bool(self.refunded_yen or self.reserved_yen)

    @property
    def is_kept_whole(self) -> bool:
        """Whether it was captured and nothing of it went back or is on its way."""
        return self.state is State.CAPTURED and not self.has_money_back


def move(payment: Payment, state: State, now: datetime, **changes: object) -> Payment:
    """Returns the payment in another state. Errors: WrongState for a transition that is not one."""
    if state not in TRANSITIONS[payment.state]:
        raise WrongState(f"A payment cannot go from {payment.state} to {state}.")
    # As touch() does, without handing the changes on twice: every sale comes by here.
    return msgspec.structs.replace(
        payment, version=payment.version + 1, update_time=now, state=state, **changes
    )


def touch(payment: Payment, now: datetime, **changes: object) -> Payment:
    """Returns the payment changed, with its next version."""
    return msgspec.structs.replace(payment, version=payment.version + 1, update_time=now, **changes)


def changed(payment: Payment, **changes: object) -> Payment:
    """Returns a copy with other values, checked as ever. Errors: TypeError for an unknown field."""
    return msgspec.structs.replace(payment, **changes)


def order_of(payment: Payment) -> Order:
    """Returns the order of the step under way. Errors: AlreadyResolved where there is none."""
    if payment.pending is None:
        raise AlreadyResolved("Nothing is under way.")
    return Order(
        step=payment.pending.step,
        key=payment.pending.key,
        payment_id=payment.payment_id,
        amount_yen=payment.pending.amount_yen,
        tender=payment.tender,
        capture=payment.capture_at_once,
        captured=payment.pending.came_from is State.CAPTURED,
        terminal=payment.terminal,
        provider_ref=payment.provider_ref,
    )


def is_with_customer(payment: Payment) -> bool:
    """Tells whether the provider has the sale and the customer still has to finish it."""
    pending = payment.pending
    return pending is not None and pending.step is Step.TAKE and bool(payment.provider_ref)


def take_order(payment: Payment) -> Order:
    """Returns the order of the payment's first step, over or not."""
    return Order(
        step=Step.TAKE,
        key=payment.payment_id,
        payment_id=payment.payment_id,
        amount_yen=payment.amount_yen,
        tender=payment.tender,
        capture=payment.capture_at_once,
        terminal=payment.terminal,
        provider_ref=payment.provider_ref,
    )


def with_take(payment: Payment) -> Payment:
    """Returns a new payment with its first step under way; its key is the payment's own id."""
    first = first_step(payment.payment_id, payment.amount_yen, payment.business_date)
    return changed(payment, pending=first)


def first_step(payment_id: str, amount_yen: int, day: date) -> Pending:
    """Returns the step that a payment is made with."""
    return Pending(
        step=Step.TAKE,
        key=payment_id,
        amount_yen=amount_yen,
        came_from=State.CREATED,
        business_date=day,
    )


def start_capture(
    payment: Payment, amount_yen: int, *, key: str, now: datetime, today: date
) -> Payment:
    """Starts the capture of an authorization; 0 captures all of it.

    Errors: Unresolved, WrongState, AmountTooLarge.
    """
    _check_free(payment)
    if payment.state is not State.AUTHORIZED:
        raise WrongState(
            f"Only an authorized payment can be captured; this one is {payment.state}."
        )
    amount_yen = amount_yen or payment.authorized_yen
    if not 0 < amount_yen <= payment.authorized_yen:
        raise AmountTooLarge(f"At most {payment.authorized_yen} yen can be captured.")
    return _start(payment, Step.CAPTURE, amount_yen, key, now, today)


def start_void(payment: Payment, *, key: str, now: datetime, today: date) -> Payment:
    """Starts the cancellation of an authorization, or of a capture of the same business date.

    Errors: Unresolved, WrongState, WrongBusinessDate.
    """
    _check_free(payment)
    if payment.state is State.CAPTURED:
        if payment.has_money_back:
            raise WrongState("Part of it was refunded; refund the rest instead.")
        if payment.captured_date != today:
            raise WrongBusinessDate("The sale is of another day; refund it instead.")
    elif payment.state is not State.AUTHORIZED:
        raise WrongState(f"A payment that is {payment.state} cannot be voided.")
    amount_yen = payment.captured_yen or payment.authorized_yen
    return _start(payment, Step.VOID, amount_yen, key, now, today)


def start_expiry(payment: Payment, *, key: str, now: datetime, today: date) -> Payment:
    """Starts the release of an authorization that ran out. Errors: Unresolved, WrongState."""
    _check_free(payment)
    if payment.state is not State.AUTHORIZED or payment.authorized_until is None:
        raise WrongState("Only an authorization can run out.")
    if now < payment.authorized_until:
        raise WrongState("The authorization still holds.")
    return _start(payment, Step.EXPIRE, payment.authorized_yen, key, now, today)


def _check_free(payment: Payment) -> None:
    if payment.pending is not None:
        raise Unresolved("The outcome of the step before is not known yet.")


def _start(
    payment: Payment, step: Step, amount_yen: int, key: str, now: datetime, today: date
) -> Payment:
    pending = Pending(
        step=step, key=key, amount_yen=amount_yen, came_from=payment.state, business_date=today
    )
    return touch(payment, now, pending=pending)
