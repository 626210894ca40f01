"""Tickets paid in parts: made with the capture that completes the sale, once, and never before."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from kit.clock import ManualClock
from kit.db import StoreUnavailable
from kit.pure.errors import InvalidFields, Refusal
from services.payments.app import (
    change,
    reads,
    refund,
    shops,
    split_sale,
    take,
    ticket_back,
    ticket_gate,
    ticket_keys,
    ticket_sale,
)
from services.payments.app.commit import make_deps, write_group
from services.payments.app.deps import Deps, Tools
from services.payments.app.group import Group
from services.payments.app.office import close
from services.payments.app.ticket_back import Back
from services.payments.app.ticket_sale import TicketRead
from services.payments.app.units import Result, SplitOpening, Unit
from services.payments.domain.errors import (
    NeedsConnection,
    PriceChanged,
    SplitAmountTooLarge,
    SplitSaleEnded,
    TicketWasAdmitted,
    UnknownTicket,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State
from services.payments.domain.split_sale import SplitSale, SplitState
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import Outcome, Standing
from tests.service.payments.conftest import AREA, CLERK, GATE, Simulator, key, said, sale
from tests.service.payments.test_split_sale import given_back, pay, seen
from tests.service.payments.test_take import resolved, sound
from tests.service.payments.test_tickets import ADULT, gate, scan

__all__ = ["gate"]

CASH, CARD = Tender.CASH_RECORD, Tender.CARD


@pytest.fixture(autouse=True)
async def practicing(gate: Deps) -> None:
    """A gate where cash and cards are both practice, so that they may pay together."""
    await shops.configure_shops(gate, key(), AREA, [replace(GATE, practice=True)])


def wanted(**changes: Any) -> SplitOpening:
    """Two adults and an infant, 2,600 yen."""
    usual: dict[str, Any] = {
        "shop_place_id": "gate-a", "total_yen": 2600, "items": (),
        "party": [("adult", 2), ("infant", 1)],
    }  # fmt: skip
    return SplitOpening(**{**usual, **changes})


async def opened(deps: Deps, **changes: Any) -> SplitSale:
    return await split_sale.open_split_sale(deps, key(), CLERK, wanted(**changes))


async def ticket(deps: Deps, split: SplitSale) -> TicketRead:
    return await ticket_sale.read_ticket(deps, CLERK, ticket_id=split.split_sale_id)


async def no_ticket(deps: Deps, split: SplitSale) -> None:
    with pytest.raises(UnknownTicket):
        await ticket(deps, split)


async def count(deps: Deps) -> int:
    async with deps.db.read(AREA) as tx:
        row = await tx.fetch_one("select count(*) as n from tickets where area = %s", (AREA,))
    return int(row["n"]) if row else 0


async def paid(deps: Deps, **changes: Any) -> tuple[SplitSale, Payment, Payment]:
    split = await opened(deps, **changes)
    cash, card = await pay(deps, split, 1000, CASH), await pay(deps, split, 1600)
    return split, cash, card


async def test_the_last_part_makes_the_ticket_and_no_part_before_it(gate: Deps) -> None:
    split = await opened(gate)
    assert [(each.name, each.quantity) for each in split.items] == [("大人", 2)]
    cash = await pay(gate, split, 1000, CASH)
    await no_ticket(gate, split)
    card = await pay(gate, split, 1600)
    known = await ticket(gate, split)
    assert (known.standing, known.ticket.persons, known.ticket.amount_yen) == ("valid", 3, 2600)
    assert (known.ticket.practice, bool(known.payload)) == (True, True)
    for part in (cash, card):  # either part leads to it
        found = await ticket_sale.read_ticket(gate, CLERK, payment_id=part.payment_id)
        assert found == known
    assert (await seen(gate, split)).is_issued
    assert (await scan(gate, known)).decision.outcome is Outcome.PRACTICE
    assert (await scan(gate, known)).decision.outcome is Outcome.ALREADY_USED
    receipt = await reads.read_receipt(gate, CLERK, card.payment_id)
    assert receipt.split is not None
    assert receipt.split.items == split.items
    await sound(gate)


async def test_the_city_s_revenue_is_whole_and_each_tender_clears_its_own_part(gate: Deps) -> None:
    await shops.configure_shops(gate, key(), AREA, [replace(GATE, practice=False)])
    split = await opened(gate)
    await pay(gate, split, 1000, CASH)
    await pay(gate, split, 1600, gateway="other_device")
    proof = await sound(gate)
    balances = {row["account"]: row["balance_yen"] for row in proof.accounts}
    assert balances["city_revenue/gate-a"] == -2600
    assert balances["cash_record/gate-a"] == 1000
    assert sum(balances.values()) == 0
    assert sorted(balances.values()) == [-2600, 1000, 1600]
    report = await close.read_day(gate, CLERK, "gate-a", "")
    assert sum(line.captured_yen for line in report.figures.lines) == 2600
    # Two tenders, one sale, one ticket.
    totals = await reads.read_totals(gate, CLERK, day="", shop_place_id="gate-a")
    assert (len(totals.rows), totals.sales[False].kept) == (2, 1)
    # Persons are said by the gate alone, once per ticket; the parts say yen.
    known = await ticket(gate, split)
    assert (await scan(gate, known)).decision.outcome is Outcome.ADMITTED
    later = ManualClock(gate.clock.now() + timedelta(minutes=2))
    await ticket_gate.tell_due(again(gate, clock=later))
    admitted = [each for each in await said(gate) if each.type == "ticket_admitted"]
    assert [each.aggregate_id for each in admitted] == [split.split_sale_id]


def again(deps: Deps, **changes: Any) -> Deps:
    """Another process over the same database, with a writer of its own."""
    usual: dict[str, Any] = {
        "db": deps.db, "outbox": deps.outbox, "clock": deps.clock, "gateways": deps.gateways,
        "ticket_master": deps.ticket_master, "link_key": deps.link_key,
    }  # fmt: skip
    return make_deps(Tools(**{**usual, **changes}))


async def test_twenty_equal_taps_complete_a_sale_once(gate: Deps, simulator: Simulator) -> None:
    split, tap = await opened(gate), key()
    await pay(gate, split, 1000, CASH)
    last = sale(1600, shop_place_id="gate-a", split_sale_id=split.split_sale_id)
    processes = [gate, again(gate)]
    taken = await asyncio.gather(
        *(take.take_payment(processes[n % 2], tap, CLERK, last) for n in range(20))
    )
    assert len({each.payment.payment_id for each in taken}) == 1
    assert len(simulator.charges()) == 1
    assert (await ticket(gate, split)).standing is Standing.VALID
    assert await count(gate) == 1


async def test_twenty_different_last_parts_are_one(gate: Deps) -> None:
    split = await opened(gate)
    await pay(gate, split, 1000, CASH)
    answers = await asyncio.gather(
        *(pay(each, split, 1600, CASH) for each in [gate, again(gate)] * 10),
        return_exceptions=True,
    )
    assert sum(isinstance(each, Payment) for each in answers) == 1
    assert all(isinstance(each, Payment | SplitAmountTooLarge) for each in answers)
    assert await count(gate) == 1


async def test_two_last_parts_that_end_in_two_processes_at_once_make_one_ticket(
    gate: Deps,
) -> None:
    for _ in range(8):
        split = await opened(gate)
        await asyncio.gather(pay(gate, split, 1300), pay(again(gate), split, 1300))
        assert (await ticket(gate, split)).standing is Standing.VALID
    assert await count(gate) == 8


async def test_a_process_that_dies_between_commit_and_answer_made_one_ticket(gate: Deps) -> None:
    tools = Tools(**{name: getattr(gate, name) for name in Tools.__dataclass_fields__})

    async def commit_and_die(area: str, units: Sequence[Unit]) -> list[Result | Exception]:
        await write_group(tools, area, units)
        raise StoreUnavailable("Nobody knows. Try again.")

    split, tap = await opened(gate), key()
    await pay(gate, split, 1000, CARD)
    dying = replace(gate, writer=Group(commit_and_die))
    last = sale(1600, CASH, shop_place_id="gate-a", split_sale_id=split.split_sale_id)
    with pytest.raises(StoreUnavailable):
        await take.take_payment(dying, tap, CLERK, last)
    assert (await ticket(gate, split)).standing is Standing.VALID
    assert (await take.take_payment(gate, tap, CLERK, last)).repeated
    assert await count(gate) == 1


async def test_a_part_known_later_makes_the_ticket_when_the_provider_tells(
    gate: Deps, simulator: Simulator
) -> None:
    split = await opened(gate)
    simulator.order("time_out_after")
    unheard = await pay(gate, split, 1000)
    assert unheard.state is State.UNKNOWN
    await pay(gate, split, 1600, CASH)
    await no_ticket(gate, split)  # all the money is asked for, and not all is known
    await resolved(gate, unheard)
    assert (await ticket(gate, split)).standing is Standing.VALID


async def test_a_part_known_after_all_was_given_back_makes_no_ticket(
    gate: Deps, simulator: Simulator
) -> None:
    split = await opened(gate)
    await pay(gate, split, 1000, CASH)
    simulator.order("time_out_after")
    unheard = await pay(gate, split, 1600)
    await given_back(gate, split)
    await resolved(gate, unheard)
    await split_sale.go_on(gate, AREA, split.split_sale_id)
    assert (await seen(gate, split)).state is SplitState.GIVEN_BACK
    assert await count(gate) == 0
    await sound(gate)


async def test_giving_back_ends_the_ticket_and_a_used_one_only_where_that_is_confirmed(
    gate: Deps,
) -> None:
    unused, _, _ = await paid(gate)
    await given_back(gate, unused)
    assert (await ticket(gate, unused)).standing is Standing.CANCELED
    used, cash, _ = await paid(gate)
    known = await ticket(gate, used)
    await scan(gate, known)
    ask = key()
    with pytest.raises(TicketWasAdmitted):
        await split_sale.give_back(gate, ask, CLERK, used.split_sale_id, "")
    with pytest.raises(TicketWasAdmitted):
        await change.void_payment(gate, key(), CLERK, cash.payment_id)
    with pytest.raises(TicketWasAdmitted):
        await refund.refund_payment(
            gate, key(), CLERK, cash.payment_id, 500, RefundChannel.CASH, "雨"
        )
    assert (await ticket(gate, used)).standing is Standing.VALID
    back = await split_sale.give_back(
        gate, ask, CLERK, used.split_sale_id, "", admitted_confirmed=True
    )
    assert back.state is SplitState.GIVEN_BACK
    await given_back(gate, used)  # who goes on is not asked again
    await sound(gate)


async def test_a_scan_and_giving_back_at_once_never_both_win(gate: Deps) -> None:
    for _ in range(6):
        split, _, _ = await paid(gate)
        known = await ticket(gate, split)
        scanned, back = await asyncio.gather(
            scan(again(gate), known), given_back(gate, split), return_exceptions=True
        )
        assert not isinstance(scanned, BaseException)
        refused = isinstance(back, TicketWasAdmitted)
        assert refused is (scanned.decision.outcome is Outcome.PRACTICE)


async def test_money_back_of_one_part_ends_the_ticket_and_a_part_taken_back_only_rests_it(
    gate: Deps,
) -> None:
    split, cash, card = await paid(gate)
    await change.void_payment(gate, key(), CLERK, card.payment_id)
    assert (await ticket(gate, split)).standing is Standing.NOT_PAID
    await pay(gate, split, 1600, CASH)
    assert (await ticket(gate, split)).standing is Standing.VALID
    assert await count(gate) == 1
    await refund.refund_payment(gate, key(), CLERK, cash.payment_id, 1, RefundChannel.CASH, "雨")
    after = await ticket(gate, split)
    assert (after.standing, after.payload) == (Standing.REFUNDED, "")


async def test_unused_ones_are_listed_and_go_back_with_their_whole_sale(gate: Deps) -> None:
    split, _, _ = await paid(gate)
    _, cash, _ = await paid(gate)  # one part of it was taken back: it rests
    await change.void_payment(gate, key(), CLERK, cash.payment_id)
    _, cash, _ = await paid(gate)
    await refund.refund_payment(gate, key(), CLERK, cash.payment_id, 1, RefundChannel.CASH, "雨")
    half = await opened(gate)
    await pay(gate, half, 1000, CASH)
    found = await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")
    assert [each.ticket.ticket_id for each in found.tickets] == [split.split_sale_id]
    (done,) = await ticket_back.refund_tickets(
        gate, key(), CLERK, [split.split_sale_id], RefundChannel.PROVIDER, "大雨"
    )
    assert (done.outcome, done.amount_yen, done.in_parts) == (Back.DONE, 2600, True)
    assert (await seen(gate, split)).state is SplitState.GIVEN_BACK
    assert (await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")).tickets == []
    await sound(gate)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"total_yen": 2601}, PriceChanged),
        ({"party": [("infant", 1)], "total_yen": 0}, InvalidFields),
        ({"party": [("other", 1)], "total_yen": 1300}, InvalidFields),
        ({"party": [("adult", 2), ("voucher", 1)]}, InvalidFields),
    ],
)
async def test_what_no_ticket_is_opens_no_sale(
    gate: Deps, changes: dict[str, Any], refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await opened(gate, **changes)


async def test_the_same_opening_is_one_sale_and_its_price_stands(gate: Deps) -> None:
    tap = key()
    first = await split_sale.open_split_sale(gate, tap, CLERK, wanted())
    dearer = replace(ADULT, unit_amount_yen=1400)
    await ticket_keys.configure_classes(gate, key(), AREA, [dearer])
    with pytest.raises(PriceChanged):
        await opened(gate)
    assert await split_sale.open_split_sale(gate, tap, CLERK, wanted()) == first


async def test_no_part_of_a_ticket_waits_without_a_signal_or_comes_after_its_day(
    gate: Deps,
) -> None:
    split = await opened(gate)
    with pytest.raises(NeedsConnection):
        await pay(gate, split, 1000, CASH, waited=timedelta(minutes=1))
    await pay(gate, split, 1000, CASH)
    tomorrow = again(gate, clock=ManualClock(gate.clock.now() + timedelta(days=1)))
    with pytest.raises(SplitSaleEnded):
        await pay(tomorrow, split, 1600, CASH)
    await given_back(tomorrow, split)
    assert await count(gate) == 0
