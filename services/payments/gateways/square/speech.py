"""How Square takes a step and tells of one.

An authorization is completed or canceled by its payment's id; a captured sale cannot be canceled
any more at Square, so a void of it gives all of it back.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from services.payments.domain.provider import UNANSWERED, Answer, Order, Step
from services.payments.gateways.http_json import Call, Reply
from services.payments.gateways.remote import Talk, Unsure
from services.payments.gateways.square import mapping
from services.payments.gateways.webhook import Tidings, Webhook, check_signature, check_time

VERSION = "2026-09-16"  # that of the client library the tests use
SIGNATURE = "x-square-hmacsha256-signature"


@dataclass(frozen=True)
class SquareSpeech:
    """webhook_url: the address the webhooks were ordered for; Square signs it with the body."""

    token: str = field(repr=False)
    webhook_key: str = field(repr=False)
    webhook_url: str
    # A checkout lives for five minutes: one that the device never saw will not charge later.
    latest_arrival: timedelta = timedelta(minutes=6)

    def headers(self, call: Call) -> Mapping[str, str]:  # noqa: ARG002 - the contract
        """A bearer token."""
        return {
            "Authorization": f"Bearer {self.token}",
            "Square-Version": VERSION,
            "Content-Type": "application/json",
        }

    async def perform(self, talk: Talk, order: Order) -> Answer:
        """Takes a step."""
        if order.step is Step.TAKE:
            reply = await talk.say(
                "POST", "/v2/terminals/checkouts", mapping.checkout_request(order)
            )
            found = _inner(reply, "checkout")
            return mapping.checkout_answer(found, order.amount_yen) if found else _refused(reply)
        if _gives_back(order):
            reply = await talk.say("POST", "/v2/refunds", mapping.refund_request(order))
            found = _inner(reply, "refund")
            return mapping.refund_answer(found) if found else _refused(reply)
        path = f"/v2/payments/{order.provider_ref}"
        if order.step is Step.CAPTURE:
            body = {
                "idempotency_key": order.key,
                "payment": {"amount_money": mapping.money(order.amount_yen)},
            }
            reply = await talk.say("PUT", path, body)
            if _inner(reply, "payment") is None:
                return _refused(reply)
        completes = order.step is Step.CAPTURE
        verb = "complete" if completes else "cancel"
        reply = await talk.say("POST", f"{path}/{verb}", {} if completes else None)
        found = _inner(reply, "payment")
        return (_read_payment(order, found) if found else _refused(reply)) or UNANSWERED

    async def ask(self, talk: Talk, order: Order) -> Answer | None:
        """Looks the step up."""
        if order.step is Step.TAKE:
            return await self._ask_take(talk, order)
        if _gives_back(order):
            query = f"begin_time={mapping.begin_of(order)}&sort_order=DESC"
            reply = await talk.say("GET", f"/v2/refunds?{query}")
            refunds = _list(reply, "refunds")
            ours = [each for each in refunds if mapping.refund_key(each) == order.key]
            return mapping.refund_answer(ours[0]) if ours else None
        reply = await talk.say("GET", f"/v2/payments/{order.provider_ref}")
        found = _inner(reply, "payment")
        return _read_payment(order, found) if found else UNANSWERED

    async def cancel(self, talk: Talk, order: Order) -> Answer:
        """Takes the checkout off the device; e-money cannot be stopped once it is there."""
        path = f"/v2/terminals/checkouts/{order.provider_ref}/cancel"
        found = _inner(await talk.say("POST", path), "checkout")
        return mapping.checkout_answer(found, order.amount_yen) if found else UNANSWERED

    async def _ask_take(self, talk: Talk, order: Order) -> Answer | None:
        if order.provider_ref:
            reply = await talk.say("GET", f"/v2/terminals/checkouts/{order.provider_ref}")
            found = _inner(reply, "checkout")
            return mapping.checkout_answer(found, order.amount_yen) if found else UNANSWERED
        body = mapping.search_request(order)
        reply = await talk.say("POST", "/v2/terminals/checkouts/search", body)
        checkouts = _list(reply, "checkouts")
        ours = [each for each in checkouts if each.get("reference_id") == order.key]
        return mapping.checkout_answer(ours[0], order.amount_yen) if ours else None

    def read_webhook(self, hook: Webhook, now: datetime) -> Tidings:
        """Reads terminal.checkout.updated and refund.updated; others are about nothing of ours."""
        message = self.webhook_url.encode() + hook.body
        check_signature(self.webhook_key.encode(), message, hook.headers.get(SIGNATURE, ""))
        document = hook.document()
        check_time(document.get("created_at"), now)
        event_id = str(document.get("event_id", ""))[:80]
        inside = (document.get("data") or {}).get("object") or {}
        if isinstance(checkout := inside.get("checkout"), dict):
            return Tidings(
                event_id, str(checkout.get("reference_id", "")), _yen(checkout),
                mapping.checkout_answer(checkout),
            )  # fmt: skip
        if isinstance(refund := inside.get("refund"), dict):
            answer = mapping.refund_answer(refund)
            return Tidings(event_id, mapping.refund_key(refund), _yen(refund), answer)
        return Tidings(event_id)


def _gives_back(order: Order) -> bool:
    return order.step is Step.REFUND or (order.step is Step.VOID and order.captured)


def _read_payment(order: Order, payment: Mapping[str, Any]) -> Answer | None:
    if order.step is Step.CAPTURE:
        return mapping.payment_answer(payment, wanted="COMPLETED", amount_yen=order.amount_yen)
    return mapping.payment_answer(payment, wanted="CANCELED")


def _inner(reply: Reply, name: str) -> Mapping[str, Any] | None:
    found = reply.document.get(name)
    return found if reply.status == 200 and isinstance(found, dict) else None


def _list(reply: Reply, name: str) -> list[Mapping[str, Any]]:
    found = reply.document.get(name, [])
    if reply.status != 200 or not isinstance(found, list) or reply.document.get("errors"):
        raise Unsure(json.dumps(reply.document.get("errors"))[:200])
    return [each for each in found if isinstance(each, dict)]


def _refused(reply: Reply) -> Answer:
    return mapping.refusal(reply) if 400 <= reply.status < 500 else UNANSWERED


def _yen(document: Mapping[str, Any]) -> int:
    amount = (document.get("amount_money") or {}).get("amount")
    return amount if isinstance(amount, int) else 0
