"""The studio's recordings: heard, put in, taken away, and what a hostile file gets."""

import io
import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.edge.guards import BODY_LIMIT_BYTES
from services.edge.wings import FILE_BYTES
from tests.forms import sent
from tests.pages.edge.fakes import Failure, FakeServices, stamp
from tests.pages.studio.test_desk import desk
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide
from tests.sounds import silent_mp3

__all__ = ["browser", "guide"]
PAGE = "/studio/K7Q2X/en"


def spoken(**more: Any) -> pb.ListSpokenTextsResponse:
    return pb.ListSpokenTextsResponse(texts=[pb.SpokenText(stop_code="K7Q2X", **more)])


def send(browser: FlaskClient, sound: bytes, path: str = "recording", **fields: str) -> Any:
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-12345678", "credit": "花子", **fields}
    file = {"sound": (io.BytesIO(sound), "../../etc/passwd.mp3", "audio/mpeg")}
    form = sent(data | file)
    return browser.post(
        f"{PAGE}/{path}", base_url="http://guide.example.jp", headers=ORIGIN, **form
    )


def test_the_desk_says_what_is_heard(browser: FlaskClient, guide: FakeServices) -> None:
    assert "録音した音声を入れる" not in get(browser, PAGE).text  # no text, nothing to speak
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    unknown = get(browser, PAGE).text  # the guide does not say
    assert "録音した音声を入れる" in unknown
    assert "まだ音声がありません" not in unknown
    guide.answers["ListSpokenTexts"] = lambda _: pb.ListSpokenTextsResponse()
    assert "まだ音声がありません" in get(browser, PAGE).text
    machine = guide_pb.Recording(
        recording_id="r1", audio_sha256="a" * 64, origin=guide_pb.RECORDING_ORIGIN_MACHINE,
        credit="Mei", outdated=True,
    )  # fmt: skip
    guide.answers["ListSpokenTexts"] = lambda _: spoken(machine=machine)
    page = get(browser, PAGE).text
    for words in ("機械の声", "Mei", "録音のあとで文が変わりました", f"/media/{'a' * 64}"):
        assert words in page
    person = guide_pb.Recording(origin=guide_pb.RECORDING_ORIGIN_PERSON, credit="花子")
    guide.answers["ListSpokenTexts"] = lambda _: spoken(machine=machine, person=person)
    assert "機械の声" not in get(browser, PAGE).text


def test_a_lent_recording_says_where_it_was_recorded(
    browser: FlaskClient, guide: FakeServices
) -> None:
    """It is taken away where it was put in, not from here."""
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    lent = guide_pb.Recording(
        recording_id="r1", origin=guide_pb.RECORDING_ORIGIN_PERSON, credit="花子", locale="ja"
    )
    guide.answers["ListSpokenTexts"] = lambda _: spoken(lent=lent)
    page = get(browser, PAGE).text
    assert 'href="/studio/K7Q2X/ja#recording"' in page
    assert "話しことばは同じ" in page
    assert "recording/remove" not in page
    own = guide_pb.Recording(recording_id="r2", origin=guide_pb.RECORDING_ORIGIN_PERSON)
    guide.answers["ListSpokenTexts"] = lambda _: spoken(person=own, lent=lent)
    page = get(browser, PAGE).text
    assert "話しことばは同じ" not in page
    assert "recording/remove" in page


