"""Public keys as NATS writes them: a letter for the kind, 32 bytes of Ed25519 and a CRC-16
(XMODEM), in base 32. Format: nats-io/nkeys."""

import base64
import binascii

ACCOUNT = 0  # shows as A


def nkey(kind: int, raw: bytes) -> str:
    """Returns a public key as text. kind: the first byte; raw: 32 bytes."""
    body = bytes([kind]) + raw
    check = binascii.crc_hqx(body, 0).to_bytes(2, "little")
    return base64.b32encode(body + check).decode().rstrip("=")
