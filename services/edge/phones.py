"""Telephone numbers as readers dial them: Japanese ones with a phone from abroad, too.

Numbers are kept as printed in Japan: 0837-62-0304. A reader of Japanese gets them so. Others are
told +81 837-62-0304, which a phone of any country dials, here too.
"""

import re

COUNTRY = "+81"
# Nobody outside of Japan gets through to these, and none of them has an international form: free
# calls, calls at the price of a city, emergency and other short numbers.
_AT_HOME = re.compile(r"0(120|800|570|990|180)|[1-9]")
_DIALED = re.compile(r"[^0-9+]")
READERS = ("ja",)  # of numbers as printed


def shown(number: str, locale: str) -> str:
    """Returns a number as a page shows it. number: as printed. locale: BCP 47 of the reader."""
    text = number.strip()
    if locale in READERS or not _is_domestic(text):
        return text
    kept = " ".join(re.sub(r"[()（）]", " ", text).split())
    return f"{COUNTRY} {kept.removeprefix('0')}"


def dialed(number: str, locale: str) -> str:
    """Returns the address of a link that calls a number."""
    digits = _DIALED.sub("", number)
    if locale in READERS or not _is_domestic(number.strip()):
        return f"tel:{digits}"
    return f"tel:{COUNTRY}{digits.removeprefix('0')}"


def _is_domestic(text: str) -> bool:
    digits = _DIALED.sub("", text)
    return digits.startswith("0") and not _AT_HOME.match(digits)
