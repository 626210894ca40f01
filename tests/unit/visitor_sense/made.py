"""Frames and capture files of our own making, byte by byte, for tests."""

import gzip
import hashlib
import struct
from collections.abc import Iterable, Sequence
from pathlib import Path

PHONE = bytes.fromhex("001122334455")  # a fixed address: bit 0x02 of the first byte is 0
MADE_UP = bytes.fromhex("da1122334455")  # a randomized address
RATES = b"\x01\x04\x02\x04\x0b\x16"
HT = b"\x2d\x1a" + bytes(range(26))
FLAGS, SIGNAL = 1, 5
# 0x2e: flags, rate, channel, signal (the words of the shared captures are 0x2e, 0x482e, 0x482f)
PRESENT = 0x2E


def ssid(name: bytes = b"") -> bytes:
    """Returns the SSID element."""
    return bytes([0, len(name)]) + name


def radiotap(*, signal_dbm: int = -60, flags: int = 0, extra_words: Sequence[int] = ()) -> bytes:
    """Returns a radiotap header with flags, rate, channel and signal."""
    words = [PRESENT, *extra_words]
    for index in range(len(words) - 1):
        words[index] |= 1 << 31
    fields = struct.pack("<BBHHb", flags, 2, 2412, 0xA0, signal_dbm)
    present = struct.pack(f"<{len(words)}I", *words)
    size = 4 + len(present) + len(fields)
    return struct.pack("<BBH", 0, 0, size) + present + fields


def probe(
    address: bytes = PHONE,
    elements: bytes = ssid() + RATES + HT,
    *,
    sequence: int = 7,
    header: bytes | None = None,
    fcs: bytes = b"",
    frame_control: bytes = b"\x40\x00",
) -> bytes:
    """Returns a probe request with its radiotap header."""
    mac = (
        frame_control + b"\x00\x00" + b"\xff" * 6 + address + b"\xff" * 6
        + struct.pack("<H", sequence << 4)
    )  # fmt: skip
    return (radiotap() if header is None else header) + mac + elements + fcs


def pcap(
    path: Path, frames: Iterable[tuple[float, bytes]], *, order: str = "<", link_type: int = 127
) -> Path:
    """Writes a pcap file; a name ending in .gz is packed. frames: (seconds, bytes)."""
    content = struct.pack(order + "IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, link_type)
    for time_s, frame in frames:
        seconds, micros = divmod(round(time_s * 1_000_000), 1_000_000)
        content += struct.pack(order + "IIII", seconds, micros, len(frame), len(frame)) + frame
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def block(kind: int, body: bytes, order: str = "<") -> bytes:
    """Returns a pcapng block."""
    body += b"\0" * (-len(body) % 4)
    size = struct.pack(order + "I", 12 + len(body))
    return struct.pack(order + "I", kind) + size + body + size


def pcapng(
    path: Path, frames: Iterable[tuple[float, bytes]], *, order: str = "<", resolution: int = 6,
    link_type: int = 127,
) -> Path:  # fmt: skip
    """Writes a pcapng file with one interface. resolution: the if_tsresol byte."""
    per_second = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    content = block(0x0A0D0D0A, struct.pack(order + "IHHq", 0x1A2B3C4D, 1, 0, -1), order)
    option = struct.pack(order + "HHB3xHH", 9, 1, resolution, 0, 0)
    content += block(1, struct.pack(order + "HHI", link_type, 0, 0) + option, order)
    for time_s, frame in frames:
        ticks = round(time_s * per_second)
        head = struct.pack(
            order + "IIIII", 0, ticks >> 32, ticks & 0xFFFFFFFF, len(frame), len(frame)
        )
        content += block(6, head + frame, order)
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)
    return path


def phone(number: int) -> bytes:
    """Returns a fixed address that looks like no other bytes, so that a search can tell it."""
    return b"\x00" + hashlib.blake2b(struct.pack("<I", number), digest_size=5).digest()


def crowd(people: int, frames_each: int = 3, *, begin_s: float = 1_700_000_000.0,
          span_s: float = 60.0) -> list[tuple[float, bytes]]:  # fmt: skip
    """Returns frames of so many fixed addresses, evenly over a span."""
    total = people * frames_each
    return [
        (begin_s + span_s * number / max(1, total - 1),
         probe(phone(number % people), sequence=number % 4096))
        for number in range(total)
    ]  # fmt: skip
