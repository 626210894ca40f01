"""Notices: what a register is told of its shop's payments, by the Standard Webhooks specification.

A notice is written with the state it tells of and sent afterwards, at least once and in no promised
order: whoever hears it drops an id it knows and reads the payment where it has to be sure.
"""

import base64
import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

from kit.pure.errors import InvalidFields
from kit.pure.event import Event
from services.payments.domain.events import PaymentCaptured, PaymentRefunded, PaymentVoided

MAX_ADDRESSES = 10  # of a shop
MAX_URL_LENGTH = 500
OVERLAP = timedelta(hours=24)  # a register's people work once a day
# A notice is tried for three and a half days. If one dies and none got through for this long, the
# register is gone and everything written for it would die as well.
OFF_AFTER = timedelta(days=3)
SECRET_PREFIX = "whsec_"  # noqa: S105 - of the specification, no secret
# After each failed try; the last one makes it dead. About three and a half days together.
PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 60, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)
)
_PRACTICE_HOST = "127.0.0.1"


class NoticeType(StrEnum):
    """What a notice may tell."""

    CAPTURED = "payment.captured"
    VOIDED = "payment.voided"
    REFUNDED = "payment.refunded"
    TEST = "meguri.test"  # sent on somebody's word; no address subscribes to it


SUBSCRIBED = (NoticeType.CAPTURED, NoticeType.VOIDED, NoticeType.REFUNDED)


class NoticeState(StrEnum):
    """Where a notice stands. DEAD: tried often enough; only a replay sends it again."""

    WAITING = "waiting"
    DELIVERED = "delivered"
    DEAD = "dead"


class AddressState(StrEnum):
    """How an address fares. QUIET: nothing was sent yet. OFF: nothing is sent until it is on."""

    QUIET = "quiet"
    HEALTHY = "healthy"
    FAILING = "failing"
    OFF = "off"


class OffReason(StrEnum):
    """Why an address is off."""

    OWNER = "owner"  # somebody switched it off
    GONE = "gone"  # it answered 410: stop sending
    FAILING = "failing"  # a notice died and nothing got through meanwhile


TYPES: dict[type[Event], NoticeType] = {
    PaymentCaptured: NoticeType.CAPTURED,
    PaymentVoided: NoticeType.VOIDED,
    PaymentRefunded: NoticeType.REFUNDED,
}


@dataclass(frozen=True, kw_only=True)
class NoticeAddress:
    """Where a register of a shop hears. generation: of its secret; old_until: until when the secret
    before signs too. deliver_time: of the last 2xx; failing_since: of the first failure after it.
    """

    address_id: str
    shop_place_id: str
    url: str
    types: tuple[NoticeType, ...]
    generation: int
    waiting_count: int = 0
    dead_count: int = 0
    old_until: datetime | None = None
    deliver_time: datetime | None = None
    failing_since: datetime | None = None
    off_time: datetime | None = None
    off_reason: str = ""

    @property
    def state(self) -> AddressState:
        """How it fares, by its last try."""
        if self.off_time is not None:
            return AddressState.OFF
        if self.failing_since is not None:
            return AddressState.FAILING
        return AddressState.QUIET if self.deliver_time is None else AddressState.HEALTHY


@dataclass(frozen=True, kw_only=True)
class Tried:
    """What became of one try. status: HTTP status, 0 for no answer. fault: stable word or ""."""

    status: int = 0
    fault: str = ""

    @property
    def is_delivered(self) -> bool:
        """True for any 2xx; a redirect is none."""
        return 200 <= self.status < 300


def check_address(url: str, types: Sequence[NoticeType], *, practice: bool) -> None:
    """Errors: InvalidFields. practice: the shop moves no real money."""
    bad: list[tuple[str, str]] = []
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        parts, host = urlsplit(""), ""
    is_https = parts.scheme == "https"
    is_own_machine = parts.scheme == "http" and host == _PRACTICE_HOST and practice
    if not host or len(url) > MAX_URL_LENGTH or not url.isascii() or not url.isprintable():
        bad.append(("url", "give a whole address, https://…"))
    elif not (is_https or is_own_machine):
        bad.append(("url", "begin with https://; only a shop that practices may use 127.0.0.1"))
    elif parts.username is not None or parts.fragment:
        bad.append(("url", "leave out names, passwords and #"))
    if not types or len(set(types)) != len(types) or not set(types) <= set(SUBSCRIBED):
        bad.append(("types", "choose what shall be told, each once"))
    if bad:
        raise InvalidFields(bad)


def next_try(tries: int, tried: Tried, now: datetime) -> tuple[NoticeState, datetime | None]:
    """Returns state and time of the next try after so many tries, this one among them."""
    if tried.is_delivered:
        return NoticeState.DELIVERED, None
    if tried.status == 410 or tries > len(PAUSES):  # gone: the receiver asks us to stop
        return NoticeState.DEAD, None
    return NoticeState.WAITING, now + PAUSES[tries - 1]


def after_try(
    failing_since: datetime | None, state: NoticeState, tried: Tried, now: datetime
) -> OffReason | None:
    """Returns why an address goes off after a try, or None. failing_since: this try among them."""
    if tried.status == 410:
        return OffReason.GONE
    is_long = failing_since is not None and now - failing_since >= OFF_AFTER
    return OffReason.FAILING if state is NoticeState.DEAD and is_long else None


def shown_secret(secret: bytes) -> str:
    """Returns a secret as the specification writes it."""
    return SECRET_PREFIX + base64.b64encode(secret).decode()


def signature(secret: bytes, notice_id: str, timestamp: int, body: bytes) -> str:
    """Returns the value of webhook-signature: HMAC-SHA256 over id, time and body."""
    signed = b".".join((notice_id.encode(), str(timestamp).encode(), body))
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def signatures(secrets: Sequence[bytes], notice_id: str, timestamp: int, body: bytes) -> str:
    """Returns the header with one signature of each secret: a receiver takes any that fits."""
    return " ".join(signature(secret, notice_id, timestamp, body) for secret in secrets)
