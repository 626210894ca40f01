"""The JSON of the payments API."""

from typing import Any

import pytest

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.errors import Problem
from services.edge.payments_api import documents

GOOD: dict[str, Any] = {"tender": "transit_ic", "amount_yen": 500}
LINE: dict[str, Any] = {"name": "水", "unit_amount_yen": 250, "tax_rate_percent": 8}


def take(**changes: Any) -> pb.TakePaymentRequest:
    """The body with changes, as payments will get it."""
    return documents.take_request({**GOOD, **changes}, "request-1", "gate-a")


def test_a_body_becomes_a_request_with_the_device_s_own_shop() -> None:
    request = take(items=[{**LINE, "quantity": 2}], capture=False)
    assert request.shop_place_id == "gate-a"
    assert request.tender == pb.TENDER_TRANSIT_IC
    assert request.capture == pb.CAPTURE_MODE_LATER
    assert (request.items[0].quantity, request.items[0].name) == (2, "水")
    assert take().capture == pb.CAPTURE_MODE_NOW


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"amount_yen": 1.5}, "amount_yen"),
        ({"amount_yen": "500"}, "amount_yen"),
        ({"amount_yen": True}, "amount_yen"),
        ({"amount_yen": None}, "amount_yen"),
        ({"amount_yen": 10**30}, "amount_yen"),
        ({"tender": "gold"}, "tender"),
        ({"tender": None}, "tender"),
        ({"tender": "unspecified"}, "tender"),
        ({"capture": "yes"}, "capture"),
        ({"shop_place_id": 5}, "shop_place_id"),
        ({"gateway": "x" * 1001}, "gateway"),
        ({"items": {}}, "items"),
        ({"items": ["x"]}, "items"),
        ({"items": [{**LINE, "quantity": 2**40}]}, "quantity"),
        ({"amount": 5}, "amount"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Problem) as refused:
        take(**changes)
    assert (refused.value.status, refused.value.reason) == (400, "invalid_fields")
    assert [name for name, _ in refused.value.fields] == [field]


def test_capture_without_amount_means_all_and_zero_is_a_mistake() -> None:
    assert documents.capture_request({}, "r", "p").amount_yen == 0
    with pytest.raises(Problem):
        documents.capture_request({"amount_yen": 0}, "r", "p")


@pytest.mark.parametrize("channel", ["gold", "unspecified", 5])
def test_a_refund_names_its_channel(channel: Any) -> None:
    body = {"amount_yen": 5, "reason": "x"}
    assert documents.refund_request(body, "r", "p").channel == pb.REFUND_CHANNEL_PROVIDER
    with pytest.raises(Problem):
        documents.refund_request({**body, "channel": channel}, "r", "p")


def test_a_payment_is_written_in_plain_words() -> None:
    payment = pb.Payment(
        payment_id="p", state=pb.PAYMENT_STATE_CAPTURED, tender=pb.TENDER_QUICPAY, amount_yen=5,
        refunds=[pb.Refund(refund_id="r", state=pb.REFUND_STATE_DECLINED,
                           channel=pb.REFUND_CHANNEL_CASH, decline_reason="refunded")],
    )  # fmt: skip
    payment.create_time.FromJsonString("2026-11-21T00:00:00Z")
    document = documents.payment_document(payment)
    assert (document["state"], document["tender"]) == ("captured", "quicpay")
    assert document["decline_reason"] is None
    assert document["create_time"] == "2026-11-21T00:00:00+00:00"
    assert document["refunds"][0]["channel"] == "cash"
    assert document["refunds"][0]["decline_reason"] == "refunded"
