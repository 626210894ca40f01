"""What is said of a text: phrase by phrase, with the readings the term base knows.

A phrase is what stands between two pauses. It keeps its place in the paragraph, so that a page can
light up what is being said.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields
from services.multilingual.domain.narration import Text

_SENTENCE = re.compile(r"[^。！？!?\n]*[。！？!?\n]+|[^。！？!?\n]+$")
# A comma, a bracket with a remark and a dash are heard as a pause; quotation marks are not.
_PAUSE = re.compile(r"[、，（）()―—]+")
_QUOTES = re.compile(r"[「」『』“”\"]")
_GLOSS = re.compile(r"([一-鿿々〆ヶ]+)（([ぁ-ゖー]+)）")
_KANJI = re.compile(r"[一-鿿々〆]")
_SPOKEN = (
    (re.compile(r"(?<=\d)[〜～~](?=\d)"), "から"),
    (re.compile(r"(?<=\d)×(?=\d)"), "かける"),
    (re.compile(r"[〜～~]"), ""),
    (re.compile(r"(?<=\d)m(?![A-Za-z0-9])"), "メートル"),
    (re.compile(r"\s+"), ""),
)


@dataclass(frozen=True)
class Term:
    """A name and how it is read; reading is empty while nobody has told it. A blank in a reading
    stands between parts of a word, where vowels are not joined.

    accent: mora after which the pitch falls, 0 for none.
    """

    term: str
    reading: str
    accent: int = 0


@dataclass(frozen=True)
class Phrase:
    """What stands between two pauses. start and end: where in its paragraph, in characters."""

    written: str
    spoken: str
    start: int
    end: int


@dataclass(frozen=True)
class Sentence:
    """Phrases that are spoken in one breath. paragraph_id is empty for the name of the stop."""

    paragraph_id: str
    phrases: tuple[Phrase, ...]


class ReadingMissing(InvalidFields):
    """Nobody has told how a term of the text is read. Add its reading to the term base."""

    def __init__(self, terms: Sequence[str]) -> None:
        how = "no reading is known for it; add one to the term base"
        super().__init__([(term, how) for term in terms])
        self.terms = tuple(terms)


def text_sha256(text: Text) -> str:
    """Returns what tells whether a text is still the one that was spoken."""
    words = [text.name, text.reading]
    for each in text.paragraphs:
        words += [each.paragraph_id, each.text]
    return hashlib.sha256("\0".join(words).encode()).hexdigest()


def sentences(text: Text, reads_as: Callable[[str], str]) -> tuple[Sentence, ...]:
    """Returns what is said of a text: its name as its reading says, then each paragraph.

    reads_as: how the speaker would read a word by itself, in hiragana.
    """
    spoken = text.reading.replace(" ", "") or text.name
    found = [Sentence("", (Phrase(text.name, spoken, 0, len(text.name)),))]
    for paragraph in text.paragraphs:
        for match in _SENTENCE.finditer(paragraph.text):
            phrases = tuple(_phrases(paragraph.text, match.start(), match.end(), reads_as))
            if phrases:
                found.append(Sentence(paragraph.paragraph_id, phrases))
    return tuple(found)


def missing_readings(text: Text, terms: Iterable[Term], locale: str) -> tuple[str, ...]:
    """Returns the terms of a text whose reading nobody has told, in the order of the term base.

    In Japanese the name of the stop is one of them, where it has kanji.
    """
    terms = tuple(terms)
    words = "\n".join([text.name, *(each.text for each in text.paragraphs)])
    lacking = [each.term for each in terms if not each.reading and each.term in words]
    if locale == "ja" and not text.reading and has_kanji(text.name):
        known = {each.term for each in terms if each.reading}
        lacking += [] if text.name in known else [text.name]
    return tuple(dict.fromkeys(lacking))


def has_kanji(word: str) -> bool:
    """Tells whether a word can be read in more than one way."""
    return bool(_KANJI.search(word))


def _phrases(text: str, start: int, end: int, reads_as: Callable[[str], str]) -> Iterable[Phrase]:
    """Cuts one sentence. A reading in brackets belongs to the word before it: it is said once."""
    glosses = {
        match.end(1): match
        for match in _GLOSS.finditer(text, start, end)
    }  # fmt: skip
    at, spoken, begun = start, "", start
    while at < end:
        gloss = glosses.get(at)
        if gloss is not None:
            word = gloss.group(1)
            if not reads_as(word).endswith(gloss.group(2)):
                spoken = spoken[: len(spoken) - len(word)] + gloss.group(2)
            at = gloss.end()
            continue
        pause = _PAUSE.match(text, at, end)
        if pause is None:
            spoken += text[at]
            at += 1
            continue
        at = pause.end()
        if said := _said(spoken):
            yield Phrase(text[begun:at], said, begun, at)
            spoken, begun = "", at
    if said := _said(spoken):
        yield Phrase(text[begun:end], said, begun, end)


def _said(written: str) -> str:
    """Returns a phrase as it is handed to the speaker; empty when there is nothing to say."""
    said = _QUOTES.sub("", written).strip("。！？!?\n 　")
    for pattern, word in _SPOKEN:
        said = pattern.sub(word, said)
    return said
