"""What a ticket's QR code says, in bytes and text, and its Ed25519 signature.

Body, big-endian: version 1, key id (4), ticket id (16), first and last day as days since 2000-01-01
(2 + 2), persons (2), kind (1; top bit: practice), site digest (4), number of lines (1), per line
class number and persons (1 + 2). Then the signature (64) of PURPOSE, area, a zero byte and the
body: a ticket of another area fails even under a shared key. Text: "MT1:" and base45 (RFC 9285),
whose letters a QR code packs 11 bits a pair: a family's ticket fits version 7 at level M.
"""

import hashlib
import struct
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from uuid import UUID

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

PREFIX = "MT1:"
PURPOSE = b"meguri-ticket\0"
MAX_TEXT = 400
_BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_HEAD = struct.Struct(">B4s16sHHHB4sB")
_LINE = struct.Struct(">BH")
_DAY_ZERO = date(2000, 1, 1)
_SIGNATURE_BYTES = 64
_PRACTICE_BIT = 0x80


class TicketKind(StrEnum):
    """SOLD at a till; PRINTED ahead for a power cut, entered afterwards."""

    SOLD = "sold"
    PRINTED = "printed"


_KINDS = (TicketKind.SOLD, TicketKind.PRINTED)


class CodeInvalid(ValueError):
    """reason: not_a_ticket, unreadable, unknown_key or bad_signature."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True, kw_only=True)
class TicketBody:
    """What is signed. first_day, last_day: both included. lines: class numbers with persons.

    practice: nobody paid; a gate that is cut off must know it too.
    """

    key_id: bytes
    ticket_id: str
    first_day: date
    last_day: date
    persons: int
    kind: TicketKind
    site_digest: bytes
    lines: tuple[tuple[int, int], ...]
    practice: bool = False


def site_digest(site_place_id: str) -> bytes:
    """Returns the four bytes that stand for a site."""
    return hashlib.sha256(site_place_id.encode()).digest()[:4]


def key_id(public_key: bytes) -> bytes:
    """Returns the four bytes that name a public key (raw, 32 bytes)."""
    return hashlib.sha256(public_key).digest()[:4]


def sign(body: TicketBody, area: str, key: Ed25519PrivateKey) -> str:
    """Returns the text of the QR code."""
    packed = _pack(body)
    return PREFIX + base45(packed + key.sign(_signed(area, packed)))


def read(text: str, area: str, keys: Mapping[bytes, bytes]) -> TicketBody:
    """Returns what a ticket says. keys: raw public keys by key id, those that still hold.

    Errors: CodeInvalid.
    """
    plain = text.strip("\r\n\t").upper()
    if not plain.startswith(PREFIX) or len(plain) > MAX_TEXT:
        raise CodeInvalid("not_a_ticket")
    raw = from_base45(plain.removeprefix(PREFIX))
    body, packed, signature = _unpack(raw), raw[:-_SIGNATURE_BYTES], raw[-_SIGNATURE_BYTES:]
    public = keys.get(body.key_id)
    if public is None:
        raise CodeInvalid("unknown_key")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, _signed(area, packed))
    except InvalidSignature as error:
        raise CodeInvalid("bad_signature") from error
    return body


def _signed(area: str, packed: bytes) -> bytes:
    return PURPOSE + area.encode() + b"\0" + packed


def _pack(body: TicketBody) -> bytes:
    head = _HEAD.pack(
        1, body.key_id, UUID(body.ticket_id).bytes, (body.first_day - _DAY_ZERO).days,
        (body.last_day - _DAY_ZERO).days, body.persons,
        _KINDS.index(body.kind) | (_PRACTICE_BIT if body.practice else 0), body.site_digest,
        len(body.lines),
    )  # fmt: skip
    return head + b"".join(_LINE.pack(number, persons) for number, persons in body.lines)


def _unpack(raw: bytes) -> TicketBody:
    if len(raw) < _HEAD.size + _SIGNATURE_BYTES:
        raise CodeInvalid("unreadable")
    version, key, ticket, first, last, persons, kind, site, count = _HEAD.unpack_from(raw)
    whole = _HEAD.size + count * _LINE.size + _SIGNATURE_BYTES
    practice, kind = bool(kind & _PRACTICE_BIT), kind & ~_PRACTICE_BIT
    if version != 1 or kind >= len(_KINDS) or len(raw) != whole:
        raise CodeInvalid("unreadable")
    lines = [_LINE.unpack_from(raw, _HEAD.size + n * _LINE.size) for n in range(count)]
    return TicketBody(
        key_id=key, ticket_id=str(UUID(bytes=ticket)), first_day=_DAY_ZERO + timedelta(first),
        last_day=_DAY_ZERO + timedelta(last), persons=persons, kind=_KINDS[kind],
        site_digest=site, lines=tuple((number, n) for number, n in lines),
        practice=practice,
    )  # fmt: skip


def base45(raw: bytes) -> str:
    """Encodes by RFC 9285."""
    letters: list[str] = []
    for at in range(0, len(raw), 2):
        pair = raw[at : at + 2]
        value = int.from_bytes(pair, "big")
        for _ in range(len(pair) + 1):
            value, rest = divmod(value, 45)
            letters.append(_BASE45[rest])
    return "".join(letters)


def from_base45(text: str) -> bytes:
    """Decodes by RFC 9285. Errors: CodeInvalid unreadable."""
    raw = bytearray()
    for at in range(0, len(text), 3):
        part = [_BASE45.find(letter) for letter in text[at : at + 3]]
        value = sum(digit * 45**power for power, digit in enumerate(part))
        size = len(part) - 1
        if min(part) < 0 or size < 1 or value >= 256**size:
            raise CodeInvalid("unreadable")
        raw += value.to_bytes(size, "big")
    return bytes(raw)


def typed_code(ticket_id: str) -> str:
    """Returns the code for typing: the id's last 50 bits and a check character. Ids of one batch
    resemble one another, but 32 of these bits are random in each (UUIDv7): not to be guessed."""
    bits = int(ticket_id.replace("-", ""), 16) & (2**50 - 1)
    letters = "".join(_CROCKFORD[bits >> shift & 31] for shift in range(45, -1, -5))
    return letters + _check_letter(letters)


def read_typed(text: str) -> str:
    """Returns a typed code as it is stored. Errors: CodeInvalid not_a_ticket, for a slip too."""
    plain = unicodedata.normalize("NFKC", text).upper().translate(_SLIPS)
    known = len(plain) == 11 and all(letter in _CROCKFORD for letter in plain)
    if not known or _check_letter(plain[:10]) != plain[10]:
        raise CodeInvalid("not_a_ticket")
    return plain


_SLIPS = str.maketrans({"O": "0", "I": "1", "L": "1", "-": None, " ": None, "–": None, "ー": None})


def _check_letter(letters: str) -> str:
    """Weighs letters by powers of x in GF(32): one wrong or two exchanged letters always show."""
    total = 0
    for letter in letters + "0":  # the check letter's own weight is none of theirs
        total <<= 1
        if total & 32:
            total ^= 0b100101
        total ^= _CROCKFORD.index(letter)
    return _CROCKFORD[total]
