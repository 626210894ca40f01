"""Who calls: short-lived tokens signed by the edge and checked by every service."""

import re
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import jwt

TOKEN_LIFE_S = 60
TOKEN_REUSE_S = 30  # a token is handed out again while at least half of its life is left
CLOCK_SKEW_S = 5
_ALGORITHM = "EdDSA"


class Role(StrEnum):
    """What a caller may do. The last three are programs."""

    VISITOR = "visitor"
    CLERK = "clerk"
    SHOP_OWNER = "shop_owner"
    EDITOR = "editor"
    REVIEWER = "reviewer"
    ANALYST = "analyst"
    ACCOUNTANT = "accountant"
    ADMIN = "admin"
    DEVICE = "device"
    SENSOR = "sensor"
    SERVICE = "service"


EVERYBODY = frozenset(Role)


class NotAuthenticated(Exception):
    """The call carries no token, or one that is expired, forged or malformed."""


@dataclass(frozen=True)
class Caller:
    """Who makes a call.

    area: the tenant the call is about. principal: user id, device id or name of a program.
    shops: place ids a clerk or shop owner is bound to; empty where nobody bound them.
    """

    area: str
    principal: str
    roles: frozenset[Role]
    shops: frozenset[str] = frozenset()


class Minter:
    """Makes tokens. Only the edge and the command line of the machine's owner hold its key."""

    def __init__(self, private_key_pem: bytes) -> None:
        self._key = private_key_pem
        self._mint = lru_cache(maxsize=4096)(self._sign)

    def mint(self, caller: Caller, service: str) -> str:
        """Returns a token for a caller, good for at least TOKEN_REUSE_S at one service: to another
        one it says nothing, whoever shows it there."""
        return self._mint(caller, service, int(time.time()) // TOKEN_REUSE_S)

    def tokens_of(self, caller: Caller) -> Callable[[str], str]:
        """Returns what gives a caller's token for a service, for channels that ask each time."""
        return lambda service: self.mint(caller, service)

    def _sign(self, caller: Caller, service: str, window: int) -> str:
        issued = window * TOKEN_REUSE_S
        claims = {
            "aud": _audience(service),
            "sub": caller.principal,
            "area": caller.area,
            "roles": sorted(caller.roles),
            "shops": sorted(caller.shops),
            "iat": issued,
            "exp": issued + TOKEN_LIFE_S,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)


class Verifier:
    """Checks tokens as one service, which believes none that was made for another."""

    def __init__(self, public_key_pem: bytes, service: str) -> None:
        self._key, self._audience = public_key_pem, _audience(service)
        self._known: dict[str, tuple[float, Caller]] = {}

    def verify(self, token: str) -> Caller:
        """Returns the caller a token speaks for. Errors: NotAuthenticated."""
        known = self._known.get(token)
        if known is not None and known[0] > time.time():
            return known[1]
        try:
            claims = jwt.decode(
                token, self._key, algorithms=[_ALGORITHM], audience=self._audience,
                leeway=CLOCK_SKEW_S,
                # strict: a list of audiences would open several services.
                options={"require": ["exp", "sub", "aud"], "strict_aud": True},
            )  # fmt: skip
            caller = Caller(
                area=str(claims["area"]),
                principal=str(claims["sub"]),
                roles=_roles(claims["roles"]),
                shops=frozenset(claims.get("shops", ())),
            )
            if not re.fullmatch(r"[a-z][a-z0-9_]*", caller.area):
                raise ValueError("a caller belongs to one area")
        except (jwt.InvalidTokenError, KeyError, ValueError, TypeError) as error:
            raise NotAuthenticated("The token is missing, expired or not for us.") from error
        if len(self._known) > 10_000:  # bound of memory; refilled from live callers at once
            self._known.clear()
        self._known[token] = (float(claims["exp"]), caller)
        return caller


def _audience(service: str) -> str:
    return f"meguri/{service}"


def _roles(names: Iterable[str]) -> frozenset[Role]:
    return frozenset(Role(name) for name in names)
