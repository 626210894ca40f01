"""An import of a register's journal can be taken back as long as nobody has reckoned with it."""

import asyncio
from dataclasses import replace
from datetime import date, timedelta

import pytest

from kit.db import ALL_AREAS
from services.payments.app import change, reads, refund
from services.payments.app.deps import Deps
from services.payments.app.office import close
from services.payments.app.register_undo import list_imports, undo_import
from services.payments.domain.errors import ShopNotYours, UnknownRegisterImport
from services.payments.domain.events import RefundChannel
from tests.service.payments.conftest import AREA, CLERK, SHOP, key, said
from tests.service.payments.test_register_journal import TODAY, _accounts, _row, _take


async def _close(deps: Deps, day: date) -> None:
    await close.close_day(deps, key(), CLERK, SHOP.shop_place_id, f"{day}", None)


async def test_an_import_is_taken_back_under_its_own_date_and_may_come_again(deps: Deps) -> None:
    rows = [_row("1", 1_300, days=1), _row("2", 500, "カード", days=1)]
    report = await _take(deps, rows, file_name="till.csv")
    [made] = await list_imports(deps, CLERK, "")
    assert (made.import_id, made.file_name, made.loaded_count, made.sold_yen) == (
        report.import_id, "till.csv", 2, 1_800,
    )  # fmt: skip
    look = await undo_import(deps, key(), CLERK, report.import_id, dry_run=True)
    assert (look.undone_count, look.kept, look.is_dry_run) == (2, (), True)
    assert len(await _accounts(deps)) == 3  # nothing was done
    again = key()
    first, second = await asyncio.gather(
        *(undo_import(deps, again, CLERK, report.import_id) for _ in range(2))
    )
    assert first == second
    assert (first.undone_count, first.kept) == (2, ())
    assert await _accounts(deps) == {}
    voided = [each for each in await said(deps) if each.type == "payment_voided"]
    async with deps.db.read(AREA) as tx:
        dates = {row["d"] for row in await tx.fetch_all(
            "select business_date as d from journal_entries"
        )}  # fmt: skip
    assert (len(voided), dates) == (2, {(TODAY - timedelta(days=1)).date()})
    [made] = await list_imports(deps, CLERK, "shop-a")
    assert (made.undone_count, made.undone_by) == (2, CLERK.principal)
    assert (await undo_import(deps, key(), CLERK, report.import_id)).undone_count == 0
    mended = await _take(deps, [_row("1", 1_400, days=1), _row("2", 500, "カード", days=1)])
    assert (mended.loaded_count, mended.known_count, mended.rejected) == (2, 0, ())
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_what_somebody_reckoned_with_stays_and_says_why(deps: Deps) -> None:
    report = await _take(deps, [
        _row("1", 100), _row("2", 200), _row("3", 300), _row("4", 400, "カード"), _row("5", 500),
        _row("6", 50, of="2"),
    ])  # fmt: skip
    async with deps.db.read(AREA) as tx:
        found = await tx.fetch_all("select journal_number as n, payment_id from register_sales")
    ids = {row["n"]: str(row["payment_id"]) for row in found}
    await change.void_payment(deps, key(), CLERK, ids["3"])
    async with deps.db.transaction(AREA) as tx:
        await tx.execute("update payments set unconfirmed = false where payment_id = %s",
                         (ids["4"],))  # fmt: skip
    done = await undo_import(deps, key(), CLERK, report.import_id)
    assert done.undone_count == 2
    assert dict(done.kept) == {"2": "returned", "3": "changed", "4": "confirmed", "6": "returned"}
    assert await _accounts(deps) == {
        "cash_record/shop-a": 150, "other_device/shop-a/card": 400, "own_takings/shop-a": -550,
    }  # fmt: skip


async def test_a_closed_day_stays_closed(deps: Deps) -> None:
    report = await _take(deps, [_row("1", 100, days=1), _row("2", 200)])
    await _close(deps, (TODAY - timedelta(days=1)).date())
    done = await undo_import(deps, key(), CLERK, report.import_id)
    assert (done.undone_count, done.kept) == (1, (("1", "closed"),))


async def test_undo_and_close_at_once_leave_each_sale_in_one_of_them(deps: Deps) -> None:
    """Whichever is first: a close never holds a sale without its undo, nor an undo a closed one."""
    for attempt in range(4):
        report = await _take(deps, [_row(f"{attempt}-{n}", 100) for n in range(20)])
        done, _ = await asyncio.gather(
            undo_import(deps, key(), CLERK, report.import_id), _close(deps, TODAY.date())
        )
        assert done.undone_count in (0, 20)
        async with deps.db.read(AREA) as tx:
            rows = await tx.fetch_all(
                "select p.payment_id, p.state, count(*) as entries, count(c.close_id) as closed"
                " from payments p join journal_entries e using (area, payment_id)"
                " left join closed_entries c using (area, entry_id) group by 1, 2"
            )
        assert all(row["entries"] == (2 if row["state"] == "voided" else 1) for row in rows)
        assert all(row["closed"] in (0, row["entries"]) for row in rows)
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_no_register_hears_of_it_and_nobody_else_may_do_it(deps: Deps) -> None:
    report = await _take(deps, [_row("1", 100)])
    other = replace(CLERK, shops=frozenset({"gate-a"}))
    with pytest.raises(ShopNotYours):
        await undo_import(deps, key(), other, report.import_id)
    with pytest.raises(UnknownRegisterImport):
        await undo_import(deps, key(), CLERK, key().request_id)
    assert await list_imports(deps, other, "") == []
    with pytest.raises(ShopNotYours):
        await list_imports(deps, other, "shop-a")
    async with deps.db.transaction(ALL_AREAS) as tx:
        assert await tx.fetch_all("select 1 from notices") == []


async def test_a_dry_run_and_a_refused_file_are_no_import(deps: Deps) -> None:
    report = await _take(deps, [_row("1", 100)], dry_run=True)
    assert (report.import_id, report.sold_yen) == ("", 100)
    assert await list_imports(deps, CLERK, "") == []


async def test_a_refund_after_the_import_keeps_its_sale(deps: Deps) -> None:
    report = await _take(deps, [_row("1", 100)])
    async with deps.db.read(AREA) as tx:
        row = await tx.fetch_one("select payment_id from register_sales")
    assert row
    await refund.refund_payment(
        deps, key(), CLERK, str(row["payment_id"]), 40, RefundChannel.CASH, "broken"
    )
    done = await undo_import(deps, key(), CLERK, report.import_id)
    assert done.kept == (("1", "returned"),)
