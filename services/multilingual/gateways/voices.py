"""Which voice speaks: the one that comes along for Japanese, or a speech server by its address."""

from collections.abc import Sequence

from services.multilingual.domain.speech import Term
from services.multilingual.gateways import mp3, open_jtalk
from services.multilingual.gateways.speech import MakesVoice, Voice, VoiceAway
from services.multilingual.gateways.speech_server import SpeechServer

DELAY_MS = mp3.DELAY_MS
encode = mp3.encode


def choose(
    locale: str, server: str, credit: str, *, model: str = "", voice: str = ""
) -> MakesVoice:
    """Returns what makes the voice of a locale. Errors: VoiceAway where there is none."""
    if server:
        if not credit:
            raise VoiceAway("say whose voice the server's is, and under which licence: --credit")

        def remote(_terms: Sequence[Term]) -> Voice:
            return SpeechServer(server, locale, credit, model=model, voice=voice)

        return remote
    if locale != "ja":
        raise VoiceAway(f"no voice for {locale} comes along; give the address of one: --server")
    return open_jtalk.Mei
