"""The payments API as terminals meet it: signatures, keys, bad input, revocation.

The requests of an attacker are made by changing what an honest client signed.
"""

import time
import uuid
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.client import Peers
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from tests.platform import Platform
from tests.system.payments.clients import Register, owner_peers

pytestmark = pytest.mark.platform

PAY = "/api/v1/payments"
SALE: dict[str, Any] = {"tender": "card", "amount_yen": 1300}
REVOKED_WITHIN_S = 6.0  # 5 s (docs/architecture.md, Trust), and a request


@pytest.fixture
def register(platform: Platform) -> Register:
    """The terminal of the first start."""
    terminal = platform.state["terminal"]
    return Register(platform.url, terminal["id"], Path(terminal["key_file"]))


@pytest.fixture
def peers(platform: Platform) -> Iterator[Peers]:
    """Channels with the rights of the machine's owner."""
    with owner_peers(platform) as made:
        yield made


def new_key() -> str:
    """An idempotency key."""
    return str(uuid.uuid4())


def test_authorize_capture_refund_and_read(register: Register) -> None:
    status, held = register.send("POST", PAY, {**SALE, "capture": False}, new_key())
    assert (status, held["state"], held["practice"]) == (201, "authorized", True)
    path = f"{PAY}/{held['payment_id']}"
    status, paid = register.send("POST", f"{path}/capture", {"amount_yen": 1000}, new_key())
    assert (status, paid["state"], paid["captured_yen"]) == (200, "captured", 1000)
    back = {"amount_yen": 400, "reason": "one child less"}
    status, refund = register.send("POST", f"{path}/refunds", back, new_key())
    assert (status, refund["state"]) == (201, "refunded")
    status, problem = register.send(
        "POST", f"{path}/refunds", {**back, "amount_yen": 601}, new_key()
    )
    assert (status, problem["reason"]) == (409, "amount_too_large")
    status, problem = register.send("POST", f"{path}/void", None, new_key())
    assert (status, problem["reason"]) == (409, "wrong_state")
    status, read = register.send("GET", path)
    assert (status, read["refunded_yen"], len(read["refunds"])) == (200, 400, 1)


def test_a_sale_in_parts_is_paid_and_given_back(register: Register) -> None:
    splits = f"{PAY}/split-sales"
    line = {"name": "湯のみ", "unit_amount_yen": 3000, "tax_rate_percent": 10}
    status, sale = register.send("POST", splits, {"total_yen": 3000, "items": [line]}, new_key())
    assert (status, sale["state"], sale["open_yen"]) == (201, "open", 3000)
    part = {**SALE, "amount_yen": 1000, "split_sale_id": sale["split_sale_id"]}
    for more in ({}, {"tender": "transit_ic", "amount_yen": 2000}):
        status, paid = register.send("POST", PAY, {**part, **more}, new_key())
        assert (status, paid["state"]) == (201, "captured")
    status, problem = register.send("POST", PAY, part, new_key())
    assert (status, problem["reason"]) == (409, "split_amount_too_large")
    own = f"{splits}/{sale['split_sale_id']}"
    status, read = register.send("GET", own)
    assert (status, read["state"], len(read["parts"])) == (200, "paid", 2)
    status, back = register.send("POST", f"{own}/give-back", None, new_key())
    assert (status, back["state"], back["held_yen"]) == (200, "given_back", 0)


def test_the_same_key_is_the_same_payment_and_another_body_is_refused(register: Register) -> None:
    key = new_key()
    first = register.send("POST", PAY, SALE, key)
    assert register.send("POST", PAY, SALE, key) == first
    assert register.send("POST", PAY, SALE, f'"{key}"') == first  # quoted, as the draft writes it
    status, problem = register.send("POST", PAY, {**SALE, "amount_yen": 1301}, key)
    assert (status, problem["reason"]) == (409, "request_id_reused")


