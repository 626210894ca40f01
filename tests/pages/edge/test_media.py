"""What is heard: bytes in pieces, kept by their hash, with the page and the pack that name them."""

import hashlib
import re

import grpc
import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1 import recording_service_pb2 as rec
from services.edge import packs
from services.edge.media import Media, MediaShelf
from services.edge.visitor import stop_page
from tests.pages.edge.fakes import NAMES, Failure, FakeServices
from tests.sounds import silent_mp3

SOUND, VTT = silent_mp3(2.4), b"WEBVTT\n\n1\n00:00:00.000 --> 00:00:02.400\nPool\n"
SOUND_NAME, VTT_NAME = (hashlib.sha256(each).hexdigest() for each in (SOUND, VTT))
BYTES = {SOUND_NAME: (SOUND, "audio/mpeg"), VTT_NAME: (VTT, "text/vtt; charset=utf-8")}
CODE = NAMES[0][0]


def recording(**more: object) -> pb.Recording:
    told: dict[str, object] = {
        "recording_id": "r1", "audio_sha256": SOUND_NAME, "audio_type": "audio/mpeg",
        "audio_bytes": len(SOUND), "duration_ms": 2400, "captions_sha256": VTT_NAME,
        "captions_bytes": len(VTT), "origin": pb.RECORDING_ORIGIN_MACHINE, "credit": "Mei",
    }  # fmt: skip
    return pb.Recording(**told | more)  # type: ignore[arg-type] # as given


@pytest.fixture
def heard(services: FakeServices) -> FakeServices:
    """A guide whose first two stops are heard."""
    plain = services.answers["ReadStop"]

    def stop(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        answer: pb.ReadStopResponse = plain(request)  # type: ignore[assignment] # it is one
        if request.stop_code in (NAMES[0][0], NAMES[1][0]):
            answer.stop.recording.CopyFrom(recording())
        return answer

    def media(request: rec.ReadMediaRequest) -> rec.ReadMediaResponse:
        if request.sha256 not in BYTES:
            raise Failure(grpc.StatusCode.NOT_FOUND, "MEDIA_UNKNOWN")
        content, kind = BYTES[request.sha256]
        return rec.ReadMediaResponse(content=content, media_type=kind)

    services.say_stops(stop)
    services.answers["ReadMedia"] = media
    return services


@pytest.mark.parametrize(
    ("wanted", "status", "piece", "content_range"),
    [
        ("", 200, SOUND, None),
        ("bytes=0-99", 206, SOUND[:100], f"bytes 0-99/{len(SOUND)}"),
        ("bytes=4000-", 206, SOUND[4000:], f"bytes 4000-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=-50", 206, SOUND[-50:], f"bytes {len(SOUND) - 50}-{len(SOUND) - 1}/{len(SOUND)}"),
        ("bytes=100-999999", 206, SOUND[100:], f"bytes 100-{len(SOUND) - 1}/{len(SOUND)}"),
        (f"bytes={len(SOUND)}-", 416, b"", f"bytes */{len(SOUND)}"),
        ("bytes=9-3", 416, b"", f"bytes */{len(SOUND)}"),
    ],
)
def test_a_player_gets_the_piece_it_asks_for(
    browser: FlaskClient, heard: FakeServices, wanted: str, status: int, piece: bytes,
    content_range: str | None,
) -> None:  # fmt: skip
    headers = {"Range": wanted} if wanted else {}
    answer = browser.get(f"/media/{SOUND_NAME}", headers=headers)
    assert (answer.status_code, answer.data) == (status, piece)
    assert answer.headers.get("Content-Range") == content_range
    assert answer.headers["Accept-Ranges"] == "bytes"
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_content_is_kept_for_an_hour_and_asked_of_the_guide_once(
    browser: FlaskClient, heard: FakeServices
) -> None:
    first = browser.get(f"/media/{SOUND_NAME}")
    assert (first.headers["ETag"], first.content_type) == (f'"{SOUND_NAME}"', "audio/mpeg")
    # A voice may be erased: no browser and no cache between has it longer.
    assert first.headers["Cache-Control"] == "public, max-age=3600, must-revalidate"
    same = browser.get(f"/media/{SOUND_NAME}", headers={"If-None-Match": first.headers["ETag"]})
    assert (same.status_code, same.data) == (304, b"")
    other = {"Range": "bytes=0-9", "If-Range": '"another"'}
    assert browser.get(f"/media/{SOUND_NAME}", headers=other).data == SOUND
    assert browser.head(f"/media/{SOUND_NAME}").headers["Content-Length"] == str(len(SOUND))
    assert len(heard.called("ReadMedia")) == 1


def test_what_is_no_name_is_not_asked_for(browser: FlaskClient, heard: FakeServices) -> None:
    for name in ("x", "A" * 64, "a" * 63, "..%2f..%2fetc"):
        assert browser.get(f"/media/{name}").status_code == 404
    assert not heard.called("ReadMedia")
    assert browser.get(f"/media/{'a' * 64}").status_code == 404
    heard.away.add("multilingual")
    answer = browser.get(f"/media/{'b' * 64}")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (503, "no-store")


def test_the_page_plays_only_when_asked_and_says_who_speaks(
    browser: FlaskClient, heard: FakeServices
) -> None:
    page = browser.get(f"/g/{CODE}", headers={"Accept-Language": "en"}).text
    assert '<audio controls preload="none"' in page
    assert "autoplay" not in page
    assert f'<source src="/media/{SOUND_NAME}" type="audio/mpeg">' in page
    assert f'src="/media/{VTT_NAME}" srclang="en"' in page
    assert "Machine voice" in page
    assert "Voice: Mei" in page
    for paragraph in ("size", "formation", "tale", "doubt"):
        assert f'data-said="{paragraph}"' in page


def test_a_person_is_named_and_what_is_said_can_be_read(
    browser: FlaskClient, services: FakeServices
) -> None:
    plain = services.answers["ReadStop"]
    spoken = recording(origin=pb.RECORDING_ORIGIN_PERSON, credit="<b>Hanako</b>", outdated=True,
                       transcript="Welcome.", captions_sha256="")  # fmt: skip

    def stop(request: pb.ReadStopRequest) -> pb.ReadStopResponse:
        answer: pb.ReadStopResponse = plain(request)  # type: ignore[assignment] # it is one
        answer.stop.recording.CopyFrom(spoken)
        return answer

    services.say_stops(stop)
    page = browser.get(f"/g/{CODE}", headers={"Accept-Language": "en"}).text
    assert "Machine voice" not in page
    assert "Recording: &lt;b&gt;Hanako&lt;/b&gt;" in page
    assert "The text was changed after this was recorded." in page
    assert "Welcome." in page
    assert "<track" not in page


def test_without_a_recording_the_phones_own_voice_is_offered_and_named(
    browser: FlaskClient,
) -> None:
    page = browser.get(f"/g/{CODE}", headers={"Accept-Language": "en"}).text
    assert "<audio" not in page
    assert re.search(r'<section [^>]*data-own-voice[^>]* data-lang="en" hidden>', page)
    assert "Voice of this phone" in page


def test_a_pack_carries_what_is_heard_and_counts_it(
    browser: FlaskClient, heard: FakeServices
) -> None:
    document = browser.get("/packs/mine/en/manifest.json").get_json()
    lines = {line["path"]: line for line in document["files"]}
    assert document["recordings"] == 2
    sound = lines[f"/media/{SOUND_NAME}"]
    assert (sound["type"], sound["ranges"], sound["bytes"]) == ("audio/mpeg", True, len(SOUND))
    assert lines[f"/media/{VTT_NAME}"]["type"] == "text/vtt; charset=utf-8"
    kept = browser.get(f"/packs/mine/en/files/{SOUND_NAME}", headers={"Accept-Encoding": "gzip"})
    assert kept.data == SOUND
    assert "Content-Encoding" not in kept.headers


def test_what_does_not_fit_a_pack_is_left_out_from_the_end_and_its_page_says_nothing(
    browser: FlaskClient, heard: FakeServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = browser.get("/packs/mine/en/manifest.json").get_json()
    pages = plain["bytes"] - len(SOUND) - len(VTT)
    one = pages + len(SOUND) + len(VTT)
    monkeypatch.setattr("services.edge.visitor.pack_pages.SPARE_BYTES", 0)
    monkeypatch.setattr(packs, "BYTES_AT_MOST", one + 10)
    browser.application.extensions["meguri"].packs = packs.Packs()
    document = browser.get("/packs/mine/en/manifest.json").get_json()
    assert document["recordings"] == 1
    names = {line["path"]: line["sha256"] for line in document["files"]}
    first, second = (
        browser.get(f"/packs/mine/en/files/{names[f'/g/{row[0]}']}").text for row in NAMES[:2]
    )
    assert "<audio" in first
    assert "<audio" not in second


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 60)), max_size=40))
def test_the_shelf_never_holds_more_than_it_may(asked: list[tuple[int, int]]) -> None:
    shelf = MediaShelf(100)
    sizes: dict[int, int] = {}
    for name, wanted in asked:
        size = sizes.setdefault(name, wanted)
        media = Media(bytes(size), "audio/mpeg")
        assert len(shelf.get("mine", str(name), lambda kept=media: kept).content) == size  # type: ignore[misc] # a default
        assert sum(len(each.content) for each in shelf._kept.values()) == shelf._bytes <= 100


