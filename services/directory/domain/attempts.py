"""How often a password may be tried (OWASP: slow guessing down with device cookies).

A stranger is counted by login name and network, and all strangers of a login name together. A
browser that this login name was signed in from before is counted alone: whoever tries a name from
many places, even day and night, locks other strangers out, never the person in her own browser.
Only keyed hashes are counted: a password typed into the field of the name must not be readable.
"""

from dataclasses import dataclass
from datetime import timedelta
from hashlib import blake2b


@dataclass(frozen=True)
class Brake:
    """At most so many attempts under one key within a time."""

    key: bytes
    at_most: int
    window: timedelta


ATTEMPTS_HERE, WINDOW_HERE = 10, timedelta(minutes=10)
# NIST SP 800-63B wants a limit of 100 in a row at most. 1,200 a day do not find a made password
# (20 letters) and hardly one of twelve.
ATTEMPTS_OF_STRANGERS, WINDOW_OF_STRANGERS = 50, timedelta(hours=1)
# Codes have six digits, and three of a million are good at a time: 480 a day from all networks find
# one in two years on average. Only who has the password can try, and is noted each time.
CODES_HERE, CODES_OF_STRANGERS = 5, 20
LONGEST_WINDOW = max(WINDOW_HERE, WINDOW_OF_STRANGERS)


def brakes(
    secret: bytes, area: str, login_name: str, sender: bytes, known_browser: bytes
) -> tuple[Brake, ...]:
    """Returns what an attempt counts against. known_browser: empty for a stranger."""
    whose = (area.encode(), login_name.encode())
    if known_browser:
        key = _key(secret, "browser", *whose, known_browser)
        return (Brake(key, ATTEMPTS_HERE, WINDOW_HERE),)
    return (
        Brake(_key(secret, "sender", *whose, sender), ATTEMPTS_HERE, WINDOW_HERE),
        Brake(_key(secret, "strangers", *whose, b""), ATTEMPTS_OF_STRANGERS, WINDOW_OF_STRANGERS),
    )


def code_brakes(
    secret: bytes, area: str, user_id: str, sender: bytes, browser: bytes
) -> tuple[Brake, ...]:
    """Returns what an attempt at a code counts against. browser: a known one, or a session."""
    whose = (area.encode(), user_id.encode())
    if browser:
        return (Brake(_key(secret, "code browser", *whose, browser), CODES_HERE, WINDOW_HERE),)
    return (
        Brake(_key(secret, "code sender", *whose, sender), CODES_HERE, WINDOW_HERE),
        Brake(_key(secret, "codes", *whose, b""), CODES_OF_STRANGERS, WINDOW_OF_STRANGERS),
    )


def browser_mark(secret: bytes, area: str, known_browser: bytes) -> bytes:
    """Returns what stands for a known browser in the database for the moment between password and
    code; empty for a stranger."""
    return _key(secret, "half", area.encode(), known_browser) if known_browser else b""


def _key(secret: bytes, kind: str, *parts: bytes) -> bytes:
    text = b"".join(len(part).to_bytes(4) + part for part in (kind.encode(), *parts))
    return blake2b(text, key=secret, digest_size=16).digest()
