"""Words one after another, with the mark between them that the reader's language has."""

from collections.abc import Iterable

# Where no comma and blank stands between words of a list (CLDR, listPattern "unit-short" of these
# languages has a blank alone, which says nothing between times and names).
_MARKS = {"ja": "、", "zh-Hans": "、", "zh-Hant": "、", "th": " · "}


def listed(words: Iterable[str], locale: str) -> str:
    """Returns words as one line. locale: BCP 47."""
    return _MARKS.get(locale, ", ").join(words)
