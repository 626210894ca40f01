"""The languages there are words for, what their speakers call them, and their columns in files.

An area may publish texts in any language; this is about names in files, buttons and errors.
"""

from collections.abc import Mapping

# Every page speaks these, those of the staff too.
STAFF_LOCALES = ("ja", "en", "ko", "zh-Hans", "zh-Hant")
# Pages that a visitor sees speak these as well.
LOCALES = (*STAFF_LOCALES, "fr", "de", "es", "th", "vi", "id")
NAMES = {
    "ja": "日本語", "en": "English", "ko": "한국어", "zh-Hans": "简体中文", "zh-Hant": "繁體中文",
    "th": "ไทย", "vi": "Tiếng Việt", "fr": "Français", "de": "Deutsch", "es": "Español",
    "id": "Bahasa Indonesia",
}  # fmt: skip


def column(what: str, locale: str) -> str:
    """Returns the heading of a file's column: name, zh-Hant -> name_zh_hant."""
    return f"{what}_{locale.lower().replace('-', '_')}"


def texts_of(row: Mapping[str, str], what: str = "name") -> dict[str, str]:
    """Returns the texts of a row by locale; languages without a column or a text are left out."""
    found = {locale: row.get(column(what, locale)) for locale in LOCALES}
    return {locale: text for locale, text in found.items() if text}
