"""Japanese by Open JTalk (pyopenjtalk-plus) with the voice Mei, all on this machine.

How long each phrase takes is what the synthesizer itself made: a phrase is synthesized from its own
labels, which carry the whole sentence around them, up to and including the pause at its end.
"""

import contextlib
import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from services.multilingual.domain.speech import Sentence, Term, has_kanji
from services.multilingual.gateways.loudness import Wave
from services.multilingual.gateways.speech import Piece, VoiceAway, load

CREDIT = "HTS Voice Mei (Nagoya Institute of Technology, CC BY 3.0)"
FULL_SCALE = 32_768.0
# What a dictionary word may look like: what has digits or blanks is read piece by piece.
_WORD = re.compile(r"[^\s\d,A-Za-z０-９Ａ-Ｚａ-ｚ]{1,40}")
_SMALL = "ャュョァィゥェォヮ"
_LONG = {
    "ウ": "オコソトノホモヨロゴゾドボポョウクスツヌフムユルグズブプュ",
    "イ": "エケセテネヘメレゲゼデベペ",
}
# The term base is right, but a term of one letter must not tear longer words apart.
_COST, _COST_OF_ONE = -20_000, 3_000


class Mei:
    """Speaks Japanese. Errors: VoiceAway where pyopenjtalk-plus is not installed."""

    credit = CREDIT

    def __init__(self, terms: Sequence[Term]) -> None:
        with _quiet():
            self._library = load("pyopenjtalk")
        self._known = {each.term for each in terms}
        self._teach([each for each in terms if each.reading and _WORD.fullmatch(each.term)])
        self.rate = int(self._synthesize(self._labels("あ"))[1])

    def reads_as(self, word: str) -> str:
        """Returns how a word is read, in hiragana."""
        return _hiragana(self._kana(word))

    def unknown(self, text: str) -> Sequence[str]:
        """Returns words with kanji that neither dictionary has."""
        _, morphs = self._library.run_frontend_detailed(text)
        found = [each["surface"] for each in morphs if each.get("is_unknown")]
        return tuple(dict.fromkeys(each for each in found if has_kanji(each)))

    def say(self, sentence: Sentence) -> Piece:
        """Speaks a sentence; its phrases are told apart where each ends in a pause of its own."""
        labels = self._labels("、".join(each.spoken for each in sentence.phrases) + "。")
        if not labels:
            raise VoiceAway("nothing of the sentence can be spoken")
        groups = list(_groups(labels))
        if len(groups) != len(sentence.phrases):
            wave = self._wave(labels)
            return Piece(wave, (len(wave),))
        waves = [self._part(before, group) for before, group in groups]
        return Piece(np.concatenate(waves), tuple(len(each) for each in waves))

    def _part(self, before: str | None, group: list[str]) -> Wave:
        """Synthesizes a phrase behind the pause before it, so that it begins softly, and cuts that
        pause off again."""
        if before is None:
            return self._wave(group)
        whole, pause = self._wave([before, *group]), self._wave([before])
        return whole[len(pause) :]

    def _labels(self, text: str) -> list[str]:
        labels: list[str] = self._library.extract_fullcontext(text)
        return labels

    def _wave(self, labels: list[str]) -> Wave:
        wave: Wave = self._synthesize(labels)[0] / FULL_SCALE
        return wave

    def _synthesize(self, labels: list[str]) -> Any:
        return self._library.synthesize(labels)

    @lru_cache(maxsize=1_000)  # noqa: B019 - one voice lives as long as its command
    def _kana(self, word: str) -> str:
        return "".join(each["read"] for each in self._library.run_frontend(word))

    def _teach(self, terms: Sequence[Term]) -> None:
        """Makes a dictionary of the terms and reads with it from now on."""
        if not terms:
            self._library.unset_user_dict()
            return
        with tempfile.TemporaryDirectory(prefix="meguri-terms-") as folder:
            source, made = Path(folder) / "terms.csv", Path(folder) / "terms.dic"
            source.write_text("".join(map(dictionary_line, terms)), encoding="utf-8")
            with _quiet():
                self._library.mecab_dict_index(str(source), str(made))
            entry = {"dic_path": str(made), "is_reading_protected": True}
            self._library.update_global_jtalk_with_user_dict([entry])


def dictionary_line(term: Term) -> str:
    """Returns a line of a MeCab dictionary: written, read, said, accent and number of morae."""
    parts = _katakana(term.reading).split()
    read, said = "".join(parts), "".join(map(pronounced, parts))
    morae = sum(letter not in _SMALL for letter in said)
    accent = min(term.accent, morae)
    cost = _COST if len(term.term) > 1 else _COST_OF_ONE
    return (
        f"{term.term},,,{cost},名詞,固有名詞,一般,*,*,*,{term.term},{read},{said},"
        f"{accent}/{morae},*\n"
    )


def pronounced(katakana: str) -> str:
    """Returns how a reading sounds: "ドウナイ" is said "ドーナイ"."""
    said = ""
    for letter in katakana:
        long = said and said[-1] in _LONG.get(letter, "")
        said += "ー" if long else letter
    return said


def _groups(labels: Sequence[str]) -> Iterator[tuple[str | None, list[str]]]:
    """Yields the labels of each phrase, its pause at the end, with the pause before it."""
    before, group = None, []
    for at, label in enumerate(labels):
        group.append(label)
        if "-pau+" in label or at + 1 == len(labels):
            yield before, group
            before, group = label, []


def _katakana(text: str) -> str:
    return "".join(chr(ord(c) + 0x60) if "ぁ" <= c <= "ゖ" else c for c in text)


def _hiragana(text: str) -> str:
    return "".join(chr(ord(c) - 0x60) if "ァ" <= c <= "ヶ" else c for c in text)


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """The library's C parts write to the terminal, past Python's own streams."""
    kept = os.dup(1), os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, 1)
        os.dup2(nowhere, 2)
        yield
    finally:
        os.dup2(kept[0], 1)
        os.dup2(kept[1], 2)
        for each in (*kept, nowhere):
            os.close(each)
