"""A sale in parts left half paid: the close names it and counts what is really there, and what
is done about it afterwards gets into the next close, each yen once."""

from datetime import timedelta

from services.payments.app import split_sale, take
from services.payments.app.deps import Deps
from services.payments.app.office import close
from services.payments.app.units import SplitOpening
from services.payments.domain.split_sale import SplitSale
from services.payments.domain.tender import Tender
from services.payments.store import split_sales
from tests.service.payments.conftest import AREA, CLERK, key, sale
from tests.service.payments.office.conftest import OWNER, balances, today


async def half_paid(deps: Deps, tender: Tender = Tender.CASH_RECORD) -> SplitSale:
    """A sale of 3,000 yen of which 1,000 were paid with real money."""
    opening = SplitOpening(shop_place_id="shop-a", total_yen=3000, items=())
    opened = await split_sale.open_split_sale(deps, key(), CLERK, opening)
    await part(deps, opened, 1000, tender)
    return opened


async def part(deps: Deps, opened: SplitSale, yen: int, tender: Tender) -> None:
    gateway = "cash_record" if tender is Tender.CASH_RECORD else "other_device"
    wanted = sale(yen, tender, gateway=gateway, split_sale_id=opened.split_sale_id)
    await take.take_payment(deps, key(), CLERK, wanted)


async def told(deps: Deps, shop: str = "shop-a", day: str = "") -> list[tuple[str, int, int]]:
    report = await close.read_day(deps, OWNER, shop, day)
    at_till, _refunds = await split_sale.list_unfinished(deps, OWNER, shop, day)
    assert at_till == report.unfinished, "the till names the same as the office"
    return [(each.split_sale_id, each.held_yen, each.open_yen) for each in report.unfinished]


async def test_it_is_named_until_the_rest_is_paid_and_each_part_is_in_one_close(
    deps: Deps,
) -> None:
    opened = await half_paid(deps, Tender.CARD)
    assert await told(deps) == [(opened.split_sale_id, 1000, 2000)]
    first = await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    assert first.figures.net_yen == 1000, "the money is there, finished or not"
    assert await told(deps) == [(opened.split_sale_id, 1000, 2000)], "a close finishes nothing"
    await part(deps, opened, 2000, Tender.CASH_RECORD)
    assert await told(deps) == []
    second = await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    assert (second.figures.net_yen, second.figures.cash_yen) == (2000, 2000)


async def test_given_back_after_the_close_it_leaves_nothing_in_the_books(deps: Deps) -> None:
    opened = await half_paid(deps)
    await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    done = await split_sale.give_back(deps, key(), CLERK, opened.split_sale_id, "")
    assert done.held_yen == 0
    assert await told(deps) == []
    after = await close.read_day(deps, OWNER, "shop-a", "")
    assert (after.figures.net_yen, after.figures.cash_yen) == (-1000, -1000)
    found = await balances(deps)
    assert found.get("cash_record/shop-a", 0) == 0
    assert sum(found.values()) == 0


async def test_what_holds_no_money_is_none_and_another_shop_has_its_own(deps: Deps) -> None:
    opening = SplitOpening(shop_place_id="shop-a", total_yen=3000, items=())
    await split_sale.open_split_sale(deps, key(), CLERK, opening)
    assert await told(deps) == []
    await half_paid(deps)
    assert len(await told(deps)) == 1
    async with deps.db.read(AREA) as tx:
        day = deps.clock.now().date() + timedelta(days=2)
        assert await split_sales.unfinished(tx, "shop-b", day) == []
        assert len(await split_sales.unfinished(tx, "shop-a", day)) == 1, "also days later"
        assert await split_sales.unfinished(tx, "shop-a", day - timedelta(days=9)) == []


async def test_one_that_is_going_back_is_named_while_it_holds_money(deps: Deps) -> None:
    opened = await half_paid(deps)
    async with deps.db.transaction(AREA) as tx:  # as a crash before the first part leaves it
        now = deps.clock.now()
        await split_sales.give_back(tx, opened, "clerk-1", "", now, now + timedelta(hours=1))
    (found,) = (await close.read_day(deps, OWNER, "shop-a", "")).unfinished
    assert (found.state.value, found.held_yen, found.open_yen) == ("giving_back", 1000, 0)
