"""Photos with a real database: kept, described, ordered, taken away, brought back, and told."""

from typing import Any

import grpc
import pytest

from kit.auth import Role
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import photo_service_pb2_grpc as photo_grpc
from meguri.multilingual.v1 import recording_service_pb2 as rec
from meguri.multilingual.v1 import recording_service_pb2_grpc as rec_grpc
from services.multilingual.domain.photo import MAX_PHOTOS
from tests import photos
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused, world
from tests.service.multilingual.test_helping import sql

__all__ = ["world"]
Code = grpc.StatusCode


def stub(world: World, role: Role = Role.EDITOR, area: str = "") -> Any:
    return photo_grpc.PhotoServiceStub(world.it.channel(area or world.area, role))


async def add(world: World, content: bytes = b"", **more: Any) -> photo_pb.AddPhotoResponse:
    wanted: dict[str, Any] = {
        "request_id": new_id(), "stop_code": world.code("pool"), "credit": "秋芳町 花子",
        "alts": {"ja": "青い池", "en": "A blue pool"},
    }  # fmt: skip
    request = photo_pb.AddPhotoRequest(content=content or photos.jpeg(640, 480), **wanted | more)
    answer: photo_pb.AddPhotoResponse = await stub(world).AddPhoto(request, timeout=TIMEOUT_S)
    return answer


async def act(world: World, name: str, photo_id: str, **more: Any) -> Any:
    kind = getattr(photo_pb, f"{name}Request")
    request = kind(request_id=more.pop("request_id", "") or new_id(), photo_id=photo_id, **more)
    return await getattr(stub(world), name)(request, timeout=TIMEOUT_S)


async def seen(world: World, locale: str = "ja") -> list[pb.Photo]:
    return list((await world.read("pool", locale)).photos)


async def listed(world: World) -> photo_pb.ListPhotosResponse:
    answer: photo_pb.ListPhotosResponse = await stub(world).ListPhotos(
        photo_pb.ListPhotosRequest(stop_code=world.code("pool")), timeout=TIMEOUT_S
    )
    return answer


async def media(world: World, sha256: str, area: str = "") -> Any:
    door = rec_grpc.RecordingServiceStub(world.it.channel(area or world.area, Role.VISITOR))
    return await door.ReadMedia(rec.ReadMediaRequest(sha256=sha256), timeout=TIMEOUT_S)


async def test_a_photo_is_seen_and_its_bytes_are_read_by_hash(world: World) -> None:
    await world.load()
    before = await world.read("pool")
    answer = await add(world, photos.located(6))
    after = await world.read("pool")
    [photo] = after.photos
    assert before.etag_basis != after.etag_basis
    assert (photo.credit, photo.alt.text, photo.alt.locale) == ("秋芳町 花子", "青い池", "ja")
    assert [(each.width, each.height) for each in photo.files] == [(480, 640), (900, 1200)]
    for each in photo.files:
        found = await media(world, each.sha256)
        assert (found.media_type, len(found.content)) == ("image/webp", each.size_bytes)
        assert b"SecretCam" not in found.content
    changed = await world.visitor.ListStopChanges(
        pb.ListStopChangesRequest(since_change_number=answer.change_number - 1), timeout=TIMEOUT_S
    )
    assert [each.stop_code for each in changed.stops] == [world.code("pool")]
    elsewhere = media(world, photo.files[0].sha256, area="elsewhere")
    assert await refused(elsewhere) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")


async def test_a_description_says_in_which_language_it_is(world: World) -> None:
    await world.load()
    await add(world)
    await add(world, alts={"ja": "池"})
    here, there = await seen(world, "en")
    assert (here.alt.text, here.alt.locale, here.alt.fallback) == ("A blue pool", "en", False)
    assert (there.alt.text, there.alt.locale, there.alt.fallback) == ("池", "ja", True)


async def test_the_same_request_twice_is_one_photo_and_one_event(world: World) -> None:
    await world.load()
    request_id = new_id()
    first, again = await add(world, request_id=request_id), await add(world, request_id=request_id)
    assert first == again
    assert len(await seen(world)) == 1
    [message] = await world.it.heard(world.area, "photos_changed", 1)
    told = said.PhotosChanged.FromString(message.data)
    assert (told.stop_code, told.photo_count) == (world.code("pool"), 1)
    assert told.change_number == first.change_number


async def test_photos_are_ordered_taken_away_and_brought_back(world: World) -> None:
    await world.load()
    ids = [(await add(world, credit=name)).photo.photo.photo_id for name in "abc"]
    await act(world, "MovePhotoFirst", ids[2])
    assert [each.credit for each in await seen(world)] == ["c", "a", "b"]
    await act(world, "RemovePhoto", ids[0])
    assert [each.credit for each in await seen(world)] == ["c", "b"]
    kept = (await listed(world)).photos
    assert [each.photo.credit for each in kept] == ["c", "b", "a"]
    assert [each.HasField("remove_time") for each in kept] == [False, False, True]
    for name in ("RemovePhoto", "MovePhotoFirst"):
        refusal = await refused(act(world, name, ids[0]))
        assert refusal == (Code.NOT_FOUND, "PHOTO_UNKNOWN")
    await act(world, "BringBackPhoto", ids[0])
    assert [each.credit for each in await seen(world)] == ["c", "b", "a"]
    assert await refused(act(world, "BringBackPhoto", ids[0])) == (Code.NOT_FOUND, "PHOTO_UNKNOWN")
    events = await world.it.heard(world.area, "photos_changed", 6)
    counts = [said.PhotosChanged.FromString(each.data).photo_count for each in events]
    assert counts == [1, 2, 3, 3, 2, 3]


