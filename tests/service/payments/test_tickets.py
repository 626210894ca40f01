"""Tickets in the database: sold with their payment, admitted once, given back, entered once.

Proves "admit once" by fifty scans at the same time and "twice delivered" by the same queue twice.
"""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.ids import new_id
from kit.pure.errors import InvalidFields
from kit.requests import RequestIdReused
from services.payments.app import (
    change,
    hear,
    refund,
    ticket_back,
    ticket_gate,
    ticket_keys,
    ticket_sale,
)
from services.payments.app.deps import Deps
from services.payments.app.ticket_back import Back
from services.payments.app.ticket_gate import Answered, OfflineScan
from services.payments.app.ticket_sale import Party, TicketRead
from services.payments.domain.errors import (
    PriceChanged,
    ShopNotYours,
    UnknownGate,
    UnknownTicket,
)
from services.payments.domain.events import RefundChannel
from services.payments.domain.price_class import ClassKind, PriceClass
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import Outcome, Standing
from services.payments.domain.ticket_code import read
from tests.service.payments.conftest import AREA, CLERK, Simulator, key, said

ADULT = PriceClass(
    class_id="adult", number=1, site_place_id="cave", gate_place_ids=("gate-a", "shop-a"),
    names={"ja": "大人"}, unit_amount_yen=1300,
)  # fmt: skip
INFANT = replace(ADULT, class_id="infant", number=2, unit_amount_yen=0)
VOUCHER = replace(ADULT, class_id="voucher", number=3, unit_amount_yen=0, kind=ClassKind.VOUCHER)
OTHER = replace(ADULT, class_id="other", number=4, site_place_id="cave-2", gate_place_ids=("far",))
BOUND = replace(CLERK, shops=frozenset({"shop-z"}))


@pytest.fixture
async def gate(deps: Deps) -> Deps:
    """The use cases, with prices."""
    await ticket_keys.configure_classes(deps, key(), AREA, [ADULT, INFANT, VOUCHER, OTHER])
    return deps


def party(**changes: Any) -> Party:
    """Two adults at the gate."""
    usual: dict[str, Any] = {
        "gate_place_id": "gate-a", "lines": [("adult", 2)], "told_yen": 2600, "day": None,
        "voucher": "",
    }  # fmt: skip
    return Party(**{**usual, **changes})


async def sold(deps: Deps, tender: Tender = Tender.CASH_RECORD, **changes: Any) -> TicketRead:
    """A ticket of a new payment."""
    return await ticket_sale.sell_ticket(deps, key(), CLERK, party(**changes), tender, "")


async def scan(
    deps: Deps, known: TicketRead, scan_id: str = "", gate_id: str = "gate-a"
) -> Answered:
    """One scan at a gate that reaches the server."""
    return await ticket_gate.admit_ticket(deps, key(scan_id), CLERK, gate_id, known.payload, "")


def offline(known: TicketRead, scan_id: str = "", **changes: Any) -> OfflineScan:
    """One scan of a gate that was cut off."""
    usual: dict[str, Any] = {
        "scan_id": scan_id or new_id(), "payload": known.payload,
        "scan_time": datetime.now(UTC), "origin": "",
    }  # fmt: skip
    return OfflineScan(**{**usual, **changes})


async def delivered(deps: Deps, *scans: OfflineScan, gate_id: str = "gate-a") -> list[str]:
    """The problems of a delivered queue."""
    answers = await ticket_gate.record_admissions(deps, key(), CLERK, gate_id, scans)
    return [problem for _, problem in answers]


async def test_a_ticket_is_sold_with_its_payment_and_goes_in_once(gate: Deps) -> None:
    known = await sold(gate)
    assert known.payment is not None
    assert (known.standing, known.payment.captured_yen) == (Standing.VALID, 2600)
    assert known.payment.items[0].quantity == 2
    first, second = await scan(gate, known), await scan(gate, known)
    assert first.decision.outcome is Outcome.ADMITTED
    assert second.decision.outcome is Outcome.ALREADY_USED
    assert second.known is not None
    assert second.known.admission is not None  # when and where, for the clerk
    assert second.known.admission.gate_place_id == "gate-a"


async def test_a_practice_ticket_has_an_outcome_of_its_own_and_is_used_up_too(gate: Deps) -> None:
    known = await sold(gate, Tender.CARD)  # the simulator moves no real money
    assert read(known.payload, AREA, await _keys(gate)).practice
    first, second = await scan(gate, known), await scan(gate, known)
    assert (first.decision.outcome, first.decision.reason) == (Outcome.PRACTICE, "practice")
    assert second.decision.outcome is Outcome.ALREADY_USED
    assert await delivered(gate, offline(await sold(gate, Tender.CARD))) == [""]


