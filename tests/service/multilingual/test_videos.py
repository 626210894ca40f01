"""Videos with a real database: sent in pieces, kept, described, looked at, taken away, erased."""

import asyncio
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.clock import SystemClock
from kit.db import Database
from kit.outbox import Outbox
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from meguri.multilingual.v1 import recording_service_pb2_grpc as rec_grpc
from meguri.multilingual.v1 import video_service_pb2 as video_pb
from meguri.multilingual.v1 import video_service_pb2_grpc as video_grpc
from services.multilingual import events
from services.multilingual.app.deps import Deps
from services.multilingual.app.videos import tidy_up
from services.multilingual.domain.review import Policy
from services.multilingual.domain.video import MAX_UPLOADS, MAX_VIDEOS, PIECE_BYTES
from tests import photos, videos
from tests.service.multilingual import test_photos
from tests.service.multilingual.conftest import TIMEOUT_S, World, new_id, refused, world
from tests.service.multilingual.test_helping import sql
from tests.service.multilingual.test_photo_care import asks, waiting

__all__ = ["world"]
Code = grpc.StatusCode


def stub(world: World, role: Role = Role.EDITOR, who: str = "tester", area: str = "") -> Any:
    channel = world.it.channel(area or world.area, role, principal=who)
    return video_grpc.VideoServiceStub(channel)


async def send(world: World, content: bytes, who: str = "tester") -> tuple[str, int]:
    upload_id = new_id()
    pieces = [content[at : at + PIECE_BYTES] for at in range(0, len(content), PIECE_BYTES)]
    for place, piece in enumerate(pieces):
        request = video_pb.PutVideoPieceRequest(
            request_id=new_id(), upload_id=upload_id, place=place, content=piece
        )
        await stub(world, who=who).PutVideoPiece(request, timeout=TIMEOUT_S)
    return upload_id, len(pieces)


async def add(world: World, content: bytes = b"", **more: Any) -> video_pb.AddVideoResponse:
    upload_id, count = "", 0
    if "upload_id" not in more:
        upload_id, count = await send(world, content or videos.clip())
    wanted: dict[str, Any] = {
        "request_id": new_id(), "stop_code": world.code("pool"), "credit": "秋芳町 花子",
        "alts": {"ja": "青い池が揺れる", "en": "A blue pool ripples"},
        "transcripts": {"ja": "言葉はなく、水の音"}, "poster": photos.jpeg(700, 500),
        "upload_id": upload_id, "piece_count": count,
    }  # fmt: skip
    request = video_pb.AddVideoRequest(**wanted | more)
    answer: video_pb.AddVideoResponse = await stub(world).AddVideo(request, timeout=TIMEOUT_S)
    return answer


async def act(world: World, name: str, video_id: str, **more: Any) -> Any:
    kind = getattr(video_pb, f"{name}Request")
    door = stub(world, more.pop("role", Role.EDITOR), more.pop("who", "tester"))
    request = kind(request_id=more.pop("request_id", "") or new_id(), video_id=video_id, **more)
    return await getattr(door, name)(request, timeout=TIMEOUT_S)


async def seen(world: World, locale: str = "ja", name: str = "pool") -> list[pb.Video]:
    return list((await world.read(name, locale)).videos)


async def listed(world: World) -> list[video_pb.StopVideo]:
    request = video_pb.ListVideosRequest(stop_code=world.code("pool"))
    answer = await stub(world).ListVideos(request, timeout=TIMEOUT_S)
    return list(answer.videos)


async def media(world: World, sha256: str, offset: int = 0) -> Any:
    door: Any = rec_grpc.RecordingServiceStub(world.it.channel(world.area, Role.VISITOR))
    request = rec.ReadMediaRequest(sha256=sha256, offset=offset)
    return await door.ReadMedia(request, timeout=TIMEOUT_S)


