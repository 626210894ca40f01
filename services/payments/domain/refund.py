"""Refunds: records of their own, never negative payments; several, up to what was captured."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from enum import StrEnum

from kit.pure.errors import InvalidFields
from services.payments.domain.amount import check_amount
from services.payments.domain.errors import (
    AlreadyResolved,
    AmountTooLarge,
    ProviderRefundUnsupported,
    Unresolved,
    WrongState,
)
from services.payments.domain.events import PaymentRefunded, RefundChannel
from services.payments.domain.ledger import JournalEntry, refund_entry
from services.payments.domain.payment import Payment, State, touch
from services.payments.domain.provider import Answer, Order, Outcome, Step
from services.payments.domain.said import says_something
from services.payments.domain.tender import Custody

MAX_REASON_LENGTH = 200


class RefundState(StrEnum):
    """Where a refund stands."""

    CREATED = "created"
    REFUNDED = "refunded"
    DECLINED = "declined"
    UNKNOWN = "unknown"


OPEN = frozenset({RefundState.CREATED, RefundState.UNKNOWN})


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money going back out of one payment. amount_yen: whole yen, at least 1."""

    area: str
    refund_id: str
    payment_id: str
    amount_yen: int
    channel: RefundChannel
    reason: str
    refunded_by: str
    business_date: date
    create_time: datetime
    state: RefundState = RefundState.CREATED
    decline_reason: str = ""
    clerk_id: str = ""


@dataclass(frozen=True)
class RefundSettled:
    """Refund and payment after an answer, with what is said and posted."""

    refund: Refund
    payment: Payment
    events: tuple[PaymentRefunded, ...] = ()
    entries: tuple[JournalEntry, ...] = ()


def start_refund(
    payment: Payment, refund: Refund, *, provider_refunds: bool = True
) -> tuple[Payment, Refund]:
    """Reserves the amount, so that refunds under way can never exceed what was captured.

    provider_refunds: whether the provider gives this tender's money back.
    Errors: InvalidFields, Unresolved, WrongState, AmountTooLarge, ProviderRefundUnsupported.
    """
    check_amount("amount_yen", refund.amount_yen)
    if len(refund.reason.strip()) > MAX_REASON_LENGTH or not says_something(refund.reason):
        raise InvalidFields([("reason", f"give a reason of 1 to {MAX_REASON_LENGTH} characters")])
    if payment.custody is not Custody.ACQUIRER and refund.channel is RefundChannel.PROVIDER:
        # No provider of ours holds this money: it goes back the way it came, by hand.
        by_hand = payment.custody is Custody.DRAWER
        refund = replace(refund, channel=RefundChannel.CASH if by_hand else RefundChannel.MANUAL)
    if payment.pending is not None:
        raise Unresolved("The outcome of the step before is not known yet.")
    if payment.state is not State.CAPTURED:
        raise WrongState(f"Only a captured payment can be refunded; this one is {payment.state}.")
    if refund.channel is RefundChannel.PROVIDER and not provider_refunds:
        raise ProviderRefundUnsupported(
            f"The provider gives no {payment.tender} back. Refund in cash or by other means."
        )
    if refund.amount_yen > payment.refundable_yen:
        raise AmountTooLarge(f"At most {payment.refundable_yen} yen are left to refund.")
    reserved_yen = payment.reserved_yen + refund.amount_yen
    return touch(payment, refund.create_time, reserved_yen=reserved_yen), refund


def refund_order(payment: Payment, refund: Refund) -> Order:
    """Returns what to ask of the provider."""
    return Order(
        step=Step.REFUND,
        key=refund.refund_id,
        payment_id=payment.payment_id,
        amount_yen=refund.amount_yen,
        tender=payment.tender,
        captured=True,
        terminal=payment.terminal,
        provider_ref=payment.provider_ref,
    )


def settle_refund(
    payment: Payment, refund: Refund, answer: Answer, now: datetime, *, same_date_yen: int
) -> RefundSettled:
    """Applies the provider's answer.

    same_date_yen: what other refunds of the capture's own date gave back.
    Errors: AlreadyResolved when it was settled before.
    """
    if refund.state not in OPEN:
        raise AlreadyResolved("This refund was resolved before.")
    if answer.outcome is Outcome.IN_PROGRESS:
        return RefundSettled(refund, payment)
    if answer.outcome is Outcome.UNANSWERED:
        if refund.state is RefundState.UNKNOWN:
            return RefundSettled(refund, payment)
        return RefundSettled(replace(refund, state=RefundState.UNKNOWN), payment)
    reserved_yen = payment.reserved_yen - refund.amount_yen
    if answer.outcome is not Outcome.DONE:
        declined = replace(
            refund, state=RefundState.DECLINED, decline_reason=answer.reason or "refused"
        )
        return RefundSettled(declined, touch(payment, now, reserved_yen=reserved_yen))
    refunded = replace(refund, state=RefundState.REFUNDED)
    after = touch(
        payment, now, reserved_yen=reserved_yen,
        refunded_yen=payment.refunded_yen + refund.amount_yen,
    )  # fmt: skip
    event = PaymentRefunded(
        area=payment.area, aggregate_id=payment.payment_id, version=after.version, occur_time=now,
        shop_place_id=payment.shop_place_id, tender=payment.tender, amount_yen=refund.amount_yen,
        channel=refund.channel, business_date=refund.business_date, practice=payment.practice,
        refund_id=refund.refund_id, split_sale_id=payment.split_sale_id or "",
        ends_payment=(
            refund.business_date == payment.captured_date
            and same_date_yen + refund.amount_yen == payment.captured_yen
        ),
    )  # fmt: skip
    entry = refund_entry(
        after, refund.refund_id, refund.amount_yen, refund.channel, refund.business_date
    )
    return RefundSettled(refunded, after, (event,), (entry,))
