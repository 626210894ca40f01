"""Photos with a real database: a second look before visitors see one, and erasing at once."""

from typing import Any

import grpc
import pytest

from kit.auth import Role
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import photo_service_pb2_grpc as photo_grpc
from meguri.multilingual.v1 import recording_service_pb2 as recording_pb
from services.multilingual.domain.review import Policy
from tests import photos
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused, world
from tests.service.multilingual.test_helping import sql
from tests.service.multilingual.test_photos import act, add, listed, media, seen
from tests.service.multilingual.test_reviews import Desk

__all__ = ["world"]
Code = grpc.StatusCode


async def asks(world: World, policy: Policy) -> None:
    """Lets the source language ask for something before photos are shown."""
    await world.load()
    await Desk(world).policy(int(policy), "ja")


async def show(world: World, photo_id: str, who: str, role: Role, **more: Any) -> Any:
    door: Any = photo_grpc.PhotoServiceStub(world.it.channel(world.area, role, principal=who))
    wanted: dict[str, Any] = {"request_id": new_id(), "photo_id": photo_id, "version": 1}
    request = photo_pb.ShowPhotoRequest(**wanted | more)
    return await door.ShowPhoto(request, timeout=TIMEOUT_S)


async def waiting(world: World) -> list[tuple[str, int, int]]:
    door: Any = photo_grpc.PhotoServiceStub(world.it.channel(world.area, Role.EDITOR))
    answer = await door.ListWaitingPhotos(photo_pb.ListWaitingPhotosRequest(), timeout=TIMEOUT_S)
    return [(each.stop_code, each.photo_count, each.video_count) for each in answer.stops]


async def counts(world: World, events: int) -> list[int]:
    found = await world.it.heard(world.area, "photos_changed", events)
    return [said.PhotosChanged.FromString(each.data).photo_count for each in found]


@pytest.mark.parametrize("policy", [Policy.SECOND_READER, Policy.OUTSIDE_READER, Policy.REASON])
async def test_a_photo_waits_until_somebody_else_looked(world: World, policy: Policy) -> None:
    await asks(world, policy)
    made = (await add(world)).photo
    photo_id = made.photo.photo_id
    assert (made.waiting, made.author, made.writer, made.looker) == (True, "tester", "tester", "")
    assert await seen(world) == []
    assert await waiting(world) == [(world.code("pool"), 1, 0)]
    assert (await listed(world)).looked_at
    for who, role, needed in (("tester", Role.REVIEWER, True), ("hanako", Role.EDITOR, True),
                              ("jiro", Role.REVIEWER, False)):  # fmt: skip
        door: Any = photo_grpc.PhotoServiceStub(world.it.channel(world.area, role, principal=who))
        request = photo_pb.ListPhotosRequest(stop_code=world.code("pool"))
        [told] = (await door.ListPhotos(request, timeout=TIMEOUT_S)).photos
        assert told.reason_needed is needed
    for who, role in (("tester", Role.REVIEWER), ("hanako", Role.EDITOR)):
        refusal = await refused(show(world, photo_id, who, role))
        assert refusal == (Code.FAILED_PRECONDITION, "SECOND_READER_NEEDED")
    late = await refused(show(world, photo_id, "jiro", Role.REVIEWER, version=9))
    assert late == (Code.ABORTED, "PHOTO_CHANGED")
    assert await seen(world) == []
    shown = (await show(world, photo_id, "jiro", Role.REVIEWER)).photo
    assert (shown.waiting, shown.looker, shown.reading) == (False, "jiro", pb.READING_SECOND_READER)
    assert [each.photo_id for each in await seen(world)] == [photo_id]
    assert await waiting(world) == []
    again = await refused(show(world, photo_id, "jiro", Role.REVIEWER, version=2))
    assert again == (Code.NOT_FOUND, "PHOTO_UNKNOWN")
    assert await counts(world, 2) == [0, 1]


async def test_a_reason_is_always_taken_and_stays(world: World) -> None:
    await asks(world, Policy.SECOND_READER)
    at_once = (await add(world, reason="日曜で一人です")).photo
    assert (at_once.waiting, at_once.reading, at_once.reason) == (
        False, pb.READING_ALONE, "日曜で一人です",
    )  # fmt: skip
    later = (await add(world, photos.jpeg(500, 400))).photo.photo.photo_id
    shown = (await show(world, later, "tester", Role.EDITOR, reason="急ぎ")).photo
    assert (shown.waiting, shown.looker, shown.reason) == (False, "", "急ぎ")
    assert len(await seen(world)) == 2
    too_long = await refused(add(world, reason="a" * 501))
    assert too_long[1] in {"INVALID_FIELDS", "TEXT_TOO_LONG"}


async def test_who_wrote_the_words_is_no_second_reader(world: World) -> None:
    await asks(world, Policy.SECOND_READER)
    made = (await add(world)).photo
    door: Any = photo_grpc.PhotoServiceStub(
        world.it.channel(world.area, Role.REVIEWER, principal="jiro")
    )
    edit = photo_pb.EditPhotoRequest(
        request_id=new_id(), photo_id=made.photo.photo_id, version=1, credit="x", alts={"ja": "滝"}
    )
    edited = (await door.EditPhoto(edit, timeout=TIMEOUT_S)).photo
    assert (edited.waiting, edited.writer) == (True, "jiro")
    own = show(world, made.photo.photo_id, "jiro", Role.REVIEWER, version=2)
    assert (await refused(own))[1] == "SECOND_READER_NEEDED"
    third = await show(world, made.photo.photo_id, "saburo", Role.ADMIN, version=2)
    assert third.photo.looker == "saburo"
    # Of one that visitors see, better words need a reason too.
    again = {"credit": "y", "alts": {"ja": "池"}, "version": 3}
    refusal = await refused(act(world, "EditPhoto", made.photo.photo_id, **again))
    assert refusal == (Code.FAILED_PRECONDITION, "SECOND_READER_NEEDED")
    assert [each.credit for each in await seen(world)] == ["x"]
    told = await act(world, "EditPhoto", made.photo.photo_id, **again, reason="誤字")
    assert (told.photo.looker, told.photo.reason) == ("", "誤字")
    assert [each.credit for each in await seen(world)] == ["y"]


