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
from tests.forms import sent
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
        "MovePhoto": lambda _: pb.MovePhotoResponse(),
        "ShowPhoto": lambda _: pb.ShowPhotoResponse(),
        "ErasePhoto": lambda _: pb.ErasePhotoResponse(),
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
    return browser.post(path, base_url="http://guide.example.jp", headers=ORIGIN, **sent(data))


def test_the_page_shows_photos_in_order_and_what_was_taken_away(
    browser: FlaskClient, photos: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert page.index("青い池") < page.index("滝") < page.index("最近外した写真")
    assert "&lt;i&gt;花子&lt;/i&gt;" in page
    assert 'enctype="multipart/form-data"' in page
    assert page.count('value="first"') == 0  # the second comes first by one place
    assert (page.count('value="up"'), page.count('value="down"')) == (1, 1)
    assert "確認待ち" not in page
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


def test_a_photo_that_is_too_large_leaves_the_page_and_what_was_typed(
    browser: FlaskClient, photos: FakeServices
) -> None:
    words = {"credit": "花子", "alt-ja": "石の間", "alt-ko": "연못"}
    answer = send(browser, content=bytes(5_230_001), **words)
    assert answer.status_code == 413
    assert "ファイルは5.3 MBです" in answer.text  # never told smaller
    assert "写真は4 MBまでです" in answer.text
    assert "何も変更されていません" in answer.text
    for kept in ("花子", "石の間", "연못"):
        assert f'value="{kept}"' in answer.text
    assert not photos.called("AddPhoto")
    again = send(browser, content=b"\xff\xd8\xff", **words)  # the page works as before
    assert again.status_code == 303


def test_a_photo_that_is_a_little_too_large_is_told_its_size(
    browser: FlaskClient, photos: FakeServices
) -> None:
    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "PHOTO_TOO_LARGE")

    photos.answers["AddPhoto"] = refuse
    answer = send(browser, content=bytes(4_010_000), credit="花子")
    assert (answer.status_code, "ファイルは4.1 MBです" in answer.text) == (422, True)
    assert 'value="花子"' in answer.text


def test_a_stranger_a_program_and_a_forged_form_get_no_page_again(
    browser: FlaskClient, photos: FakeServices
) -> None:
    forged = send(browser, content=bytes(5_000_000), form_token="x")
    assert forged.status_code == 403
    data = {"photo": (io.BytesIO(bytes(5_000_000)), "a.jpg")}
    program = browser.post(
        PAGE, base_url="http://guide.example.jp", headers={**ORIGIN, "Accept": "application/json"},
        **sent(data),
    )  # fmt: skip
    assert (program.status_code, program.get_json()["reason"]) == (413, "body_too_large")
    browser.delete_cookie("meguri_session", domain="guide.example.jp")
    form = sent({"photo": (io.BytesIO(bytes(5_000_000)), "a.jpg"), "credit": "花子"})
    answer = browser.post(PAGE, base_url="http://guide.example.jp", headers=ORIGIN, **form)
    assert answer.status_code == 413
    assert "花子" not in answer.text
    assert not photos.called("AddPhoto")


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
        ("up", "MovePhoto", "移しました"), ("down", "MovePhoto", "移しました"),
        ("shown", "ShowPhoto", "公開"), ("erased", "ErasePhoto", "完全に消しました"),
    ],
)  # fmt: skip
def test_each_button_does_what_it_says(
    browser: FlaskClient, photos: FakeServices, action: str, name: str, told: str
) -> None:
    fields = {
        "credit": "太郎", "alt-ja": "滝", "version": "7", "action": action, "sure": "1",
        "erasure_reason": "2", "reason": "急ぎ",
    }  # fmt: skip
    answer = send(browser, f"{PAGE}/p2", None, **fields)
    assert answer.status_code == 303
    [asked] = photos.called(name)
    assert asked.photo_id == "p2"
    if name == "EditPhoto":
        assert (asked.version, asked.credit, dict(asked.alts)) == (7, "太郎", {"ja": "滝"})
        assert asked.reason == "急ぎ"
    if name == "MovePhoto":
        assert asked.steps == {"up": -1, "down": 1}[action]
        assert answer.location.endswith("&photo=p2")
    if name == "ShowPhoto":
        assert (asked.version, asked.reason) == (7, "急ぎ")
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


