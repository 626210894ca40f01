"""Notices: who may be reached, how long it is tried, and signatures others can check."""

import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from kit.pure.errors import InvalidFields
from kit.pure.public_address import may_be_reached
from services.payments.domain.notice import (
    OFF_AFTER,
    PAUSES,
    NoticeState,
    NoticeType,
    OffReason,
    Tried,
    after_try,
    check_address,
    next_try,
    shown_secret,
    signature,
    signatures,
)

NOW = datetime(2026, 11, 27, 3, 0, tzinfo=UTC)
TYPES = [NoticeType.CAPTURED]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0",  # noqa: S104
        "100.64.0.1", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1%eth0", "fc00::1",
        "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "ff02::1",
        "fec0::1", "192.88.99.1", "64:ff9b:1::1", "2001:0:808:808::1",
        "no address", "",
    ],
)  # fmt: skip
def test_what_is_not_public_is_not_reached(address: str) -> None:
    assert not may_be_reached(address, ())


def test_public_addresses_and_networks_that_were_allowed_are_reached() -> None:
    assert may_be_reached("93.184.216.34", ())
    assert may_be_reached("2606:2800:220:1::1", ())
    assert may_be_reached("10.1.2.3", ["10.0.0.0/8"])
    assert may_be_reached("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert not may_be_reached("10.1.2.3", ["10.2.0.0/16"])


@pytest.mark.parametrize(
    ("url", "practice", "is_good"),
    [
        ("https://register.example/notices?shop=1", False, True),
        ("https://register.example:8443/x", False, True),
        ("http://127.0.0.1:9000/x", True, True),
        ("http://127.0.0.1:9000/x", False, False),
        ("http://register.example/x", True, False),
        ("ftp://register.example/x", False, False),
        ("https://", False, False),
        ("https://user:word@register.example/", False, False),
        ("https://register.example/#part", False, False),
        ("https://register.example:99999/", False, False),
        ("https://[::1", False, False),
        ("https://register.example/\n", False, False),
        ("https://register.example/" + "x" * 500, False, False),
        ("", True, False),
    ],
)
def test_an_address_is_whole_and_encrypted(url: str, *, practice: bool, is_good: bool) -> None:
    if is_good:
        check_address(url, TYPES, practice=practice)
    else:
        with pytest.raises(InvalidFields):
            check_address(url, TYPES, practice=practice)


@pytest.mark.parametrize("types", [[], [NoticeType.VOIDED, NoticeType.VOIDED]])
def test_an_address_is_told_something_and_each_once(types: list[NoticeType]) -> None:
    with pytest.raises(InvalidFields):
        check_address("https://register.example/", types, practice=False)


def test_pauses_grow_for_days_and_then_it_is_dead() -> None:
    now, tries = NOW, 0
    state: NoticeState = NoticeState.WAITING
    pauses: list[timedelta] = []
    while state is NoticeState.WAITING:
        tries += 1
        state, after = next_try(tries, Tried(status=500), now)
        if after is not None:
            pauses.append(after - now)
            now = after
    assert pauses == sorted(pauses)
    assert (tries, state) == (len(PAUSES) + 1, NoticeState.DEAD)
    assert timedelta(days=3) < now - NOW < timedelta(days=4)


@pytest.mark.parametrize("status", [200, 202, 204])
def test_any_2xx_is_delivered(status: int) -> None:
    assert next_try(3, Tried(status=status), NOW) == (NoticeState.DELIVERED, None)


@pytest.mark.parametrize("status", [0, 199, 301, 307, 400, 404, 500])
def test_all_else_is_tried_again(status: int) -> None:
    assert next_try(1, Tried(status=status), NOW) == (NoticeState.WAITING, NOW + PAUSES[0])


def test_who_is_gone_is_not_asked_again() -> None:
    assert next_try(1, Tried(status=410), NOW) == (NoticeState.DEAD, None)


@given(st.binary(min_size=24, max_size=64), st.dictionaries(st.text(), st.integers()))
def test_the_library_of_the_specification_accepts_our_signatures(
    secret: bytes, data: dict[str, int]
) -> None:
    body = json.dumps(data).encode()
    sent_at = int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "018f", "webhook-timestamp": str(sent_at),
        "webhook-signature": signature(secret, "018f", sent_at, body),
    }  # fmt: skip
    receiver = Webhook(shown_secret(secret))
    assert receiver.verify(body, headers) == data
    with pytest.raises(WebhookVerificationError):
        receiver.verify(body + b" ", headers)
    other = Webhook("whsec_" + base64.b64encode(secret[::-1] + b"x").decode())
    with pytest.raises(WebhookVerificationError):
        other.verify(body, headers)


def test_a_test_is_nothing_to_subscribe_to() -> None:
    with pytest.raises(InvalidFields, match="choose what"):
        check_address("https://register.example/", [NoticeType.TEST], practice=False)


def test_an_address_goes_off_when_told_so_or_when_nothing_got_through_for_days() -> None:
    failed, dead = Tried(status=500, fault="refused"), NoticeState.DEAD
    long_ago = NOW - OFF_AFTER
    assert after_try(NOW, dead, Tried(status=410, fault="refused"), NOW) is OffReason.GONE
    assert after_try(long_ago, dead, failed, NOW) is OffReason.FAILING
    assert after_try(long_ago, NoticeState.WAITING, failed, NOW) is None
    assert after_try(long_ago + timedelta(seconds=1), dead, failed, NOW) is None
    assert after_try(None, NoticeState.DELIVERED, Tried(status=204), NOW) is None


def test_either_of_two_secrets_checks_a_notice() -> None:
    """As the library of the specification reads the header."""
    body, sent_at = json.dumps({"type": "meguri.test"}).encode(), int(datetime.now(UTC).timestamp())
    headers = {
        "webhook-id": "018f", "webhook-timestamp": str(sent_at),
        "webhook-signature": signatures([b"new", b"old"], "018f", sent_at, body),
    }  # fmt: skip
    for secret in (b"new", b"old"):
        assert Webhook(shown_secret(secret)).verify(body, headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(shown_secret(b"other")).verify(body, headers)
