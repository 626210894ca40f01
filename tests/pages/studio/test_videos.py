"""The studio's videos: shown, sent in pieces, described, taken away, erased, refused."""

import io
import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import video_service_pb2 as pb
from services.edge.guards import BODY_LIMIT_BYTES
from services.edge.wings import VIDEO_BYTES
from tests.forms import sent
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/stops/K7Q2X/videos"
POSTER = guide_pb.PhotoFile(sha256="b" * 64, width=480, height=270, size_bytes=9)


def one(video_id: str, alt: str, **more: Any) -> pb.StopVideo:
    film = guide_pb.Video(
        video_id=video_id, sha256="a" * 64, size_bytes=3_400_000, width=640, height=360,
        duration_ms=24_000, sound=True, poster=[POSTER], credit="<i>花子</i>",
        captions_sha256="c" * 64, captions_locale="ja",
    )  # fmt: skip
    return pb.StopVideo(
        video=film, alts={"ja": alt}, transcripts={"ja": "水の<b>音"}, version=7, **more
    )


@pytest.fixture
def videos(guide: FakeServices) -> FakeServices:
    gone = one("v2", "穴")
    gone.remove_time.GetCurrentTime()
    listed = pb.ListVideosResponse(
        videos=[one("v1", "青い池"), gone], locales=["ja", "en", "ko"], name="百枚皿"
    )
    guide.answers |= {
        "ListVideos": lambda _: listed,
        "PutVideoPiece": lambda _: pb.PutVideoPieceResponse(),
        "AddVideo": lambda _: pb.AddVideoResponse(),
        "EditVideo": lambda _: pb.EditVideoResponse(),
        "ShowVideo": lambda _: pb.ShowVideoResponse(),
        "RemoveVideo": lambda _: pb.RemoveVideoResponse(),
        "BringBackVideo": lambda _: pb.BringBackVideoResponse(),
        "EraseVideo": lambda _: pb.EraseVideoResponse(),
    }
    return guide


def send(browser: FlaskClient, path: str = PAGE, files: Any = None, **fields: str) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data: dict[str, Any] = {"form_token": token[1], "request_id": "r-12345678", **fields}
    for name, content in (files or {}).items():
        data[name] = FileStorage(io.BytesIO(content), "../../etc/passwd", content_type="text/html")
    return browser.post(path, base_url="http://guide.example.jp", headers=ORIGIN, **sent(data))