@pytest.mark.parametrize(("ms", "told"), [(0, "0:00"), (59_600, "1:00"), (65_400, "1:05")])
def test_lengths_are_told_as_players_do(ms: int, told: str) -> None:
    assert stop_page.length(ms) == told


def test_what_was_asked_for_before_an_erasure_is_not_kept_after_it() -> None:
    shelf = MediaShelf()

    def slow() -> Media:
        shelf.forget("mine")  # somebody erases it while the guide answers
        return Media(b"old", "image/webp")

    def gone() -> Media:
        raise LookupError

    assert shelf.get("mine", "a", slow).content == b"old"
    with pytest.raises(LookupError):
        shelf.get("mine", "a", gone)
    shelf.get("mine", "a", lambda: Media(b"new", "image/webp"))
    shelf.get("other", "a", lambda: Media(b"theirs", "image/webp"))
    shelf.forget("mine")
    assert shelf.get("other", "a", gone).content == b"theirs"
    with pytest.raises(LookupError):
        shelf.get("mine", "a", gone)


def test_a_pack_that_was_begun_before_an_erasure_is_made_anew() -> None:
    kept = packs.Packs()
    one = packs.Pack("1", b"{}", {"f": packs.PackFile("/", b"x", "text/html")})

    def slow(_before: packs.Pack | None) -> packs.Pack:
        kept.forget("mine")
        return one

    assert kept.get("mine", "en", 1, slow) is one
    assert kept.file("mine", "en", "f") is None
    assert kept.get("mine", "en", 1, lambda _: packs.Pack("2", b"", {})).version == "2"
