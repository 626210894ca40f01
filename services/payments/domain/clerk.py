"""Clerks of a shop: a name and a PIN, for a device that is signed in already.

A PIN is short, so it never opens anything from afar: it only tells who of a shop's people stands
at a device of that shop, and after a few wrong ones it rests.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import ClerkResting
from services.payments.domain.said import says_something

PIN = re.compile(r"[0-9]{4,8}")
MAX_WRONG = 5
REST = timedelta(minutes=15)
MAX_CLERKS = 100


@dataclass(frozen=True, kw_only=True)
class Clerk:
    """Somebody who works at a shop. pin_hash: encoded Argon2id. rest_until: after wrong PINs."""

    area: str
    shop_place_id: str
    clerk_id: str
    display_name: str
    pin_hash: str
    disabled: bool = False
    wrong_count: int = 0
    rest_until: datetime | None = None


def check_pin(pin: str) -> str:
    """Returns the PIN. Errors: InvalidFields; one digit repeated, or digits in a row, is no PIN."""
    rows = ("01234567890", "09876543210")
    if not PIN.fullmatch(pin):
        raise InvalidFields([("pin", "give 4 to 8 digits")])
    if len(set(pin)) == 1 or any(pin in row for row in rows):
        raise InvalidFields([("pin", "choose digits that are harder to guess")])
    return pin


def check_name(display_name: str) -> str:
    """Returns the name. Errors: InvalidFields."""
    if len(display_name.strip()) > 40 or not says_something(display_name):
        raise InvalidFields([("display_name", "give 1 to 40 characters")])
    return display_name.strip()


def check_awake(clerk: Clerk, now: datetime) -> None:
    """Errors: ClerkResting."""
    if clerk.rest_until is not None and now < clerk.rest_until:
        raise ClerkResting("Too many wrong PINs. Wait 15 minutes, or have a new PIN set.")


def after_wrong(clerk: Clerk, now: datetime) -> tuple[int, datetime | None]:
    """Returns the count of wrong PINs and until when the clerk rests."""
    wrong = clerk.wrong_count + 1
    return (0, now + REST) if wrong >= MAX_WRONG else (wrong, None)
