"""Between JSON as programs write it and the messages of payments."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem

INT64_MOST = 2**63 - 1
INT32_MOST = 2**31 - 1


def take_request(body: Mapping[str, Any], request_id: str, shop: str) -> pb.TakePaymentRequest:
    """Reads the body of POST /api/v1/payments. Errors: Problem invalid_fields."""
    check_known(body, {
        "shop_place_id", "tender", "amount_yen", "capture", "items", "gateway", "split_sale_id",
    })  # fmt: skip
    capture = body.get("capture", True)
    if not isinstance(capture, bool):
        raise _bad("capture", "give true or false")
    return pb.TakePaymentRequest(
        request_id=request_id,
        shop_place_id=text(body, "shop_place_id", shop),
        tender=_tender(body.get("tender")),
        amount_yen=whole(body, "amount_yen"),
        capture=pb.CAPTURE_MODE_NOW if capture else pb.CAPTURE_MODE_LATER,
        items=items(body.get("items", [])),
        gateway=text(body, "gateway", ""),
        split_sale_id=text(body, "split_sale_id", ""),
    )


def capture_request(
    body: Mapping[str, Any], request_id: str, payment_id: str
) -> pb.CapturePaymentRequest:
    """Reads the body of …/capture; no amount means all. Errors: Problem invalid_fields."""
    check_known(body, {"amount_yen"})
    amount_yen = whole(body, "amount_yen") if "amount_yen" in body else 0
    if "amount_yen" in body and amount_yen < 1:
        raise _bad("amount_yen", "give at least 1 yen")
    return pb.CapturePaymentRequest(
        request_id=request_id, payment_id=payment_id, amount_yen=amount_yen
    )


def confirmed(body: Mapping[str, Any]) -> bool:
    """Reads the body of …/give-back, which may be empty: whether staff confirmed that money of a
    used ticket goes back. Errors: Problem invalid_fields."""
    check_known(body, {"admitted_confirmed"})
    return _flag(body, "admitted_confirmed")


def void_request(
    body: Mapping[str, Any], request_id: str, payment_id: str
) -> pb.VoidPaymentRequest:
    """Reads the body of …/void, which may be empty. Errors: Problem invalid_fields."""
    check_known(body, {"admitted_confirmed"})
    return pb.VoidPaymentRequest(
        request_id=request_id, payment_id=payment_id,
        admitted_confirmed=_flag(body, "admitted_confirmed"),
    )  # fmt: skip


def refund_request(
    body: Mapping[str, Any], request_id: str, payment_id: str
) -> pb.RefundPaymentRequest:
    """Reads the body of …/refunds. Errors: Problem invalid_fields."""
    check_known(body, {"amount_yen", "channel", "reason", "admitted_confirmed"})
    name = f"REFUND_CHANNEL_{text(body, 'channel', 'provider').upper()}"
    if name not in pb.RefundChannel.keys() or name.endswith("UNSPECIFIED"):  # noqa: SIM118 - no dict
        raise _bad("channel", "give provider, cash or manual")
    return pb.RefundPaymentRequest(
        request_id=request_id,
        payment_id=payment_id,
        amount_yen=whole(body, "amount_yen"),
        channel=pb.RefundChannel.Value(name),
        reason=text(body, "reason", ""),
        admitted_confirmed=_flag(body, "admitted_confirmed"),
    )


def payment_document(payment: pb.Payment) -> dict[str, Any]:
    """Returns a payment as JSON; words in lower case, times RFC 3339."""
    return {
        "payment_id": payment.payment_id,
        "state": _word(pb.PaymentState.Name(payment.state), "PAYMENT_STATE_"),
        "shop_place_id": payment.shop_place_id,
        "tender": _word(pb.Tender.Name(payment.tender), "TENDER_"),
        "gateway": payment.gateway,
        "practice": payment.practice,
        "amount_yen": payment.amount_yen,
        "authorized_yen": payment.authorized_yen,
        "captured_yen": payment.captured_yen,
        "refunded_yen": payment.refunded_yen,
        "decline_reason": payment.decline_reason or None,
        "unconfirmed": payment.unconfirmed,
        "customer_acts": payment.customer_acts,
        "customer_code": payment.customer_code or None,
        "provider_refunds": payment.provider_refunds,
        "items": [
            {
                "name": item.name,
                "quantity": item.quantity,
                "unit_amount_yen": item.unit_amount_yen,
                "tax_rate_percent": item.tax_rate_percent,
            }
            for item in payment.items
        ],
        "refunds": [refund_document(refund) for refund in payment.refunds],
        "split_sale_id": payment.split_sale_id or None,
        "receipt_number": payment.receipt_number,
        "business_date": payment.business_date,
        "create_time": payment.create_time.ToDatetime(tzinfo=UTC).isoformat(),
        "update_time": payment.update_time.ToDatetime(tzinfo=UTC).isoformat(),
    }


def refund_document(refund: pb.Refund) -> dict[str, Any]:
    """Returns a refund as JSON."""
    return {
        "refund_id": refund.refund_id,
        "state": _word(pb.RefundState.Name(refund.state), "REFUND_STATE_"),
        "amount_yen": refund.amount_yen,
        "channel": _word(pb.RefundChannel.Name(refund.channel), "REFUND_CHANNEL_"),
        "reason": refund.reason,
        "decline_reason": refund.decline_reason or None,
        "business_date": refund.business_date,
        "create_time": refund.create_time.ToDatetime(tzinfo=UTC).isoformat(),
    }


def whole(body: Mapping[str, Any], name: str, most: int = INT64_MOST) -> int:
    """Returns a whole number; its own bounds are those of payments. Errors: Problem."""
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int):
        raise _bad(name, "give a whole number")
    if abs(value) > most:
        raise _bad(name, "this number is too large")
    return value


def items(found: Any) -> list[pb.Item]:
    """Reads lines of a sale. Errors: Problem."""
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise _bad("items", "give a list of lines")
    return [
        pb.Item(
            name=text(each, "name", ""),
            quantity=whole({"quantity": 1, **each}, "quantity", INT32_MOST),
            unit_amount_yen=whole(each, "unit_amount_yen"),
            tax_rate_percent=whole(each, "tax_rate_percent", INT32_MOST),
        )
        for each in found
    ]


def _tender(found: Any) -> pb.Tender.ValueType:
    name = f"TENDER_{str(found).upper()}"
    if name not in pb.Tender.keys() or name == "TENDER_UNSPECIFIED":  # noqa: SIM118 - no dict
        words = ", ".join(_word(each, "TENDER_") for each in pb.Tender.keys()[1:])
        raise _bad("tender", f"give one of {words}")
    return pb.Tender.Value(name)


def text(body: Mapping[str, Any], name: str, default: str) -> str:
    """Returns a text of at most 1,000 characters. Errors: Problem."""
    value = body.get(name, default)
    if not isinstance(value, str) or len(value) > 1_000:
        raise _bad(name, "give a text")
    return value


def _flag(body: Mapping[str, Any], name: str) -> bool:
    value = body.get(name, False)
    if not isinstance(value, bool):
        raise _bad(name, "give true or false")
    return value


def check_known(body: Mapping[str, Any], known: set[str]) -> None:
    """Errors: Problem for a field that nobody reads."""
    for name in body:
        if name not in known:
            raise _bad(str(name)[:80], "this field is not known")


def _word(name: str, prefix: str) -> str:
    return name.removeprefix(prefix).lower()


def _bad(field: str, advice: str) -> Problem:
    return Problem(400, "invalid_fields", fields=[(field, advice)])
