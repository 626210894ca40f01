"""What was translated before: similar sources with their translations, and how places are called.

The memory is what visitors see now, beside the source each text was made from. Nothing is kept for
it: a text that is corrected is remembered as corrected.
"""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz, process

from services.multilingual.domain.exchange import NAME
from services.multilingual.domain.guide import Guide
from services.multilingual.domain.narration import Text

LEAST_PERCENT = 55  # below, two texts only share their language
MATCHES_SHOWN = 3
AT_ONCE = 50  # texts compared in one call, which holds Python's lock: other calls go on between two
FOUND_SHOWN = 10
MIN_NAME_CHARS = 2  # shorter ones are in every sentence
_BRACKETS = re.compile(r"\s*[(（][^()（）]*[)）]\s*$")
MIN_FIND_CHARS, MAX_FIND_CHARS = 2, 80


@dataclass(frozen=True)
class Pair:
    """A piece of source text and its translation. part: NAME or the id of a paragraph; the stop
    code is empty for the name of a section. machine_draft: nobody of the area has read it."""

    stop_code: str
    part: str
    source: str
    target: str
    machine_draft: bool


@dataclass(frozen=True)
class Match:
    """A pair whose source is like another one. percent: 100 for the same letters."""

    pair: Pair
    percent: int


def pairs(guide: Guide, locale: str) -> tuple[Pair, ...]:
    """Returns everything that visitors see translated, with what it was translated from."""
    found: list[Pair] = []
    for stop in guide.stops:
        source, own = stop.shown.get(guide.settings.source_locale), stop.shown.get(locale)
        if source is not None and own is not None:
            made_from = own.made_from or source.text
            found += _of_text(stop.stop_code, made_from, own.text, machine_draft=own.machine_draft)
    return tuple(found)


def _of_text(code: str, source: Text, own: Text, *, machine_draft: bool) -> Iterable[Pair]:
    words = {NAME: source.name} | {key: each.text for key, each in source.by_id().items()}
    told = {NAME: own.name} | {key: each.text for key, each in own.by_id().items()}
    for part in words.keys() & told.keys():
        if words[part] and told[part]:
            yield Pair(code, part, words[part], told[part], machine_draft)


def names(guide: Guide, locale: str, memory: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns how stops and sections are called, the longest first; each name once.

    memory: what pairs() says of the same guide and locale.
    """
    known = [each for each in memory if each.part == NAME]
    for section in guide.sections.values():
        source = section.names.get(guide.settings.source_locale, "")
        target = section.names.get(locale, "")
        if source and target:
            known.append(Pair("", NAME, source, target, machine_draft=False))
    first: dict[str, Pair] = {}
    for each in known:
        first.setdefault(each.source, each)
    return tuple(sorted(first.values(), key=lambda each: (-len(each.source), each.source)))


def similar(source: str, memory: Sequence[Pair]) -> tuple[Match, ...]:
    """Returns the translations of the most similar sources, the most similar first, each
    translation once. Similar by the letters in common (Indel similarity, as rapidfuzz says)."""
    scored: list[tuple[float, Pair]] = []
    for at in range(0, len(memory), AT_ONCE):
        some = memory[at : at + AT_ONCE]
        alike = process.extract(
            source, [each.source for each in some],
            scorer=fuzz.ratio, score_cutoff=LEAST_PERCENT, limit=None,
        )  # fmt: skip
        scored += [(percent, some[index]) for _, percent, index in alike]
    found: dict[str, Match] = {}
    for percent, pair in sorted(scored, key=lambda each: -each[0]):
        found.setdefault(pair.target, Match(pair, int(percent)))
    return tuple(found.values())[:MATCHES_SHOWN]


def names_in(source: str, known: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns the names that a text says, in its order; a name within a longer one is not meant.

    known: the longest first.
    """
    left, found = source, []
    for each in known:
        if len(each.source) >= MIN_NAME_CHARS and each.source in left:
            found.append(each)
            left = left.replace(each.source, "\0")
    return tuple(sorted(found, key=lambda each: source.index(each.source)))


def says(text: str, name: str) -> bool:
    """Tells whether a text says a name, whatever its capital letters are. What stands in brackets
    behind a name, how it is called at home, need not be said each time."""
    return _plain(_BRACKETS.sub("", name) or name) in _plain(text)


def find(words: str, memory: Sequence[Pair]) -> tuple[Pair, ...]:
    """Returns what has some words in its source or its translation, the shortest first."""
    wanted = _plain(words)
    if not MIN_FIND_CHARS <= len(wanted) <= MAX_FIND_CHARS:
        return ()
    found = [
        each for each in memory if wanted in _plain(each.source) or wanted in _plain(each.target)
    ]
    found.sort(key=lambda each: (len(each.source), each.stop_code, each.part))
    return tuple(found[:FOUND_SHOWN])


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
