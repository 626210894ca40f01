"""Finding out what became of steps that nobody answered, and releasing authorizations that ran
out. A step is never sent again: its provider is asked about its key.

This also heals a crash between the two transactions of a step: its lease runs out and it is asked
about like any other.
"""

import asyncio

from kit import log
from kit.db import ALL_AREAS, Database, Row
from kit.forever import forever
from kit.ids import new_id
from services.payments.app.deps import Deps
from services.payments.app.refund import read_refund, settle_answer
from services.payments.app.steps import ask, carry_out
from services.payments.app.units import Answered
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import Unresolved, WrongState
from services.payments.domain.payment import Payment, order_of, start_expiry
from services.payments.domain.refund import refund_order
from services.payments.store import areas, payments, waiting
from services.payments.store.payments import Change

TICK_S = 0.5
BATCH = 32  # steps asked about at the same time


async def run(deps: Deps) -> None:
    """Resolves until canceled. Nothing that goes wrong ends it: sales do not depend on it."""

    async def turn() -> bool:
        return await resolve_due(deps) == BATCH

    await forever("resolve", turn, TICK_S)


async def resolve_due(deps: Deps) -> int:
    """Asks about everything that is due. Returns how many steps it asked about."""
    now, gateways = deps.clock.now(), sorted(deps.gateways)
    async with deps.db.transaction(ALL_AREAS) as tx:
        steps = await waiting.due_payments(tx, gateways, now, BATCH)
        backs = await waiting.due_refunds(tx, gateways, now, BATCH)
        lapsed = await waiting.lapsed_authorizations(tx, gateways, now, BATCH)
    work = [_resolve_payment(deps, row) for row in steps]
    work += [_resolve_refund(deps, row) for row in backs]
    work += [_release(deps, row) for row in lapsed]
    results = await asyncio.gather(*work, return_exceptions=True)
    # One step that cannot be resolved now does not hold up the others; it is asked about again.
    for row, error in zip([*steps, *backs, *lapsed], results, strict=True):
        if isinstance(error, BaseException):
            log.get("resolve").error("a step stays unresolved", **row, exc_info=error)
    return len(work)


async def _resolve_payment(deps: Deps, row: Row) -> None:
    payment = await _read(deps.db, row["area"], row["payment_id"])
    if payment is None or payment.pending is None or payment.pending.key in deps.in_flight:
        return
    order = order_of(payment)
    answer = await ask(deps.gateway(payment.gateway), order)
    await deps.writer.submit(payment.area, Answered(payment.payment_id, order.key, answer))


async def _resolve_refund(deps: Deps, row: Row) -> None:
    if row["refund_id"] in deps.in_flight:
        return
    payment, refund = await read_refund(deps, row["area"], row["refund_id"])
    answer = await ask(deps.gateway(payment.gateway), refund_order(payment, refund))
    await settle_answer(deps, payment, refund.refund_id, answer)


async def _release(deps: Deps, row: Row) -> None:
    async with deps.db.transaction(row["area"]) as tx:
        payment = await payments.lock(tx, row["payment_id"])
        if payment is None:
            return
        now = deps.clock.now()
        today = business_date(now, await areas.time_zone(tx))
        try:
            started = start_expiry(payment, key=new_id(), now=now, today=today)
        except (Unresolved, WrongState):
            return
        lease = deps.lease(deps.gateway(payment.gateway))
        await payments.update(tx, [Change(started, now + lease)])
    await carry_out(deps, started)


async def _read(db: Database, area: str, payment_id: str) -> Payment | None:
    async with db.read(area) as tx:
        return await payments.find(tx, payment_id)
