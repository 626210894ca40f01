"""Stop codes: the short code printed on a label.

Five letters of Crockford's base32 (no I, L, O, U), the last one a check character. Crockford's own
check works modulo 37 and needs five more signs, of which a QR code's alphanumeric mode lacks two.
So this one is a weighted sum over the field of 32 elements: the weights differ and none is zero,
hence every single wrong character and every swap of any two characters is detected, without a
sign outside the alphabet.
"""

import hashlib
import re
import unicodedata

from kit.pure.errors import NotFound, Refusal

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 5
_FIELD = 0b100101  # x^5 + x^2 + 1, irreducible over two elements
_READ_AS = str.maketrans({"I": "1", "L": "1", "O": "0"})
_SEPARATORS = re.compile(r"[\s\-‐-―−ー]")
_VALUES = {letter: value for value, letter in enumerate(ALPHABET)}
_MAX_TYPED = 40  # longer input is no mistyped code


class StopCodeMistyped(Refusal):
    """The check character does not fit: a letter is wrong or two are swapped. Compare the sign."""


class StopCodeUnknown(NotFound):
    """The code is well formed, but no stop of this area has it."""


def check_character(body: str) -> str:
    """Returns the last letter for the first four. body: letters of ALPHABET."""
    total = 0
    for position, letter in enumerate(body):
        total ^= _times(position + 2, _VALUES[letter])
    return ALPHABET[total]


def read(typed: str) -> str:
    """Returns a code in its one spelling: upper case, half width, no dashes, I and L as 1, O as 0.

    Errors: StopCodeMistyped.
    """
    plain = unicodedata.normalize("NFKC", typed[:_MAX_TYPED])  # a Japanese keyboard types ８ＨＴ
    code = _SEPARATORS.sub("", plain).upper().translate(_READ_AS)
    if len(code) != LENGTH or any(letter not in _VALUES for letter in code):
        raise StopCodeMistyped("A stop code has five letters and digits. Compare it with the sign.")
    if check_character(code[:-1]) != code[-1]:
        raise StopCodeMistyped("One letter is wrong or two are swapped. Compare it with the sign.")
    return code


def make(area: str, place_id: str, attempt: int) -> str:
    """Returns a code that looks random but is always the same for area, place and attempt."""
    digest = hashlib.sha256(f"{area}/{place_id}/{attempt}".encode()).digest()
    body = "".join(ALPHABET[byte % len(ALPHABET)] for byte in digest[: LENGTH - 1])
    return body + check_character(body)


def _times(left: int, right: int) -> int:
    """Multiplies in the field of 32 elements."""
    product = 0
    while right:
        if right & 1:
            product ^= left
        left <<= 1
        if left & 0b100000:
            left ^= _FIELD
        right >>= 1
    return product
