"""Why photos and videos were erased: kept apart, and told to staff alone."""

from typing import Any

from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import recording_service_pb2 as recording_pb
from meguri.multilingual.v1 import video_service_pb2 as video_pb
from tests.service.multilingual import test_photos, test_videos
from tests.service.multilingual.conftest import TIMEOUT_S, World, refused, world

__all__ = ["world"]
NEVER, RIGHTS = recording_pb.ERASURE_REASON_NEVER_AGREED, recording_pb.ERASURE_REASON_RIGHTS


async def erasures(world: World) -> list[list[Any]]:
    """Returns who erased what kind of file of photos, and of videos, and why."""
    code = world.code("pool")
    photos = await test_photos.stub(world).ListPhotos(
        photo_pb.ListPhotosRequest(stop_code=code), timeout=TIMEOUT_S
    )
    videos = await test_videos.stub(world).ListVideos(
        video_pb.ListVideosRequest(stop_code=code), timeout=TIMEOUT_S
    )
    both = (photos, videos)
    return [[(each.eraser, each.reason) for each in found.erasures] for found in both]


async def test_each_list_says_its_own(world: World) -> None:
    await world.load()
    film = (await test_videos.add(world)).video.video
    photo = (await test_photos.add(world)).photo.photo
    assert await erasures(world) == [[], []]
    wrong = test_videos.act(world, "EraseVideo", film.video_id, reason=9)
    assert (await refused(wrong))[1] == "INVALID_FIELDS"
    await test_videos.act(world, "EraseVideo", film.video_id, reason=NEVER)
    assert await erasures(world) == [[], [("tester", NEVER)]]
    await test_photos.act(world, "ErasePhoto", photo.photo_id, reason=RIGHTS)
    assert await erasures(world) == [[("tester", RIGHTS)], [("tester", NEVER)]]
