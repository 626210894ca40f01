"""What is said of a text: phrases with their place, readings that the text itself gives, and terms
that nobody can read."""

from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.speech import (
    Phrase,
    Sentence,
    Term,
    missing_readings,
    sentences,
    text_sha256,
)


def silent(_word: str) -> str:
    return ""


def of(*paragraphs: str, name: str = "池", reading: str = "いけ") -> Text:
    return Text(
        name,
        reading,
        tuple(Paragraph(f"p{at}", Topic.FORMATION, each) for at, each in enumerate(paragraphs)),
    )


def spoken(text: str) -> list[list[str]]:
    return [[each.spoken for each in one.phrases] for one in sentences(of(text), silent)[1:]]


def test_the_name_comes_first_as_its_reading_says() -> None:
    assert sentences(of(reading="い け"), silent) == (Sentence("", (Phrase("池", "いけ", 0, 1),)),)
    assert sentences(of(reading=""), silent)[0].phrases[0].spoken == "池"


def test_a_phrase_ends_where_a_pause_is_heard() -> None:
    assert spoken("下に立ったら、見上げてください。川です。") == [
        ["下に立ったら", "見上げてください"], ["川です"],
    ]  # fmt: skip


def test_signs_are_said_as_people_say_them() -> None:
    assert spoken("175×80mで、5〜10分です（一つの資料）。") == [
        ["175かける80メートルで", "5から10分です", "一つの資料"],
    ]  # fmt: skip
    assert spoken("昔は「縮皿」でした。") == [["昔は縮皿でした"]]


def test_a_reading_in_brackets_is_said_once() -> None:
    text = of("溶けていた方解石（ほうかいせき）が縁に積もります。")
    [_, unknown] = sentences(text, silent)
    assert unknown.phrases[0].spoken == "溶けていたほうかいせきが縁に積もります"
    [_, known] = sentences(text, lambda word: {"方解石": "ほうかいせき"}[word])
    assert known.phrases[0].spoken == "溶けていた方解石が縁に積もります"


def test_nothing_is_said_of_signs_alone() -> None:
    assert spoken("「」、。\n\n！") == []


@given(st.lists(st.text("あ池、。（）「」〜m12\n！", max_size=30), max_size=4))
def test_phrases_stay_in_their_paragraph_in_order_and_say_what_stands_there(
    texts: list[str],
) -> None:
    for sentence in sentences(of(*texts), silent)[1:]:
        whole = texts[int(sentence.paragraph_id[1:])]
        at = sentence.phrases[0].start
        for phrase in sentence.phrases:
            assert phrase.start == at < phrase.end <= len(whole)
            assert phrase.written == whole[phrase.start : phrase.end]
            assert phrase.spoken
            at = phrase.end


def test_a_term_without_a_reading_is_named() -> None:
    terms = [Term("秋芳洞", ""), Term("石筍", "せきじゅん"), Term("滝穴", "")]
    assert missing_readings(of("秋芳洞の石筍です。"), terms, "ja") == ("秋芳洞",)
    assert missing_readings(of("石筍です。"), terms, "ja") == ()


def test_a_japanese_name_is_a_term_too() -> None:
    unread = of("水です。", reading="")
    assert missing_readings(unread, [], "ja") == ("池",)
    assert missing_readings(unread, [Term("池", "いけ")], "ja") == ()
    assert missing_readings(unread, [], "zh-Hant") == ()
    assert missing_readings(of("水です。", name="シラグモ", reading=""), [], "ja") == ()


def test_a_text_is_another_when_a_word_of_it_changes() -> None:
    first = of("水です。")
    assert text_sha256(first) == text_sha256(of("水です。"))
    others = [
        of("水だ。"),
        of("水です。", reading="ち"),
        of("水で", "す。"),
        of("水です。", name="滝"),
    ]
    assert len({text_sha256(each) for each in (first, *others)}) == 5
