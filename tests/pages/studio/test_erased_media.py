"""Photos and videos of a stop are erased for a reason, and the page says who did it and why."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import photo_service_pb2 as photo_pb
from meguri.multilingual.v1 import recording_service_pb2 as recording_pb
from meguri.multilingual.v1 import video_service_pb2 as video_pb
from tests.pages.edge.fakes import FakeServices
from tests.pages.studio import test_photos, test_videos
from tests.pages.studio.test_pages import browser, get, guide
from tests.pages.studio.test_photos import photos
from tests.pages.studio.test_videos import videos

__all__ = ["browser", "guide", "photos", "videos"]


@dataclass(frozen=True)
class Media:
    """One kind of media: its page, one of it, how its forms are sent, and its calls."""

    services: FakeServices
    page: str
    one: str
    send: Callable[..., Any]
    erase: str
    list: str
    listed: type[photo_pb.ListPhotosResponse] | type[video_pb.ListVideosResponse]


@pytest.fixture(params=["photos", "videos"])
def media(request: pytest.FixtureRequest) -> Media:
    services: FakeServices = request.getfixturevalue(request.param)
    if request.param == "photos":
        return Media(
            services, test_photos.PAGE, f"{test_photos.PAGE}/p1", test_photos.send, "ErasePhoto",
            "ListPhotos", photo_pb.ListPhotosResponse,
        )  # fmt: skip
    return Media(
        services, test_videos.PAGE, f"{test_videos.PAGE}/v1", test_videos.send, "EraseVideo",
        "ListVideos", video_pb.ListVideosResponse,
    )  # fmt: skip


def test_erasing_asks_why_and_keeps_what_was_chosen(browser: FlaskClient, media: Media) -> None:
    def form(answer: Any) -> str:
        assert answer.status_code == 422
        text: str = answer.text
        at = text.index('<details class="details" open>')
        return text[at : text.index("</details>", at)]

    unsaid = media.send(browser, media.one, action="erased", sure="1")
    assert "理由を選んでください" in unsaid.text
    assert 'name="sure" value="1" checked' in form(unsaid)
    unsure = media.send(browser, media.one, action="erased", erasure_reason="3")
    assert "印を付けてください" in unsure.text
    assert 'name="erasure_reason" value="3" checked' in form(unsure)
    for made_up in ("0", "5", "x", "٣"):
        media.send(browser, media.one, action="erased", sure="1", erasure_reason=made_up)
    assert not media.services.called(media.erase)
    media.send(browser, media.one, action="erased", sure="1", erasure_reason="3")
    [asked] = media.services.called(media.erase)
    assert asked.reason == recording_pb.ERASURE_REASON_NOT_FOR_VISITORS


def test_what_was_erased_lately_says_who_and_why(browser: FlaskClient, media: Media) -> None:
    assert "最近消したもの" not in get(browser, media.page).text
    erasures = [
        recording_pb.Erasure(eraser="u9", reason=recording_pb.ERASURE_REASON_RIGHTS),
        recording_pb.Erasure(eraser="u9"),
    ]
    listed = media.listed(locales=["ja"], erasures=erasures)
    media.services.answers[media.list] = lambda _: listed
    page = get(browser, media.page).text
    for words in ("最近消したもの", "権利を持っている人がほかにいる", "理由の入力なし"):
        assert words in page
