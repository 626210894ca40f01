"""Another speech server, behind real HTTP: what it is asked, and what it may answer."""

import io
import json
import struct
import threading
import wave
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from services.multilingual.domain.speech import Phrase, Sentence
from services.multilingual.gateways import voices
from services.multilingual.gateways.speech import VoiceAway
from services.multilingual.gateways.speech_server import SpeechServer

SENTENCE = Sentence("what", (Phrase("Water,", "Water", 0, 6), Phrase(" stone.", "stone", 6, 13)))


def wav(rate: int = 22_050, channels: int = 1, width: int = 2, frames: int = 2_205) -> bytes:
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(struct.pack("<h", 16_384) * (frames * channels * width // 2))
    return made.getvalue()


class Server:
    """Answers whatever `answer` holds and keeps what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.answer, self.status = wav(), 200
        server = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                server.asked.append(json.loads(self.rfile.read(length)))
                self.send_response(server.status)
                self.send_header("Content-Length", str(len(server.answer)))
                self.end_headers()
                self.wfile.write(server.answer)

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its name
                pass

        self.http = HTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.http.server_port}/v1/audio/speech"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()


@pytest.fixture
def server() -> Iterator[Server]:
    made = Server()
    yield made
    made.http.shutdown()
    made.http.server_close()


def test_a_sentence_is_one_request_and_one_piece(server: Server) -> None:
    voice = SpeechServer(server.url, "en", "Somebody")
    assert voice.rate == 22_050
    piece = voice.say(SENTENCE)
    assert piece.lengths == (2_205,)
    assert piece.wave.max() == pytest.approx(0.5)
    assert server.asked[-1] == {
        "input": "Water, stone.", "language": "en", "response_format": "wav",
    }  # fmt: skip
    server.answer = wav(channels=2)
    assert len(voice.say(SENTENCE).wave) == 2_205


def test_a_model_and_a_voice_are_named_where_they_are_given(server: Server) -> None:
    voice = voices.choose("en", server.url, "Somebody", model="kokoro", voice="af_heart")([])
    voice.say(SENTENCE)
    named = [(each.get("model"), each.get("voice")) for each in server.asked]
    assert named == [("kokoro", "af_heart")] * 2  # the first asks for the rate
    voices.choose("en", server.url, "Somebody", voice="af_heart")([])
    assert "model" not in server.asked[-1]


@pytest.mark.parametrize(
    ("answer", "status", "says"),
    [
        (b"<html>sign in</html>", 200, "WAV"),
        (b"", 200, "WAV"),
        (wav()[:20], 200, "WAV"),
        (wav(width=1), 200, "16 bits"),
        (wav(rate=16_000), 200, "rate"),
        (wav(), 500, "does not answer"),
        (bytes(20_000_001), 200, "more than"),
    ],
)
def test_any_other_answer_ends_the_speaking_with_a_reason(
    server: Server, answer: bytes, status: int, says: str
) -> None:
    voice = SpeechServer(server.url, "en", "Somebody")
    server.answer, server.status = answer, status
    with pytest.raises(VoiceAway, match=says):
        voice.say(SENTENCE)


def test_nobody_there_is_told_at_once() -> None:
    with pytest.raises(VoiceAway, match="does not answer"):
        SpeechServer("http://127.0.0.1:9/", "en", "Somebody")
