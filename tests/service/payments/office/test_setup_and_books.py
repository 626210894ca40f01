"""Setting a shop up, its products and clerks; the journal's export and the law's figures."""

import asyncio
from collections.abc import Callable
from dataclasses import replace

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app import hear
from services.payments.app.deps import Deps
from services.payments.app.office import books, close, setup
from services.payments.domain.errors import (
    ClerkResting,
    NotYourSetting,
    ShopNotYours,
    UnknownClerk,
    UnknownShop,
)
from services.payments.domain.product import Product
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import AREA, CLERK, SHOP, key, taken
from tests.service.payments.office.conftest import OTHER, OWNER, today

PRODUCTS = [
    Product(code="B", names={"ja": "茶"}, unit_amount_yen=108, tax_rate_percent=8, button=2),
    Product(code="A", names={"ja": "皿", "en": "Plate"}, unit_amount_yen=1100, tax_rate_percent=10),
]


async def test_a_new_shop_is_set_up_and_doubts_are_told(deps: Deps) -> None:
    new = replace(SHOP, shop_place_id="shop-new", registration_number="T7000012050002")
    done = await setup.set_up_shop(deps, key(), CLERK, new)
    assert (done.version, done.doubts) == (1, ())
    doubtful = replace(new, registration_number="T8000012050002")
    done = await setup.set_up_shop(deps, key(), CLERK, doubtful)
    assert (done.version, done.doubts) == (2, ("check_digit",))
    with pytest.raises(InvalidFields):
        await setup.set_up_shop(deps, key(), CLERK, replace(new, registration_number="123"))


async def test_an_owner_changes_the_own_shop_and_no_more(deps: Deps) -> None:
    renamed = replace(SHOP, names={"ja": "新しい名前"})
    assert (await setup.set_up_shop(deps, key(), OWNER, renamed)).version == 2
    with pytest.raises(ShopNotYours):
        await setup.set_up_shop(deps, key(), OTHER, renamed)
    with pytest.raises(NotYourSetting):
        await setup.set_up_shop(deps, key(), OWNER, replace(renamed, owner=Owner.CITY))


async def test_products_are_replaced_as_a_whole_in_their_order(deps: Deps) -> None:
    assert await setup.replace_products(deps, key(), OWNER, "shop-a", PRODUCTS) == 2
    assert await setup.list_products(deps, OWNER, "shop-a") == PRODUCTS
    await setup.replace_products(deps, key(), OWNER, "shop-a", PRODUCTS[1:])
    assert await setup.list_products(deps, CLERK, "shop-a") == PRODUCTS[1:]
    with pytest.raises(InvalidFields):
        await setup.replace_products(deps, key(), OWNER, "shop-a", [PRODUCTS[0]] * 2)
    with pytest.raises(UnknownShop):
        await setup.replace_products(deps, key(), CLERK, "nowhere", PRODUCTS)
    with pytest.raises(ShopNotYours):
        await setup.list_products(deps, OTHER, "shop-a")


async def test_a_clerks_pin_is_tried_five_times(deps: Deps) -> None:
    clerk = await setup.put_clerk(deps, key(), OWNER, "shop-a", "", "花子", "7302", disabled=False)
    assert await setup.check_clerk(deps, OWNER, "shop-a", clerk, "7302")
    for _ in range(5):
        assert not await setup.check_clerk(deps, OWNER, "shop-a", clerk, "7303")
    with pytest.raises(ClerkResting):
        await setup.check_clerk(deps, OWNER, "shop-a", clerk, "7302")
    await setup.put_clerk(deps, key(), OWNER, "shop-a", clerk, "花子", "8413", disabled=False)
    assert await setup.check_clerk(deps, OWNER, "shop-a", clerk, "8413")
    await setup.put_clerk(deps, key(), OWNER, "shop-a", clerk, "花", "", disabled=True)
    (kept,) = await setup.list_clerks(deps, OWNER, "shop-a")
    assert (kept.display_name, kept.disabled) == ("花", True)
    assert "8413" not in kept.pin_hash
    with pytest.raises(UnknownClerk):
        await setup.check_clerk(deps, OWNER, "shop-a", clerk, "8413")
    with pytest.raises(InvalidFields):
        await setup.put_clerk(deps, key(), OWNER, "shop-a", "", "太郎", "", disabled=False)
    with pytest.raises(ShopNotYours):
        await setup.check_clerk(deps, OTHER, "shop-a", clerk, "8413")


