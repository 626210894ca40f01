"""How many sales stand: the rule of store/sale_counts.py for a day, a close and the events."""

import random
from datetime import timedelta

import pytest

from meguri.payments.v1 import payments_events_pb2 as pb
from services.payments.app import change, reads, refund
from services.payments.app.deps import Deps
from services.payments.app.office import close
from services.payments.domain.close import SaleCounts
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.provider import DONE, UNANSWERED, Answer, Order
from services.payments.domain.refund import RefundState
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import CLERK, key, said, taken
from tests.service.payments.office.conftest import OWNER, today


async def back(deps: Deps, payment: Payment, amount_yen: int) -> None:
    await refund.refund_payment(
        deps, key(), CLERK, payment.payment_id, amount_yen, RefundChannel.CASH, "返品"
    )


async def counted(deps: Deps, day: str = "", *, practice: bool = False) -> SaleCounts:
    totals = await reads.read_totals(deps, CLERK, day=day, shop_place_id="shop-a")
    return totals.sales.get(practice, SaleCounts(kept=0, refunded=0, canceled=0))


async def ended(deps: Deps) -> list[bool]:
    """Of each refund that was said, whether it ended its payment."""
    return [
        pb.PaymentRefunded.FromString(each.body).ends_payment
        for each in await said(deps) if each.type == "payment_refunded"
    ]  # fmt: skip


async def test_in_part_stays_kept_in_full_stands_apart_and_a_canceled_one_too(deps: Deps) -> None:
    sales = [await taken(deps, 1000, Tender.CASH_RECORD) for _ in range(4)]
    await back(deps, sales[0], 300)
    for amount_yen in (300, 700):
        await back(deps, sales[1], amount_yen)
    await change.void_payment(deps, key(), CLERK, sales[2].payment_id)
    wanted = SaleCounts(kept=2, refunded=1, canceled=1)
    assert await counted(deps) == wanted
    assert await ended(deps) == [False, False, True]
    report = await close.read_day(deps, OWNER, "shop-a", "")
    done = await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    assert (report.figures.sales, done.figures.sales) == (wanted, wanted)
    kept, _shop, _practice = await close.read_close(deps, OWNER, done.close_id)
    assert kept.figures.sales == wanted


async def test_a_refund_of_a_later_close_changes_no_close_before(deps: Deps) -> None:
    sale = await taken(deps, 1000, Tender.CASH_RECORD)
    day = await today(deps)
    first = await close.close_day(deps, key(), CLERK, "shop-a", day, None)
    await back(deps, sale, 1000)
    await taken(deps, 5000, Tender.CASH_RECORD)
    second = await close.close_day(deps, key(), CLERK, "shop-a", day, None)
    assert first.figures.sales == SaleCounts(kept=1, refunded=0, canceled=0)
    assert second.figures.sales == SaleCounts(kept=1, refunded=0, canceled=0)
    assert await counted(deps) == SaleCounts(kept=1, refunded=1, canceled=0)


async def test_a_refund_of_the_next_day_leaves_the_day_of_the_sale(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale, day = await taken(deps, 1000, Tender.CASH_RECORD), await today(deps)
    real = deps.clock.now
    monkeypatch.setattr(deps.clock, "now", lambda: real() + timedelta(days=1))
    await back(deps, sale, 1000)
    assert await counted(deps, day) == SaleCounts(kept=1, refunded=0, canceled=0)
    assert await counted(deps) == SaleCounts(kept=0, refunded=0, canceled=0)
    assert await ended(deps) == [False]


@pytest.mark.parametrize("later", [True, False])
async def test_an_answer_that_comes_late_ends_only_what_its_own_date_gave_back(
    deps: Deps, monkeypatch: pytest.MonkeyPatch, *, later: bool
) -> None:
    """600 of today's 1,000 are not answered; 400 go back in cash, tomorrow or today."""
    sale, day = await taken(deps, 1000), await today(deps)
    with monkeypatch.context() as lost:
        lost.setattr(refund, "perform", _unanswered)
        open_one = await refund.refund_payment(
            deps, key(), CLERK, sale.payment_id, 600, RefundChannel.PROVIDER, "返品"
        )
    assert open_one.state is RefundState.UNKNOWN
    real = deps.clock.now
    if later:
        monkeypatch.setattr(deps.clock, "now", lambda: real() + timedelta(days=1))
    await back(deps, sale, 400)
    await refund.settle_answer(deps, sale, open_one.refund_id, DONE)
    kept = SaleCounts(kept=1, refunded=0, canceled=0)
    gone = SaleCounts(kept=0, refunded=1, canceled=0)
    assert await counted(deps, day, practice=True) == (kept if later else gone)
    assert await ended(deps) == [False, not later]


async def _unanswered(_gateway: object, _order: Order) -> Answer:
    return UNANSWERED


@pytest.mark.parametrize("seed", range(3))
async def test_the_count_is_that_of_the_events_whatever_happened(deps: Deps, seed: int) -> None:
    """Insights counts taken less voided less ended; payments counts what is left."""
    chance, kept = random.Random(seed), 0
    for _ in range(12):
        sale = await taken(deps, 100, Tender.CASH_RECORD)
        happens = chance.choice(["nothing", "void", "part", "whole", "twice"])
        if happens == "void":
            await change.void_payment(deps, key(), CLERK, sale.payment_id)
        for amount_yen in {"part": [40], "whole": [100], "twice": [40, 60]}.get(happens, []):
            await back(deps, sale, amount_yen)
        kept += happens in ("nothing", "part")
    totals = await reads.read_totals(deps, CLERK, day="", shop_place_id="shop-a")
    live = [row for row in totals.rows if not row["practice"]]
    gone = sum(await ended(deps))
    by_events = sum(row["capture_count"] - row["void_count"] for row in live) - gone
    assert totals.sales[False].kept == by_events == kept
    assert sum(n for (practice, _), n in totals.kept.items() if not practice) == kept
