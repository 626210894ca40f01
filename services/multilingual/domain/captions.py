"""Captions: which words are heard when, and WebVTT made of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from kit.pure.errors import InvalidFields

MAX_CUES = 400
MAX_CUE_CHARS = 500
HOUR_MS, MINUTE_MS, SECOND_MS = 3_600_000, 60_000, 1_000


@dataclass(frozen=True)
class Cue:
    """Words and their time. start and end: where in the paragraph, in characters.

    paragraph_id is empty for the name of the stop, and where it is not known.
    """

    start_ms: int
    end_ms: int
    text: str
    paragraph_id: str = ""
    start: int = 0
    end: int = 0


@dataclass(frozen=True)
class Spoken:
    """A phrase and how long it takes, in samples, with the pause after it."""

    text: str
    samples: int
    paragraph_id: str = ""
    start: int = 0
    end: int = 0


def cues(spoken: Sequence[Spoken], rate: int, delay_ms: int = 0) -> tuple[Cue, ...]:
    """Returns captions of phrases spoken one after another.

    rate: samples a second. delay_ms: what an encoder puts before the first sample. Each cue ends
    where the next begins, the first begins at 0 and the last ends with the sound: rounding happens
    once for each border, so that nothing drifts.
    """
    found, passed, before = [], 0, 0
    for each in spoken:
        passed += each.samples
        after = delay_ms + round(passed * SECOND_MS / rate)
        if after > before:  # too short to be shown
            found.append(Cue(before, after, each.text, each.paragraph_id, each.start, each.end))
            before = after
    return tuple(found)


def check(given: Sequence[Cue], duration_ms: int) -> None:
    """Errors: InvalidFields for cues that overlap, go back or pass the end of the sound."""
    wrong: list[tuple[str, str]] = []
    if len(given) > MAX_CUES:
        wrong.append(("cues", f"at most {MAX_CUES}"))
    passed = 0
    for at, each in enumerate(given[:MAX_CUES]):
        if not passed <= each.start_ms < each.end_ms:
            wrong.append((f"cues[{at}]", "cues follow one another and each takes time"))
        if not 1 <= len(each.text.strip()) <= MAX_CUE_CHARS:
            wrong.append((f"cues[{at}].text", f"1 to {MAX_CUE_CHARS} characters"))
        if not 0 <= each.start <= each.end:
            wrong.append((f"cues[{at}]", "a place in the paragraph ends after it begins"))
        passed = max(passed, each.end_ms)
    if passed > duration_ms + SECOND_MS:
        wrong.append(("cues", "the captions are longer than the sound"))
    if wrong:
        raise InvalidFields(wrong)


def to_vtt(given: Sequence[Cue]) -> str:
    """Returns WebVTT. The name of a cue says where on the page its words stand:
    "paragraph:start-end", or a number where that is not known."""
    blocks = ["WEBVTT\n"]
    for number, each in enumerate(given, 1):
        name = f"{each.paragraph_id}:{each.start}-{each.end}" if each.paragraph_id else str(number)
        text = " ".join(each.text.split())
        for letter, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;")):
            text = text.replace(letter, written)
        blocks.append(f"{name}\n{_time(each.start_ms)} --> {_time(each.end_ms)}\n{text}\n")
    return "\n".join(blocks)


def _time(milliseconds: int) -> str:
    hours, rest = divmod(milliseconds, HOUR_MS)
    minutes, rest = divmod(rest, MINUTE_MS)
    seconds, rest = divmod(rest, SECOND_MS)
    return f"{hours:02}:{minutes:02}:{seconds:02}.{rest:03}"
