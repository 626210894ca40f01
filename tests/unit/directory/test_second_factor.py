"""Codes of an app and secrets that are sealed: rules alone."""

from datetime import UTC, datetime

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.directory.domain import second_factor as rules
from services.directory.domain.attempts import brakes, browser_mark, code_brakes
from services.directory.domain.user import Role

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
# RFC 6238, appendix B: SHA-1, of which the last six of eight digits are told.
OF_RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"  # "12345678901234567890"
TABLE = [
    (59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (1234567890, "005924"),
    (2000000000, "279037"), (20000000000, "353130"),
]  # fmt: skip
SECONDS = st.integers(min_value=1_700_000_000, max_value=4_000_000_000)


def at(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


@pytest.mark.parametrize(("seconds", "code"), TABLE)
def test_the_codes_of_the_standard(seconds: int, code: str) -> None:
    assert rules.step_of(OF_RFC, code, at(seconds)) == seconds // 30


@given(SECONDS, st.integers(min_value=-5, max_value=5))
def test_a_code_is_good_for_one_step_before_and_after_and_no_other(now: int, off: int) -> None:
    step = now // 30 + off
    code = pyotp.TOTP(OF_RFC).generate_otp(step)
    found = rules.step_of(OF_RFC, code, at(now))
    # Two steps may have the same code by chance: then the newer one is meant.
    assert (found is not None and found >= step) if abs(off) <= 1 else found != step


@given(SECONDS, st.text("0123456789", min_size=6, max_size=6))
def test_a_code_that_is_none_of_the_three_is_wrong(now: int, typed: str) -> None:
    good = {pyotp.TOTP(OF_RFC).generate_otp(now // 30 + off) for off in (-1, 0, 1)}
    assert (rules.step_of(OF_RFC, typed, at(now)) is not None) == (typed in good)


@pytest.mark.parametrize(("text", "read"), [
    ("123456", "123456"), (" 123 456\n", "123456"), ("１２３４５６", "123456"),
    ("123-456", "123456"), ("12３・456", "123456"), ("ABCD-efgh-2345", "abcdefgh2345"),
    ("ａｂｃｄーefghー2345", "abcdefgh2345"),
    ("abcd efgh 2345", "abcdefgh2345"), ("", ""), ("- - -", ""), ("1" * 1000, "1" * 100),
])  # fmt: skip
def test_codes_are_read_as_people_type_them(text: str, read: str) -> None:
    assert rules.as_typed(text) == read


@pytest.mark.parametrize("typed", ["12345", "1234567", "12345a", "", "abcdefgh2345", "²³¹²³¹"])
def test_what_is_no_code_of_an_app(typed: str) -> None:
    assert not rules.is_of_app(typed)


def test_a_secret_has_160_bits_and_is_made_anew() -> None:
    made = {rules.new_secret() for _ in range(20)}
    assert len(made) == 20
    assert {len(pyotp.TOTP(each).byte_secret()) for each in made} == {20}


@given(st.text("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", min_size=32, max_size=32))
def test_a_sealed_secret_opens_for_its_person_alone(secret: str) -> None:
    sealed = rules.seal(KEY, "mine", "taro", secret)
    assert rules.unseal(KEY, "mine", "taro", sealed) == secret
    for key, area, user_id in (
        (OTHER_KEY, "mine", "taro"), (KEY, "yours", "taro"), (KEY, "mine", "jiro"),
        (KEY, "minet", "aro"),
    ):  # fmt: skip
        assert rules.unseal(key, area, user_id, sealed) is None
    assert secret.encode() not in sealed
    assert rules.seal(KEY, "mine", "taro", secret) != sealed


@given(st.binary(max_size=80))
def test_bytes_that_nobody_sealed_open_nothing(sealed: bytes) -> None:
    assert rules.unseal(KEY, "mine", "taro", sealed) is None


def test_visitors_have_no_login_that_could_need_one() -> None:
    rules.check_rule([Role.ADMIN, Role.CLERK])
    rules.check_rule([])
    with pytest.raises(InvalidFields):
        rules.check_rule([Role.VISITOR])


def test_codes_are_counted_apart_from_passwords_and_by_person() -> None:
    passwords = brakes(b"key", "mine", "taro", b"net", b"")
    codes = code_brakes(b"key", "mine", "taro", b"net", b"")
    other = code_brakes(b"key", "mine", "jiro", b"net", b"")
    known = code_brakes(b"key", "mine", "taro", b"net", b"hers")
    keys = [each.key for each in (*passwords, *codes, *other, *known)]
    assert len(set(keys)) == len(keys) == 7
    assert len(known) == 1


def test_the_mark_of_a_browser_does_not_tell_the_browser() -> None:
    assert browser_mark(b"key", "mine", b"") == b""
    mark = browser_mark(b"key", "mine", b"a number of a cookie")
    assert mark != browser_mark(b"another", "mine", b"a number of a cookie")
    assert b"cookie" not in mark
