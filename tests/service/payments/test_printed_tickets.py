"""Tickets printed for a power cut: they hold without a payment and are entered exactly once."""

import asyncio
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app import ticket_gate, ticket_print, ticket_sale
from services.payments.app.deps import Deps
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import Outcome, Standing
from tests.service.payments.conftest import AREA, CLERK, key
from tests.service.payments.test_tickets import BOUND, gate, scan

__all__ = ["gate"]

TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo")).date()


async def printed(deps: Deps, count: int = 4, class_id: str = "adult") -> str:
    """A batch of the gate."""
    last_day = TODAY + timedelta(days=30)
    return await ticket_print.print_tickets(deps, key(), CLERK, "gate-a", class_id, count, last_day)


async def entered(deps: Deps, batch_id: str, first: int, last: int) -> tuple[int, list[int]]:
    """How many of a range are entered in cash, and what is refused."""
    done, refused = await ticket_print.enter_printed(
        deps, CLERK, batch_id, first, last, Tender.CASH_RECORD, "cash_record"
    )
    return len(done), refused


async def takings(deps: Deps) -> int:
    """What all payments took."""
    async with deps.db.read(AREA) as tx:
        row = await tx.fetch_one("select coalesce(sum(captured_yen), 0) as yen from payments")
    return int(row["yen"]) if row else 0


async def test_printed_tickets_are_numbered_signed_and_go_in_once(gate: Deps) -> None:
    _batch, known = await ticket_print.read_batch(gate, CLERK, await printed(gate))
    assert [each.ticket.batch_number for each in known] == [1, 2, 3, 4]
    assert len({each.payload for each in known}) == 4
    assert (await scan(gate, known[0])).decision.outcome is Outcome.ADMITTED
    assert (await scan(gate, known[0])).decision.outcome is Outcome.ALREADY_USED


async def test_what_was_sold_by_hand_is_entered_once_whoever_enters_it(gate: Deps) -> None:
    batch_id = await printed(gate)
    done = await asyncio.gather(*(entered(gate, batch_id, 1, 3) for _ in range(4)))
    assert done == [(3, [])] * 4
    assert await takings(gate) == 3900
    (batch,) = await ticket_print.list_batches(gate, CLERK, "gate-a")
    assert (batch.ticket_count, batch.entered_count, batch.used_count) == (4, 3, 0)
    assert await ticket_print.list_batches(gate, BOUND, "") == []


async def test_a_ticket_entered_in_cash_is_not_entered_by_card_again(gate: Deps) -> None:
    batch_id = await printed(gate)
    await entered(gate, batch_id, 1, 1)
    again, refused = await ticket_print.enter_printed(
        gate, CLERK, batch_id, 1, 2, Tender.CARD, "other_device"
    )
    assert (len(again), refused) == (1, [1])
    assert await takings(gate) == 2600


async def test_what_is_left_of_a_batch_is_withdrawn_and_holds_no_longer(gate: Deps) -> None:
    batch_id = await printed(gate)
    _, known = await ticket_print.read_batch(gate, CLERK, batch_id)
    await entered(gate, batch_id, 1, 1)
    await scan(gate, known[1])
    assert await ticket_print.withdraw_printed(gate, key(), CLERK, batch_id) == 2
    assert (await scan(gate, known[2])).decision.reason == "withdrawn"
    assert (await scan(gate, known[0])).decision.outcome is Outcome.ADMITTED
    assert await entered(gate, batch_id, 2, 4) == (1, [3, 4])  # used, so it was sold
    after = await ticket_sale.read_ticket(gate, CLERK, ticket_id=known[1].ticket.ticket_id)
    assert after.standing is Standing.VALID


async def test_a_refund_of_an_entered_ticket_closes_the_gate_for_it_alone(gate: Deps) -> None:
    from services.payments.app import ticket_back  # noqa: PLC0415 - one test's need
    from services.payments.domain.events import RefundChannel  # noqa: PLC0415

    batch_id = await printed(gate)
    await entered(gate, batch_id, 1, 2)
    _, known = await ticket_print.read_batch(gate, CLERK, batch_id)
    ids = [known[0].ticket.ticket_id]
    await ticket_back.refund_tickets(gate, key(), CLERK, ids, RefundChannel.CASH, "closed")
    assert (await scan(gate, known[0])).decision.outcome is Outcome.REFUSED
    assert (await scan(gate, known[1])).decision.outcome is Outcome.ADMITTED


async def test_what_cannot_be_printed_is_explained(gate: Deps) -> None:
    for count, class_id, days in (
        (0, "adult", 1), (201, "adult", 1), (5, "voucher", 1), (5, "infant", 1), (5, "x", 1),
        (5, "adult", -1), (5, "adult", 401),
    ):  # fmt: skip
        with pytest.raises(InvalidFields):
            await ticket_print.print_tickets(
                gate, key(), CLERK, "gate-a", class_id, count, TODAY + timedelta(days=days)
            )
    assert await ticket_print.list_batches(gate, CLERK, "gate-a") == []


async def test_only_money_that_was_taken_by_hand_is_entered(gate: Deps) -> None:
    batch_id = await printed(gate)
    with pytest.raises(InvalidFields):
        await ticket_print.enter_printed(
            gate, CLERK, batch_id, 1, 1, Tender.CARD, "acquirer_simulator"
        )
    with pytest.raises(InvalidFields):
        await entered(gate, batch_id, 3, 5)
    assert await takings(gate) == 0


async def test_a_printed_ticket_s_code_can_be_typed(gate: Deps) -> None:
    _, known = await ticket_print.read_batch(gate, CLERK, await printed(gate, 1))
    code = known[0].ticket.code
    done = await ticket_gate.admit_ticket(gate, key(), CLERK, "gate-a", "", code)
    assert done.decision.outcome is Outcome.ADMITTED
