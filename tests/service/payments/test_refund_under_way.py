"""A refund under way: asked about with growing pauses, carried once, waited for at the end."""

import asyncio
from datetime import timedelta

import pytest

from kit.clock import ManualClock
from services.payments.app import reads, refund, resolve, steps
from services.payments.app.commit import make_deps
from services.payments.app.deps import LEASE_MARGIN, Deps, Tools
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order
from services.payments.domain.refund import Refund, RefundState
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from tests.service.payments.conftest import AREA, CLERK, Simulator, key, taken

SECOND = timedelta(seconds=1)
WAITING_FOR_A_LOCK = (
    "select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
)


class Slow(AcquirerSimulator):
    """The simulator's gateway; it answers when the test says so, and notes what it is asked."""

    def __init__(self, simulator: Simulator) -> None:
        super().__init__(simulator.url, 5.0)
        self.asked: list[str] = []
        self.performed: list[str] = []
        self.reached, self.may_answer = asyncio.Event(), asyncio.Event()

    async def perform(self, order: Order) -> Answer:
        """Waits for leave."""
        self.performed.append(order.key)
        self.reached.set()
        await self.may_answer.wait()
        return DONE

    async def ask(self, order: Order) -> Answer:
        """Never knows."""
        self.asked.append(order.key)
        return UNANSWERED


@pytest.fixture
def gateway(simulator: Simulator) -> Slow:
    return Slow(simulator)


def with_gateway(deps: Deps, gateway: Slow, clock: ManualClock | None = None) -> Deps:
    """The same installation behind this gateway."""
    gateways = {**deps.gateways, "acquirer_simulator": gateway}
    return make_deps(Tools(deps.db, deps.outbox, clock or deps.clock, gateways))


async def back(deps: Deps, payment: Payment, request_id: str = "") -> Refund:
    """Gives 400 yen back."""
    return await refund.refund_payment(
        deps, key(request_id), CLERK, payment.payment_id, 400, RefundChannel.PROVIDER, "broken"
    )


async def until_asked(gateway: Slow) -> None:
    """Waits until the provider has been asked to give the money back."""
    async with asyncio.timeout(30):
        await gateway.reached.wait()


async def test_it_is_asked_about_after_1_2_4_then_every_8_seconds_and_its_payment_stays(
    deps: Deps, simulator: Simulator, gateway: Slow
) -> None:
    paid = await taken(deps, 1000)
    simulator.order("hang_up_after")
    clock = ManualClock(paid.update_time)
    opened = make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways))
    assert (await back(opened, paid)).state is RefundState.UNKNOWN
    before, _ = await reads.get_payment(deps, CLERK, paid.payment_id)
    asked_s = []
    for second in range(27):
        seen = len(gateway.asked)
        await resolve.resolve_due(with_gateway(deps, gateway, clock))
        asked_s += [second] * (len(gateway.asked) - seen)
        clock.advance(SECOND)
    assert asked_s == [1, 2, 4, 8, 16, 24]
    assert (await reads.get_payment(deps, CLERK, paid.payment_id))[0] == before
    clock.advance(10 * SECOND)
    await resolve.resolve_due(make_deps(Tools(deps.db, deps.outbox, clock, deps.gateways)))
    assert (await reads.get_payment(deps, CLERK, paid.payment_id))[0].refunded_yen == 400


async def test_while_this_process_carries_it_nobody_asks_about_it(
    deps: Deps, gateway: Slow
) -> None:
    paid = await taken(deps, 1000)
    carrying = with_gateway(deps, gateway)
    task = asyncio.create_task(back(carrying, paid))
    await until_asked(gateway)
    async with deps.db.transaction(AREA) as tx:  # as if its provider took longer than its lease
        await tx.execute("update refunds set ask_time = now() - interval '1 second'")
    await resolve.resolve_due(carrying)
    assert gateway.asked == []
    gateway.may_answer.set()
    assert (await task).state is RefundState.REFUNDED


async def test_a_repeat_follows_it_and_a_caller_that_gives_up_does_not_stop_it(
    deps: Deps, gateway: Slow
) -> None:
    paid = await taken(deps, 1000)
    carrying = with_gateway(deps, gateway)
    first = asyncio.create_task(back(carrying, paid, "given-up-1"))
    await until_asked(gateway)
    first.cancel()
    again = asyncio.create_task(back(carrying, paid, "given-up-1"))
    await asyncio.sleep(0.05)
    assert not again.done()
    gateway.may_answer.set()
    assert (await again).state is RefundState.REFUNDED
    assert len(gateway.performed) == 1


async def test_the_end_of_the_process_waits_for_it(deps: Deps, gateway: Slow) -> None:
    paid = await taken(deps, 1000)
    carrying = with_gateway(deps, gateway)
    task = asyncio.create_task(back(carrying, paid))
    await until_asked(gateway)
    draining = asyncio.create_task(steps.drain(carrying))
    await asyncio.sleep(0.05)
    assert not draining.done()
    gateway.may_answer.set()
    await draining
    assert (await task).state is RefundState.REFUNDED
    assert carrying.in_flight == {}


async def test_its_lease_begins_when_its_payment_is_locked(deps: Deps, gateway: Slow) -> None:
    paid = await taken(deps, 1000)
    clock = ManualClock(paid.update_time)
    carrying = with_gateway(deps, gateway, clock)
    async with deps.db.transaction(AREA) as tx:
        await tx.execute("select 1 from payments for update")
        task = asyncio.create_task(back(carrying, paid))
        for _ in range(250):
            if await tx.fetch_all(WAITING_FOR_A_LOCK):
                break
            await asyncio.sleep(0.02)
        clock.advance(4 * SECOND)
    await until_asked(gateway)
    async with deps.db.read(AREA) as tx:
        row = await tx.fetch_one("select ask_time from refunds")
    assert row
    assert row["ask_time"] == clock.now() + timedelta(seconds=5.0) + LEASE_MARGIN
    gateway.may_answer.set()
    await task
