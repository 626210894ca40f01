"""Reads the boxes of an MP4 file (ISO/IEC 14496-12) that a video needs; a stranger wrote them.

Each number is looked at before anything is made of it: a file says how many samples it has.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from services.multilingual.domain.video import MAX_FRAMES, VideoCodec, VideoUnreadable

MAX_BOXES = 2_000
MAX_TRACKS = 16
MAX_SAMPLES = 20_000
BRANDS = frozenset(
    {b"isom", b"iso2", b"iso3", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ",
     b"qt  ", b"MSNV", b"3gp4", b"3gp5", b"3gp6"}
)  # fmt: skip


def damaged() -> VideoUnreadable:
    """Returns what is said of a file that contradicts itself."""
    return VideoUnreadable("The video is damaged or broke off on the way. Send it again.")


@dataclass(frozen=True)
class Box:
    """A box: its kind and what is in it."""

    kind: bytes
    body: memoryview


@dataclass(frozen=True)
class Sample:
    """A sample of a track. start: of its bytes in the file. duration, shift: in units of the
    track's clock; shift: from when it is decoded to when it is shown. key: it needs no other."""

    start: int
    size: int
    duration: int
    shift: int
    key: bool


@dataclass(frozen=True)
class Track:
    """One track. clock: units a second. entry: its sample description. turn: the four numbers of
    its matrix. edit: (wait in seconds, first unit shown, units shown), None for all of it."""

    kind: bytes
    clock: int
    entry: Box
    turn: tuple[int, int, int, int]
    samples: tuple[Sample, ...]
    edit: tuple[float, int, int] | None


class Reader:
    """Reads one file; counts boxes, so that none can hold endlessly many."""

    def __init__(self, content: bytes) -> None:
        self._whole = memoryview(content)
        self._boxes = 0

    def tracks(self) -> list[Track]:
        """Returns the video and sound tracks in order; what else there is, is not read.

        Errors: VideoUnreadable, VideoCodec; struct.error for what ends too early.
        """
        top = list(self.boxes(self._whole))
        if top[0].kind != b"ftyp" or not self._brands(top[0].body) & BRANDS:
            raise damaged()
        moov = one([each for each in top if each.kind == b"moov"])
        inside = list(self.boxes(moov.body))
        if any(each.kind == b"mvex" for each in inside):
            raise VideoCodec("This video is in fragments. Save it anew as an ordinary MP4.")
        traks = [each for each in inside if each.kind == b"trak"]
        if len(traks) > MAX_TRACKS:
            raise damaged()
        movie_clock = _clock(one(_of(inside, b"mvhd")).body)
        found = [self._track(each, movie_clock) for each in traks]
        return [each for each in found if each is not None]

    def boxes(self, body: memoryview) -> Iterator[Box]:
        """Yields the boxes in a body, which they fill to its end. Errors: VideoUnreadable."""
        at = 0
        while at < len(body):
            self._boxes += 1
            if self._boxes > MAX_BOXES:
                raise damaged()
            size, kind = struct.unpack_from(">I4s", body, at)
            head = 8
            if size == 1:
                (size,) = struct.unpack_from(">Q", body, at + 8)
                head = 16
            elif size == 0:
                if body is not self._whole and len(body) != len(self._whole):
                    return  # QuickTime ends some lists so
                size = len(body) - at
            if size < head or at + size > len(body):
                raise damaged()
            yield Box(kind, body[at + head : at + size])
            at += size

    @staticmethod
    def _brands(body: memoryview) -> set[bytes]:
        told = bytes(body[:80])
        return {told[:4], *(told[at : at + 4] for at in range(8, len(told), 4))}

    def _track(self, trak: Box, movie_clock: int) -> Track | None:
        inside = list(self.boxes(trak.body))
        media = list(self.boxes(one(_of(inside, b"mdia")).body))
        kind = bytes(one(_of(media, b"hdlr")).body[8:12])
        if kind not in (b"vide", b"soun"):
            return None
        clock = _clock(one(_of(media, b"mdhd")).body)
        minf = list(self.boxes(one(_of(media, b"minf")).body))
        table = {each.kind: each.body for each in self.boxes(one(_of(minf, b"stbl")).body)}
        entry = one(list(self.boxes(table[b"stsd"][8:])))  # samples do not say which of several
        edit = None
        for edts in _of(inside, b"edts"):
            for elst in _of(list(self.boxes(edts.body)), b"elst"):
                edit = _edit(elst.body, movie_clock, clock)
        most = MAX_FRAMES if kind == b"vide" else MAX_SAMPLES
        turn = _turn(one(_of(inside, b"tkhd")).body)
        return Track(kind, clock, entry, turn, _samples(table, most, len(self._whole)), edit)


