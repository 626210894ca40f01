"""Whole numbers as forms and addresses say them, and as people type them."""

import re

DIGITS = 9  # what nobody types by hand, and any field of ours holds
# Digits and signs of a Japanese keyboard, and nothing else: NFKC would read 10² as 102.
_FULL_WIDTH = str.maketrans("０１２３４５６７８９，￥－", "0123456789,¥-")
_GROUPED = re.compile(r"-?[0-9]{1,3}(,[0-9]{3})+")


def read_whole(text: str, digits: int = DIGITS) -> int | None:
    """Returns a number of ASCII digits, None for anything else: `int` takes digits of every script,
    and raises where there are thousands of them."""
    known = text.isascii() and text.isdecimal() and len(text) <= digits
    return int(text) if known else None


def plainly(text: str) -> str:
    """Returns "1300" for "1,300", "¥1300" and "１３００円"; what is no number stays as it is:
    nobody's 12,5 becomes 125."""
    plain = text.translate(_FULL_WIDTH).strip().strip("¥円").strip()
    return plain.replace(",", "") if _GROUPED.fullmatch(plain) else plain