async def _keys(gate: Deps) -> dict[bytes, bytes]:
    async with gate.db.read(AREA) as tx:
        return await ticket_keys.holding(tx)


async def test_fifty_scans_at_once_let_one_party_in(gate: Deps) -> None:
    known = await sold(gate)
    answers = await asyncio.gather(*(scan(gate, known) for _ in range(50)))
    outcomes = [answer.decision.outcome for answer in answers]
    assert outcomes.count(Outcome.ADMITTED) == 1
    assert outcomes.count(Outcome.ALREADY_USED) == 49


async def test_the_same_scan_again_gets_the_same_answer(gate: Deps) -> None:
    known, scan_id = await sold(gate), new_id()
    answers = await asyncio.gather(*(scan(gate, known, scan_id) for _ in range(10)))
    assert {answer.decision.outcome for answer in answers} == {Outcome.ADMITTED}
    with pytest.raises(RequestIdReused):
        await ticket_gate.admit_ticket(
            gate, key(scan_id, b"other"), CLERK, "gate-a", known.payload, ""
        )


async def test_a_typed_code_does_as_well(gate: Deps) -> None:
    known = await sold(gate)
    typed = known.ticket.code[:5].lower() + " " + known.ticket.code[5:]
    done = await ticket_gate.admit_ticket(gate, key(), CLERK, "gate-a", "", typed)
    assert done.decision.outcome is Outcome.ADMITTED
    slip = await ticket_gate.admit_ticket(gate, key(), CLERK, "gate-a", "", typed[:-1] + "U")
    assert (slip.decision.outcome, slip.decision.reason) == (Outcome.UNKNOWN, "not_a_ticket")


async def test_what_is_no_ticket_is_unknown_and_a_forged_one_refused(gate: Deps) -> None:
    true = (await sold(gate)).payload
    forged = true[:-1] + ("0" if true[-1] != "0" else "1")
    for payload, outcome, reason in (
        ("https://example.org/g/K7Q2X", Outcome.UNKNOWN, "not_a_ticket"),
        ("MT1:", Outcome.UNKNOWN, "unreadable"),
        (forged, Outcome.REFUSED, "bad_signature"),
    ):
        done = await ticket_gate.admit_ticket(gate, key(), CLERK, "gate-a", payload, "")
        assert (done.decision.outcome, done.decision.reason) == (outcome, reason)


async def test_a_voided_payment_closes_the_gate(gate: Deps) -> None:
    known = await sold(gate)
    assert known.payment is not None
    await change.void_payment(gate, key(), CLERK, known.payment.payment_id)
    done = await scan(gate, known)
    assert (done.decision.outcome, done.decision.reason) == (Outcome.REFUSED, "canceled")
    read = await ticket_sale.read_ticket(gate, CLERK, ticket_id=known.ticket.ticket_id)
    assert read.payload == ""  # nothing is signed for a ticket that does not hold


async def test_one_of_two_duplicate_payments_never_takes_the_other_s_ticket(gate: Deps) -> None:
    once, twice = await sold(gate), await sold(gate)
    assert once.payment is not None
    await refund.refund_payment(
        gate, key(), CLERK, once.payment.payment_id, 2600, RefundChannel.CASH, "paid twice"
    )
    assert (await scan(gate, once)).decision.reason == "refunded"
    assert (await scan(gate, twice)).decision.outcome is Outcome.ADMITTED


async def test_a_declined_card_makes_no_ticket(gate: Deps, simulator: Simulator) -> None:
    simulator.order("decline")
    known = await sold(gate, Tender.CARD)
    assert (known.standing, known.payload) == (Standing.NOT_PAID, "")


async def test_nothing_is_sold_at_a_price_nobody_saw(gate: Deps) -> None:
    with pytest.raises(PriceChanged):
        await sold(gate, told_yen=2000)
    async with gate.db.read(AREA) as tx:
        assert await tx.fetch_one("select 1 from payments") is None


async def test_a_repeat_after_a_change_of_prices_finds_its_own_sale(gate: Deps) -> None:
    asked = key()
    before = await ticket_sale.sell_ticket(gate, asked, CLERK, party(), Tender.CASH_RECORD, "")
    dearer = replace(ADULT, unit_amount_yen=1500)
    await ticket_keys.configure_classes(gate, key(), AREA, [dearer])
    again = await ticket_sale.sell_ticket(gate, asked, CLERK, party(), Tender.CASH_RECORD, "")
    assert again.ticket == before.ticket


