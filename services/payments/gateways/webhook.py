"""A provider's own message, and what every scheme of signing has in common."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.payments.domain.errors import (
    UnknownProvider,
    WebhookForged,
    WebhookFromFuture,
    WebhookMalformed,
    WebhookTooOld,
)
from services.payments.domain.provider import UNANSWERED, Answer, Order

# Providers repeat a webhook for hours. We need none of that: whatever a lost one would have told
# is asked for. So what is older than this is refused, and a stolen one is of no use any more.
OLDEST = timedelta(seconds=300)
CLOCK_SKEW = timedelta(seconds=30)


@dataclass(frozen=True)
class Webhook:
    """As it came. body: exactly the bytes that were signed. headers: names in lower case."""

    body: bytes = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    def document(self) -> dict[str, Any]:
        """Returns the JSON object. Errors: WebhookMalformed.

        Half a surrogate pair is no text: neither its signature nor its name could be reckoned.
        """
        try:
            found = json.loads(self.body)
            json.dumps(found, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            raise WebhookMalformed("The webhook is no JSON.") from error
        if not isinstance(found, dict):
            raise WebhookMalformed("The webhook is no JSON object.")
        return found


@dataclass(frozen=True)
class Tidings:
    """What a webhook tells. event_id: the same for every repeat of it. key: our step, "" where it
    is not about one of ours.

    answer: None where the webhook proves nothing by itself and the provider has to be asked.
    """

    event_id: str
    key: str = ""
    amount_yen: int = 0
    answer: Answer | None = None


class AtOnce:
    """The part of a gateway that answers at once: its customers have nothing left to do, and its
    provider sends no webhooks."""

    async def cancel(self, order: Order) -> Answer:  # noqa: ARG002 - the contract
        """Nothing waits for a customer."""
        return UNANSWERED

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:  # noqa: ARG002 - the contract
        """Errors: UnknownProvider."""
        raise UnknownProvider("This provider sends no webhooks.")


def sign(secret: bytes, message: bytes) -> str:
    """Returns the HMAC-SHA256 of a message in Base64."""
    return base64.b64encode(hmac.new(secret, message, hashlib.sha256).digest()).decode()


def check_signature(secret: bytes, message: bytes, given: str) -> None:
    """Errors: WebhookForged. Without a secret nothing is believed."""
    if not secret or not hmac.compare_digest(sign(secret, message).encode(), given.encode()):
        raise WebhookForged("The signature does not fit this body.")


def check_time(text: object, now: datetime) -> None:
    """Holds a signed RFC 3339 time against the clock.

    Errors: WebhookMalformed, WebhookTooOld, WebhookFromFuture.
    """
    try:
        made = datetime.fromisoformat(str(text))
        age = now - made
    except (ValueError, TypeError, OverflowError) as error:
        raise WebhookMalformed("The webhook tells no time.") from error
    if age > OLDEST:
        raise WebhookTooOld(f"The webhook is older than {OLDEST.seconds} seconds.")
    if age < -CLOCK_SKEW:
        raise WebhookFromFuture("The webhook comes from the future.")
