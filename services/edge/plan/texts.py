"""Texts and names in the visitor's language where known, else in the nearest one, labelled."""

from collections.abc import Mapping
from dataclasses import dataclass

# Readers of one Chinese script can mostly read the other; English serves most others.
_NEXT = {"zh-Hant": ("zh-Hans",), "zh-Hans": ("zh-Hant",)}


@dataclass(frozen=True)
class Told:
    """A text with the locale it is in. fallback: it is not the one asked for."""

    text: str
    locale: str
    fallback: bool

    def __bool__(self) -> bool:
        return bool(self.text)


def native(names: Mapping[str, str], shown: Told) -> str:
    """Returns the Japanese name beside the one that is shown, for people who read it there, as a
    driver. "" where it is shown already, or not known."""
    name = names.get("ja", "")
    return "" if name == shown.text else name


def told(texts: Mapping[str, str], locale: str, default: str = "") -> Told:
    """Returns the text for a reader; `default` in the reader's locale where there is none."""
    for tag in (locale, *_NEXT.get(locale, ()), "en", "ja", *texts):
        if texts.get(tag):
            return Told(texts[tag], tag, tag != locale)
    return Told(default, locale, fallback=False)
