"""Identifiers."""

import secrets
import uuid

import uuid_utils


def new_id() -> str:
    """Returns a UUIDv7 (RFC 9562) as text: unique, and roughly ordered by time of making."""
    return str(uuid_utils.uuid7())


def is_id(text: str) -> bool:
    """Tells whether a text is a UUID, so that a database can be asked for it."""
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


def new_secret() -> str:
    """Returns 256 random bits as URL-safe text, for session ids and passwords of programs."""
    return secrets.token_urlsafe(32)


# Without letters and digits that are mistaken for one another on paper.
_READABLE = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """Returns a password of 99 random bits that can be read from paper: four groups of five."""
    return _readable(groups=4, letters=5)


def new_recovery_code() -> str:
    """Returns a code of 59 random bits that is used once: three groups of four."""
    return _readable(groups=3, letters=4)


def _readable(*, groups: int, letters: int) -> str:
    return "-".join(
        "".join(secrets.choice(_READABLE) for _ in range(letters)) for _ in range(groups)
    )
