"""What may come home from a translator, and what a file changes."""

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.multilingual.domain.exchange import (
    NAME,
    FileDamaged,
    Kind,
    Sheet,
    Unit,
    is_finished,
    units,
)
from services.multilingual.domain.exchange_plan import Draft, Plan, Side, plan
from services.multilingual.domain.narration import (
    MAX_PARAGRAPHS,
    Head,
    Paragraph,
    Revision,
    Text,
    Topic,
)
from services.multilingual.domain.translation import Shown
from services.multilingual.domain.wording import fits_script, width

NOW = datetime(2026, 11, 28, tzinfo=UTC)
SOURCE = Text(
    "百枚皿",
    "ひゃくまいざら",
    (
        Paragraph("what", Topic.FORMATION, "500枚以上の皿が{count}並ぶ、石灰華段丘です。"),
        Paragraph("air", Topic.CLIMATE, "気温は一年中17 ℃ほどです。"),
    ),
)
ENGLISH = Text(
    "Hundred Plates",
    "",
    (Paragraph("what", Topic.FORMATION, "More than 500 plates lie here {count}."),),
)


def revision(number: int, text: Text, *, machine: bool = False, source: int = 0) -> Revision:
    return Revision(number, number - 1, source, text, machine, "u1", "", NOW)


def side(*, machine: bool = True, latest: int = 4, now: int = 7) -> Side:
    return Side(
        Head(latest, 2), revision(latest, ENGLISH, machine=machine, source=7),
        revision(7, SOURCE), now,
    )  # fmt: skip


def exported(at: Side) -> list[Unit]:
    assert at.source is not None
    shown = Shown(at.source.text, at.source.revision, 0, machine_draft=False)
    made = units("K7Q2X", 3, shown, at.latest)
    return [replace(unit, line=10 + index) for index, unit in enumerate(made)]


def planned(found: list[Unit], at: Side, *, leave: bool = False, locale: str = "en") -> Plan:
    return plan(Sheet("ja", locale, tuple(found)), {"K7Q2X": at}, leave_changed=leave)


def one(found: list[Unit], at: Side) -> Draft:
    [draft] = planned(found, at).drafts
    return draft


def kinds(found: list[Unit], at: Side | None = None, locale: str = "en") -> list[tuple[int, Kind]]:
    with pytest.raises(FileDamaged) as caught:
        planned(found, at or side(), locale=locale)
    return [(each.line, each.kind) for each in caught.value.problems]


def test_a_stop_is_its_name_and_its_paragraphs() -> None:
    name, what, air = exported(side())
    assert (name.part, name.source, name.target) == (NAME, "百枚皿", "Hundred Plates")
    assert (what.part, what.target, what.read) == ("what", ENGLISH.paragraphs[0].text, False)
    assert (air.part, air.target, air.read) == ("air", "", False)
    assert {(each.source_revision, each.base_revision) for each in (name, what, air)} == {(7, 4)}
    assert name.about == "stop 3, name"


def test_a_file_that_comes_back_untouched_changes_nothing() -> None:
    at = side()
    assert planned(exported(at), at) == Plan((), 1, (), ())


def test_a_new_paragraph_becomes_a_draft_in_the_order_of_the_source() -> None:
    at = side(machine=False)
    found = exported(at)
    found[2] = replace(found[2], target="It is about 17 °C all year.", read=True)
    draft = one(found, at)
    assert [each.paragraph_id for each in draft.text.paragraphs] == ["what", "air"]
    assert draft.text.paragraphs[1].topic is Topic.CLIMATE
    assert (draft.parts, draft.read, draft.base_revision, draft.source_revision) == (
        ("air",), True, 4, 7,
    )  # fmt: skip
    assert not draft.source_newer


def test_only_a_text_read_as_a_whole_is_read() -> None:
    at = side(machine=True)
    found = exported(at)
    read = [replace(each, read=True) for each in found if each.target]
    draft = one(read, at)
    assert (draft.parts, draft.read) == ((), True)  # the mark alone was taken away
    # A file with the name alone says nothing of the paragraph that a program made.
    assert planned(read[:1], at).drafts == ()
    renamed = one([replace(read[0], target="A Hundred Plates")], at)
    assert (renamed.parts, renamed.read) == ((NAME,), False)


