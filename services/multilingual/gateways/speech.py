"""The ways to a voice: what each says, and how a stop's text becomes one sound with captions.

The parts of a voice are heavy (a dictionary of 100 MB and more), so they are no part of what runs:
`./meguri guide speak` installs requirements-speech.lock and speaks in a process of its own.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from kit.pure.errors import Refusal
from services.multilingual.domain.captions import Cue, Spoken, cues
from services.multilingual.domain.narration import Text
from services.multilingual.domain.speech import Sentence, Term, sentences
from services.multilingual.gateways import loudness
from services.multilingual.gateways.loudness import Wave

PAUSE_S = {"name": 0.7, "sentence": 0.35, "paragraph": 0.8}
TAIL_S = 0.3


class VoiceAway(Refusal):
    """The voice cannot be used: its parts are not here, or nobody answers."""


@dataclass(frozen=True)
class Piece:
    """A sentence as it sounds. lengths: samples of each of its phrases, pauses included; one length
    for the whole where the voice does not tell where its phrases are."""

    wave: Wave
    lengths: tuple[int, ...]


class Voice(Protocol):
    """Somebody who speaks. rate: samples a second; credit: shown to visitors beside the sound."""

    rate: int
    credit: str

    def reads_as(self, word: str) -> str:
        """Returns how a word is read, in hiragana; empty where the voice does not tell."""

    def unknown(self, text: str) -> Sequence[str]:
        """Returns words of a text that the voice can only guess at."""

    def say(self, sentence: Sentence) -> Piece:
        """Speaks a sentence. Errors: VoiceAway."""


# Makes a voice that knows some terms; raises VoiceAway.
MakesVoice = Callable[[Sequence[Term]], Voice]


@dataclass(frozen=True)
class Narrated:
    """A text as it sounds. wave: full scale 1.0, leveled."""

    wave: Wave
    rate: int
    cues: tuple[Cue, ...]


def narrate(voice: Voice, text: Text, delay_ms: int) -> Narrated:
    """Speaks a text. delay_ms: what the encoder puts before it. Errors: VoiceAway."""
    said = sentences(text, voice.reads_as)
    waves: list[Wave] = []
    spoken: list[Spoken] = []
    for at, sentence in enumerate(said):
        piece = voice.say(sentence)
        after = said[at + 1] if at + 1 < len(said) else None
        rest = np.zeros(int(_pause_s(sentence, after) * voice.rate))
        waves += [piece.wave, rest]
        spoken += _spoken(sentence, piece, len(rest))
    wave = loudness.level(np.concatenate(waves), voice.rate)
    return Narrated(wave, voice.rate, cues(spoken, voice.rate, delay_ms))


def _pause_s(sentence: Sentence, after: Sentence | None) -> float:
    if after is None:
        return TAIL_S
    if not sentence.paragraph_id:
        return PAUSE_S["name"]
    return PAUSE_S["sentence" if after.paragraph_id == sentence.paragraph_id else "paragraph"]


def _spoken(sentence: Sentence, piece: Piece, rest: int) -> list[Spoken]:
    phrases = sentence.phrases
    if len(piece.lengths) != len(phrases):
        whole = "".join(each.written for each in phrases)
        return [Spoken(whole.strip(), len(piece.wave) + rest, sentence.paragraph_id,
                       phrases[0].start, phrases[-1].end)]  # fmt: skip
    lengths = [*piece.lengths[:-1], piece.lengths[-1] + rest]
    return [
        Spoken(each.written.strip(), length, sentence.paragraph_id, each.start, each.end)
        for each, length in zip(phrases, lengths, strict=True)
    ]


def load(name: str) -> Any:
    """Imports a heavy part. Errors: VoiceAway, which says how to get it."""
    import importlib  # noqa: PLC0415 - only where somebody speaks

    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise VoiceAway(f"{name} is not installed; ./meguri guide speak installs it") from error