async def test_a_video_is_seen_with_its_words_poster_and_captions(world: World) -> None:
    await world.load()
    before = await world.read("pool")
    answer = await add(world, captions=videos.VTT.encode())
    after = await world.read("pool", "en")
    [one] = after.videos
    assert before.etag_basis != (await world.read("pool")).etag_basis
    assert (one.width, one.height, one.sound, one.credit) == (640, 360, True, "秋芳町 花子")
    assert (one.alt.text, one.alt.locale) == ("A blue pool ripples", "en")
    assert (one.transcript.locale, one.transcript.fallback) == ("ja", True)
    assert [each.width for each in one.poster] == [480, 700]
    film = await media(world, one.sha256)
    assert (film.media_type, film.total_bytes) == ("video/mp4", one.size_bytes)
    assert len(film.content) == one.size_bytes
    assert b"SecretCam" not in film.content
    lines = await media(world, one.captions_sha256)
    assert (lines.media_type, one.captions_locale) == ("text/vtt; charset=utf-8", "ja")
    assert "水が滴る" in lines.content.decode()
    assert "<b>" not in lines.content.decode()
    [event] = await world.it.heard(world.area, "videos_changed", 1)
    told = said.VideosChanged.FromString(event.data)
    assert (told.stop_code, told.video_count, told.change_number) == (
        world.code("pool"), 1, answer.change_number,
    )  # fmt: skip


async def test_bytes_are_read_in_pieces(world: World) -> None:
    await world.load()
    film = (await add(world)).video.video
    whole = (await media(world, film.sha256)).content
    for offset in (1, 5_000, film.size_bytes - 1):
        piece = await media(world, film.sha256, offset)
        assert (piece.content, piece.total_bytes) == (whole[offset:], film.size_bytes)
    assert (await media(world, film.sha256, film.size_bytes)).content == b""
    for wrong in (-1, 2**40):
        assert (await refused(media(world, film.sha256, wrong)))[1] == "INVALID_FIELDS"


async def test_a_repeat_is_one_video_also_when_its_pieces_are_gone(world: World) -> None:
    await world.load()
    upload_id, count = await send(world, videos.clip())
    same: dict[str, Any] = {
        "request_id": new_id(), "upload_id": upload_id, "piece_count": count,
        "poster": photos.jpeg(400, 400),
    }  # fmt: skip
    first, again = await add(world, **same), await add(world, **same)
    assert first == again
    assert len(await seen(world)) == 1


async def test_pieces_of_somebody_else_or_too_few_are_no_video(world: World) -> None:
    await world.load()
    theirs, count = await send(world, videos.clip(), who="jiro")
    stolen = await refused(add(world, upload_id=theirs, piece_count=count))
    assert stolen == (Code.FAILED_PRECONDITION, "VIDEO_UPLOAD_TAKEN")
    for upload_id, pieces in ((new_id(), 1), ("nonsense", 1)):
        refusal = await refused(add(world, upload_id=upload_id, piece_count=pieces))
        assert refusal == (Code.FAILED_PRECONDITION, "VIDEO_INCOMPLETE")
    assert (await refused(add(world, piece_count=2)))[1] == "VIDEO_INCOMPLETE"
    await sql(world, "update video_pieces set create_time = create_time - interval '61 minutes'")
    await send(world, videos.clip(), who="saburo")
    await sql(
        world,
        "do $$ begin if (select count(*) from video_pieces) <> 1"
        " then raise exception 'pieces stayed'; end if; end $$",
    )
    for place, content in ((4, b"x"), (-1, b"x"), (0, bytes(PIECE_BYTES + 1))):
        request = video_pb.PutVideoPieceRequest(
            request_id=new_id(), upload_id=new_id(), place=place, content=content
        )
        call = stub(world).PutVideoPiece(request, timeout=TIMEOUT_S)
        assert (await refused(call))[1] == "VIDEO_TOO_LARGE"


async def piece(world: World, upload_id: str, place: int, content: bytes, who: str) -> None:
    request = video_pb.PutVideoPieceRequest(
        request_id=new_id(), upload_id=upload_id, place=place, content=content
    )
    await stub(world, who=who).PutVideoPiece(request, timeout=TIMEOUT_S)


