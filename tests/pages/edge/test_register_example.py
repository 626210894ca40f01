"""The example of the guide works against the real edge, and does what the guide says."""

import importlib.util
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any
from uuid import uuid4

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.payments.domain.notice import shown_secret, signature
from tests.pages.edge.fakes import FakeServices

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "register_client.py"
SECRET = bytes(range(32))


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = importlib.util.spec_from_file_location("register_client", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Make = Callable[[list[Any]], tuple[Any, list[float]]]


@pytest.fixture
def make(browser: FlaskClient, services: FakeServices, example: ModuleType) -> Make:
    """Makes a register whose requests meet faults first: an error or a status."""

    def made(faults: list[Any]) -> tuple[Any, list[float]]:
        key, device_id = Ed25519PrivateKey.generate(), str(uuid4())
        device = directory_pb.Device(
            device_id=device_id, place_id="shop-1", public_key=key.public_key().public_bytes_raw()
        )
        services.answers["ReadDevice"] = lambda _: directory_pb.ReadDeviceResponse(device=device)
        services.answers["TakePayment"] = lambda wanted: payments_pb.TakePaymentResponse(
            payment=payments_pb.Payment(
                state=payments_pb.PAYMENT_STATE_CAPTURED, amount_yen=wanted.amount_yen
            )
        )

        def send(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Any:
            fault = faults.pop(0) if faults else None
            if isinstance(fault, Exception):
                raise fault
            answer = browser.open(url, method=method, data=body, headers=dict(headers))
            return (fault or answer.status_code), answer.get_json()

        pauses: list[float] = []
        register = example.Register("http://localhost", device_id, key, send, pauses.append)
        return register, pauses

    return made


def test_it_takes_a_payment(make: Make, services: FakeServices) -> None:
    register, pauses = make([])
    payment = register.take("sale-0001", "cash_record", 1_300)
    assert (payment["state"], payment["amount_yen"], pauses) == ("captured", 1_300, [])
    [asked] = services.called("TakePayment")
    assert (asked.request_id, asked.shop_place_id) == ("sale-0001", "shop-1")


def test_without_an_answer_it_repeats_under_the_same_key(
    make: Make, services: FakeServices
) -> None:
    register, pauses = make([OSError("cut"), 503, 202])
    assert register.take("sale-0002", "cash_record", 500)["state"] == "captured"
    assert {asked.request_id for asked in services.called("TakePayment")} == {"sale-0002"}
    assert pauses == [0.5, 1, 2]


def test_it_gives_up_without_charging_anew_and_says_what_is_refused(
    make: Make, example: ModuleType
) -> None:
    register, _ = make([OSError("cut")] * 6)
    with pytest.raises(example.Unknown, match="sale-0003"):
        register.take("sale-0003", "cash_record", 500)
    register, pauses = make([])
    with pytest.raises(ValueError, match="invalid_fields"):
        register.take("sale-0004", "shells", 500)
    assert pauses == []


def test_notices_are_checked_and_read_once(example: ModuleType) -> None:
    body, now = json.dumps({"type": "payment.captured"}).encode(), int(time.time())
    headers = {
        "Webhook-Id": "n-1", "Webhook-Timestamp": str(now),
        "Webhook-Signature": signature(SECRET, "n-1", now, body),
    }  # fmt: skip
    notices = example.Notices(shown_secret(SECRET))
    assert notices.read(headers, body) == {"type": "payment.captured"}
    assert notices.read(headers, body) is None
    with pytest.raises(Exception, match="signature"):
        notices.read({**headers, "Webhook-Id": "n-2"}, body)
