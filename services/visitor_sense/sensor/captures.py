"""Capture files: pcap and pcapng, plain or gzip, as a stream of frames.

The whole structure is checked by survey() before anything is sent, so that a broken file leaves
nothing half done. Formats: the pcap and pcapng drafts of the IETF opsawg working group.
"""

import gzip
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

RADIOTAP, IEEE802_11 = 127, 105
LINK_TYPES = {RADIOTAP, IEEE802_11}
# A monitor-mode frame has at most 11,454 bytes and its radiotap header far less.
MAX_FRAME_BYTES = 262_144
MAX_BLOCK_BYTES = 16 * 1024 * 1024
MAX_INTERFACES = 64
MAX_FILE_BYTES = 8 * 1024**3  # after unpacking: a bound on hostile gzip files

_PCAP_MAGIC = {
    b"\xd4\xc3\xb2\xa1": ("<", 1_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000),
}
_PCAPNG_MAGIC = b"\x0a\x0d\x0d\x0a"
_BLOCK_SECTION, _BLOCK_INTERFACE, _BLOCK_SIMPLE, _BLOCK_PACKET = 0x0A0D0D0A, 1, 3, 6
_OPTION_END, _OPTION_RESOLUTION, _OPTION_OFFSET = 0, 9, 14


class CaptureError(Exception):
    """A capture file cannot be used. reason: stable, for programs; the text says what to do."""

    def __init__(self, reason: str, text: str) -> None:
        self.reason = reason
        super().__init__(text)


@dataclass(frozen=True)
class Survey:
    """What a capture file holds. Times in milliseconds since 1970; both 0 without frames."""

    frames: int
    first_ms: int
    last_ms: int


# time in milliseconds, link type, bytes of the frame
Frame = tuple[int, int, bytes]


