"""A register's journal is taken once, line by line, and says of each line what became of it."""

import asyncio
import random
from collections import Counter
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from kit.db import ALL_AREAS
from kit.pure.errors import InvalidFields
from services.payments.app import reads
from services.payments.app.deps import Deps
from services.payments.app.register_journal import Journal, take_journal
from services.payments.domain.errors import FileUnreadable, ShopNotYours, UnknownShop
from services.payments.domain.register_journal import Report
from tests.service.payments.conftest import AREA, CLERK, key, said

MAPPING = """
name = "corner-register"
encoding = "shift_jis"
[columns]
number = "伝票番号"
time = "日時"
amount = "金額"
status = "区分"
tender = "支払"
reference = "元伝票"
[status]
sale = ["売上"]
refund = ["返品"]
skip = ["精算"]
[tenders]
"現金" = "cash_record"
"カード" = "card"
"商品券" = "points"
"""
HEADING = "伝票番号,日時,金額,区分,支払,元伝票"
TODAY = datetime.now(ZoneInfo("Asia/Tokyo"))


def _row(number: str, yen: int, tender: str = "現金", **more: Any) -> str:
    at = (TODAY - timedelta(days=more.get("days", 0), minutes=1)).strftime("%Y/%m/%d %H:%M")
    kind = "返品" if "of" in more else "売上"
    return f"{number},{at},{yen},{kind},{tender},{more.get('of', '')}"


def _journal(rows: list[str], **more: Any) -> Journal:
    content = "\r\n".join([HEADING, *rows]).encode("cp932")
    usual = {"shop_place_id": "shop-a", "register": "till-1", "mapping": MAPPING}
    return Journal(**{"content": content, **usual, **more})


async def _take(deps: Deps, rows: list[str], **more: Any) -> Report:
    return await take_journal(deps, key(), CLERK, _journal(rows, **more))


async def _accounts(deps: Deps) -> dict[str, int]:
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all("select account, balance_yen from accounts")
    return {row["account"]: row["balance_yen"] for row in rows if row["balance_yen"]}


async def test_cash_and_card_are_recorded_as_what_they_are(deps: Deps) -> None:
    report = await _take(deps, [
        _row("1", 1_300), _row("2", 500, "カード"), _row("3", 300, of="1"), "4,,,精算,,",
    ])  # fmt: skip
    assert (report.read_count, report.loaded_count, report.skipped_count) == (4, 3, 1)
    assert report.rejected == ()
    assert await _accounts(deps) == {
        "cash_record/shop-a": 1_000, "other_device/shop-a/card": 500, "own_takings/shop-a": -1_500,
    }  # fmt: skip
    types = Counter(each.type for each in await said(deps))
    assert types == {"payment_captured": 2, "payment_refunded": 1}
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_the_same_journal_again_changes_nothing(deps: Deps) -> None:
    rows = [_row(str(number), 100 + number) for number in range(50)]
    await _take(deps, rows[:30])
    before = await _accounts(deps)
    again = await _take(deps, rows[:30])
    assert (again.loaded_count, again.known_count) == (0, 30)
    assert await _accounts(deps) == before
    longer = await _take(deps, rows)
    assert (longer.loaded_count, longer.known_count) == (20, 30)
    same_request, journal = key(), _journal([_row("x", 700)])
    first = await take_journal(deps, same_request, CLERK, journal)
    assert await take_journal(deps, same_request, CLERK, journal) == first


async def test_parallel_and_shuffled_imports_take_each_line_once(deps: Deps) -> None:
    rows = [_row(str(number), 100) for number in range(60)]
    chosen = random.Random(3)
    parts = [chosen.sample(rows, 40) for _ in range(6)]
    reports = await asyncio.gather(*(_take(deps, part) for part in parts))
    different = len(set().union(*map(set, parts)))
    assert sum(report.loaded_count for report in reports) == different
    assert (await _accounts(deps))["cash_record/shop-a"] == 100 * different


async def test_another_register_counts_for_itself(deps: Deps) -> None:
    await _take(deps, [_row("1", 100)])
    assert (await _take(deps, [_row("1", 100)], register="till-2")).loaded_count == 1


async def test_a_dry_run_tells_the_same_and_does_nothing(deps: Deps) -> None:
    rows = [
        _row("1", 1_300),
        _row("2", 200, of="1"),
        _row("3", 100, "商品券"),
        "4,soon,1,売上,現金,",
    ]
    dry = await _take(deps, rows, dry_run=True)
    assert await _accounts(deps) == {}
    assert await said(deps) == []
    async with deps.db.read(ALL_AREAS) as tx:
        assert await tx.fetch_all("select 1 from register_sales") == []
    assert replace(await _take(deps, rows), is_dry_run=True, import_id="") == dry
    assert (dry.loaded_count, [each.reason for each in dry.rejected]) == (
        2, ["not_recorded", "malformed"],
    )  # fmt: skip


async def test_every_row_that_is_not_taken_is_named(deps: Deps) -> None:
    await _take(deps, [_row("1", 1_000)])
    report = await _take(deps, [
        _row("1", 999), _row("", 100), _row("5", 0), _row("6", 10_000_000), _row("7", 100, days=-3),
        _row("8", 100, of="77"), _row("9", 5_000, of="1"), _row("10", 100, "shells"),
        _row("11", 100, days=90),
    ])  # fmt: skip
    assert {each.row: each.reason for each in report.rejected} == {
        2: "differs", 3: "missing", 4: "zero", 5: "too_large", 6: "in_future", 7: "unknown_sale",
        8: "refused", 9: "unknown_tender",
    }  # fmt: skip
    assert report.warnings == ((10, "old"),)
    assert (report.read_count, report.loaded_count) == (9, 1)
    assert (await reads.prove_ledger(deps, CLERK)).sound


async def test_what_cannot_be_read_at_all_changes_nothing(deps: Deps) -> None:
    with pytest.raises(FileUnreadable, match="neither UTF-8 nor"):
        await _take(deps, [], content=b"\x81")
    with pytest.raises(FileUnreadable, match="at most"):
        await _take(deps, [_row(str(number), 1) for number in range(5_001)])
    with pytest.raises(InvalidFields, match="register"):
        await _take(deps, [], register="till one")
    with pytest.raises(UnknownShop):
        await _take(deps, [], shop_place_id="nowhere")
    other = replace(CLERK, shops=frozenset({"gate-a"}))
    with pytest.raises(ShopNotYours):
        await take_journal(deps, key(), other, _journal([_row("1", 100)]))
    assert await _accounts(deps) == {}
