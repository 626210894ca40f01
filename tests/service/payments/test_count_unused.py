"""How many tickets closing a gate would touch: counted as the list of unused ones counts them."""

from datetime import timedelta
from typing import Any

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app import change, ticket_back
from services.payments.app.deps import Deps
from services.payments.store import tickets as store
from tests.service.payments.conftest import AREA, CLERK, key
from tests.service.payments.test_tickets import gate, scan, sold

__all__ = ["gate"]


async def test_what_a_closed_gate_would_touch_is_counted_and_nothing_else(gate: Deps) -> None:
    tickets = [await sold(gate) for _ in range(3)]
    await sold(gate, gate_place_id="shop-a")
    tomorrow = (await ticket_back.count_unused(gate, AREA, ["gate-a"], None))[0] + timedelta(days=1)
    await sold(gate, day=tomorrow)
    await scan(gate, tickets[0])
    await change.void_payment(gate, key(), CLERK, tickets[1].payment.payment_id)  # type: ignore[union-attr]

    async def count(*gates: str, day: Any = None) -> tuple[int, int]:
        _, found = await ticket_back.count_unused(gate, AREA, gates, day)
        return found.tickets, found.persons

    assert await count("cave", "gate-a") == (1, 2)  # neither used nor given back
    assert await count("gate-a", "shop-a") == (2, 4)
    assert await count("gate-a", day=tomorrow) == (1, 2)
    assert await count("nowhere") == (0, 0)
    listed = await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")
    assert len(listed.tickets) == 1
    async with gate.db.transaction(AREA) as tx:  # withdrawn, its money still on the way back
        await store.withdraw(tx, tickets[2].ticket.ticket_id, "増水")
    assert await count("gate-a") == (0, 0)
    with pytest.raises(InvalidFields):
        await count()