def test_a_file_is_handed_on_as_it_came(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["PutRecording"] = lambda _: pb.PutRecordingResponse()
    sound = silent_mp3(800)
    assert len(sound) > BODY_LIMIT_BYTES
    answer = send(browser, sound, transcript="One.\r\nTwo.", speaker_agreed="1")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=recorded#recording")
    [asked] = guide.called("PutRecording")
    assert (asked.audio, asked.credit, asked.transcript) == (sound, "花子", "One.\nTwo.")
    assert (asked.stop_code, asked.locale) == ("K7Q2X", "en")
    assert (asked.speaker_agreed, asked.word_for_word) == (True, False)
    assert asked.origin == guide_pb.RECORDING_ORIGIN_PERSON
    assert "この音声が流れるようになりました" in get(browser, f"{PAGE}?done=recorded").text


@pytest.mark.parametrize(
    ("sound", "captions", "ticked", "done"),
    [
        (b"RIFF....WAVE", "", "1", "recorded-bare"),
        (b"RIFF....WAVE", "c" * 64, "1", "recorded"),
        (b"RIFF....WAVE", "", "", "recorded"),
        (silent_mp3(), "", "1", "recorded"),  # nobody looks for pauses in it
    ],
)
def test_a_wav_without_the_captions_somebody_hoped_for_says_so(
    browser: FlaskClient, guide: FakeServices, sound: bytes, captions: str, ticked: str, done: str
) -> None:
    kept = guide_pb.Recording(captions_sha256=captions)
    guide.answers["PutRecording"] = lambda _: pb.PutRecordingResponse(recording=kept)
    answer = send(browser, sound, speaker_agreed="1", **({"word_for_word": "1"} if ticked else {}))
    assert answer.location == f"{PAGE}?done={done}#recording"
    page = get(browser, answer.location).text
    assert "この音声が流れるようになりました" in page
    assert ("字幕はありません" in page) == (done == "recorded-bare")


def test_what_the_guide_refuses_is_explained(browser: FlaskClient, guide: FakeServices) -> None:
    def refuse(_: Any) -> pb.PutRecordingResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "SOUND_REFUSED", "This is no MP3.")

    guide.answers["PutRecording"] = refuse
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    ticks = {"speaker_agreed": "1", "word_for_word": "1"}
    answer = send(browser, b"<script>alert(1)</script>", transcript="One.\r\nTwo <b>.", **ticks)
    assert answer.status_code == 422
    assert "録音し直してください" in answer.text
    assert "<script>alert" not in answer.text
    assert form_of(answer.text) == ("花子", "One.\nTwo &lt;b&gt;.", 2)
    assert '<a href="#recording">' in answer.text
    assert form_of(get(browser, PAGE).text) == ("", "", 0)


def form_of(page: str) -> tuple[str, str, int]:
    """What stands in the form of the recording: credit, transcript, ticks."""
    form = page[page.index('class="studio-record"') :].replace("\r\n", "\n")
    credit = re.search(r'name="credit"[^>]* value="([^"]*)"', form)
    transcript = re.search(r'name="transcript"[^>]*>([^<]*)<', form)
    assert credit is not None
    assert transcript is not None
    return credit[1], transcript[1], form.count(" checked>")


def test_the_recorder_is_told_of_a_refusal_as_data(
    browser: FlaskClient, guide: FakeServices
) -> None:
    def refuse(_: Any) -> pb.PutRecordingResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "SOUND_REFUSED")

    guide.answers["PutRecording"] = refuse
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    answer = browser.post(
        f"{PAGE}/recording", data={"form_token": token[1], "request_id": "r-12345678"},
        base_url="http://guide.example.jp", headers={**ORIGIN, "Accept": "application/json"},
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["reason"]) == (400, "sound_refused")


def test_what_no_page_can_tell_is_told_as_before(browser: FlaskClient, guide: FakeServices) -> None:
    def refuse(_: Any) -> pb.PutRecordingResponse:
        raise Failure(grpc.StatusCode.UNAVAILABLE, "")

    guide.answers["PutRecording"] = refuse
    assert send(browser, b"x").status_code == 503


@pytest.mark.parametrize("size", [3_000_001, FILE_BYTES, 9_000_000])
def test_a_sound_that_is_too_large_leaves_the_page_and_what_was_typed(
    browser: FlaskClient, guide: FakeServices, size: int
) -> None:
    def refuse(_: Any) -> pb.PutRecordingResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "SOUND_REFUSED")

    guide.answers["PutRecording"] = refuse
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    answer = send(browser, bytes(size), transcript="One.", speaker_agreed="1")
    assert answer.status_code == (422 if size == 3_000_001 else 413)
    assert len(guide.called("PutRecording")) == (size == 3_000_001)
    assert "音声は3 MBまでです" in answer.text
    assert f"ファイルは{3.1 if size < 9_000_000 else 9} MBです" in answer.text
    assert form_of(answer.text) == ("花子", "One.", 1)


def test_a_page_that_came_again_may_be_opened_anew(
    browser: FlaskClient, guide: FakeServices
) -> None:
    again = get(browser, f"{PAGE}/recording")
    assert (again.status_code, again.location) == (303, f"{PAGE}#recording")


