"""What is seen of a stop: the page with its photos, and the pack that carries small ones."""

import hashlib

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from services.edge import freshness, packs
from services.edge.parts import Parts
from tests.pages.edge.fakes import NAMES, Failure, FakeServices

CODES = [row[0] for row in NAMES[:2]]


def content(name: str, width: int) -> bytes:
    return f"RIFF....WEBP {name} {width} ".encode() + bytes(5_000)


def photo(name: str, alt: str = "A blue pool", locale: str = "en") -> pb.Photo:
    files = []
    for width in (480, 960, 1600):
        body = content(name, width)
        sha256 = hashlib.sha256(body).hexdigest()
        files.append(
            pb.PhotoFile(sha256=sha256, width=width, height=width * 3 // 4, size_bytes=len(body))
        )
    text = pb.LocalizedText(text=alt, locale=locale, requested_locale="en")
    return pb.Photo(photo_id=name, files=files, credit="<b>Hanako</b>", alt=text)


PHOTOS = {
    CODES[0]: [photo("a1"), photo("a2", "池", "ja"), photo("a3")],
    CODES[1]: [photo("b1"), photo("b2")],
}
BYTES = {
    file.sha256: content(one.photo_id, file.width)
    for found in PHOTOS.values() for one in found for file in one.files
}  # fmt: skip


@pytest.fixture
def seen(services: FakeServices) -> FakeServices:
    """A guide whose first two stops have photos."""
    plain = services.answers["ReadStop"]

    def stop(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        answer: pb.ReadStopResponse = plain(request)  # type: ignore[assignment] # it is one
        answer.stop.photos.extend(PHOTOS.get(request.stop_code, []))
        return answer

    def media(request: rec.ReadMediaRequest) -> rec.ReadMediaResponse:
        return rec.ReadMediaResponse(content=BYTES[request.sha256], media_type="image/webp")

    services.say_stops(stop)
    services.answers["ReadMedia"] = media
    return services


def test_the_first_photo_stands_under_the_name_and_the_others_below_the_text(
    browser: FlaskClient, seen: FakeServices
) -> None:
    page = browser.get(f"/g/{CODES[0]}", headers={"Accept-Language": "en"}).text
    first, second, third = (one.files for one in PHOTOS[CODES[0]])
    places = [page.index(f'src="/media/{files[0].sha256}"') for files in (first, second, third)]
    assert page.index("<h1") < places[0] < page.index('class="story"') < places[1] < places[2]
    assert f"/media/{first[0].sha256} 480w, /media/{first[1].sha256} 960w" in page
    assert 'width="1600" height="1200" alt="A blue pool" loading="lazy"' in page
    assert 'alt="池" lang="ja"' in page
    assert page.count("Photo: &lt;b&gt;Hanako&lt;/b&gt;") == 3
    assert page.count("described in 日本語") == 1  # of the one that is not in the page's language
    japanese = browser.get(f"/g/{CODES[0]}", headers={"Accept-Language": "ja"}).text
    assert 'alt="池" loading="lazy"' in japanese
    assert 'alt="A blue pool" lang="en"' in japanese
    assert japanese.count("説明はEnglish") == 2
    assert page.count('<figure class="photo">') == 3
    assert not seen.called("ReadMedia")  # the words do not wait for it


def test_a_photo_is_served_as_it_is_and_nothing_else(
    browser: FlaskClient, seen: FakeServices
) -> None:
    name = PHOTOS[CODES[0]][0].files[0].sha256
    answer = browser.get(f"/media/{name}")
    assert (answer.data, answer.content_type) == (BYTES[name], "image/webp")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def manifest(browser: FlaskClient) -> dict[str, str]:
    browser.application.extensions["meguri"].packs = packs.Packs()
    document = browser.get("/packs/mine/en/manifest.json").get_json()
    return {line["path"]: line["sha256"] for line in document["files"]}


def test_a_pack_carries_the_small_ones_and_its_pages_name_no_others(
    browser: FlaskClient, seen: FakeServices
) -> None:
    lines = manifest(browser)
    for one in (photo for found in PHOTOS.values() for photo in found):
        small, *larger = [f"/media/{file.sha256}" for file in one.files]
        assert small in lines
        assert not set(larger) & set(lines)
    page = browser.get(f"/packs/mine/en/files/{lines[f'/g/{CODES[0]}']}").text
    assert page.count('<figure class="photo">') == 3
    assert "srcset" not in page


@pytest.mark.parametrize("fit", range(6))
def test_what_does_not_fit_a_pack_is_left_out_least_important_first(
    browser: FlaskClient, seen: FakeServices, monkeypatch: pytest.MonkeyPatch, fit: int
) -> None:
    monkeypatch.setattr("services.edge.visitor.pack_pages.SPARE_BYTES", 0)
    plain = services_without(browser, seen)
    size = PHOTOS[CODES[0]][0].files[0].size_bytes + 2_000
    monkeypatch.setattr(packs, "BYTES_AT_MOST", plain + fit * size + 10)
    lines = manifest(browser)
    ranked = [PHOTOS[CODES[stop]][rank] for stop, rank in ((0, 0), (1, 0), (0, 1), (1, 1), (0, 2))]
    there = [f"/media/{one.files[0].sha256}" in lines for one in ranked]
    assert there == [at < fit for at in range(5)]
    page = browser.get(f"/packs/mine/en/files/{lines[f'/g/{CODES[1]}']}").text
    assert page.count('<figure class="photo">') == sum([there[1], there[3]])


def services_without(browser: FlaskClient, seen: FakeServices) -> int:
    """Returns the bytes of a pack without photos."""
    kept = {code: PHOTOS.pop(code) for code in CODES}
    try:
        browser.application.extensions["meguri"].packs = packs.Packs()
        return int(browser.get("/packs/mine/en/manifest.json").get_json()["bytes"])
    finally:
        PHOTOS.update(kept)
        browser.application.extensions["meguri"].ready.drop("mine")


def test_a_browser_asks_again_for_a_picture_after_an_hour(
    browser: FlaskClient, seen: FakeServices
) -> None:
    name = PHOTOS[CODES[0]][0].files[0].sha256
    answer = browser.get(f"/media/{name}")
    assert answer.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    known = {"If-None-Match": answer.headers["ETag"]}
    assert browser.get(f"/media/{name}", headers=known).status_code == 304


def erase(services: FakeServices) -> None:
    def gone(_: rec.ReadMediaRequest) -> rec.ReadMediaResponse:
        raise Failure(grpc.StatusCode.NOT_FOUND, "MEDIA_ERASED")

    services.answers["ReadMedia"] = gone


@pytest.mark.parametrize("way", ["event", "check", "doubt"])
def test_what_was_erased_is_gone_from_here_at_once(
    browser: FlaskClient, seen: FakeServices, parts: Parts, way: str
) -> None:
    watch = freshness.Watch(parts)
    name = PHOTOS[CODES[0]][0].files[0].sha256
    lines = manifest(browser)
    packed = f"/packs/mine/en/files/{lines[f'/media/{name}']}"
    assert browser.get(f"/media/{name}").status_code == 200
    assert browser.get(packed).status_code == 200
    kept, plain = PHOTOS.pop(CODES[0]), seen.answers["ListStopChanges"]

    def changes(request: pb.ListStopChangesRequest) -> pb.ListStopChangesResponse:
        answer: pb.ListStopChangesResponse = plain(request)  # type: ignore[assignment] # it is one
        answer.erase_number = 7
        return answer

    try:
        erase(seen)
        assert browser.get(f"/media/{name}").status_code == 200  # nothing was heard yet
        if way == "event":
            watch.on()["media_erased"]("mine")
        elif way == "doubt":
            watch.doubt()
        else:
            seen.answers["ListStopChanges"] = changes
            watch.check()
        for known in ({}, {"If-None-Match": f'"{name}"'}):
            answer = browser.get(f"/media/{name}", headers=known)
            assert answer.status_code == 410
            assert "no-store" in answer.headers["Cache-Control"]
        assert browser.get(packed).status_code == 404
    finally:
        PHOTOS[CODES[0]] = kept


def test_the_pack_says_how_many_photos_it_has_and_their_size(
    browser: FlaskClient, seen: FakeServices
) -> None:
    browser.application.extensions["meguri"].packs = packs.Packs()
    document = browser.get("/packs/mine/en/manifest.json").get_json()
    small = [one.files[0] for found in PHOTOS.values() for one in found]
    assert document["photos"] == len(small)
    assert document["photo_bytes"] == sum(each.size_bytes for each in small)
    page = browser.get("/pack", headers={"Accept-Language": "en"}).text
    assert 'data-photos="Photos: {photos}, {size} MB of it"' in page
