"""Reads captions somebody sends as WebVTT: words and their times, and nothing else of the file.

Styles, regions, notes, places on the screen and voices are left out; what is kept is written anew
(domain/captions.py: to_vtt).
"""

import html
import re

from kit.pure.errors import Refusal
from services.multilingual.domain.captions import MAX_CUES, Cue
from services.multilingual.domain.narration import holds_forbidden

MAX_BYTES = 60_000
_TIME = r"(?:(\d{1,2}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_SPAN = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t].*)?")
_TAG = re.compile(r"<[^<>]*>")
_BLOCK = re.compile(r"\n(?:[ \t]*\n)+")


class CaptionsRefused(Refusal):
    """It is no WebVTT, or its lines cannot be kept."""


def read(content: bytes) -> tuple[Cue, ...]:
    """Returns the cues of a file. Errors: CaptionsRefused, which names the line."""
    if len(content) > MAX_BYTES:
        raise CaptionsRefused(f"Captions have at most {MAX_BYTES:,} bytes.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise CaptionsRefused("Save the captions as UTF-8.") from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if not re.match(r"WEBVTT(?:[ \t\n]|$)", text):
        raise CaptionsRefused("The first line of captions is WEBVTT. Save them as WebVTT (.vtt).")
    found: list[Cue] = []
    for block in _BLOCK.split(text)[1:]:
        cue = _cue(block.strip("\n").split("\n"))
        if cue is not None:
            found.append(cue)
    if not found or len(found) > MAX_CUES:
        raise CaptionsRefused(f"Captions have 1 to {MAX_CUES} lines with their times.")
    return tuple(found)


def _cue(lines: list[str]) -> Cue | None:
    """Returns what a block says, None for a note, a style or a region."""
    at = next((at for at, line in enumerate(lines[:2]) if "-->" in line), None)
    if at is None:
        return None
    span = _SPAN.fullmatch(lines[at].strip())
    if span is None:
        raise CaptionsRefused(f"This time cannot be read: {lines[at][:60]}")
    words = " ".join(html.unescape(_TAG.sub("", " ".join(lines[at + 1 :]))).split())
    if not words:
        return None
    if holds_forbidden(words):
        raise CaptionsRefused("Control and direction marks cannot be kept in captions.")
    return Cue(_ms(span.groups()[:4]), _ms(span.groups()[4:]), words)


def _ms(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(each or 0) for each in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest
