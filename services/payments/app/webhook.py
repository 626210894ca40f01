"""A provider's webhook: an answer like any other, that comes by itself.

It goes the way of an answer, through settle() or settle_refund(), so it may come twice, early, late
or out of order. Nothing depends on it: what a lost one would have told is asked for.
"""

from enum import StrEnum
from uuid import UUID

from kit import log
from kit.db import ALL_AREAS, Row
from kit.pure.card_text import holds_card_number
from services.payments.app.deps import Deps
from services.payments.app.refund import read_refund, settle_answer
from services.payments.app.steps import ask
from services.payments.app.units import Answered
from services.payments.domain.errors import UnknownProvider, WebhookMalformed, WebhookMismatch
from services.payments.domain.payment import Payment, State, order_of, take_order
from services.payments.domain.provider import UNANSWERED, Outcome
from services.payments.domain.refund import refund_order
from services.payments.gateways.webhook import Tidings, Webhook
from services.payments.store import payments, webhooks
from services.payments.store.webhooks import Heard

_NOTHING_TAKEN = frozenset({State.DECLINED, State.EXPIRED})


class Received(StrEnum):
    """What a webhook did. ACCEPTED: it was heard. DUPLICATE: it acted before. IGNORED: it is
    genuine and about nothing of ours."""

    ACCEPTED = "accepted"
    DUPLICATE = "duplicate"
    IGNORED = "ignored"


async def receive_webhook(deps: Deps, provider: str, hook: Webhook) -> Received:
    """Verifies a webhook and applies what it tells.

    Errors: UnknownProvider, WebhookMalformed, WebhookForged, WebhookTooOld, WebhookFromFuture,
    WebhookMismatch, StoreUnavailable.
    """
    gateway = deps.gateways.get(provider)
    if gateway is None:
        raise UnknownProvider("No provider of this name is set up here.")
    tidings = gateway.read_webhook(hook, deps.clock.now())
    _check_card_free(tidings)
    if not _is_id(tidings.key):
        return Received.IGNORED
    async with deps.db.read(ALL_AREAS) as tx:
        step = await webhooks.find_step(tx, provider, tidings.key)
    if step is None:
        return Received.IGNORED
    async with deps.db.read(step["area"]) as tx:
        if await webhooks.is_known(tx, provider, tidings.event_id):
            return Received.DUPLICATE
        payment = await payments.find(tx, step["payment_id"])
    if payment is None:
        return Received.IGNORED
    heard = Heard(step["area"], provider, tidings.event_id, tidings.key)
    if step["refund_id"]:
        await _apply_to_refund(deps, step, tidings, heard)
    else:
        await _apply(deps, payment, tidings, heard)
    return Received.ACCEPTED


async def _apply(deps: Deps, payment: Payment, tidings: Tidings, heard: Heard) -> None:
    pending = payment.pending
    if pending is None or pending.key != tidings.key:
        await _look_for_stray(deps, payment, tidings)
        answer = tidings.answer or UNANSWERED
    else:
        if tidings.amount_yen and tidings.amount_yen != pending.amount_yen:
            raise WebhookMismatch(f"{pending.amount_yen} yen were asked for.")
        answer = tidings.answer or await ask(deps.gateway(payment.gateway), order_of(payment))
        if tidings.answer is None and answer.outcome is Outcome.UNANSWERED:
            return  # it proved nothing: the next one, or resolve, asks again
    await deps.writer.submit(
        payment.area, Answered(payment.payment_id, tidings.key, answer, heard=heard)
    )


async def _apply_to_refund(deps: Deps, step: Row, tidings: Tidings, heard: Heard) -> None:
    payment, refund = await read_refund(deps, step["area"], step["refund_id"])
    if tidings.amount_yen and tidings.amount_yen != refund.amount_yen:
        raise WebhookMismatch(f"{refund.amount_yen} yen were asked for.")
    answer = tidings.answer or await ask(
        deps.gateway(payment.gateway), refund_order(payment, refund)
    )
    if tidings.answer is None and answer.outcome is Outcome.UNANSWERED:
        return
    await settle_answer(deps, payment, refund.refund_id, answer, heard)


async def _look_for_stray(deps: Deps, payment: Payment, tidings: Tidings) -> None:
    """Money that was taken for a sale that had ended: people have to give it back."""
    if payment.state not in _NOTHING_TAKEN or tidings.key != payment.payment_id:
        return
    answer = tidings.answer or await ask(deps.gateway(payment.gateway), take_order(payment))
    if answer.outcome is Outcome.DONE:
        log.get("webhook").error(
            "the provider took money for a payment that is over", area=payment.area,
            payment_id=payment.payment_id, state=payment.state,
        )  # fmt: skip


def _check_card_free(tidings: Tidings) -> None:
    """Of a webhook only these are kept, never its body. Errors: WebhookMalformed."""
    ref = tidings.answer.provider_ref if tidings.answer else ""
    if holds_card_number(tidings.event_id) or holds_card_number(ref):
        raise WebhookMalformed("The number of a card stands where an id belongs; it was not kept.")


def _is_id(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
