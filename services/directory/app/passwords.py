"""Passwords and codes on paper: Argon2id, and how easily one is guessed, off the event loop."""

import asyncio
import contextlib
import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from kit.ids import new_secret

# What an attacker has to try at most, by an estimate that knows 30,000 common passwords, words and
# names in English, rows of keys, dates, repeats and the usual letters turned to digits.
_LEAST_GUESSES = 10**10
_APART = re.compile(r"[\s._-]+")
_LOOKED_AT = 72  # characters; the estimate takes long for more, and these are enough
# What is in everybody's mind here, in Latin letters as it is typed.
HOUSE_WORDS = (
    "meguri", "akiyoshi", "akiyoshido", "akiyoshidai", "mine", "mineshi", "yamaguchi", "shuhodo",
    "password", "clerk", "shopowner", "editor", "reviewer", "analyst", "accountant", "admin",
    "kanko", "kankou", "kankokyokai", "kyokai", "uketsuke", "himitsu", "sakura", "nihon", "nippon",
)  # fmt: skip

# OWASP's first choice for Argon2id: 19 MiB, two passes, one lane; about 20 ms on a mini PC.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


@lru_cache(maxsize=1)
def _nobody() -> str:
    """Checked when the login name is unknown, so that both refusals take equally long."""
    return _HASHER.hash(new_secret())


async def hash_password(password: str) -> str:
    """Returns the encoded hash, salt and parameters included."""
    return await asyncio.to_thread(_HASHER.hash, password)


async def is_easy(password: str, words: Iterable[str]) -> bool:
    """Tells whether a password is soon guessed. words: the area's and the person's own."""
    return await asyncio.to_thread(_is_easy, password, tuple(words))


def _is_easy(password: str, words: tuple[str, ...]) -> bool:
    from zxcvbn import zxcvbn  # noqa: PLC0415 - lists of words that a start has no use for

    known = [word for word in (*HOUSE_WORDS, *words) if len(word) > 2]
    # Known words held apart by dashes look like more than they are.
    for text in (password, _APART.sub("", password)):
        if text and zxcvbn(text[:_LOOKED_AT], user_inputs=known)["guesses"] < _LEAST_GUESSES:
            return True
    return False


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


async def which_hash(hashes: Sequence[str], text: str) -> int | None:
    """Returns the place of the hash that is a text's; all are looked at, None where none is."""

    def look() -> int | None:
        found = None
        for place, code_hash in enumerate(hashes):
            with contextlib.suppress(VerificationError, InvalidHashError):
                if _HASHER.verify(code_hash, text):
                    found = place
        return found

    return await asyncio.to_thread(look)