async def test_nobody_writes_into_or_ends_what_somebody_else_began(world: World) -> None:
    await world.load()
    clip = videos.clip()
    mine, count = await send(world, clip)
    for place in range(3):  # over a piece that is there, and behind it
        call = piece(world, mine, place, b"<svg/>", "mallory")
        assert await refused(call) == (Code.FAILED_PRECONDITION, "VIDEO_UPLOAD_TAKEN")
    request = video_pb.AddVideoRequest(
        request_id=new_id(), stop_code=world.code("pool"), credit="x", alts={"ja": "x"},
        transcripts={"ja": "x"}, poster=photos.jpeg(700, 500), upload_id=mine, piece_count=count,
    )  # fmt: skip
    theft = stub(world, who="mallory").AddVideo(request, timeout=TIMEOUT_S)
    assert await refused(theft) == (Code.FAILED_PRECONDITION, "VIDEO_UPLOAD_TAKEN")
    assert await seen(world) == []
    await piece(world, mine, 0, clip[:PIECE_BYTES], "tester")  # its author sends one again
    [kept] = [(await add(world, upload_id=mine, piece_count=count)).video]
    assert kept.author == "tester"
    assert (await media(world, kept.video.sha256)).content


async def test_of_two_who_begin_one_upload_at_once_one_is_told(world: World) -> None:
    await world.load()
    upload_id, clip = new_id(), videos.clip()
    begun = await asyncio.gather(
        *(refused(piece(world, upload_id, at, clip, who)) for at, who in enumerate(("a", "b"))),
        return_exceptions=True,
    )
    told = [each for each in begun if not isinstance(each, BaseException)]
    assert told == [(Code.FAILED_PRECONDITION, "VIDEO_UPLOAD_TAKEN")]


async def test_a_video_whose_picture_is_erased_as_a_photo_shows_another_one(world: World) -> None:
    await world.load()
    poster = photos.jpeg(900, 700)
    erased = (await test_photos.add(world, poster)).photo.photo
    film = (await add(world, poster=poster)).video.video
    named = {each.sha256 for each in film.poster}
    assert named <= {each.sha256 for each in erased.files}
    told = (await test_photos.listed(world)).photos
    assert [list(each.poster_stop_codes) for each in told] == [[world.code("pool")]]
    await test_photos.act(world, "ErasePhoto", erased.photo_id)
    [bare] = await seen(world)
    assert (bare.video_id, list(bare.poster)) == (film.video_id, [])
    assert (await media(world, film.sha256)).content
    other = (await test_photos.add(world, photos.jpeg(800, 600))).photo.photo
    [shown] = await seen(world)
    assert list(shown.poster) == list(other.files[:2])
    assert list((await listed(world))[0].video.poster) == list(other.files[:2])
    assert await world.it.heard(world.area, "videos_changed", 2)
    # The lent picture is the photo's: it stays when the video is erased.
    await act(world, "EraseVideo", film.video_id)
    assert (await media(world, other.files[0].sha256)).content
    assert [each.photo_id for each in (await world.read("pool")).photos] == [other.photo_id]


async def test_a_few_videos_of_one_person_are_on_their_way_at_once(world: World) -> None:
    await world.load()
    clip = videos.clip()
    sent = await asyncio.gather(
        *(send(world, clip) for _ in range(MAX_UPLOADS + 3)), return_exceptions=True
    )
    begun = [each for each in sent if isinstance(each, tuple)]
    assert len(begun) == MAX_UPLOADS
    full = (Code.RESOURCE_EXHAUSTED, "VIDEO_UPLOADS_FULL")
    assert await refused(send(world, clip)) == full
    await send(world, clip, who="jiro")  # others are not held up
    await add(world, upload_id=begun[0][0], piece_count=begun[0][1])
    broken, count = await send(world, b"<svg/>")
    refusal = await refused(add(world, upload_id=broken, piece_count=count))
    assert refusal[1] == "VIDEO_KIND"
    await send(world, clip)  # what can be no video takes no room
    assert await refused(send(world, clip)) == full
    await sql(world, "update video_pieces set create_time = create_time - interval '61 minutes'")
    database = Database(world.database_url)
    await database.open()
    try:
        deps = Deps(db=database, outbox=Outbox(events.ENCODERS), clock=SystemClock())
        assert await tidy_up(deps) is False  # what the service does every quarter of an hour
    finally:
        await database.close()
    assert await sql(world, "select 1 from video_pieces") == []
    await send(world, clip)


