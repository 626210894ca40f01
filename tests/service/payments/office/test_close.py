"""The daily close on a real database: exactly once, whatever arrives meanwhile."""

import asyncio
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from kit.pure.errors import InvalidFields
from meguri.payments.v1 import payments_events_pb2 as pb
from services.payments.app import change, reads, refund
from services.payments.app.deps import Deps
from services.payments.app.office import close
from services.payments.domain.close import CashCount, Close, CloseLine
from services.payments.domain.errors import NothingToClose, ShopNotYours, UnknownShop
from services.payments.domain.events import RefundChannel
from services.payments.domain.receipt import Item
from services.payments.domain.tender import Tender
from services.payments.wire import tender_number
from tests.service.payments.conftest import AREA, CLERK, GATE, Simulator, key, said, taken
from tests.service.payments.office.conftest import OTHER, OWNER, balances, today, without_triggers


async def closed(deps: Deps, count: CashCount | None = None, day: str = "") -> Close:
    return await close.close_day(deps, key(), CLERK, "shop-a", day or await today(deps), count)


def by_tender(lines: Iterable[CloseLine]) -> dict[Tender, int]:
    """Adds the net of each tender over all rates."""
    sums: dict[Tender, int] = {}
    for line in lines:
        sums[line.tender] = sums.get(line.tender, 0) + line.net_yen
    return sums


async def test_a_close_holds_live_money_only_and_agrees_with_the_ledger(deps: Deps) -> None:
    await taken(deps, 1300)  # practice
    lines = (
        Item(name="茶", quantity=2, unit_amount_yen=108, tax_rate_percent=8),
        Item(name="皿", quantity=1, unit_amount_yen=1100, tax_rate_percent=10),
    )
    mixed = await taken(deps, 1316, Tender.CASH_RECORD, items=lines)
    gone = await taken(deps, 400, Tender.CASH_RECORD)
    await change.void_payment(deps, key(), CLERK, gone.payment_id)
    card = await taken(deps, 5000, gateway="other_device")
    for amount in (700, 300):
        await refund.refund_payment(
            deps, key(), CLERK, card.payment_id, amount, RefundChannel.CASH, "返品"
        )
    await refund.refund_payment(
        deps, key(), CLERK, mixed.payment_id, 1316, RefundChannel.CASH, "返品"
    )
    report = await close.read_day(deps, OWNER, "shop-a", "")
    done = await closed(
        deps, CashCount(float_yen=20_000, counted_yen=19_050, reason="50円硬貨が多い")
    )
    assert done.figures == report.figures
    assert (done.expected_yen, done.difference_yen) == (19_000, 50)
    assert by_tender(done.figures.lines) == {Tender.CARD: 4000, Tender.CASH_RECORD: 0}
    assert (done.number, done.figures.entry_count) == (1, 7)
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    assert by_tender(done.figures.lines) == {
        Tender(row["tender"]): row["capture_yen"] - row["void_yen"] - row["refund_yen"]
        for row in totals.rows if not row["practice"]
    }  # fmt: skip
    found = await balances(deps)
    assert found["cash_over_short/shop-a"] == -50
    assert found["cash_record/shop-a"] == -1000 + 50
    after = await close.read_day(deps, OWNER, "shop-a", "")
    assert (after.figures.entry_count, after.float_yen, len(after.closes)) == (0, 20_000, 1)
    assert [each.type for each in await said(deps)][-1] == "shop_day_closed"


async def test_a_repeat_is_the_same_close_and_a_second_close_holds_what_came_after(
    deps: Deps,
) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    same, day = key(), await today(deps)
    first = await close.close_day(deps, same, CLERK, "shop-a", day, None)
    assert await close.close_day(deps, same, CLERK, "shop-a", day, None) == first
    await taken(deps, 300, Tender.CASH_RECORD)
    second = await closed(deps)
    assert (second.number, second.figures.net_yen) == (2, 300)
    assert [each.type for each in await said(deps)].count("shop_day_closed") == 2
    overview = await close.list_closes(deps, OWNER, "", day, day)
    assert [each.number for each in overview.closes] == [2, 1]
    assert overview.waiting == []
    found, shop, _practice = await close.read_close(deps, OWNER, first.close_id)
    assert (found, shop.shop_place_id) == (first, "shop-a")


async def test_each_payment_is_in_exactly_one_close_while_payments_arrive(
    deps: Deps, simulator: Simulator
) -> None:
    """Four tills sell, void and refund while closes run against each other; neither stops."""
    selling = True

    async def till(number: int) -> None:
        for turn in range(15):
            sale = await taken(deps, 100 + number, Tender.CASH_RECORD)
            if turn % 5 == 1:
                await change.void_payment(deps, key(), CLERK, sale.payment_id)
            elif turn % 5 == 2:
                await refund.refund_payment(
                    deps, key(), CLERK, sale.payment_id, 50, RefundChannel.CASH, "返品"
                )

    async def closer() -> list[Close]:
        made = []
        while selling:
            made.append(await closed(deps, CashCount(float_yen=0, counted_yen=0, reason="試し")))
        return made

    closers = [asyncio.create_task(closer()) for _ in range(2)]
    await asyncio.gather(*(till(number) for number in range(4)))
    selling = False
    made = [each for found in await asyncio.gather(*closers) for each in found]
    made.append(await closed(deps, CashCount(float_yen=0, counted_yen=0, reason="試し")))
    assert sum(bool(each.figures.entry_count) for each in made) > 1  # they did meet
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all(
            "select e.entry_id, count(c.close_id) as closes from journal_entries e"
            " left join closed_entries c using (area, entry_id)"
            " where e.kind <> 'cash_difference' group by 1"
        )
        waiting = await tx.fetch_all("select * from open_entries")
    assert {row["closes"] for row in rows} == {1}
    assert waiting == []
    assert len(rows) == sum(each.figures.entry_count for each in made)
    assert sorted(each.number for each in made) == list(range(1, len(made) + 1))
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    (cash,) = totals.rows
    assert sum(each.figures.net_yen for each in made) == (
        cash["capture_yen"] - cash["void_yen"] - cash["refund_yen"]
    )
    await balances(deps)