@pytest.mark.parametrize(
    ("body", "reason", "field"),
    [
        ({**SALE, "amount_yen": 0}, "invalid_fields", "amount_yen"),
        ({**SALE, "amount_yen": -1300}, "invalid_fields", "amount_yen"),
        ({**SALE, "amount_yen": 10_000_000}, "invalid_fields", "amount_yen"),
        ({**SALE, "amount_yen": 13.5}, "invalid_fields", "amount_yen"),
        ({**SALE, "amount_yen": 10**40}, "invalid_fields", "amount_yen"),
        ({**SALE, "tender": "gold"}, "invalid_fields", "tender"),
        ({**SALE, "tender": "points"}, "tender_not_accepted", ""),
        ({**SALE, "shop_place_id": "taishodo"}, "shop_not_yours", ""),
    ],
)
def test_a_wrong_sale_is_refused_with_a_stable_reason(
    register: Register, body: dict[str, Any], reason: str, field: str
) -> None:
    status, problem = register.send("POST", PAY, body, new_key())
    assert 400 <= status < 500
    assert problem["reason"] == reason
    assert [each["field"] for each in problem.get("errors", [])] == ([field] if field else [])


def refused(register: Register, reason: str = "bad_signature", key: str = "") -> None:
    """Expects that a sale is not believed."""
    status, problem = register.send("POST", PAY, SALE, key or new_key())
    assert (status, problem["reason"]) == (401, reason)


def test_a_body_changed_by_one_byte_is_not_believed(register: Register) -> None:
    register.change_body = lambda raw: raw.replace(b"1300", b"1301")
    refused(register)


def test_a_signature_does_not_travel_to_another_key(register: Register) -> None:
    register.change_headers = lambda headers: headers.update({"Idempotency-Key": new_key()})
    refused(register)


def test_a_signature_that_leaves_the_key_out_is_not_believed(register: Register) -> None:
    register.covers_key = False
    refused(register)


def test_no_signature_is_not_believed(register: Register) -> None:
    register.change_headers = lambda headers: headers.pop("Signature")
    refused(register)


def test_another_device_s_key_is_not_believed(platform: Platform, tmp_path: Path) -> None:
    forged = Ed25519PrivateKey.generate()
    path = tmp_path / "forged.pem"
    path.write_bytes(_pem(forged))
    refused(Register(platform.url, platform.state["terminal"]["id"], path))
    refused(Register(platform.url, str(uuid.uuid4()), path))


def test_a_clock_off_by_a_day_works_and_by_a_week_does_not(register: Register) -> None:
    for days in (-1, 1):
        register.clock_error = timedelta(days=days)
        assert register.send("POST", PAY, SALE, new_key())[0] == 201
    for days in (-7, 7):
        register.clock_error = timedelta(days=days)
        refused(register)


def test_without_a_key_nothing_is_taken(register: Register) -> None:
    status, problem = register.send("POST", PAY, SALE)
    assert (status, problem["reason"]) == (400, "idempotency_key_missing")


def test_a_body_that_is_too_large_or_no_json(register: Register) -> None:
    large = {**SALE, "gateway": "x" * 70_000}
    assert register.send("POST", PAY, large, new_key())[0] == 413


def test_a_revoked_device_is_out_within_seconds(
    platform: Platform, peers: Peers, tmp_path: Path
) -> None:
    private = Ed25519PrivateKey.generate()
    path = tmp_path / "device.pem"
    path.write_bytes(_pem(private))
    directory = DirectoryServiceStub(peers.channel("directory"))
    raw = private.public_key().public_bytes(
        serialization.Encoding.Raw, serialization.PublicFormat.Raw
    )
    device = directory.EnrollDevice(
        directory_pb.EnrollDeviceRequest(
            request_id=new_key(), name="Lost tablet", kind="terminal",
            place_id="akiyoshido-main", public_key=raw,
        ),
        timeout=10,
    ).device  # fmt: skip
    lost = Register(platform.url, device.device_id, path)
    assert lost.send("POST", PAY, SALE, new_key())[0] == 201
    directory.RevokeDevice(
        directory_pb.RevokeDeviceRequest(request_id=new_key(), device_id=device.device_id),
        timeout=10,
    )
    ends = time.monotonic() + REVOKED_WITHIN_S
    status = 201
    while status == 201 and time.monotonic() < ends:
        status, _ = lost.send("POST", PAY, SALE, new_key())
    assert status in (401, 403)


def _pem(key: Ed25519PrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
