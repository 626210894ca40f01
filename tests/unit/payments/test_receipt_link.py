"""Receipt links: nobody makes one but us, and each receipt has exactly one."""

import uuid
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.payments.domain import receipt_link
from services.payments.domain.errors import ReceiptLinkUnknown

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
IDS = st.uuids().map(str)


@given(IDS)
def test_a_link_opens_its_own_receipt_and_is_always_the_same(payment_id: str) -> None:
    secret = receipt_link.make(KEY, "mine", payment_id)
    assert receipt_link.read(KEY, "mine", secret) == payment_id
    assert secret == receipt_link.make(KEY, "mine", payment_id.upper())
    assert len(secret) == receipt_link.LENGTH
    assert secret.replace("-", "").replace("_", "").isalnum()


@given(IDS, st.integers(0, 42), st.characters(codec="ascii"))
def test_one_changed_character_opens_nothing(payment_id: str, place: int, other: str) -> None:
    secret = receipt_link.make(KEY, "mine", payment_id)
    changed = secret[:place] + other + secret[place + 1 :]
    if changed != secret:
        with pytest.raises(ReceiptLinkUnknown):
            receipt_link.read(KEY, "mine", changed)


@given(IDS)
def test_another_area_and_another_installation_know_nothing_of_it(payment_id: str) -> None:
    secret = receipt_link.make(KEY, "mine", payment_id)
    for key, area in ((KEY, "hagi"), (OTHER_KEY, "mine")):
        with pytest.raises(ReceiptLinkUnknown):
            receipt_link.read(key, area, secret)


@given(st.text(max_size=60) | st.text(alphabet="ABCabc019-_=+/", min_size=40, max_size=45))
def test_whatever_is_typed_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(ReceiptLinkUnknown):
        receipt_link.read(KEY, "mine", text)


def test_who_knows_the_id_cannot_make_the_link() -> None:
    payment_id = uuid.uuid4()
    guess = urlsafe_b64encode(payment_id.bytes + b"\0" * 16).decode().rstrip("=")
    with pytest.raises(ReceiptLinkUnknown):
        receipt_link.read(KEY, "mine", guess)


@pytest.mark.parametrize("key", [b"", b"short"])
def test_without_a_key_no_link_is_made(key: bytes) -> None:
    with pytest.raises(AssertionError):
        receipt_link.make(key, "mine", str(uuid.uuid4()))


def test_it_lapses_thirty_days_after_the_sale() -> None:
    sold = datetime(2026, 11, 28, 8, tzinfo=UTC)
    assert receipt_link.lapses_at(sold) - sold == timedelta(days=30)