async def test_a_free_ticket_needs_no_payment_and_a_voucher_its_number(gate: Deps) -> None:
    free = await sold(gate, lines=[("voucher", 30)], told_yen=0, voucher=" JTB-4711 ")
    assert (free.payment, free.ticket.voucher, free.ticket.persons) == (None, "JTB-4711", 30)
    assert (await scan(gate, free)).decision.outcome is Outcome.ADMITTED
    with pytest.raises(InvalidFields):
        await sold(gate, lines=[("voucher", 30)], told_yen=0)


async def test_another_site_s_gate_refuses(gate: Deps) -> None:
    known = await sold(gate)
    assert (await scan(gate, known, gate_id="far")).decision.reason == "other_gate"
    with pytest.raises(UnknownGate):
        await scan(gate, known, gate_id="nowhere")
    with pytest.raises(ShopNotYours):
        await ticket_gate.admit_ticket(gate, key(), BOUND, "gate-a", known.payload, "")


async def test_a_new_key_leaves_old_tickets_valid_unless_they_are_revoked(gate: Deps) -> None:
    first = await sold(gate)
    await ticket_keys.rotate(gate, key(), AREA, revoke_older=False)
    second = await sold(gate)
    assert first.payload[4:12] != second.payload[4:12]
    assert (await scan(gate, first)).decision.outcome is Outcome.ADMITTED
    third = await sold(gate)
    found = await ticket_keys.rotate(gate, key(), AREA, revoke_older=True)
    assert [(generation, revoked) for generation, _, _, revoked in found] == [
        (3, False), (2, True), (1, True),
    ]  # fmt: skip
    assert (await scan(gate, third)).decision.reason == "unknown_key"


async def test_another_secret_after_a_restore_makes_a_new_key_and_keeps_old_tickets(
    gate: Deps,
) -> None:
    before = await sold(gate)
    moved = replace(gate, ticket_master=b"another secret of tests, 32 byte")
    after = await ticket_sale.read_ticket(moved, CLERK, ticket_id=before.ticket.ticket_id)
    assert after.payload != before.payload
    assert (await scan(moved, before)).decision.outcome is Outcome.ADMITTED


async def test_a_queue_delivered_twice_lets_in_once_and_complains_of_nothing(gate: Deps) -> None:
    queue = [offline(await sold(gate), origin="KR") for _ in range(3)]
    assert await delivered(gate, *queue) == ["", "", ""]
    assert await delivered(gate, *queue) == ["", "", ""]
    assert await ticket_gate.list_problems(gate, CLERK) == []
    assert await ticket_gate.tell_due(gate) == 3
    assert await ticket_gate.tell_due(gate) == 0


async def test_an_answer_that_was_lost_is_no_second_admission(gate: Deps) -> None:
    known, scan_id = await sold(gate), new_id()
    await scan(gate, known, scan_id)
    assert await delivered(gate, offline(known, scan_id, origin="TW")) == [""]
    assert await ticket_gate.list_problems(gate, CLERK) == []


async def test_gates_cut_off_from_each_other_show_their_duplicates(gate: Deps) -> None:
    known = await sold(gate)
    await scan(gate, known)
    late = offline(known)
    assert await delivered(gate, late, gate_id="shop-a") == ["duplicate"]
    ((problem, earlier),) = await ticket_gate.list_problems(gate, CLERK)
    assert earlier is not None
    assert (problem.gate_place_id, earlier.gate_place_id) == ("shop-a", "gate-a")
    assert await ticket_gate.settle_problem(gate, key(), CLERK, late.scan_id)
    assert await ticket_gate.list_problems(gate, CLERK) == []
    await _all_told(gate)
    assert [each.type for each in await said(gate)].count("ticket_admitted") == 1


async def test_a_party_that_went_in_on_a_voided_ticket_is_counted_and_listed(gate: Deps) -> None:
    known = await sold(gate)
    assert known.payment is not None
    await change.void_payment(gate, key(), CLERK, known.payment.payment_id)
    last = "0" if known.payload[-1] != "0" else "1"
    forged = replace(offline(known), payload=known.payload[:-1] + last)
    assert await delivered(gate, offline(known), forged) == ["canceled", "bad_signature"]
    assert len(await ticket_gate.list_problems(gate, CLERK)) == 1


async def _all_told(deps: Deps) -> int:
    """Says what waits for its origin, as if a minute had passed."""
    async with deps.db.transaction(AREA) as tx:
        await tx.execute(
            "update admissions set tell_time = tell_time - %s", (timedelta(minutes=2),)
        )
    return await ticket_gate.tell_due(deps)