async def test_a_pin_is_hashed_without_a_connection_and_guesses_at_once_are_counted(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await setup.put_clerk(deps, key(), OWNER, "shop-a", "", "花子", "7302", disabled=False)
    hashing, go_on = 0, asyncio.Event()

    async def slowly(fits: Callable[..., bool], *given: str) -> bool:
        nonlocal hashing
        hashing += 1
        await go_on.wait()
        return fits(*given)

    monkeypatch.setattr(asyncio, "to_thread", slowly)
    guesses = [
        asyncio.create_task(setup.check_clerk(deps, OWNER, "shop-a", clerk, f"99{number:02}"))
        for number in range(12)
    ]
    refused, _hashed = await asyncio.wait(guesses[:], timeout=1)
    async with deps.db.read(OWNER.area) as tx:
        open_now = await tx.fetch_one(
            "select count(*) as n from pg_stat_activity where datname = current_database()"
            " and state like 'idle in transaction%%' and pid <> pg_backend_pid()", ()
        )  # fmt: skip
    assert open_now == {"n": 0}
    assert hashing == 5
    assert len(refused) == 7
    go_on.set()
    told = await asyncio.gather(*guesses, return_exceptions=True)
    assert told.count(False) == 5
    assert sum(isinstance(each, ClerkResting) for each in told) == 7


async def test_a_pin_replaced_while_the_old_one_was_hashed_opens_nothing(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk = await setup.put_clerk(deps, key(), OWNER, "shop-a", "", "花子", "7302", disabled=False)
    to_thread = asyncio.to_thread

    async def replacing(fits: Callable[..., bool], *given: str) -> bool:
        monkeypatch.setattr(asyncio, "to_thread", to_thread)
        await setup.put_clerk(deps, key(), OWNER, "shop-a", clerk, "花子", "8413", disabled=False)
        return fits(*given)

    monkeypatch.setattr(asyncio, "to_thread", replacing)
    assert not await setup.check_clerk(deps, OWNER, "shop-a", clerk, "7302")


async def test_the_journal_is_exported_without_practice_and_within_own_shops(deps: Deps) -> None:
    await taken(deps, 1300)
    await taken(deps, 500, Tender.CASH_RECORD)
    day = await today(deps)
    content, count = await books.export_journal(deps, OWNER, "", day, day, "utf-8")
    assert count == 1
    assert (
        content.decode("utf-8-sig").splitlines()[1].endswith("500,10%,45,売上,現金 売上,試しの店")
    )
    _, none = await books.export_journal(deps, OTHER, "", day, day, "shift_jis")
    assert none == 0
    for first, last, encoding in ((day, "2020-01-01", "utf-8"), (day, day, "ebcdic")):
        with pytest.raises(InvalidFields):
            await books.export_journal(deps, OWNER, "", first, last, encoding)
    with pytest.raises(ShopNotYours):
        await books.read_settlement(deps, OTHER, "shop-a", day, day)


async def test_nothing_is_unused_where_nothing_is_sold_in_advance(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    found = await books.read_legal_figures(deps, CLERK)
    assert len(found) == 4
    assert {(each.prepaid_yen, each.free_points_yen, each.over_limit) for each in found} == {
        (0, 0, False)
    }
    assert {(each.base_date.month, each.base_date.day) for each in found} == {(3, 31), (9, 30)}


async def test_a_dropped_area_leaves_nothing_of_the_office(deps: Deps) -> None:
    await taken(deps, 500, Tender.CASH_RECORD)
    await setup.replace_products(deps, key(), OWNER, "shop-a", PRODUCTS)
    await close.close_day(deps, key(), CLERK, "shop-a", await today(deps), None)
    async with deps.db.transaction(AREA) as tx:
        await hear.drop_area(tx, deps.clock.now())
    async with deps.db.read(AREA) as tx:
        for table in ("closes", "closed_entries", "open_entries", "audit_waiting", "products",
                      "journal_entries"):  # fmt: skip
            assert await tx.fetch_all(f"select 1 from {table}") == [], table  # noqa: S608
