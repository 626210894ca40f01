"""Lists of words have the mark between them that the reader's language has."""

import pytest

from services.edge.listed import listed


@pytest.mark.parametrize(
    ("locale", "line"),
    [
        ("ja", "A、B、C"),
        ("en", "A, B, C"),
        ("zh-Hant", "A、B、C"),
        ("ko", "A, B, C"),
        ("th", "A · B · C"),
    ],
)
def test_words_are_listed_as_the_language_does(locale: str, line: str) -> None:
    assert listed(["A", "B", "C"], locale) == line
    assert listed([], locale) == ""
