"""The page of the recorder: what is read aloud, who may, and what the script is told."""

import io
import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.edge.assets import Assets
from services.edge.guards import CONTENT_SECURITY_POLICY
from services.edge.studio.recordings import LONGEST_S
from services.multilingual.domain.sound import MAX_BYTES
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.studio.test_desk import desk, narration
from tests.pages.studio.test_pages import ORIGIN, browser, get, guide

__all__ = ["browser", "guide"]
PAGE = "/studio/K7Q2X/en"
HOST = "http://guide.example.jp"


@pytest.fixture
def listed(guide: FakeServices) -> pb.ListSpokenTextsResponse:
    """What the guide says there is to read."""
    found = pb.ListSpokenTextsResponse(
        texts=[
            pb.SpokenText(stop_code="M4T9B", text=narration("Another", what="Not this one.")),
            pb.SpokenText(
                stop_code="K7Q2X", text_sha256="ab" * 32,
                text=narration("Pool", what="It is 3.5 m deep. “Cold!” we say.", more="<b>Hi</b>"),
                person=guide_pb.Recording(credit="Hanako & Co"),
            ),
        ],
        terms=[
            guide_pb.TermSeed(term="deep", reading="diip"),
            guide_pb.TermSeed(term="elsewhere", reading="not here"),
        ],
    )  # fmt: skip
    guide.answers["ListSpokenTexts"] = lambda _: found
    return found


def send(browser: FlaskClient, accept: str, **fields: str) -> Any:
    page = get(browser, f"{PAGE}/record").text
    token = re.search(r'name="form_token" value="([^"]+)"', page)
    assert token is not None
    data = {"form_token": token[1], "request_id": "r-12345678", "credit": "花子", **fields}
    sound = {"sound": (io.BytesIO(b"RIFF"), "recording.wav", "audio/wav")}
    return browser.post(
        f"{PAGE}/recording", data=data | sound, base_url=HOST, headers=ORIGIN | {"Accept": accept}
    )


@pytest.mark.usefixtures("listed")
def test_what_visitors_read_is_shown_to_be_read(browser: FlaskClient) -> None:
    answer = get(browser, f"{PAGE}/record")
    page = answer.text
    for words in ("<span>It is 3.5 m deep.</span>", "&lt;b&gt;Hi&lt;/b&gt;", "diip"):
        assert words in page
    for words in ("Not this one.", "not here", "<b>Hi"):
        assert words not in page
    assert f'data-text="{"ab" * 32}"' in page
    assert 'value="Hanako &amp; Co"' in page  # who spoke last
    assert 'lang="en"' in page
    assert "台本" not in page  # a text of the guide is no script


@pytest.mark.usefixtures("listed")
def test_nothing_on_the_page_runs_that_is_not_a_file_of_ours(browser: FlaskClient) -> None:
    answer = get(browser, f"{PAGE}/record")
    assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
    assert "microphone=(self)" in answer.headers["Permissions-Policy"]
    assert not re.search(r"<script(?![^>]*\bsrc=)|\bstyle=|\bon[a-z]+=|<style", answer.text)
    scripts = re.findall(r'<script[^>]* src="(/static/[^"]+/record\.js)"', answer.text)
    assert len(scripts) == 1
    for name in ("record", "microphone", "worklet", "waiting", "wav"):
        path = scripts[0].replace("record.js", f"{name}.js").removeprefix("/static/")
        found = Assets().find(path)
        assert found is not None
        assert found[0].content_type.startswith("text/javascript")


@pytest.mark.usefixtures("listed")
def test_without_a_script_the_page_leads_to_the_desk(browser: FlaskClient) -> None:
    page = get(browser, f"{PAGE}/record").text
    [told] = re.findall(r"<noscript>(.+?)</noscript>", page, re.DOTALL)
    assert f'href="{PAGE}#recording"' in told
    assert re.search(r'data-part="bar"[^>]* hidden>', page)  # no button that does nothing


@pytest.mark.usefixtures("listed")
def test_the_longest_recording_fits_what_the_guide_takes(browser: FlaskClient) -> None:
    most = 44 + LONGEST_S * 24_000 * 2
    assert most <= MAX_BYTES < most + 24_000 * 2
    assert f'data-longest="{LONGEST_S}"' in get(browser, f"{PAGE}/record").text


def test_what_is_not_published_cannot_be_read(browser: FlaskClient, guide: FakeServices) -> None:
    guide.answers["ListSpokenTexts"] = lambda _: pb.ListSpokenTextsResponse()
    answer = get(browser, f"{PAGE}/record")
    assert answer.status_code == 404
    assert "公開された文がありません" in answer.text


@pytest.mark.usefixtures("listed")
def test_the_desk_leads_to_the_recorder_where_a_text_is_published(
    browser: FlaskClient, guide: FakeServices
) -> None:
    assert f"{PAGE}/record" not in get(browser, PAGE).text
    shown = desk("en")
    shown.published.CopyFrom(shown.latest)
    guide.answers["ReadNarration"] = lambda _: shown
    assert f'href="{PAGE}/record"' in get(browser, PAGE).text


@pytest.mark.usefixtures("listed")
def test_the_recorder_is_told_which_request_was_taken(
    browser: FlaskClient, guide: FakeServices
) -> None:
    guide.answers["PutRecording"] = lambda _: pb.PutRecordingResponse()
    answer = send(browser, "application/json", text_sha256="ab" * 32)
    assert answer.status_code == 200
    assert answer.json == {"taken": "r-12345678", "next": f"{PAGE}?done=recorded#recording"}
    [asked] = guide.called("PutRecording")
    assert (asked.request_id, asked.text_sha256) == ("r-12345678", "ab" * 32)
    assert (asked.audio, asked.credit) == (b"RIFF", "花子")
    assert send(browser, "text/html").status_code == 303  # a form is led on as ever


@pytest.mark.usefixtures("listed")
@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (grpc.StatusCode.UNAVAILABLE, "SOUNDS_BUSY", 503),
        (grpc.StatusCode.ABORTED, "TEXT_CHANGED", 409),
        (grpc.StatusCode.INVALID_ARGUMENT, "SOUND_REFUSED", 400),
    ],
)
def test_the_recorder_is_told_why_not(
    browser: FlaskClient, guide: FakeServices, code: grpc.StatusCode, reason: str, status: int
) -> None:
    def refuse(_: Any) -> pb.PutRecordingResponse:
        raise Failure(code, reason, "No.")

    guide.answers["PutRecording"] = refuse
    answer = send(browser, "application/json")
    assert answer.status_code == status
    assert answer.json["type"] == f"urn:meguri:problem:{reason.lower()}"
    assert answer.json["reason"] == reason.lower()
    assert answer.json["title"]
