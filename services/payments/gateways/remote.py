"""What every remote gateway does alike: deadlines, what silence means, when a step is given up.

A provider is a `Speech`: how it takes a step, how it tells of one, how its webhooks are read.
"""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from kit.clock import Clock, SystemClock
from services.payments.domain.provider import NEVER_RECEIVED, UNANSWERED, UNREACHED, Answer, Order
from services.payments.domain.tender import GatewayFacts
from services.payments.gateways.http_json import Call, HttpJson, NoAnswer, NotSent, Reply
from services.payments.gateways.webhook import Tidings, Webhook

DEADLINE_S = 5.0
ASK_DEADLINE_S = 3.0


class Unsure(Exception):
    """The provider said something from which nothing follows."""


@dataclass
class Talk:
    """The requests of one step; all of them together end within deadline_s."""

    http: HttpJson
    sign: "Sign"
    deadline_s: float
    sent: int = 0

    def __post_init__(self) -> None:
        self._ends = time.monotonic() + self.deadline_s

    async def say(
        self, method: str, path: str, body: Mapping[str, Any] | None = None, *, bare: bool = False
    ) -> Reply:
        """Sends one request. Errors: NotSent, NoAnswer; Unsure where the provider is broken."""
        left_s = self._ends - time.monotonic()
        if left_s <= 0:
            raise NoAnswer("no time is left")
        call = Call.of_json(method, path, body, bare=bare)
        reply = await self.http.send(call.with_headers(self.sign.headers(call)), left_s)
        self.sent += 1
        if reply.status >= 500:
            raise Unsure(f"status {reply.status}")
        return reply


class Sign(Protocol):
    """Who we are, to this provider."""

    def headers(self, call: Call) -> Mapping[str, str]:
        """Returns the headers that prove it."""
        ...


class Speech(Sign, Protocol):
    """How one provider speaks. latest_arrival: after this long a step that was sent and that the
    provider does not know will not be carried out any more; see docs/decisions/0007."""

    @property
    def latest_arrival(self) -> timedelta: ...

    async def perform(self, talk: Talk, order: Order) -> Answer:
        """Takes a step. Errors: NotSent, NoAnswer, Unsure."""
        ...

    async def ask(self, talk: Talk, order: Order) -> Answer | None:
        """Tells what became of a step, None where the provider does not know it. Errors: same."""
        ...

    async def cancel(self, talk: Talk, order: Order) -> Answer:
        """Stops waiting for the customer of a TAKE. Errors: same."""
        ...

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        """Verifies and reads a webhook. Errors: as webhook.check_signature and check_time."""
        ...


class Remote:
    """A gateway made of a speech."""

    def __init__(
        self,
        facts: GatewayFacts,
        url: str,
        speech: Speech,
        *,
        deadline_s: float = DEADLINE_S,
        clock: Clock | None = None,
    ) -> None:
        self.facts, self.deadline_s = facts, deadline_s
        self._speech, self._http, self._clock = speech, HttpJson(url), clock or SystemClock()

    async def perform(self, order: Order) -> Answer:
        """Takes a step, once."""
        talk = Talk(self._http, self._speech, self.deadline_s)
        try:
            return await self._speech.perform(talk, order)
        except NotSent:  # a step of several requests may have begun
            return UNANSWERED if talk.sent else UNREACHED
        except (NoAnswer, Unsure):
            return UNANSWERED

    async def ask(self, order: Order) -> Answer:
        """Tells what became of a step."""
        try:
            talk = Talk(self._http, self._speech, ASK_DEADLINE_S)
            answer = await self._speech.ask(talk, order)
        except (NotSent, NoAnswer, Unsure):
            return UNANSWERED
        if answer is not None:
            return answer
        age = self._clock.now() - order.made_time
        return NEVER_RECEIVED if age > self._speech.latest_arrival else UNANSWERED

    async def cancel(self, order: Order) -> Answer:
        """Stops waiting for the customer."""
        try:
            talk = Talk(self._http, self._speech, ASK_DEADLINE_S)
            return await self._speech.cancel(talk, order)
        except (NotSent, NoAnswer, Unsure):
            return UNANSWERED

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        """Verifies and reads a webhook."""
        return self._speech.read_webhook(hook, now)

    async def close(self) -> None:
        """Closes the connections."""
        await self._http.close()


def live_or_practice(url: str, live_host: str) -> bool:
    """Tells whether an address is the provider's real one. All others are practice: no setting
    can make a simulator's answers count as money."""
    return url.rstrip("/") == f"https://{live_host}"
