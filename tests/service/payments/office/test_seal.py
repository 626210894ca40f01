"""The audit chain on a real database, broken by hand as somebody with all rights would."""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from kit.db import _ALONG_INDEX, Database
from services.payments.app import refund
from services.payments.app.deps import Deps
from services.payments.app.office import close, seal
from services.payments.domain.audit import AuditFault
from services.payments.domain.events import RefundChannel
from services.payments.domain.tender import Tender
from services.payments.gateways.signer import Signer
from services.payments.store import audit
from tests.service.payments.conftest import AREA, CLERK, key, said, taken
from tests.service.payments.office.conftest import today, without_triggers

# What each statement breaks; run without the triggers that would refuse it.
BREAKAGE = {
    "update journal_entries set amount_yen = amount_yen + 1, into_yen = into_yen + 1"
    " where kind = 'refund'":
        AuditFault.TAMPERED,
    "update journal_entries set into_account = 'payout/shop-a' where kind = 'capture'":
        AuditFault.TAMPERED,
    "update closes set reason = 'x'": AuditFault.TAMPERED,
    "delete from closed_entries where entry_id in (select entry_id from closed_entries limit 1)":
        AuditFault.TAMPERED,
    "delete from closed_entries; delete from journal_entries"
    " where kind = 'refund'": AuditFault.TAMPERED,
    "delete from audit_chain where number = 2": AuditFault.REMOVED,
    "delete from audit_chain where number = (select max(number) from audit_chain)":
        AuditFault.UNSEALED,
    "update audit_chain set number = -number where number in (1, 2);"
    " update audit_chain set number = 3 + number where number < 0": AuditFault.REORDERED,
    "update audit_heads set signature = decode(repeat('00', 64), 'hex')":
        AuditFault.BAD_SIGNATURE,
    "update audit_heads set hash = decode(repeat('00', 32), 'hex') where number > 0":
        AuditFault.HEAD_DIFFERS,
}  # fmt: skip


class _Later:
    """A clock some days ahead."""

    def __init__(self, now: Callable[[], datetime], days: int) -> None:
        self._now, self._days = now, days

    def now(self) -> datetime:
        return self._now() + timedelta(days=self._days)

    def monotonic(self) -> float:
        return 0.0


def later(deps: Deps, days: int) -> Deps:
    return replace(deps, clock=_Later(deps.clock.now, days))


async def a_day(deps: Deps, signer: Signer) -> None:
    """Sales, a refund, a close; sealed, and the day's head signed on the next one."""
    sale = await taken(deps, 500, Tender.CASH_RECORD)
    await refund.refund_payment(
        deps, key(), CLERK, sale.payment_id, 200, RefundChannel.CASH, "返品"
    )
    await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    await seal.tick(deps, signer)
    await seal.tick(later(deps, 1), signer)


async def break_it(deps: Deps, statements: str) -> None:
    async with deps.db.transaction(AREA) as tx:
        await without_triggers(tx)
        for statement in statements.split(";"):
            assert await tx.execute(statement) > 0


