"""Radiotap, 802.11 and information elements: from bytes of a frame to what may leave the sensor.

Written for hostile input: every length is checked against the frame, nothing is trusted, and a
frame that makes no sense is counted as broken. Only probe requests are read. The address and the
raw elements exist only inside read_probe; the SSID is stepped over by its length.
Formats: radiotap.org; IEEE 802.11-2020, 9.3.3.9 and 9.4.2.
"""

import os
import struct
from dataclasses import dataclass

from services.visitor_sense.domain.pseudonym import pseudonym, signature
from services.visitor_sense.sensor.captures import RADIOTAP

_PROBE_REQUEST = 0x40  # version 0, type management, subtype 4
_ORDER_FLAG = 0x80
_FCS_AT_END, _FCS_BAD = 0x10, 0x40
_MAX_PRESENT_WORDS = 32
# Alignment and size of radiotap fields 0 to 28; None where the standard leaves a gap.
_FIELDS: tuple[tuple[int, int] | None, ...] = (
    (8, 8), (1, 1), (1, 1), (2, 4), (2, 2), (1, 1), (1, 1), (2, 2), (2, 2), (2, 2),
    (1, 1), (1, 1), (1, 1), (1, 1), (2, 2), (2, 2), (1, 1), (1, 1), (4, 8), (1, 3),
    (4, 8), (2, 12), (8, 12), (2, 12), (2, 12), None, (2, 6), None, (4, 4),
)  # fmt: skip
_FLAGS, _CHANNEL, _SIGNAL = 1, 3, 5
_NAMESPACE, _VENDOR, _MORE = 29, 30, 31

_SSID, _DS_CHANNEL, _VENDOR_ELEMENT, _EXTENSION = 0, 3, 221, 255
_EXTENSION_HE = 35
_MICROSOFT = b"\x00\x50\xf2"
# Most names a memo holds. An entry takes about 120 bytes.
MEMO_BOUND = 16_384
LAYOUT_BOUND = 1_024


@dataclass(frozen=True)
class Probe:
    """What is kept of one probe request.

    rssi_dbm: rounded to 5 dB, 0 when unknown. randomized: the address says it is made up.
    """

    pseudonym: int
    signature: int
    rssi_dbm: int
    frame_sequence: int
    randomized: bool


# The same, without a name for each part: pseudonym, signature, rssi_dbm, frame_sequence,
# randomized; then the frequency in MHz as it stands in the header, empty where nobody knows.
Kept = tuple[int, int, int, int, bool, bytes]


class BrokenFrame(Exception):
    """The bytes are not a frame. Carries no detail of them on purpose."""


class Memo:
    """Hashes found before, by Python's own keyed hash of what they were made of.

    Neither an address nor an element is held. The key of that hash is random in each process and
    ends with it; whoever reads it in memory finds the day key there too. A pair out of a million
    million million is taken for another. Two generations: what was not asked for since the last
    one filled up is forgotten, so that no crowd and no attacker can make it grow or useless.
    """

    def __init__(self, bound: int) -> None:
        self._bound = bound // 2
        self.young: dict[int, int] = {}
        self.old: dict[int, int] = {}

    def keep(self, name: int, value: int) -> None:
        """Remembers a hash."""
        if not self._bound:
            return
        if len(self.young) >= self._bound:
            self.old, self.young = self.young, {}
        self.young[name] = value

    def __len__(self) -> int:
        return len(self.young) + len(self.old)


