"""Capture, void and refund against the real simulator, also when it does not answer."""

import asyncio

import pytest

from kit.pure.errors import Refusal
from services.payments.app import change, reads, refund, resolve
from services.payments.app.deps import Deps
from services.payments.domain.errors import (
    AmountTooLarge,
    ProviderRefused,
    UnknownPayment,
    Unresolved,
    WrongState,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import CLERK, Simulator, key, said, taken

NOWHERE = "01a1fccb-e75c-71cb-8454-dd531a63b538"


async def resolved(deps: Deps, payment_id: str) -> tuple[Payment, list[Refund]]:
    """Resolves until nothing of the payment waits any more."""
    for _ in range(60):
        await resolve.resolve_due(deps)
        payment, refunds = await reads.get_payment(deps, CLERK, payment_id)
        waiting = [each for each in refunds if each.state in ("created", "unknown")]
        if payment.pending is None and not waiting:
            return payment, refunds
        await asyncio.sleep(0.1)
    raise AssertionError("never resolved")


async def back(
    deps: Deps, payment: Payment, amount_yen: int,
    channel: RefundChannel = RefundChannel.PROVIDER, request_id: str = "",
) -> Refund:  # fmt: skip
    """Refunds part of a payment."""
    return await refund.refund_payment(
        deps, key(request_id), CLERK, payment.payment_id, amount_yen, channel, "wrong size"
    )


async def test_authorize_capture_a_part_refund_all(deps: Deps, simulator: Simulator) -> None:
    held = await taken(deps, 1000, capture_at_once=False)
    assert held.state is State.AUTHORIZED
    paid = await change.capture_payment(deps, key(), CLERK, held.payment_id, 600)
    assert (paid.state, paid.captured_yen) == (State.CAPTURED, 600)
    with pytest.raises(AmountTooLarge):
        await back(deps, paid, 601)
    assert (await back(deps, paid, 250)).state is RefundState.REFUNDED
    assert (await back(deps, paid, 350)).state is RefundState.REFUNDED
    with pytest.raises(AmountTooLarge):
        await back(deps, paid, 1)
    charge = simulator.charges()[paid.payment_id]
    assert (charge["captured_yen"], charge["refunded_yen"]) == (600, 600)
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound
    assert {row["balance_yen"] for row in proof.accounts} == {0}


async def test_the_last_sale_is_canceled_at_the_provider_too(
    deps: Deps, simulator: Simulator
) -> None:
    paid = await taken(deps, 1000)
    same = key("cancel-it-1")
    answers = [await change.void_payment(deps, same, CLERK, paid.payment_id) for _ in range(2)]
    assert answers[0] == answers[1]
    assert answers[0].state is State.VOIDED
    assert simulator.charges()[paid.payment_id]["voided"]
    with pytest.raises(WrongState):
        await change.void_payment(deps, key(), CLERK, paid.payment_id)
    assert [each.type for each in await said(deps)] == ["payment_captured", "payment_voided"]
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    assert (totals.rows[0]["capture_yen"], totals.rows[0]["void_yen"]) == (1000, 1000)
    assert (await reads.prove_ledger(deps, CLERK)).sound


@pytest.mark.parametrize("scenario", ["time_out_after", "time_out_before"])
async def test_a_void_without_answer_is_found_out(
    deps: Deps, simulator: Simulator, scenario: str
) -> None:
    paid = await taken(deps, 1000)
    simulator.order(scenario)
    unknown = await change.void_payment(deps, key(), CLERK, paid.payment_id)
    assert unknown.state is State.UNKNOWN
    with pytest.raises(Unresolved):
        await back(deps, paid, 1)
    after, _ = await resolved(deps, paid.payment_id)
    voided = simulator.charges()[paid.payment_id]["voided"]
    assert after.state is (State.VOIDED if voided else State.CAPTURED)
    assert voided is (scenario == "time_out_after")
    assert (await reads.prove_ledger(deps, CLERK)).sound


@pytest.mark.parametrize("scenario", ["time_out_after", "error_after", "time_out_before"])
async def test_a_refund_without_answer_is_never_sent_twice(
    deps: Deps, simulator: Simulator, scenario: str
) -> None:
    paid = await taken(deps, 1000)
    simulator.order(scenario)
    first = await back(deps, paid, 400, request_id="refund-once")
    assert first.state is RefundState.UNKNOWN
    again = await back(deps, paid, 400, request_id="refund-once")
    assert again.refund_id == first.refund_id
    with pytest.raises(AmountTooLarge):
        await back(deps, paid, 601)  # what is under way is reserved
    after, refunds = await resolved(deps, paid.payment_id)
    went_back_yen = simulator.charges()[paid.payment_id]["refunded_yen"]
    assert after.refunded_yen == went_back_yen
    assert went_back_yen == (0 if scenario == "time_out_before" else 400)
    assert len(refunds) == 1
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_a_refused_step_leaves_the_payment_as_it_was(
    deps: Deps, simulator: Simulator
) -> None:
    held = await taken(deps, 1000, capture_at_once=False)
    simulator.order("decline")
    with pytest.raises(ProviderRefused):
        await change.capture_payment(deps, key(), CLERK, held.payment_id, 0)
    paid = await change.capture_payment(deps, key(), CLERK, held.payment_id, 0)
    assert paid.captured_yen == 1000
    simulator.order("decline")
    refused = await back(deps, paid, 100)
    assert (refused.state, refused.decline_reason) == (RefundState.DECLINED, "insufficient_funds")
    after, _ = await reads.get_payment(deps, CLERK, paid.payment_id)
    assert after.left_yen == 1000


async def test_fifty_refunds_at_once_never_exceed_the_sale(
    deps: Deps, simulator: Simulator
) -> None:
    paid = await taken(deps, 1000)
    results = await asyncio.gather(
        *(back(deps, paid, 150) for _ in range(50)), return_exceptions=True
    )
    assert sum(isinstance(each, Refund) for each in results) == 6
    assert all(isinstance(each, Refund | AmountTooLarge) for each in results)
    assert simulator.charges()[paid.payment_id]["refunded_yen"] == 900
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_cash_goes_back_by_hand(deps: Deps, simulator: Simulator) -> None:
    paid = await taken(deps, 1000, Tender.CASH_RECORD)
    done = await back(deps, paid, 300)
    assert (done.channel, done.state) == (RefundChannel.CASH, RefundState.REFUNDED)
    assert simulator.charges() == {}
    card = await taken(deps, 1000)
    assert (await back(deps, card, 300, RefundChannel.CASH)).state is RefundState.REFUNDED
    assert simulator.charges()[card.payment_id]["refunded_yen"] == 0
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound
    live = {r["account"]: r["balance_yen"] for r in proof.accounts if not r["practice"]}
    assert live == {"cash_record/shop-a": 700, "own_takings/shop-a": -700}


async def test_capture_void_and_refund_race_to_one_outcome(
    deps: Deps, simulator: Simulator
) -> None:
    held = await taken(deps, 1000, capture_at_once=False)
    results = await asyncio.gather(
        *(change.capture_payment(deps, key(), CLERK, held.payment_id, 0) for _ in range(5)),
        *(change.void_payment(deps, key(), CLERK, held.payment_id) for _ in range(5)),
        return_exceptions=True,
    )
    assert all(isinstance(each, Payment | Refusal) for each in results), results
    after, _ = await resolved(deps, held.payment_id)
    charge = simulator.charges()[held.payment_id]
    assert (after.state is State.VOIDED) is charge["voided"]
    assert after.captured_yen == charge["captured_yen"]
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_a_payment_that_is_not_there(deps: Deps) -> None:
    with pytest.raises(UnknownPayment):
        await change.void_payment(deps, key(), CLERK, NOWHERE)
    with pytest.raises(UnknownPayment):
        await reads.get_payment(deps, CLERK, NOWHERE)
