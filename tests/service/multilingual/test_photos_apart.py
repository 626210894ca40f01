"""Photos made in processes of their own: the answer, the bounds, the line before the door."""

import asyncio

import pytest

from kit import child
from services.multilingual.domain.photo import PhotoTooManyPixels, PhotoUnreadable
from services.multilingual.gateways.photos_apart import MAX_WAITING, Made, PhotoMaker, PhotosBusy
from tests import photos


async def test_a_photo_of_a_phone_is_made_in_a_process_of_its_own() -> None:
    sizes = await PhotoMaker().make(photos.jpeg(8_064, 6_048))  # 48 million pixels
    assert [each.width for each in sizes] == [480, 960, 1600]


async def test_what_the_process_refuses_is_told_for_its_own_reason() -> None:
    with pytest.raises(PhotoUnreadable, match="damaged"):
        await PhotoMaker().make(photos.jpeg()[:4_000])


async def test_a_file_that_needs_too_much_is_the_files_fault() -> None:
    tight = PhotoMaker(child.Bounds(memory_bytes=1_000_000, cpu_s=15, wait_s=20.0))
    with pytest.raises(PhotoTooManyPixels, match="smaller"):
        await tight.make(photos.jpeg())


async def test_a_machine_that_is_too_slow_says_to_try_again() -> None:
    late = PhotoMaker(child.Bounds(memory_bytes=1_000_000_000, cpu_s=15, wait_s=0.01))
    with pytest.raises(PhotosBusy, match="Try again"):
        await late.make(photos.jpeg())


async def test_more_than_a_few_are_sent_away_and_the_next_is_taken_again() -> None:
    maker = PhotoMaker()
    asked = [maker.make(photos.jpeg(400, 400)) for _ in range(MAX_WAITING + 1)]
    found = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(each) for each in found] == [tuple] * MAX_WAITING + [PhotosBusy]
    [made] = await maker.make(photos.jpeg(400, 400))
    assert isinstance(made, Made)


async def test_a_process_that_does_not_start_is_followed_by_one_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begun, plain = [], child.ask_once

    async def ask_once(module: str, body: bytes, bounds: child.Bounds) -> bytes:
        begun.append(module)
        if len(begun) != 2:
            raise OSError("a child ended with -11 before it read")
        return await plain(module, body, bounds)

    monkeypatch.setattr(child, "ask_once", ask_once)
    assert len(await PhotoMaker().make(photos.jpeg(400, 400))) == 1
    begun.append("so that each fails")
    with pytest.raises(PhotosBusy):
        await PhotoMaker().make(photos.jpeg(400, 400))
    assert len(begun) == 5