def test_what_the_file_leaves_out_stays() -> None:
    old = Paragraph("legend", Topic.FOLK_TALE, "An old tale the source has lost.")
    before = replace(ENGLISH, reading="hundred", paragraphs=(*ENGLISH.paragraphs, old))
    at = replace(side(), latest=revision(4, before, source=7))
    draft = one([replace(exported(at)[0], target="Plates", read=True)], at)
    assert draft.text == replace(before, name="Plates")
    emptied = [replace(each, target="") for each in exported(at)]
    assert planned(emptied, at).drafts == ()


def test_a_language_begins_with_its_names() -> None:
    at = Side(Head(), None, revision(7, SOURCE), 8)
    found = exported(at)
    found[1] = replace(found[1], target="Rimstone plates {count}, more than 500.")
    assert kinds(found, at) == [(10, Kind.NAME_MISSING)]
    found[0] = replace(found[0], target="Plates")
    draft = one(found, at)
    assert (draft.base_revision, draft.read, draft.source_newer) == (0, False, True)


def test_the_first_paragraph_beyond_what_a_text_holds_has_its_line() -> None:
    """Twelve of the source and those that only the translation has are more than twelve."""
    every = tuple(Paragraph(f"p{at}", Topic.FORMATION, "あ") for at in range(MAX_PARAGRAPHS))
    old = tuple(Paragraph(each, Topic.FOLK_TALE, "x") for each in ("old", "older", "p0"))
    now = replace(side(), source=revision(7, replace(SOURCE, paragraphs=every)))
    at = replace(now, latest=revision(4, replace(ENGLISH, paragraphs=old), source=7))
    found = [replace(each, target="words") for each in exported(at)]
    assert [each.line for each in found if each.part in ("p9", "p10")] == [20, 21]
    assert kinds(found, at) == [(21, Kind.TOO_MANY)]
    assert len(one(found[:11], at).text.paragraphs) == MAX_PARAGRAPHS
    skipped = [replace(each, target="") if each.part == "p3" else each for each in found]
    assert kinds(skipped, at) == [(22, Kind.TOO_MANY)]


@pytest.mark.parametrize(
    "words",
    [
        "500枚以上の皿が {count}並ぶ、石灰華段丘です。",
        "500枚以上の皿が{count}並ぶ、\n石灰華段丘です。",
        "500枚以上の皿が{count}並ぶ、石灰華段丘です。\u3000",
    ],
)
def test_a_source_with_other_blanks_is_another(words: str) -> None:
    found = exported(side())
    found[1] = replace(found[1], source=words)
    assert kinds(found) == [(11, Kind.SOURCE_ALTERED)]


@pytest.mark.parametrize(
    ("at", "change", "kind"),
    [
        (0, {"stop_code": "M4T9B"}, Kind.UNIT_UNKNOWN),
        (1, {"part": "other"}, Kind.UNIT_UNKNOWN),
        (1, {"source": SOURCE.paragraphs[0].text + "。"}, Kind.SOURCE_ALTERED),
        (1, {"target": "More than 500 plates lie here."}, Kind.PLACEHOLDER),
        (1, {"target": "More than 500 plates lie here {number}."}, Kind.PLACEHOLDER),
        (1, {"target": "More than 500 {count} plates <b>lie</b> here."}, Kind.PLACEHOLDER),
        (1, {"target": "More than 500 \u202eplates lie here {count}."}, Kind.FORBIDDEN_MARK),
        (1, {"target": "More than 500 plates {count} lie here. " * 6}, Kind.PLACEHOLDER),
        (2, {"target": "It is about 17 degrees. " * 6}, Kind.TOO_LONG),
        (0, {"target": "P" * 81}, Kind.TOO_LONG),
        (2, {"target": "Круглый год около семнадцати градусов."}, Kind.SCRIPT),
        (2, {"source_revision": 6}, Kind.REVISION),
    ],
)
def test_a_damaged_unit_is_told_with_its_line(at: int, change: dict[str, str], kind: Kind) -> None:
    found = exported(side())
    found[at] = replace(found[at], **change)  # type: ignore[arg-type]
    assert (10 + at, kind) in kinds(found)


def test_the_same_unit_twice_is_no_unit() -> None:
    found = exported(side())
    assert kinds([*found, replace(found[1], line=20)]) == [(20, Kind.UNIT_TWICE)]


