"""Carrying a started step to its end, and waiting for one that somebody else carries.

The provider is asked outside of any transaction and within a deadline.
"""

import asyncio
from collections.abc import Awaitable, Coroutine
from contextlib import suppress
from typing import Any, TypeVar

from kit.db import StoreBusy, StoreUnavailable
from services.payments.app.deps import LEASE_MARGIN, Deps
from services.payments.app.units import Answered, Known
from services.payments.domain.payment import Payment, is_with_customer, order_of
from services.payments.domain.provider import UNANSWERED, Answer, Order
from services.payments.gateways.contract import Gateway
from services.payments.store import payments

Carried = TypeVar("Carried")

POLL_S = (0.02, 0.05, 0.1, 0.2)


async def perform(gateway: Gateway, order: Order) -> Answer:
    """Has the provider take a step."""
    return await _in_time(gateway, gateway.perform(order))


async def ask(gateway: Gateway, order: Order) -> Answer:
    """Asks the provider what became of a step."""
    return await _in_time(gateway, gateway.ask(order))


async def cancel(gateway: Gateway, order: Order) -> Answer:
    """Asks the provider to wait for its customer no longer."""
    return await _in_time(gateway, gateway.cancel(order))


async def _in_time(gateway: Gateway, answer: Awaitable[Answer]) -> Answer:
    """Holds a gateway to its own deadline: one that hangs would hold up all that is resolved."""
    try:
        async with asyncio.timeout(gateway.deadline_s + LEASE_MARGIN.total_seconds() / 2):
            return await answer
    except TimeoutError:
        return UNANSWERED


async def carry_out(deps: Deps, payment: Payment) -> Payment:
    """Asks the provider for the step under way and writes the answer down.

    Errors: StoreUnavailable; the step is then found and resolved by asking.
    """
    order = order_of(payment)
    return await carry(deps, order.key, _ask_and_settle(deps, payment, order))


async def carry(deps: Deps, key: str, work: Coroutine[Any, Any, Carried]) -> Carried:
    """Carries the step `key` in a task of its own: a caller that gives up does not stop it halfway,
    a repeat follows it, `resolve` leaves it alone and the end of the process waits for it."""
    task = asyncio.create_task(work, name=f"step {key}")
    deps.in_flight[key] = task
    task.add_done_callback(lambda done: _forget(deps, key, done))
    return await asyncio.shield(task)


async def _ask_and_settle(deps: Deps, payment: Payment, order: Order) -> Payment:
    answer = await perform(deps.gateway(payment.gateway), order)
    deps.codes.keep(payment.payment_id, answer.customer_code)
    answered = Answered(payment.payment_id, order.key, answer)
    result = await deps.writer.submit(payment.area, answered)
    if isinstance(result, Known):
        raise AssertionError("an answer is no new sale")
    return result


def _forget(deps: Deps, key: str, task: asyncio.Task[Any]) -> None:
    deps.in_flight.pop(key, None)
    if not task.cancelled():
        task.exception()  # the caller may be gone; whoever asks again learns the state


async def wait_for_end(deps: Deps, area: str, payment_id: str, key: str) -> Payment:
    """Returns a payment once step `key` is over or unknown, or at the gateway's deadline.

    Follows the task where this process carries the step, else the row.
    """
    task: asyncio.Task[Payment] | None = deps.in_flight.get(key)
    if task is not None:
        with suppress(StoreUnavailable, StoreBusy):  # the row tells as soon as the store is back
            return await asyncio.shield(task)
    async with deps.db.read(area) as tx:
        payment = await payments.find(tx, payment_id)
    if payment is None:
        raise AssertionError(f"{payment_id} belongs to an answered request")
    gateway = deps.gateways.get(payment.gateway)
    if gateway is None:
        return payment  # nobody here carries its step or asks about it
    try:
        async with asyncio.timeout(deps.lease(gateway).total_seconds()):
            return await _follow(deps, payment, key)
    except TimeoutError:
        return payment


async def _follow(deps: Deps, payment: Payment, key: str) -> Payment:
    for number in range(10_000):  # the deadline around it comes first
        if not is_under_way(payment, key):
            return payment
        await asyncio.sleep(POLL_S[min(number, len(POLL_S) - 1)])
        async with deps.db.read(payment.area) as tx:
            payment = await payments.find(tx, payment.payment_id) or payment
    return payment


def is_under_way(payment: Payment, key: str) -> bool:
    """Tells whether a step waits for its first answer. What a customer has to finish does not: the
    provider has it and has given it a name."""
    pending = payment.pending
    if is_with_customer(payment):
        return False
    return pending is not None and pending.key == key and payment.state is pending.came_from


async def drain(deps: Deps) -> None:
    """Lets the steps of this process end; called when the process stops."""
    tasks = list(deps.in_flight.values())
    if tasks:
        await asyncio.wait(tasks, timeout=3.0)
