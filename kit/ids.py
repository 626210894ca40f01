"""Identifiers."""

import secrets

import uuid_utils


def new_id() -> str:
    """Returns a UUIDv7 (RFC 9562) as text: unique, and roughly ordered by time of making."""
    return str(uuid_utils.uuid7())


def new_secret() -> str:
    """Returns 256 random bits as URL-safe text, for session ids and passwords of programs."""
    return secrets.token_urlsafe(32)
