"""How wide a text is, and in which script: what tells a damaged translation from a long one."""

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

import langcodes

# ISO 15924 → beginnings of the Unicode names of its letters. A script not here is not judged.
_LETTERS: dict[str, tuple[str, ...]] = {
    "Latn": ("LATIN", "FULLWIDTH LATIN"),
    "Cyrl": ("CYRILLIC",),
    "Grek": ("GREEK",),
    "Arab": ("ARABIC",),
    "Hebr": ("HEBREW",),
    "Deva": ("DEVANAGARI",),
    "Thai": ("THAI",),
    "Kore": ("HANGUL", "CJK"),
    "Jpan": ("HIRAGANA", "KATAKANA", "HALFWIDTH KATAKANA", "CJK"),
    "Hans": ("CJK",),
    "Hant": ("CJK", "BOPOMOFO"),
}
# Japanese is half Chinese characters; what shows it is its kana.
_KANA = ("HIRAGANA", "KATAKANA")
MAX_KANA = 0.1
MIN_LETTERS = 12  # a name may well be written as abroad
SHARE = 0.5
MAX_MARKS = 30

_PLACEHOLDER = re.compile(r"\{[A-Za-z_0-9]*\}|%\([A-Za-z_]+\)[sd]|%[sd]\b|<[^<>\s][^<>]*>")
_NUMBER = re.compile(r"[0-9]+(?:[.,][0-9]+)*")


def width(text: str) -> int:
    """Returns the width in half columns: 2 for a full-width character, 0 for a combining one
    (Unicode Standard Annex 11). A Japanese sentence is about as wide as its English translation."""
    return sum(
        0 if unicodedata.combining(each)
        else 2 if unicodedata.east_asian_width(each) in "WF"
        else 1
        for each in text
    )  # fmt: skip


def is_piled(text: str) -> bool:
    """Tells whether more marks stand on one letter than any language has (Unicode Standard Annex
    15, stream-safe text). Putting marks into their order takes the square of their number."""
    marks = 0
    for each in text:
        marks = marks + 1 if unicodedata.combining(each) else 0
        if marks > MAX_MARKS:
            return True
    return False


def fits_script(text: str, locale: str) -> bool:
    """Tells whether at least half of a text's letters are of the locale's script (CLDR likely
    subtags). Short texts, and locales whose script is not known here, always fit."""
    script = langcodes.Language.get(locale).maximize().script or ""
    wanted = _LETTERS.get(script)
    letters = [unicodedata.name(each, "") for each in text if each.isalpha()]
    if wanted is None or len(letters) < MIN_LETTERS:
        return True
    if script in ("Hans", "Hant") and _share(letters, _KANA) > MAX_KANA:
        return False
    return _share(letters, wanted) >= SHARE


def placeholders(text: str) -> Counter[str]:
    """Returns what programs fill in or read as markup, which a translation keeps as it is."""
    return Counter(_PLACEHOLDER.findall(text))


def lost_numbers(source: str, target: str) -> list[str]:
    """Returns numbers of a source that its translation does not repeat in digits, at most five."""
    return sorted((_numbers(source) - _numbers(target)).elements())[:5]


def _numbers(text: str) -> Counter[str]:
    plain = unicodedata.normalize("NFKC", text)  # full-width digits are digits
    return Counter(re.sub(r"[.,]", "", each) for each in _NUMBER.findall(plain))


def _share(letters: Sequence[str], beginnings: tuple[str, ...]) -> float:
    return sum(each.startswith(beginnings) for each in letters) / len(letters)
