"""Writing down what a provider answered: the second transaction of every step.

The protocol of locks is that of store/journal.py. Group commit (many answers in one transaction)
has its place here: `write` and `write_refund` are the only callers of the journal.
"""

from datetime import timedelta

from kit.db import Transaction
from services.payments.app.deps import Deps
from services.payments.domain.errors import AlreadyResolved
from services.payments.domain.payment import Payment
from services.payments.domain.provider import Answer
from services.payments.domain.refund import Refund, RefundSettled
from services.payments.domain.refund import settle_refund as apply_to_refund
from services.payments.domain.settle import Settled, settle
from services.payments.store import journal, payments, refunds

FIRST_ASK = timedelta(seconds=1)  # after an answer that never came


async def write(deps: Deps, tx: Transaction, settled: Settled) -> Payment:
    """Stores a settled step, its entries and its events in the running transaction."""
    now = deps.clock.now()
    await payments.update(tx, settled.payment, now + FIRST_ASK)
    await journal.post(tx, settled.entries, now)
    for event in settled.events:
        await deps.outbox.add(tx, event)
    return settled.payment


async def settle_step(deps: Deps, area: str, payment_id: str, key: str, answer: Answer) -> Payment:
    """Applies an answer to a step. When somebody else settled it first, that outcome stands."""
    async with deps.db.transaction(area) as tx:
        payment = await payments.lock(tx, payment_id)
        if payment is None:
            raise AssertionError(f"{payment_id} was stored before its provider was asked")
        try:
            settled = settle(payment, key, answer, deps.clock.now())
        except AlreadyResolved:
            return payment
        if settled.payment is payment:
            return payment
        return await write(deps, tx, settled)


async def settle_refund(
    deps: Deps, area: str, payment_id: str, refund_id: str, answer: Answer
) -> Refund:
    """Applies an answer to a refund; the payment's lock also guards its refunds."""
    async with deps.db.transaction(area) as tx:
        payment, refund = await payments.lock(tx, payment_id), await refunds.find(tx, refund_id)
        if payment is None or refund is None:
            raise AssertionError(f"{refund_id} was stored before its provider was asked")
        now = deps.clock.now()
        try:
            settled = apply_to_refund(payment, refund, answer, now)
        except AlreadyResolved:
            return refund
        if settled.refund is refund:
            return refund
        await refunds.update(tx, settled.refund, now + FIRST_ASK)
        return await write_refund(deps, tx, settled)


async def write_refund(deps: Deps, tx: Transaction, settled: RefundSettled) -> Refund:
    """Stores what a refund, whose own row is written, does to its payment, journal and events."""
    await payments.update(tx, settled.payment, None)
    await journal.post(tx, settled.entries, deps.clock.now())
    for event in settled.events:
        await deps.outbox.add(tx, event)
    return settled.refund