async def test_an_open_language_asks_nobody(world: World) -> None:
    await world.load()
    made = (await add(world)).photo
    assert (made.waiting, made.reading) == (False, pb.READING_NOT_ASKED)
    assert not (await listed(world)).looked_at


async def test_photos_move_by_steps_and_stay_at_the_ends(world: World) -> None:
    await world.load()
    ids = [(await add(world, photos.jpeg(400 + at, 400), credit=name)).photo.photo.photo_id
           for at, name in enumerate("abcd")]  # fmt: skip
    for photo_id, steps, order in (
        (ids[0], 1, "bacd"), (ids[3], -2, "bdac"), (ids[1], 99, "dacb"), (ids[2], -99, "cdab"),
        (ids[2], 0, "cdab"),
    ):  # fmt: skip
        request_id = new_id()
        for _ in range(2):  # a repeat moves nothing further
            await act(world, "MovePhoto", photo_id, steps=steps, request_id=request_id)
        assert [each.credit for each in await seen(world)] == list(order)


async def test_an_erased_photo_is_gone_at_once_wherever_it_was(world: World) -> None:
    await world.load()
    content = photos.jpeg(1200, 900)
    made = (await add(world, content)).photo.photo
    other = (await add(world, content, stop_code=world.code("fall"))).photo.photo
    stays = (await add(world, photos.jpeg(400, 400))).photo.photo
    assert [each.sha256 for each in made.files] == [each.sha256 for each in other.files]
    before = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    assert before.erase_number == 0
    elsewhere = act(world, "ErasePhoto", made.photo_id, stop_code=world.code("fall"))
    assert (await refused(elsewhere))[1] == "PHOTO_UNKNOWN"  # a form of another stop
    request_id = new_id()
    rights = recording_pb.ERASURE_REASON_RIGHTS
    why = {"request_id": request_id, "reason": rights}
    wrong = act(world, "ErasePhoto", made.photo_id, reason=9)
    assert (await refused(wrong))[1] == "INVALID_FIELDS"
    gone = await act(world, "ErasePhoto", made.photo_id, **why)
    assert sorted(gone.stop_codes) == sorted([world.code("pool"), world.code("fall")])
    assert await act(world, "ErasePhoto", made.photo_id, **why) == gone
    [told] = (await listed(world)).erasures
    assert (told.eraser, told.reason, told.file_count) == ("tester", rights, len(made.files))
    for file in made.files:
        assert await refused(media(world, file.sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")
    assert [each.photo_id for each in await seen(world)] == [stays.photo_id]
    assert not (await world.read("fall")).photos
    assert (await media(world, stays.files[0].sha256)).content
    after = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    assert after.erase_number == gone.change_number
    [event] = await world.it.heard(world.area, "media_erased", 1)
    assert list(said.MediaErased.FromString(event.data).sha256s) == [
        each.sha256 for each in made.files
    ]
    for name in ("BringBackPhoto", "RemovePhoto", "ErasePhoto"):
        assert (await refused(act(world, name, other.photo_id)))[1] == "PHOTO_UNKNOWN"
    # The very same is not put in again by mistake, and its words are kept nowhere.
    refusal = await refused(add(world, content))
    assert refusal == (Code.FAILED_PRECONDITION, "PHOTO_WAS_ERASED")


async def test_no_word_of_an_erased_photo_stays(world: World) -> None:
    await world.load()
    request_id = new_id()
    words: dict[str, Any] = {"credit": "撮影 ひみつ太郎", "alts": {"ja": "ひみつの人"}}
    made = (await add(world, request_id=request_id, **words)).photo
    await act(world, "EditPhoto", made.photo.photo_id, version=1, **words)
    await act(world, "RemovePhoto", made.photo.photo_id)
    await act(world, "ErasePhoto", made.photo.photo_id)  # also one that was taken away before
    left = await listed(world)
    assert not left.photos
    # A page of before says no reason.
    assert [each.reason for each in left.erasures] == [recording_pb.ERASURE_REASON_UNSPECIFIED]
    for table in ("photos", "requests", "outbox", "erased_media"):
        await sql(
            world,
            f"do $$ begin if exists (select from {table} t where position('ひみつ' in t::text) > 0)"
            " then raise exception 'a word stayed'; end if; end $$",
        )
    repeat = add(world, request_id=request_id, **words)
    assert (await refused(repeat))[1] in {"PHOTO_UNKNOWN", "PHOTO_WAS_ERASED"}


async def test_clerks_erase_nothing(world: World) -> None:
    await world.load()
    made = (await add(world)).photo.photo
    door: Any = photo_grpc.PhotoServiceStub(world.it.channel(world.area, Role.CLERK))
    for name in ("ErasePhoto", "MovePhoto", "ShowPhoto"):
        request = getattr(photo_pb, f"{name}Request")(request_id=new_id(), photo_id=made.photo_id)
        call = getattr(door, name)(request, timeout=TIMEOUT_S)
        assert (await refused(call))[0] is Code.PERMISSION_DENIED
    assert len(await seen(world)) == 1
