"""From a text to one sound with captions, and what `./meguri guide speak` does with all texts."""

from collections.abc import Sequence
from typing import Any

import grpc
import numpy as np
import pytest

from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import recording_service_pb2 as pb
from services.multilingual.cli import speaking
from services.multilingual.domain.captions import check
from services.multilingual.domain.narration import Paragraph, Text, Topic
from services.multilingual.domain.speech import Sentence, Term
from services.multilingual.gateways import voices
from services.multilingual.gateways.speech import Piece, VoiceAway, narrate
from tests.sounds import silent_mp3

RATE, LETTER = 8_000, 800  # a tenth of a second a letter


class Hummer:
    """A voice that hums for each letter and knows where its phrases are, or not."""

    rate, credit = RATE, "Hummer"

    def __init__(self, terms: Sequence[Term] = (), *, tells: bool = True) -> None:
        self.terms, self.tells, self.said = terms, tells, list[str]()

    def reads_as(self, _word: str) -> str:
        return ""

    def unknown(self, text: str) -> Sequence[str]:
        return ("龘",) if "龘" in text else ()

    def say(self, sentence: Sentence) -> Piece:
        self.said += [each.spoken for each in sentence.phrases]
        lengths = tuple(len(each.spoken) * LETTER for each in sentence.phrases)
        hum = 0.1 * np.sin(np.arange(sum(lengths)) * 0.8)
        return Piece(hum, lengths if self.tells else (len(hum),))


TEXT = Text(
    "池", "いけ", (Paragraph("what", Topic.FORMATION, "水が、たまる。広い。"),
                   Paragraph("way", Topic.ACCESS, "右へ。")),
)  # fmt: skip


def test_captions_are_as_long_as_the_sound_and_know_their_place() -> None:
    made = narrate(Hummer(), TEXT, delay_ms=46)
    length_ms = len(made.wave) * 1000 // RATE
    check(made.cues, length_ms + 46)
    assert made.cues[-1].end_ms == pytest.approx(length_ms + 46, abs=1)
    assert [(each.text, each.paragraph_id, each.start, each.end) for each in made.cues] == [
        ("池", "", 0, 1), ("水が、", "what", 0, 3), ("たまる。", "what", 3, 7),
        ("広い。", "what", 7, 10), ("右へ。", "way", 0, 3),
    ]  # fmt: skip
    name, first, second = made.cues[:3]
    assert name.end_ms == 46 + 200 + 700  # two morae and the pause behind a name
    assert (first.end_ms - first.start_ms, second.end_ms - second.start_ms) == (200, 300 + 350)


def test_a_voice_that_tells_no_phrases_makes_a_cue_of_each_sentence() -> None:
    made = narrate(Hummer(tells=False), TEXT, delay_ms=0)
    assert [each.text for each in made.cues] == ["池", "水が、たまる。", "広い。", "右へ。"]
    assert (made.cues[1].start, made.cues[1].end) == (0, 7)


def test_there_is_a_voice_for_japanese_and_for_any_language_by_address() -> None:
    with pytest.raises(VoiceAway, match="--server"):
        voices.choose("fr", "", "")
    with pytest.raises(VoiceAway, match="--credit"):
        voices.choose("fr", "http://127.0.0.1:1", "")
    assert callable(voices.choose("ja", "", ""))
    with pytest.raises(VoiceAway, match="http"):
        voices.choose("fr", "file:///etc/passwd", "Somebody")([])


class FakeStub:
    """The guide's door: lists some texts and keeps what is put in."""

    def __init__(self, *texts: pb.SpokenText, terms: Sequence[guide_pb.TermSeed] = ()) -> None:
        self.texts, self.terms, self.put = texts, terms, list[pb.PutRecordingRequest]()

    def ListSpokenTexts(self, _request: Any, timeout: float) -> pb.ListSpokenTextsResponse:
        return pb.ListSpokenTextsResponse(texts=self.texts, terms=self.terms)

    def PutRecording(
        self, request: pb.PutRecordingRequest, timeout: float
    ) -> pb.PutRecordingResponse:
        self.put.append(request)
        told = guide_pb.Recording(audio_bytes=len(request.audio), duration_ms=2_000)
        return pb.PutRecordingResponse(recording=told)


