"""Asking again: how often, for how long, and that one step never holds up the others."""

import asyncio
from collections.abc import Callable
from datetime import timedelta

import pytest

from kit.clock import ManualClock
from kit.db import StoreBusy
from services.payments.app import reads, resolve
from services.payments.app.commit import make_deps
from services.payments.app.deps import LEASE_MARGIN, Deps, Tools
from services.payments.app.steps import cancel
from services.payments.domain.payment import Payment, State, order_of
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order
from services.payments.domain.tender import Tender
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from tests.service.payments.conftest import AREA, CLERK, Simulator, taken

SECOND = timedelta(seconds=1)
ASKED_AFTER_S = [1, 2, 4, 8, 16, 24, 32]


class Asked(AcquirerSimulator):
    """The simulator's gateway, with answers of the test's own to questions about a step."""

    def __init__(self, simulator: Simulator, answer: Callable[[Order], Answer]) -> None:
        super().__init__(simulator.url, 0.6)
        self.keys: list[str] = []
        self._say = answer

    async def ask(self, order: Order) -> Answer:
        """Notes the key and says what the test wants."""
        self.keys.append(order.key)
        return self._say(order)


def at(deps: Deps, clock: ManualClock, gateway: Asked) -> Deps:
    """The same installation at another time, with another voice of the provider."""
    gateways = {**deps.gateways, "acquirer_simulator": gateway}
    return make_deps(Tools(deps.db, deps.outbox, clock, gateways))


async def lost(deps: Deps, simulator: Simulator, amount_yen: int = 700) -> Payment:
    """A payment that was charged and whose answer was lost."""
    simulator.order("hang_up_after")
    payment = await taken(deps, amount_yen)
    assert payment.state is State.UNKNOWN
    return payment


async def state_of(deps: Deps, payment: Payment) -> State:
    """The state as it is stored."""
    return (await reads.get_payment(deps, CLERK, payment.payment_id))[0].state


async def asked_within(later: Deps, clock: ManualClock, gateway: Asked, seconds: int) -> list[int]:
    """The seconds after now at which the provider was asked."""
    asked_s = []
    for second in range(seconds + 1):
        before = len(gateway.keys)
        await resolve.resolve_due(later)
        asked_s += [second] * (len(gateway.keys) - before)
        clock.advance(SECOND)
    return asked_s


async def test_an_open_payment_is_asked_about_after_1_2_4_then_every_8_seconds(
    deps: Deps, simulator: Simulator
) -> None:
    payment = await lost(deps, simulator)
    clock = ManualClock(payment.update_time)
    gateway = Asked(simulator, lambda _: UNANSWERED)
    assert await asked_within(at(deps, clock, gateway), clock, gateway, 34) == ASKED_AFTER_S


@pytest.mark.parametrize("asked_count", [1024, 5000, 2**31 - 1])
async def test_a_payment_that_was_asked_about_for_hours_is_still_asked_about(
    deps: Deps, simulator: Simulator, asked_count: int
) -> None:
    payment = await lost(deps, simulator)
    async with deps.db.transaction(AREA) as tx:
        await tx.execute("update payments set asked_count = %s", (asked_count,))
    clock = ManualClock(payment.update_time + 10 * SECOND)
    gateway = Asked(simulator, lambda _: UNANSWERED)
    assert await asked_within(at(deps, clock, gateway), clock, gateway, 17) == [0, 8, 16]
    assert (await resolve.resolve_due(at(deps, clock, Asked(simulator, lambda _: DONE)))) == 0
    clock.advance(8 * SECOND)
    assert (await resolve.resolve_due(at(deps, clock, Asked(simulator, lambda _: DONE)))) == 1
    assert await state_of(deps, payment) is State.CAPTURED


async def test_a_step_that_cannot_be_asked_about_does_not_hold_up_the_others(
    deps: Deps, simulator: Simulator
) -> None:
    bad, good = await lost(deps, simulator), await lost(deps, simulator)

    def break_for_one(order: Order) -> Answer:
        if order.key == bad.payment_id:
            raise asyncio.CancelledError
        return DONE

    clock = ManualClock(good.update_time + 2 * SECOND)
    later = at(deps, clock, Asked(simulator, break_for_one))
    assert await resolve.resolve_due(later) == 2
    assert await state_of(deps, good) is State.CAPTURED
    assert await state_of(deps, bad) is State.UNKNOWN


async def test_a_gateway_that_hangs_does_not_stop_the_resolving_of_others(
    deps: Deps, simulator: Simulator
) -> None:
    bad, good = await lost(deps, simulator), await lost(deps, simulator)

    class Hanging(Asked):
        async def ask(self, order: Order) -> Answer:
            if order.key == bad.payment_id:
                await asyncio.Event().wait()
            return await super().ask(order)

        async def cancel(self, order: Order) -> Answer:
            return await self.ask(order)

    clock = ManualClock(good.update_time + 2 * SECOND)
    gateway = Hanging(simulator, lambda _: DONE)
    gateway.deadline_s = 0.1
    async with asyncio.timeout(2 * (0.1 + LEASE_MARGIN.total_seconds())):
        assert await resolve.resolve_due(at(deps, clock, gateway)) == 2
        assert await cancel(gateway, order_of(bad)) is UNANSWERED
    assert await state_of(deps, good) is State.CAPTURED
    assert await state_of(deps, bad) is State.UNKNOWN


@pytest.mark.parametrize("error", [StoreBusy("busy"), ArithmeticError("out of range")])
async def test_the_loop_survives_whatever_goes_wrong(
    deps: Deps, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    again = asyncio.Event()

    async def fail_once(_deps: Deps) -> int:
        if not again.is_set():
            again.set()
            raise error
        return 0

    monkeypatch.setattr(resolve, "resolve_due", fail_once)
    task = asyncio.create_task(resolve.run(deps))
    await again.wait()
    await asyncio.sleep(resolve.TICK_S / 2)
    assert not task.done()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_cash_has_nothing_to_ask(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    assert await resolve.resolve_due(deps) == 0


async def test_a_clock_that_was_ahead_does_not_keep_a_payment_waiting(
    deps: Deps, simulator: Simulator
) -> None:
    payment = await lost(deps, simulator)
    clock = ManualClock(payment.update_time - timedelta(hours=1))  # put right since it was taken
    gateway = Asked(simulator, lambda _: DONE)
    later = at(deps, clock, gateway)
    await resolve.resolve_due(later)
    assert await state_of(deps, payment) is State.CAPTURED


async def test_a_clock_set_back_by_a_minute_is_waited_for(deps: Deps, simulator: Simulator) -> None:
    payment = await lost(deps, simulator)
    clock = ManualClock(payment.update_time - timedelta(minutes=1))
    gateway = Asked(simulator, lambda _: DONE)
    await resolve.resolve_due(at(deps, clock, gateway))
    assert gateway.keys == []
