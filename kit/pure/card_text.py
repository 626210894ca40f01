"""Card numbers that somebody typed where a name, a reason or a number of their own belongs.

A customer's code to pay, read by a scanner into the wrong field, is one too: it packs the number.

PCI DSS 4.0.1, requirement 3: what is not stored need not be protected, so such a text is refused
before anything is kept. Only what a card network issues today counts (ISO/IEC 7812-1 ranges and
lengths): article numbers of 13 digits, registration numbers and phone numbers are none.
"""

import re
import unicodedata

CHARACTERS_KEPT = 20_000  # more than any text of ours has; a stranger may send all there are
# EMVCo and JPQR codes shown by customers: tag 85, five bytes and CPV or JPQ, in Base64. A scanner
# types for the keyboard that is set, wide letters too.
CODE_BEGINNINGS = ("hQV", "ｈＱＶ")
_CODE = re.compile(r"hQV(?:DUFY|KUFFS)[A-Za-z0-9+/=_-]{8}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_GAP = r"[\W_ー]{1,3}"
# As cards are written: in one, or in the groups that are embossed. Other groups side by side are
# other numbers: an article's before a quantity, say. Ahead only, so that each start is tried.
_WRITTEN = re.compile(
    r"(?<![0-9])(?=([2-6](?:[0-9]{13,18}"
    rf"|[0-9]{{3}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}{_GAP}[0-9]{{4}}(?:{_GAP}[0-9]{{3}})?"
    rf"|[0-9]{{3}}{_GAP}[0-9]{{6}}{_GAP}[0-9]{{4,5}})(?![0-9])))"
)
# One look at a text of ASCII tells whether there is anything to look for.
LONG_ROW = re.compile(
    r"[2-6](?:[0-9]{13}|[0-9]{3}[^0-9]{1,3}[0-9]{4}[0-9]{0,2}[^0-9]{1,3}[0-9]{4})"
)
# Digits of any script, and signs that stand for one to three of them: more signs rather than less.
_SIGNS = r"\d²³¹¼-¾\u2070-\u209f\u2150-\u218f\u2460-\u24ff\u3200-\u33ff\U0001f100-\U0001f10a"
_SOME_DIGITS = re.compile(rf"(?:[^{_SIGNS}]*+[{_SIGNS}]){{5}}")
_DOUBLED = bytes.maketrans(b"0123456789", b"0246813579")
_NO_DIGIT = re.compile(r"[^0-9]+")
# Range of first digits, and lengths.
_ISSUED = re.compile(
    r"4(?:[0-9]{15}|[0-9]{18})"  # Visa
    r"|(?:5[1-5]|222[1-9]|22[3-9][0-9]|2[3-6][0-9]{2}|27[01][0-9]|2720)[0-9]+"  # Mastercard
    r"|3[47][0-9]{13}"  # American Express
    r"|35(?:2[89]|[3-8][0-9])[0-9]{12,15}"  # JCB
    r"|3(?:0[0-5]|[68][0-9])[0-9]{11,16}"  # Diners Club
    r"|6(?:011|4[4-9][0-9]|5[0-9]{2})[0-9]{12,15}"  # Discover
    r"|62[0-9]{14,17}"  # UnionPay
)
_MASTERCARD_LENGTH = 16


def holds_card_number(text: str) -> bool:
    """Tells whether a text holds a card's number, in digits of any script, in groups or in one, or
    packed in a customer's code to pay.

    Takes time in proportion to the text.
    """
    if _holds_code(text):
        return True
    if (LONG_ROW.search if text.isascii() else _SOME_DIGITS.match)(text) is None:
        return False
    plain = _UUID.sub(" ", _plain(text))
    return any(_is_issued(_NO_DIGIT.sub("", found)) for found in set(_WRITTEN.findall(plain)))


def is_card_number(text: str) -> bool:
    """Tells whether a text is a card's number and nothing else, or holds a customer's code to pay:
    the rule for ids."""
    if _holds_code(text):
        return True
    plain = _plain(text).strip()
    return (
        plain[:1].isdigit()
        and plain[-1:].isdigit()
        and bool(not re.search(r"[^\W_ー0-9]", plain) and holds_card_number(plain))
    )


def _holds_code(text: str) -> bool:
    return any(each in text for each in CODE_BEGINNINGS) and bool(_CODE.search(_plain(text)))


def _plain(text: str) -> str:
    """Returns the text with ASCII digits for those of all scripts, and nothing invisible."""
    return text if text.isascii() else text.translate(_PLAIN)


# What can stand between two digits and leaves them looking like one number: controls, marks that
# sit on the sign before (keycaps of emoji too), and letters that show as nothing.
_UNSEEN = frozenset({"Cf", "Mn", "Me"})
_FILLERS = frozenset("\u115f\u1160")  # U+3164 and U+FFA0 are U+1160 by then


class _Plain(dict[int, str]):
    """What each character is for us; each is worked out once, as far as there is room."""

    def __missing__(self, code: int) -> str:
        found = "".join(
            str(unicodedata.decimal(each)) if unicodedata.category(each) == "Nd" else each
            for each in unicodedata.normalize("NFKC", chr(code))
            if unicodedata.category(each) not in _UNSEEN and each not in _FILLERS
        )
        if len(self) < CHARACTERS_KEPT:
            self[code] = found
        return found


_PLAIN = _Plain()


def _is_issued(digits: str) -> bool:
    if _ISSUED.fullmatch(digits) is None or len(set(digits)) == 1:
        return False
    if digits[0] in "25" and len(digits) != _MASTERCARD_LENGTH:
        return False
    return _check_sum(digits) % 10 == 0


def _check_sum(digits: str) -> int:
    """Luhn's sum (ISO/IEC 7812-1, annex B): every second digit from the right is doubled."""
    given = digits.encode()
    return sum(given[-1::-2]) + sum(given[-2::-2].translate(_DOUBLED)) - len(given) * ord("0")
