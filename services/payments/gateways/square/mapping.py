"""Between our orders and Square's documents.

A checkout carries our key as reference_id and idempotency_key; a refund carries it in its reason,
the only text of ours that Square gives back.
"""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order, Outcome
from services.payments.domain.tender import Tender
from services.payments.gateways.http_json import Reply

Document = Mapping[str, Any]

PAYMENT_TYPES = {
    Tender.CARD: "CARD_PRESENT",
    Tender.TRANSIT_IC: "FELICA_TRANSPORTATION_GROUP",
    Tender.ID: "FELICA_ID",
    Tender.QUICPAY: "FELICA_QUICPAY",
    Tender.CODE_PAYMENT: "QR_CODE",
}
CLOCK_ROOM = timedelta(minutes=5)
CHECKOUT_LIFE = "PT5M"  # Square's longest; the customer has left by then
_REASON = "Meguri "
_CANCELED = {
    "BUYER_CANCELED": "canceled_by_customer",
    "SELLER_CANCELED": "canceled_at_terminal",
    "TIMED_OUT": "timed_out_at_terminal",
}
_REFUND_OUTCOMES = {"COMPLETED": DONE, "PENDING": Answer(Outcome.IN_PROGRESS)}
# What Square refuses before doing anything; everything else in 4xx says the same with its code.
_NOT_DECIDED = frozenset({"IDEMPOTENCY_KEY_REUSED", "CONFLICT"})


def begin_of(order: Order) -> str:
    """Returns since when a step may be there, with room for a clock that is wrong."""
    begin = order.made_time - CLOCK_ROOM
    return begin.isoformat(timespec="seconds").replace("+00:00", "Z")


def money(amount_yen: int) -> dict[str, Any]:
    """Returns Square's money; yen have no smaller unit."""
    return {"amount": amount_yen, "currency": "JPY"}


def checkout_request(order: Order) -> dict[str, Any]:
    """Returns CreateTerminalCheckoutRequest."""
    return {
        "idempotency_key": order.key,
        "checkout": {
            "amount_money": money(order.amount_yen),
            "reference_id": order.key,
            "payment_type": PAYMENT_TYPES[order.tender],
            "deadline_duration": CHECKOUT_LIFE,
            "payment_options": {"autocomplete": order.capture},
            "device_options": {"device_id": order.terminal, "skip_receipt_screen": True},
        },
    }


def refund_request(order: Order) -> dict[str, Any]:
    """Returns RefundPaymentRequest."""
    return {
        "idempotency_key": order.key,
        "amount_money": money(order.amount_yen),
        "payment_id": order.provider_ref,
        "reason": _REASON + order.key,
    }


def search_request(order: Order) -> dict[str, Any]:
    """Returns SearchTerminalCheckoutsRequest: the newest of the device, ours among them."""
    query: dict[str, Any] = {"sort": {"sort_order": "DESC"}}
    query["filter"] = {
        "device_id": order.terminal,
        "created_at": {"start_at": begin_of(order)},
    }
    return {"query": query, "limit": 100}


def refusal(reply: Reply) -> Answer:
    """Reads a 4xx: nothing was done, except where Square says that something else was."""
    errors = reply.document.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else {}
    code = str(first.get("code", "")) if isinstance(first, dict) else ""
    if not code or code in _NOT_DECIDED:
        return UNANSWERED
    reason = "provider_cannot_refund" if code == "REFUND_DECLINED" else code.lower()[:60]
    return Answer(Outcome.REFUSED, reason)


def checkout_answer(checkout: Document, amount_yen: int | None = None) -> Answer:
    """Reads a TerminalCheckout. amount_yen: what it has to be about, None for whatever it says."""
    amount = checkout.get("amount_money") or {}
    if amount_yen is not None and amount != money(amount_yen):
        return UNANSWERED
    status, payment_ids = checkout.get("status"), checkout.get("payment_ids") or []
    if status == "COMPLETED":
        # Without the payment's id nothing could be refunded later: ask again.
        return Answer(Outcome.DONE, provider_ref=str(payment_ids[0])) if payment_ids else UNANSWERED
    if status == "CANCELED":
        reason = _CANCELED.get(str(checkout.get("cancel_reason")), "canceled_at_terminal")
        return Answer(Outcome.REFUSED, reason)
    if status in ("PENDING", "IN_PROGRESS", "CANCEL_REQUESTED") and checkout.get("id"):
        return Answer(Outcome.IN_PROGRESS, provider_ref=str(checkout["id"]))
    return UNANSWERED


def refund_answer(refund: Document) -> Answer:
    """Reads a PaymentRefund."""
    status = str(refund.get("status"))
    if status in ("REJECTED", "FAILED"):
        return Answer(Outcome.REFUSED, "provider_cannot_refund")
    return _REFUND_OUTCOMES.get(status, UNANSWERED)


def refund_key(refund: Document) -> str:
    """Returns our key of a refund, "" for one that is not ours."""
    reason = str(refund.get("reason", ""))
    return reason.removeprefix(_REASON) if reason.startswith(_REASON) else ""


def payment_answer(
    payment: Document, *, wanted: str, amount_yen: int | None = None
) -> Answer | None:
    """Reads a Payment after a capture or a release. wanted: the status the step leads to."""
    status = payment.get("status")
    if status == wanted:
        fits = amount_yen is None or payment.get("amount_money") == money(amount_yen)
        return DONE if fits else UNANSWERED
    if status == "APPROVED":
        return None  # the step has not happened, or not yet
    return Answer(Outcome.REFUSED, f"payment_{status}".lower()[:60])