@pytest.mark.parametrize("path", ["/studio/K7Q2X/en/recording", "/studio/K7Q2X/en"])
def test_strangers_send_no_more_than_a_form(
    browser: FlaskClient, guide: FakeServices, path: str
) -> None:
    browser.delete_cookie("meguri_session", domain="guide.example.jp")
    answer = browser.post(
        path, data=bytes(BODY_LIMIT_BYTES + 1), base_url="http://guide.example.jp", headers=ORIGIN
    )
    assert answer.status_code == 413


def test_a_recording_is_taken_away(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["RemoveRecording"] = lambda _: pb.RemoveRecordingResponse()
    answer = send(browser, b"", "recording/remove", recording_id="r1")
    assert answer.location == f"{PAGE}?done=silenced#recording"
    [asked] = guide.called("RemoveRecording")
    assert (asked.recording_id, asked.stop_code, asked.locale) == ("r1", "K7Q2X", "en")
    assert "音声を外しました" in get(browser, f"{PAGE}?done=silenced").text


def test_a_term_without_a_reading_is_named(browser: FlaskClient, guide: FakeServices) -> None:
    """The draft is saved, and the page says which term holds the publication back."""

    def refuse(_: Any) -> Any:
        failure = Failure(grpc.StatusCode.FAILED_PRECONDITION, "READING_MISSING", "鍾乳石: none")
        raise failure

    guide.answers["PublishNarration"] = refuse
    token = re.search(r'name="form_token" value="([^"]+)"', get(browser, PAGE).text)
    assert token is not None
    fields = {
        "form_token": token[1], "request_id": "r-12345678", "name": "Pool", "text-what": "New.",
        "topic-what": "1", "base_revision": "3", "source_revision": "2", "paragraph": "what",
        "published_revision": "3", "action": "publish",
    }  # fmt: skip
    answer = browser.post(PAGE, data=fields, base_url="http://guide.example.jp", headers=ORIGIN)
    assert answer.status_code == 409
    assert "公開していません" in answer.text
    assert guide.called("SaveDraft")


def test_an_earlier_one_is_listened_to_and_brought_back(
    browser: FlaskClient, guide: FakeServices
) -> None:
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    earlier = pb.EarlierRecording(
        recording=guide_pb.Recording(recording_id="r9", audio_sha256="b" * 64, credit="太郎"),
        author="u2", create_time=stamp(datetime(2026, 11, 3, tzinfo=UTC)),
    )  # fmt: skip
    guide.answers["ListSpokenTexts"] = lambda _: spoken(earlier=[earlier])
    page = get(browser, PAGE).text
    assert "太郎" in page
    assert f"/media/{'b' * 64}" in page
    guide.answers["RestoreRecording"] = lambda _: pb.RestoreRecordingResponse()
    answer = send(browser, b"", "recording/restore", recording_id="r9")
    assert (answer.status_code, answer.location) == (303, f"{PAGE}?done=recorded#recording")
    [asked] = guide.called("RestoreRecording")
    assert (asked.recording_id, asked.stop_code, asked.locale) == ("r9", "K7Q2X", "en")


def test_what_needs_a_voice_stands_first(browser: FlaskClient, guide: FakeServices) -> None:
    person, machine = guide_pb.RECORDING_ORIGIN_PERSON, guide_pb.RECORDING_ORIGIN_MACHINE

    def said(code: str, name: str, **more: Any) -> pb.SpokenText:
        return pb.SpokenText(stop_code=code, text=guide_pb.NarrationText(name=name), **more)

    texts = [
        said("A", "人の声", person=guide_pb.Recording(origin=person, duration_ms=12_400)),
        said("B", "古い声", person=guide_pb.Recording(origin=person, outdated=True)),
        said("C", "機械", machine=guide_pb.Recording(origin=machine)),
        said("D", "古い機械", machine=guide_pb.Recording(origin=machine, outdated=True)),
        said("E", "借りた声", lent=guide_pb.Recording(origin=person, locale="zh-Hant")),
    ]
    guide.answers["ListSpokenTexts"] = lambda _: pb.ListSpokenTextsResponse(texts=texts)
    page = get(browser, "/studio/recordings?in=ja").text
    order = [page.index(f">{each.text.name}<") for each in texts]
    assert order[1] < order[3] < order[2] < order[0] < order[4]
    assert "12秒" in page
    assert 'href="/studio/B/ja/record"' in page
    get(browser, "/studio/recordings?in=tlh")  # no language of the area: the first one
    assert guide.called("ListSpokenTexts")[-1].locale == "ja"
