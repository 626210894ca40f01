"""Files translators' programs read: the same bytes each time, and every damage has its line."""

import csv
import io
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.multilingual.domain.exchange import MAX_FILE_BYTES, FileDamaged, Kind, Sheet, Unit
from services.multilingual.domain.narration import holds_forbidden, tidy_words
from services.multilingual.domain.wording import is_piled
from services.multilingual.gateways.translation_files import FORMATS, read, write
from tests.examples import share


def unit(
    code: str,
    part: str,
    source: str,
    target: str,
    *,
    read: bool = False,
    made_from: tuple[int, int] = (7, 4),
) -> Unit:
    return Unit(code, part, source, target, read, *made_from, f"stop 3, {part.lower()}")


SHEET = Sheet(
    "ja",
    "zh-Hant",
    (
        unit("K7Q2X", "NAME", "百枚皿", "百枚皿", read=True),
        unit("K7Q2X", "what", "水は100 % d しみ込む。\n「皿」", '100 % "水"\\n\n第二行'),
        unit("M4T9B", "NAME", "=1+1 & <千町田>", "", made_from=(2, 0)),
    ),
)  # fmt: skip
LETTERS = "aé水皿ถ\u0301\uff1d \n\t\\\"'=+-@<>&%{}#;,:msgid~|0"
words = (
    (st.text(LETTERS, max_size=40) | st.text(max_size=12))
    .map(tidy_words)
    .filter(lambda text: not holds_forbidden(text) and not re.search("[\x85\u2028\u2029]", text))
    .filter(lambda text: not is_piled(text))
)
numbers = st.integers(0, 999_999_999)
unit_words = st.tuples(words.filter(bool), words, st.booleans())


@st.composite
def sheets(draw: st.DrawFn) -> Sheet:
    made = []
    for at in range(draw(st.integers(1, 4))):
        source, base = draw(numbers), draw(numbers)
        for part in ("NAME", "what"):
            text, target, read_by = draw(unit_words)
            read_it = read_by and bool(target)
            code = f"K7Q2{at}"
            made.append(unit(code, part, text, target, read=read_it, made_from=(source, base)))
    return Sheet("ja", "zh-Hant", tuple(made))


def plain(sheet: Sheet) -> list[tuple[object, ...]]:
    return [
        (each.stop_code, each.part, each.source, each.target, each.read, each.source_revision,
         each.base_revision, each.about)
        for each in sheet.units
    ]  # fmt: skip


def damaged(content: bytes) -> list[tuple[int, Kind]]:
    with pytest.raises(FileDamaged) as caught:
        read(content)
    return [(each.line, each.kind) for each in caught.value.problems]


@pytest.mark.parametrize("form", FORMATS)
@share(25)
@given(sheet=sheets())
def test_what_is_written_is_read_and_written_to_the_same_bytes(form: str, sheet: Sheet) -> None:
    content = write(form, sheet)
    back = read(content)
    assert plain(back) == plain(sheet)
    assert back.locale == "zh-Hant"
    assert back.source_locale in ("ja", "")  # PO has no place for it
    assert write(form, Sheet("ja", back.locale, back.units)) == content


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.parametrize("word", ["msgid", 'msgid ""', '\nmsgid "a"', "<xliff", "stop_code,part"])
def test_a_text_that_speaks_of_files_is_no_other_file(form: str, word: str) -> None:
    sheet = Sheet("ja", "zh-Hant", (unit("K7Q2X", "what", f"水 {word}", f"{word.strip()} 水"),))
    assert plain(read(write(form, sheet))) == plain(sheet)


@pytest.mark.parametrize("form", FORMATS)
def test_each_unit_knows_its_line(form: str) -> None:
    content = write(form, SHEET)
    lines = content.decode().split("\n")
    for unit in read(content).units:
        near = "\n".join(lines[max(unit.line - 4, 0) : unit.line + 3])
        assert unit.stop_code in near
        assert unit.part in near


@pytest.mark.parametrize("form", FORMATS)
@given(cut=st.floats(0, 1), noise=st.binary(max_size=8), taken=st.integers(0, 40))
def test_a_broken_file_is_refused_or_read_and_never_anything_else(
    form: str, cut: float, noise: bytes, taken: int
) -> None:
    content = write(form, SHEET)
    at = int(cut * len(content))
    try:
        found = read(content[:at] + noise + content[at + taken :])
    except FileDamaged:
        return
    assert len(found.units) <= len(SHEET.units)


@given(content=st.binary(max_size=300))
def test_anything_at_all_is_refused(content: bytes) -> None:
    try:
        found = read(content)
    except FileDamaged:
        return
    assert found.units == ()


