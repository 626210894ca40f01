"""What of a customer's code may be shown: known harmless objects only, all else as dots."""

import re
from typing import TypeAlias

from services.payments.domain.emvqr.ber import Node

# Name of the application and its label, languages, versions and what proves the code fresh. Not
# here: 57 and 5A (card number), 5F20 (name of a person), 9F24 (leads from card to card), and
# anything we do not know.
_SHOWN = frozenset({
    "85", "4F", "50", "5F2D", "5F50", "9F08", "9F19", "9F25",
    "82", "9F10", "9F26", "9F27", "9F34", "9F36", "9F37",
})  # fmt: skip
_TEMPLATES = frozenset({"61", "62", "63", "64"})
FEWEST_DIGITS = 12
# Looks ahead, so that it finds the digits from each place on.
_DIGITS = re.compile(r"(?=([1-9][0-9]{11,18}))")
_MOST_BYTES = 64  # longer is nothing that a person reads

Tree: TypeAlias = "list[str | Tree]"


def is_template(tag: str) -> bool:
    """Whether an object holds objects."""
    return tag in _TEMPLATES


def shown(node: Node) -> str:
    """Returns the value in hexadecimal, or one star for each of its digits."""
    short = len(node.value) <= _MOST_BYTES
    if node.tag in _SHOWN and short and not _looks_like_a_card(node.value):
        return node.value.hex().upper()
    return "*" * (2 * len(node.value))


def _looks_like_a_card(value: bytes) -> bool:
    """A label may hold anything, a card number too: digits that pass its check are not shown."""
    is_text = value.isascii() and value.decode("ascii").isprintable()
    written = value.decode("ascii") if is_text else value.hex()
    return any(
        _passes_luhn(run[:end])
        for run in _DIGITS.findall(written)
        for end in range(FEWEST_DIGITS, len(run) + 1)
    )


def _passes_luhn(digits: str) -> bool:
    doubled = "0246813579"
    total = sum(
        int(digit) if place % 2 == 0 else int(doubled[int(digit)])
        for place, digit in enumerate(reversed(digits))
    )
    return total % 10 == 0
