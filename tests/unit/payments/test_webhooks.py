"""Signatures and times of webhooks, against vectors of the providers' own libraries where there
are any."""

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from square.utils.webhooks_helper import verify_signature

from kit.clock import SystemClock
from services.payments.domain.errors import (
    UnknownProvider,
    WebhookForged,
    WebhookFromFuture,
    WebhookMalformed,
    WebhookTooOld,
)
from services.payments.domain.provider import Outcome
from services.payments.gateways.adyen.speech import AdyenSpeech, signed_text
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.paypay.signing import Credentials
from services.payments.gateways.paypay.speech import PayPaySpeech
from services.payments.gateways.square.speech import SIGNATURE, SquareSpeech
from services.payments.gateways.webhook import Webhook, check_time, sign

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
KEY = "0190a0b0-0000-7000-8000-000000000001"
URL = "https://meguri.example/hooks/square"
SQUARE = SquareSpeech(token="t", webhook_key="key", webhook_url=URL)

# From Adyen's own library for PHP (MIT), tests/Adyen/Util/HmacSignatureTest.php.
ADYEN_VECTORS = [
    (
        "DFB1EB5485895CFA84146406857104ABB4CBCABDC8AAF103A624C8F6A3EAAB00",
        "AUTHORISATION",
        1130,
        "Ny9gS2veKo5E4w8/OL6xz1/wvT/hYkAXy1xNc/QvO4I=",
    ),
    (
        "44782DEF547AAA06C910C43932B1EB0C71FC68D9D0C057550C48EC2ACF6BA056",
        "REFUND",
        0,
        "J7HhsgZo5KwqdB7LFZJV6rfQgp+RqC2kuYyw/3x3w+8=",
    ),
]


def square_hook(moment: datetime = NOW, *, key: str = "key", **changes: Any) -> Webhook:
    """A genuine webhook of Square, unless the key says otherwise."""
    checkout = {
        "id": "checkout-1", "reference_id": KEY, "status": "COMPLETED", "payment_ids": ["pay-1"],
        "amount_money": {"amount": 1_200, "currency": "JPY"}, **changes,
    }  # fmt: skip
    document = {
        "event_id": "event-1",
        "created_at": moment.isoformat().replace("+00:00", "Z"),
        "data": {"object": {"checkout": checkout}},
    }
    body = json.dumps(document).encode()
    return Webhook(body, {SIGNATURE: sign(key.encode(), URL.encode() + body)})


def test_square_s_own_library_agrees_with_our_signature() -> None:
    hook = square_hook()
    assert verify_signature(
        request_body=hook.body.decode(), signature_header=hook.headers[SIGNATURE],
        signature_key="key", notification_url=URL,
    )  # fmt: skip


def test_a_genuine_one_tells_step_amount_and_end() -> None:
    notice = SQUARE.read_webhook(square_hook(), NOW)
    assert (notice.event_id, notice.key, notice.amount_yen) == ("event-1", KEY, 1_200)
    assert notice.answer
    assert notice.answer.outcome is Outcome.DONE
    assert notice.answer.provider_ref == "pay-1"


@pytest.mark.parametrize(
    "hook",
    [
        square_hook(key="another"),
        replace(square_hook(), headers={}),
        replace(square_hook(), headers={SIGNATURE: ""}),
        replace(square_hook(), headers={SIGNATURE: "あ"}),
        replace(square_hook(), body=square_hook().body + b" "),
    ],
)
def test_what_is_not_signed_with_our_key_is_forged(hook: Webhook) -> None:
    with pytest.raises(WebhookForged):
        SQUARE.read_webhook(hook, NOW)


def test_without_a_key_nothing_is_believed() -> None:
    with pytest.raises(WebhookForged):
        replace(SQUARE, webhook_key="").read_webhook(square_hook(key=""), NOW)


@given(st.integers(min_value=0, max_value=len(square_hook().body) - 1), st.integers(1, 255))
def test_no_byte_can_be_changed(at: int, by: int) -> None:
    hook = square_hook()
    altered = bytearray(hook.body)
    altered[at] ^= by
    with pytest.raises(WebhookForged):
        SQUARE.read_webhook(replace(hook, body=bytes(altered)), NOW)


@pytest.mark.parametrize(
    ("age_s", "error"),
    [(0, None), (300, None), (301, WebhookTooOld), (-30, None), (-31, WebhookFromFuture),
     (10**9, WebhookTooOld)],
)  # fmt: skip
def test_its_time_is_held_against_the_clock(age_s: int, error: type[Exception] | None) -> None:
    hook = square_hook(NOW - timedelta(seconds=age_s))
    if error is None:
        SQUARE.read_webhook(hook, NOW)
    else:
        with pytest.raises(error):
            SQUARE.read_webhook(hook, NOW)


