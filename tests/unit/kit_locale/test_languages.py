"""Columns of files, and the languages of pages."""

import pytest

from kit.pure.languages import LOCALES, NAMES, STAFF_LOCALES, column, texts_of
from kit.pure.locale import parse_tag


@pytest.mark.parametrize(
    ("locale", "heading"), [("ja", "name_ja"), ("zh-Hant", "name_zh_hant"), ("id", "name_id")]
)
def test_a_column_is_named_after_its_language(locale: str, heading: str) -> None:
    assert column("name", locale) == heading


def test_a_row_gives_the_texts_it_has() -> None:
    row = {"name_ja": "秋芳洞", "name_zh_hans": "秋芳洞", "name_fr": "", "name_xx": "x"}
    row["note_de"] = "n"
    assert texts_of(row) == {"ja": "秋芳洞", "zh-Hans": "秋芳洞"}
    assert texts_of(row, "note") == {"de": "n"}
    assert texts_of({}) == {}


def test_every_language_is_a_canonical_tag_with_a_name_of_its_own() -> None:
    assert set(STAFF_LOCALES) < set(LOCALES) == set(NAMES)
    assert len(set(LOCALES)) == len(LOCALES) == len(set(NAMES.values()))
    for locale in LOCALES:
        tag = parse_tag(locale)
        assert tag is not None
        assert tag.text() == locale
