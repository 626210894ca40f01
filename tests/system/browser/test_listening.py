"""Listening to a stop where there is no signal: the sound plays and seeks out of the pack, the
words being said are shown, and nothing plays by itself."""

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from chaos.peers import owner_peers
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from meguri.multilingual.v1.recording_service_pb2_grpc import RecordingServiceStub
from tests.platform import Platform
from tests.sounds import silent_mp3
from tests.system.browser.conftest import Visit
from tests.system.browser.phones import codes, loaded, phone_in
from tests.system.look import check_axe, shoot, until

pytestmark = [pytest.mark.platform, pytest.mark.browser]
__all__ = ["phone_in"]

LENGTH_S, SECOND_CUE_S, DEADLINE_S = 9.6, 4.0, 20
PIECE = """async (range) => {
  const answer = await fetch(document.querySelector("source").src, { headers: { Range: range } });
  return [answer.status, answer.headers.get("Content-Range"), (await answer.arrayBuffer()).byteLength];
}"""  # noqa: E501 - a script reads best unbroken


@pytest.fixture
def spoken(platform: Platform) -> Iterator[tuple[str, list[str], int]]:
    """A stop that is heard in Japanese: its code, the words of its captions, bytes of its sound."""
    with owner_peers(platform) as peers:
        stub: Any = RecordingServiceStub(peers.channel("multilingual"))
        listed = stub.ListSpokenTexts(pb.ListSpokenTextsRequest(locale="ja"), timeout=DEADLINE_S)
        each = listed.texts[0]
        paragraph = each.text.paragraphs[0]
        words = [each.text.name, paragraph.text[:9]]
        cues = [
            pb.Cue(start_ms=0, end_ms=int(SECOND_CUE_S * 1000), text=words[0]),
            pb.Cue(start_ms=int(SECOND_CUE_S * 1000), end_ms=int(LENGTH_S * 1000), text=words[1],
                   paragraph_id=paragraph.paragraph_id, start_char=0, end_char=9),
        ]  # fmt: skip
        sound = silent_mp3(LENGTH_S)
        put = stub.PutRecording(
            pb.PutRecordingRequest(
                request_id=str(uuid.uuid4()), stop_code=each.stop_code, locale="ja", audio=sound,
                origin=guide_pb.RECORDING_ORIGIN_MACHINE, cues=cues, credit="Silence",
                text_sha256=each.text_sha256,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip
        yield each.stop_code, words, len(sound)
        gone = pb.RemoveRecordingRequest(
            request_id=str(uuid.uuid4()), recording_id=put.recording.recording_id
        )
        stub.RemoveRecording(gone, timeout=DEADLINE_S)


@pytest.fixture
def recorded(platform: Platform) -> Iterator[str]:
    """A stop that a person has recorded in English, without captions: its code."""
    with owner_peers(platform) as peers:
        stub: Any = RecordingServiceStub(peers.channel("multilingual"))
        listed = stub.ListSpokenTexts(pb.ListSpokenTextsRequest(locale="en"), timeout=DEADLINE_S)
        code = listed.texts[1].stop_code
        put = stub.PutRecording(
            pb.PutRecordingRequest(
                request_id=str(uuid.uuid4()), stop_code=code, locale="en", credit="Silence",
                audio=silent_mp3(LENGTH_S), origin=guide_pb.RECORDING_ORIGIN_PERSON,
                speaker_agreed=True,
            ),
            timeout=DEADLINE_S,
        )  # fmt: skip
        yield code
        gone = pb.RemoveRecordingRequest(
            request_id=str(uuid.uuid4()), recording_id=put.recording.recording_id
        )
        stub.RemoveRecording(gone, timeout=DEADLINE_S)


def at(page: Page) -> float:
    return float(page.evaluate("document.querySelector('audio').currentTime"))


def reach(page: Page, low: float, high: float) -> None:
    """Waits until the sound is between two moments (seconds)."""
    for _ in range(200):
        if low <= at(page) < high:
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"the sound is at {at(page)}")


def lit(page: Page) -> str:
    return str(page.evaluate("[...(CSS.highlights.get('spoken') ?? [])].map(String).join('|')"))


def test_a_stop_is_heard_without_signal_and_its_words_are_shown(
    phone_in: Callable[..., Visit], spoken: tuple[str, list[str], int]
) -> None:
    code, words, size = spoken
    phone = phone_in("ja")
    page = loaded(phone)
    expect(page.locator("[data-part=counts]")).to_contain_text("音声 1 件")
    phone.context.set_offline(True)
    page.goto(f"{phone.site.url}/g/{code}")
    play, caption = page.locator("[data-part=play]"), page.locator("[data-part=caption]")
    expect(play).to_have_attribute("aria-label", "再生")
    assert page.evaluate("document.querySelector('audio').paused")
    check_axe(page)

    play.focus()
    page.keyboard.press("Enter")
    expect(caption).to_have_text(words[0])
    reach(page, 0.3, LENGTH_S)
    page.locator("[data-part=seek]").fill(str(int(SECOND_CUE_S * 1000) + 900))
    expect(caption).to_have_text(words[1])
    assert SECOND_CUE_S + 0.8 <= at(page) < LENGTH_S
    assert lit(page) == words[1]
    shoot(page, "listening-ja")
    page.click("[data-part=back]")
    reach(page, 0, SECOND_CUE_S)
    expect(caption).to_have_text(words[0])
    play.press("Enter")
    assert page.evaluate("document.querySelector('audio').paused")

    assert page.evaluate(PIECE, "bytes=10-19") == [206, f"bytes 10-19/{size}", 10]
    assert page.evaluate(PIECE, "bytes=-5") == [206, f"bytes {size - 5}-{size - 1}/{size}", 5]
    assert page.evaluate(PIECE, f"bytes={size}-") == [416, f"bytes */{size}", 0]
    phone.complaints[:] = [each for each in phone.complaints if "status of 416" not in each]
    phone.context.set_offline(False)


def test_a_recording_without_captions_plays_and_shows_how_far_it_is(
    phone_in: Callable[..., Visit], recorded: str
) -> None:
    page = phone_in("en").open(f"/g/{recorded}")
    until(page, "() => document.querySelector('[data-part=play]') !== null")
    page.click("[data-part=play]")
    reach(page, 0.3, LENGTH_S)
    done = "() => Number(getComputedStyle(document.querySelector('[data-part=pieces] > *'))"
    until(page, done + ".getPropertyValue('--done')) > 0.02")
    expect(page.locator("[data-part=caption]")).to_have_text("")
    page.click("[data-part=play]")
    assert page.evaluate("document.querySelector('audio').paused")


# A phone with two voices, one of them on somebody's server; what is said is kept.
VOICES = """
self.said = [];
speechSynthesis.getVoices = () => [
  { lang: "en-US", localService: false, name: "far" }, { lang: "LOCAL", localService: true, name: "near" },
];
speechSynthesis.speak = (utterance) => said.push([utterance.text, utterance.lang]);
SpeechSynthesisUtterance = class { constructor(text) { this.text = text; } };
"""  # noqa: E501 - a script reads best unbroken


@pytest.mark.parametrize(("voice", "offered"), [("en-GB", True), ("de-DE", False)])
def test_a_phones_own_voice_is_offered_where_it_speaks_the_language(
    phone_in: Callable[..., Visit],
    voice: str,
    offered: bool,  # noqa: FBT001 - a parameter
) -> None:
    phone = phone_in("en")
    phone.context.add_init_script(VOICES.replace("LOCAL", voice))
    page = phone.open(f"/g/{codes(phone)[0]}")
    own = page.locator("[data-own-voice]")
    if not offered:
        expect(own).to_be_hidden()
        return
    expect(own).to_contain_text("Voice of this phone")
    check_axe(page)
    own.get_by_role("button").click()
    expect(own.get_by_role("button")).to_have_text("Stop reading")
    said = page.evaluate("said")
    assert said[0] == [page.inner_text("h1"), "en-GB"]
    assert len(said) == 1 + page.locator("[data-said]").count()
