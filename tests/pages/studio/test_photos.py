"""The studio's photos: shown, put in, described, ordered, taken away, and what is refused."""

import io
import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import photo_service_pb2 as pb
from services.edge.guards import BODY_LIMIT_BYTES
from services.edge.wings import PHOTO_BYTES
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/stops/K7Q2X/photos"
FILE = guide_pb.PhotoFile(sha256="a" * 64, width=480, height=360, size_bytes=9)


def one(photo_id: str, alt: str, *, gone: bool = False) -> pb.StopPhoto:
    photo = guide_pb.Photo(photo_id=photo_id, files=[FILE], credit="<i>花子</i>")
    made = pb.StopPhoto(photo=photo, alts={"ja": alt, "en": "Pool"}, version=7)
    if gone:
        made.remove_time.GetCurrentTime()
    return made


@pytest.fixture
def photos(guide: FakeServices) -> FakeServices:
    listed = pb.ListPhotosResponse(
        photos=[one("p1", "青い池"), one("p2", "滝"), one("p3", "穴", gone=True)],
        locales=["ja", "en", "ko"], name="百枚皿",
    )  # fmt: skip
    guide.answers |= {
        "ListPhotos": lambda _: listed,
        "AddPhoto": lambda _: pb.AddPhotoResponse(),
        "EditPhoto": lambda _: pb.EditPhotoResponse(),
        "MovePhotoFirst": lambda _: pb.MovePhotoFirstResponse(),
        "RemovePhoto": lambda _: pb.RemovePhotoResponse(),
        "BringBackPhoto": lambda _: pb.BringBackPhotoResponse(),
    }
    return guide


def send(
    browser: FlaskClient, path: str = PAGE, content: bytes | None = None, **fields: str
) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data: dict[str, Any] = {"form_token": token[1], "request_id": "r-12345678", **fields}
    if content is not None:
        data["photo"] = (io.BytesIO(content), "../../etc/passwd.svg", "image/svg+xml")
    return browser.post(path, data=data, base_url="http://guide.example.jp", headers=ORIGIN)


def test_the_page_shows_photos_in_order_and_what_was_taken_away(
    browser: FlaskClient, photos: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert page.index("青い池") < page.index("滝") < page.index("最近外した写真")
    assert "&lt;i&gt;花子&lt;/i&gt;" in page
    assert 'enctype="multipart/form-data"' in page
    assert page.count('value="first"') == 1  # the first is first
    assert f'src="/media/{"a" * 64}" width="480" height="360" alt="青い池" lang="ja"' in page
    assert 'name="alt-ko" lang="ko"' in page
    photos.answers["ListPhotos"] = lambda _: pb.ListPhotosResponse(locales=["ja"])
    empty = get(browser, PAGE).text
    assert "写真はまだありません" in empty
    assert "ほかの言語" not in empty


def test_a_file_goes_to_the_guide_without_its_name(
    browser: FlaskClient, photos: FakeServices
) -> None:
    words = {"credit": "花子", "alt-ja": "池", "alt-en": " "}
    answer = send(browser, content=b"\xff\xd8\xffbytes", **words)
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=added")
    [asked] = photos.called("AddPhoto")
    assert (asked.stop_code, asked.content, asked.credit) == ("K7Q2X", b"\xff\xd8\xffbytes", "花子")
    assert dict(asked.alts) == {"ja": "池"}
    assert b"passwd" not in asked.SerializeToString()
    assert "この写真を公開しました" in get(browser, answer.location).text


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("PHOTO_HEIC", "互換性優先"), ("PHOTO_KIND", "JPEG・PNG・WebP"),
        ("PHOTO_UNREADABLE", "壊れている"), ("PHOTO_TOO_MANY_PIXELS", "5,000万画素"),
        ("PHOTO_TOO_SMALL", "320画素"), ("PHOTO_TOO_LARGE", "4 MB"), ("PHOTOS_FULL", "12枚"),
        ("PHOTOS_BUSY", "処理しています"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_and_what_was_typed_stays(
    browser: FlaskClient, photos: FakeServices, reason: str, told: str
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, reason)

    photos.answers["AddPhoto"] = refuse
    words = {"credit": '花子"><b>', "alt-ja": "石の間", "alt-ko": "연못"}
    answer = send(browser, content=b"no photo", **words)
    assert answer.status_code == 422
    assert told in answer.text
    assert 'value="石の間"' in answer.text
    assert 'value="연못"' in answer.text
    assert 'value="花子&#34;&gt;&lt;b&gt;"' in answer.text


@pytest.mark.parametrize(
    ("path", "most_bytes"), [(PAGE, PHOTO_BYTES), (f"{PAGE}/p1", BODY_LIMIT_BYTES)]
)
def test_a_body_beyond_the_bound_is_not_read(
    browser: FlaskClient, photos: FakeServices, path: str, most_bytes: int
) -> None:
    body = bytes(most_bytes + 1)
    answer = browser.post(path, data=body, base_url="http://guide.example.jp", headers=ORIGIN)
    assert answer.status_code == 413
    assert not photos.called("AddPhoto")
    assert not photos.called("RemovePhoto")


@pytest.mark.parametrize(
    ("action", "name", "told"),
    [
        ("first", "MovePhotoFirst", "先頭にしました"), ("back", "BringBackPhoto", "戻しました"),
        ("removed", "RemovePhoto", ""), ("edited", "EditPhoto", "公開"),
    ],
)  # fmt: skip
def test_each_button_does_what_it_says(
    browser: FlaskClient, photos: FakeServices, action: str, name: str, told: str
) -> None:
    fields = {"credit": "太郎", "alt-ja": "滝", "version": "7", "action": action}
    answer = send(browser, f"{PAGE}/p2", None, **fields)
    assert answer.status_code == 303
    [asked] = photos.called(name)
    assert asked.photo_id == "p2"
    if name == "EditPhoto":
        assert (asked.version, asked.credit, dict(asked.alts)) == (7, "太郎", {"ja": "滝"})
    assert told in get(browser, answer.location).text


def test_taking_away_offers_the_undo(browser: FlaskClient, photos: FakeServices) -> None:
    page = get(browser, f"{PAGE}?done=removed&photo=p3").text
    notice = page[page.index("この写真を外しました") :]
    assert f'action="{PAGE}/p3"' in notice[:400]
    assert "この写真を外しました" not in get(browser, f"{PAGE}?photo=p1").text


def test_a_button_that_is_none_and_a_failure_of_ours_are_told_as_such(
    browser: FlaskClient, photos: FakeServices
) -> None:
    assert send(browser, f"{PAGE}/p1", action="eat").status_code == 404

    def conflict(_: Any) -> Any:
        raise Failure(grpc.StatusCode.ABORTED, "PHOTO_CHANGED")

    photos.answers["EditPhoto"] = conflict
    answer = send(browser, f"{PAGE}/p1", action="edited", version="x")
    assert answer.status_code == 422
    assert "ほかの人が" in answer.text
    assert photos.called("EditPhoto")[0].version == 0
    photos.away.add("multilingual")
    assert browser.get(PAGE, base_url="http://guide.example.jp").status_code == 503
