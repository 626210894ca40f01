"""Captions for a text a person has read aloud: where each sentence begins, told by the pauses.

Nobody recognizes words here. Who reads a text aloud rests after a sentence, and takes about as
long for each as it has sounds. So the sentences are laid along the recording, each border in a
pause, such that their lengths fit best; long rests are likelier borders than breaths. Where no way
to lay them fits well, there are no captions: wrong ones are worse than none.

The cost of a border path is that of Gale & Church (1993) for aligned texts: squared deviation from
the expected length over its variance, which grows with the length.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from kit.pure.sentences import spans
from services.multilingual.domain.captions import Cue
from services.multilingual.domain.narration import Text

_MOST_PAUSES = 160
_VARIANCE = 0.006  # of a sentence's length, in shares of all speech
_REST_GAIN = 2.5  # worth of a rest twice as long as the usual one
_WORST_FIT = 1.6  # mean cost of a sentence, beyond which nothing fits
_WORST_RATE = 1.9  # how much faster or slower than the whole a sentence may be read


@dataclass(frozen=True)
class Pause:
    """A quiet stretch inside a recording, in milliseconds from its start."""

    start_ms: int
    end_ms: int

    @property
    def length_ms(self) -> int:
        """Returns how long it is quiet."""
        return self.end_ms - self.start_ms


@dataclass(frozen=True)
class Piece:
    """A sentence as it stands: paragraph_id is empty for the name of the stop."""

    text: str
    paragraph_id: str
    start: int
    end: int


def pieces(text: Text) -> tuple[Piece, ...]:
    """Returns the sentences of a text's paragraphs, in order, each with its place in characters."""
    return tuple(
        Piece(paragraph.text[start:end], paragraph.paragraph_id, start, end)
        for paragraph in text.paragraphs
        for start, end in spans(paragraph.text)
        if weight(paragraph.text[start:end])
    )


def weight(words: str) -> float:
    """Returns about how many sounds words have, comparable within one language."""
    return sum(_sounds(letter) for letter in words)


def align(text: Text, pauses: Sequence[Pause], duration_ms: int) -> tuple[Cue, ...]:
    """Returns captions of a text read aloud word for word, with or without its name first.

    pauses: in order. Each cue lasts until the next begins. Empty where the recording does not fit
    the text: other words, half of them, or sentences read without a rest.
    """
    said = pieces(text)
    name = Piece(text.name, "", 0, len(text.name))
    tried = [_lay(each, pauses, duration_ms) for each in ((name, *said), said) if said]
    best = min(tried, key=lambda found: found[0], default=(math.inf, ()))
    return best[1] if best[0] <= _WORST_FIT else ()


def _lay(
    said: Sequence[Piece], pauses: Sequence[Pause], duration_ms: int
) -> tuple[float, tuple[Cue, ...]]:
    """Returns the mean cost of a sentence and the captions; infinite where there is no way."""
    inner = [each for each in pauses if each.start_ms > 0 and each.end_ms < duration_ms]
    inner = sorted(sorted(inner, key=lambda each: -each.length_ms)[:_MOST_PAUSES],
                   key=lambda each: each.start_ms)  # fmt: skip
    weights = [weight(each.text) for each in said]
    if len(inner) < len(said) - 1 or not all(weights):
        return math.inf, ()
    spoken = _spoken_until(inner, duration_ms)
    usual = sorted(each.length_ms for each in inner)[len(inner) // 2] if inner else 1
    gains = [_REST_GAIN * math.log2(max(each.length_ms, 1) / usual) for each in inner]
    cost, borders = _cheapest([each / sum(weights) for each in weights], spoken, gains)
    if not math.isfinite(cost) or not _read_evenly(weights, spoken, borders):
        return math.inf, ()
    starts = [0, *(inner[at].end_ms for at in borders)]
    ends = [*starts[1:], duration_ms]
    cues = tuple(
        Cue(begin, end, each.text, each.paragraph_id, each.start, each.end)
        for each, begin, end in zip(said, starts, ends, strict=True)
    )
    return cost, cues


def _spoken_until(inner: Sequence[Pause], duration_ms: int) -> list[float]:
    """Returns the share of all speech before each pause, and 1.0 for the end."""
    passed, at, found = 0, 0, []
    for each in inner:
        passed += each.start_ms - at
        at = each.end_ms
        found.append(float(passed))
    total = max(1, passed + duration_ms - at)
    return [each / total for each in found] + [1.0]


def _cheapest(
    shares: Sequence[float], spoken: Sequence[float], gains: Sequence[float]
) -> tuple[float, list[int]]:
    """Returns the least mean cost of a sentence and the pauses that end all but the last.

    shares: expected of the speech. Time: sentences times pauses squared.
    """
    last = len(spoken) - 1
    # Where the sentence before may end: pause, speech passed until there, cost of the best way.
    ends = [(-1, 0.0, 0.0)]
    froms: list[dict[int, int]] = []  # by sentence: the pause it ends in → where the one before did
    for number, share in enumerate(shares):
        found, back = [], {}
        for at in (last,) if number == len(shares) - 1 else range(last):
            cost, before = min(
                ((cost + _cost(spoken[at] - passed, share), before)
                 for before, passed, cost in ends if before < at),
                default=(math.inf, -1),
            )  # fmt: skip
            if math.isfinite(cost):
                found.append((at, spoken[at], cost - (0.0 if at == last else gains[at])))
                back[at] = before
        ends = found
        froms.append(back)
    if not ends:
        return math.inf, []
    borders = [last]
    for back in reversed(froms[1:]):
        borders.append(back[borders[-1]])
    return ends[0][2] / len(shares), borders[:0:-1]


def _cost(length: float, expected: float) -> float:
    return (length - expected) ** 2 / (_VARIANCE * expected)


def _read_evenly(weights: Sequence[float], spoken: Sequence[float], borders: list[int]) -> bool:
    total = sum(weights)
    ends = [*(spoken[at] for at in borders), 1.0]
    lengths = [end - before for before, end in zip([0.0, *ends[:-1]], ends, strict=True)]
    return all(
        1 / _WORST_RATE <= (length + 0.02) / (each / total + 0.02) <= _WORST_RATE
        for length, each in zip(lengths, weights, strict=True)
    )


def _sounds(letter: str) -> float:
    if "一" <= letter <= "鿿" or letter in "々〆":
        return 1.9
    if "가" <= letter <= "힣":
        return 2.2
    if letter.isdecimal():
        return 2.5
    if "ぁ" <= letter <= "ヿ":
        return 1.0
    return 0.55 if letter.isalpha() or letter == "ー" else 0.0
