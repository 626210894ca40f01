"""What every gateway must do. A new gateway is one package with this shape; see remote.py."""

from datetime import datetime
from typing import Protocol

from services.payments.domain.provider import Answer, Order
from services.payments.domain.tender import GatewayFacts
from services.payments.gateways.webhook import Tidings, Webhook


class Gateway(Protocol):
    """A way to a provider. perform, ask and cancel answer within deadline_s, to which app/steps.py
    holds them, and never raise for what a provider or a network does: they say UNANSWERED."""

    @property
    def facts(self) -> GatewayFacts:
        """Name, mode, custody and tenders."""
        ...

    @property
    def deadline_s(self) -> float:
        """Seconds within which perform, ask and cancel answer."""
        ...

    async def perform(self, order: Order) -> Answer:
        """Asks the provider to take a step. Never says NEVER_RECEIVED.

        IN_PROGRESS: the customer has to finish it; the end comes by asking or by a webhook.
        """
        ...

    async def ask(self, order: Order) -> Answer:
        """Asks the provider what became of a step, without taking it.

        NEVER_RECEIVED promises that the provider will refuse the step should it still arrive.
        """
        ...

    async def cancel(self, order: Order) -> Answer:
        """Asks the provider to wait no longer for the customer of a TAKE that is in progress, and
        says what became of it. UNANSWERED and IN_PROGRESS change nothing."""
        ...

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        """Verifies and reads a webhook, without I/O.

        Errors: UnknownProvider, WebhookMalformed, WebhookForged, WebhookTooOld, WebhookFromFuture.
        """
        ...

    async def close(self) -> None:
        """Lets go of connections."""
        ...
