"""Looks into H.264 (ITU-T H.264): how large its picture is, and that its samples are slices.

What is not picture is left out: messages (SEI), in which cameras and encoders write what they like.
"""

from dataclasses import dataclass

from services.multilingual.domain.video import VideoCodec, VideoUnreadable

SLICE, KEY_SLICE, MESSAGE, SEQUENCE, PICTURE = 1, 5, 6, 7, 8
PROFILES = frozenset({66, 77, 100})  # baseline, main, high: what every phone plays
MOST_SETS = 4
MAX_SET_BYTES = 400
_PADDING = b"\x00\x00\x03"


def damaged() -> VideoUnreadable:
    """Returns what is said of a stream that contradicts itself."""
    return VideoUnreadable("The video is damaged or broke off on the way. Send it again.")


@dataclass(frozen=True)
class Picture:
    """What a video's description says. setup: profile, compatibility and level. size: width and
    height in pixels. prefix: bytes of the length before each unit of a sample."""

    setup: bytes
    size: tuple[int, int]
    prefix: int
    sequences: tuple[bytes, ...]
    pictures: tuple[bytes, ...]

    def record(self) -> bytes:
        """Returns the description anew: nothing else in it (ISO/IEC 14496-15, avcC)."""
        told = b"\x01" + self.setup + b"\xff" + bytes([0xE0 | len(self.sequences)])
        told += b"".join(len(each).to_bytes(2, "big") + each for each in self.sequences)
        told += bytes([len(self.pictures)])
        told += b"".join(len(each).to_bytes(2, "big") + each for each in self.pictures)
        if self.setup[0] == 100:
            told += b"\xfd\xf8\xf8\x00"  # 4:2:0 in 8 bits, as was looked at
        return told


class Bits:
    """Reads bits and Exp-Golomb numbers."""

    def __init__(self, body: bytes) -> None:
        plain = body.replace(_PADDING, b"\x00\x00")
        self._bits, self._left = int.from_bytes(plain, "big"), len(plain) * 8

    def take(self, count: int) -> int:
        """Returns the next bits as a number. Errors: VideoUnreadable."""
        if count > self._left:
            raise damaged()
        self._left -= count
        return (self._bits >> self._left) & ((1 << count) - 1)

    def number(self) -> int:
        """Returns an unsigned number, at most 2^24."""
        zeros = 0
        while not self.take(1):
            zeros += 1
            if zeros > 24:
                raise damaged()
        return (1 << zeros) - 1 + self.take(zeros)

    def signed(self) -> int:
        """Returns a signed number."""
        found = self.number()
        return (found + 1) // 2 if found % 2 else -(found // 2)


def read_record(body: bytes) -> Picture:
    """Reads avcC. Errors: VideoUnreadable, VideoCodec; IndexError for what ends too early."""
    prefix = (body[4] & 3) + 1
    at, sets = 5, []
    for mask in (0x1F, 0xFF):
        count = body[at] & mask
        at += 1
        if not 1 <= count <= MOST_SETS:
            raise damaged()
        units = []
        for _ in range(count):
            size = int.from_bytes(body[at : at + 2], "big")
            unit = bytes(body[at + 2 : at + 2 + size])
            if not 4 <= size <= MAX_SET_BYTES or len(unit) != size:
                raise damaged()
            units.append(unit)
            at += 2 + size
        sets.append(tuple(units))
    sequences, pictures = sets
    kinds = {each[0] & 31 for each in sequences}, {each[0] & 31 for each in pictures}
    if kinds != ({SEQUENCE}, {PICTURE}) or prefix == 3:
        raise damaged()
    sizes = {_size(each) for each in sequences}
    if len(sizes) != 1:
        raise damaged()
    return Picture(sequences[0][1:4], sizes.pop(), prefix, sequences, pictures)


def _size(sequence: bytes) -> tuple[int, int]:
    """Returns the size a sequence parameter set tells (7.3.2.1.1)."""
    bits = Bits(sequence[1:])
    profile = bits.take(8)
    if profile not in PROFILES:
        raise VideoCodec("Its picture is packed in a way not every phone plays. Save it as H.264.")
    bits.take(16)
    bits.number()
    if profile == 100:
        if (bits.number(), bits.number(), bits.number()) != (1, 0, 0):
            raise VideoCodec("Its colors are stored in a way not every phone plays.")
        bits.take(1)
        if bits.take(1):
            for at in range(8):
                if bits.take(1):
                    _skip_scaling(bits, 16 if at < 6 else 64)
    bits.number()
    _skip_order(bits)
    bits.number()
    bits.take(1)
    wide, high = bits.number() + 1, bits.number() + 1
    whole_frames = bits.take(1)
    if not whole_frames:
        bits.take(1)
    bits.take(1)
    crop = [bits.number() for _ in range(4)] if bits.take(1) else [0, 0, 0, 0]
    unit = 2 if whole_frames else 4
    width = wide * 16 - 2 * (crop[0] + crop[1])
    height = high * 16 * (2 - whole_frames) - unit * (crop[2] + crop[3])
    return width, height


def _skip_order(bits: Bits) -> None:
    order = bits.number()
    if order == 0:
        bits.number()
    elif order == 1:
        bits.take(1)
        bits.signed()
        bits.signed()
        for _ in range(min(bits.number(), 255)):
            bits.signed()


def _skip_scaling(bits: Bits, size: int) -> None:
    last = following = 8
    for _ in range(size):
        if following:
            following = (last + bits.signed()) % 256
        last = following or last


def slices(sample: bytes, picture: Picture, *, key: bool) -> bytes:
    """Returns the slices of a sample, each behind its length in four bytes; all else is left out.

    Errors: VideoUnreadable for a sample that is not made of units to its end, or shows nothing.
    """
    at, kept = 0, []
    while at < len(sample):
        size = int.from_bytes(sample[at : at + picture.prefix], "big")
        unit = sample[at + picture.prefix : at + picture.prefix + size]
        if size < 1 or len(unit) != size or unit[0] & 0x80:
            raise damaged()
        if unit[0] & 31 in (SLICE, KEY_SLICE):
            _check_slice(unit)
            kept.append(unit)
        at += picture.prefix + size
    if not kept or (key and not any(each[0] & 31 == KEY_SLICE for each in kept)):
        raise damaged()
    return b"".join(len(each).to_bytes(4, "big") + each for each in kept)


def _check_slice(unit: bytes) -> None:
    """Looks at the head of a slice (7.3.3): noise hardly ever has one."""
    bits = Bits(unit[1:24])
    if bits.number() > 36_864 or bits.number() > 9 or bits.number() > 255:
        raise damaged()
