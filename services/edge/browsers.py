"""Browsers a login name was signed in from before (OWASP: device cookies).

Directory counts their attempts alone, so that a stranger who tries a name from everywhere cannot
keep the one person out who may do something about it. The cookie opens nothing and names nobody.
"""

import hashlib
import hmac
import secrets


def known(secret: bytes, area: str, login_name: str, cookie: str) -> bytes:
    """Returns the number of the browser when its cookie is ours and of this name, else b""."""
    number, _, proof = cookie.partition(".")
    right = _proof(secret, area, login_name, number)
    return (
        number.encode() if number and hmac.compare_digest(proof.encode(), right.encode()) else b""
    )


def cookie_for(secret: bytes, area: str, login_name: str, number: bytes) -> str:
    """Returns the cookie after a sign-in; number: of a browser that was known, else a new one is
    made."""
    made = number.decode() or secrets.token_urlsafe(16)
    return f"{made}.{_proof(secret, area, login_name, made)}"


def _proof(secret: bytes, area: str, login_name: str, number: str) -> str:
    text = "|".join(("known browser", area, login_name, number)).encode(errors="replace")
    return hmac.new(secret, text, hashlib.sha256).hexdigest()