class FrameReader:
    """Reads frames under one day key. Make a new one for a new key: a Memo lives as long as it."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._layouts: dict[bytes, tuple[int, int, int, int]] = {}
        self._fields: dict[bytes, tuple[int, int, int]] = {}
        # Where the hash has no key of its own, nothing is remembered by it.
        bound = MEMO_BOUND if os.environ.get("PYTHONHASHSEED", "random") == "random" else 0
        self._addresses, self._elements = Memo(bound), Memo(bound)

    def read_probe(self, link_type: int, frame: bytes) -> Probe | None:
        """Returns what is kept of a probe request, None for any other frame.

        Errors: BrokenFrame when the frame is cut off, damaged (its checksum was wrong) or absurd.
        """
        kept = self.read(link_type, frame)
        return Probe(*kept[:5]) if kept else None

    def read(self, link_type: int, frame: bytes) -> Kept | None:
        """Does the work of read_probe; its answer is made three times faster."""
        if link_type == RADIOTAP:
            # The first eight bytes settle where all fields lie, unless more words follow.
            layout = self._layouts.get(frame[:8]) or self._layout(frame)
            start, flags_at, channel_at, signal_at = layout
        else:
            start = flags_at = channel_at = signal_at = 0
        size = len(frame)
        if size <= start:
            raise BrokenFrame
        if frame[start] != _PROBE_REQUEST:
            return None
        flags = frame[flags_at] if flags_at else 0
        end = size - 4 if flags & _FCS_AT_END else size
        body = start + 24
        if end < body or flags & _FCS_BAD:
            raise BrokenFrame
        if frame[start + 1] & _ORDER_FLAG:
            body += 4
        address = frame[start + 10 : start + 16]
        memo = self._addresses
        name = hash(address)
        known = memo.young.get(name)
        if known is None:
            known = memo.old.get(name)
            memo.keep(name, known := pseudonym(self._key, address) if known is None else known)
        # The SSID comes first in a probe request: beyond it, equal phones send equal blocks.
        if body + 1 < end and not frame[body]:
            body += 2 + frame[body + 1]
        elements = frame[body:end]
        memo = self._elements
        name = hash(elements)
        kind = memo.young.get(name)
        if kind is None:
            kind = memo.old.get(name)
            if kind is None:
                kind = signature(self._key, lasting_elements(elements))
            memo.keep(name, kind)
        return (
            known,
            kind,
            _QUANTIZED[frame[signal_at]] if signal_at else 0,
            (frame[start + 22] | frame[start + 23] << 8) >> 4,
            frame[start + 10] & 0x02 != 0,
            frame[channel_at : channel_at + 2] if channel_at else b"",
        )

    def _layout(self, frame: bytes) -> tuple[int, int, int, int]:
        """Returns header length and the places of flags, channel and signal, 0 where absent."""
        if len(frame) < 8 or frame[0]:
            raise BrokenFrame
        size = frame[2] | frame[3] << 8
        if not 8 <= size <= len(frame):
            raise BrokenFrame
        words = 8
        while frame[words - 1] & 0x80:
            words += 4
            if words > size or words > 4 + 4 * _MAX_PRESENT_WORDS:
                raise BrokenFrame
        fields = self._fields.get(frame[4:words])
        if fields is None:
            fields = field_offsets(frame[4:words])
            if len(self._fields) < LAYOUT_BOUND:
                self._fields[frame[4:words]] = fields
        flags_at, channel_at, signal_at = (at if at < size else 0 for at in fields)
        layout = size, flags_at, channel_at, signal_at
        if words == 8 and len(self._layouts) < LAYOUT_BOUND:
            self._layouts[frame[:8]] = layout
        return layout


def quantized(signal_dbm: int) -> int:
    """Returns a signal rounded to 5 dB: enough for near and far, too coarse to tell apart."""
    return round(signal_dbm / 5) * 5


def kept_signal(signal_dbm: int) -> int:
    """Returns what is kept of a signal; nothing over the air is received with a milliwatt: 0 and
    above, and what no byte could say, stand for "not known", which is 0."""
    return quantized(signal_dbm) if -128 <= signal_dbm < 0 else 0


# By the byte in the header.
_QUANTIZED = tuple(kept_signal(byte if byte < 128 else byte - 256) for byte in range(256))


def field_offsets(present: bytes) -> tuple[int, int, int]:
    """Returns the offsets of flags, channel and the first signal in a radiotap header, 0 when
    absent.

    present: all present words, 4 bytes each. Reading stops at a vendor's own namespace and at a
    field of unknown size.
    """
    flags_at = channel_at = signal_at = 0
    at = 4 + len(present)
    for (word,) in struct.iter_unpack("<I", present):
        for number, field in enumerate(_FIELDS):
            if not word >> number & 1:
                continue
            if field is None:
                return flags_at, channel_at, signal_at
            at += -at % field[0]
            if number == _FLAGS and not flags_at:
                flags_at = at
            elif number == _CHANNEL and not channel_at:
                channel_at = at
            elif number == _SIGNAL and not signal_at:
                signal_at = at
            at += field[1]
        if word >> _VENDOR & 1:
            break
    return flags_at, channel_at, signal_at


def lasting_elements(elements: bytes) -> bytes:
    """Returns the information elements that stay the same from frame to frame, as one block.

    Left out: SSID and channel, extension elements other than HE capabilities (they carry bytes
    that vary per frame), and the content of Microsoft's elements beyond their type (type 4, WPS,
    carries a serial number; type 8 varies per frame). An element that is cut off ends the block.
    """
    kept, at, size = [], 0, len(elements)
    while at + 2 <= size:
        number, length = elements[at], elements[at + 1]
        after = at + 2 + length
        if after > size:
            break
        if number == _EXTENSION and elements[at + 2 : at + 3] != bytes([_EXTENSION_HE]):
            pass
        elif number == _VENDOR_ELEMENT and elements[at + 2 : at + 5] == _MICROSOFT:
            kept.append(bytes([number]) + elements[at + 2 : min(at + 6, after)])
        elif number not in {_SSID, _DS_CHANNEL}:
            kept.append(elements[at:after])
        at = after
    return b"".join(kept)
