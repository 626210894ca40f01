"""Writes an MP4 of one picture and at most one sound track (ISO/IEC 14496-12, -14, -15).

Every box is made here from numbers that were looked at: nothing of the file it came from is copied
but the samples. What a player has to know stands in front, so that it can begin at once.
"""

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

MOVIE_CLOCK = 1_000
FIXED = 0x10000  # 1.0
UPRIGHT = (FIXED, 0, 0, FIXED)
CHUNK_S = 1.0


@dataclass(frozen=True)
class Written:
    """One sample. duration, shift: in units of the track's clock."""

    body: bytes
    duration: int
    shift: int = 0
    key: bool = True


@dataclass(frozen=True)
class Line:
    """A track. entry: its sample description, a whole box. size: 0, 0 for sound. wait: before it
    begins, in seconds; skip: units that are decoded and not shown; shown: units that are."""

    clock: int
    entry: bytes
    samples: Sequence[Written]
    size: tuple[int, int] = (0, 0)
    turn: tuple[int, int, int, int] = UPRIGHT
    wait: float = 0.0
    skip: int = 0
    shown: int = 0

    @property
    def seconds(self) -> float:
        """How long it is shown, its wait left out."""
        return self.shown / self.clock


def write(lines: Sequence[Line]) -> bytes:
    """Returns the file."""
    start = _box(b"ftyp", b"isom", _u32(512), b"isomiso2avc1mp41")
    chunks = sorted(
        ((begin, number, first, count) for number, line in enumerate(lines)
         for begin, first, count in _chunks(line)),
    )  # fmt: skip
    empty: list[list[int]] = [[0] * sum(c[1] == n for c in chunks) for n in range(len(lines))]
    at = len(start) + len(_moov(lines, empty)) + 8
    places: list[list[int]] = [[] for _ in lines]
    media = []
    for _, number, first, count in chunks:
        places[number].append(at)
        for each in lines[number].samples[first : first + count]:
            media.append(each.body)
            at += len(each.body)
    return b"".join([start, _moov(lines, places), _box(b"mdat", *media)])


def avc_entry(size: tuple[int, int], record: bytes) -> bytes:
    """Returns the description of an H.264 track."""
    about = struct.pack(">6xH16xHHIIIH32xHh", 1, *size, 0x480000, 0x480000, 0, 1, 24, -1)
    return _box(b"avc1", about, _box(b"avcC", record))


def aac_entry(rate: int, channels: int, config: bytes) -> bytes:
    """Returns the description of an AAC track. config: its AudioSpecificConfig."""
    decoder = b"\x40\x15" + bytes(3) + bytes(8) + _told(5, config)
    es = bytes(4) + _told(3, b"\x00\x00\x00" + _told(4, decoder) + _told(6, b"\x02"))
    about = struct.pack(">6xH8xHHIHH", 1, channels, 16, 0, rate, 0)
    return _box(b"mp4a", about, _box(b"esds", es))


def _told(tag: int, body: bytes) -> bytes:
    return bytes([tag, 0x80, 0x80, 0x80, len(body)]) + body


def _chunks(line: Line) -> Iterator[tuple[float, int, int]]:
    """Yields (begins at, first sample, samples): a second of each track, then of the other."""
    passed, first = 0, 0
    starts = []
    for each in line.samples:
        starts.append(int((line.wait + passed / line.clock) / CHUNK_S))
        passed += each.duration
    for second, group in groupby(starts):
        count = len(list(group))
        yield second * CHUNK_S, first, count
        first += count


def _moov(lines: Sequence[Line], places: Sequence[Sequence[int]]) -> bytes:
    longest = max(round((line.wait + line.seconds) * MOVIE_CLOCK) for line in lines)
    head = struct.pack(
        ">IIIIIIHH8x9i24xI", 0, 0, 0, MOVIE_CLOCK, longest, FIXED, 0x100, 0, *_matrix(UPRIGHT),
        len(lines) + 1,
    )  # fmt: skip
    tracks = [
        _trak(number, line, spots) for number, (line, spots) in
        enumerate(zip(lines, places, strict=True), 1)
    ]  # fmt: skip
    return _box(b"moov", _box(b"mvhd", head), *tracks)


