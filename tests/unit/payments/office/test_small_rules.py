"""Registration numbers, base dates, products, clerks, contracts and entries of the office."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.clerk import MAX_WRONG, Clerk, after_wrong, check_awake, check_pin
from services.payments.domain.errors import ClerkResting, TenderNotAccepted
from services.payments.domain.journal_csv import ExportEntry, write
from services.payments.domain.ledger import EntryKind, Posting
from services.payments.domain.legal import LIMIT_YEN, UnusedBalance, base_dates
from services.payments.domain.office_entries import (
    cash_difference_entry,
    fee_entry,
    payout_entry,
)
from services.payments.domain.product import Product, check_products
from services.payments.domain.receipt import Item, receipt_number
from services.payments.domain.registration import check_digit_agrees
from services.payments.domain.shop import ContractState, Shop, TenderSetting, choose_gateway
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender

DAY = date(2026, 11, 21)
NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def test_the_check_digit_of_the_tax_agencys_own_number_agrees() -> None:
    assert check_digit_agrees("T7000012050002")  # National Tax Agency
    assert not check_digit_agrees("T8000012050002")
    assert not check_digit_agrees("T7000012050020")
    assert not check_digit_agrees("7000012050002")


def test_base_dates_are_the_two_of_the_law() -> None:
    assert base_dates(DAY) == [
        date(2026, 9, 30), date(2026, 3, 31), date(2025, 9, 30), date(2025, 3, 31),
    ]  # fmt: skip
    assert base_dates(date(2026, 3, 31))[0] == date(2026, 3, 31)
    assert base_dates(date(2026, 3, 30))[0] == date(2025, 9, 30)
    balance = UnusedBalance(base_date=DAY, prepaid_yen=LIMIT_YEN, free_points_yen=10**9)
    assert not balance.over_limit
    assert replace(balance, prepaid_yen=LIMIT_YEN + 1).over_limit


PRODUCT = Product(
    code="A1", names={"ja": "鍾乳石まんじゅう"}, unit_amount_yen=800, tax_rate_percent=8, button=1
)


def test_products_that_cannot_be_sold_are_named_by_row_and_field() -> None:
    assert check_products([PRODUCT, replace(PRODUCT, code="A2", button=0)])
    bad = [
        replace(PRODUCT, unit_amount_yen=0), replace(PRODUCT, code="A2", tax_rate_percent=5),
        replace(PRODUCT, code="A1", names={"en": "x"}, button=61), replace(PRODUCT, code=" "),
    ]  # fmt: skip
    with pytest.raises(InvalidFields) as caught:
        check_products(bad)
    assert {name for name, _text in caught.value.fields} == {
        "products[0].unit_amount_yen", "products[1].tax_rate_percent", "products[1].button",
        "products[2].code", "products[2].names", "products[2].button", "products[3].code",
        "products[3].button",
    }  # fmt: skip


@pytest.mark.parametrize(
    "pin", ["", "123", "12a4", "1111", "1234", "9876", "123456789", "１２３５"]
)
def test_a_pin_that_anybody_would_guess_is_refused(pin: str) -> None:
    with pytest.raises(InvalidFields):
        check_pin(pin)


def test_a_clerk_rests_after_five_wrong_pins() -> None:
    assert check_pin("7302") == "7302"
    clerk = Clerk(
        area="mine", shop_place_id="shop-a", clerk_id="c", display_name="花", pin_hash="h"
    )
    for tried in range(1, MAX_WRONG):
        wrong, until = after_wrong(clerk, NOW)
        assert (wrong, until) == (tried, None)
        clerk = replace(clerk, wrong_count=wrong)
    wrong, until = after_wrong(clerk, NOW)
    assert (wrong, until) == (0, NOW + timedelta(minutes=15))
    clerk = replace(clerk, rest_until=until)
    with pytest.raises(ClerkResting):
        check_awake(clerk, NOW)
    check_awake(clerk, NOW + timedelta(minutes=15))


def test_a_live_sale_waits_for_the_contract_and_practice_does_not() -> None:
    live = GatewayFacts(
        "live", Mode.LIVE, Custody.ACQUIRER, frozenset({Tender.CARD}), immediate=False
    )
    setting = TenderSetting(tender=Tender.CARD, gateway="live", contract=ContractState.APPLIED)
    shop = Shop(shop_place_id="s", names={"ja": "店"}, tenders=(setting,))
    with pytest.raises(TenderNotAccepted):
        choose_gateway(shop, Tender.CARD, "", {"live": live})
    assert choose_gateway(replace(shop, practice=True), Tender.CARD, "", {"live": live})[0] is live
    practice = replace(live, mode=Mode.PRACTICE)
    assert choose_gateway(shop, Tender.CARD, "", {"live": practice})[0] is practice
    active = replace(shop, tenders=(replace(setting, contract=ContractState.ACTIVE),))
    assert choose_gateway(active, Tender.CARD, "", {"live": live})[0] is live


def test_entries_of_the_office_balance_in_both_directions() -> None:
    fee = fee_entry(
        area="mine", source_id="s", shop_place_id="shop-a", tender="card", practice=False,
        account="other_device/shop-a/card", amount_yen=33, day=DAY,
    )  # fmt: skip
    assert fee.postings == (Posting("fees/shop-a", 33), Posting("other_device/shop-a/card", -33))
    back = payout_entry(
        area="mine", source_id="s", shop_place_id="shop-a", tender="card", practice=False,
        account="other_device/shop-a/card", amount_yen=-967, day=DAY,
    )  # fmt: skip
    assert back.amount_yen == 967
    assert back.postings[0] == Posting("payout/shop-a", -967)
    short = cash_difference_entry(
        area="mine", close_id="c", shop_place_id="shop-a", difference_yen=-100, day=DAY
    )
    assert short.postings == (
        Posting("cash_record/shop-a", -100), Posting("cash_over_short/shop-a", 100),
    )  # fmt: skip


def test_the_journal_is_written_by_rate_in_both_encodings() -> None:
    shop = Shop(shop_place_id="shop-a", names={"ja": "=𠮷田屋"})
    items = (
        Item(name="茶", quantity=1, unit_amount_yen=108, tax_rate_percent=8),
        Item(name="皿", quantity=1, unit_amount_yen=1100, tax_rate_percent=10),
    )
    sale = ExportEntry(
        entry_id="e1", kind=EntryKind.CAPTURE, tender="cash_record", shop_place_id="shop-a",
        amount_yen=1208, before_yen=0, business_date=DAY, items=items,
        postings=(Posting("cash_record/shop-a", 1208), Posting("own_takings/shop-a", -1208)),
    )  # fmt: skip
    refund = replace(
        sale, entry_id="e2", kind=EntryKind.REFUND, amount_yen=1208, before_yen=1208,
        postings=(Posting("own_takings/shop-a", 1208), Posting("cash_record/shop-a", -1208)),
    )  # fmt: skip
    fee = replace(
        sale, entry_id="e3", kind=EntryKind.FEE, amount_yen=33, items=(), tender="card",
        postings=(Posting("fees/shop-a", 33), Posting("other_device/shop-a/card", -33)),
    )  # fmt: skip
    content = write([sale, refund, fee], {"shop-a": shop}, "utf-8")
    lines = content.decode("utf-8-sig").split("\r\n")
    assert content.startswith(b"\xef\xbb\xbf")
    assert lines[1:6] == [
        "2026-11-21,e1,現金,shop-a,売上高,shop-a,1100,10%,100,売上,現金 売上,'=𠮷田屋",
        "2026-11-21,e1,現金,shop-a,売上高,shop-a,108,8%,8,売上,現金 売上,'=𠮷田屋",
        "2026-11-21,e2,売上高,shop-a,現金,shop-a,1100,10%,100,返金,現金 返金,'=𠮷田屋",
        "2026-11-21,e2,売上高,shop-a,現金,shop-a,108,8%,8,返金,現金 返金,'=𠮷田屋",
        "2026-11-21,e3,支払手数料,shop-a,売掛金,shop-a/card,33,,,手数料,カード 手数料,'=𠮷田屋",
    ]
    wide = replace(shop, names={"ja": "＝SUM(1)"})
    assert ",'＝SUM(1)\r\n" in write([fee], {"shop-a": wide}, "shift_jis").decode("cp932")
    split_id = "0199f3c5-0000-7000-8000-00c0ffee0001"
    part = replace(sale, split_sale_id=split_id, split_date=DAY)
    assert (
        write([part], {"shop-a": shop}, "utf-8")
        .decode()
        .split("\r\n")[1]
        .endswith(f"売上,現金 売上 分割会計 {receipt_number(split_id, DAY.isoformat())},'=𠮷田屋")
    )
    shifted = write([sale], {"shop-a": shop}, "shift_jis").decode("cp932")
    assert "〓田屋" in shifted