async def test_what_was_sealed_is_passed_over_by_the_next_batch(
    deps: Deps, signer: Signer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before the first vacuum the line still has an entry of every row that has left it, and
    nobody has counted how long the chain is."""
    for _ in range(2):
        for _ in range(30):
            await taken(deps, 500, Tender.CASH_RECORD)
        await seal.seal_all(deps)
    await taken(deps, 500, Tender.CASH_RECORD)
    ways: list[str] = []
    scope = Database._scope

    def noting(database: Database, area: str, begin: str, how: str, asking: str) -> Any:
        ways.append(how)
        return scope(database, area, begin, how, asking)

    monkeypatch.setattr(Database, "_scope", noting)
    await seal.seal_all(deps)
    assert ways == [_ALONG_INDEX] * 2  # which areas wait, and the batch
    async with deps.db.transaction(AREA, line=True) as tx:
        for statement, limit in ((audit._TAKE, (100,)), (audit._LAST, ())):
            rows = await tx.fetch_all(f"explain {statement}", (AREA, *limit))
            plan = "\n".join(row["QUERY PLAN"] for row in rows)
            assert "using audit_" in plan
            assert re.findall("Sort|Bitmap|Seq Scan", plan) == []
    assert (await seal.verify(deps, signer, CLERK)).link_count == 61


async def test_an_untouched_chain_is_sound_and_ends_in_a_signed_head(
    deps: Deps, signer: Signer
) -> None:
    await taken(deps, 1300)  # practice is sealed too
    await a_day(deps, signer)
    report = await seal.verify(deps, signer, CLERK)
    assert report.findings == ()
    assert (report.link_count, report.waiting_count) == (4, 0)
    assert report.last_head is not None
    assert report.last_head.number == 4
    await taken(deps, 100, Tender.CASH_RECORD)
    assert (await seal.verify(deps, signer, CLERK)).waiting_count == 1
    await seal.tick(deps, signer)
    assert (await seal.verify(deps, signer, CLERK)).link_count == 5


@pytest.mark.parametrize("statements", BREAKAGE)
async def test_what_was_tampered_with_is_found(deps: Deps, signer: Signer, statements: str) -> None:
    await a_day(deps, signer)
    await break_it(deps, statements)
    report = await seal.verify(deps, signer, CLERK)
    assert BREAKAGE[statements] in {each.fault for each in report.findings}


async def test_another_key_is_not_believed(deps: Deps, signer: Signer) -> None:
    await a_day(deps, signer)
    report = await seal.verify(deps, Signer(Ed25519PrivateKey.generate()), CLERK)
    assert {each.fault for each in report.findings} == {AuditFault.BAD_SIGNATURE}


async def test_a_day_is_summed_up_once_and_again_only_when_it_changed(
    deps: Deps, signer: Signer
) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    await taken(deps, 900)
    await seal.tick(deps, signer)
    assert "payments_day_totaled" not in {each.type for each in await said(deps)}
    tomorrow = later(deps, 1)
    await seal.tick(tomorrow, signer)
    await seal.tick(tomorrow, signer)
    day = await today(deps)
    totaled = [each for each in await said(deps) if each.type == "payments_day_totaled"]
    assert [each.aggregate_id for each in totaled] == [day]
    await taken(deps, 300, Tender.CASH_RECORD)  # a late answer, as the next day sees it
    await seal.tick(tomorrow, signer)
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all(
            "select version from outbox where type = 'payments_day_totaled' order by id"
        )
        totals = await tx.fetch_all("select totals from day_totals")
    assert [row["version"] for row in rows] == [1, 2]
    assert {(each["tender"], each["practice"], each["captured_yen"])
            for each in totals[0]["totals"]} == {
        ("cash_record", False, 800), ("card", True, 900),
    }  # fmt: skip


async def test_links_and_heads_are_never_edited(deps: Deps, signer: Signer) -> None:
    await a_day(deps, signer)
    for statement in ("update audit_chain set number = 9", "delete from audit_heads"):
        with pytest.raises(Exception, match="never edited"):
            async with deps.db.transaction(AREA) as tx:
                await tx.execute(statement)


async def test_on_the_first_day_nothing_is_signed_and_nothing_says_so(
    deps: Deps, signer: Signer
) -> None:
    """Sold before the first tick: what is sealed today is not told as signed yesterday."""
    await taken(deps, 500, Tender.CASH_RECORD)
    await seal.tick(deps, signer)
    report = await seal.verify(deps, signer, CLERK)
    assert (report.link_count, report.head_count, report.last_head) == (1, 0, None)
    assert report.findings == ()
    await seal.tick(later(deps, 1), signer)
    report = await seal.verify(deps, signer, CLERK)
    assert (report.head_count, report.findings) == (1, ())
    assert report.last_head is not None
    assert (report.last_head.business_date.isoformat(), report.last_head.number) == (
        await today(deps), 1
    )  # fmt: skip
