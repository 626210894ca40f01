"""Looks for card data where none may be: logs, dumps, streams, memory stores.

Found are card numbers (13 to 19 digits, Luhn, a known beginning; with spaces or dashes too), track
data, and customers' payment codes as text. Base64 and hex are looked into as well. What is found is
told by kind and place, never quoted. Times, ids and phone numbers are no card numbers; UUIDs and
traceparents are taken out first: of each one in some thousands would pass Luhn.
"""

import base64
import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

_ID_LENGTH = 60  # a traceparent and a bit: cut in two at a seam its end would look like a number
OVERLAP = 1024  # bytes read twice, so that nothing is cut at the seam of two pieces
PIECE_BYTES = 1024 * 1024


class Kind(StrEnum):
    """What may be found."""

    CARD_NUMBER = "card_number"
    TRACK = "track"
    CUSTOMER_CODE = "customer_code"


@dataclass(frozen=True)
class Hit:
    """A find. at: byte where it begins. inside: "", "base64" or "hex"."""

    kind: Kind
    at: int
    inside: str = ""


# A UUID, and a traceparent of W3C, whose span may have digits only.
_IDS = re.compile(
    rb"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
    rb"|(?<![0-9a-f])00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}(?![0-9a-f])"
)
_DIGITS = re.compile(rb"(?<![0-9A-Za-z.])[2-6](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z])")
_TRACK = re.compile(rb"(?<![0-9])([3-6][0-9]{12,18})[=D][0-9]{7}")
_TRACK_ONE = re.compile(rb"%B([3-6][0-9]{12,18})\^[^^]{2,26}\^")
# Customers' codes begin with tag 85, five bytes, and CPV or JPQ in Base64; see the design.
_CODE = re.compile(rb"hQV(?:DUFY|KUFFS)[A-Za-z0-9+/=]{16,}")
_BASE64 = re.compile(rb"[A-Za-z0-9+/]{20,8192}={0,2}")
_HEX = re.compile(rb"(?:[0-9a-fA-F]{2}){10,4096}")
_BEGINNINGS = re.compile(rb"[456]|3[04-9]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)")
# ISO/IEC 7813 as EMV packs it under tag 57: number, D, year and month, service code, the issuer's.
_BCD = re.compile(rb"([2-6][0-9]{12,18})D[0-9]{2}(?:0[1-9]|1[0-2])[1-7][0-9]{2}[0-9]*F?")
_TRACK_BYTES = range(10, 20)  # a number of 13 digits and nothing of the issuer's; the most there is


def passes_luhn(digits: bytes) -> bool:
    """Tells whether the last digit is the check digit of the others."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = digit - 48
        if place % 2:
            value = value * 2 - 9 if value > 4 else value * 2
        total += value
    return total % 10 == 0


def is_card_number(text: bytes) -> bool:
    """Tells whether digits, with spaces or dashes, are those of a card."""
    digits = re.sub(rb"[ -]", b"", text)
    return (
        13 <= len(digits) <= 19
        and len(set(digits)) > 1
        and not digits.endswith(b"0" * 7)  # a time span in nanoseconds
        and _BEGINNINGS.match(digits) is not None
        and passes_luhn(digits)
    )


def scan(content: bytes) -> Iterator[Hit]:
    """Finds card data in bytes."""
    yield from _plain(content, "")
    for found in _BASE64.finditer(content):
        # In the middle of other letters it may begin anywhere: each of the four places is tried.
        for shift in range(4):
            text = found.group()[shift:].rstrip(b"=")
            text = text[:-1] if len(text) % 4 == 1 else text
            decoded = base64.b64decode(text + b"=" * (-len(text) % 4))
            yield from _packed(decoded, found.start(), "base64")
    for found in _HEX.finditer(content):
        yield from _packed(binascii.unhexlify(found.group()), found.start(), "hex")


def _plain(content: bytes, inside: str, at: int = 0) -> Iterator[Hit]:
    text = _IDS.sub(lambda found: b"." * len(found.group()), content)
    for found in _DIGITS.finditer(text):
        if is_card_number(found.group()):
            yield Hit(Kind.CARD_NUMBER, at + found.start(), inside)
    for pattern in (_TRACK, _TRACK_ONE):
        for found in pattern.finditer(text):
            if passes_luhn(found[1]):
                yield Hit(Kind.TRACK, at + found.start(), inside)
    for found in _CODE.finditer(text):
        yield Hit(Kind.CUSTOMER_CODE, at + found.start(), inside)


def _packed(decoded: bytes, at: int, inside: str) -> Iterator[Hit]:
    """What was unpacked may hold the digits as text, or two to a byte as track data has them."""
    for hit in _as_text(decoded, at, inside):
        yield hit
        return
    if any(is_card_number(number) for number in _packed_tracks(decoded)):
        yield Hit(Kind.TRACK, at, inside)


def _packed_tracks(decoded: bytes) -> Iterator[bytes]:
    """Yields the number of each packed track: what begins here, or stands behind its own length.

    TLV and protobuf both say a length first. Without it hashes and ids would look like tracks: in a
    megabyte of them one does, of those that stand behind a fitting length one in some gigabytes.
    """
    tracks = [decoded] if len(decoded) in _TRACK_BYTES else []
    for place, length in enumerate(decoded):
        if length in _TRACK_BYTES:
            tracks.append(decoded[place + 1 : place + 1 + length])
    for track in tracks:
        if found := _BCD.fullmatch(binascii.hexlify(track).upper()):
            yield found[1]


def _as_text(decoded: bytes, at: int, inside: str) -> Iterator[Hit]:
    for hit in _plain(decoded, inside):
        yield Hit(hit.kind, at, inside)
        return


def scan_stream(pieces: Iterator[bytes]) -> Iterator[Hit]:
    """Finds card data in pieces of any size, each find once."""
    before, begins, told = b"", 0, set()
    for piece in pieces:
        window = before + piece
        for hit in scan(window):
            if begins and not hit.inside and hit.at < _ID_LENGTH:
                continue  # seen whole in the window before; here it may be the end of an id
            absolute = Hit(hit.kind, begins + hit.at, hit.inside)
            if absolute not in told:
                told.add(absolute)
                yield absolute
        kept = window[-OVERLAP:]
        begins += len(window) - len(kept)
        told = {hit for hit in told if hit.at >= begins - OVERLAP}
        before = kept
