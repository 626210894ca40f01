"""Between our orders and nexo messages (Sale to POI protocol 3.0).

Our key travels as SaleTransactionID, which Adyen calls the merchant reference; the ServiceID, which
names the message itself, has ten characters and is made from the key.
"""

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order, Outcome
from services.payments.gateways.remote import Unsure

Document = Mapping[str, Any]

SALE_ID = "Meguri"
PROTOCOL = "3.0"
_REASONS = {
    "Refusal": "refused",
    "Cancel": "canceled_by_customer",
    "Aborted": "canceled_at_terminal",
    "Busy": "terminal_busy",
    "UnavailableDevice": "terminal_unreachable",
    "UnreachableHost": "provider_unreachable",
}


def service_id(key: str) -> str:
    """Returns ten characters for a key: 50 bits, unique enough for the 48 hours that count."""
    digest = hashlib.sha256(key.encode()).digest()
    return base64.b32encode(digest[:7])[:10].decode()


def request(category: str, poi_id: str, service: str, body: Document) -> dict[str, Any]:
    """Returns a SaleToPOIRequest around a message."""
    header = {
        "ProtocolVersion": PROTOCOL,
        "MessageClass": "Service",
        "MessageCategory": category,
        "MessageType": "Request",
        "ServiceID": service,
        "SaleID": SALE_ID,
        "POIID": poi_id,
    }
    return {"SaleToPOIRequest": {"MessageHeader": header, f"{category}Request": body}}


def payment_request(order: Order) -> dict[str, Any]:
    """Returns a PaymentRequest."""
    body = {
        "SaleData": _sale_data(order),
        "PaymentTransaction": {
            "AmountsReq": {"Currency": "JPY", "RequestedAmount": order.amount_yen}
        },
    }
    return request("Payment", order.terminal, service_id(order.key), body)


def reversal_request(order: Order) -> dict[str, Any]:
    """Returns a ReversalRequest for a void or a refund."""
    transaction_id, _, time_stamp = order.provider_ref.partition("|")
    body = {
        "SaleData": {**_sale_data(order), "SaleToAcquirerData": "currency=JPY"},
        "OriginalPOITransaction": {
            "POITransactionID": {"TransactionID": transaction_id, "TimeStamp": time_stamp}
        },
        "ReversalReason": "MerchantCancel",
        "ReversedAmount": order.amount_yen,
    }
    return request("Reversal", order.terminal, service_id(order.key), body)


def abort_request(order: Order, service: str) -> dict[str, Any]:
    """Returns an AbortRequest for a payment that the terminal still shows."""
    reference = {
        "MessageCategory": "Payment",
        "SaleID": SALE_ID,
        "ServiceID": service_id(order.key),
    }
    body = {"AbortReason": "MerchantAbort", "MessageReference": reference}
    return request("Abort", order.terminal, service, body)


def status_request(order: Order, category: str, service: str) -> dict[str, Any]:
    """Returns a TransactionStatusRequest about the message of a step."""
    reference = {
        "MessageCategory": category,
        "SaleID": SALE_ID,
        "ServiceID": service_id(order.key),
    }
    body = {"MessageReference": reference, "ReceiptReprintFlag": False}
    return request("TransactionStatus", order.terminal, service, body)


def reconciliation_request(terminal: str, service: str) -> dict[str, Any]:
    """Returns a ReconciliationRequest for the totals of a terminal's running period."""
    body = {"ReconciliationType": "SaleReconciliation"}
    return request("Reconciliation", terminal, service, body)


def message(document: Document, name: str) -> Document:
    """Returns a response message out of its envelope. Errors: Unsure."""
    envelope = document.get("SaleToPOIResponse")
    found = envelope.get(name) if isinstance(envelope, dict) else None
    if not isinstance(found, dict):
        raise Unsure("no message of this name")
    return found


def result_of(response: Document) -> tuple[str, str]:
    """Returns Result and ErrorCondition."""
    found = response.get("Response")
    found = found if isinstance(found, dict) else {}
    return str(found.get("Result", "")), str(found.get("ErrorCondition", ""))


def payment_answer(response: Document, order: Order) -> Answer:
    """Reads a PaymentResponse. One about another sale or amount leaves the step open."""
    sale = (response.get("SaleData") or {}).get("SaleTransactionID") or {}
    if sale.get("TransactionID") != order.key:
        return UNANSWERED
    result, condition = result_of(response)
    if result == "Failure":
        return _failure(condition)
    amounts = (response.get("PaymentResult") or {}).get("AmountsResp") or {}
    poi = (response.get("POIData") or {}).get("POITransactionID") or {}
    named = poi.get("TransactionID") and poi.get("TimeStamp")
    if result != "Success" or amounts.get("AuthorizedAmount") != order.amount_yen or not named:
        return UNANSWERED
    ref = f"{poi['TransactionID']}|{poi['TimeStamp']}"
    return Answer(Outcome.DONE, provider_ref=ref)


def reversal_answer(response: Document) -> Answer:
    """Reads a ReversalResponse. Success says that Adyen accepted it; the money goes back later."""
    result, condition = result_of(response)
    if result == "Success":
        return DONE
    return _failure(condition) if result == "Failure" else UNANSWERED


def status_answer(response: Document, order: Order) -> Answer | None:
    """Reads a TransactionStatusResponse; None where the terminal does not know the message."""
    result, condition = result_of(response)
    if result == "Failure":
        if condition == "InProgress":
            return Answer(Outcome.IN_PROGRESS, provider_ref=service_id(order.key))
        return None if condition == "NotFound" else UNANSWERED
    repeated = response.get("RepeatedMessageResponse") or {}
    header, body = repeated.get("MessageHeader") or {}, repeated.get("RepeatedResponseMessageBody")
    if header.get("ServiceID") != service_id(order.key) or not isinstance(body, dict):
        return UNANSWERED
    if isinstance(payment := body.get("PaymentResponse"), dict):
        return payment_answer(payment, order)
    reversal = body.get("ReversalResponse")
    return reversal_answer(reversal) if isinstance(reversal, dict) else UNANSWERED


def _failure(condition: str) -> Answer:
    if condition == "InProgress":
        return Answer(Outcome.IN_PROGRESS)
    return Answer(Outcome.REFUSED, _REASONS.get(condition, condition.lower() or "refused"))


def _sale_data(order: Order) -> dict[str, Any]:
    stamp = order.made_time.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"SaleTransactionID": {"TransactionID": order.key, "TimeStamp": stamp}}
