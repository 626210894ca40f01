"""Sound files made by hand: silence that every browser plays, and files that only look like one."""

FRAME_S = 0.024
_HEAD = bytes((0xFF, 0xF3, 0x24, 0xC4))  # MPEG-2 layer III, 16 kbit/s, 24,000 Hz, mono
_FRAME_BYTES = 48


def silent_mp3(seconds: float = 2.0, mark: int = 0) -> bytes:
    """Returns MP3 of silence; mark: makes files of equal length differ, 0 to 255."""
    frame = _HEAD + bytes(_FRAME_BYTES - len(_HEAD) - 1)
    return b"".join(frame + bytes([mark]) for _ in range(round(seconds / FRAME_S)))


def box(kind: bytes, body: bytes) -> bytes:
    """Returns one box of an MPEG-4 file."""
    return (len(body) + 8).to_bytes(4) + kind + body


def m4a(seconds: float = 2.0, handler: bytes = b"soun", brand: bytes = b"M4A ") -> bytes:
    """Returns the frame of an MPEG-4 file; nothing in it can be heard."""
    length = bytes(12) + (1000).to_bytes(4) + round(seconds * 1000).to_bytes(4) + bytes(4)
    media = box(b"mdhd", length) + box(b"hdlr", bytes(8) + handler + bytes(12))
    movie = box(b"moov", box(b"trak", box(b"mdia", media)))
    return box(b"ftyp", brand + bytes(4)) + movie + box(b"mdat", bytes(64))