def test_a_revision_that_never_was_is_told_for_each_line() -> None:
    at = replace(side(), source=None)
    assert kinds(exported(side()), at) == [(10 + n, Kind.REVISION) for n in range(3)]


def test_a_text_saved_since_is_refused_or_left_out_and_only_where_the_file_changes_it() -> None:
    found = exported(side(latest=4))
    at = side(latest=5)
    assert planned(found, at) == Plan((), 1, (), ())
    found[0] = replace(found[0], target="Plates")
    assert kinds(found, at) == [(10, Kind.CHANGED_SINCE)]
    assert planned(found, at, leave=True) == Plan((), 0, ("K7Q2X",), ())


def test_a_lost_number_is_a_doubt_and_holds_nothing_up() -> None:
    at = side()
    found = exported(at)
    found[1] = replace(found[1], target="Many plates lie here {count}.")
    [doubt] = planned(found, at).doubts
    assert (doubt.line, doubt.stop_code, doubt.part, doubt.detail) == (11, "K7Q2X", "what", "500")
    found[1] = replace(found[1], source=found[1].source, target="Over 5,00 plates {count}.")
    assert planned(found, at).doubts == ()


def test_problems_are_told_by_line_and_not_without_end() -> None:
    found = [
        replace(unit, source="x", line=1_000 - n) for n in range(40) for unit in exported(side())
    ]
    with pytest.raises(FileDamaged) as caught:
        planned(found, side())
    assert len(caught.value.fields) == 20
    assert caught.value.fields[0][0] == "line 961"


def test_a_text_is_finished_when_all_of_it_is_read_and_made_from_the_source_of_now() -> None:
    whole = replace(
        ENGLISH,
        paragraphs=(*ENGLISH.paragraphs, Paragraph("air", Topic.CLIMATE, "About 17 °C.")),
    )
    latest = revision(4, whole, source=7)
    done = exported(replace(side(), latest=latest))
    assert is_finished(done, latest)
    assert not is_finished(done, replace(latest, source_revision=6))
    assert not is_finished(done[:2] + exported(side())[2:], latest)
    assert not is_finished(done, None)


def test_width_counts_what_is_seen() -> None:
    assert width("百枚皿") == 6
    assert width("plates") == 6
    assert width("ถ้ำ") == 2  # one letter, a mark of tone above it, one vowel


def test_the_texts_of_mine_itself_are_never_refused() -> None:
    """Where a limit is too close, a real text of ten languages shows it."""
    folder = Path(__file__).parents[3] / "data/mine/narrations"
    texts = {path.stem: cells(path) for path in folder.glob("*.csv")}
    source = texts.pop("ja")
    assert len(texts) == 10
    for locale, found in texts.items():
        for key, target in found.items():
            if key in source:
                assert width(target) <= 3 * width(source[key]) + 40, (locale, key)
            assert key[1] == NAME or fits_script(target, locale), (locale, key)


def cells(path: Path) -> dict[tuple[str, str], str]:
    """Returns (stop, part) → text."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    names = {(row["stop_id"], NAME): row["name"] for row in rows if row["name"]}
    return names | {(row["stop_id"], row["paragraph_id"]): row["text"] for row in rows}


@pytest.mark.parametrize(
    ("text", "locale", "fits"),
    [
        ("地下に広がる大きな鍾乳洞の入口です。", "ja", True),
        ("地下に広がる大きな鍾乳洞の入口です。", "zh-Hant", False),
        ("這裡是巨大石灰岩洞穴的入口處。", "zh-Hant", True),
        ("這裡是巨大石灰岩洞穴的入口處。", "ko", True),  # hanja are letters of Korean too
        ("여기는 큰 동굴의 입구입니다 안내", "ko", True),
        ("여기는 큰 동굴의 입구입니다 안내", "th", False),
        ("ถ้ำหินปูนขนาดใหญ่อยู่ใต้ดิน", "th", True),
        ("Akiyoshi-do", "th", True),  # a name as it is written abroad
        ("Đây là lối vào của một hang động lớn", "vi", True),
        ("whatever this may be in the end", "tlh", True),
    ],
)
def test_letters_belong_to_the_language(text: str, locale: str, *, fits: bool) -> None:
    assert fits_script(text, locale) is fits
