"""Customer displays: a code that pairs one screen with a till, and the secret it has afterwards.

Neither is stored. A display's secret is its id and 128 bits of HMAC, as of a receipt link; its code
is 40 bits of another HMAC of the id, works once and lapses within minutes.
"""

import hashlib
import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import DisplayCodeUnknown, DisplayUnknown

CODE_LIFE = timedelta(minutes=5)
MOST_DISPLAYS = 20  # of a shop
SECRET_LENGTH = 43
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford base32: nothing is mistaken for another
_MISTAKEN = str.maketrans("OIL", "011")
_COUNTER_ID = re.compile(r"[A-Za-z0-9]{8,64}")


@dataclass(frozen=True, kw_only=True)
class Display:
    """A screen and the till it follows. pair_time: None while its code waits."""

    display_id: str
    shop_place_id: str
    counter_id: str
    code_expire_time: datetime
    pair_time: datetime | None = None


def check_counter_id(text: str) -> str:
    """Returns the name of a till. Errors: InvalidFields."""
    if not _COUNTER_ID.fullmatch(text):
        raise InvalidFields([("counter_id", "give 8 to 64 letters and digits")])
    return text


def code_of(key: bytes, area: str, display_id: str) -> str:
    """Returns the code that pairs a display: 8 characters."""
    bits = int.from_bytes(_mac(key, "display code", area, UUID(display_id).bytes)[:5])
    return "".join(_LETTERS[bits >> shift & 31] for shift in range(35, -1, -5))


def code_hash(key: bytes, area: str, code: str) -> bytes:
    """Returns what is stored of a code. Errors: DisplayCodeUnknown for what is none."""
    typed = re.sub(r"[\s-]", "", code).upper().translate(_MISTAKEN)
    if len(typed) != 8 or not set(typed) <= set(_LETTERS):
        raise DisplayCodeUnknown("This code is not known.")
    return _mac(key, "display code typed", area, typed.encode())


def secret_of(key: bytes, area: str, display_id: str) -> str:
    """Returns the secret of a display, 43 characters."""
    body = UUID(display_id).bytes
    return urlsafe_b64encode(body + _mac(key, "display", area, body)[:16]).decode().rstrip("=")


def read_secret(key: bytes, area: str, secret: str) -> str:
    """Returns the display's id. Errors: DisplayUnknown for a secret that was not made here."""
    unknown = DisplayUnknown("This display is not paired. Pair it again.")
    if len(secret) != SECRET_LENGTH or not secret.isascii():
        raise unknown
    try:
        body = urlsafe_b64decode(secret + "=")
    except ValueError as error:
        raise unknown from error
    display_id = str(UUID(bytes=body[:16].ljust(16, b"\0")))
    if not hmac.compare_digest(secret_of(key, area, display_id), secret):
        raise unknown
    return display_id


def _mac(key: bytes, purpose: str, area: str, body: bytes) -> bytes:
    if len(key) < 32:
        raise AssertionError("displays need a secret key")
    text = b"\0".join((purpose.encode(), area.encode(), body))
    return hmac.new(key, text, hashlib.sha256).digest()
