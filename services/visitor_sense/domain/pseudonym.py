"""Pseudonyms and signature classes: keyed hashes under the key of the day.

An unkeyed hash of the addresses of one vendor is undone in seconds; under a key of 32 random bytes
that is destroyed at midnight nobody can undo it, and nobody can link two days.
"""

from hashlib import blake2b

KEY_BYTES = 32
_ADDRESS, _SIGNATURE, _CHECK = b"address", b"signature", b"check"


def pseudonym(key: bytes, address: bytes) -> int:
    """Returns the 8-byte pseudonym of an address, as a little-endian number."""
    return int.from_bytes(
        blake2b(address, digest_size=8, key=key, person=_ADDRESS).digest(), "little"
    )


def signature(key: bytes, elements: bytes) -> int:
    """Returns the class of the lasting information elements; never 0."""
    digest = blake2b(elements, digest_size=8, key=key, person=_SIGNATURE).digest()
    return int.from_bytes(digest, "little") or 1


def check_value(key: bytes) -> bytes:
    """Returns 16 bytes by which a key can be recognized, and from which it cannot be found."""
    return blake2b(b"", digest_size=16, key=key, person=_CHECK).digest()
