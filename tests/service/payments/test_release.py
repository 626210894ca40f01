"""Authorizations that ran out: the customer's money is not held for ever, whatever happens."""

from datetime import timedelta

import pytest

from kit.clock import ManualClock
from services.payments.app import change, reads, resolve
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.domain.payment import Payment, State
from services.payments.domain.provider import Answer, Order
from services.payments.domain.settle import AUTHORIZATION_LIFE
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from tests.service.payments.conftest import AREA, CLERK, Simulator, key, said, taken

SECOND = timedelta(seconds=1)


class Counting(AcquirerSimulator):
    """The simulator's gateway, counting the steps it is asked to take."""

    performed = 0

    async def perform(self, order: Order) -> Answer:
        """Counts and asks."""
        self.performed += 1
        return await super().perform(order)


async def held(deps: Deps) -> tuple[Payment, ManualClock]:
    """An authorization, and a clock that stands at its end."""
    payment = await taken(deps, 1000, capture_at_once=False)
    return payment, ManualClock(payment.update_time + AUTHORIZATION_LIFE)


def at(deps: Deps, clock: ManualClock) -> Deps:
    """The same installation at another time."""
    return make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))


async def state_of(deps: Deps, payment: Payment) -> State:
    """The state as it is stored."""
    return (await reads.get_payment(deps, CLERK, payment.payment_id))[0].state


async def test_an_authorization_that_ran_out_is_released_at_the_provider(
    deps: Deps, simulator: Simulator
) -> None:
    payment, clock = await held(deps)
    clock.advance(-SECOND)
    assert await resolve.resolve_due(at(deps, clock)) == 0
    clock.advance(SECOND)
    assert await resolve.resolve_due(at(deps, clock)) == 1
    assert await state_of(deps, payment) is State.EXPIRED
    assert simulator.charges()[payment.payment_id]["voided"]
    assert [each.type for each in await said(deps)] == ["payment_expired"]
    assert await resolve.resolve_due(at(deps, clock)) == 0


async def test_while_the_provider_cannot_be_reached_it_is_kept_and_tried_again(
    deps: Deps, simulator: Simulator
) -> None:
    payment, clock = await held(deps)
    gateway = Counting(simulator.url, 0.6)
    gateways = {**deps.gateways, "acquirer_simulator": gateway}
    later = make_deps(Tools(deps.db, deps.outbox, clock, gateways))
    simulator.kill()
    tried_s = []
    for second in range(40):
        before = gateway.performed
        await resolve.resolve_due(later)
        tried_s += [second] * (gateway.performed - before)
        clock.advance(SECOND)
    assert tried_s == [0, 1, 3, 7, 15, 31]
    assert await state_of(deps, payment) is State.AUTHORIZED
    assert await said(deps) == []
    async with deps.db.transaction(AREA) as tx:  # as if it had been tried for days
        await tx.execute("update payments set release_count = 5000")
    clock.advance(64 * SECOND)
    await resolve.resolve_due(later)
    clock.advance(255 * SECOND)
    assert await resolve.resolve_due(later) == 0
    simulator.start()
    clock.advance(SECOND)
    assert await resolve.resolve_due(later) == 1
    assert await state_of(deps, payment) is State.EXPIRED
    assert simulator.charges()[payment.payment_id]["voided"]
    assert [each.type for each in await said(deps)] == ["payment_expired"]
    await gateway.close()


@pytest.mark.parametrize("scenario", ["time_out_before", "time_out_after"])
async def test_a_release_without_answer_ends_with_nothing_held(
    deps: Deps, simulator: Simulator, scenario: str
) -> None:
    payment, clock = await held(deps)
    simulator.order(scenario)
    later = at(deps, clock)
    await resolve.resolve_due(later)
    assert await state_of(deps, payment) is State.UNKNOWN
    for _ in range(4):
        clock.advance(2 * SECOND)
        await resolve.resolve_due(later)
    assert await state_of(deps, payment) is State.EXPIRED
    assert simulator.charges()[payment.payment_id]["voided"]
    assert [each.type for each in await said(deps)][-1] == "payment_expired"


async def test_until_it_is_released_it_can_still_be_captured(
    deps: Deps, simulator: Simulator
) -> None:
    payment, clock = await held(deps)
    simulator.kill()
    await resolve.resolve_due(at(deps, clock))
    simulator.start()
    paid = await change.capture_payment(at(deps, clock), key(), CLERK, payment.payment_id, 0)
    assert paid.state is State.CAPTURED
    clock.advance(10 * SECOND)
    assert await resolve.resolve_due(at(deps, clock)) == 0
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_more_than_a_batch_of_them_all_get_their_turn(
    deps: Deps, simulator: Simulator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolve, "BATCH", 2)
    payments = [(await held(deps))[0] for _ in range(5)]
    clock = ManualClock(payments[-1].update_time + AUTHORIZATION_LIFE)
    simulator.kill()
    for _ in range(3):  # nobody can be released: each round takes those that have waited longest
        await resolve.resolve_due(at(deps, clock))
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all("select release_count from payments")
    assert [row["release_count"] for row in rows] == [1] * 5
