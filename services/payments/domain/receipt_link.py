"""Receipt links: a secret that opens one receipt to whoever was handed it.

Nothing is stored: the secret is the payment's id and 128 bits of HMAC over area and id, so that no
other secret can be made from one that is known. It lapses by the time of the sale.
"""

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import datetime, timedelta
from uuid import UUID

from services.payments.domain.errors import ReceiptLinkUnknown

LIFE = timedelta(days=30)  # long enough to come home from a journey and hand expenses in
MAC_BYTES = 16
KEY_BYTES = 32
LENGTH = 43  # characters of 32 bytes in base64 without padding


def make(key: bytes, area: str, payment_id: str) -> str:
    """Returns the secret of a payment's receipt: always the same one, 43 characters."""
    if len(key) < KEY_BYTES:
        raise AssertionError("a receipt link needs a secret key")
    body = UUID(payment_id).bytes
    mac = hmac.new(key, b"receipt link\0" + area.encode() + b"\0" + body, hashlib.sha256).digest()
    return urlsafe_b64encode(body + mac[:MAC_BYTES]).decode().rstrip("=")


def read(key: bytes, area: str, secret: str) -> str:
    """Returns the payment's id. Errors: ReceiptLinkUnknown for a secret that was not made here."""
    if len(secret) != LENGTH or not secret.isascii():
        raise ReceiptLinkUnknown("There is no such receipt.")
    try:
        body = urlsafe_b64decode(secret + "=")
    except ValueError as error:
        raise ReceiptLinkUnknown("There is no such receipt.") from error
    payment_id = str(UUID(bytes=body[:16].ljust(16, b"\0")))
    # Made anew and compared as text: one receipt has one spelling.
    if not hmac.compare_digest(make(key, area, payment_id), secret):
        raise ReceiptLinkUnknown("There is no such receipt.")
    return payment_id


def lapses_at(sale_time: datetime) -> datetime:
    """Returns when the link of a sale stops opening its receipt."""
    return sale_time + LIFE
