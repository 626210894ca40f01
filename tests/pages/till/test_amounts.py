"""Amounts as people type them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.edge.till.amounts import MAX_AMOUNT_YEN, AmountInvalid, read_amount


@pytest.mark.parametrize(
    "text", ["1300", "1,300", " ¥1,300 ", "１３００", "¥１，３００", "1300円", "001300"]
)
def test_what_is_one_thousand_three_hundred(text: str) -> None:
    assert read_amount(text) == 1300


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "empty"), ("  ", "empty"), ("円", "empty"), ("0", "too_small"), ("-5", "too_small"),
        ("13.5", "malformed"), ("1e3", "malformed"), ("abc", "malformed"), ("1 300", "malformed"),
        ("10000000", "too_large"), ("9" * 13, "too_large"), ("9" * 41, "malformed"),
        ("１３.５", "malformed"),
        ("<script>", "malformed"), ("٣", "malformed"), ("10²", "malformed"), ("①", "malformed"),
        ("1,3", "malformed"), ("1,,300", "malformed"), ("12.5", "malformed"),
    ],
)  # fmt: skip
def test_what_is_no_amount(text: str, reason: str) -> None:
    with pytest.raises(AmountInvalid) as refused:
        read_amount(text)
    assert refused.value.reason == reason


@given(st.integers(1, MAX_AMOUNT_YEN))
def test_every_amount_is_read_as_it_is_shown(amount_yen: int) -> None:
    assert read_amount(f"¥{amount_yen:,}") == amount_yen


@given(st.text(max_size=20))
def test_any_text_gives_an_amount_or_a_reason(text: str) -> None:
    try:
        reason = "" if 1 <= read_amount(text) <= MAX_AMOUNT_YEN else "out of bounds"
    except AmountInvalid as refused:
        reason = refused.reason
    assert reason in {"", "empty", "malformed", "too_small", "too_large"}
