"""Words one after another, and before what they name, with the marks of the reader's language."""

from collections.abc import Iterable

# Where no comma and blank stands between words of a list (CLDR, listPattern "unit-short" of these
# languages has a blank alone, which says nothing between times and names).
_MARKS = {"ja": "、", "zh-Hans": "、", "zh-Hant": "、", "th": " · "}


def listed(words: Iterable[str], locale: str) -> str:
    """Returns words as one line. locale: BCP 47."""
    return _MARKS.get(locale, ", ").join(words)


def labeled(word: str, locale: str) -> str:
    """Returns a word with the colon that leads to what it names: in French after a narrow blank."""
    return f"{word}\u202f:" if locale == "fr" else f"{word}:"
