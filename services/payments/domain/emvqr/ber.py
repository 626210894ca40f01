"""BER-TLV, as cards write it: tags of one to three bytes, lengths of one to three."""

from dataclasses import dataclass

from services.payments.domain.emvqr.findings import Broken, Finding, Reason

MAX_TAG_BYTES = 3


@dataclass(frozen=True, slots=True, repr=False)
class Node:
    """One object. value may be a card number: a node has no repr and never leaves this package.

    tag: capital hexadecimal. position: where the tag begins, in bytes.
    """

    tag: str
    value: bytes
    position: int
    value_position: int


def read(data: bytes, field: str = "", offset: int = 0) -> tuple[Node, ...]:
    """Returns the objects of some bytes in their order. Errors: Broken, with the place."""
    found: list[Node] = []
    at = 0
    while at < len(data):
        start = at
        tag, at = _tag(data, at)
        length, at = _length(data, at)
        if not tag or length is None or at + length > len(data):
            raise Broken(Finding(Reason.TLV, field, offset + start))
        found.append(Node(tag, data[at : at + length], offset + start, offset + at))
        at += length
    return tuple(found)


def _tag(data: bytes, at: int) -> tuple[str, int]:
    """Returns a tag and where it ends; "" where none can be read. 00 and FF are padding in other
    places, and none in a code."""
    if data[at] in (0x00, 0xFF):
        return "", at
    end = at + 1
    if data[at] & 0x1F == 0x1F:
        while end < len(data) and end - at < MAX_TAG_BYTES and data[end] & 0x80:
            end += 1
        end += 1
    if end > len(data) or end - at > MAX_TAG_BYTES:
        return "", at
    return data[at:end].hex().upper(), end


def _length(data: bytes, at: int) -> tuple[int | None, int]:
    """Returns a length and where it ends; None where none can be read."""
    if at >= len(data):
        return None, at
    first = data[at]
    if first < 0x80:
        return first, at + 1
    size = first & 0x7F
    if not 0 < size <= 2 or at + 1 + size > len(data):  # no endless form, no megabytes
        return None, at
    return int.from_bytes(data[at + 1 : at + 1 + size], "big"), at + 1 + size


def write(tag: str, value: bytes) -> bytes:
    """Returns an object in bytes. Errors: ValueError for a value of more than 65,535 bytes."""
    size = len(value)
    if size < 0x80:
        length = bytes([size])
    elif size < 0x100:
        length = bytes([0x81, size])
    elif size < 0x10000:
        length = b"\x82" + size.to_bytes(2, "big")
    else:
        raise ValueError(f"{size} bytes are too many")
    return bytes.fromhex(tag) + length + value
