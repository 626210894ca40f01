"""A paragraph is cut where one breathes when reading aloud, and nothing is left out."""

import re

import pytest

from kit.pure.sentences import spans


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("水です。「冷たい。」と言う。", ["水です。", "「冷たい。」", "と言う。"]),
        ("深さは3.5 mです！行こう", ["深さは3.5 mです！", "行こう"]),
        ("It is 3.5 m deep. Go on!  Why?", ["It is 3.5 m deep.", "Go on!", "Why?"]),
        ("没有标点", ["没有标点"]),
        ("one\n\ntwo", ["one", "two"]),
        (" ", []),
    ],
)
def test_a_paragraph_is_read_sentence_by_sentence(text: str, found: list[str]) -> None:
    sentences = [text[start:end] for start, end in spans(text)]
    assert sentences == found
    assert "".join(sentences).replace(" ", "") == re.sub(r"\s", "", text)