def _matrix(turn: tuple[int, int, int, int]) -> tuple[int, ...]:
    a, b, c, d = turn
    return a, b, 0, c, d, 0, 0, 0, 0x40000000


def _trak(number: int, line: Line, places: Sequence[int]) -> bytes:
    seen = line.size != (0, 0)
    whole = round((line.wait + line.seconds) * MOVIE_CLOCK)
    head = struct.pack(
        ">IIIIIIQHHHH9iII", 7, 0, 0, number, 0, whole, 0, 0, 0, 0 if seen else 0x100, 0,
        *_matrix(line.turn), line.size[0] << 16, line.size[1] << 16,
    )  # fmt: skip
    length = sum(each.duration for each in line.samples)
    mdhd = struct.pack(">IIIIIHH", 0, 0, 0, line.clock, length, 0x55C4, 0)
    hdlr = struct.pack(">II4s12xx", 0, 0, b"vide" if seen else b"soun")
    about = _box(b"vmhd", struct.pack(">IQ", 1, 0)) if seen else _box(b"smhd", bytes(8))
    dinf = _box(b"dinf", _box(b"dref", struct.pack(">II", 0, 1), _box(b"url ", _u32(1))))
    minf = _box(b"minf", about, dinf, _stbl(line, places))
    mdia = _box(b"mdia", _box(b"mdhd", mdhd), _box(b"hdlr", hdlr), minf)
    return _box(b"trak", _box(b"tkhd", head), _edits(line), mdia)


def _edits(line: Line) -> bytes:
    edits = [(round(line.wait * MOVIE_CLOCK), -1)] if line.wait else []
    edits.append((round(line.seconds * MOVIE_CLOCK), line.skip))
    body = struct.pack(">II", 0, len(edits)) + b"".join(
        struct.pack(">IiI", length, begin, FIXED) for length, begin in edits
    )
    return _box(b"edts", _box(b"elst", body))


def _stbl(line: Line, places: Sequence[int]) -> bytes:
    samples = line.samples
    counts = [count for _, _, count in _chunks(line)]
    boxes = [
        _box(b"stsd", struct.pack(">II", 0, 1), line.entry),
        _table(b"stts", ">II", _runs([each.duration for each in samples])),
    ]
    if any(each.shift for each in samples):
        # Version 1: what is shown before it is decoded is told by a number below zero.
        boxes.append(_table(b"ctts", ">Ii", _runs([each.shift for each in samples]), version=1))
    if not all(each.key for each in samples):
        keys = [(at,) for at, each in enumerate(samples, 1) if each.key]
        boxes.append(_table(b"stss", ">I", keys))
    boxes += [
        _table(b"stsc", ">III", [(at, count, 1) for at, count in enumerate(counts, 1)]),
        _box(b"stsz", struct.pack(">III", 0, 0, len(samples)),
             struct.pack(f">{len(samples)}I", *(len(each.body) for each in samples))),
        _table(b"stco", ">I", [(at,) for at in places]),
    ]  # fmt: skip
    return _box(b"stbl", *boxes)


def _runs(values: Sequence[int]) -> list[tuple[int, ...]]:
    return [(len(list(group)), value) for value, group in groupby(values)]


def _table(kind: bytes, form: str, rows: Sequence[tuple[int, ...]], version: int = 0) -> bytes:
    head = struct.pack(">B3xI", version, len(rows))
    return _box(kind, head, b"".join(struct.pack(form, *row) for row in rows))


def _u32(value: int) -> bytes:
    return struct.pack(">I", value)


def _box(kind: bytes, *bodies: bytes) -> bytes:
    return struct.pack(">I4s", 8 + sum(map(len, bodies)), kind) + b"".join(bodies)
