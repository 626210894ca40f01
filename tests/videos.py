"""Videos for tests: good ones, and files that only say they are videos.

clips/ holds two seconds and less of two colors and a bar, made with x264, x265, VP9 and AAC.
"""

import struct
from pathlib import Path

from services.multilingual.gateways import avc, mp4_writer
from services.multilingual.gateways.mp4_writer import Line, Written

CLIPS = Path(__file__).parent / "clips"
PAGE = b"<html><script>alert(1)</script>"
VTT = "WEBVTT\n\n00:00.000 --> 00:01.500\n水が<b>滴る</b>\n\n00:02.000 --> 00:02.900\n音 & 光\n"


def clip(name: str = "clip.mp4") -> bytes:
    """Returns a file of clips/. clip.mp4: 640 by 360, 3 s, sound; it names a camera and a place."""
    return (CLIPS / name).read_bytes()


def box(kind: bytes, body: bytes) -> bytes:
    """Returns a box."""
    return struct.pack(">I4s", 8 + len(body), kind) + body


class Bits:
    """Writes bits and Exp-Golomb numbers."""

    def __init__(self) -> None:
        self.text = ""

    def put(self, value: int, count: int) -> None:
        self.text += format(value, f"0{count}b")

    def number(self, value: int) -> None:
        digits = format(value + 1, "b")
        self.text += "0" * (len(digits) - 1) + digits

    def bytes(self) -> bytes:
        whole = self.text + "1"
        whole += "0" * (-len(whole) % 8)
        return int(whole, 2).to_bytes(len(whole) // 8, "big")


def sequence(width: int, height: int, profile: int = 66) -> bytes:
    """Returns a sequence parameter set that tells a size, a multiple of 16."""
    bits = Bits()
    for value, count in ((profile, 8), (0, 8), (30, 8)):
        bits.put(value, count)
    for value in (0, 0, 2, 1):  # set, frame numbers, order, references
        bits.number(value)
    bits.put(0, 1)
    bits.number(width // 16 - 1)
    bits.number(height // 16 - 1)
    bits.put(0b1100, 4)  # whole frames, direct, no crop, no more
    return b"\x67" + bits.bytes()


def slice_unit(kind: int = 5) -> bytes:
    """Returns a slice whose head is right."""
    bits = Bits()
    for value in (0, 7, 0):
        bits.number(value)
    unit = bytes([0x60 | kind]) + bits.bytes() + bytes(range(1, 60))
    return struct.pack(">I", len(unit)) + unit


def line(
    size: tuple[int, int] = (640, 368), samples: int = 20, duration: int = 100, profile: int = 66,
    body: bytes = b"",
) -> Line:  # fmt: skip
    """Returns a picture track at a clock of 1,000: all keys."""
    told = sequence(*size, profile)
    picture = avc.Picture(told[1:4], size, 4, (told,), (b"\x68\xce\x3c\x80",))
    return Line(
        1_000, mp4_writer.avc_entry(size, picture.record()),
        [Written(body or slice_unit(), duration)] * samples, size, shown=samples * duration,
    )  # fmt: skip


def made_of(*lines: Line) -> bytes:
    """Returns a file of tracks."""
    return mp4_writer.write(lines)
