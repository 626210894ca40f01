"""Recordings that are there already, taken over with the real guide: all rows or none."""

import argparse
import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from kit.auth import Role
from kit.pure.errors import Refusal
from services.multilingual.cli import bringing
from tests.service.multilingual.conftest import Sync, World, world
from tests.service.multilingual.test_recordings import stub, to_say
from tests.sounds import m4a, silent_mp3
from tests.unit.multilingual.test_sound_maker import file, tone

__all__ = ["world"]
HEAD = "stop_code,locale,file,rights_holder,transcript\n"


async def bring(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str], *, preview: bool = False,
) -> tuple[int, dict[str, Any]]:  # fmt: skip
    """Runs the command in a thread. Returns its exit code and its answer."""
    made = Sync(stub(world, Role.EDITOR))

    @contextmanager
    def recording_stub() -> Iterator[Sync]:
        yield made

    monkeypatch.setattr(bringing, "recording_stub", recording_stub)
    asked = argparse.Namespace(folder=folder, preview=preview, json=True, speakers_agreed=True)
    code = await asyncio.to_thread(bringing.run_recordings, asked)
    return code, json.loads(capsys.readouterr().out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two good sounds, one that is none, one outside."""
    made = tmp_path / "recordings"
    made.mkdir()
    (made / "pool.mp3").write_bytes(silent_mp3())
    (made / "滝.wav").write_bytes(file(tone(1.0)))
    (made / "notes.txt").write_text("no sound", encoding="utf-8")
    (tmp_path / "outside.mp3").write_bytes(silent_mp3())
    return made


def table(folder: Path, *rows: str, encoding: str = "utf-8") -> None:
    (folder / bringing.NAME).write_text(HEAD + "\n".join(rows) + "\n", encoding=encoding)


Bring = Callable[..., Awaitable[tuple[int, dict[str, Any]]]]


@pytest.fixture
def taken(
    world: World, folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Bring:
    return partial(bring, world, folder, monkeypatch, capsys)


async def test_a_folder_is_taken_over(world: World, folder: Path, taken: Bring) -> None:
    await world.load()
    pool, fall = world.code("pool"), world.code("fall")
    rows = (f"{pool.lower()},ja,pool.mp3,美祢市,みずたまりの話", f"{fall},ja,滝.wav,美祢市,")
    table(folder, *rows, encoding="cp932")
    assert (await taken(preview=True))[0] == 0
    assert not (await to_say(world)).HasField("person"), "a look changes nothing"
    code, done = await taken()
    assert (code, done["wrong"], [each["replaces"] for each in done["rows"]]) == (
        0, [], [False, False],
    )  # fmt: skip
    person = (await to_say(world)).person
    assert (person.credit, person.transcript) == ("美祢市", "みずたまりの話")
    assert (await to_say(world, "fall")).person.audio_bytes < 20_000, "WAV is made small"
    assert [each["replaces"] for each in (await taken())[1]["rows"]] == [True, True]


async def test_with_one_mistake_nothing_is_put_in_and_all_are_told(
    world: World, folder: Path, taken: Bring
) -> None:
    await world.load()
    pool = world.code("pool")
    table(
        folder,
        f"{pool},ja,pool.mp3,美祢市,",
        f"{pool},ja,pool.mp3,美祢市,",
        f"{pool},en,,City,",
        f"{pool},ja-x,pool.mp3,City,",
        f"{pool[:-1]}{'A' if pool[-1] != 'A' else 'B'},ja,pool.mp3,City,",
        f"{world.code('fall')},ja,notes.txt,City,",
        f"{world.code('fall')},ja,../outside.mp3,City,",
        f"{world.code('fall')},ja,pool.mp3,,",
    )
    code, done = await taken()
    assert (code, done["rows"]) == (1, [])
    rows = [text.split(",", 1)[0] for text in done["wrong"]]
    assert rows == [f"row {number}" for number in range(3, 10)]
    said = "\n".join(done["wrong"])
    for words in ("in the table already", "no such file in the folder", "no published text in ja-x",
                  "say who holds the rights"):  # fmt: skip
        assert words in said
    assert not (await to_say(world)).HasField("person")


async def test_what_the_guide_refuses_is_told_and_the_others_are_heard(
    world: World, folder: Path, taken: Bring
) -> None:
    await world.load()
    (folder / "pool.mp3").write_bytes(m4a())
    (folder / "滝.wav").write_bytes(file(tone(1.0, level=0.0)))  # nothing can be heard
    pool, fall = world.code("pool"), world.code("fall")
    table(folder, f"{fall},ja,滝.wav,City,", f"{pool},ja,pool.mp3,City,")
    code, done = await taken()
    assert (code, [each["stop_code"] for each in done["rows"]]) == (1, [pool])
    assert [text.startswith(f"row 2, {fall}, 滝.wav: ") for text in done["wrong"]] == [True]
    assert (await to_say(world)).HasField("person")


async def test_nothing_is_put_in_before_the_speakers_agreed(tmp_path: Path) -> None:
    asked = argparse.Namespace(folder=tmp_path, preview=False, json=True, speakers_agreed=False)
    with pytest.raises(Refusal, match=r"there is no .*recordings\.csv"):
        bringing.run_recordings(asked)
    (tmp_path / "recordings.csv").write_text("stop_code\n", encoding="utf-8")
    with pytest.raises(Refusal, match="speakers-agreed"):
        bringing.run_recordings(asked)
