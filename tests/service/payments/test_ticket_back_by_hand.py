"""Tickets given back in one action: what a clerk hands over, and what another device keeps."""

from services.payments.app import ticket_back, ticket_sale
from services.payments.app.deps import Deps
from services.payments.app.ticket_back import Back
from services.payments.domain.events import RefundChannel
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import CLERK, Simulator, key
from tests.service.payments.test_tickets import gate, party, sold

__all__ = ["gate"]


async def test_what_a_clerk_does_by_hand_is_told_of_each_ticket(
    gate: Deps, simulator: Simulator
) -> None:
    cash, card = await sold(gate), await sold(gate, Tender.CARD)
    refused = await sold(gate, Tender.CARD)
    other = await ticket_sale.sell_ticket(gate, key(), CLERK, party(), Tender.CARD, "other_device")
    ids = [each.ticket.ticket_id for each in (cash, card, other)]
    done = await ticket_back.refund_tickets(
        gate, key(), CLERK, ids, RefundChannel.PROVIDER, "closed"
    )
    assert [(each.cash_yen, each.device_yen) for each in done] == [(2600, 0), (0, 0), (0, 2600)]
    simulator.order("decline")
    ids = [refused.ticket.ticket_id]
    (done_not,) = await ticket_back.refund_tickets(
        gate, key(), CLERK, ids, RefundChannel.PROVIDER, "closed"
    )
    assert (done_not.outcome, done_not.cash_yen) == (Back.DECLINED, 0)
    (in_cash,) = await ticket_back.refund_tickets(
        gate, key(), CLERK, ids, RefundChannel.CASH, "closed"
    )
    assert (in_cash.cash_yen, in_cash.device_yen) == (2600, 0)
