"""Sound files made by hand: silence that every browser plays, and files that only look like one."""

import array
import io
import math
import wave
from itertools import pairwise

FRAME_S = 0.024
_HEAD = bytes((0xFF, 0xF3, 0x24, 0xC4))  # MPEG-2 layer III, 16 kbit/s, 24,000 Hz, mono
_FRAME_BYTES = 48


def silent_mp3(seconds: float = 2.0, mark: int = 0) -> bytes:
    """Returns MP3 of silence; mark: makes files of equal length differ, 0 to 255."""
    frame = _HEAD + bytes(_FRAME_BYTES - len(_HEAD) - 1)
    return b"".join(frame + bytes([mark]) for _ in range(round(seconds / FRAME_S)))


def box(kind: bytes, body: bytes) -> bytes:
    """Returns one box of an MPEG-4 file."""
    return (len(body) + 8).to_bytes(4) + kind + body


def m4a(seconds: float = 2.0, handler: bytes = b"soun", brand: bytes = b"M4A ") -> bytes:
    """Returns the frame of an MPEG-4 file; nothing in it can be heard."""
    length = bytes(12) + (1000).to_bytes(4) + round(seconds * 1000).to_bytes(4) + bytes(4)
    media = box(b"mdhd", length) + box(b"hdlr", bytes(8) + handler + bytes(12))
    movie = box(b"moov", box(b"trak", box(b"mdia", media)))
    return box(b"ftyp", brand + bytes(4)) + movie + box(b"mdat", bytes(64))


def tone_wav(hertz: float, seconds: float = 2.0, rate: int = 48_000) -> bytes:
    """Returns a WAV file of one tone, 16 bits, mono."""
    step = 2 * math.pi * hertz / rate
    made = io.BytesIO()
    with wave.open(made, "wb") as file:
        file.setparams((1, 2, rate, 0, "NONE", ""))
        samples = (int(9_000 * math.sin(step * at)) for at in range(int(rate * seconds)))
        file.writeframes(array.array("h", samples).tobytes())
    return made.getvalue()


def read_tone(body: bytes) -> tuple[tuple[int, int, int], float, float]:
    """Returns channels, bytes a sample and rate of the WAV in a form's body, how many seconds it
    lasts and which tone it holds (Hz, by the time between its rises through nothing; a busy machine
    tears holes into what a browser records, so the oddest tenth on each side does not count)."""
    start = body.index(b"RIFF")
    size = int.from_bytes(body[start + 4 : start + 8], "little") + 8
    with wave.open(io.BytesIO(body[start : start + size])) as file:
        form = (file.getnchannels(), file.getsampwidth(), file.getframerate())
        samples = array.array("h", file.readframes(file.getnframes()))
    middle = samples[4_000:-4_000]
    rises = [at for at, (one, other) in enumerate(pairwise(middle)) if one < 0 <= other]
    gaps = sorted(later - earlier for earlier, later in pairwise(rises))
    usual = gaps[len(gaps) // 10 : len(gaps) - len(gaps) // 10]
    return form, len(samples) / form[2], form[2] * len(usual) / max(1, sum(usual))
