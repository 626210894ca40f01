"""The cases of webhooks."""

import asyncio
from datetime import timedelta

from kit.pure.errors import Refusal
from services.payments.domain.errors import (
    WebhookForged,
    WebhookFromFuture,
    WebhookMalformed,
    WebhookTooOld,
)
from services.payments.domain.payment import State
from services.payments.gateways.conformance.cases import expect, expect_charged
from services.payments.gateways.conformance.stage import Failed, Skipped, Stage
from services.payments.gateways.webhook import Webhook


async def webhook_first(stage: Stage) -> None:
    """A webhook settles the sale before anybody asks, even before the answer."""
    _needs_webhooks(stage)
    await stage.order("late")
    payment = stage.sale(3_000)
    asked = asyncio.create_task(stage.perform(payment))
    all_tidings = await stage.heard(payment.payment_id, _last(stage))
    told = payment
    for tidings in all_tidings:
        told = await stage.told(told, tidings)
    await asked
    told = await stage.resolve(told)
    expect("state", State.CAPTURED, told.state)
    await expect_charged(stage, told, 3_000)


async def webhook_twice(stage: Stage) -> None:
    """The same webhook again has the same event id and changes nothing."""
    _needs_webhooks(stage)
    await stage.habit("twice")
    payment = await stage.perform(stage.sale(3_100))
    all_tidings = await stage.heard(payment.payment_id, 2 * _last(stage))
    await stage.habit("once")
    expect("event ids", len(all_tidings) // 2, len({tidings.event_id for tidings in all_tidings}))
    for tidings in all_tidings:
        payment = await stage.told(payment, tidings)
    payment = await stage.resolve(payment)
    expect("state", State.CAPTURED, payment.state)
    await expect_charged(stage, payment, 3_100)


async def webhook_out_of_order(stage: Stage) -> None:
    """The end comes before the beginning: the beginning changes nothing any more."""
    _needs_webhooks(stage)
    payment = await stage.perform(stage.sale(3_200))
    all_tidings = await stage.heard(payment.payment_id, _last(stage))
    for tidings in reversed(all_tidings):
        payment = await stage.told(payment, tidings)
    payment = await stage.resolve(payment)
    expect("state", State.CAPTURED, payment.state)
    for tidings in all_tidings:
        expect("payment after old news", payment, await stage.told(payment, tidings))


async def webhook_forged(stage: Stage) -> None:
    """A signature of another key, none at all, one changed byte, no JSON: refused."""
    _needs_webhooks(stage)
    payment = await stage.taken(3_300)
    await stage.heard(payment.payment_id, _last(stage))
    genuine = stage.hooks[-1]
    _refuses(stage, Webhook(b"<html>", genuine.headers), WebhookForged, WebhookMalformed)
    _refuses(stage, Webhook(b"[]", {}), WebhookForged, WebhookMalformed)
    if not stage.profile.signs_webhooks:
        await _unsigned_proves_nothing(stage)
        return
    for number in range(0, len(genuine.body), 7):
        altered = bytearray(genuine.body)
        altered[number] ^= 1
        _changes_nothing(stage, Webhook(bytes(altered), genuine.headers), genuine)
    await stage.habit("forged")
    stage.hooks.clear()
    await stage.taken(3_301)
    hooks = await stage.any_hooks()
    await stage.habit("once")
    for hook in hooks:
        _refuses(stage, hook, WebhookForged)
    stage.hooks.clear()


async def webhook_of_another_time(stage: Stage) -> None:
    """Where the scheme signs a time: too old and from the future are refused."""
    _needs_webhooks(stage)
    if not stage.profile.signs_time:
        raise Skipped("signs no time")
    payment = await stage.taken(3_400)
    await stage.heard(payment.payment_id, _last(stage))
    hook = stage.hooks[-1]
    stage.clock.ahead = timedelta(seconds=305)
    _refuses(stage, hook, WebhookTooOld)
    stage.clock.ahead = -timedelta(seconds=90)
    _refuses(stage, hook, WebhookFromFuture)
    stage.clock.ahead = timedelta(0)
    stage.gateway.read_webhook(hook, stage.clock.now())


async def _unsigned_proves_nothing(stage: Stage) -> None:
    """A webhook without a signature makes us ask, and what is asked for decides."""
    await stage.customer(after_s=30)
    payment = await stage.perform(stage.sale(3_350))
    last = stage.hooks[-1]
    told = stage.gateway.read_webhook(last, stage.clock.now())
    lie = last.body.replace(told.key.encode(), payment.payment_id.encode())
    tidings = stage.gateway.read_webhook(Webhook(lie, last.headers), stage.clock.now())
    expect("key", payment.payment_id, tidings.key)
    expect("answer in an unsigned webhook", None, tidings.answer)
    payment = await stage.told(payment, tidings)
    await stage.customer()
    if payment.state is State.CAPTURED:
        raise Failed("a lie was believed")


def _refuses(stage: Stage, hook: Webhook, *wanted: type[Refusal]) -> None:
    try:
        stage.gateway.read_webhook(hook, stage.clock.now())
    except wanted:
        return
    raise Failed("a webhook was believed that proves nothing")


def _changes_nothing(stage: Stage, altered: Webhook, genuine: Webhook) -> None:
    """Refused, or, where a scheme signs fields and not bytes, read as the genuine one."""
    now = stage.clock.now()
    try:
        tidings = stage.gateway.read_webhook(altered, now)
    except (WebhookForged, WebhookMalformed):
        return
    if stage.profile.signs_bytes or tidings != stage.gateway.read_webhook(genuine, now):
        raise Failed(f"believed: {altered.body!r}")


def _needs_webhooks(stage: Stage) -> None:
    if not stage.profile.sends_webhooks:
        raise Skipped("sends no webhooks")
    stage.hooks.clear()


def _last(stage: Stage) -> int:
    return stage.profile.webhooks_per_sale