def test_the_page_shows_videos_that_never_start_by_themselves(
    browser: FlaskClient, videos: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert page.index("青い池") < page.index("穴")
    assert "&lt;i&gt;花子&lt;/i&gt;" in page
    assert page.count('controls preload="none"') == 2
    assert "autoplay" not in page
    assert f'<track kind="captions" src="/media/{"c" * 64}" srclang="ja"' in page
    assert "0:24 · 640 × 360 · 3.4 MB" in page
    assert 'name="said-ko" lang="ko"' in page
    assert page.index("12 MB") < page.index('name="video"')  # told before one is chosen
    assert "水の&lt;b&gt;音" in page
    videos.answers["ListVideos"] = lambda _: pb.ListVideosResponse(locales=["ja"])
    assert "動画はまだありません" in get(browser, PAGE).text


def test_a_video_goes_to_the_guide_in_pieces_without_its_name(
    browser: FlaskClient, videos: FakeServices
) -> None:
    film = bytes(range(250)) * 28_000  # 7 MB
    files = {"video": film, "poster": b"\xff\xd8\xff", "captions": b"WEBVTT"}
    words = {"credit": "花子", "alt-ja": "池", "alt-en": " ", "said-ja": "水の音", "reason": "急ぎ"}
    answer = send(browser, files=files, **words)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=added")
    pieces = videos.called("PutVideoPiece")
    assert [each.place for each in pieces] == [0, 1, 2]
    assert b"".join(each.content for each in pieces) == film
    [asked] = videos.called("AddVideo")
    assert {each.upload_id for each in pieces} == {asked.upload_id}
    assert (asked.piece_count, asked.request_id, asked.reason) == (3, "r-12345678", "急ぎ")
    assert (asked.poster, asked.captions) == (files["poster"], files["captions"])
    assert (dict(asked.alts), dict(asked.transcripts)) == ({"ja": "池"}, {"ja": "水の音"})
    assert b"passwd" not in asked.SerializeToString()
    assert "この動画を公開しました" in get(browser, answer.location).text
    videos.answers["AddVideo"] = lambda _: pb.AddVideoResponse(video=one("v", "", waiting=True))
    assert send(browser, files=files, **words).location == f"{PAGE}?done=waiting"


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("VIDEO_KIND", "MP4ではありません"), ("VIDEO_WEBM", "WebM"), ("VIDEO_CODEC", "互換性優先"),
        ("VIDEO_UNREADABLE", "壊れているか"), ("VIDEO_TOO_LARGE", "12 MB"),
        ("VIDEO_TOO_LONG", "1分"), ("VIDEO_TOO_MANY_PIXELS", "1,920"), ("VIDEOS_FULL", "3本まで"),
        ("VIDEOS_BUSY", "処理しています"), ("CAPTIONS_REFUSED", "WebVTT"),
        ("VIDEO_INCOMPLETE", "届いていません"), ("VIDEO_WAS_ERASED", "完全に消された"),
        ("PHOTO_KIND", "JPEG・PNG・WebP"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_and_what_was_typed_stays(
    browser: FlaskClient, videos: FakeServices, reason: str, told: str
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, reason)

    videos.answers["AddVideo"] = refuse
    words = {"credit": '花子"><b>', "alt-ja": "石の間", "said-ko": "연못"}
    answer = send(browser, files={"video": b"no video"}, **words)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="石の間"' in answer.text
    assert ">연못</textarea>" in answer.text
    assert 'value="花子&#34;&gt;&lt;b&gt;"' in answer.text


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"video": bytes(12_000_001)}, "12 MB"),
        ({"video": b"x", "poster": bytes(4_000_001)}, "4 MB"),
    ],
)
def test_what_is_too_large_is_sent_to_nobody(
    browser: FlaskClient, videos: FakeServices, files: dict[str, bytes], told: str
) -> None:
    answer = send(browser, files=files, credit="x")
    assert answer.status_code == 422
    assert told in answer.text
    assert not videos.called("PutVideoPiece")
    assert not videos.called("AddVideo")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"video": bytes(16_350_000), "poster": b"x"}, ("16.4 MB", "動画は12 MBまで")),
        ({"poster": bytes(16_350_000)}, ("16.4 MB", "写真は4 MBまで")),  # its video came before
        ({"video": b"x", "captions": bytes(16_350_000)}, ("16.4 MB", "WebVTT")),
    ],
)
def test_a_form_that_is_too_large_leaves_the_page_and_what_was_typed(
    browser: FlaskClient, videos: FakeServices, files: dict[str, bytes], told: tuple[str, str]
) -> None:
    answer = send(browser, files=files, credit="花子", **{"alt-ja": "石の間", "said-ko": "연못"})
    assert answer.status_code == 413
    for words in (
        *told,
        "何も変更されていません",
        'value="石の間"',
        ">연못</textarea>",
        'value="花子"',
    ):
        assert words in answer.text
    assert not videos.called("PutVideoPiece")
    assert not videos.called("AddVideo")


