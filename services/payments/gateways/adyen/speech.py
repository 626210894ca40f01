"""How Adyen's terminals take a step and tell of one.

A payment is sent without waiting (/async), since a customer may take minutes; its end is asked for
with a TransactionStatusRequest, and a webhook says when to ask.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from kit.ids import new_id
from services.payments.domain.errors import WebhookMalformed
from services.payments.domain.provider import UNANSWERED, Answer, Order, Outcome, Step
from services.payments.gateways.adyen import mapping
from services.payments.gateways.http_json import Call
from services.payments.gateways.remote import Talk
from services.payments.gateways.webhook import Tidings, Webhook, check_signature

# Source: docs.adyen.com, verify HMAC signatures: these fields, in this order, joined by colons.
_SIGNED = ("pspReference", "originalReference", "merchantAccountCode", "merchantReference",
           "amount.value", "amount.currency", "eventCode", "success")  # fmt: skip
_OURS = frozenset({"AUTHORISATION", "CANCEL_OR_REFUND"})


@dataclass(frozen=True)
class AdyenSpeech:
    """latest_arrival: the cloud gives up a message that it cannot deliver within 150 seconds."""

    api_key: str = field(repr=False)
    hmac_key: bytes = field(repr=False)
    latest_arrival: timedelta = timedelta(seconds=180)

    def headers(self, call: Call) -> Mapping[str, str]:  # noqa: ARG002 - the contract
        """An API key."""
        return {"X-API-Key": self.api_key, "Content-Type": "application/json"}

    async def perform(self, talk: Talk, order: Order) -> Answer:
        """Takes a step."""
        if order.step is Step.TAKE:
            reply = await talk.say("POST", "/async", mapping.payment_request(order), bare=True)
            if reply.status == 200 and reply.document.get("text") == "ok":
                return Answer(Outcome.IN_PROGRESS, provider_ref=mapping.service_id(order.key))
            return _refused(reply.status)
        reply = await talk.say("POST", "/sync", mapping.reversal_request(order))
        if reply.status != 200:
            return _refused(reply.status)
        return mapping.reversal_answer(mapping.message(reply.document, "ReversalResponse"))

    async def ask(self, talk: Talk, order: Order) -> Answer | None:
        """Asks the terminal for the message's status."""
        category = "Payment" if order.step is Step.TAKE else "Reversal"
        body = mapping.status_request(order, category, mapping.service_id(new_id()))
        reply = await talk.say("POST", "/sync", body)
        if reply.status != 200:
            return UNANSWERED
        response = mapping.message(reply.document, "TransactionStatusResponse")
        return mapping.status_answer(response, order)

    async def cancel(self, talk: Talk, order: Order) -> Answer:
        """Asks the terminal to stop; it answers nothing to that, so the status tells."""
        abort = mapping.abort_request(order, mapping.service_id(new_id()))
        await talk.say("POST", "/async", abort, bare=True)
        return await self.ask(talk, order) or UNANSWERED

    async def totals(self, talk: Talk, terminal: str) -> Sequence[Mapping[str, Any]]:
        """Returns a terminal's TransactionTotals, for reconciliation. Errors: Unsure, NoAnswer."""
        body = mapping.reconciliation_request(terminal, mapping.service_id(new_id()))
        reply = await talk.say("POST", "/sync", body)
        found = mapping.message(reply.document, "ReconciliationResponse").get("TransactionTotals")
        return [each for each in found if isinstance(each, dict)] if found else []

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:  # noqa: ARG002 - no signed time
        """Reads a standard webhook. Its signature covers neither a time nor what the terminal calls
        the payment, so that is asked for."""
        items = hook.document().get("notificationItems")
        outer = items[0] if isinstance(items, list) and len(items) == 1 else None
        item = outer.get("NotificationRequestItem") if isinstance(outer, dict) else None
        if not isinstance(item, dict):
            raise WebhookMalformed("The webhook has not exactly one item.")
        extra = item.get("additionalData")
        given = extra.get("hmacSignature", "") if isinstance(extra, dict) else ""
        check_signature(self.hmac_key, signed_text(item).encode(), str(given))
        event = str(item.get("eventCode", ""))
        event_id = f"{item.get('pspReference')}-{event}-{item.get('success')}"[:80]
        ours = event in _OURS
        return Tidings(event_id, str(item.get("merchantReference", "")) if ours else "", _yen(item))


def signed_text(item: Mapping[str, Any]) -> str:
    """Returns what Adyen signs of a NotificationRequestItem."""
    amount = item.get("amount") if isinstance(item.get("amount"), dict) else {}
    flat = {**item, **{f"amount.{name}": value for name, value in (amount or {}).items()}}
    return ":".join(str(flat.get(name, "")) for name in _SIGNED)


def _yen(item: Mapping[str, Any]) -> int:
    value = (item.get("amount") or {}).get("value")
    return value if isinstance(value, int) and item.get("eventCode") == "AUTHORISATION" else 0


def _refused(status: int) -> Answer:
    """4xx: the cloud did not take the message."""
    if status in (401, 403):
        return Answer(Outcome.REFUSED, "not_authorized")
    return Answer(Outcome.REFUSED, "not_accepted") if 400 <= status < 500 else UNANSWERED
