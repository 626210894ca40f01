"""Passwords: Argon2id, away from the event loop."""

import asyncio
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.ids import new_secret

# OWASP's first choice for Argon2id: 19 MiB, two passes, one lane; about 20 ms on a mini PC.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked when the login name is unknown, so that both refusals take equally long."""
    return _HASHER.hash(new_secret())


async def hash_password(password: str) -> str:
    """Returns the encoded hash, salt and parameters included."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_password(password_hash: str | None, password: str) -> bool:
    """Tells whether a password is right; takes as long when there is no hash to check."""

    def check() -> bool:
        nobody = _nobody()  # made by the first check, whoever is asked for
        try:
            _HASHER.verify(password_hash or nobody, password)
        except (VerificationError, InvalidHashError):
            return False
        return password_hash is not None

    return await asyncio.to_thread(check)