@pytest.mark.parametrize(
    ("more", "reason"),
    [
        ({"content": b"<svg/>"}, "VIDEO_KIND"),
        ({"content": videos.clip("clip.webm")}, "VIDEO_WEBM"),
        ({"content": videos.clip("hevc.mp4")}, "VIDEO_CODEC"),
        ({"content": videos.clip()[:-2_000]}, "VIDEO_UNREADABLE"),
        ({"content": videos.clip() + videos.PAGE}, "VIDEO_UNREADABLE"),
        ({"content": videos.made_of(videos.line((30_000, 20_000)))}, "VIDEO_TOO_MANY_PIXELS"),
        ({"content": videos.made_of(videos.line(duration=9_000))}, "VIDEO_TOO_LONG"),
        ({"poster": b"<svg/>"}, "PHOTO_KIND"),
        ({"poster": b""}, "PHOTO_KIND"),
        ({"captions": b"1\n00:00:01,000 --> 00:00:02,000\nSRT"}, "CAPTIONS_REFUSED"),
        ({"captions": b"WEBVTT\n\n01:00.000 --> 01:01.000\nlate"}, "INVALID_FIELDS"),
        ({"transcripts": {"en": "Nothing"}}, "INVALID_FIELDS"),
        ({"alts": {}}, "INVALID_FIELDS"),
        ({"credit": " "}, "INVALID_FIELDS"),
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
    assert not await listed(world)


async def test_a_video_is_described_anew_taken_away_and_brought_back(world: World) -> None:
    await world.load()
    video_id = (await add(world)).video.video.video_id
    wanted: dict[str, Any] = {
        "version": 1, "credit": "太郎", "alts": {"ja": "滝"}, "transcripts": {"ja": "ごう"},
    }  # fmt: skip
    edited = (await act(world, "EditVideo", video_id, **wanted)).video
    assert (edited.version, dict(edited.transcripts)) == (2, {"ja": "ごう"})
    assert (await refused(act(world, "EditVideo", video_id, **wanted)))[1] == "VIDEO_CHANGED"
    await act(world, "RemoveVideo", video_id)
    assert await seen(world) == []
    [gone] = await listed(world)
    assert gone.HasField("remove_time")
    assert (await refused(act(world, "RemoveVideo", video_id)))[1] == "VIDEO_UNKNOWN"
    await act(world, "BringBackVideo", video_id)
    assert [each.credit for each in await seen(world)] == ["太郎"]
    assert (await refused(act(world, "BringBackVideo", video_id)))[1] == "VIDEO_UNKNOWN"


async def test_a_video_waits_for_somebody_elses_look(world: World) -> None:
    await asks(world, Policy.SECOND_READER)
    made = (await add(world)).video
    video_id = made.video.video_id
    assert (made.waiting, await seen(world)) == (True, [])
    assert await waiting(world) == [(world.code("pool"), 0, 1)]
    look: dict[str, Any] = {"version": 1}
    for who, role in (("tester", Role.REVIEWER), ("hanako", Role.EDITOR)):
        refusal = await refused(act(world, "ShowVideo", video_id, who=who, role=role, **look))
        assert refusal == (Code.FAILED_PRECONDITION, "SECOND_READER_NEEDED")
    shown = await act(world, "ShowVideo", video_id, who="jiro", role=Role.REVIEWER, **look)
    assert (shown.video.looker, shown.video.reading) == ("jiro", pb.READING_SECOND_READER)
    assert len(await seen(world)) == 1
    assert await waiting(world) == []
    alone = (await add(world, videos.clip("silent.mov"), reason="日曜")).video
    assert (alone.waiting, alone.reason, alone.video.sound) == (False, "日曜", False)


async def test_an_erased_video_is_gone_at_once_with_all_that_belongs_to_it(world: World) -> None:
    await world.load()
    one = (await add(world, captions=videos.VTT.encode())).video.video
    await add(world, stop_code=world.code("fall"))
    stays = (await add(world, videos.clip("silent.mov"), poster=photos.jpeg(400, 500))).video.video
    assert (await refused(act(world, "EraseVideo", one.video_id, stop_code="x")))[1]
    gone = await act(world, "EraseVideo", one.video_id, stop_code=world.code("pool"))
    for name in (one.sha256, one.captions_sha256, *(each.sha256 for each in one.poster)):
        assert await refused(media(world, name)) == (Code.NOT_FOUND, "MEDIA_ERASED")
    assert [each.video_id for each in await seen(world)] == [stays.video_id]
    assert await seen(world, name="fall") == []
    assert (await media(world, stays.sha256)).content
    [event] = await world.it.heard(world.area, "media_erased", 1)
    assert one.sha256 in said.MediaErased.FromString(event.data).sha256s
    changes = await world.visitor.ListStopChanges(pb.ListStopChangesRequest(), timeout=TIMEOUT_S)
    assert changes.erase_number == gone.change_number
    refusal = await refused(add(world))
    assert refusal == (Code.FAILED_PRECONDITION, "VIDEO_WAS_ERASED")
    for name in ("EraseVideo", "RemoveVideo", "BringBackVideo"):
        assert (await refused(act(world, name, one.video_id)))[1] == "VIDEO_UNKNOWN"


async def test_what_another_video_has_too_stays_with_it(world: World) -> None:
    await world.load()
    said_too = b"WEBVTT\n\n00:00.000 --> 00:00.400\nDrip\n"
    gone = (await add(world, captions=said_too)).video.video
    other = videos.clip("silent.mov")
    stays = (await add(world, other, captions=said_too, stop_code=world.code("fall"))).video.video
    assert gone.poster == stays.poster
    await act(world, "EraseVideo", gone.video_id)
    assert await refused(media(world, gone.sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")
    for name in (stays.sha256, stays.captions_sha256, *(each.sha256 for each in stays.poster)):
        assert (await media(world, name)).content
    [shown] = await seen(world, name="fall")
    assert (shown.video_id, shown.poster) == (stays.video_id, stays.poster)
    assert shown.captions_sha256 == stays.captions_sha256
    await act(world, "EraseVideo", stays.video_id)  # the last one takes them along
    for each in stays.poster:
        assert await refused(media(world, each.sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")


async def test_an_erased_photo_does_not_come_back_as_the_picture_of_a_video(world: World) -> None:
    await world.load()
    poster = photos.jpeg(900, 700)
    photo = (await test_photos.add(world, poster)).photo.photo
    await test_photos.act(world, "ErasePhoto", photo.photo_id)
    refusal = await refused(add(world, poster=poster))
    assert refusal == (Code.FAILED_PRECONDITION, "PHOTO_WAS_ERASED")
    for each in photo.files:
        assert await refused(media(world, each.sha256)) == (Code.NOT_FOUND, "MEDIA_ERASED")
    assert await seen(world) == []


async def test_a_stop_has_a_few_videos_and_old_ones_lose_their_bytes(world: World) -> None:
    await world.load()
    made = [(await add(world)).video.video for _ in range(MAX_VIDEOS)]
    assert await refused(add(world)) == (Code.FAILED_PRECONDITION, "VIDEOS_FULL")
    for each in made:
        await act(world, "RemoveVideo", each.video_id)
    await sql(world, "update videos set remove_time = remove_time - interval '31 days'")
    await sql(world, "update media set create_time = create_time - interval '31 days'")
    await add(world, videos.clip("silent.mov"), poster=photos.jpeg(400, 500))
    assert await refused(media(world, made[0].sha256)) == (Code.NOT_FOUND, "MEDIA_UNKNOWN")
    [left] = await listed(world)
    assert (await media(world, left.video.sha256)).content
    assert (await media(world, left.video.poster[0].sha256)).content


async def test_clerks_and_other_areas_do_nothing_with_videos(world: World) -> None:
    await world.load()
    video_id = (await add(world)).video.video.video_id
    for name in ("EditVideo", "ShowVideo", "RemoveVideo", "BringBackVideo", "EraseVideo"):
        refusal = await refused(act(world, name, video_id, role=Role.CLERK))
        assert refusal[0] is Code.PERMISSION_DENIED
        kind = getattr(video_pb, f"{name}Request")
        other = getattr(stub(world, area="elsewhere"), name)
        if name in ("RemoveVideo", "BringBackVideo", "EraseVideo"):
            call = other(kind(request_id=new_id(), video_id=video_id), timeout=TIMEOUT_S)
            assert (await refused(call))[1] == "VIDEO_UNKNOWN"
        assert (await refused(act(world, name, "../../etc/passwd")))[1] == "VIDEO_UNKNOWN"
    assert len(await seen(world)) == 1