def of(code: str, words: str, reading: str = "いけ", **more: Any) -> pb.SpokenText:
    paragraph = guide_pb.Paragraph(paragraph_id="what", topic=1, text=words)  # type: ignore[arg-type] # a number
    text = guide_pb.NarrationText(name="池", reading=reading, paragraphs=[paragraph])
    return pb.SpokenText(stop_code=code, text=text, text_sha256=code * 2, **more)


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "encode", lambda _wave, _rate: silent_mp3())


def run(stub: FakeStub, *, again: bool = False, only: str = "") -> tuple[Any, list[str]]:
    told: list[str] = []
    done = speaking.speak(stub, Hummer, "ja", only, again=again, say=told.append)
    return done, told


@pytest.mark.usefixtures("encoded")
def test_what_is_new_or_changed_is_spoken_and_nothing_else() -> None:
    stub = FakeStub(
        of("AAAAA", "水。"),
        of("BBBBB", "水。", machine=guide_pb.Recording(outdated=True)),
        of("CCCCC", "水。", machine=guide_pb.Recording()),
        of("DDDDD", "水。", person=guide_pb.Recording(outdated=True)),
    )
    done, told = run(stub)
    assert [each.stop_code for each in stub.put] == ["AAAAA", "BBBBB"]
    assert (done["spoken"], done["there"], done["seconds"]) == (2, 2, 4)
    assert told == ["1/2 AAAAA 池: 2.0 s", "2/2 BBBBB 池: 2.0 s"]
    [first, _] = stub.put
    assert (first.origin, first.credit) == (guide_pb.RECORDING_ORIGIN_MACHINE, "Hummer")
    assert first.text_sha256 == "AAAAA" * 2
    assert first.cues[1].paragraph_id == "what"
    stub.put.clear()
    run(stub, again=True, only="ccccc")
    assert [each.stop_code for each in stub.put] == ["CCCCC"]


@pytest.mark.usefixtures("encoded")
def test_a_text_nobody_can_read_is_left_silent_and_its_terms_are_named() -> None:
    stub = FakeStub(
        of("AAAAA", "秋芳洞です。"), of("BBBBB", "龘です。"), of("CCCCC", "水。", reading=""),
        of("DDDDD", "水。"), terms=[guide_pb.TermSeed(locale="ja", term="秋芳洞")],
    )  # fmt: skip
    done, told = run(stub)
    assert [each.stop_code for each in stub.put] == ["DDDDD"]
    named = [("AAAAA", "秋芳洞"), ("BBBBB", "龘"), ("CCCCC", "池")]
    assert set(done["failed"]) == {code for code, _ in named}
    assert all(term in done["failed"][code] for code, term in named)
    assert "terms.csv" in told[0]


class Interrupted(Exception):
    pass


@pytest.mark.usefixtures("encoded")
def test_following_speaks_what_is_published_and_waits_for_a_guide_that_restarts(
    capsys: pytest.CaptureFixture[str],
) -> None:
    stub = FakeStub(of("AAAAA", "龘です。"))
    rounds = 0

    class Away(grpc.RpcError):
        def code(self) -> grpc.StatusCode:
            return grpc.StatusCode.UNAVAILABLE

    listing = stub.ListSpokenTexts

    def list_or_fail(request: Any, timeout: float) -> pb.ListSpokenTextsResponse:
        if rounds == 2:
            raise Away
        return listing(request, timeout)

    def pause(_seconds: float) -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 3:
            stub.texts = (*stub.texts, of("BBBBB", "水。"))
        if rounds == 4:
            raise Interrupted

    stub.ListSpokenTexts = list_or_fail  # type: ignore[method-assign, assignment] # a guide that restarts
    with pytest.raises(Interrupted):
        speaking.follow(stub, Hummer, "ja", "", pause)
    assert [each.stop_code for each in stub.put] == ["BBBBB"]
    told = capsys.readouterr().err.splitlines()
    assert [line.partition(" ")[2].split()[0] for line in told if "/" in line] == [
        "AAAAA", "BBBBB",
    ]  # fmt: skip
    assert any("UNAVAILABLE" in line for line in told)
