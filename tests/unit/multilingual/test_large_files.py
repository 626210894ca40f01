"""Files made to be heavy: refused by their sizes, before work that grows faster than they do."""

import asyncio
import threading
from typing import Any

import pytest
from babel.messages import catalog as babel
from babel.messages.pofile import PoFileParser

from services.multilingual.app import deps as app_deps
from services.multilingual.domain import exchange
from services.multilingual.domain.exchange import (
    MAX_CODE_CHARS,
    MAX_LINE_CHARS,
    MAX_UNIT_CHARS,
    MAX_UNITS,
    Fault,
    FileDamaged,
    Kind,
    Problem,
    Sheet,
    Unit,
)
from services.multilingual.domain.narration import tidy_words
from services.multilingual.domain.wording import MAX_MARKS
from services.multilingual.gateways import file_reader, xml_lines
from services.multilingual.gateways.translation_files import FORMATS, read, write

XLIFF = [each for each in FORMATS if each.startswith("xliff")]
ENTRY = '#. revision 1 of the source, over 0\nmsgctxt "A:{part}"\nmsgid "a"\nmsgstr "{words}"\n\n'


def sheet(*targets: str, source: str = "あ", code: str = "K7Q2X") -> Sheet:
    units = [
        Unit(code, f"p{at}", source, target, read=False, source_revision=1, base_revision=0)
        for at, target in enumerate(targets)
    ]
    return Sheet("ja", "en", tuple(units))


def damaged(content: bytes) -> list[Problem]:
    with pytest.raises(FileDamaged) as caught:
        read(content)
    return list(caught.value.problems)


def po(*header: str, entries: str = ENTRY.format(part="NAME", words="b")) -> bytes:
    lines = "".join(f'"{each}\\n"\n' for each in header)
    return f'msgid ""\nmsgstr ""\n{lines}\n{entries}'.encode()


