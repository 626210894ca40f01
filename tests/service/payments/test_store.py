"""The store alone: one hot shop under many writers, areas apart, a journal nobody edits."""

import asyncio
from collections import Counter
from dataclasses import replace

import psycopg
import pytest

from services.payments.app import reads, shops
from services.payments.app.deps import Deps
from services.payments.app.who import Who
from services.payments.domain.payment import State
from services.payments.domain.tender import Tender
from services.payments.store import areas
from tests.service.payments.conftest import AREA, CLERK, GATE, SHOP, key, taken

OTHER = Who(area="other", principal="clerk-9", shops=frozenset(), device=False)


async def test_many_sales_at_one_gate_at_once_leave_a_sound_ledger(deps: Deps) -> None:
    amounts = [100 + number for number in range(60)]
    tenders = [Tender.CASH_RECORD, Tender.CARD, Tender.ID]
    done = await asyncio.gather(
        *(taken(deps, yen, tenders[yen % 3], shop_place_id="gate-a") for yen in amounts)
    )
    assert Counter(payment.state for payment in done) == {State.CAPTURED: 60}
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound
    assert proof.journal["entry_count"] == 60
    revenue = [r["balance_yen"] for r in proof.accounts if r["account"] == "city_revenue/gate-a"]
    assert -sum(revenue) == sum(amounts)


async def test_the_proof_of_a_young_ledger_does_not_compare_each_line_with_each(deps: Deps) -> None:
    """A morning before the database has counted its tables: they are said to be empty."""
    await taken(deps, 500, Tender.CASH_RECORD)
    copies = """
        alter table {table} set (autovacuum_enabled = off);
        insert into {table} select (jsonb_populate_record(first, {fresh})).*
        from {table} first, generate_series(1, 15000) as number
    """
    of_number = "md5('{}' || number)::uuid"
    fresh = {
        "payments": ("payment_id",), "journal_entries": ("entry_id", "source_id", "payment_id"),
    }  # fmt: skip
    async with deps.db.transaction(AREA) as tx:
        for table, ids in fresh.items():
            made = ", ".join(f"'{name}', {of_number.format(name)}" for name in ids)
            for statement in copies.format(table=table, fresh=f"jsonb_build_object({made})").split(
                ";"
            ):
                await tx.execute(statement)
        await tx.execute("update accounts set balance_yen = balance_yen * 15001")
        plan = await tx.fetch_all(
            "select relname, reltuples from pg_class where relname = 'journal_entries'"
        )
        assert [row["reltuples"] for row in plan] == [-1]  # never counted
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.journal["entry_count"] == 15_001
    assert proof.sound


async def test_the_proof_finds_a_changed_balance_a_moved_posting_and_a_false_amount(
    deps: Deps,
) -> None:
    payment = await taken(deps, 500, Tender.CASH_RECORD)

    async def proof_after(*statements: str) -> reads.Proof:
        for statement in statements:
            async with deps.db.transaction(AREA) as tx:
                await tx.execute(statement)
        return await reads.prove_ledger(deps, CLERK)

    assert (await proof_after()).sound
    change = (
        "update accounts set balance_yen = balance_yen {} 1 where account = 'cash_record/shop-a'"
    )
    assert not (await proof_after(change.format("+"))).sound
    assert (await proof_after(change.format("-"))).sound
    false = "update payments set captured_yen = {yen}, authorized_yen = {yen}, amount_yen = {yen}"
    assert not (await proof_after(false.format(yen=501))).sound
    assert (await proof_after(false.format(yen=500))).sound
    moved = await proof_after(
        "alter table journal_entries disable trigger journal_entries_stay",
        "update journal_entries set out_of_account = 'fees/shop-a'",
    )
    assert not moved.sound
    more = await proof_after(
        "alter table journal_entries drop constraint journal_entries_both_sides",
        "update journal_entries set into_yen = into_yen + 1",
    )
    assert (more.sound, more.journal["unbalanced_count"]) == (False, 1)
    assert payment.captured_yen == 500


@pytest.mark.parametrize(
    "statement",
    [
        "update journal_entries set amount_yen = 1",
        "delete from journal_entries",
        "update journal_entries set into_account = 'fees/shop-a'",
    ],
)
async def test_the_journal_is_never_edited(deps: Deps, statement: str) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    async with deps.db.transaction("other") as tx:
        await areas.drop(tx)  # what this transaction may do, no later one may
    with pytest.raises(psycopg.errors.RaiseException, match="never edited"):
        async with deps.db.transaction(AREA) as tx:
            await tx.execute(statement)


async def test_areas_do_not_see_one_another(deps: Deps) -> None:
    await taken(deps, 500)
    assert (await reads.list_payments(
        deps, OTHER, shop_place_id="", day="", page_size=0, page_token=""
    )).payments == []  # fmt: skip
    assert await shops.list_shops(deps, OTHER) == []
    assert (await reads.prove_ledger(deps, OTHER)).journal["entry_count"] == 0


async def test_shops_are_configured_once_and_seen_by_their_own_people(deps: Deps) -> None:
    assert await shops.configure_shops(deps, key(), AREA, [SHOP, GATE]) == (0, 2)
    changed = replace(SHOP, phone="0837-00-0000")
    assert await shops.configure_shops(deps, key(), AREA, [changed]) == (1, 0)
    bound = replace(CLERK, shops=frozenset({"shop-a"}))
    found = await shops.list_shops(deps, bound)
    assert [(shop.shop_place_id, version) for shop, version in found] == [("shop-a", 2)]
    assert found[0][0] == changed


async def test_pages_follow_one_another_without_gap_or_repeat(deps: Deps) -> None:
    made = [(await taken(deps, 100 + n, Tender.CASH_RECORD)).payment_id for n in range(7)]
    seen: list[str] = []
    token = ""
    for _ in range(4):
        page = await reads.list_payments(
            deps, CLERK, shop_place_id="shop-a", day="", page_size=3, page_token=token
        )
        seen += [payment.payment_id for payment, _refunds in page.payments]
        token = page.next_token
        if not token:
            break
    assert seen == made[::-1]


async def test_a_receipt_is_computed_from_what_was_captured(deps: Deps) -> None:
    paid = await taken(deps, 1300, Tender.CASH_RECORD, shop_place_id="gate-a")
    receipt = await reads.read_receipt(deps, CLERK, paid.payment_id)
    assert receipt.shop.shop_place_id == "gate-a"
    assert [(t.tax_rate_percent, t.amount_yen, t.tax_yen) for t in receipt.rate_totals] == [
        (10, 1300, 118)
    ]
