"""Users, sessions and devices."""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum

from kit.pure.errors import InvalidFields, Refusal
from kit.pure.event import Event

LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
PASSWORD_MIN, PASSWORD_MAX = 12, 200  # NIST SP 800-63B asks for at least 8 and allows 64 and more
PART = re.compile(r"(/[a-z-]{1,20}){0,3}")
FIRST_PASSWORD_LIFE = timedelta(days=7)  # two people know it, and perhaps a sheet of paper
SESSION_LIFE = timedelta(hours=12)  # a working day; a till is signed in once in the morning
DEVICE_KINDS = frozenset({"terminal", "register"})
MAX_SHOPS = 100


class Role(IntEnum):
    """Roles of people; numbers as in the contract."""

    VISITOR = 1
    CLERK = 2
    SHOP_OWNER = 3
    EDITOR = 4
    REVIEWER = 5
    ANALYST = 6
    ACCOUNTANT = 7
    ADMIN = 8


def first_password_ends(roles: Sequence[Role], now: datetime) -> datetime | None:
    """Returns when a password that somebody else made ends; None for clerks and nothing more: the
    login of a counter is the shop's, and a till that stays shut on its eighth day costs a day's
    sales. Whoever is more than that sees more than one till."""
    return None if set(roles) == {Role.CLERK} else now + FIRST_PASSWORD_LIFE


class SignInRefused(Refusal):
    """Login name or password is wrong, or the user is disabled; which of them is not said."""


class FirstPasswordEnded(Refusal):
    """A password that somebody else made was not exchanged for an own one in time."""


class TooManyAttempts(Refusal):
    """This login name was tried too often, here or by strangers altogether; wait."""


class PasswordWrong(Refusal):
    """The password of before, which somebody gives who wants another one, is wrong."""


class PasswordTooEasy(Refusal):
    """The new password is a common one, or put together from common words, dates and rows."""


class SessionOver(Refusal):
    """The session is unknown, expired or ended."""


class LoginNameTaken(Refusal):
    """Another user of the area has this login name."""


class DeviceUnusable(Refusal):
    """The device was revoked."""


@dataclass(frozen=True)
class User:
    """A person with a login.

    shop_place_ids: shops a clerk or shop owner is bound to. Empty: a clerk works at all of them, a
    shop owner sees none. second_factor: a code is asked for after the password. password_until:
    when a password ends that somebody else made; None for an own one.
    """

    user_id: str
    login_name: str
    display_name: str
    roles: tuple[Role, ...]
    shop_place_ids: tuple[str, ...]
    disabled: bool
    version: int
    second_factor: bool = False
    password_until: datetime | None = None


@dataclass(frozen=True)
class Session:
    """A browser login. Only the hash of its id is ever stored.

    owes_second_factor: a role of the user has to have one, and there is none yet.
    use_time: when a page other than one of a counter was used last.
    """

    user: User
    expire_time: datetime
    owes_second_factor: bool = False
    use_time: datetime | None = None


@dataclass(frozen=True)
class KeptSession:
    """A session as it is kept. part: where it was used last, a beginning of addresses."""

    sha256: bytes
    expire_time: datetime
    use_time: datetime
    part: str

    @property
    def handle(self) -> str:
        """Names it to its person; half of a hash of 256 random bits opens nothing."""
        return self.sha256[:16].hex()


@dataclass(frozen=True)
class SignedIn:
    """What a right password gives: a session, or where a code is asked for half of a login.

    Of the two ids one is empty. session: of half a login when it ends, and whose it would be.
    """

    session_id: str
    half_login_id: str
    session: Session


@dataclass(frozen=True)
class Device:
    """A program or tablet that signs its requests with an Ed25519 key of 32 bytes."""

    device_id: str
    name: str
    kind: str
    place_id: str
    public_key: bytes
    revoked: bool
    version: int


@dataclass(frozen=True, kw_only=True)
class UserChanged(Event):
    """A user was created, changed or disabled."""

    user: User


@dataclass(frozen=True, kw_only=True)
class DeviceRevoked(Event):
    """A device may no longer sign requests."""


def check_user(login_name: str, display_name: str, password: str, roles: Sequence[Role]) -> None:
    """Errors: InvalidFields. password: empty when one is to be made."""
    bad: list[tuple[str, str]] = []
    if not LOGIN_NAME.fullmatch(login_name):
        bad.append(("login_name", "use 3 to 40 of a-z, 0-9, dot, dash and underscore"))
    bad += name_and_password_faults(display_name, password)
    if not roles or Role.VISITOR in roles:
        bad.append(("roles", "give at least one role of staff"))
    if bad:
        raise InvalidFields(bad)


def name_and_password_faults(display_name: str, password: str) -> list[tuple[str, str]]:
    """Returns what is wrong with a display name and a password; both may be empty to keep."""
    bad: list[tuple[str, str]] = []
    if len(display_name) > 80:
        bad.append(("display_name", "use at most 80 characters"))
    if password and not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        bad.append(("password", f"use {PASSWORD_MIN} to {PASSWORD_MAX} characters"))
    return bad


def check_part(part: str) -> None:
    """Errors: InvalidFields for more of an address than where in the site it is."""
    if not PART.fullmatch(part):
        raise InvalidFields([("part", "give the beginning of an address, such as /studio")])


def check_new_password(password: str) -> None:
    """Errors: InvalidFields."""
    bad = name_and_password_faults("", password)
    if not password:
        bad = [("password", f"use {PASSWORD_MIN} to {PASSWORD_MAX} characters")]
    if bad:
        raise InvalidFields(bad)


def check_shops(shop_place_ids: Sequence[str], known: Set[str]) -> None:
    """Errors: InvalidFields. known: ids of the area's places."""
    if len(shop_place_ids) > MAX_SHOPS:
        raise InvalidFields([("shop_place_ids", f"give at most {MAX_SHOPS}")])
    for place_id in shop_place_ids:
        if place_id not in known:
            raise InvalidFields([("shop_place_ids", f"there is no place {place_id[:80]}")])


def check_device(name: str, kind: str, public_key: bytes) -> None:
    """Errors: InvalidFields."""
    bad: list[tuple[str, str]] = []
    if not 0 < len(name) <= 80:
        bad.append(("name", "use 1 to 80 characters"))
    if kind not in DEVICE_KINDS:
        bad.append(("kind", f"use one of {', '.join(sorted(DEVICE_KINDS))}"))
    if len(public_key) != 32:
        bad.append(("public_key", "give the 32 bytes of an Ed25519 public key"))
    if bad:
        raise InvalidFields(bad)
