"""How PayPay takes a step and tells of one."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from kit.clock import Clock
from services.payments.domain.errors import WebhookMalformed
from services.payments.domain.provider import (
    DONE,
    UNANSWERED,
    Answer,
    Order,
    Outcome,
    Step,
    time_of,
)
from services.payments.gateways.http_json import Call
from services.payments.gateways.paypay import mapping
from services.payments.gateways.paypay.signing import Credentials
from services.payments.gateways.remote import Talk
from services.payments.gateways.webhook import Tidings, Webhook


@dataclass(frozen=True)
class PayPaySpeech:
    """latest_arrival: PayPay refuses a request whose signed time is more than two minutes ago."""

    credentials: Credentials
    clock: Clock
    latest_arrival: timedelta = timedelta(minutes=3)

    def headers(self, call: Call) -> Mapping[str, str]:
        """Signs the request."""
        return self.credentials.headers(call, self.clock)

    async def perform(self, talk: Talk, order: Order) -> Answer:
        """Takes a step."""
        if order.step is Step.TAKE:
            body = mapping.code_request(order, self.clock.now())
            reply = await talk.say("POST", "/v2/codes", body)
            data = mapping.data_of(reply)
            return mapping.created_code(data, order) if data else mapping.refusal(reply)
        if self._refunds(order):
            body = mapping.refund_request(order, self.clock.now())
            reply = await talk.say("POST", "/v2/refunds", body)
            data = mapping.data_of(reply)
            return mapping.refund_answer(data, order) if data else mapping.refusal(reply)
        reply = await talk.say("DELETE", f"/v2/payments/{order.payment_id}")
        # Accepted means that PayPay guarantees it; the money goes back a little later.
        accepted = reply.status in (200, 202) and mapping.code_of(reply) in (
            "SUCCESS", "REQUEST_ACCEPTED",
        )  # fmt: skip
        return DONE if accepted else mapping.refusal(reply)

    async def ask(self, talk: Talk, order: Order) -> Answer | None:
        """Looks the step up."""
        if self._refunds(order):
            reply = await talk.say("GET", f"/v2/refunds/{order.key}")
            data = mapping.data_of(reply)
            if data is None:
                return None if reply.status == 404 else UNANSWERED
            return mapping.refund_answer(data, order)
        reply = await talk.say("GET", f"/v2/codes/payments/{order.payment_id}")
        data = mapping.data_of(reply)
        if data is None:
            return None if reply.status == 404 else UNANSWERED
        if order.step is Step.TAKE:
            return mapping.take_answer(data, order)
        return mapping.canceled_answer(data)

    async def cancel(self, talk: Talk, order: Order) -> Answer:
        """Takes the code away, if nobody has paid it yet."""
        reply = await talk.say("DELETE", f"/v2/codes/{order.provider_ref}")
        gone = reply.status == 200 and mapping.code_of(reply) == "SUCCESS"
        if not gone:
            return UNANSWERED
        # Somebody may have paid it a moment before.
        return await self.ask(talk, order) or Answer(Outcome.REFUSED, "canceled_at_terminal")

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:  # noqa: ARG002 - the contract
        """PayPay signs no webhook and advises to trust its addresses, which we do not keep: so a
        webhook only says whom to ask about."""
        document = hook.document()
        if document.get("notification_type") != "Transaction":
            return Tidings("")
        key, state = str(document.get("merchant_order_id", "")), str(document.get("state", ""))
        if not key or not state:
            raise WebhookMalformed("The webhook names no payment.")
        # It has no id of its own; the same news about the same payment is the same event.
        text = "|".join((key, state, str(document.get("order_id", ""))))
        return Tidings(hashlib.sha256(text.encode()).hexdigest()[:40], key)

    def _refunds(self, order: Order) -> bool:
        """Within the window a sale is canceled; after it, and in part, it is refunded."""
        if order.step is Step.REFUND:
            return True
        # The step's own time decides, so that asking about it later looks in the same place.
        return order.step is Step.VOID and order.made_time > mapping.cancel_until(
            time_of(order.payment_id)
        )