async def test_what_is_said_of_a_photo_is_changed_by_one_at_a_time(world: World) -> None:
    await world.load()
    made = (await add(world)).photo
    photo_id = made.photo.photo_id
    wanted: dict[str, Any] = {"version": made.version, "credit": "太郎", "alts": {"ja": "滝"}}
    edited = (await act(world, "EditPhoto", photo_id, **wanted)).photo
    assert (edited.version, dict(edited.alts)) == (made.version + 1, {"ja": "滝"})
    [now] = await seen(world, "en")
    assert (now.credit, now.alt.text, now.files) == ("太郎", "滝", made.photo.files)
    late = act(world, "EditPhoto", photo_id, **wanted)
    assert await refused(late) == (Code.ABORTED, "PHOTO_CHANGED")
    empty = act(world, "EditPhoto", photo_id, version=2, credit="太郎", alts={"en": "Fall"})
    assert (await refused(empty))[1] == "INVALID_FIELDS"
    assert await seen(world, "en") == [now]


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"content": b"<svg/>"}, "PHOTO_KIND"),
        ({"content": b"\0\0\0\x18ftypheic" + bytes(99)}, "PHOTO_HEIC"),
        ({"content": photos.jpeg()[:5_000]}, "PHOTO_UNREADABLE"),
        ({"content": photos.jpeg() + bytes(4_000_000)}, "PHOTO_TOO_LARGE"),
        ({"content": photos.png_of(30_000, 30_000)}, "PHOTO_TOO_MANY_PIXELS"),
        ({"content": photos.jpeg(300, 900)}, "PHOTO_TOO_SMALL"),
        ({"credit": " "}, "INVALID_FIELDS"),
        ({"credit": "a" * 201}, "TEXT_TOO_LONG"),
        ({"alts": {"en": "A pool"}}, "INVALID_FIELDS"),
        ({"alts": {"ja": "池", "xx": "?"}}, "INVALID_FIELDS"),
        ({"alts": {"ja": "4111 1111 1111 1111"}}, "CARD_NUMBER_TYPED"),
        ({"stop_code": "00000"}, "STOP_CODE_UNKNOWN"),
    ],
)
async def test_what_is_refused_changes_nothing(
    world: World, more: dict[str, Any], reason: str
) -> None:
    await world.load()
    before = await world.read("pool")
    assert (await refused(add(world, **more)))[1] == reason
    assert await world.read("pool") == before
    assert not (await listed(world)).photos


async def test_a_stop_has_a_few_photos(world: World) -> None:
    await world.load()
    made = [await add(world, photos.jpeg(400, 400)) for _ in range(MAX_PHOTOS)]
    assert await refused(add(world)) == (Code.FAILED_PRECONDITION, "PHOTOS_FULL")
    gone = made[0].photo.photo.photo_id
    await act(world, "RemovePhoto", gone)
    await add(world, photos.jpeg(400, 400))
    full = act(world, "BringBackPhoto", gone)
    assert await refused(full) == (Code.FAILED_PRECONDITION, "PHOTOS_FULL")


async def test_what_was_taken_away_for_long_is_gone_with_its_bytes(world: World) -> None:
    await world.load()
    made = (await add(world, photos.jpeg(500, 400))).photo.photo
    stays = (await add(world, photos.jpeg(400, 400))).photo.photo
    await act(world, "RemovePhoto", made.photo_id)
    await sql(world, "update photos set remove_time = remove_time - interval '31 days'")
    await sql(world, "update media set create_time = create_time - interval '31 days'")
    await add(world, photos.jpeg(700, 400))
    assert made.photo_id not in {each.photo.photo_id for each in (await listed(world)).photos}
    gone = media(world, made.files[0].sha256)
    assert await refused(gone) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")
    assert (await media(world, stays.files[0].sha256)).content


@pytest.mark.parametrize(
    "photo_id", ["", "../../etc/passwd", "00000000-0000-4000-8000-000000000000"]
)
async def test_a_photo_that_is_none_is_unknown(world: World, photo_id: str) -> None:
    await world.load()
    for name in ("MovePhotoFirst", "RemovePhoto", "BringBackPhoto"):
        assert await refused(act(world, name, photo_id)) == (Code.NOT_FOUND, "PHOTO_UNKNOWN")


async def test_clerks_put_no_photos_in_and_no_area_lists_anothers(world: World) -> None:
    await world.load()
    await add(world)
    request = photo_pb.ListPhotosRequest(stop_code=world.code("pool"))
    call = stub(world, Role.CLERK).ListPhotos(request, timeout=TIMEOUT_S)
    assert (await refused(call))[0] is Code.PERMISSION_DENIED
    other = stub(world, area="elsewhere").ListPhotos(request, timeout=TIMEOUT_S)
    assert await refused(other) == (Code.NOT_FOUND, "STOP_CODE_UNKNOWN")
