"""What the use cases stand on."""

import hashlib
import secrets
from dataclasses import dataclass, field
from uuid import UUID

from kit.clock import Clock
from kit.db import Database
from kit.outbox import Outbox
from kit.pure.errors import InvalidFields


@dataclass(frozen=True)
class Deps:
    """Given to every use case.

    attempts_key: of the hashes under which attempts to sign in are counted. It lives as long as the
    process, in memory only: a copy of the database tells nothing of the names that were tried.
    factor_key: what secrets of second factors are sealed under, 32 bytes; it lies outside of the
    database.
    """

    db: Database
    outbox: Outbox
    clock: Clock
    factor_key: bytes = field(repr=False)
    attempts_key: bytes = field(default_factory=lambda: secrets.token_bytes(32), repr=False)


def as_id(field: str, text: str) -> str:
    """Returns a UUID in its one spelling. Errors: InvalidFields."""
    try:
        return str(UUID(text))
    except ValueError as error:
        raise InvalidFields([(field, "this is no id of ours")]) from error


def hash_of(secret: str) -> bytes:
    """Returns what is kept of the id of a session, or of half a login."""
    return hashlib.sha256(secret.encode()).digest()
