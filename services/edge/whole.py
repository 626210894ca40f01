"""Whole numbers as forms and addresses say them."""

DIGITS = 9  # what nobody types by hand, and any field of ours holds


def read_whole(text: str, digits: int = DIGITS) -> int | None:
    """Returns a number of ASCII digits, None for anything else: `int` takes digits of every script,
    and raises where there are thousands of them."""
    known = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if known else None
