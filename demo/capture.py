"""The hour as a sensor at the gate hears it: a capture file of probe requests.

Formats: pcap with link type radiotap (127); IEEE 802.11-2020, 9.3.3.9 and 9.4.2.
"""

import struct
from collections.abc import Iterable
from pathlib import Path

from demo.visitors import Party

RADIOTAP = 127
_SIGNAL_PRESENT = 1 << 5  # radiotap field "antenna signal", one byte
_PROBE_REQUEST = b"\x40\x00\x00\x00"
_BROADCAST = b"\xff" * 6
_MICROSOFT = b"\x00\x50\xf2"


def write_capture(path: Path, parties: Iterable[Party], start_s: float) -> int:
    """Writes the frames of all phones in order of time and returns how many.

    start_s: seconds since 1970 of minute 0.
    """
    frames = sorted(
        (start_s + minute * 60, _probe(phone.address, phone.model, number))
        for party in parties
        for phone in party.phones
        for number, minute in enumerate(phone.minutes)
    )
    with path.open("wb") as file:
        file.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65_535, RADIOTAP))
        for at_s, frame in frames:
            seconds, fraction = divmod(at_s, 1)
            file.write(
                struct.pack("<IIII", int(seconds), int(fraction * 1e6), len(frame), len(frame))
            )
            file.write(frame)
    return len(frames)


def _probe(address: bytes, model: int, number: int) -> bytes:
    """One probe request; phones of one model send the same information elements."""
    radiotap = struct.pack("<BBHIb", 0, 0, 9, _SIGNAL_PRESENT, -40 - 5 * (model % 8))
    sequence = struct.pack("<H", (number * 7 % 4096) << 4)
    rates = bytes([0x82, 0x84, 0x8B, 0x96, 0x0C, 0x12, 0x18, 0x24][: 4 + model % 5])
    elements = [
        (0, b""),
        (1, rates),
        (45, struct.pack("<HB", 0x0020 + model * 4, 0x17) + bytes(23)),
        (127, bytes([model & 0xFF, 0, 8, 0x80, 0, 0, 0, 0x40])),
        (221, _MICROSOFT + bytes([8, 0, 0x20 + model % 4])),
    ]
    body = b"".join(bytes([number_, len(value)]) + value for number_, value in elements)
    return radiotap + _PROBE_REQUEST + _BROADCAST + address + _BROADCAST + sequence + body