async def test_an_admission_is_said_once_with_the_origin_that_was_tapped(gate: Deps) -> None:
    known, scan_id = await sold(gate), new_id()
    await scan(gate, known, scan_id)
    assert await ticket_gate.tell_due(gate) == 0  # a minute for the tap
    for origin in ("JP", "TW"):  # a slip of the finger can be mended
        assert await ticket_gate.record_origin(gate, key(), CLERK, scan_id, origin)
    assert await _all_told(gate) == 1
    assert not await ticket_gate.record_origin(gate, key(), CLERK, scan_id, "JP")
    with pytest.raises(ShopNotYours):
        await ticket_gate.record_origin(gate, key(), BOUND, scan_id, "JP")
    with pytest.raises(UnknownTicket):
        await ticket_gate.settle_problem(gate, key(), CLERK, new_id())
    async with gate.db.read(AREA) as tx:
        row = await tx.fetch_one("select body, aggregate_id from outbox order by id desc limit 1")
    assert row is not None
    from meguri.payments.v1 import payments_events_pb2 as pb  # noqa: PLC0415 - one test's need

    event = pb.TicketAdmitted.FromString(bytes(row["body"]))
    assert (event.gate_place_id, event.persons, event.origin) == ("gate-a", 2, "TW")
    assert (row["aggregate_id"], event.practice) == (known.ticket.ticket_id, False)


async def test_a_closed_gate_gives_unused_tickets_back_in_one_action(gate: Deps) -> None:
    tickets = [await sold(gate) for _ in range(3)]
    free = await sold(gate, lines=[("infant", 1)], told_yen=0)
    await scan(gate, tickets[0])
    unused = await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")
    ids = [each.ticket.ticket_id for each in unused.tickets]
    assert set(ids) == {each.ticket.ticket_id for each in (*tickets[1:], free)}
    asked, everything = key(), [*ids, tickets[0].ticket.ticket_id]
    for _ in range(2):  # a repeat finds the same refunds
        done = await ticket_back.refund_tickets(
            gate, asked, CLERK, everything, RefundChannel.CASH, "増水のため閉洞"
        )
        outcomes = {each.ticket_id: each.outcome for each in done}
        assert outcomes.pop(tickets[0].ticket.ticket_id) is Back.SKIPPED
        assert set(outcomes.values()) == {Back.DONE}
    assert sum(each.amount_yen for each in done) == 5200
    assert (await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")).tickets == []
    assert (await scan(gate, tickets[1])).decision.outcome is Outcome.REFUSED


async def test_a_refused_refund_stays_in_the_list_and_lets_nobody_in(
    gate: Deps, simulator: Simulator
) -> None:
    known = await sold(gate, Tender.CARD)
    simulator.order("decline")
    ids = [known.ticket.ticket_id]
    (done,) = await ticket_back.refund_tickets(
        gate, key(), CLERK, ids, RefundChannel.PROVIDER, "closed"
    )
    assert done.outcome is Back.DECLINED
    assert (await scan(gate, known)).decision.reason == "withdrawn"
    assert len((await ticket_back.list_unused(gate, CLERK, "gate-a", None, "")).tickets) == 1
    (done,) = await ticket_back.refund_tickets(
        gate, key(), CLERK, ids, RefundChannel.CASH, "closed"
    )
    assert (done.outcome, done.amount_yen) == (Back.DONE, 2600)


async def test_a_scan_and_a_refund_at_once_never_both_win(gate: Deps) -> None:
    tickets = [await sold(gate) for _ in range(8)]

    async def back(known: TicketRead, wait_s: float) -> Back:
        await asyncio.sleep(wait_s)  # now the refund is first, now the scan
        ids = [known.ticket.ticket_id]
        done = await ticket_back.refund_tickets(
            gate, key(), CLERK, ids, RefundChannel.CASH, "closed"
        )
        return done[0].outcome

    for number, known in enumerate(tickets):
        inside, money = await asyncio.gather(scan(gate, known), back(known, number * 0.02))
        assert (inside.decision.outcome is Outcome.ADMITTED) != (money is Back.DONE)


async def test_a_dropped_area_leaves_no_ticket_behind(gate: Deps) -> None:
    known = await sold(gate)
    await scan(gate, known)
    tables = ("tickets", "admissions", "price_classes", "ticket_keys", "ticket_batches", "payments")
    async with gate.db.transaction(AREA) as tx:
        await hear.drop_area(tx, datetime.now(UTC) + timedelta(minutes=1))
    async with gate.db.read(AREA) as tx:
        for table in tables:
            assert await tx.fetch_all(f"select * from {table}") == []  # noqa: S608 - names above


async def test_the_payment_of_a_ticket_names_who_sold_it(gate: Deps) -> None:
    clerk_id = new_id()
    known = await sold(gate, clerk_id=clerk_id)
    assert known.payment is not None
    assert known.payment.clerk_id == clerk_id
    with pytest.raises(InvalidFields):
        await sold(gate, clerk_id="Aya")
