"""What a signature must cover and when it holds; signed with the library terminals may use."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient
from http_message_signatures import HTTPMessageSigner, MappingKeyResolver, algorithms

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.payments_api.signatures import CLOCK_SKEW
from tests.pages.edge.fakes import FakeServices

URL = "http://localhost/api/v1/payments"
BODY = b'{"tender":"card","amount_yen":1300}'
ALL = ("@method", "@authority", "@target-uri", "idempotency-key")
Send = Callable[..., tuple[int, dict[str, Any]]]


class Message:
    def __init__(self, url: str, method: str) -> None:
        self.url, self.method = url, method
        self.headers = {"Idempotency-Key": "sale-0001-of-today"}


@pytest.fixture
def send(browser: FlaskClient, services: FakeServices) -> Send:
    key, device_id = Ed25519PrivateKey.generate(), str(uuid4())
    device = directory_pb.Device(
        device_id=device_id, place_id="shop-1", public_key=key.public_key().public_bytes_raw()
    )
    services.answers["ReadDevice"] = lambda _: directory_pb.ReadDeviceResponse(device=device)
    services.answers["TakePayment"] = lambda _: payments_pb.TakePaymentResponse(
        payment=payments_pb.Payment(state=payments_pb.PAYMENT_STATE_CAPTURED)
    )
    services.answers["GetPayment"] = lambda _: payments_pb.GetPaymentResponse(
        payment=payments_pb.Payment(state=payments_pb.PAYMENT_STATE_CAPTURED)
    )
    signer = HTTPMessageSigner(
        signature_algorithm=algorithms.ED25519,
        key_resolver=MappingKeyResolver(public_keys={}, private_keys={device_id: key}),
    )

    def signed(
        covered: tuple[str, ...] = ALL, *, created_s: float = 0, expires_s: float | None = None,
        url: str = URL, sent_url: str = "", body: bytes | None = BODY, method: str = "POST",
    ) -> tuple[int, dict[str, Any]]:  # fmt: skip
        message, now = Message(url, method), datetime.now(UTC)
        signer.sign(
            message, key_id=device_id, covered_component_ids=covered, body=body,
            created=now + timedelta(seconds=created_s),
            expires=None if expires_s is None else now + timedelta(seconds=expires_s),
        )  # fmt: skip
        answer = browser.open(sent_url or url, method=method, data=BODY, headers=message.headers)
        return answer.status_code, answer.get_json()

    return signed


@pytest.mark.parametrize(
    "covered",
    [
        ALL,
        ("@method", "@authority", "@path", "@query", "idempotency-key"),
        ("idempotency-key", "@target-uri", "@path", "@authority", "@method"),
    ],
)
def test_a_signature_over_all_that_matters_holds(send: Send, covered: tuple[str, ...]) -> None:
    assert send(covered)[0] == 201


@pytest.mark.parametrize(
    ("covered", "missing"),
    [
        (ALL[1:], "@method"),
        (("@method", "@target-uri", "idempotency-key"), "@authority"),
        (("@method", "@authority", "idempotency-key"), "@target-uri"),
        (("@method", "@authority", "@path", "idempotency-key"), "@target-uri"),
        (("@method", "@authority", "@query", "idempotency-key"), "@target-uri"),
        (("@method", "@authority", "@request-target", "idempotency-key"), "@target-uri"),
        (ALL[:3], "idempotency-key"),
        ((*ALL[:3], '"idempotency-key";bs'), "idempotency-key"),
    ],
)
def test_a_signature_that_leaves_something_out_is_not_believed(
    send: Send, services: FakeServices, covered: tuple[str, ...], missing: str
) -> None:
    status, problem = send(covered)
    assert (status, problem["reason"]) == (401, "bad_signature")
    assert problem["detail"] == f"The signature must cover {missing}."
    assert services.called("TakePayment") == []


def test_a_body_that_was_not_signed_is_not_believed(send: Send, services: FakeServices) -> None:
    assert send(body=None)[1]["reason"] == "bad_signature"
    assert send(body=BODY.replace(b"1300", b"1"))[1]["reason"] == "bad_signature"
    assert services.called("TakePayment") == []


@pytest.mark.parametrize("covered", [ALL, ("@method", "@authority", "@path", "@query")])
def test_a_signature_does_not_travel_to_another_address(
    send: Send, covered: tuple[str, ...]
) -> None:
    at = (*covered, "idempotency-key") if "idempotency-key" not in covered else covered
    for other in (f"{URL}/x/void", f"{URL}?a=b", "http://127.0.0.1/api/v1/payments"):
        assert send(at, sent_url=other)[1]["reason"] == "bad_signature"


SKEW_S = CLOCK_SKEW.total_seconds()


@pytest.mark.parametrize("created_s", [0, -SKEW_S + 60, SKEW_S - 60])
def test_a_clock_off_by_less_than_the_skew_works(send: Send, created_s: float) -> None:
    assert send(created_s=created_s)[0] == 201


@pytest.mark.parametrize("created_s", [-SKEW_S - 2, SKEW_S + 2])
def test_the_skew_is_granted_once(send: Send, created_s: float) -> None:
    assert send(created_s=created_s)[1]["reason"] == "bad_signature"


def test_expires_is_taken_at_its_word(send: Send) -> None:
    assert send(expires_s=60)[0] == 201
    for past_s in (-2, -3_600, -SKEW_S):
        assert send(created_s=-SKEW_S + 60, expires_s=past_s)[1]["reason"] == "bad_signature"


def test_a_signature_without_a_time_is_not_believed(
    send: Send, monkeypatch: pytest.MonkeyPatch, services: FakeServices
) -> None:
    real = HTTPMessageSigner._build_signature_base

    def timeless(self: Any, message: Any, **more: Any) -> Any:
        more["signature_params"].pop("created", None)
        return real(self, message, **more)

    with monkeypatch.context() as patch:
        patch.setattr(HTTPMessageSigner, "_build_signature_base", timeless)
        status, problem = send()
    assert (status, problem["reason"]) == (401, "bad_signature")
    assert "created" in problem["detail"]
    assert services.called("TakePayment") == []


def test_reading_is_signed_in_full_as_well(send: Send) -> None:
    url = f"{URL}/{uuid4()}"
    started = time.monotonic()
    assert send(url=url, method="GET")[0] == 200
    assert send(("@method", "@target-uri", "idempotency-key"), url=url, method="GET")[0] == 401
    assert time.monotonic() - started < 5
