"""Tickets whose party went in: a group once by its size; money back only where it was confirmed."""

from dataclasses import replace

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app import change, refund, ticket_keys, ticket_sale
from services.payments.app.deps import Deps
from services.payments.domain.errors import TicketWasAdmitted
from services.payments.domain.events import RefundChannel
from services.payments.domain.ticket import Outcome, Standing
from services.payments.domain.ticket_code import read
from tests.service.payments.conftest import AREA, CLERK, key
from tests.service.payments.test_tickets import ADULT, _keys, gate, scan, sold

__all__ = ["gate"]


async def test_money_of_a_used_ticket_goes_back_only_where_that_was_confirmed(gate: Deps) -> None:
    back, void = await sold(gate), await sold(gate)
    assert back.payment is not None
    assert void.payment is not None
    wanted = (gate, key("back-1"), CLERK, back.payment.payment_id, 2600, RefundChannel.CASH, "rain")
    for known in (back, void):
        assert (await scan(gate, known)).decision.outcome is Outcome.ADMITTED
    with pytest.raises(TicketWasAdmitted):
        await refund.refund_payment(*wanted)
    with pytest.raises(TicketWasAdmitted):
        await change.void_payment(gate, key("void-1"), CLERK, void.payment.payment_id)
    for known in (back, void):
        read = await ticket_sale.read_ticket(gate, CLERK, ticket_id=known.ticket.ticket_id)
        assert read.standing is Standing.VALID
    # The same tap, confirmed: the refusal was no answer that is kept.
    done = await refund.refund_payment(*wanted, admitted_confirmed=True)
    assert done.amount_yen == 2600
    voided = await change.void_payment(
        gate, key("void-1"), CLERK, void.payment.payment_id, admitted_confirmed=True
    )
    assert voided.state == "voided"


async def test_a_group_is_one_ticket_of_its_size_and_goes_in_once(gate: Deps) -> None:
    group = replace(ADULT, class_id="group", number=9, unit_amount_yen=1100, persons_min=20)
    await ticket_keys.configure_classes(gate, key(), AREA, [group])
    lines = [("group", 4), ("infant", 28)]
    known = await sold(gate, lines=lines, told_yen=4400)
    keys = await _keys(gate)
    assert (known.ticket.persons, read(known.payload, AREA, keys).persons) == (32, 32)
    inside = await scan(gate, known)
    assert inside.known is not None
    assert inside.known.admission is not None
    assert (inside.decision.outcome, inside.known.admission.persons) == (Outcome.ADMITTED, 32)
    assert (await scan(gate, known)).decision.outcome is Outcome.ALREADY_USED
    with pytest.raises(InvalidFields):
        await sold(gate, lines=[("group", 4), ("infant", 15)], told_yen=4400)