@pytest.mark.parametrize(
    ("form", "old", "new", "kind"),
    [
        ("po", 'msgid "百枚皿"', 'msgid "百枚皿"\nmsgid_plural "百枚皿たち"', Kind.PLURAL),
        ("po", 'msgstr "百枚皿"', "msgstr 百枚皿", Kind.SYNTAX),
        ("po", 'msgstr "百枚皿"', "msgstr", Kind.SYNTAX),
        ("po", "K7Q2X:what", "what", Kind.UNIT_UNKNOWN),
        ("po", "revision 2 of", "version 2 of", Kind.REVISION),
        ("xliff-1.2", "<target state=\"signed-off\">百枚皿", "<target>百<g id=\"1\">枚皿</g>",
         Kind.MARKUP),
        ("po", "revision 2 of", "revision ２ of", Kind.REVISION),
        ("xliff-1.2", "?source=7", "", Kind.REVISION),
        ("xliff-1.2", "?source=7", "?source=٧", Kind.REVISION),
        ("xliff-1.2", 'id="K7Q2X.what"', 'id="M4T9B.what"', Kind.UNIT_UNKNOWN),
        ("xliff-1.2", "</source>", "<source>", Kind.SYNTAX),
        ("xliff-1.2", "document:1.2", "document:1.3", Kind.SYNTAX),
        ("xliff-1.2", "<xliff", '<!DOCTYPE x [<!ENTITY a "aaaa">]><xliff', Kind.SYNTAX),
        ("xliff-2.0", '<target>百枚皿', '<target>百<pc id="1">枚</pc>皿', Kind.MARKUP),
        ("csv", "stop 3", '"stop 3', Kind.SYNTAX),
        ("csv", ",7,4", ",7", Kind.SYNTAX),
        ("csv", ",7,4", ",7,x", Kind.REVISION),
        ("csv", "machine draft", "kind of", Kind.SYNTAX),
        ("csv", "stop_code,part", "code,part", Kind.SYNTAX),
    ],
)  # fmt: skip
def test_damage_is_told_with_its_line(form: str, old: str, new: str, kind: Kind) -> None:
    text = write(form, SHEET).decode()
    assert old in text
    found = damaged(text.replace(old, new, 1).encode())
    assert kind in {each for _, each in found}
    assert all(1 <= line <= text.count("\n") + 3 for line, _ in found)


def test_two_languages_in_one_file_are_refused() -> None:
    text = write("xliff-1.2", SHEET).decode()
    at = text.rindex('target-language="zh-Hant"')
    mixed = text[:at] + 'target-language="ko"' + text[at + len('target-language="zh-Hant"') :]
    assert {kind for _, kind in damaged(mixed.encode())} == {Kind.TARGET_LANGUAGE}


def test_entries_twice_come_home_twice_so_that_they_are_seen() -> None:
    text = write("po", SHEET).decode()
    again = text[text.index("#. stop 3, name") : text.index("#. stop 3, what")]
    assert [each.part for each in read((text + again).encode()).units].count("NAME") == 3


def test_what_a_persons_program_does_to_a_file_is_understood() -> None:
    """Poedit takes the fuzzy mark away; a CAT tool cuts units, changes states, adds marks."""
    po = write("po", SHEET).decode().replace("#, fuzzy\n", "")
    assert [each.read for each in read(po.encode()).units] == [True, True, False]
    old = write("xliff-1.2", SHEET).decode()
    done = old.replace("needs-review-translation", "translated").replace(
        '<target state="signed-off">百枚皿', '<target state="final"><mrk mtype="seg">百枚</mrk>皿'
    )
    assert [(each.target[:3], each.read) for each in read(done.encode()).units] == [
        ("百枚皿", True), ("100", True), ("", False),
    ]  # fmt: skip
    new = write("xliff-2.0", SHEET).decode()
    cut = new.replace(
        '<segment state="final">\n        <source>百枚皿</source>\n        <target>百枚皿</target>',
        '<segment state="reviewed"><source>百</source><target>百</target></segment>'
        '<segment state="final"><source>枚皿</source><target>枚皿</target>',
    )
    assert cut != new
    assert plain(read(cut.encode()))[0] == plain(SHEET)[0]
    assert not read(new.encode()).units[1].read
    touched = new.replace(' subState="meguri:machine-draft"', "")
    assert read(touched.encode()).units[1].read


def test_a_spreadsheet_runs_nothing() -> None:
    text = write("csv", SHEET).decode()
    assert text.startswith("\ufeffstop_code,part,ja,zh-Hant,")
    assert ",'=1+1 &" in text


@pytest.mark.parametrize("mark", "=+-@\t\r\uff1d\uff0b\uff0d\uff20")
def test_each_beginning_of_a_formula_has_an_apostrophe(mark: str) -> None:
    """Blank ones are taken away before a text is kept; the table does not rely on it."""
    sheet = Sheet("ja", "en", (unit("K7Q2X", "NAME", f"{mark}1+1", f"{mark}2", read=True),))
    content = write("csv", sheet)
    [_, row] = csv.reader(io.StringIO(content.decode(), newline=""))
    assert row[2:4] == [f"'{mark}1+1", f"'{mark}2"]
    [back] = read(content).units
    assert (back.source, back.target) == (f"{mark}1+1".strip(), f"{mark}2".strip())


def test_what_a_translation_office_approved_is_read() -> None:
    old = write("xliff-1.2", SHEET).decode()
    unit_2 = '<trans-unit id="K7Q2X.what"'
    assert [each.read for each in read(old.encode()).units] == [True, False, False]
    for said, known in (("yes", True), ("no", False)):
        found = read(old.replace(unit_2, f'{unit_2} approved="{said}"').encode()).units
        assert [each.read for each in found] == [True, known, False]
    empty = '<trans-unit id="M4T9B.NAME"'
    found = read(old.replace(empty, f'{empty} approved="yes"').encode()).units
    assert not found[2].read, "there is nothing to approve"


def test_other_encodings_and_sizes_are_told() -> None:
    shift_jis = write("csv", SHEET).decode().removeprefix("\ufeff").encode("cp932", "replace")
    assert [kind for _, kind in damaged(shift_jis)] == [Kind.ENCODING]
    assert damaged(b" " * (MAX_FILE_BYTES + 1)) == [(0, Kind.SYNTAX)]
