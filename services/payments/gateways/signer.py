"""The key that signs the heads of the audit chain: Ed25519, from a file outside the database.

Whoever can write the database can make the chain anew, but not its signed heads.
"""

import hashlib
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class Signer:
    """Signs and checks. key_id: the first 16 hex digits of the public key's SHA-256."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key, self._public = key, key.public_key()
        raw = self._public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        self.key_id = hashlib.sha256(raw).hexdigest()[:16]
        self.public_pem = self._public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    @classmethod
    def from_file(cls, path: Path) -> "Signer":
        """Reads a private key. Errors: ValueError for another kind of key."""
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError(f"{path.name} is no Ed25519 key")
        return cls(key)

    def sign(self, text: bytes) -> bytes:
        """Returns a signature of 64 bytes."""
        return self._key.sign(text)

    def derive(self, purpose: str) -> bytes:
        """Returns 32 secret bytes for a purpose, the same as long as the key is."""
        raw = self._key.private_bytes(
            serialization.Encoding.Raw, serialization.PrivateFormat.Raw,
            serialization.NoEncryption(),
        )  # fmt: skip
        return HKDF(hashes.SHA256(), 32, salt=None, info=purpose.encode()).derive(raw)

    def fits(self, text: bytes, signature: bytes) -> bool:
        """Tells whether a signature is ours and of this text."""
        try:
            self._public.verify(signature, text)
        except InvalidSignature:
            return False
        return True
