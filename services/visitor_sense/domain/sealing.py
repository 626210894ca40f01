"""Signatures of sensors, tags of secrets, and day keys sealed to one receiver.

Sealing: X25519 with a key pair made for the message, HKDF-SHA256, ChaCha20-Poly1305. Area,
receiver, day, epoch and nonce are bound in, so that no answer fits another question.
"""

import hmac
import os
from dataclasses import dataclass, replace
from datetime import date
from functools import lru_cache

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from services.visitor_sense.domain.errors import SignatureInvalid

NONCE_BYTES = 12
OBSERVATIONS = "observations"
DAY_KEY_REQUEST = "day-key-request"
DAY_KEY_ANSWER = "day-key-answer"
HEALTH = "health"


@dataclass(frozen=True)
class KeyUse:
    """What a sealed key is for. receiver: sensor id, or "service"."""

    area: str
    receiver: str
    key_date: date
    epoch: int
    nonce: bytes

    def to_bytes(self) -> bytes:
        """Returns the use as bytes to be bound into the seal."""
        parts = (self.area, self.receiver, self.key_date.isoformat(), str(self.epoch))
        return "\0".join(parts).encode() + b"\0" + self.nonce

    def of_list(self) -> "KeyUse":
        """Returns the use of the opt-out list that goes with the key, so that neither can be taken
        for the other."""
        return replace(self, nonce=self.nonce + b"left out")


@dataclass(frozen=True)
class Sealed:
    """A sealed key: public half of the key pair made for it, and nonce + ciphertext + tag."""

    sender_public_key: bytes
    ciphertext: bytes


def signed_text(purpose: str, area: str, sensor_id: str, body: bytes) -> bytes:
    """Returns the bytes that a sensor signs."""
    return b"meguri:" + b"\0".join((purpose.encode(), area.encode(), sensor_id.encode(), body))


def sign(key: Ed25519PrivateKey, purpose: str, area: str, sensor_id: str, body: bytes) -> bytes:
    """Returns the signature, 64 bytes."""
    return key.sign(signed_text(purpose, area, sensor_id, body))


def verify(public_key: bytes, signature: bytes, text: bytes) -> None:
    """Errors: SignatureInvalid unless the holder of the key signed the text."""
    try:
        _loaded(public_key).verify(signature, text)
    except (InvalidSignature, ValueError) as error:
        raise SignatureInvalid("The signature is not that of the sensor.") from error


@lru_cache(maxsize=1_000)
def _loaded(public_key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(public_key)


def secret_tag(key: bytes, secret: str) -> bytes:
    """Returns what a secret is compared by; the secret itself leaves no process."""
    return hmac.digest(key, secret.encode(), "sha256")


def raw_public_key(key: Ed25519PrivateKey | X25519PrivateKey) -> bytes:
    """Returns the public half, 32 bytes."""
    return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)


def _cipher(shared: bytes, use: KeyUse) -> ChaCha20Poly1305:
    derived = HKDF(SHA256(), 32, salt=None, info=b"meguri day key\0" + use.to_bytes())
    return ChaCha20Poly1305(derived.derive(shared))


def seal(key: bytes, receiver_public_key: bytes, use: KeyUse) -> Sealed:
    """Seals a day key to one receiver. Errors: ValueError for an unusable public key."""
    once = X25519PrivateKey.generate()
    shared = once.exchange(X25519PublicKey.from_public_bytes(receiver_public_key))
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = _cipher(shared, use).encrypt(nonce, key, use.to_bytes())
    return Sealed(raw_public_key(once), nonce + ciphertext)


def unseal(sealed: Sealed, private_key: X25519PrivateKey, use: KeyUse) -> bytes:
    """Opens a sealed key. Errors: SignatureInvalid when it is not for this receiver and use."""
    try:
        shared = private_key.exchange(X25519PublicKey.from_public_bytes(sealed.sender_public_key))
        nonce, ciphertext = sealed.ciphertext[:NONCE_BYTES], sealed.ciphertext[NONCE_BYTES:]
        return _cipher(shared, use).decrypt(nonce, ciphertext, use.to_bytes())
    except (InvalidTag, ValueError) as error:
        raise SignatureInvalid("The sealed key is not for this receiver.") from error