def one(found: list[Box]) -> Box:
    """Returns the only one. Errors: VideoUnreadable."""
    if len(found) != 1:
        raise damaged()
    return found[0]


def _of(boxes: list[Box], kind: bytes) -> list[Box]:
    return [each for each in boxes if each.kind == kind]


def _clock(body: memoryview) -> int:
    (clock,) = struct.unpack_from(">I", body, 20 if body[0] else 12)
    if not 1 <= clock <= 10_000_000:
        raise damaged()
    return int(clock)


def _turn(body: memoryview) -> tuple[int, int, int, int]:
    a, b, _, c, d = struct.unpack_from(">5i", body, 52 if body[0] else 40)
    return a, b, c, d


def _edit(body: memoryview, movie_clock: int, clock: int) -> tuple[float, int, int] | None:
    (count,) = struct.unpack_from(">I", body, 4)
    if count > 2:
        raise VideoUnreadable("This video is made of several cuts. Export it anew as one MP4.")
    wait, shown = 0.0, None
    for at in range(count):
        form, size = (">QqI", 20) if body[0] else (">IiI", 12)
        length, begin, rate = struct.unpack_from(form, body, 8 + at * size)
        if begin == -1 and shown is None:
            wait += length / movie_clock
        elif shown is None and begin >= 0 and rate == 0x10000:
            shown = (begin, length * clock // movie_clock)
        else:
            raise VideoUnreadable("This video is made of several cuts. Export it anew as one MP4.")
    return (min(wait, 10.0), *shown) if shown else None


def _pairs(body: memoryview, form: str, most: int) -> list[tuple[int, ...]]:
    (count,) = struct.unpack_from(">I", body, 4)
    if count > most:
        raise damaged()
    step = struct.calcsize(form)
    return [struct.unpack_from(form, body, 8 + at * step) for at in range(count)]


def _spread(body: memoryview, form: str, most: int) -> list[int]:
    """Returns a value for each sample of a table that tells runs of equal ones."""
    found: list[int] = []
    for count, value in _pairs(body, form, most):
        if len(found) + count > most:
            raise damaged()
        found += [value] * count
    return found


def _samples(table: dict[bytes, memoryview], most: int, whole_bytes: int) -> tuple[Sample, ...]:
    fixed, count = struct.unpack_from(">II", table[b"stsz"], 4)
    if not 1 <= count <= most:
        raise damaged()
    sizes = [fixed] * count if fixed else list(struct.unpack_from(f">{count}I", table[b"stsz"], 12))
    if sum(sizes) > whole_bytes:  # the same bytes must not be told many times over
        raise damaged()
    durations = _spread(table[b"stts"], ">II", most)
    shifts = _spread(table[b"ctts"], ">Ii", most) if b"ctts" in table else [0] * count
    keys = None
    if b"stss" in table:
        keys = {number for (number,) in _pairs(table[b"stss"], ">I", most)}
    starts = _starts(table, sizes, most)
    if not len(durations) == len(shifts) == len(starts) == count:
        raise damaged()
    found = []
    for at, (start, size) in enumerate(zip(starts, sizes, strict=True)):
        if size < 1 or start + size > whole_bytes:
            raise damaged()
        key = keys is None or at + 1 in keys
        found.append(Sample(start, size, durations[at], shifts[at], key))
    return tuple(found)


def _starts(table: dict[bytes, memoryview], sizes: list[int], most: int) -> list[int]:
    if b"co64" in table:
        chunks = [at for (at,) in _pairs(table[b"co64"], ">Q", most)]
    else:
        chunks = [at for (at,) in _pairs(table[b"stco"], ">I", most)]
    runs = _pairs(table[b"stsc"], ">III", most)
    found: list[int] = []
    for number, start in enumerate(chunks, 1):
        at = start
        for size in sizes[len(found) : len(found) + _held(runs, number)]:
            found.append(at)
            at += size
    return found


def _held(runs: list[tuple[int, ...]], number: int) -> int:
    """Returns how many samples a chunk holds."""
    low, high = 0, len(runs)
    while low < high:
        middle = (low + high) // 2
        if runs[middle][0] <= number:
            low = middle + 1
        else:
            high = middle
    if not low:
        raise damaged()
    return runs[low - 1][1]
