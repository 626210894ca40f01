"""Looks into a sound file: what it is and how long it lasts, by its own structure.

The name and the type a browser tells are not asked. Only two forms are taken, which every phone
plays: MP3, and MPEG-4 with nothing but sound in it.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from kit.pure.errors import Refusal

MAX_BYTES = 3_000_000
MAX_DURATION_MS = 15 * 60 * 1000
MIN_DURATION_MS = 300
MP3, M4A = "audio/mpeg", "audio/mp4"
_MAX_BOXES = 2_000
_BRANDS = frozenset(
    {b"M4A ", b"mp42", b"isom", b"mp41", b"iso2", b"iso4", b"iso5", b"iso6", b"M4B "}
)
_INSIDE = frozenset({b"moov", b"trak", b"mdia"})
# MPEG audio layer III: bit rates in kbit/s and samples a second, by version.
_RATES_V1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_RATES_V2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


class SoundRefused(Refusal):
    """The file is no MP3 or MPEG-4 sound, or it is too long. Save it anew as MP3 or M4A."""


@dataclass(frozen=True)
class Sound:
    """What a file is."""

    media_type: str
    duration_ms: int


def look(content: bytes) -> Sound:
    """Returns what a sound file is. Errors: SoundRefused, which says what to do."""
    if len(content) > MAX_BYTES:
        raise SoundRefused(
            f"The file has {len(content):,} bytes; at most {MAX_BYTES:,} are taken."
            " Save it in mono with 64 kbit/s or less."
        )
    sound = _mpeg4(content) if content[4:8] == b"ftyp" else _mp3(content)
    if not MIN_DURATION_MS <= sound.duration_ms <= MAX_DURATION_MS:
        raise SoundRefused(
            f"The sound lasts {sound.duration_ms / 1000:.1f} s; give one of 0.3 s to 15 minutes."
        )
    return sound


def is_wave(content: bytes) -> bool:
    """Tells whether a file is WAV by its first bytes: as microphones give it, not yet packed."""
    return content[:4] == b"RIFF" and content[8:12] == b"WAVE"


def _mp3(content: bytes) -> Sound:
    """Walks all frames: a file with anything else between them is none."""
    at, seconds, frames = _after_id3(content), 0.0, 0
    end = len(content) - 128 if content[-128:-125] == b"TAG" else len(content)
    while at + 4 <= end:
        size, length_s = _frame(content[at : at + 4])
        if not size:
            break
        at, seconds, frames = at + size, seconds + length_s, frames + 1
    # The last frame may be cut short; a second kind of content after the sound may not follow.
    if frames < 8 or end - at > 4:
        raise SoundRefused(
            "This is no MP3 and no MPEG-4 sound. Save the recording as MP3 or M4A and send that."
        )
    return Sound(MP3, round(seconds * 1000))


def _after_id3(content: bytes) -> int:
    if content[:3] != b"ID3" or len(content) < 10:
        return 0
    size = 0
    for byte in content[6:10]:
        size = size << 7 | (byte & 0x7F)
    return 10 + size


def _frame(head: bytes) -> tuple[int, float]:
    """Returns bytes and seconds of one frame of layer III, (0, 0) where there is none."""
    if head[0] != 0xFF or head[1] & 0xE6 != 0xE2:  # eleven bits set, layer III
        return 0, 0.0
    version, rate_at, hertz_at = head[1] >> 3 & 3, head[2] >> 4, head[2] >> 2 & 3
    if version == 1 or rate_at in (0, 15) or hertz_at == 3:
        return 0, 0.0
    kbit = (_RATES_V1 if version == 3 else _RATES_V2)[rate_at]
    hertz, samples = _HERTZ[version][hertz_at], 1152 if version == 3 else 576
    padding = head[2] >> 1 & 1
    return samples * kbit * 125 // hertz + padding, samples / hertz


def _mpeg4(content: bytes) -> Sound:
    if content[8:12] not in _BRANDS:
        raise SoundRefused("This kind of MPEG-4 file is not taken. Save the recording as M4A.")
    handlers: list[bytes] = []
    duration_ms = 0
    for boxes, (kind, start, end) in enumerate(_boxes(content, 0, len(content))):
        if boxes > _MAX_BOXES:
            raise SoundRefused("The file has too many parts. Save the recording anew as M4A.")
        body = content[start:end]
        if kind == b"hdlr":
            handlers.append(body[8:12])
        elif kind == b"mdhd":
            duration_ms = max(duration_ms, _duration_ms(body))
    if handlers != [b"soun"]:
        raise SoundRefused("The file holds more than one sound, a film say. Save it as M4A.")
    return Sound(M4A, duration_ms)


def _boxes(
    content: bytes, start: int, end: int, depth: int = 0
) -> Iterator[tuple[bytes, int, int]]:
    """Yields kind, first and last byte of each box, and of those inside the ones that matter."""
    at = start
    while at < end:
        size, kind, head = int.from_bytes(content[at : at + 4]), content[at + 4 : at + 8], 8
        if size == 1:
            size, head = int.from_bytes(content[at + 8 : at + 16]), 16
        elif size == 0:
            size = end - at
        if size < head or at + size > end or len(kind) < 4:
            raise SoundRefused("The file is damaged or broke off. Send it again.")
        if kind in _INSIDE and depth < len(_INSIDE):
            yield from _boxes(content, at + head, at + size, depth + 1)
        else:
            yield kind, at + head, at + size
        at += size


def _duration_ms(body: bytes) -> int:
    wide = bool(body) and body[0] == 1
    at = 20 if wide else 12
    scale = int.from_bytes(body[at : at + 4])
    length = int.from_bytes(body[at + 4 : at + (12 if wide else 8)])
    return round(length * 1000 / scale) if scale else 0
