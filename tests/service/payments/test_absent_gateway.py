"""An installation that runs without a gateway through which payments were taken earlier."""

import asyncio
from datetime import timedelta

import pytest

from kit.clock import ManualClock
from services.payments.app import change, reads, refund, resolve, take
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.domain.errors import GatewayAbsent
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import State
from services.payments.domain.refund import RefundState
from services.payments.domain.settle import AUTHORIZATION_LIFE
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import CLERK, Simulator, key, said, sale, taken


def without(deps: Deps, clock: ManualClock | None = None) -> Deps:
    """The same installation, started without the acquirer."""
    gateways = {name: deps.gateways[name] for name in ("cash_record", "other_device")}
    return make_deps(Tools(deps.db, deps.outbox, clock or deps.clock, gateways))


async def test_its_rows_wait_unclaimed_while_others_go_on(deps: Deps, simulator: Simulator) -> None:
    stays = await taken(deps, 1000, capture_at_once=False)
    simulator.order("hang_up_after")
    unknown = await taken(deps, 700)
    paid = await taken(deps, 500)
    simulator.order("hang_up_after")
    going_back = await refund.refund_payment(
        deps, key(), CLERK, paid.payment_id, 100, RefundChannel.PROVIDER, "broken"
    )
    assert going_back.state is RefundState.UNKNOWN
    cash = await taken(deps, 300, Tender.CASH_RECORD, capture_at_once=False)
    clock = ManualClock(cash.update_time + AUTHORIZATION_LIFE + timedelta(seconds=5))
    assert await resolve.resolve_due(without(deps, clock)) == 1  # the cash alone
    assert await resolve.resolve_due(without(deps, clock)) == 0
    after, _ = await reads.get_payment(deps, CLERK, cash.payment_id)
    assert after.state is State.EXPIRED
    # With its gateway back, everything that waited is found out.
    back = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    assert await resolve.resolve_due(back) == 3
    states = {
        each.payment_id: (await reads.get_payment(deps, CLERK, each.payment_id))[0].state
        for each in (stays, unknown)
    }
    assert list(states.values()) == [State.EXPIRED, State.CAPTURED]
    assert (await reads.get_payment(deps, CLERK, paid.payment_id))[0].refunded_yen == 100
    assert "payment_refunded" in [each.type for each in await said(deps)]


async def test_repeats_of_a_known_request_are_answered_at_once(
    deps: Deps, simulator: Simulator
) -> None:
    simulator.order("hang_up_after")
    first = await take.take_payment(deps, key("known-id-1"), CLERK, sale(700))
    async with asyncio.timeout(1):
        again = await take.take_payment(without(deps), key("known-id-1"), CLERK, sale(700))
    assert (again.payment, again.repeated) == (first.payment, True)
    paid = await taken(deps, 500)
    simulator.order("hang_up_after")
    gave_back = [
        await refund.refund_payment(
            which, key("known-id-2"), CLERK, paid.payment_id, 100, RefundChannel.PROVIDER, "broken"
        )
        for which in (deps, without(deps))
    ]
    assert gave_back[0] == gave_back[1]
    voided = await change.void_payment(
        deps, key("known-id-3"), CLERK, (await taken(deps, 1)).payment_id
    )
    assert voided == await change.void_payment(
        without(deps), key("known-id-3"), CLERK, voided.payment_id
    )


async def test_what_would_need_it_is_refused_by_name_and_nothing_is_kept(deps: Deps) -> None:
    paid = await taken(deps, 500)
    held = await taken(deps, 500, capture_at_once=False)
    lacking = without(deps)
    same = key("later-again-1")
    with pytest.raises(GatewayAbsent):
        await change.void_payment(lacking, same, CLERK, paid.payment_id)
    with pytest.raises(GatewayAbsent):
        await change.capture_payment(lacking, key(), CLERK, held.payment_id, 0)
    with pytest.raises(GatewayAbsent):
        await refund.refund_payment(
            lacking, key(), CLERK, paid.payment_id, 100, RefundChannel.PROVIDER, "broken"
        )
    by_hand = await refund.refund_payment(
        lacking, key(), CLERK, paid.payment_id, 100, RefundChannel.CASH, "broken"
    )
    assert by_hand.state is RefundState.REFUNDED
    before, _ = await reads.get_payment(deps, CLERK, held.payment_id)
    assert before == held
    assert (await reads.prove_ledger(deps, CLERK)).sound
