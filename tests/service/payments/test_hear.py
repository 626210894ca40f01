"""What directory says, also late, twice and out of order."""

from datetime import UTC, datetime, timedelta

from services.payments.app import hear, reads, refund, shops
from services.payments.app.deps import Deps
from services.payments.domain.events import RefundChannel
from services.payments.domain.tender import Tender
from tests.service.payments.conftest import AREA, CLERK, GATE, SHOP, key, taken

HOUR = timedelta(hours=1)
EAST, WEST = "Pacific/Kiritimati", "Pacific/Pago_Pago"  # more than a day apart
TABLES = (
    "areas", "revoked_devices", "shops", "payments", "refunds", "accounts", "journal_entries",
    "postings",
)  # fmt: skip


async def configure(deps: Deps, zone: str, version: int, at: datetime, area: str = AREA) -> None:
    """Directory says what an area is like."""
    async with deps.db.transaction(area) as tx:
        await hear.keep_time_zone(tx, zone, version, at)


async def drop(deps: Deps, at: datetime, area: str = AREA) -> None:
    """Directory says that an area is gone."""
    async with deps.db.transaction(area) as tx:
        await hear.drop_area(tx, at)


async def count(deps: Deps, table: str) -> int:
    """How many rows of the area there are."""
    async with deps.db.read(AREA) as tx:
        return len(await tx.fetch_all(f"select 1 from {table}"))  # noqa: S608 - names above


async def day_of_a_sale(deps: Deps) -> int:
    """The business date of a sale of now, as a number of days."""
    return (await taken(deps, 100, Tender.CASH_RECORD)).business_date.toordinal()


async def test_the_zone_of_the_area_decides_the_day_and_an_older_word_changes_nothing(
    deps: Deps,
) -> None:
    now = datetime.now(UTC)
    await configure(deps, WEST, 1, now - 3 * HOUR)
    west = await day_of_a_sale(deps)
    await configure(deps, EAST, 3, now - HOUR)
    east = await day_of_a_sale(deps)
    assert east - west in (1, 2)
    await configure(deps, WEST, 2, now - 2 * HOUR)  # overtaken on its way
    await configure(deps, WEST, 1, now - 3 * HOUR)
    assert await day_of_a_sale(deps) == east
    await configure(deps, WEST, 4, now - 2 * HOUR)  # the clock of directory was set back
    assert await day_of_a_sale(deps) == west


async def test_a_dropped_area_leaves_nothing_and_others_stay(deps: Deps) -> None:
    now = datetime.now(UTC)
    await shops.configure_shops(deps, key(), "other", [SHOP])
    await configure(deps, EAST, 1, now - HOUR)
    await refund.refund_payment(
        deps, key(), CLERK, (await taken(deps, 500)).payment_id, 100, RefundChannel.PROVIDER, "x"
    )
    async with deps.db.transaction(AREA) as tx:
        await hear.revoke_device(tx, "device-1")
    await drop(deps, datetime.now(UTC), "other")
    assert {await count(deps, table) > 0 for table in TABLES} == {True}
    await drop(deps, datetime.now(UTC))
    assert {table: await count(deps, table) for table in TABLES} == dict.fromkeys(TABLES, 0)


async def test_a_late_drop_spares_the_area_made_anew_and_takes_the_old_payments(deps: Deps) -> None:
    await configure(deps, WEST, 7, datetime.now(UTC) - HOUR)
    old = await taken(deps, 500, Tender.CASH_RECORD)
    await refund.refund_payment(
        deps, key(), CLERK, old.payment_id, 100, RefundChannel.CASH, "broken"
    )
    dropped_at = datetime.now(UTC)
    await configure(deps, EAST, 1, datetime.now(UTC))
    new = await taken(deps, 300, Tender.CASH_RECORD)
    await taken(deps, 700)
    assert new.business_date > old.business_date  # version 1 of the new life was heard
    for _ in range(2):
        await drop(deps, dropped_at)
        page = await reads.list_payments(
            deps, CLERK, shop_place_id="", day="", page_size=0, page_token=""
        )
        assert sorted(payment.amount_yen for payment, _ in page.payments) == [300, 700]
        proof = await reads.prove_ledger(deps, CLERK)
        assert proof.sound
        balances = {row["account"]: row["balance_yen"] for row in proof.accounts}
        assert balances["cash_record/shop-a"] == 300
        assert "acquirer_clearing/acquirer_simulator/card" in balances
    assert len(await shops.list_shops(deps, CLERK)) == 2
    assert (await day_of_a_sale(deps)) == new.business_date.toordinal()


async def test_a_shop_set_up_after_the_drop_shows_that_the_area_was_made_anew(deps: Deps) -> None:
    dropped_at = datetime.now(UTC) - HOUR  # the shops of these tests were set up just now
    await taken(deps, 500, Tender.CASH_RECORD)
    await drop(deps, dropped_at)
    assert [shop for shop, _ in await shops.list_shops(deps, CLERK)] == [GATE, SHOP]
    assert await count(deps, "payments") == 1
