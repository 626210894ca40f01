"""Recordings made in processes of their own: the answer, the bounds, the line before the door."""

import asyncio

import pytest

from kit import child
from services.multilingual.domain import sound
from services.multilingual.domain.sound import SoundRefused
from services.multilingual.gateways.sounds_apart import MAX_WAITING, SoundMaker, SoundsBusy
from tests.unit.multilingual.test_sound_maker import file, tone


async def test_a_minute_is_made_in_a_process_of_its_own() -> None:
    audio, pauses = await SoundMaker().make(file(tone(60)))
    assert not pauses  # nobody takes a breath in it
    assert sound.look(audio).duration_ms == pytest.approx(60_000, abs=150)


async def test_what_the_process_refuses_is_told_in_its_words() -> None:
    with pytest.raises(SoundRefused, match="16 bits"):
        await SoundMaker().make(file(tone(1), width=1))


async def test_a_file_that_needs_too_much_is_the_files_fault() -> None:
    tight = SoundMaker(child.Bounds(memory_bytes=1_000_000, cpu_s=15, wait_s=20.0))
    with pytest.raises(SoundRefused, match="MP3 or M4A"):
        await tight.make(file(tone(1)))


async def test_a_machine_that_is_too_slow_says_to_try_again() -> None:
    late = SoundMaker(child.Bounds(memory_bytes=1_000_000_000, cpu_s=15, wait_s=0.01))
    with pytest.raises(SoundsBusy, match="Try again"):
        await late.make(file(tone(1)))


async def test_more_than_a_few_are_sent_away_and_the_next_is_taken_again() -> None:
    maker = SoundMaker()
    asked = [maker.make(file(tone(1))) for _ in range(MAX_WAITING + 1)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [tuple] * MAX_WAITING + [SoundsBusy]
    assert await maker.make(file(tone(1)))
