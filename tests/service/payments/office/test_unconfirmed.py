"""Sales that no file has confirmed: which they are, and when their payout is expected."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from services.payments.app import change, refund
from services.payments.app.deps import Deps
from services.payments.app.office import close, reconcile, unconfirmed
from services.payments.domain.close import SaleCounts
from services.payments.domain.errors import ShopNotYours
from services.payments.domain.events import RefundChannel
from services.payments.domain.payout_terms import Due, PayoutTerms, read_terms
from services.payments.domain.tender import Tender
from services.payments.store import shops
from tests.service.payments.conftest import AREA, CLERK, key, taken
from tests.service.payments.office.conftest import OTHER, OWNER, today
from tests.service.payments.office.test_reconcile import local, sent


async def say(deps: Deps, terms: PayoutTerms | None) -> None:
    """Keeps when the shop's own device is paid for cards."""
    async with deps.db.transaction(AREA) as tx:
        found = await shops.find(tx, "shop-a")
        assert found is not None
        ways = tuple(
            replace(each, payout_terms=terms)
            if (each.tender, each.gateway) == (Tender.CARD, "other_device") else each
            for each in found[0].tenders
        )  # fmt: skip
        await shops.put_if_changed(tx, replace(found[0], tenders=ways))


async def missing_day(deps: Deps) -> date | None:
    rows, _token = await reconcile.list_findings(
        deps, OWNER, shop_place_id="", reconciliation_id="", settled=False, page_size=0,
        page_token="",
    )  # fmt: skip
    (day,) = {row["expected_payout_date"] for row in rows if row["kind"] == "missing"}
    found: date | None = day
    return found


async def test_what_waits_is_told_by_day_with_the_day_of_its_payout(deps: Deps) -> None:
    one = await taken(deps, 1000, gateway="other_device")
    other = await taken(deps, 2500, gateway="other_device")
    gone = await taken(deps, 400, gateway="other_device")
    await change.void_payment(deps, key(), CLERK, gone.payment_id)
    given = await taken(deps, 600, gateway="other_device")
    await refund.refund_payment(
        deps, key(), CLERK, given.payment_id, 600, RefundChannel.CASH, "返品"
    )
    await refund.refund_payment(
        deps, key(), CLERK, other.payment_id, 500, RefundChannel.CASH, "返品"
    )
    await taken(deps, 9000)  # the simulator's: practice, and it waits for nobody
    await taken(deps, 700, Tender.CASH_RECORD)
    found = await unconfirmed.list_unconfirmed(deps, OWNER, "")
    (waiting,) = found.sales
    assert (waiting.payment_count, waiting.amount_yen) == (2, 3000)
    assert (waiting.expected, waiting.due) == (None, Due.UNKNOWN)
    assert not found.more
    day = date.fromisoformat(await today(deps))
    assert (found.today, found.first, waiting.day) == (day, day - timedelta(days=120), day)
    await say(deps, read_terms("days 3"))
    (waiting,) = (await unconfirmed.list_unconfirmed(deps, OWNER, "shop-a")).sales
    assert (waiting.expected, waiting.due) == (day + timedelta(days=3), Due.COMING)
    # A file that confirms one of them leaves the other; of that it says when it should come.
    await sent(deps, f"1,{local(one)},1000,,0,")
    (waiting,) = (await unconfirmed.list_unconfirmed(deps, OWNER, "")).sales
    assert (waiting.payment_count, waiting.amount_yen) == (1, 2000)
    assert await missing_day(deps) == day + timedelta(days=3)
    await say(deps, None)
    assert await missing_day(deps) is None


async def test_what_is_overdue_comes_first(deps: Deps) -> None:
    old, new = [await taken(deps, yen, gateway="other_device") for yen in (1000, 2000)]
    day = date.fromisoformat(await today(deps))
    async with deps.db.transaction(AREA) as tx:
        await tx.execute(
            "update payments set business_date = %s where area = %s and payment_id = %s",
            (day - timedelta(days=10), AREA, old.payment_id),
        )
    await say(deps, read_terms("days 3"))
    found = (await unconfirmed.list_unconfirmed(deps, OWNER, "")).sales
    assert [(each.amount_yen, each.due) for each in found] == [
        (old.amount_yen, Due.OVER), (new.amount_yen, Due.COMING),
    ]  # fmt: skip


async def test_another_shop_sees_none_of_it(deps: Deps) -> None:
    await taken(deps, 1000, gateway="other_device")
    assert (await unconfirmed.list_unconfirmed(deps, OTHER, "")).sales == []
    with pytest.raises(ShopNotYours):
        await unconfirmed.list_unconfirmed(deps, OTHER, "shop-a")


async def test_practice_has_a_count_of_its_own_and_is_in_no_figure(deps: Deps) -> None:
    await taken(deps, 1000, Tender.CASH_RECORD)
    for yen in (9000, 8000):
        assert (await taken(deps, yen)).practice
    report = await close.read_day(deps, OWNER, "shop-a", "")
    assert report.practice == SaleCounts(kept=2, refunded=0, canceled=0)
    assert (report.figures.net_yen, report.figures.entry_count) == (1000, 1)
    assert report.figures.sales == SaleCounts(kept=1, refunded=0, canceled=0)
    made = await close.close_day(deps, key(), OWNER, "shop-a", await today(deps), None)
    _close, _shop, practice = await close.read_close(deps, OWNER, made.close_id)
    assert practice == SaleCounts(kept=2, refunded=0, canceled=0)
    assert made.figures.sales == SaleCounts(kept=1, refunded=0, canceled=0)
    other = await close.read_day(deps, OTHER, "gate-a", "")
    assert other.practice == SaleCounts(kept=0, refunded=0, canceled=0)