async def test_what_belongs_to_an_earlier_day_gets_into_the_next_close(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    day = date.fromisoformat(await today(deps))
    async with deps.db.transaction(AREA) as tx:
        await tx.execute("update open_entries set business_date = business_date - 1")
        await without_triggers(tx)
        await tx.execute("update journal_entries set business_date = business_date - 1")
    early = await closed(deps, day=(day - timedelta(days=2)).isoformat())
    assert early.figures.entry_count == 0
    late = await closed(deps)
    assert (late.figures.entry_count, late.figures.earlier_count) == (1, 1)


async def test_what_cannot_be_closed_changes_nothing(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    day = date.fromisoformat(await today(deps))
    tomorrow = (day + timedelta(days=1)).isoformat()
    with pytest.raises(NothingToClose):
        await closed(deps, day=tomorrow)
    with pytest.raises(InvalidFields):
        await closed(deps, CashCount(float_yen=0, counted_yen=499))
    with pytest.raises(InvalidFields):
        await closed(deps, day="2026-13-01")
    with pytest.raises(ShopNotYours):
        await close.close_day(deps, key(), OTHER, "shop-a", day.isoformat(), None)
    with pytest.raises(UnknownShop):
        await close.close_day(deps, key(), CLERK, "nowhere", day.isoformat(), None)
    with pytest.raises(ShopNotYours):
        await close.read_day(deps, OTHER, "shop-a", "")
    report = await close.read_day(deps, OWNER, "shop-a", "")
    assert (report.figures.entry_count, report.closes) == (1, [])


async def test_a_close_is_never_edited(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    await closed(deps)
    for statement in ("update closes set counted_yen = 1", "delete from closed_entries"):
        with pytest.raises(Exception, match="never edited"):
            async with deps.db.transaction(AREA) as tx:
                await tx.execute(statement)


async def test_another_shops_sales_stay_open(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD, shop_place_id=GATE.shop_place_id)
    await taken(deps, 300, Tender.CASH_RECORD)
    done = await closed(deps)
    assert done.figures.net_yen == 300
    overview = await close.list_closes(deps, CLERK, "", "", "")
    assert [(shop, count) for shop, _day, count in overview.waiting] == [("gate-a", 1)]


async def closes_said(deps: Deps) -> list[pb.ShopDayClosed]:
    """The closes as they wait in the outbox, in order."""
    async with deps.db.read(AREA) as tx:
        rows = await tx.fetch_all(
            "select body from outbox where type = 'shop_day_closed' order by id"
        )
    return [pb.ShopDayClosed.FromString(bytes(row["body"])) for row in rows]


async def test_a_close_says_what_it_holds_of_each_date_and_what_is_closed_of_it_so_far(
    deps: Deps,
) -> None:
    """A sale of two days ago arrives late, then another, and the first is refunded today."""
    lines = (
        Item(name="茶", quantity=2, unit_amount_yen=108, tax_rate_percent=8),
        Item(name="皿", quantity=1, unit_amount_yen=1100, tax_rate_percent=10),
    )
    await taken(deps, 1300)  # practice
    await taken(deps, 700, Tender.CASH_RECORD)
    await taken(deps, 80, Tender.CASH_RECORD, shop_place_id="gate-a")
    await close.close_day(deps, key(), CLERK, "gate-a", await today(deps), None)
    late = timedelta(days=2)
    early = await taken(deps, 1316, Tender.CASH_RECORD, waited=late, items=lines)
    await closed(deps)
    await taken(deps, 300, Tender.CASH_RECORD, waited=late)
    await refund.refund_payment(
        deps, key(), CLERK, early.payment_id, 1316, RefundChannel.CASH, "返品"
    )
    await closed(deps, CashCount(float_yen=2_000, counted_yen=984))
    gate, first, second = await closes_said(deps)
    assert [each.captured_yen for each in gate.dates[0].closed] == [80]
    today_text = await today(deps)
    day = (date.fromisoformat(today_text) - timedelta(days=2)).isoformat()
    assert [each.business_date for each in first.dates] == [day, today_text]
    assert [(each.tax_rate_percent, each.net_yen) for each in first.dates[0].lines] == [
        (10, 1100), (8, 216),
    ]  # fmt: skip
    assert sum(line.net_yen for each in first.dates for line in each.lines) == sum(
        line.net_yen for line in first.lines
    )
    assert [each.entry_count for each in first.dates] == [1, 1]
    sums = {each.business_date: list(each.closed) for each in second.dates}
    assert [(each.captured_yen, each.refunded_yen) for each in sums[day]] == [(1616, 0)]
    assert [(each.tender, each.captured_yen, each.refunded_yen) for each in sums[today_text]] == [
        (tender_number(Tender.CASH_RECORD), 700, 1316)
    ]
    assert [each.captured_yen for each in second.dates[0].lines] == [300]
