"""What a provider's answer does to a payment: its next state, what is said, and what is posted."""

from datetime import datetime, timedelta
from typing import TypeVar

import msgspec

from kit.pure.event import Event
from services.payments.domain.errors import AlreadyResolved
from services.payments.domain.events import (
    PaymentBecameUnknown,
    PaymentCaptured,
    PaymentDeclined,
    PaymentEvent,
    PaymentExpired,
    PaymentVoided,
)
from services.payments.domain.ledger import JournalEntry, capture_entry, void_entry
from services.payments.domain.payment import Payment, Pending, State, changed, move, touch
from services.payments.domain.provider import Answer, Outcome, Step

# Card schemes hold an authorization for seven days at least; shorter ones decline the capture.
AUTHORIZATION_LIFE = timedelta(days=7)

Said = TypeVar("Said", bound=PaymentEvent)


class Settled(msgspec.Struct, frozen=True):
    """The payment after an answer, events to say and entries to post, in order."""

    payment: Payment
    events: tuple[Event, ...] = ()
    entries: tuple[JournalEntry, ...] = ()


def settle(payment: Payment, key: str, answer: Answer, now: datetime) -> Settled:
    """Applies the answer to the step `key`.

    Errors: AlreadyResolved when that step is not under way (any more).
    """
    pending = payment.pending
    if pending is None or pending.key != key:
        raise AlreadyResolved("This step was resolved before.")
    if answer.outcome is Outcome.UNANSWERED:
        return _lose_sight(payment, pending, now)
    is_named = bool(answer.provider_ref) and pending.step is Step.TAKE
    named = changed(payment, provider_ref=answer.provider_ref) if is_named else payment
    if answer.outcome is Outcome.IN_PROGRESS:  # the state stays: the customer is not done yet
        return Settled(payment if named == payment else touch(named, now))
    payment = named
    if answer.outcome is Outcome.DONE:
        return _DONE[pending.step](payment, pending, now)
    if pending.step is Step.TAKE:
        return _take_failed(payment, pending, answer, now)
    if pending.step is Step.EXPIRE and answer.outcome is Outcome.REFUSED:
        return _expired(payment, pending, now)  # the provider holds nothing any more
    return Settled(_resume(payment, pending, now))


def _lose_sight(payment: Payment, pending: Pending, now: datetime) -> Settled:
    if payment.state is State.UNKNOWN:
        return Settled(payment)
    unknown = move(payment, State.UNKNOWN, now)
    event = _say(PaymentBecameUnknown, unknown, pending, amount_yen=pending.amount_yen)
    return Settled(unknown, (event,))


def _taken(payment: Payment, pending: Pending, now: datetime) -> Settled:
    if payment.capture_at_once:
        return _captured(payment, pending, now)
    held = move(
        payment, State.AUTHORIZED, now, pending=None, authorized_yen=pending.amount_yen,
        authorized_until=now + AUTHORIZATION_LIFE,
    )  # fmt: skip
    return Settled(held)


def _captured(payment: Payment, pending: Pending, now: datetime) -> Settled:
    captured = move(
        payment, State.CAPTURED, now, pending=None, captured_yen=pending.amount_yen,
        authorized_yen=payment.authorized_yen or pending.amount_yen,
        captured_date=pending.business_date, authorized_until=None,
    )  # fmt: skip
    event = _say(
        PaymentCaptured, captured, pending, amount_yen=captured.captured_yen,
        split_sale_id=payment.split_sale_id or "",
    )  # fmt: skip
    return Settled(captured, (event,), (capture_entry(captured, pending.business_date),))


def _voided(payment: Payment, pending: Pending, now: datetime) -> Settled:
    voided = move(payment, State.VOIDED, now, pending=None, authorized_until=None)
    event = _say(
        PaymentVoided, voided, pending, amount_yen=payment.captured_yen,
        authorized_yen=payment.authorized_yen, split_sale_id=payment.split_sale_id or "",
    )  # fmt: skip
    entries = (void_entry(voided, pending.business_date),) if payment.captured_yen else ()
    return Settled(voided, (event,), entries)


def _expired(payment: Payment, pending: Pending, now: datetime) -> Settled:
    expired = move(payment, State.EXPIRED, now, pending=None, authorized_until=None)
    event = _say(PaymentExpired, expired, pending, amount_yen=payment.amount_yen)
    return Settled(expired, (event,))


def _take_failed(payment: Payment, pending: Pending, answer: Answer, now: datetime) -> Settled:
    if answer.outcome is Outcome.NEVER_RECEIVED:
        return _expired(touch(payment, now, decline_reason=answer.reason), pending, now)
    reason = answer.reason or "refused"
    declined = move(payment, State.DECLINED, now, pending=None, decline_reason=reason)
    event = _say(PaymentDeclined, declined, pending, amount_yen=payment.amount_yen, reason=reason)
    return Settled(declined, (event,))


def _resume(payment: Payment, pending: Pending, now: datetime) -> Payment:
    """A capture, void or release that did not happen leaves the payment as it was before.

    A release is tried again, with a key of its own: until then the customer's money is held.
    """
    if payment.state is State.UNKNOWN:
        return move(payment, pending.came_from, now, pending=None)
    return touch(payment, now, pending=None)


def _say(event: type[Said], payment: Payment, pending: Pending, **more: object) -> Said:
    return event(
        area=payment.area, aggregate_id=payment.payment_id, version=payment.version,
        occur_time=payment.update_time, shop_place_id=payment.shop_place_id,
        tender=payment.tender, channel=payment.channel, business_date=pending.business_date,
        practice=payment.practice, **more,  # type: ignore[arg-type]  # the callers name them
    )  # fmt: skip


_DONE = {
    Step.TAKE: _taken,
    Step.CAPTURE: _captured,
    Step.VOID: _voided,
    Step.EXPIRE: _expired,
}
