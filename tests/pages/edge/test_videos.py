"""What moves at a stop: the page with its video, bytes in pieces and ranges, words in a pack."""

import hashlib
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from services.edge import packs
from tests.pages.edge.fakes import NAMES, FakeServices

CODE = NAMES[0][0]
FILM = bytes(range(256)) * 30_000
NAME = hashlib.sha256(FILM).hexdigest()
PIECE = 3_500_000


def video() -> pb.Video:
    def words(text: str, locale: str) -> pb.LocalizedText:
        return pb.LocalizedText(text=text, locale=locale, requested_locale="en")

    return pb.Video(
        video_id="v1", sha256=NAME, size_bytes=len(FILM), width=640, height=360,
        duration_ms=24_000, sound=True, captions_sha256="c" * 64, captions_locale="ja",
        poster=[pb.PhotoFile(sha256="b" * 64, width=480, height=270)], credit="<b>Hanako</b>",
        alt=words("A pool <i>ripples", "en"), transcript=words("水の音\nだけ", "ja"),
    )  # fmt: skip


@pytest.fixture
def moving(services: FakeServices) -> FakeServices:
    """A guide whose first stop has a video."""
    plain = services.answers["ReadStop"]

    def stop(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        answer: pb.ReadStopResponse = plain(request)  # type: ignore[assignment] # it is one
        if request.stop_code == CODE:
            answer.stop.videos.append(video())
        return answer

    def media(request: rec.ReadMediaRequest) -> rec.ReadMediaResponse:
        piece = FILM[request.offset : request.offset + PIECE]
        return rec.ReadMediaResponse(content=piece, media_type="video/mp4", total_bytes=len(FILM))

    services.say_stops(stop)
    services.answers["ReadMedia"] = media
    return services


def test_a_video_stands_below_the_text_and_never_starts_by_itself(
    browser: FlaskClient, moving: FakeServices
) -> None:
    page = browser.get(f"/g/{CODE}", headers={"Accept-Language": "en"}).text
    assert page.index('class="story"') < page.index("<video")
    tag = page[page.index("<video") : page.index("</video>")]
    assert 'controls preload="none" playsinline width="640" height="360"' in tag
    assert f'poster="/media/{"b" * 64}"' in tag
    assert f'<source src="/media/{NAME}" type="video/mp4">' in tag
    assert f'<track kind="captions" src="/media/{"c" * 64}" srclang="ja"' in tag
    assert 'aria-label="Video: A pool &lt;i&gt;ripples"' in tag
    for never in ("autoplay", "loop", "muted"):
        assert never not in tag
    assert "Video: &lt;b&gt;Hanako&lt;/b&gt;" in page
    assert "0:24 · 7.7 MB" in page
    assert '<p class="video__said" lang="ja">水の音\nだけ</p>' in page
    said = page[page.index("</video>") : page.index("</figure>", page.index("</video>"))]
    assert said.count('<span class="badge badge--plain" lang="ja">日本語</span>') == 1  # the words
    assert not moving.called("ReadMedia")


def test_a_video_without_a_picture_shows_a_drawn_one_and_says_whose_words_these_are(
    browser: FlaskClient, moving: FakeServices
) -> None:
    plain = moving.answers["ReadStop"]

    def stop(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        answer: pb.ReadStopResponse = plain(request)  # type: ignore[assignment] # it is one
        for each in answer.stop.videos:
            del each.poster[:]
            each.alt.text, each.alt.locale = "池が揺れる", "ja"
        return answer

    moving.answers["ReadStop"] = stop
    page = browser.get(f"/g/{CODE}", headers={"Accept-Language": "en"}).text
    tag = page[page.index("<video") : page.index("</video>")]
    drawn = re.search(r'poster="/static/([^"]+/visitor/film\.svg)"', tag)
    assert drawn is not None
    [file, _] = browser.application.extensions["meguri"].assets.find(drawn[1])
    assert (file.content_type, b"<script" in file.body) == ("image/svg+xml", False)
    # No word of the page's language in the name of something that is read in another one.
    assert 'lang="ja" aria-label="池が揺れる"' in tag
    assert "Video: 池" not in tag


@pytest.mark.parametrize(
    ("wanted", "status", "first", "length"),
    [("", 200, 0, len(FILM)), ("bytes=0-1", 206, 0, 2),
     ("bytes=5000000-5000099", 206, 5_000_000, 100), ("bytes=-9", 206, len(FILM) - 9, 9),
     (f"bytes={len(FILM)}-", 416, 0, 0)],
)  # fmt: skip
def test_a_player_gets_the_range_it_asks_for_of_pieces_put_together(
    browser: FlaskClient, moving: FakeServices, wanted: str, status: int, first: int, length: int
) -> None:
    answer = browser.get(f"/media/{NAME}", headers={"Range": wanted} if wanted else {})
    assert answer.status_code == status
    assert answer.data == FILM[first : first + length]
    if status != 416:
        assert answer.content_type == "video/mp4"
        assert answer.headers["Accept-Ranges"] == "bytes"
        assert "immutable" not in answer.headers["Cache-Control"]
        assert [each.offset for each in moving.called("ReadMedia")] == [0, PIECE, 2 * PIECE]
    browser.get(f"/media/{NAME}")
    assert len(moving.called("ReadMedia")) == 3  # it is kept here


def test_a_guide_that_stops_in_the_middle_is_no_half_video(
    browser: FlaskClient, moving: FakeServices
) -> None:
    def half(request: rec.ReadMediaRequest) -> rec.ReadMediaResponse:
        piece = FILM[:PIECE] if not request.offset else b""
        return rec.ReadMediaResponse(content=piece, media_type="video/mp4", total_bytes=len(FILM))

    moving.answers["ReadMedia"] = half
    browser.application.config["PROPAGATE_EXCEPTIONS"] = False
    assert browser.get(f"/media/{NAME}").status_code == 500


def test_a_pack_carries_the_words_of_a_video_and_says_what_it_lacks(
    browser: FlaskClient, moving: FakeServices
) -> None:
    browser.application.extensions["meguri"].packs = packs.Packs()
    document: Any = browser.get("/packs/mine/en/manifest.json").get_json()
    lines = {line["path"]: line["sha256"] for line in document["files"]}
    assert f"/media/{NAME}" not in lines
    assert document["bytes"] < packs.BYTES_AT_MOST
    page = browser.get(f"/packs/mine/en/files/{lines[f'/g/{CODE}']}").text
    assert "<video" not in page
    assert NAME not in page
    assert "it needs a signal" in page
    assert '<details class="details" open><summary>What is said in it</summary>' in page
    assert "水の音" in page
