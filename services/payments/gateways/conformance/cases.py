"""The cases of sales and refunds. Each is a function of the stage that raises Failed."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from kit.ids import new_id
from services.payments.domain.errors import ProviderRefundUnsupported
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import (
    Payment,
    State,
    order_of,
    start_capture,
    start_void,
)
from services.payments.domain.provider import Answer, Outcome
from services.payments.domain.refund import Refund, refund_order, start_refund
from services.payments.domain.tender import Tender
from services.payments.gateways.conformance.stage import Failed, Skipped, Stage

FELICA = (Tender.TRANSIT_IC, Tender.ID, Tender.QUICPAY)
# What a lost answer does not tell apart from an unsent one.
UNHEARD = (
    "time_out_after", "error_after", "unreadable_after", "hang_up_after", "huge_after",
    "drip_after", "late",
)  # fmt: skip


def expect(what: str, wanted: object, got: object) -> None:
    """Errors: Failed."""
    if wanted != got:
        raise Failed(f"{what}: wanted {wanted}, got {got}")


async def expect_charged(
    stage: Stage, payment: Payment, captured_yen: int, *, refunded_yen: int = 0
) -> None:
    """The provider holds exactly one charge of this payment, of these amounts. Errors: Failed."""
    charges = await stage.charges(payment.payment_id)
    expect("charges at the provider", 1, len(charges))
    expect("captured at the provider", captured_yen, charges[0]["captured_yen"])
    expect("refunded at the provider", refunded_yen, charges[0]["refunded_yen"])


async def expect_nothing_charged(stage: Stage, payment: Payment) -> None:
    """Errors: Failed."""
    expect("charges at the provider", [], await stage.charges(payment.payment_id))


async def approve(stage: Stage) -> None:
    """Every tender of the gateway is taken, once, in full."""
    for number, tender in enumerate(sorted(stage.gateway.facts.tenders)):
        payment = await stage.taken(1_000 + number, tender)
        expect(f"state of {tender}", State.CAPTURED, payment.state)
        await expect_charged(stage, payment, 1_000 + number)


async def decline(stage: Stage) -> None:
    """A refusal is final, has a reason and charges nothing."""
    await stage.order("decline")
    payment = await stage.taken(1_100)
    expect("state", State.DECLINED, payment.state)
    if not payment.decline_reason:
        raise Failed("a refusal without a reason")
    await expect_nothing_charged(stage, payment)


async def no_answer_after_charge(stage: Stage) -> None:
    """Charged and not heard, in every way an answer can be lost: asked for, never charged again."""
    for number, scenario in enumerate(UNHEARD):
        await stage.order(scenario)
        payment = await stage.perform(stage.sale(1_200 + number))
        expect(f"state after {scenario}", State.UNKNOWN, payment.state)
        payment = await stage.resolve(payment)
        expect(f"state at the end of {scenario}", State.CAPTURED, payment.state)
        await expect_charged(stage, payment, 1_200 + number)


async def no_answer_before_charge(stage: Stage) -> None:
    """Not received: unknown until it cannot arrive any more, then ended with nothing charged."""
    for scenario in ("time_out_before", "error_before"):
        await stage.order(scenario)
        payment = await stage.perform(stage.sale(1_300, made_ago=timedelta(minutes=30)))
        expect(f"state after {scenario}", State.UNKNOWN, payment.state)
        payment = await stage.resolve(payment)
        expect(f"state at the end of {scenario}", State.EXPIRED, payment.state)
        await expect_nothing_charged(stage, payment)


async def too_early_to_give_up(stage: Stage) -> None:
    """What may still arrive is not called never received, unless the provider refuses it then."""
    order = order_of(stage.sale(1_350))
    answer = await stage.gateway.ask(order)
    if answer.outcome is Outcome.NEVER_RECEIVED:
        late = await stage.gateway.perform(order)
        if late.outcome in (Outcome.DONE, Outcome.IN_PROGRESS):
            raise Failed("a step that was said to be never received was carried out")
        return
    expect("outcome", Outcome.UNANSWERED, answer.outcome)


async def duplicate_answer(stage: Stage) -> None:
    """An answer that comes twice is one answer, and a second settling changes nothing."""
    await stage.order("twice")
    payment = stage.sale(1_400)
    order = order_of(payment)
    answer = await stage.gateway.perform(order)
    payment = await stage.resolve(stage.settle(payment, order.key, answer))
    expect("state", State.CAPTURED, payment.state)
    again = stage.settle(payment, order.key, Answer(Outcome.DONE))
    expect("payment after the second settling", payment, again)
    await expect_charged(stage, payment, 1_400)


async def answer_in_pieces(stage: Stage) -> None:
    """An answer in two pieces is read whole."""
    await stage.order("in_pieces")
    payment = await stage.perform(stage.sale(1_450))
    if payment.state is State.UNKNOWN:
        raise Failed("a whole answer was not understood")
    expect("state", State.CAPTURED, (await stage.resolve(payment)).state)


async def same_key_twice(stage: Stage) -> None:
    """The provider takes a key once, whatever goes wrong on our side."""
    order = order_of(payment := stage.sale(1_500))
    await asyncio.gather(stage.gateway.perform(order), stage.gateway.perform(order))
    payment = await stage.resolve(payment)
    expect("state", State.CAPTURED, payment.state)
    await expect_charged(stage, payment, 1_500)


async def customer_walks_away(stage: Stage) -> None:
    """Nothing happens at the terminal for a while, then the customer cancels there."""
    await stage.customer(pays=False, after_s=0.5)
    payment = await stage.perform(stage.sale(1_550))
    if payment.state is State.CAPTURED:
        raise Skipped("answers at once")
    payment = await stage.resolve(payment)
    await stage.customer()
    expect("state", State.DECLINED, payment.state)
    await expect_nothing_charged(stage, payment)


async def cancel_while_the_customer_waits(stage: Stage) -> None:
    """The clerk stops it: nothing is charged, then or later. What cannot be stopped goes on."""
    for tender in sorted(stage.gateway.facts.tenders):
        await stage.customer(after_s=60)
        payment = await stage.perform(stage.sale(1_560, tender))
        if payment.pending is None:
            raise Skipped("answers at once")
        order = order_of(payment)
        payment = stage.settle(payment, order.key, await stage.gateway.cancel(order))
        await stage.customer(after_s=0)
        payment = await stage.resolve(payment)
        can_stop = tender not in stage.gateway.facts.no_refunds
        expect("state", State.DECLINED if can_stop else State.CAPTURED, payment.state)
        if can_stop:
            await asyncio.sleep(0.2)  # a customer who is still asked would pay by now
            await expect_nothing_charged(stage, payment)
    await stage.customer()


async def authorize_and_capture_a_part(stage: Stage) -> None:
    """Held first, captured in part later; the rest is released."""
    payment = await _authorized(stage, 2_000)
    now = stage.clock.now()
    payment = await stage.resolve(
        await stage.perform(
            start_capture(payment, 1_500, key=new_id(), now=now, today=payment.business_date)
        )
    )
    expect("state", State.CAPTURED, payment.state)
    await expect_charged(stage, payment, 1_500)


async def capture_and_void_without_answer(stage: Stage) -> None:
    """A capture or a release that was made and not heard is found by asking."""
    held = await _authorized(stage, 2_050)
    now, today = stage.clock.now(), held.business_date
    await stage.order("error_after")
    payment = await stage.perform(start_capture(held, 1_000, key=new_id(), now=now, today=today))
    expect("state after the capture", State.UNKNOWN, payment.state)
    payment = await stage.resolve(payment)
    expect("state", State.CAPTURED, payment.state)
    await expect_charged(stage, payment, 1_000)
    held = await _authorized(stage, 2_060)
    await stage.order("hang_up_after")
    payment = await stage.perform(start_void(held, key=new_id(), now=now, today=today))
    expect("state after the void", State.UNKNOWN, payment.state)
    expect("state", State.VOIDED, (await stage.resolve(payment)).state)
    await expect_charged(stage, payment, 0)


async def void_an_authorization(stage: Stage) -> None:
    """Released, nothing taken."""
    payment = await _void(stage, await _authorized(stage, 2_100))
    expect("state", State.VOIDED, payment.state)
    await expect_charged(stage, payment, 0)


async def void_a_capture(stage: Stage) -> None:
    """Taken back on the same day, whatever the provider calls that."""
    payment = await _void(stage, await stage.taken(2_200))
    expect("state", State.VOIDED, payment.state)
    (charge,) = await stage.charges(payment.payment_id)
    if not charge["voided"] and charge["refunded_yen"] != 2_200:
        raise Failed(f"the provider still holds the money: {charge}")


async def refund(stage: Stage) -> None:
    """All of it goes back, once; more than that does not."""
    payment = await stage.taken(2_300)
    expect("outcome", Outcome.DONE, (await _refund(stage, payment, 2_300)).outcome)
    await expect_charged(stage, payment, 2_300, refunded_yen=2_300)
    more = await _refund(stage, payment, 2_300)
    expect("outcome of a refund beyond the charge", Outcome.REFUSED, more.outcome)
    await expect_charged(stage, payment, 2_300, refunded_yen=2_300)


async def partial_refunds(stage: Stage) -> None:
    """A part goes back, and another one where the provider does that."""
    payment = await stage.taken(2_400)
    expect("outcome", Outcome.DONE, (await _refund(stage, payment, 1_000)).outcome)
    second = await _refund(stage, payment, 400)
    wanted = Outcome.REFUSED if stage.profile.refunds_once else Outcome.DONE
    expect("outcome of the second", wanted, second.outcome)
    back_yen = 1_000 if stage.profile.refunds_once else 1_400
    await expect_charged(stage, payment, 2_400, refunded_yen=back_yen)


async def refund_without_answer(stage: Stage) -> None:
    """A refund that was made and not heard is found by asking and never made twice."""
    for scenario in ("time_out_after", "error_after"):
        payment = await stage.taken(2_500)
        await stage.order(scenario)
        first, last = await _refund_watched(stage, payment, 500)
        expect(f"outcome after {scenario}", Outcome.UNANSWERED, first.outcome)
        expect(f"outcome at the end of {scenario}", Outcome.DONE, last.outcome)
        await expect_charged(stage, payment, 2_500, refunded_yen=500)


async def refund_the_provider_does_not_make(stage: Stage) -> None:
    """FeliCa: known before anything is asked; cash leads on; the provider says the same."""
    closed = sorted(stage.gateway.facts.no_refunds)
    if not closed:
        raise Skipped("gives every tender back")
    for tender in closed:
        payment = await stage.taken(2_600, tender)
        try:
            start_refund(payment, _refund_of(payment, 600), provider_refunds=False)
        except ProviderRefundUnsupported:
            pass
        else:
            raise Failed("a refund was begun that cannot be made")
        cash = replace(_refund_of(payment, 600), channel=RefundChannel.CASH)
        start_refund(payment, cash, provider_refunds=False)
        answer = await _refund(stage, payment, 600)
        expect("outcome", Answer(Outcome.REFUSED, "provider_cannot_refund"), answer)
        await expect_charged(stage, payment, 2_600)


async def capture_later_where_it_cannot(stage: Stage) -> None:
    """Tenders that are taken at once or not at all are named in the facts."""
    named = stage.gateway.facts.at_once_only
    felica = {tender for tender in FELICA if tender in stage.gateway.facts.tenders}
    if stage.profile.name == "acquirer_simulator":
        raise Skipped("holds every tender")
    expect("FeliCa tenders that cannot be held", felica, {t for t in FELICA if t in named})


async def provider_away(stage: Stage) -> None:
    """Nobody there: nothing was sent, and the sale can be taken again at once."""
    await stage.kill()
    payment = await stage.perform(stage.sale(2_700))
    expect("state", State.DECLINED, payment.state)
    expect("reason", "provider_unreachable", payment.decline_reason)
    await stage.start()
    await stage.customer()
    await expect_nothing_charged(stage, payment)


async def provider_killed(stage: Stage) -> None:
    """kill -9 of the provider after it took a step: asked for when it is back."""
    await stage.order("time_out_after")
    payment = await stage.perform(stage.sale(2_800))
    await stage.kill()
    expect("outcome", Outcome.UNANSWERED, (await stage.gateway.ask(order_of(payment))).outcome)
    await stage.start()
    await stage.customer()
    payment = await stage.resolve(payment)
    expect("state", State.CAPTURED, payment.state)
    await expect_charged(stage, payment, 2_800)


async def _authorized(stage: Stage, amount_yen: int) -> Payment:
    if stage.profile.tender in stage.gateway.facts.at_once_only:
        raise Skipped("takes everything at once")
    payment = await stage.taken(amount_yen, capture=False)
    expect("state", State.AUTHORIZED, payment.state)
    await expect_charged(stage, payment, 0)
    return payment


async def _void(stage: Stage, payment: Payment) -> Payment:
    now = stage.clock.now()
    started = start_void(payment, key=new_id(), now=now, today=payment.business_date)
    return await stage.resolve(await stage.perform(started))


def _refund_of(payment: Payment, amount_yen: int) -> Refund:
    return Refund(
        area=payment.area, refund_id=new_id(), payment_id=payment.payment_id,
        amount_yen=amount_yen, channel=RefundChannel.PROVIDER, reason="conformance",
        refunded_by="clerk", business_date=payment.business_date, create_time=payment.create_time,
    )  # fmt: skip


async def _refund(stage: Stage, payment: Payment, amount_yen: int) -> Answer:
    """Refunds and returns how it ended."""
    return (await _refund_watched(stage, payment, amount_yen))[1]


async def _refund_watched(stage: Stage, payment: Payment, amount_yen: int) -> tuple[Answer, Answer]:
    """Refunds and returns the first answer and the last."""
    order = refund_order(payment, _refund_of(payment, amount_yen))
    first = last = await stage.gateway.perform(order)
    async with asyncio.timeout(10):
        while last.outcome in (Outcome.UNANSWERED, Outcome.IN_PROGRESS):
            await asyncio.sleep(0.05)
            last = await stage.gateway.ask(order)
    return first, last