@pytest.mark.parametrize("text", ["", None, "yesterday", 17, "2026-11-27T03:00:00"])
def test_a_time_that_is_none_is_malformed(text: object) -> None:
    with pytest.raises(WebhookMalformed):
        check_time(text, NOW)


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b"\xff", b"[" * 100_000])
def test_signed_nonsense_is_malformed(body: bytes) -> None:
    headers = {SIGNATURE: sign(b"key", URL.encode() + body)}
    with pytest.raises(WebhookMalformed):
        SQUARE.read_webhook(Webhook(body, headers), NOW)


@pytest.mark.parametrize(("key", "event", "value", "signature"), ADYEN_VECTORS)
def test_adyen_s_own_vectors(key: str, event: str, value: int, signature: str) -> None:
    item: dict[str, Any] = {
        "pspReference": "7914073381342284", "merchantAccountCode": "TestMerchant",
        "merchantReference": "TestPayment-1407325143704",
        "amount": {"value": value, "currency": "EUR"}, "eventCode": event, "success": "true",
    }  # fmt: skip
    assert sign(bytes.fromhex(key), signed_text(item).encode()) == signature
    item["additionalData"] = {"hmacSignature": signature}
    speech = AdyenSpeech(api_key="", hmac_key=bytes.fromhex(key))
    body = {"notificationItems": [{"NotificationRequestItem": item}]}
    notice = speech.read_webhook(Webhook(json.dumps(body).encode(), {}), NOW)
    assert notice.answer is None  # what it tells has to be asked for
    assert bool(notice.key) is (event == "AUTHORISATION")
    item["success"] = "false"
    with pytest.raises(WebhookForged):
        speech.read_webhook(Webhook(json.dumps(body).encode(), {}), NOW)


@pytest.mark.parametrize(
    "document",
    [{}, {"notificationItems": []}, {"notificationItems": [1]}, {"notificationItems": {"a": 1}},
     {"notificationItems": [{"NotificationRequestItem": {}}] * 2}],
)  # fmt: skip
def test_adyen_without_exactly_one_item_is_malformed(document: dict[str, Any]) -> None:
    speech = AdyenSpeech(api_key="", hmac_key=b"k")
    with pytest.raises(WebhookMalformed):
        speech.read_webhook(Webhook(json.dumps(document).encode(), {}), NOW)


def test_adyen_with_a_signature_that_is_no_text_is_forged() -> None:
    item = {"additionalData": {"hmacSignature": [base64.b64encode(b"x").decode()]}}
    body = {"notificationItems": [{"NotificationRequestItem": item}]}
    with pytest.raises(WebhookForged):
        AdyenSpeech(api_key="", hmac_key=b"k").read_webhook(
            Webhook(json.dumps(body).encode(), {}), NOW
        )


@pytest.mark.parametrize("half", [b'"\\ud800"', b'{"\\udfff": 1}', b'["\\ud800\\ud800"]'])
def test_half_a_letter_is_malformed_before_anything_is_reckoned_of_it(half: bytes) -> None:
    adyen = AdyenSpeech(api_key="", hmac_key=b"k")
    paypay = PayPaySpeech(Credentials("k", "s"), SystemClock())
    item = b'{"notificationItems": [{"NotificationRequestItem": {"pspReference": %b}}]}' % half
    news = b'{"notification_type": "Transaction", "merchant_order_id": "1", "state": %b}' % half
    for speech, body in ((adyen, item), (paypay, news)):
        with pytest.raises(WebhookMalformed):
            speech.read_webhook(Webhook(body, {}), NOW)


def test_paypay_signs_nothing_so_its_webhooks_prove_nothing() -> None:
    speech = PayPaySpeech(Credentials("k", "s"), SystemClock())
    told = {"notification_type": "Transaction", "merchant_order_id": KEY, "state": "COMPLETED"}
    notice = speech.read_webhook(Webhook(json.dumps(told).encode(), {}), NOW)
    assert (notice.key, notice.answer, notice.amount_yen) == (KEY, None, 0)
    same = speech.read_webhook(Webhook(json.dumps(told, indent=1).encode(), {}), NOW)
    assert same.event_id == notice.event_id
    other = speech.read_webhook(
        Webhook(json.dumps({**told, "state": "CANCELED"}).encode(), {}), NOW
    )
    assert other.event_id != notice.event_id
    file = {"notification_type": "file.created"}
    assert speech.read_webhook(Webhook(json.dumps(file).encode(), {}), NOW).key == ""
    with pytest.raises(WebhookMalformed):
        speech.read_webhook(Webhook(b'{"notification_type": "Transaction"}', {}), NOW)


def test_who_sends_no_webhooks_hears_none() -> None:
    with pytest.raises(UnknownProvider):
        CashRecord().read_webhook(square_hook(), NOW)
