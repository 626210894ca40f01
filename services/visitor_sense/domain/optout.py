"""The opt-out list: devices whose owners do not want to be counted, readable by the service alone.

An address has to be met again under each day's key, so something lasting must be kept of it. It is
kept sealed under a secret that is not in the database (decision 0053); its entry is named by a
keyed hash, so that the same address is found again without being read.
"""

import os
import re
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from services.visitor_sense.domain.errors import (
    AddressMadeUp,
    AddressMalformed,
    AddressOfNobody,
)

MOST_ENTRIES = 10_000
ADDRESS_BYTES = 6
_NONCE_BYTES, _ENTRY_BYTES = 12, 8
_SHAPE = re.compile(
    r"(?:[0-9a-f]{2}([:-]?)(?:[0-9a-f]{2}\1){4}[0-9a-f]{2})|(?:[0-9a-f]{4}\.){2}[0-9a-f]{4}"
)


@dataclass(frozen=True)
class Entry:
    """An entry of the list. sealed: the address, for the service alone."""

    entry_id: str
    sealed: bytes
    add_time: datetime


def read_address(text: str) -> bytes:
    """Returns the six bytes of an address as people write it.

    Errors: AddressMalformed; AddressMadeUp for one that a phone made up and will change;
    AddressOfNobody for one that no single device has. No text of theirs shows the address.
    """
    address = read_hardware_address(text)
    if address[0] & 0x01 or not any(address):
        raise AddressOfNobody("This is an address of many devices, or of none.")
    if address[0] & 0x02:
        raise AddressMadeUp(
            "The phone made this address up and will use another one soon, so the list cannot find"
            " it again. Switching Wi-Fi off is the sure way."
        )
    return address


def read_hardware_address(text: str) -> bytes:
    """Returns the six bytes of any address. Errors: AddressMalformed, which shows nothing of it."""
    plain = text.strip().lower()
    if not _SHAPE.fullmatch(plain):
        raise AddressMalformed("Give the address as 00:11:22:aa:bb:cc.")
    return bytes.fromhex(re.sub(r"[:.-]", "", plain))


class Vault:
    """Seals and opens entries of one area. secret: of the installation, not in the database."""

    def __init__(self, secret: bytes, area: str) -> None:
        both = HKDF(SHA256(), 64, salt=None, info=b"meguri opt-out list\0" + area.encode())
        derived = both.derive(secret)
        self._cipher, self._naming = ChaCha20Poly1305(derived[:32]), derived[32:]

    def entry_id(self, address: bytes) -> str:
        """Returns the name of an address on the list, 16 hex digits."""
        return self.tag(address)[:_ENTRY_BYTES].hex()

    def tag(self, data: bytes) -> bytes:
        """Returns a keyed hash, 32 bytes."""
        mac = HMAC(self._naming, SHA256())
        mac.update(data)
        return mac.finalize()

    def seal(self, address: bytes) -> bytes:
        """Returns the address for the database."""
        nonce = os.urandom(_NONCE_BYTES)
        name = self.entry_id(address).encode()
        return nonce + self._cipher.encrypt(nonce, address, name)

    def open(self, entry_id: str, sealed: bytes) -> bytes | None:
        """Returns the address, None when it was sealed under another secret."""
        nonce, ciphertext = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            address = self._cipher.decrypt(nonce, ciphertext, entry_id.encode())
        except (InvalidTag, ValueError):
            return None
        return address if len(address) == ADDRESS_BYTES else None
