"""Another speech server, by its address: one sentence a request, WAV back.

POST {address} with JSON {"input": text, "language": locale, "response_format": "wav"} — the shape
that many open servers share; what they do not know of it they leave aside. Those that follow
/v1/audio/speech to the letter also want "model" and "voice": both are sent where given. A server
tells no times of words, so a sentence is one piece of the captions.
"""

import io
import json
import urllib.error
import urllib.request
import wave as wav
from collections.abc import Sequence
from urllib.parse import urlsplit

import numpy as np

from services.multilingual.domain.speech import Sentence
from services.multilingual.gateways.loudness import Wave
from services.multilingual.gateways.speech import Piece, VoiceAway

DEADLINE_S = 30.0
MAX_BYTES = 20_000_000


class SpeechServer:
    """Speaks through a server. Errors: VoiceAway when it does not answer with a WAV file."""

    def __init__(
        self, address: str, locale: str, credit: str, *, model: str = "", voice: str = ""
    ) -> None:
        if urlsplit(address).scheme not in ("http", "https"):
            raise VoiceAway("the address of a speech server begins with http:// or https://")
        self._address, self._locale, self.credit = address, locale, credit
        named = {"model": model, "voice": voice}
        self._named = {key: value for key, value in named.items() if value}
        self.rate = 0  # as the first answer says
        self.rate = _read(self._ask("."))[1]

    def reads_as(self, _word: str) -> str:
        """Returns nothing: a server does not tell how it reads."""
        return ""

    def unknown(self, _text: str) -> Sequence[str]:
        """Returns nothing, for the same reason."""
        return ()

    def say(self, sentence: Sentence) -> Piece:
        """Speaks a sentence as one piece."""
        text = "".join(each.written for each in sentence.phrases)
        heard, rate = _read(self._ask(text))
        if rate != self.rate:
            raise VoiceAway(f"the speech server changed its rate from {self.rate} to {rate}")
        return Piece(heard, (len(heard),))

    def _ask(self, text: str) -> bytes:
        body = {"input": text, "language": self._locale, "response_format": "wav"}
        body |= self._named
        request = urllib.request.Request(  # noqa: S310 - the scheme was looked at
            self._address, json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=DEADLINE_S) as answer:  # noqa: S310 - as above
                content: bytes = answer.read(MAX_BYTES + 1)
        except (urllib.error.URLError, OSError) as error:
            raise VoiceAway(f"the speech server at {self._address} does not answer") from error
        if len(content) > MAX_BYTES:
            raise VoiceAway("the speech server sent more than a sentence can need")
        return content


def _read(content: bytes) -> tuple[Wave, int]:
    """Returns samples with full scale 1.0 and their rate, channels mixed into one."""
    try:
        with wav.open(io.BytesIO(content)) as file:
            width, channels, rate = file.getsampwidth(), file.getnchannels(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except (wav.Error, EOFError) as error:
        raise VoiceAway("the speech server answered with something else than WAV") from error
    if width != 2 or rate <= 0:
        raise VoiceAway("the speech server has to send WAV with 16 bits")
    samples = np.frombuffer(frames[: len(frames) // (2 * channels) * 2 * channels], "<i2")
    heard: Wave = samples.reshape(-1, channels).mean(axis=1) / 32_768.0
    return heard, rate
