"""What providers say, read with suspicion: only what is about our step and amount ends it."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order, Outcome, Step
from services.payments.domain.tender import Tender
from services.payments.gateways.adyen import mapping as adyen
from services.payments.gateways.http_json import Call, Reply
from services.payments.gateways.paypay import mapping as paypay
from services.payments.gateways.paypay.signing import Credentials
from services.payments.gateways.square import mapping as square

KEY = "0190a0b0-0000-7000-8000-000000000001"
ORDER = Order(
    step=Step.TAKE, key=KEY, payment_id=KEY, amount_yen=1_200, tender=Tender.CARD, terminal="D-1"
)
CHECKOUT: dict[str, Any] = {
    "id": "checkout-1", "status": "COMPLETED", "payment_ids": ["pay-1"],
    "amount_money": {"amount": 1_200, "currency": "JPY"},
}  # fmt: skip
DETAILS: dict[str, Any] = {
    "merchantPaymentId": KEY, "paymentId": "pay-1", "status": "COMPLETED",
    "amount": {"amount": 1_200, "currency": "JPY"},
}  # fmt: skip
PAID: dict[str, Any] = {
    "Response": {"Result": "Success"},
    "SaleData": {"SaleTransactionID": {"TransactionID": KEY}},
    "POIData": {"POITransactionID": {"TransactionID": "T.P", "TimeStamp": "2026-11-27T00:00:00Z"}},
    "PaymentResult": {"AmountsResp": {"AuthorizedAmount": 1_200}},
}
# Made with paypayopa 1.0.9, its nonce and clock held still.
PAYPAY_BODY = (
    b'{"merchantPaymentId": "0190a0b0-0000-7000-8000-000000000001", "codeType": "ORDER_QR",'
    b' "amount": {"amount": 1200, "currency": "JPY"}, "requestedAt": 1796000000}'
)
PAYPAY_VECTORS = [
    ("POST", "/v2/codes", PAYPAY_BODY,
     "CurqFoCVM66oRshT2gaqgATNEitji2LuDfDVtT7d1x0=", "YOTZrzs8IP8IcZurpllpLQ=="),
    ("POST", "/v2/refunds", b'{"note": "\\u79cb\\u82b3\\u6d1e"}',
     "RI0zk0oXGbIrJYTzIkA06pnXFdZediq3IM6i7WDA/UQ=", "elaSOqrlE0Y167TClG1uLA=="),
    ("GET", f"/v2/codes/payments/{KEY}", None,
     "yGXEabnt0aAaoBMt7SVBfDYIVidH3bdCjRO+mKXCdu4=", "empty"),
    ("DELETE", f"/v2/payments/{KEY}", None,
     "vjzP5YH5DCwCuJM1kcXLs8Mr50V9adQP1na0Wmkl0L0=", "empty"),
]  # fmt: skip


@pytest.mark.parametrize(("method", "path", "body", "mac", "body_hash"), PAYPAY_VECTORS)
def test_paypay_s_own_library_signs_alike(
    method: str, path: str, body: bytes | None, mac: str, body_hash: str
) -> None:
    credentials = Credentials("APIKeyGenerated", "APIKeySecretGenerated")
    text = credentials.authorization(Call(method, path, body), "1a2b3c4d", 1796000000)
    assert text == f"hmac OPA-Auth:APIKeyGenerated:{mac}:1a2b3c4d:1796000000:{body_hash}"
    assert "APIKeySecret" not in repr(credentials)


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, Answer(Outcome.DONE, provider_ref="pay-1")),
        ({"payment_ids": []}, UNANSWERED),
        ({"amount_money": {"amount": 1_201, "currency": "JPY"}}, UNANSWERED),
        ({"amount_money": {"amount": 1_200, "currency": "USD"}}, UNANSWERED),
        ({"amount_money": None}, UNANSWERED),
        ({"status": "PENDING"}, Answer(Outcome.IN_PROGRESS, provider_ref="checkout-1")),
        ({"status": "CANCEL_REQUESTED"}, Answer(Outcome.IN_PROGRESS, provider_ref="checkout-1")),
        ({"status": "CANCELED"}, Answer(Outcome.REFUSED, "canceled_at_terminal")),
        ({"status": "CANCELED", "cancel_reason": "TIMED_OUT"},
         Answer(Outcome.REFUSED, "timed_out_at_terminal")),
        ({"status": "NEW_WORD"}, UNANSWERED),
        ({"status": None}, UNANSWERED),
    ],
)  # fmt: skip
def test_a_checkout_of_square(change: dict[str, Any], answer: Answer) -> None:
    assert square.checkout_answer(CHECKOUT | change, 1_200) == answer


@pytest.mark.parametrize(
    ("errors", "answer"),
    [
        ([{"code": "REFUND_DECLINED"}], Answer(Outcome.REFUSED, "provider_cannot_refund")),
        ([{"code": "UNAUTHORIZED"}], Answer(Outcome.REFUSED, "unauthorized")),
        ([{"code": "IDEMPOTENCY_KEY_REUSED"}], UNANSWERED),
        ([{"category": "API_ERROR"}], UNANSWERED),
        ([1], UNANSWERED), ({}, UNANSWERED), (None, UNANSWERED),
    ],
)  # fmt: skip
def test_a_refusal_of_square_says_what_did_not_happen(errors: object, answer: Answer) -> None:
    assert square.refusal(Reply(400, {"errors": errors})) == answer


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, Answer(Outcome.DONE, provider_ref="pay-1")),
        ({"paymentId": None}, UNANSWERED),
        ({"merchantPaymentId": "another"}, UNANSWERED),
        ({"amount": {"amount": 1, "currency": "JPY"}}, UNANSWERED),
        ({"status": "CREATED"}, Answer(Outcome.IN_PROGRESS)),
        ({"status": "EXPIRED"}, Answer(Outcome.REFUSED, "timed_out_at_terminal")),
        ({"status": "FAILED"}, Answer(Outcome.REFUSED, "refused")),
        ({"status": "AUTHORIZED"}, UNANSWERED),
    ],
)
def test_details_of_paypay(change: dict[str, Any], answer: Answer) -> None:
    assert paypay.take_answer(DETAILS | change, ORDER) == answer


@pytest.mark.parametrize(
    ("taken", "until"),
    [
        ("2026-11-27T03:00:00+00:00", "2026-11-28T00:14:59+09:00"),
        ("2026-11-27T14:59:59+00:00", "2026-11-28T00:14:59+09:00"),
        ("2026-11-27T15:00:00+00:00", "2026-11-29T00:14:59+09:00"),
        ("2026-12-31T15:14:59+00:00", "2027-01-02T00:14:59+09:00"),
    ],
)
def test_paypay_cancels_until_a_quarter_past_midnight_in_japan(taken: str, until: str) -> None:
    moment = datetime.fromisoformat(taken).astimezone(UTC)
    assert paypay.cancel_until(moment).isoformat() == until


@pytest.mark.parametrize(
    ("status", "code", "answer"),
    [
        (400, "DUPLICATE_DYNAMIC_QR_REQUEST", UNANSWERED),
        (429, "RATE_LIMIT", UNANSWERED),
        (400, "UNACCEPTABLE_OP", Answer(Outcome.REFUSED, "unacceptable_op")),
        (302, "UNACCEPTABLE_OP", UNANSWERED),
        (400, "", UNANSWERED),
    ],
)
def test_a_refusal_of_paypay(status: int, code: str, answer: Answer) -> None:
    assert paypay.refusal(Reply(status, {"resultInfo": {"code": code}})) == answer


@pytest.mark.parametrize(
    ("change", "answer"),
    [
        ({}, Answer(Outcome.DONE, provider_ref="T.P|2026-11-27T00:00:00Z")),
        ({"SaleData": {"SaleTransactionID": {"TransactionID": "another"}}}, UNANSWERED),
        ({"PaymentResult": {"AmountsResp": {"AuthorizedAmount": 600}}}, UNANSWERED),
        ({"PaymentResult": {}}, UNANSWERED),
        ({"POIData": {}}, UNANSWERED),
        ({"Response": {"Result": "Partial"}}, UNANSWERED),
        ({"Response": {"Result": "Failure", "ErrorCondition": "Refusal"}},
         Answer(Outcome.REFUSED, "refused")),
        ({"Response": {"Result": "Failure", "ErrorCondition": "InProgress"}},
         Answer(Outcome.IN_PROGRESS)),
        ({"Response": "Success"}, UNANSWERED),
    ],
)  # fmt: skip
def test_a_payment_at_an_adyen_terminal(change: dict[str, Any], answer: Answer) -> None:
    assert adyen.payment_answer(PAID | change, ORDER) == answer


def test_the_status_of_another_message_proves_nothing() -> None:
    repeated = {
        "MessageHeader": {"ServiceID": adyen.service_id(KEY)},
        "RepeatedResponseMessageBody": {"PaymentResponse": PAID},
    }
    told = {"Response": {"Result": "Success"}, "RepeatedMessageResponse": repeated}
    good = adyen.status_answer(told, ORDER)
    assert good
    assert good.outcome is Outcome.DONE
    repeated["MessageHeader"] = {"ServiceID": "ANOTHER"}
    assert adyen.status_answer(told, ORDER) == UNANSWERED
    missing = {"Response": {"Result": "Failure", "ErrorCondition": "NotFound"}}
    assert adyen.status_answer(missing, ORDER) is None


def test_a_service_id_has_ten_characters_and_is_always_the_same() -> None:
    assert len(adyen.service_id(KEY)) == 10
    assert adyen.service_id(KEY) == adyen.service_id(KEY) != adyen.service_id(KEY[::-1])


def test_a_refund_that_square_still_works_on_is_not_done() -> None:
    assert square.refund_answer({"status": "PENDING"}).outcome is Outcome.IN_PROGRESS
    assert square.refund_answer({"status": "COMPLETED"}) == DONE
    assert square.refund_answer({"status": "FAILED"}).outcome is Outcome.REFUSED
    assert square.refund_key({"reason": f"Meguri {KEY}"}) == KEY
    assert square.refund_key({"reason": KEY}) == ""


def test_a_name_of_the_terminal_reaches_the_provider() -> None:
    asked = square.checkout_request(replace(ORDER, terminal="DEVICE-7"))
    assert asked["checkout"]["device_options"]["device_id"] == "DEVICE-7"
    header = adyen.payment_request(replace(ORDER, terminal="V400m-7"))["SaleToPOIRequest"]
    assert header["MessageHeader"]["POIID"] == "V400m-7"