class _Source:
    """Reads exact numbers of bytes, and says where a file ends too early."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._read_bytes = file, 0

    def take(self, size: int, *, may_end: bool = False) -> bytes:
        """Returns size bytes, or b"" at a clean end where that is allowed."""
        try:
            data = self._file.read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise CaptureError("CAPTURE_TRUNCATED", "The gzip file is cut off.") from error
        except OSError as error:
            raise CaptureError("CAPTURE_UNREADABLE", f"Cannot read: {error.strerror}") from error
        if len(data) < size and not (may_end and not data):
            raise CaptureError(
                "CAPTURE_TRUNCATED",
                f"The file is cut off after {self._read_bytes + len(data)} bytes. "
                "Repair it (for example with editcap) or capture again.",
            )
        self._read_bytes += len(data)
        if self._read_bytes > MAX_FILE_BYTES:
            raise CaptureError("CAPTURE_TOO_LARGE", "Unpacked, the file is larger than 8 GiB.")
        return data


def read_frames(path: Path) -> Iterator[Frame]:
    """Yields the frames of a capture file in its order. Errors: CaptureError."""
    try:
        file: BinaryIO = path.open("rb")
    except OSError as error:
        why = f"Cannot be opened: {path}: {error.strerror}"
        raise CaptureError("CAPTURE_UNREADABLE", why) from error
    with file:
        yield from frames_of(file)


def frames_of(file: BinaryIO) -> Iterator[Frame]:
    """Yields the frames of an open capture file. Errors: CaptureError."""
    packed = file.read(2) == b"\x1f\x8b"
    file.seek(0)
    if packed:
        with gzip.open(file, "rb") as unpacked:
            yield from _frames(_Source(unpacked))  # type: ignore[arg-type] # a GzipFile reads like a file
    else:
        yield from _frames(_Source(file))


def survey(path: Path) -> Survey:
    """Reads a file to its end and returns what it holds. Errors: CaptureError."""
    frames, first, last = 0, 0, 0
    for time_ms, _, _ in read_frames(path):
        first = time_ms if not frames else min(first, time_ms)
        last = max(last, time_ms)
        frames += 1
    return Survey(frames, first, last)


def _frames(source: _Source) -> Iterator[Frame]:
    magic = source.take(4, may_end=True)
    if magic in _PCAP_MAGIC:
        return _pcap(source, *_PCAP_MAGIC[magic])
    if magic == _PCAPNG_MAGIC:
        return _pcapng(source)
    raise CaptureError("CAPTURE_FORMAT_UNKNOWN", "This is neither a pcap nor a pcapng file.")


def _check_link_type(link_type: int) -> int:
    if link_type not in LINK_TYPES:
        raise CaptureError(
            "CAPTURE_LINKTYPE_UNSUPPORTED",
            f"Link type {link_type} is not Wi-Fi in monitor mode (105 or 127).",
        )
    return link_type


def _pcap(source: _Source, order: str, ticks_per_ms: int) -> Iterator[Frame]:
    link_type = struct.unpack(order + "HHiIII", source.take(20))[5] & 0x0FFF_FFFF  # above: FCS
    record = struct.Struct(order + "IIII").unpack
    while header := source.take(16, may_end=True):
        _check_link_type(link_type)
        seconds, ticks, size, _ = record(header)
        if size > MAX_FRAME_BYTES:
            raise CaptureError("CAPTURE_CORRUPT", f"A frame claims to have {size} bytes.")
        yield seconds * 1000 + ticks // ticks_per_ms, link_type, source.take(size)


@dataclass(frozen=True)
class _Interface:
    link_type: int
    to_ms: Callable[[int], int]


def _pcapng(source: _Source) -> Iterator[Frame]:
    order, interfaces = "<", list[_Interface]()
    head: bytes | None = _PCAPNG_MAGIC + source.take(4)
    while head:
        kind = struct.unpack(order + "I", head[:4])[0]
        if head[:4] == _PCAPNG_MAGIC:
            kind = _BLOCK_SECTION
            mark = source.take(4)
            order = "<" if mark == b"\x4d\x3c\x2b\x1a" else ">"
            if order == ">" and mark != b"\x1a\x2b\x3c\x4d":
                raise CaptureError("CAPTURE_CORRUPT", "A section does not tell its byte order.")
            interfaces = []
        body = _block_body(source, head, order, already=4 if kind == _BLOCK_SECTION else 0)
        if kind == _BLOCK_INTERFACE:
            if len(interfaces) >= MAX_INTERFACES:
                raise CaptureError("CAPTURE_CORRUPT", "The file names too many interfaces.")
            interfaces.append(_interface(body, order))
        elif kind == _BLOCK_PACKET:
            yield _packet(body, order, interfaces)
        elif kind == _BLOCK_SIMPLE:
            raise CaptureError("CAPTURE_WITHOUT_TIME", "Simple packet blocks carry no time.")
        head = source.take(8, may_end=True)


def _block_body(source: _Source, head: bytes, order: str, already: int) -> bytes:
    size = struct.unpack(order + "I", head[4:8])[0]
    if size % 4 or not 12 + already <= size <= MAX_BLOCK_BYTES:
        raise CaptureError("CAPTURE_CORRUPT", f"A block claims to have {size} bytes.")
    body = source.take(size - 12 - already)
    if struct.unpack(order + "I", source.take(4))[0] != size:
        raise CaptureError("CAPTURE_CORRUPT", "A block does not end with its own length.")
    return body


def _interface(body: bytes, order: str) -> _Interface:
    if len(body) < 8:
        raise CaptureError("CAPTURE_CORRUPT", "An interface block is too short.")
    link_type, resolution, offset_s = struct.unpack(order + "H", body[:2])[0], 6, 0
    at = 8
    while at + 4 <= len(body):
        code, size = struct.unpack(order + "HH", body[at : at + 4])
        value = body[at + 4 : at + 4 + size]
        if code == _OPTION_END:
            break
        if code == _OPTION_RESOLUTION and len(value) == 1:
            resolution = value[0]
        elif code == _OPTION_OFFSET and len(value) == 8:
            offset_s = struct.unpack(order + "q", value)[0]
        at += 4 + size + (-size % 4)
    per_second = 2 ** (resolution & 0x7F) if resolution & 0x80 else 10**resolution
    return _Interface(link_type, lambda ticks: ticks * 1000 // per_second + offset_s * 1000)


def _packet(body: bytes, order: str, interfaces: list[_Interface]) -> Frame:
    if len(body) < 20:
        raise CaptureError("CAPTURE_CORRUPT", "A packet block is too short.")
    number, high, low, size, _ = struct.unpack(order + "IIIII", body[:20])
    if number >= len(interfaces) or size > len(body) - 20:
        raise CaptureError("CAPTURE_CORRUPT", "A packet block points outside of the file.")
    interface = interfaces[number]
    time_ms = interface.to_ms(high << 32 | low)
    return time_ms, _check_link_type(interface.link_type), body[20 : 20 + size]
