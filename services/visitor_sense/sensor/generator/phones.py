"""What phones send: models of the project's own, and bursts of labelled captures sent again.

The models say what was seen on the labelled captures in numbers only (kinds of counters, pauses,
frames of a scan); no byte of a capture is in them. A replayed phone sends real elements and
sequence numbers at their real distances, under addresses of its own, without the names of networks.
"""

import random
import struct
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from services.visitor_sense.domain.bursts import LAP
from services.visitor_sense.sensor.captures import RADIOTAP, read_frames
from services.visitor_sense.sensor.frames import field_offsets

CHANNELS = (1, 6, 11)
FRAMES_ON_CHANNEL = 3
FRAME_MS = 20
MODELS = 24  # of the project's own; popular ones are sold more
_MICROSOFT = b"\x00\x50\xf2"


@dataclass(frozen=True)
class Sent:
    """A probe request on its way. elements: without the name of a network."""

    time_ms: int
    channel: int
    address: bytes
    sequence: int
    elements: bytes


class Phone(Protocol):
    """A device that sends now and then."""

    def send(self, begin_ms: int, end_ms: int) -> Iterator[Sent]:
        """Yields what it sends in a time, in order. Times must rise from call to call."""
        ...


@dataclass
class ModelPhone:
    """A phone of a model of the project's own.

    fixed: keeps its address. goes_on: its counter goes on from address to address; else every scan
    has a counter of its own. pause_s: mean time between scans.
    """

    chance: random.Random
    model: int
    fixed: bool
    goes_on: bool
    pause_s: float

    def __post_init__(self) -> None:
        self._own = made_up(self.chance, fixed=True)
        self._counter = self.chance.randrange(LAP)
        self._elements = elements_of(self.model)
        self._next_ms = -1

    def send(self, begin_ms: int, end_ms: int) -> Iterator[Sent]:
        """Yields what it sends; it scans at other moments in every zone it comes to."""
        at_ms = begin_ms + round(1_000 * self.pause_s * self.chance.random())
        while at_ms < end_ms:
            yield from (one for one in self._scan(at_ms) if one.time_ms < end_ms)
            at_ms += 1_000 + round(1_000 * self.pause_s * self.chance.uniform(0.7, 1.3))

    def _scan(self, at_ms: int) -> Iterator[Sent]:
        address = self._own if self.fixed else made_up(self.chance, fixed=False)
        if not self.goes_on and not self.fixed:
            self._counter = self.chance.randrange(LAP)
        for number, channel in enumerate(CHANNELS * FRAMES_ON_CHANNEL):
            yield Sent(at_ms + FRAME_MS * number, channel, address, self._counter, self._elements)
            self._counter = (self._counter + 1) % LAP
        self._counter = (self._counter + self.chance.randrange(3)) % LAP


@dataclass
class ReplayedPhone:
    """A session of a labelled capture, begun anywhere and again from its start at its end."""

    chance: random.Random
    session: Sequence[Sent]

    def __post_init__(self) -> None:
        self._addresses: dict[bytes, bytes] = {}
        self._phase_ms = self.chance.randrange(self._long_ms())

    def _long_ms(self) -> int:
        return self.session[-1].time_ms + 60_000

    def send(self, begin_ms: int, end_ms: int) -> Iterator[Sent]:
        """Yields the frames of the session that fall into a time."""
        long_ms = self._long_ms()
        lap = (begin_ms - self._phase_ms) // long_ms
        while (start_ms := lap * long_ms + self._phase_ms) < end_ms:
            for one in self.session:
                if begin_ms <= start_ms + one.time_ms < end_ms:
                    yield Sent(
                        start_ms + one.time_ms, one.channel, self._address(one.address, lap),
                        one.sequence, one.elements,
                    )  # fmt: skip
            lap += 1

    def _address(self, real: bytes, lap: int) -> bytes:
        fixed = not real[0] & 2
        key = real if fixed else real + struct.pack("<q", lap)
        if key not in self._addresses:
            self._addresses[key] = made_up(self.chance, fixed=fixed)
        return self._addresses[key]


def made_up(chance: random.Random, *, fixed: bool) -> bytes:
    """Returns an address; bit 0x02 of its first byte says whether it claims to be made up."""
    first = chance.getrandbits(8) & 0xFC
    return bytes([first if fixed else first | 2]) + chance.randbytes(5)


def model_phone(chance: random.Random) -> ModelPhone:
    """Returns a phone of a random model: popular models are drawn more often."""
    popularity = [1 / (rank + 1) for rank in range(MODELS)]
    model = chance.choices(range(MODELS), weights=popularity)[0]
    # What a phone does is a matter of its model, as it is in life.
    habits = random.Random(model)
    fixed, goes_on = habits.random() < 0.25, habits.random() < 0.65
    pause_s = habits.uniform(20, 90) * chance.uniform(0.8, 1.25)
    return ModelPhone(chance, model, fixed, goes_on, pause_s)


def elements_of(model: int) -> bytes:
    """Returns the elements that all phones of a model send."""
    rates = bytes([0x82, 0x84, 0x8B, 0x96, 0x0C, 0x12, 0x18, 0x24][: 4 + model % 5])
    parts = (
        (1, rates),
        (45, struct.pack("<HB", 0x0020 + model * 4, 0x17) + bytes(23)),
        (127, bytes([model & 0xFF, 0, 8, 0x80, 0, 0, 0, 0x40])),
        (221, _MICROSOFT + bytes([8, 0, 0x20 + model % 4])),
    )
    return b"".join(bytes([number, len(value)]) + value for number, value in parts)


def read_sessions(folder: Path) -> list[list[Sent]]:
    """Reads labelled captures, one session per file of folder/**/*.pcap, in order of their names.

    What cannot be read as a probe request is left out. Errors: CaptureError.
    """
    found: dict[tuple[str, ...], list[Sent]] = defaultdict(list)
    for path in sorted(folder.rglob("*.pcap")):
        for time_ms, link_type, frame in read_frames(path):
            start = struct.unpack_from("<H", frame, 2)[0] if link_type == RADIOTAP else 0
            body = frame[start:]
            if len(body) >= 26 and body[0] == 0x40 and body[24] == 0:
                sequence = struct.unpack_from("<H", body, 22)[0] >> 4
                checksum = 4 if link_type == RADIOTAP and _has_checksum(frame) else 0
                elements = body[26 + body[25] : len(body) - checksum]
                found[path.parts].append(Sent(time_ms, 0, body[10:16], sequence, elements))
    sessions = []
    for frames in found.values():
        frames.sort(key=lambda one: one.time_ms)
        begin = frames[0].time_ms
        sessions.append([
            Sent(one.time_ms - begin, CHANNELS[number % 3], one.address, one.sequence, one.elements)
            for number, one in enumerate(frames)
        ])  # fmt: skip
    return sessions


def _has_checksum(frame: bytes) -> bool:
    """Tells whether the flags of a radiotap header say so."""
    words = 8
    while frame[words - 1] & 0x80 and words + 4 <= len(frame):
        words += 4
    flags_at, *_ = field_offsets(frame[4:words])
    return 0 < flags_at < len(frame) and bool(frame[flags_at] & 0x10)
