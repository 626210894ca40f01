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
LONGEST_WINDOW = max(WINDOW_HERE, WINDOW_OF_STRANGERS)


def brakes(
    secret: bytes, area: str, login_name: str, sender: bytes, known_browser: bytes
) -> tuple[Brake, ...]:
    """Returns what an attempt counts against. known_browser: empty for a stranger."""

    def key(kind: str, who: bytes) -> bytes:
        parts = (kind.encode(), area.encode(), login_name.encode(), who)
        text = b"".join(len(part).to_bytes(4) + part for part in parts)
        return blake2b(text, key=secret, digest_size=16).digest()

    if known_browser:
        return (Brake(key("browser", known_browser), ATTEMPTS_HERE, WINDOW_HERE),)
    return (
        Brake(key("sender", sender), ATTEMPTS_HERE, WINDOW_HERE),
        Brake(key("strangers", b""), ATTEMPTS_OF_STRANGERS, WINDOW_OF_STRANGERS),
    )
