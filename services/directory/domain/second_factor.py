"""A second factor of a login: codes of an authenticator app (RFC 6238), and codes on paper.

SHA-1, six digits and 30 seconds are what every app makes; HMAC does not suffer from what SHA-1
lacks (RFC 6238, 1.2; NIST SP 800-131A). The secret is sealed under a key that lies outside of the
database, bound to area and person, so that no row fits another person.
"""

import hmac
import os
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import pyotp
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

from kit.pure.errors import InvalidFields, Refusal
from services.directory.domain.user import Role

STEP_S = 30
DRIFT_STEPS = 1  # a phone's clock may be half a minute off
BEGUN_LIFE = timedelta(minutes=15)  # to install an app and type six digits
HALF_LIFE = timedelta(minutes=5)  # between the password and the code
RECOVERY_CODES = 10
NONCE_BYTES = 12
_DIGITS = re.compile(r"[0-9]{6}")
_BLANKS = re.compile(r"[\s.·・‐–—―ー-]+")  # what a Japanese keyboard gives for a dash, too


class CodeWrong(Refusal):
    """The code is not the one of now, was used already, or is no recovery code of this login."""


class SecondFactorOn(Refusal):
    """There is a second factor already: whoever wants another one turns it off first."""


class SecondFactorOff(Refusal):
    """There is no second factor, or what was begun was not confirmed in time."""


class OwnSecondFactor(Refusal):
    """One's own is turned off by password and code: else an open session would be enough."""


@dataclass(frozen=True)
class Factor:
    """What is kept of a second factor. last_step: of the newest code that was used."""

    sealed: bytes
    begin_time: datetime
    confirm_time: datetime | None
    last_step: int

    def is_begun(self, now: datetime) -> bool:
        """Tells whether it may be confirmed still."""
        return self.confirm_time is None and now < self.begin_time + BEGUN_LIFE


@dataclass(frozen=True)
class HalfLogin:
    """A login whose password was right. browser: keyed hash of one that is known, else empty."""

    user_id: str
    user_version: int
    browser: bytes
    expire_time: datetime


def new_secret() -> str:
    """Returns 160 random bits in base32, as RFC 4226 advises."""
    return pyotp.random_base32()


def as_typed(text: str) -> str:
    """Returns a code without what people and keyboards put between: blanks, dashes, wide digits."""
    return _BLANKS.sub("", unicodedata.normalize("NFKC", text[:100])).lower()


def is_of_app(typed: str) -> bool:
    """Tells whether a code (as_typed) has the form of an app's."""
    return _DIGITS.fullmatch(typed) is not None


def step_of(secret: str, typed: str, now: datetime) -> int | None:
    """Returns the step (30 s since 1970) whose code this is, the newest within the drift, or None.

    Whether it was used before is for whoever keeps the last one, in the same transaction.
    """
    present = int(now.timestamp()) // STEP_S
    codes = pyotp.TOTP(secret, interval=STEP_S)
    found = None
    for step in range(present - DRIFT_STEPS, present + DRIFT_STEPS + 1):  # all: equally long
        if hmac.compare_digest(codes.generate_otp(step), typed):
            found = step
    return found


def seal(key: bytes, area: str, user_id: str, secret: str) -> bytes:
    """Returns nonce, ciphertext and tag."""
    nonce = os.urandom(NONCE_BYTES)
    return nonce + ChaCha20Poly1305(key).encrypt(nonce, secret.encode(), _whose(area, user_id))


def unseal(key: bytes, area: str, user_id: str, sealed: bytes) -> str | None:
    """Returns the secret; None where it was sealed under another key or for somebody else."""
    nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        opened = ChaCha20Poly1305(key).decrypt(nonce, ciphertext, _whose(area, user_id))
    except (InvalidTag, ValueError):
        return None
    return opened.decode()


def _whose(area: str, user_id: str) -> bytes:
    return "\0".join(("meguri second factor", area, user_id)).encode()


def check_rule(roles: Sequence[Role]) -> None:
    """Errors: InvalidFields."""
    if Role.VISITOR in roles:
        raise InvalidFields([("roles", "give roles of staff")])
