"""Whole numbers of forms and addresses."""

import pytest

from services.edge.whole import read_whole


@pytest.mark.parametrize(
    ("text", "number"),
    [("0", 0), ("42", 42), ("007", 7), ("999999999", 999_999_999), ("1000000000", None), ("", None),
     ("-1", None), ("1.0", None), (" 1", None), ("１", None), ("٣", None), ("9" * 5_000, None)],
)  # fmt: skip
def test_a_number_is_digits_and_not_too_many(text: str, number: int | None) -> None:
    assert read_whole(text) == number


def test_a_field_may_hold_fewer() -> None:
    assert (read_whole("999", 3), read_whole("1000", 3)) == (999, None)