def test_erasing_needs_a_second_word_and_says_what_it_cannot_reach(
    browser: FlaskClient, photos: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert page.count("今すぐ完全に消す") == 3  # also for one that was taken away
    assert "最長1時間" in page
    assert "次の版を読み込むまで" in page
    answer = send(browser, f"{PAGE}/p1", action="erased", erasure_reason="1")
    assert answer.status_code == 422
    assert "印を付けてください" in answer.text
    assert not photos.called("ErasePhoto")


def test_a_photo_that_waits_says_so_with_who_may_show_it(
    browser: FlaskClient, photos: FakeServices
) -> None:
    waits, shown = one("p1", "青い池"), one("p2", "滝")
    waits.waiting, waits.author, waits.writer = True, "hanako", "jiro"
    shown.author = shown.writer = "hanako"
    shown.looker, shown.reading = "jiro", guide_pb.READING_SECOND_READER
    alone = one("p3", "穴")
    alone.reading, alone.reason = guide_pb.READING_ALONE, "日曜<b>"
    photos.answers["ListPhotos"] = lambda _: pb.ListPhotosResponse(
        photos=[waits, shown, alone], locales=["ja"], looked_at=True
    )
    # A second reader needs none to show it: to add, and to edit two that are seen.
    assert get(browser, PAGE).text.count('name="reason"') == 3
    waits.reason_needed = True  # of whoever put it in, or is no reviewer
    page = get(browser, PAGE).text
    assert page.count("確認待ち") == 1
    assert page.count('value="shown"') == 1
    assert "確認：" in page
    assert "日曜&lt;b&gt;" in page
    assert page.count('name="reason"') == 4
    photos.answers["AddPhoto"] = lambda _: pb.AddPhotoResponse(photo=waits)
    answer = send(browser, content=b"\xff\xd8\xff", credit="x", reason="急ぎ", **{"alt-ja": "池"})
    assert answer.location == f"{PAGE}?done=waiting"
    assert photos.called("AddPhoto")[0].reason == "急ぎ"
    assert "確認を待っています" in get(browser, answer.location).text


def test_who_erases_the_picture_of_a_video_is_told_before(
    browser: FlaskClient, photos: FakeServices
) -> None:
    poster, gone, plain = one("p1", "青い池"), one("p2", "滝", gone=True), one("p3", "穴")
    poster.poster_stop_codes[:] = ["8WXC3", "K7Q2X"]
    gone.poster_stop_codes[:] = ["8WXC3"]
    photos.answers["ListPhotos"] = lambda _: pb.ListPhotosResponse(
        photos=[poster, plain, gone], locales=["ja"]
    )
    page = get(browser, PAGE).text
    assert page.count("動画の再生前にも表示") == 2
    assert page.count('href="/studio/stops/8WXC3/videos"') == 2
    assert page.count('href="/studio/stops/K7Q2X/videos"') == 1


def test_the_table_of_texts_names_stops_whose_photos_wait(
    browser: FlaskClient, photos: FakeServices
) -> None:
    told = pb.WaitingPhotos(stop_code="K7Q2X", name="百枚<b>皿", photo_count=2, video_count=1)
    photos.answers["ListWaitingPhotos"] = lambda _: pb.ListWaitingPhotosResponse(stops=[told])
    page = get(browser, "/studio").text
    assert "確認を待っている写真・動画" in page
    assert 'href="/studio/stops/K7Q2X/photos"' in page
    assert 'href="/studio/stops/K7Q2X/videos"' in page
    assert "百枚&lt;b&gt;皿" in page
    del photos.answers["ListWaitingPhotos"]
    assert "確認を待っている写真" not in get(browser, "/studio").text


def test_focus_stays_with_the_photo_that_was_moved(
    browser: FlaskClient, photos: FakeServices
) -> None:
    page = get(browser, f"{PAGE}?done=up&photo=p2").text
    assert page.count("autofocus") == 1
    assert re.search(r'value="up" autofocus>', page)
    at_the_end = get(browser, f"{PAGE}?done=up&photo=p1").text  # it cannot go further up
    assert re.search(r'value="down" autofocus>', at_the_end)


def test_without_a_script_the_bound_is_told_before_anything_is_chosen(
    browser: FlaskClient, photos: FakeServices
) -> None:
    page = get(browser, PAGE).text
    assert page.index("4 MB") < page.index('type="file"')
    assert re.search(r'<span data-part="larger" hidden>', page)
    assert "studio/photos" in page
