"""What was translated before: similar sources, names, words; and what to look at once more."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rapidfuzz import process

from services.multilingual.domain import memory
from services.multilingual.domain.exchange import NAME
from services.multilingual.domain.guide import Group, Guide, Section, Settings, Stop
from services.multilingual.domain.memory import Pair
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.remarks import MIN_PAIRS, Kind, growth, remarks
from services.multilingual.domain.translation import Shown

LONG = "水が少しずつ石をとかして、長い時間をかけてこの形になりました。いまも水は流れています。"


def text(name: str, **paragraphs: str) -> Text:
    found = tuple(Paragraph(key, Topic.FORMATION, words) for key, words in paragraphs.items())
    return Text(name, "", found)


def stop(code: str, texts: Mapping[str, Text], made_from: Text | None = None) -> Stop:
    shown = {
        locale: Shown(words, 1, 1, locale != "ja", None if locale == "ja" else made_from)
        for locale, words in texts.items()
    }
    return Stop(code, "p", Group.ROUTE, "formation", "s", 1, None, (), (), shown=shown)


def guide(*stops: Stop) -> Guide:
    section = Section("s", 1, {"ja": "長い廊下", "en": "Long Hall"})
    return Guide(Settings("mine", ("ja", "en")), {"s": section}, stops, ())


def names_of(*stops: Stop) -> tuple[Pair, ...]:
    found = guide(*stops)
    return memory.names(found, "en", memory.pairs(found, "en"))


POOLS = stop(
    "AAAAA",
    {"ja": text("百枚皿", what="皿のような池。"), "en": text("Hundred Plates", what="Pools.")},
)
UPPER = stop(
    "BBBBB",
    {"ja": text("百枚", what="百枚皿の上。"), "en": text("Hundred", what="Above the pools.")},
)
ALONE = stop("CCCCC", {"ja": text("青天井", what="青い。")})


def test_pairs_are_what_visitors_see_in_both_languages() -> None:
    found = memory.pairs(guide(POOLS, ALONE), "en")
    assert {(each.stop_code, each.part, each.source, each.target) for each in found} == {
        ("AAAAA", NAME, "百枚皿", "Hundred Plates"),
        ("AAAAA", "what", "皿のような池。", "Pools."),
    }
    assert all(each.machine_draft for each in found)


def test_a_translation_is_remembered_with_the_source_it_was_made_from() -> None:
    before = text("百枚皿", what="皿。", gone="消えた段落。")
    texts = {"ja": text("百枚皿", what="池。"), "en": text("Plates", what="Plates.", gone="Gone.")}
    found = memory.pairs(guide(stop("AAAAA", texts, made_from=before)), "en")
    assert ("皿。", "Plates.") in {(each.source, each.target) for each in found}
    assert ("消えた段落。", "Gone.") in {(each.source, each.target) for each in found}
    assert "池。" not in {each.source for each in found}


def test_a_large_memory_is_compared_piece_by_piece_and_the_best_comes_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One call for all would hold Python's lock for a second and more, and the guide with it."""
    compared: list[int] = []
    extract = process.extract

    def counting(source: str, some: list[str], **how: Any) -> Any:
        compared.append(len(some))
        return extract(source, some, **how)

    monkeypatch.setattr(process, "extract", counting)
    known = [
        Pair("AAAAA", f"p{n}", LONG[: 30 + n % 10], f"t{n}", machine_draft=False)
        for n in range(120)
    ]
    known.append(Pair("BBBBB", "best", LONG, "the best", machine_draft=False))
    found = memory.similar(LONG, known)
    assert (found[0].pair.target, found[0].percent) == ("the best", 100)
    assert found[1].pair.source == LONG[:39]
    assert [each.pair.target for each in found[1:]] == ["t9", "t19"], "the first of those alike"
    assert (sum(compared), max(compared)) == (len(known), memory.AT_ONCE)


def test_similar_sources_come_first_and_each_translation_once() -> None:
    known = [
        Pair("AAAAA", "what", LONG, "Slowly.", machine_draft=False),
        Pair("BBBBB", "what", LONG, "Slowly.", machine_draft=False),
        Pair("CCCCC", "what", LONG.replace("石", "岩"), "Slowly too.", machine_draft=True),
        Pair("DDDDD", "what", "出口は階段の上です。", "Upstairs.", machine_draft=False),
    ]
    found = memory.similar(LONG, known)
    assert [(each.pair.stop_code, each.percent) for each in found] == [
        ("AAAAA", 100),
        ("CCCCC", 97),
    ]
    assert memory.similar("まったく別のこと", known) == ()


