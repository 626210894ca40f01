"""Taking payments: every way a provider can behave, and what is never charged twice."""

import asyncio

import pytest

from kit.pure.errors import InvalidFields
from kit.requests import RequestIdReused
from services.payments.app import hear, reads, refund, resolve, take
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain.errors import (
    DeviceRevoked,
    ShopNotYours,
    TenderNotAccepted,
    UnknownShop,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import AREA, CLERK, Simulator, key, said, sale, taken


async def resolved(deps: Deps, payment: Payment) -> Payment:
    """Resolves until the payment is no longer unknown."""
    for _ in range(60):
        await resolve.resolve_due(deps)
        found, _refunds = await reads.get_payment(deps, CLERK, payment.payment_id)
        if found.pending is None:
            return found
        await asyncio.sleep(0.1)
    raise AssertionError("never resolved")


async def sound(deps: Deps) -> reads.Proof:
    """The proof of the ledger, which must hold."""
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound, proof
    return proof


async def test_a_card_payment_is_charged_once_posted_once_and_said_once(
    deps: Deps, simulator: Simulator
) -> None:
    payment = await taken(deps, 1300)
    assert (payment.state, payment.captured_yen, payment.practice) == (State.CAPTURED, 1300, True)
    assert simulator.charges()[payment.payment_id]["captured_yen"] == 1300
    assert [each.type for each in await said(deps)] == ["payment_captured"]
    proof = await sound(deps)
    balances = {row["account"]: row["balance_yen"] for row in proof.accounts}
    assert balances == {
        "acquirer_clearing/acquirer_simulator/card": 1300,
        "shop_payable/shop-a": -1300,
    }
    assert {row["practice"] for row in proof.accounts} == {True}


async def test_cash_is_live_and_needs_nobody(deps: Deps, simulator: Simulator) -> None:
    payment = await taken(deps, 500, Tender.CASH_RECORD)
    assert (payment.state, payment.practice) == (State.CAPTURED, False)
    assert simulator.charges() == {}
    proof = await sound(deps)
    assert {row["account"]: row["balance_yen"] for row in proof.accounts} == {
        "cash_record/shop-a": 500,
        "own_takings/shop-a": -500,
    }


async def test_another_device_is_recorded_as_unconfirmed(deps: Deps) -> None:
    payment = await taken(deps, 800, gateway="other_device")
    assert (payment.state, payment.unconfirmed) == (State.CAPTURED, True)


async def test_a_refusal_is_an_answer(deps: Deps, simulator: Simulator) -> None:
    payment = await taken(deps, 9901)
    assert (payment.state, payment.decline_reason) == (State.DECLINED, "insufficient_funds")
    assert simulator.charges() == {}
    assert [each.type for each in await said(deps)] == ["payment_declined"]
    assert (await sound(deps)).accounts == []


@pytest.mark.parametrize(
    "scenario", ["time_out_after", "error_after", "unreadable_after", "hang_up_after"]
)
async def test_charged_but_unheard_is_found_out_by_asking(
    deps: Deps, simulator: Simulator, scenario: str
) -> None:
    simulator.order(scenario)
    payment = await taken(deps, 700)
    assert payment.state is State.UNKNOWN
    after = await resolved(deps, payment)
    assert (after.state, after.captured_yen) == (State.CAPTURED, 700)
    assert list(simulator.charges()) == [payment.payment_id]
    assert [each.type for each in await said(deps)] == [
        "payment_became_unknown",
        "payment_captured",
    ]
    await sound(deps)


@pytest.mark.parametrize("scenario", ["time_out_before", "error_before"])
async def test_not_charged_and_unheard_ends_without_a_charge(
    deps: Deps, simulator: Simulator, scenario: str
) -> None:
    simulator.order(scenario)
    payment = await taken(deps, 700)
    assert payment.state is State.UNKNOWN
    after = await resolved(deps, payment)
    assert (after.state, after.decline_reason) == (State.EXPIRED, "never_received")
    # The request may still be on its way: the key is fenced, so a late arrival charges nothing.
    late = {"amount_yen": 700, "tender": "card", "capture": True}
    answer = simulator.call("POST", f"/v1/charges/{payment.payment_id}", late)
    assert (answer["status"], answer["reason"]) == ("refused", "fenced")
    assert simulator.charges() == {}
    await sound(deps)


async def test_an_answer_that_comes_twice_counts_once(deps: Deps, simulator: Simulator) -> None:
    simulator.order("twice")
    first = await taken(deps, 100)
    second = await taken(deps, 200)
    assert {first.state, second.state} == {State.CAPTURED}
    assert {each["captured_yen"] for each in simulator.charges().values()} == {100, 200}


async def test_an_answer_in_two_pieces_is_heard(deps: Deps, simulator: Simulator) -> None:
    payment = await taken(deps, 9911)
    assert payment.state is State.CAPTURED
    assert simulator.charges()[payment.payment_id]["captured_yen"] == 9911
    assert [each.type for each in await said(deps)] == ["payment_captured"]


async def test_a_provider_that_is_down_declines_at_once(deps: Deps, simulator: Simulator) -> None:
    simulator.kill()
    payment = await taken(deps, 700)
    assert (payment.state, payment.decline_reason) == (State.DECLINED, "provider_unreachable")


async def test_fifty_equal_requests_are_one_payment_and_fifty_equal_answers(
    deps: Deps, simulator: Simulator
) -> None:
    same = key("one-tap-on-the-button")
    answers = await asyncio.gather(
        *(take.take_payment(deps, same, CLERK, sale(1050)) for _ in range(50))
    )
    assert len({answer.payment for answer in answers}) == 1
    assert answers[0].payment.state is State.CAPTURED
    assert sorted(answer.repeated for answer in answers) == [False] + [True] * 49
    assert len(simulator.charges()) == 1
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_one("select count(*) as n from payments") == {"n": 1}
    await sound(deps)


async def test_a_repeat_during_a_slow_answer_waits_for_it(deps: Deps, simulator: Simulator) -> None:
    simulator.order("time_out_after")
    same = key("tapped-twice")
    first = asyncio.create_task(take.take_payment(deps, same, CLERK, sale(100)))
    await asyncio.sleep(0.2)
    second = await take.take_payment(deps, same, CLERK, sale(100))
    assert second.payment == (await first).payment
    assert second.payment.state is State.UNKNOWN


async def test_the_same_id_with_another_body_is_refused_and_leaves_no_row(deps: Deps) -> None:
    await take.take_payment(deps, key("same-id-1", b"a"), CLERK, sale(100))
    with pytest.raises(RequestIdReused):
        await take.take_payment(deps, key("same-id-1", b"b"), CLERK, sale(101))
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_one("select count(*) as n from payments") == {"n": 1}


async def test_a_caller_that_gives_up_does_not_stop_the_payment_halfway(
    deps: Deps, simulator: Simulator
) -> None:
    task = asyncio.create_task(take.take_payment(deps, key("given-up-1"), CLERK, sale(100)))
    for _ in range(10_000):
        if deps.in_flight:
            break
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    again = await take.take_payment(deps, key("given-up-1"), CLERK, sale(100))
    assert again.payment.state is State.CAPTURED
    assert len(simulator.charges()) == 1


async def test_a_crash_between_the_two_transactions_is_healed_by_asking(
    deps: Deps, simulator: Simulator
) -> None:
    payment = await taken(deps, 100)
    async with deps.db.transaction(AREA) as tx:  # as if this process had died before the second
        await tx.execute("alter table journal_entries disable trigger journal_entries_stay")
        for table in ("outbox", "journal_entries", "accounts"):
            await tx.execute(f"delete from {table}")  # noqa: S608 - the names above
        await tx.execute(
            "update payments set state = 'created', authorized_yen = 0, captured_yen = 0,"
            " captured_date = null, pending_step = 'take', pending_key = payment_id,"
            " pending_amount_yen = 100, pending_came_from = 'created',"
            " pending_date = business_date, ask_time = now() - interval '1 second'"
        )
    after = await resolved(deps, payment)
    assert (after.state, after.captured_yen) == (State.CAPTURED, 100)
    assert len(simulator.charges()) == 1
    await sound(deps)


async def test_the_provider_keeps_its_truth_over_kill_9(deps: Deps, simulator: Simulator) -> None:
    simulator.order("time_out_after")
    payment = await taken(deps, 300)
    simulator.kill()
    simulator.start()
    assert (await resolved(deps, payment)).state is State.CAPTURED


@pytest.mark.parametrize("amount_yen", [0, -1, 10_000_000])
async def test_an_amount_out_of_bounds_leaves_nothing_behind(deps: Deps, amount_yen: int) -> None:
    with pytest.raises(InvalidFields):
        await taken(deps, amount_yen)
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_one("select count(*) as n from payments") == {"n": 0}
        assert await tx.fetch_one("select count(*) as n from requests") == {"n": 1}  # the shops


async def test_who_may_not_take_what(deps: Deps) -> None:
    with pytest.raises(UnknownShop):
        await taken(deps, 100, shop_place_id="nowhere")
    with pytest.raises(TenderNotAccepted):
        await taken(deps, 100, Tender.POINTS)
    with pytest.raises(TenderNotAccepted):
        await taken(deps, 100, Tender.ID, gateway="other_device")
    stranger = Who(area=AREA, principal="clerk-2", shops=frozenset({"gate-a"}), device=False)
    with pytest.raises(ShopNotYours):
        await take.take_payment(deps, key(), stranger, sale(100))


@pytest.mark.parametrize("tender", [Tender.CARD, Tender.CASH_RECORD])
async def test_nothing_is_acknowledged_before_it_is_committed(
    deps: Deps, simulator: Simulator, tender: Tender
) -> None:
    async with deps.db.transaction(AREA) as blocker:
        await blocker.execute("lock table outbox in exclusive mode")
        taking = asyncio.create_task(taken(deps, 1300, tender))
        await asyncio.sleep(0.4)
        assert not taking.done(), "the event is not stored, so neither is the payment"
    assert (await taking).state is State.CAPTURED


async def test_a_revoked_device_takes_nothing(deps: Deps) -> None:
    register = Who(area=AREA, principal="device-1", shops=frozenset({"shop-a"}), device=True)
    done = await take.take_payment(deps, key(), register, sale(100))
    assert done.payment.state is State.CAPTURED
    async with deps.db.transaction(AREA) as tx:
        await hear.revoke_device(tx, "device-1")
    with pytest.raises(DeviceRevoked):
        await take.take_payment(deps, key(), register, sale(100))


async def test_a_revoked_device_gives_nothing_back(deps: Deps) -> None:
    register = Who(area=AREA, principal="device-1", shops=frozenset({"shop-a"}), device=True)
    done = await take.take_payment(deps, key(), register, sale(100, Tender.CASH_RECORD))

    async def back(who: Who, amount_yen: int) -> Refund:
        return await refund.refund_payment(
            deps, key(), who, done.payment.payment_id, amount_yen, RefundChannel.CASH, "returned"
        )

    assert (await back(register, 40)).state is RefundState.REFUNDED
    async with deps.db.transaction(AREA) as tx:
        await hear.revoke_device(tx, "device-1")
    with pytest.raises(DeviceRevoked):
        await back(register, 30)
    payment, refunds = await reads.get_payment(deps, CLERK, done.payment.payment_id)
    assert (payment.refunded_yen, payment.reserved_yen, len(refunds)) == (40, 0, 1)
    assert (await back(CLERK, 30)).state is RefundState.REFUNDED
