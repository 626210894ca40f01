"""Reading a stranger's file in a process of its own: the same sheets, and no harm from any file."""

import asyncio
from typing import Any

import msgspec
import pytest

from kit import child
from services.multilingual.domain.exchange import (
    MAX_PROBLEMS,
    Fault,
    FileDamaged,
    Kind,
    Sheet,
    Unit,
)
from services.multilingual.gateways import file_reader, files_apart
from services.multilingual.gateways.file_reader import Ask, Reply
from services.multilingual.gateways.files_apart import AT_ONCE, BOUNDS, MAX_WAITING, Reader
from services.multilingual.gateways.translation_files import FORMATS, write

SHEET = Sheet("ja", "en", tuple(
    Unit("K7Q2X", f"p{at}", "水です。", f"Water {at}.", at % 2 == 0, 3, 2, "stop 1, name")
    for at in range(20)
))  # fmt: skip


async def refused(reader: Reader, content: bytes) -> FileDamaged:
    with pytest.raises(FileDamaged) as caught:
        await reader.read(content, read=False)
    return caught.value


@pytest.mark.parametrize("form", FORMATS)
async def test_a_file_is_read_there_as_it_is_here(form: str) -> None:
    content = write(form, SHEET)
    assert await Reader().read(content, read=True) == file_reader.read(content, read=True)


async def test_what_is_wrong_is_told_with_its_lines() -> None:
    content = write("po", SHEET).replace(b'msgstr "Water 3."', b"msgstr Water")
    error = await refused(Reader(), content)
    [problem] = error.problems
    assert (problem.kind, problem.fault, problem.detail) == (Kind.SYNTAX, Fault.NOT_PO, "")
    assert content.split(b"\n")[problem.line - 1] == b"msgstr Water"


async def test_a_file_that_wants_more_memory_than_there_is_is_refused() -> None:
    tight = child.Bounds(memory_bytes=40_000_000, cpu_s=10, wait_s=20.0)
    tags = b"<a/>" * 99_000
    content = b'<xliff xmlns="urn:oasis:names:tc:xliff:document:2.0"><file>%s</file></xliff>' % tags
    assert [each.kind for each in (await refused(Reader(tight), content)).problems] == [
        Kind.TOO_HEAVY
    ]  # fmt: skip
    assert (await Reader().read(content, read=False)).units == ()


async def test_a_million_broken_lines_are_not_a_million_problems() -> None:
    with pytest.raises(FileDamaged) as caught:
        file_reader.read(b'msgid ""\n' + b"a\n" * 1_400_000, read=False)
    assert len(caught.value.problems) == MAX_PROBLEMS


def test_a_failure_of_ours_is_named_and_quotes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(content: bytes) -> Sheet:
        raise RecursionError(content.decode())

    monkeypatch.setattr("services.multilingual.gateways.translation_files.read", broken)
    reply = file_reader.answer(Ask(b"secret words", read=False))
    assert (reply.sheet, reply.problems, reply.broke) == (None, (), "RecursionError")


async def test_few_are_read_at_once_few_wait_and_who_gives_up_makes_room(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at_once, go = [0, 0], asyncio.Event()

    async def ask_once(*_: Any) -> bytes:
        at_once[0] += 1
        at_once[1] = max(at_once)
        try:
            await go.wait()
        finally:
            at_once[0] -= 1
        return msgspec.msgpack.encode(Reply(SHEET))

    monkeypatch.setattr(child, "ask_once", ask_once)
    reader = Reader()
    waiting = [asyncio.create_task(reader.read(b"", read=False)) for _ in range(MAX_WAITING)]
    await asyncio.sleep(0.02)
    assert at_once == [AT_ONCE, AT_ONCE]
    with pytest.raises(files_apart.FilesBusy):
        await reader.read(b"", read=False)
    for each in waiting[:AT_ONCE]:
        each.cancel()
    more = [asyncio.create_task(reader.read(b"", read=False)) for _ in range(AT_ONCE)]
    await asyncio.sleep(0.02)
    assert at_once == [AT_ONCE, AT_ONCE]
    go.set()
    ended = await asyncio.gather(*waiting, *more, return_exceptions=True)
    assert ended[AT_ONCE:] == [SHEET] * MAX_WAITING
    assert at_once == [0, AT_ONCE]


@pytest.mark.parametrize("error", [TimeoutError(), OSError("no process")])
async def test_a_machine_that_is_too_busy_is_no_fault_of_the_file(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def ask_once(*_: Any) -> bytes:
        raise error

    monkeypatch.setattr(child, "ask_once", ask_once)
    with pytest.raises(files_apart.FilesBusy):
        await Reader().read(b"", read=False)


def test_the_bounds_are_those_of_a_guide_beside_visitors() -> None:
    assert BOUNDS.memory_bytes <= 256_000_000
    assert BOUNDS.wait_s < 25  # the edge's own deadline
    assert AT_ONCE == 2