@given(st.lists(st.tuples(st.text(min_size=1), st.text(min_size=1)), max_size=12), st.text())
def test_there_are_few_matches_and_none_that_is_not_alike(
    known: list[tuple[str, str]], source: str
) -> None:
    pairs = [Pair("AAAAA", "what", *each, machine_draft=True) for each in known]
    found = memory.similar(source, pairs)
    assert len(found) <= memory.MATCHES_SHOWN
    assert all(memory.LEAST_PERCENT <= each.percent <= 100 for each in found)
    assert [each.percent for each in found] == sorted((e.percent for e in found), reverse=True)
    assert len({each.pair.target for each in found}) == len(found)


def test_a_name_within_a_longer_one_is_not_meant() -> None:
    names = names_of(UPPER, POOLS)
    assert [each.source for each in names] == ["長い廊下", "百枚皿", "百枚"]
    assert [each.target for each in memory.names_in("百枚皿の上。", names)] == ["Hundred Plates"]
    said = memory.names_in("百枚は百枚皿と長い廊下の間。", names)
    assert [each.target for each in said] == ["Hundred", "Hundred Plates", "Long Hall"]


@pytest.mark.parametrize(
    ("words", "name", "says"),
    [
        ("The hundred plates lie below.", "Hundred Plates", True),
        ("A hundred\nplates.", "Hundred Plates", True),
        ("Pools.", "Hundred Plates", False),
        ("In the Cave of Plates.", "Cave of Plates (Hyakumaizara)", True),
        ("(only a remark)", "(Hyakumaizara)", False),
    ],
)
def test_a_name_is_said_in_any_letters_and_without_its_brackets(
    words: str, name: str, *, says: bool
) -> None:
    assert memory.says(words, name) is says


def test_words_are_found_in_both_languages() -> None:
    known = memory.pairs(guide(POOLS, UPPER), "en")
    assert [each.source for each in memory.find("POOLS", known)] == [
        "百枚皿の上。",
        "皿のような池。",
    ]
    assert [each.part for each in memory.find("百枚皿", known)] == [NAME, "what"]
    for nothing in ("", "皿", " ", "x" * 81):
        assert memory.find(nothing, known) == ()
    many = [Pair("AAAAA", str(at), "同じ文", "same", machine_draft=True) for at in range(30)]
    assert len(memory.find("same", many)) == memory.FOUND_SHOWN


def look(source: str, target: str, **more: object) -> list[tuple[Kind, str]]:
    asked = {"part": "what", "locale": "en", "said": (), "usual": 1.0} | more
    found = remarks(source=source, target=target, **asked)  # type: ignore[arg-type] # by name
    return [(each.kind, each.detail) for each in found]


def test_what_is_right_or_not_there_has_no_remark() -> None:
    right = "Water dissolved the stone little by little, over a long time, and made this shape."
    assert look(LONG, right) == []
    assert look(LONG, "") == look("", right) == []


@pytest.mark.parametrize(
    ("source", "target", "kind", "detail"),
    [
        (LONG, "Water. " * 60, Kind.LONG, ""),
        (LONG, "Water made it.", Kind.SHORT, ""),
        ("高さ30メートル、15万年前", "Thirty meters, 15 ages ago", Kind.NUMBER, "30"),
        ("高さ３０メートルの柱です。", "A column of 40 meters.", Kind.NUMBER, "30"),
        ("残り{count}枚です。", "Some are left here for you.", Kind.PLACEHOLDER, "{count}"),
        (LONG, LONG, Kind.UNTRANSLATED, ""),
        ("出口は階段の上です。", "上の階段の先に出口があります。", Kind.SCRIPT, ""),
    ],
)
def test_what_seems_wrong_is_told(source: str, target: str, kind: Kind, detail: str) -> None:
    assert (kind, detail) in look(source, target)


def test_a_name_that_is_called_otherwise_is_told_once() -> None:
    said = memory.names_in("百枚皿の上。", names_of(POOLS))
    assert look("百枚皿の上。", "Above Plates.", said=said) == [(Kind.NAME, "Hundred Plates")]
    assert look("百枚皿の上。", "Above the Hundred Plates.", said=said) == []


def test_names_may_be_written_as_abroad() -> None:
    assert look("秋芳洞", "秋芳洞", part=NAME) == []
    assert look("黒谷の長い長い長い名前", "黒谷の長い長い長い名前です", part=NAME) == []


def test_the_usual_growth_is_the_languages_own_once_it_is_known() -> None:
    twice = [
        Pair("AAAAA", str(at), "水" * 30, "w" * 120, machine_draft=False) for at in range(MIN_PAIRS)
    ]
    assert growth(twice) == 2.0
    assert growth(twice[1:]) == 1.0
    source, target = "水" * 30, "w" * 180
    assert (Kind.LONG, "") in look(source, target)
    assert look(source, target, usual=growth(twice)) == []


@given(st.text(), st.text(), st.floats(0.2, 5))
def test_remarks_never_fail_and_are_of_each_kind_once(
    source: str, target: str, usual: float
) -> None:
    found = [kind for kind, _ in look(source, target, usual=usual)]
    assert len(found) == len(set(found))
