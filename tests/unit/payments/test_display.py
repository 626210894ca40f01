"""Codes and secrets of customer displays: short ones that are typed, long ones nobody guesses."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain import display
from services.payments.domain.errors import DisplayCodeUnknown, DisplayUnknown

KEY, OTHER_KEY = b"k" * 32, b"o" * 32
IDS = st.uuids().map(str)


@given(IDS)
def test_a_code_is_easy_to_type_and_found_however_it_was(display_id: str) -> None:
    code = display.code_of(KEY, "mine", display_id)
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{8}", code)
    stored = display.code_hash(KEY, "mine", code)
    careless = f" {code[:4].lower()} - {code[4:]}".replace("0", "o").replace("1", "l")
    assert display.code_hash(KEY, "mine", careless) == stored
    assert code.encode() not in stored
    assert stored != display.code_hash(OTHER_KEY, "mine", code)
    assert stored != display.code_hash(KEY, "hagi", code)


@pytest.mark.parametrize(
    "typed", ["", "ABC", "ABCDEFGHJ", "ABCD-EFGU", "ＡＢＣＤＥＦＧＨ", "é" * 8]
)
def test_what_is_no_code_is_refused(typed: str) -> None:
    with pytest.raises(DisplayCodeUnknown):
        display.code_hash(KEY, "mine", typed)


@given(IDS, st.integers(0, 42), st.characters(codec="ascii"))
def test_a_secret_opens_its_display_only_unchanged(display_id: str, at: int, other: str) -> None:
    secret = display.secret_of(KEY, "mine", display_id)
    assert display.read_secret(KEY, "mine", secret) == display_id
    changed = secret[:at] + other + secret[at + 1 :]
    if changed != secret:
        with pytest.raises(DisplayUnknown):
            display.read_secret(KEY, "mine", changed)


@given(IDS)
def test_a_secret_is_of_one_area_and_one_installation(display_id: str) -> None:
    secret = display.secret_of(KEY, "mine", display_id)
    for key, area in ((KEY, "hagi"), (OTHER_KEY, "mine")):
        with pytest.raises(DisplayUnknown):
            display.read_secret(key, area, secret)


@given(st.text(max_size=60))
def test_whatever_a_cookie_holds_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(DisplayUnknown):
        display.read_secret(KEY, "mine", text)


@pytest.mark.parametrize(
    "text", ["", "short", "a" * 65, "with space", "a/b/c/d/e", "ａｂｃｄｅｆｇｈ"]
)
def test_a_till_has_a_plain_name(text: str) -> None:
    assert display.check_counter_id("a1b2c3d4") == "a1b2c3d4"
    with pytest.raises(InvalidFields):
        display.check_counter_id(text)


def test_without_a_key_nothing_is_made() -> None:
    with pytest.raises(AssertionError):
        display.secret_of(b"short", "mine", "0199aaaa-0000-7000-8000-000000000000")