@pytest.mark.parametrize("form", FORMATS)
def test_no_words_are_normalized_beyond_their_bound(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []

    def noted(text: str) -> str:
        sizes.append(len(text))
        return tidy_words(text)

    monkeypatch.setattr(file_reader, "tidy_words", noted)
    marks = "a" + "\u0300\u0316" * (MAX_UNIT_CHARS // 2)
    content = write(form, sheet("fine", marks, "fine too"))
    with pytest.raises(FileDamaged) as caught:
        file_reader.read(content, read=False)
    [problem] = caught.value.problems
    assert (problem.kind, problem.detail) == (Kind.TOO_LONG, "K7Q2X p1")
    near = content.decode().split("\n")[max(problem.line - 4, 0) : problem.line + 6]
    assert any("\u0300\u0316" in line for line in near)
    assert sizes == []
    file_reader.read(write(form, sheet("e\u0301" * (MAX_UNIT_CHARS // 2))), read=False)
    assert sizes == [MAX_UNIT_CHARS]


@pytest.mark.parametrize("form", FORMATS)
def test_marks_are_not_piled_higher_than_languages_do(form: str) -> None:
    high = "a" + "\u0300\u0316" * (MAX_MARKS // 2)
    assert len(read(write(form, sheet(high * 3, source=high))).units) == 1
    for content in (sheet("fine", high + "\u0300"), sheet("fine", "x", source=high + "\u0300")):
        assert {each.kind for each in damaged(write(form, content))} == {Kind.FORBIDDEN_MARK}


@pytest.mark.parametrize("form", FORMATS)
def test_sources_and_ids_are_bounded_too(form: str) -> None:
    [problem] = damaged(write(form, sheet("a", source="あ" * (MAX_UNIT_CHARS + 1))))
    assert problem.kind is Kind.TOO_LONG
    [problem] = damaged(write(form, sheet("a", code="K" * (MAX_CODE_CHARS + 1))))
    assert problem.kind in (Kind.UNIT_UNKNOWN, Kind.REVISION)  # XLIFF has the code in a revision
    assert len(problem.detail) <= 80


@pytest.mark.parametrize("form", FORMATS)
def test_more_texts_than_a_guide_has_are_refused(
    form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MAX_UNITS == 500 * 13
    content = write(form, sheet("a", "b", "c"))
    units = read(content).units
    assert len(units) == 3
    monkeypatch.setattr(exchange, "MAX_UNITS", 2)
    [problem] = damaged(content)
    assert problem.kind is Kind.TOO_MANY
    assert problem.line == units[-1].line


@pytest.mark.parametrize(("form", "rest"), [("po", 'msgid "b"\n'), ("csv", '"x" "\n')])
def test_nothing_is_read_after_the_last_text_there_can_be(
    form: str, rest: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exchange, "MAX_UNITS", 2)
    content = write(form, sheet("a", "b", "c")) + rest.encode()
    assert [each.kind for each in damaged(content)] == [Kind.TOO_MANY]


@pytest.mark.parametrize("form", ["po", "csv"])
def test_a_line_has_an_end(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PoFileParser, "parse", lambda *_: pytest.fail("Babel was given it"))
    content = write(form, sheet("a"))
    line = content.count(b"\n") + 1
    [problem] = damaged(content + b"#" + b"," * MAX_LINE_CHARS)
    assert (problem.line, problem.kind) == (line, Kind.SYNTAX)


@pytest.mark.parametrize("form", XLIFF)
def test_xml_may_stand_in_one_line(form: str) -> None:
    parts = sheet(*["word " * 300] * 40)
    content = write(form, parts).replace(b"\n", b"")
    assert len(content) > MAX_LINE_CHARS
    assert len(read(content).units) == 40


@pytest.mark.parametrize(
    "line",
    [
        "Plural-Forms: nplurals=60000000; plural=n;",
        "Plural-Forms: " + "a;" * 1_000,
        "Content-Type: text/plain; charset=utf-16",
        "POT-Creation-Date: 2020-01-01 10:10+99999999",
        "PO-Revision-Date: ",
    ],
)
def test_a_header_says_its_language_and_is_believed_nothing_else(
    line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("parse_separated_header", "message_from_string", "_parse_datetime_header"):
        monkeypatch.setattr(babel, name, lambda *_: pytest.fail("Babel was given a header"))
    content = po(line, "Language: zh_Hant")
    assert (read(content).locale, len(read(content).units)) == ("zh-Hant", 1)


def test_a_language_is_short_and_near_the_beginning() -> None:
    assert read(po("language:de ")).locale == "de"
    assert read(po("X-Language: de")).locale == ""
    assert read(po("Language: " + "a_" * 1_000)).locale == ""
    assert read(po(*["X: " + "y" * 100] * 200, "Language: de")).locale == ""
    assert read(po("Language: de") + po("Language: fr")).locale == "de"


def test_plurals_are_refused_by_name_however_many_there_are() -> None:
    entry = '#. c\nmsgctxt "A:NAME"\nmsgid "a"\nmsgid_plural "b"\n'
    entry += "".join(f'msgstr[{at}] "c"\n' for at in range(6))
    [problem] = damaged(po("Plural-Forms: nplurals=6; plural=n;", entries=entry))
    assert (problem.kind, problem.detail) == (Kind.PLURAL, "A:NAME")


def test_what_is_repeated_is_not_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    """Merging compares the comments of all entries of a text with those of each new one."""
    monkeypatch.setattr(
        babel.Catalog, "__setitem__", lambda *_: pytest.fail("Babel was given an entry to merge")
    )
    entries = "".join(f"#. c{at}\n" + ENTRY.format(part="NAME", words="b") for at in range(50))
    found = read(po("Language: en", entries=entries)).units
    assert [each.about for each in found] == [f"c{at}" for at in range(50)]


@pytest.mark.parametrize("form", XLIFF)
@pytest.mark.parametrize("name", ["MAX_NODES", "MAX_ATTRIBUTES"])
def test_xml_has_so_many_elements_and_attributes(
    form: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert xml_lines.MAX_NODES >= 6 * MAX_UNITS, "the largest guide comes home"
    content = write(form, sheet("a", "b", "c"))
    tags = [each for each in content.decode().split("<")[2:] if each[0] != "/"]
    size = len(tags) if name == "MAX_NODES" else "".join(tags).count('="') - ("xmlns" in tags[0])
    monkeypatch.setattr(xml_lines, name, size)
    assert len(read(content).units) == 3
    monkeypatch.setattr(xml_lines, name, size - 1)
    [problem] = damaged(content)
    assert (problem.kind, problem.fault, problem.detail) == (Kind.SYNTAX, Fault.XML_BROKEN, "")
    assert problem.line > 3


def test_xml_is_so_deep() -> None:
    assert xml_lines.MAX_DEPTH == 30
    assert xml_lines.parse("<a>" * 30 + "</a>" * 30).name == "a"
    with pytest.raises(xml_lines.XmlRefused, match="nested too deeply") as caught:
        xml_lines.parse("<a>\n" * 31 + "</a>" * 31)
    assert caught.value.line == 31


async def test_two_files_are_written_at_a_time_and_who_gives_up_frees_no_thread() -> None:
    files, go, both = app_deps.Files(), threading.Event(), threading.Event()
    lock, at_once = threading.Lock(), [0, 0]

    def work() -> Any:
        with lock:
            at_once[0] += 1
            at_once[1] = max(at_once)
            if at_once[0] == app_deps.MAX_FILES_AT_ONCE:
                both.set()
        assert go.wait(5)
        with lock:
            at_once[0] -= 1
        return "done"

    waiting = [asyncio.create_task(files.run(work)) for _ in range(8)]
    assert await asyncio.to_thread(both.wait, 5)
    for each in (waiting[0], waiting[5]):  # one that has begun, one that waits
        each.cancel()
    await asyncio.sleep(0.05)
    assert at_once == [2, 2]
    go.set()
    ended = await asyncio.gather(*waiting, return_exceptions=True)
    assert [each == "done" for each in ended] == [at not in (0, 5) for at in range(8)]
    async with asyncio.timeout(5):
        while at_once[0]:  # noqa: ASYNC110 - the end of a thread given up wakes nobody
            await asyncio.sleep(0.005)
    assert at_once == [0, 2]


async def test_work_that_fails_says_so_and_frees_its_place() -> None:
    files = app_deps.Files()
    for _ in range(app_deps.MAX_FILES_AT_ONCE + 1):
        with pytest.raises(ZeroDivisionError):
            await asyncio.wait_for(files.run(lambda: 1 // 0), 5)
