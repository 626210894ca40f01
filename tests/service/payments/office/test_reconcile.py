"""Provider files against a real journal: what agrees is confirmed, what does not is on the list."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from kit.pure.errors import InvalidFields
from services.payments.app import change, reads
from services.payments.app.deps import Deps
from services.payments.app.office import books, reconcile
from services.payments.app.office.reconcile import File
from services.payments.app.who import NO_SHOP, Who, check_shop_is_own
from services.payments.domain.errors import (
    FileUnreadable,
    ShopNotYours,
    UnknownFinding,
    UnknownShop,
)
from services.payments.domain.matching import FindingKind
from services.payments.domain.payment import Payment
from services.payments.domain.receipt import receipt_number
from services.payments.store.reconciliations import Reconciliation
from tests.service.payments.conftest import AREA, CLERK, key, taken
from tests.service.payments.office.conftest import OTHER, OWNER, balances, today

MAPPING = """
name = "acquirer-x"
gateway = "other_device"
tender = "card"
shop_place_id = "shop-a"
[columns]
number = "no"
time = "time"
amount = "amount"
reference = "reference"
fee = "fee"
payout_date = "payout"
"""
HEADING = "no,time,amount,reference,fee,payout"


def local(payment: Payment) -> str:
    return f"{payment.create_time.astimezone(ZoneInfo('Asia/Tokyo')):%Y-%m-%d %H:%M:%S}"


async def sent(deps: Deps, *rows: str, name: str = "a.csv") -> Reconciliation:
    content = "\n".join((HEADING, *rows)).encode()
    file = File(name=name, content=content, mapping=MAPPING, shop_place_id="")
    return (await reconcile.reconcile(deps, key(), OWNER, file)).reconciliation


async def listed(deps: Deps, *, settled: bool = False) -> list[tuple[str, int, int]]:
    rows, _token = await reconcile.list_findings(
        deps, OWNER, shop_place_id="", reconciliation_id="", settled=settled, page_size=0,
        page_token="",
    )  # fmt: skip
    return sorted((row["kind"], row["expected_yen"], row["found_yen"]) for row in rows)


async def test_a_file_confirms_sales_and_posts_fees_and_payouts(deps: Deps) -> None:
    sales = [await taken(deps, yen, gateway="other_device") for yen in (1000, 2000, 3000, 4000)]
    one, two, three, four = sales
    day = await today(deps)
    done = await sent(
        deps,
        f"1,{local(one)},1000,,33,{day}",
        f"2,{local(two)},2500,{two.payment_id},80,{day}",
        f"3,{local(three)},3000,{receipt_number(three.payment_id, day)},99,",
        f"4,{local(one)},-7777,,0,{day}",
        f"1,{local(one)},1000,,33,{day}",
    )
    assert (done.line_count, done.matched_count, done.fee_yen, done.payout_yen) == (5, 2, 132, 967)
    assert await listed(deps) == [
        ("duplicate", 0, 1000), ("extra", 0, 7777), ("missing", 4000, 0),
        ("wrong_amount", 2000, 2500),
    ]  # fmt: skip
    doubtful = {
        each.amount_yen: (await reads.get_payment(deps, CLERK, each.payment_id))[0].unconfirmed
        for each in sales
    }
    assert doubtful == {1000: False, 2000: True, 3000: False, 4000: True}
    found = await balances(deps)
    assert found["fees/shop-a"] == 132
    assert found["payout/shop-a"] == 967
    assert found["other_device/shop-a/card"] == 10_000 - 132 - 967
    later = await sent(deps, f"9,{local(four)},4000,,0,", name="b.csv")
    assert later.matched_count == 1
    assert ("missing", 4000, 0) not in await listed(deps)
    assert ("missing", 4000, 0) in await listed(deps, settled=True)
    settlement = await books.read_settlement(deps, OWNER, "", day, day)
    (row,) = settlement.rows
    assert (row["gross_yen"], row["fee_yen"], row["payout_yen"], row["balance_yen"]) == (
        10_000, 132, 967, 8901,
    )  # fmt: skip
    assert (row["acquirer"], row["unconfirmed_count"]) == ("other_device", 1)
    assert [(each["amount_yen"], each["shop_place_id"]) for each in settlement.payouts] == [
        (967, "shop-a")
    ]


async def test_the_same_file_again_changes_nothing(deps: Deps) -> None:
    sale = await taken(deps, 1000, gateway="other_device")
    row = f"1,{local(sale)},1000,,33,{await today(deps)}"
    first = await sent(deps, row)
    before = await balances(deps)
    assert await sent(deps, row, name="again.csv") == first
    other = await sent(deps, row, "", name="with an empty line.csv")  # another file, the same line
    assert other.matched_count == 0
    assert await listed(deps) == []
    assert await listed(deps, settled=True) == [("duplicate", 0, 1000)]
    assert await balances(deps) == before


async def test_practice_is_reconciled_in_its_own_book(deps: Deps) -> None:
    sale = await taken(deps, 1000)
    mapping = MAPPING.replace('gateway = "other_device"', 'gateway = "acquirer_simulator"')
    row = f"1,{local(sale)},1000,{sale.payment_id},33,{await today(deps)}"
    file = File(
        name="p", content=f"{HEADING}\n{row}".encode(), mapping=mapping, shop_place_id=""
    )  # fmt: skip
    done = (await reconcile.reconcile(deps, key(), OWNER, file)).reconciliation
    assert done.matched_count == 1
    proof = await reads.prove_ledger(deps, CLERK)
    assert proof.sound
    assert {row["account"]: row["balance_yen"] for row in proof.accounts if row["practice"]} == {
        "acquirer_clearing/acquirer_simulator/card": 0, "fees/shop-a": 33, "payout/shop-a": 967,
        "shop_payable/shop-a": -1000,
    }  # fmt: skip
    assert await balances(deps) == {}


async def test_a_voided_sale_and_its_cancellation_may_both_be_in_the_file(deps: Deps) -> None:
    gone = await taken(deps, 600, gateway="other_device")
    await change.void_payment(deps, key(), CLERK, gone.payment_id)
    assert (await sent(deps, f"1,{local(gone)},600,,0,", f"2,{local(gone)},-600,,0,")
            ).matched_count == 2  # fmt: skip
    assert await listed(deps) == []


async def test_a_finding_is_taken_off_the_list_with_a_note(deps: Deps) -> None:
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    await sent(deps, f"1,{now:%Y-%m-%d %H:%M:%S},800,,0,")
    rows, _ = await reconcile.list_findings(
        deps, OWNER, shop_place_id="", reconciliation_id="", settled=False, page_size=1,
        page_token="",
    )  # fmt: skip
    finding = rows[0]["finding_id"]
    with pytest.raises(ShopNotYours):
        await reconcile.settle_finding(deps, key(), OTHER, finding, "x")
    with pytest.raises(InvalidFields):
        await reconcile.settle_finding(deps, key(), OWNER, finding, " ")
    row = await reconcile.settle_finding(deps, key(), OWNER, finding, "端末で打ち間違い")
    assert (row["note"], row["settled_by"]) == ("端末で打ち間違い", "owner-a")
    again = await reconcile.settle_finding(deps, key(), CLERK, finding, "別のメモ")
    assert again["note"] == "端末で打ち間違い"
    assert await listed(deps) == []
    with pytest.raises(UnknownFinding):
        await reconcile.settle_finding(
            deps, key(), OWNER, "01a1fccb-e75c-71cb-8454-dd531a63b538", "x"
        )
    counted = await reconcile.list_reconciliations(deps, CLERK)
    assert counted[0].counts == {FindingKind.EXTRA: (1, 0)}
    assert await reconcile.list_reconciliations(deps, OWNER) == []


async def test_a_file_that_cannot_be_used_changes_nothing(deps: Deps) -> None:
    sale = await taken(deps, 1000, gateway="other_device")
    row = f"1,{local(sale)},1000,,0,"
    with pytest.raises(InvalidFields):
        await reconcile.reconcile(
            deps, key(), OWNER,
            File(name="", content=b"", mapping=MAPPING.replace("other_device", "nobody"),
                 shop_place_id=""),
        )  # fmt: skip
    with pytest.raises(FileUnreadable):
        await reconcile.reconcile(
            deps, key(), OWNER, File(name="", content=b"x", mapping=MAPPING, shop_place_id="")
        )
    content = f"{HEADING}\n{row}".encode()
    foreign = MAPPING.replace('shop_place_id = "shop-a"', 'shop_place_id = "gate-a"')
    with pytest.raises(ShopNotYours):
        await reconcile.reconcile(
            deps, key(), OWNER, File(name="", content=content, mapping=foreign, shop_place_id="")
        )
    nowhere = MAPPING.replace('shop_place_id = "shop-a"', 'shop_place_id = "nowhere"')
    with pytest.raises(UnknownShop):
        await reconcile.reconcile(
            deps, key(), CLERK, File(name="", content=content, mapping=nowhere, shop_place_id="")
        )
    async with deps.db.read(AREA) as tx:
        assert await tx.fetch_all("select 1 from reconciliations") == []
        assert await tx.fetch_all("select 1 from provider_lines") == []


async def test_a_mapping_that_names_another_shop_reaches_into_nothing_of_it(deps: Deps) -> None:
    await taken(deps, 1000, gateway="other_device")
    sale = await taken(deps, 700, gateway="other_device")
    only_named = MAPPING.replace('"shop-a"', '"gate-a"') + '[shops]\nx = "shop-a"\n'
    content = f"{HEADING}\n1,{local(sale)},700,{sale.payment_id},700,".encode()
    with pytest.raises(ShopNotYours):
        await reconcile.reconcile(
            deps, key(), OTHER, File(name="", content=content, mapping=only_named, shop_place_id="")
        )
    assert await listed(deps) == []
    assert (await reads.get_payment(deps, CLERK, sale.payment_id))[0].unconfirmed
    assert "fees/shop-a" not in await balances(deps)


async def test_who_is_bound_to_no_shop_is_not_let_in_by_naming_none(deps: Deps) -> None:
    nobody = Who(area=AREA, principal="owner-c", shops=NO_SHOP, device=False)
    with pytest.raises(ShopNotYours):
        check_shop_is_own(nobody, "")
    content = f"{HEADING},shop\n1,2026-11-01,700,,0,,".encode()
    unmapped = MAPPING.replace('shop_place_id = "shop-a"\n', "") + 'shop = "shop"\n'
    file = File(name="", content=content, mapping=unmapped, shop_place_id="")
    read = (await reconcile.reconcile(deps, key(), nobody, file)).reconciliation
    assert (read.matched_count, read.line_count) == (0, 0)


async def test_an_empty_file_and_pages_of_findings(deps: Deps) -> None:
    done = await sent(deps)
    assert (done.line_count, done.first_date) == (0, None)
    now = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo"))
    rows = [f"{n},{now - timedelta(minutes=n):%Y-%m-%d %H:%M:%S},{n + 1},,0," for n in range(5)]
    await sent(deps, *rows)
    seen, token = [], ""
    for _ in range(3):
        page, token = await reconcile.list_findings(
            deps, OWNER, shop_place_id="shop-a", reconciliation_id="", settled=False,
            page_size=2, page_token=token,
        )  # fmt: skip
        seen += [row["finding_id"] for row in page]
    assert len(set(seen)) == 5
    assert token == ""
    with pytest.raises(InvalidFields):
        await reconcile.list_findings(
            deps, OWNER, shop_place_id="", reconciliation_id="", settled=False, page_size=201,
            page_token="",
        )  # fmt: skip


async def test_a_line_with_a_wrong_amount_may_come_again_corrected(deps: Deps) -> None:
    sale = await taken(deps, 777, gateway="other_device")
    day = await today(deps)
    number = receipt_number(sale.payment_id, day)
    assert (await sent(deps, f"1,{local(sale)},770,{number},25,{day}")).matched_count == 0
    assert await listed(deps) == [("wrong_amount", 777, 770)]
    again = await sent(deps, f"1,{local(sale)},770,{number},25,{day}", "", name="same line.csv")
    assert (again.matched_count, await listed(deps)) == (0, [("wrong_amount", 777, 770)])
    done = await sent(deps, f"1,{local(sale)},777,{number},25,{day}", name="corrected.csv")
    assert (done.matched_count, done.fee_yen, await listed(deps)) == (1, 25, [])
    assert await listed(deps, settled=True) == [("wrong_amount", 777, 770)]
    assert (await balances(deps))["fees/shop-a"] == 25
    assert not (await reads.get_payment(deps, CLERK, sale.payment_id))[0].unconfirmed
    late = await sent(deps, f"1,{local(sale)},777,{number},25,{day}", "", name="late.csv")
    assert (late.matched_count, await listed(deps)) == (0, [])
    assert (await balances(deps))["fees/shop-a"] == 25


async def test_a_corrected_file_tells_which_file_matched_a_row_before(deps: Deps) -> None:
    one, two = [await taken(deps, yen, gateway="other_device") for yen in (1000, 2000)]
    good = f"1,{local(one)},1000,,0,"
    first = await sent(deps, good, f"2,no time at all,2000,{two.payment_id},0,")
    assert (first.matched_count, first.rejected_count) == (1, 1)
    right = f"2,{local(two)},2000,{two.payment_id},0,"
    # The second of the same number in one file, and one of another amount, stay to be asked about.
    done = await sent(deps, good, right, good, name="b.csv")
    assert done.matched_count == 1
    assert await listed(deps) == [("duplicate", 0, 1000)]
    rows, _token = await reconcile.list_findings(
        deps, OWNER, shop_place_id="", reconciliation_id=done.reconciliation_id, settled=True,
        page_size=0, page_token="",
    )  # fmt: skip
    assert [(row["row_number"], row["ended"], row["earlier_file"], row["note"])
            for row in rows] == [(2, "matched_before", "a.csv", "")]  # fmt: skip
    await sent(deps, f"1,{local(one)},1500,,0,", name="c.csv")
    assert ("duplicate", 0, 1500) in await listed(deps)


async def test_a_line_that_agreed_with_nothing_may_come_again_corrected(deps: Deps) -> None:
    sale = await taken(deps, 1200, gateway="other_device")
    far = f"{sale.create_time - timedelta(days=20):%Y-%m-%d} 03:00:00"
    await sent(deps, f"7,{far},90000,,0,")
    assert ("extra", 0, 90_000) in await listed(deps)
    done = await sent(deps, f"7,{local(sale)},1200,,0,", name="corrected.csv")
    assert (done.matched_count, await listed(deps)) == (1, [])
    assert ("extra", 0, 90_000) in await listed(deps, settled=True)


async def test_content_that_was_sent_before_is_told_with_its_first_name(deps: Deps) -> None:
    sale = await taken(deps, 1000, gateway="other_device")
    content = f"{HEADING}\n1,{local(sale)},1000,,33,".encode()
    first = File(name="first.csv", content=content, mapping=MAPPING, shop_place_id="")
    same_tap = key()
    done = await reconcile.reconcile(deps, same_tap, OWNER, first)
    assert not done.before
    assert await reconcile.reconcile(deps, same_tap, OWNER, first) == done, "a double tap is none"
    renamed = File(name="second.csv", content=content, mapping=MAPPING, shop_place_id="")
    again_tap = key()
    again = await reconcile.reconcile(deps, again_tap, OWNER, renamed)
    assert (again.before, again.reconciliation) == (True, done.reconciliation)
    assert again.reconciliation.file_name == "first.csv"
    assert await reconcile.reconcile(deps, again_tap, OWNER, renamed) == again


async def test_all_rows_that_could_not_be_read_are_counted(deps: Deps) -> None:
    done = await sent(deps, *(f"{n},never,1,,0," for n in range(250)))
    assert (done.rejected_count, len(done.rejected)) == (250, 200)
    (listed_one,) = await reconcile.list_reconciliations(
        deps, Who(area=AREA, principal="acc", shops=frozenset(), device=False)
    )
    assert listed_one.reconciliation.rejected_count == 250


async def test_what_cannot_be_told_apart_stands_on_the_work_list_as_such(deps: Deps) -> None:
    sales = [await taken(deps, 500, gateway="other_device") for _ in range(3)]
    await taken(deps, 900, gateway="other_device")
    await sent(deps, *(f"{n},{local(sale)},500,,0," for n, sale in enumerate(sales[1:])))
    rows, _token = await reconcile.list_findings(
        deps, OWNER, shop_place_id="", reconciliation_id="", settled=False, page_size=0,
        page_token="",
    )  # fmt: skip
    assert sorted((each["kind"], each["expected_yen"], each["alike_count"]) for each in rows) == [
        ("missing", 500, 2), ("missing", 900, 0),
    ]  # fmt: skip
