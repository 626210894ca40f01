"""Between our orders and PayPay's documents. Our keys are PayPay's merchant ids: 36 of at most 64
characters, and a second one of the same name is refused there."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order, Outcome
from services.payments.gateways.http_json import Reply

Document = Mapping[str, Any]

TOKYO = ZoneInfo("Asia/Tokyo")
CANCEL_ENDS = time(0, 14, 59)
# Nothing follows from these: the request may have come before, or PayPay is busy.
_NOT_DECIDED = frozenset(
    {"DUPLICATE_DYNAMIC_QR_REQUEST", "RATE_LIMIT", "INTERNAL_SERVER_ERROR", "SERVICE_ERROR",
     "MAINTENANCE_MODE", "TRANSACTION_FAILED"}
)  # fmt: skip
_STATES = {
    "COMPLETED": Outcome.DONE,
    "CREATED": Outcome.IN_PROGRESS,
    "CANCELED": Outcome.REFUSED,
    "EXPIRED": Outcome.REFUSED,
    "FAILED": Outcome.REFUSED,
}
_REASONS = {"CANCELED": "canceled_by_customer", "EXPIRED": "timed_out_at_terminal"}


def money(amount_yen: int) -> dict[str, Any]:
    """Returns PayPay's money."""
    return {"amount": amount_yen, "currency": "JPY"}


def code_request(order: Order, now: datetime) -> dict[str, Any]:
    """Returns the body of POST /v2/codes."""
    body: dict[str, Any] = {
        "merchantPaymentId": order.key,
        "codeType": "ORDER_QR",
        "amount": money(order.amount_yen),
        "requestedAt": int(now.timestamp()),
    }
    return body | ({"terminalId": order.terminal} if order.terminal else {})


def refund_request(order: Order, now: datetime) -> dict[str, Any]:
    """Returns the body of POST /v2/refunds."""
    return {
        "merchantRefundId": order.key,
        "paymentId": order.provider_ref,
        "amount": money(order.amount_yen),
        "requestedAt": int(now.timestamp()),
    }


def cancel_until(taken: datetime) -> datetime:
    """Returns the last moment at which a payment can be canceled: 00:14:59 of the next day in
    Japan. After it, it is refunded."""
    next_day = taken.astimezone(TOKYO).date() + timedelta(days=1)
    return datetime.combine(next_day, CANCEL_ENDS, TOKYO)


def code_of(reply: Reply) -> str:
    """Returns PayPay's result code, "" where there is none."""
    info = reply.document.get("resultInfo")
    return str(info.get("code", "")) if isinstance(info, dict) else ""


def data_of(reply: Reply) -> Document | None:
    """Returns what a successful answer is about, None for an answer that refuses."""
    found = reply.document.get("data")
    good = reply.status in (200, 201) and code_of(reply) == "SUCCESS"
    return found if good and isinstance(found, dict) else None


def refusal(reply: Reply) -> Answer:
    """Reads an answer that is no success."""
    code = code_of(reply)
    if not 400 <= reply.status < 500 or not code or code in _NOT_DECIDED:
        return UNANSWERED
    return Answer(Outcome.REFUSED, code.lower()[:60])


def created_code(data: Document, order: Order) -> Answer:
    """Reads a created code: the customer has to scan it now."""
    if data.get("merchantPaymentId") != order.key or not data.get("codeId"):
        return UNANSWERED
    return Answer(
        Outcome.IN_PROGRESS,
        provider_ref=str(data["codeId"]),
        customer_code=str(data.get("url", "")),
    )


def take_answer(data: Document, order: Order) -> Answer:
    """Reads the details of a payment by its code. Its name changes from that of the code to that
    of the payment when it is paid."""
    if data.get("merchantPaymentId") != order.key or data.get("amount") != money(order.amount_yen):
        return UNANSWERED
    status = str(data.get("status"))
    outcome = _STATES.get(status, Outcome.UNANSWERED)
    if outcome is Outcome.DONE:
        payment_id = str(data.get("paymentId") or "")
        return Answer(outcome, provider_ref=payment_id) if payment_id else UNANSWERED
    reason = _REASONS.get(status, "refused") if outcome is Outcome.REFUSED else ""
    return Answer(outcome, reason)


def refund_answer(data: Document, order: Order) -> Answer:
    """Reads a refund."""
    if data.get("merchantRefundId") != order.key or data.get("amount") != money(order.amount_yen):
        return UNANSWERED
    status = str(data.get("status"))
    if status == "REFUNDED":
        return DONE
    if status in ("CREATED", "REFUND_ACCEPTED"):
        return Answer(Outcome.IN_PROGRESS)
    return Answer(Outcome.REFUSED, "provider_cannot_refund") if status == "FAILED" else UNANSWERED


def canceled_answer(data: Document) -> Answer | None:
    """Reads the details of a payment after its cancellation; None where it has not happened."""
    status = str(data.get("status"))
    if status in ("CANCELED", "REFUNDED"):
        return DONE
    return None if status == "COMPLETED" else UNANSWERED