def test_a_script_sends_pieces_before_the_form(browser: FlaskClient, videos: FakeServices) -> None:
    upload_id = "0b3c1a52-7e0f-4c7d-9d43-2f1b6a9c8d10"
    for place, content in enumerate((b"one", b"two")):
        answer = send(
            browser, f"{PAGE}/pieces", {"piece": content}, upload_id=upload_id, place=str(place)
        )
        assert (answer.status_code, answer.get_json()["taken"]) == (200, place)
    answer = send(
        browser, files={"poster": b"\xff\xd8\xff"}, upload_id=upload_id, piece_count="2", credit="x"
    )
    assert answer.status_code == 303
    pieces = videos.called("PutVideoPiece")
    assert [(each.place, each.content) for each in pieces] == [(0, b"one"), (1, b"two")]
    assert len({each.request_id for each in pieces}) == 2
    [asked] = videos.called("AddVideo")
    assert (asked.upload_id, asked.piece_count) == (upload_id, 2)

    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "VIDEO_TOO_LARGE")

    videos.answers["PutVideoPiece"] = refuse
    for wrong in ("9", "x"):
        sent = {"upload_id": upload_id, "place": wrong}
        assert send(browser, f"{PAGE}/pieces", {"piece": b"x"}, **sent).status_code == 400


@pytest.mark.parametrize(
    ("path", "most_bytes"), [(PAGE, VIDEO_BYTES), (f"{PAGE}/v1", BODY_LIMIT_BYTES)]
)
def test_a_body_beyond_the_bound_is_not_read(
    browser: FlaskClient, videos: FakeServices, path: str, most_bytes: int
) -> None:
    body = bytes(most_bytes + 1)
    answer = browser.post(path, data=body, base_url="http://guide.example.jp", headers=ORIGIN)
    assert answer.status_code == 413
    assert not videos.called("PutVideoPiece")


@pytest.mark.parametrize(
    ("action", "name", "told"),
    [
        ("edited", "EditVideo", "公開"), ("shown", "ShowVideo", "公開"),
        ("removed", "RemoveVideo", ""), ("back", "BringBackVideo", "戻しました"),
        ("erased", "EraseVideo", "完全に消しました"),
    ],
)  # fmt: skip
def test_each_button_does_what_it_says(
    browser: FlaskClient, videos: FakeServices, action: str, name: str, told: str
) -> None:
    fields = {
        "credit": "太郎", "alt-ja": "滝", "said-ja": "ごう", "version": "7", "sure": "1",
        "erasure_reason": "2", "reason": "急ぎ", "action": action,
    }  # fmt: skip
    answer = send(browser, f"{PAGE}/v1", **fields)
    assert answer.status_code == 303
    [asked] = videos.called(name)
    assert asked.video_id == "v1"
    if name == "EditVideo":
        assert (asked.version, dict(asked.transcripts), asked.reason) == (7, {"ja": "ごう"}, "急ぎ")
    if name == "ShowVideo":
        assert (asked.version, asked.reason) == (7, "急ぎ")
    assert told in get(browser, answer.location).text


def test_erasing_is_confirmed_and_taking_away_offers_the_undo(
    browser: FlaskClient, videos: FakeServices
) -> None:
    answer = send(browser, f"{PAGE}/v1", action="erased", erasure_reason="1")
    assert (answer.status_code, "印を付けてください" in answer.text) == (422, True)
    assert not videos.called("EraseVideo")
    page = get(browser, f"{PAGE}?done=removed&video=v2").text
    notice = page[page.index("この動画を外しました") :]
    assert f'action="{PAGE}/v2"' in notice[:400]
    assert send(browser, f"{PAGE}/v1", action="eat").status_code == 404


def test_one_that_waits_says_so(browser: FlaskClient, videos: FakeServices) -> None:
    waits = one("v1", "青い池", waiting=True, author="hanako", writer="hanako")
    videos.answers["ListVideos"] = lambda _: pb.ListVideosResponse(
        videos=[waits], locales=["ja"], looked_at=True
    )
    assert get(browser, PAGE).text.count('name="reason"') == 1  # a second reader gives none
    waits.reason_needed = True
    page = get(browser, PAGE).text
    assert page.count("確認待ち") == 1
    assert page.count('value="shown"') == 1
    assert page.count('name="reason"') == 2  # to show it, to add another
