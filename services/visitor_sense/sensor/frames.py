"""Radiotap, 802.11 and information elements: from bytes of a frame to what may leave the sensor.

Written for hostile input: every length is checked against the frame, nothing is trusted, and a
frame that makes no sense is counted as broken. Only probe requests are read. The address and the
raw elements exist only inside read_probe; the SSID is stepped over by its length.
Formats: radiotap.org; IEEE 802.11-2020, 9.3.3.9 and 9.4.2.
"""

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
_FLAGS, _SIGNAL = 1, 5
_NAMESPACE, _VENDOR, _MORE = 29, 30, 31

_SSID, _DS_CHANNEL, _VENDOR_ELEMENT, _EXTENSION = 0, 3, 221, 255
_EXTENSION_HE = 35
_MICROSOFT = b"\x00\x50\xf2"
MEMO_BOUND = 8192


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


class BrokenFrame(Exception):
    """The bytes are not a frame. Carries no detail of them on purpose."""


class FrameReader:
    """Reads frames under one day key. Make a new one for a new key.

    It remembers the signature of element blocks seen before under Python's own randomized hash of
    them; the blocks themselves are not kept.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._layouts: dict[bytes, tuple[int, int]] = {}
        self._signatures: dict[int, int] = {}

    def read_probe(self, link_type: int, frame: bytes) -> Probe | None:
        """Returns what is kept of a probe request, None for any other frame.

        Errors: BrokenFrame when the frame is cut off, damaged (its checksum was wrong) or absurd.
        """
        start, flags, signal = self._radiotap(frame) if link_type == RADIOTAP else (0, 0, 0)
        if len(frame) <= start:
            raise BrokenFrame
        if frame[start] != _PROBE_REQUEST:
            return None
        end = len(frame) - 4 if flags & _FCS_AT_END else len(frame)
        body = start + 24
        if end < body or flags & _FCS_BAD:
            raise BrokenFrame
        if frame[start + 1] & _ORDER_FLAG:
            body += 4
        address = frame[start + 10 : start + 16]
        return Probe(
            pseudonym(self._key, address),
            self._signature(frame[body:end]),
            quantized(signal),
            (frame[start + 22] | frame[start + 23] << 8) >> 4,
            bool(address[0] & 0x02),
        )

    def _radiotap(self, frame: bytes) -> tuple[int, int, int]:
        """Returns header length, flags (0 when absent) and signal in dBm (0 when absent)."""
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
        layout = self._layouts.get(frame[4:words])
        if layout is None:
            layout = field_offsets(frame[4:words])
            if len(self._layouts) < MEMO_BOUND:
                self._layouts[frame[4:words]] = layout
        flags_at, signal_at = layout
        flags = frame[flags_at] if 0 < flags_at < size else 0
        signal = frame[signal_at] if 0 < signal_at < size else 0
        # Nothing over the air is received with a milliwatt: 0 and above stand for "not known".
        return size, flags, signal - 256 if signal > 127 else 0

    def _signature(self, elements: bytes) -> int:
        # The SSID comes first in a probe request: beyond it, equal phones send equal blocks.
        rest = elements[2 + elements[1] :] if elements[:1] == b"\0" and elements[1:] else elements
        memo = hash(rest)
        found = self._signatures.get(memo)
        if found is None:
            found = signature(self._key, lasting_elements(rest))
            if len(self._signatures) < MEMO_BOUND:
                self._signatures[memo] = found
        return found


def quantized(signal_dbm: int) -> int:
    """Returns a signal rounded to 5 dB: enough for near and far, too coarse to tell apart."""
    return round(signal_dbm / 5) * 5


def field_offsets(present: bytes) -> tuple[int, int]:
    """Returns the offsets of flags and of the first signal in a radiotap header, 0 when absent.

    present: all present words, 4 bytes each. Reading stops at a vendor's own namespace and at a
    field of unknown size.
    """
    flags_at = signal_at = 0
    at = 4 + len(present)
    for (word,) in struct.iter_unpack("<I", present):
        for number, field in enumerate(_FIELDS):
            if not word >> number & 1:
                continue
            if field is None:
                return flags_at, signal_at
            at += -at % field[0]
            if number == _FLAGS and not flags_at:
                flags_at = at
            elif number == _SIGNAL and not signal_at:
                signal_at = at
            at += field[1]
        if word >> _VENDOR & 1:
            break
    return flags_at, signal_at


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
