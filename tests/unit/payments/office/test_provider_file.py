"""Reading providers' files: the shapes built in, and mappings of others."""

from datetime import date, datetime

import pytest

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import FileUnreadable
from services.payments.domain.provider_file import (
    BUILT_IN,
    MAX_LINES,
    PAYPAY_DAILY,
    read_file,
    read_mapping,
)
from services.payments.domain.tender import Tender

HEADINGS = (
    "決済番号,加盟店ID,屋号,店舗ID,店舗名,端末番号/PosID,取引ステータス,取引日時,取引金額,"
    "レシート番号,支払い方法,加盟店決済ID"
)
ROWS = (
    "0123456789,1,巡りの店,77,本店,-,取引完了,2026/11/21 10:00:05,1300,-,PayPay残高,-",
    '0123456790,1,巡りの店,77,本店,-,返金完了,2026/11/21 11:00:00,"-1,000",-,PayPay残高,our-id',
    "0123456791,1,巡りの店,77,本店,-,取引失敗,2026/11/21 11:30:00,500,-,PayPay残高,-",
    "",
    "0123456792,1,巡りの店,77,本店,-,取引完了,昨日,500,-,PayPay残高,-",
    "0123456793,1,巡りの店,77,本店,-,謎,2026/11/21 11:30:00,500,-,PayPay残高,-",
    "0123456794,1,巡りの店,77,本店,-,取引完了,2026/11/21 11:30:00,五百,-,PayPay残高,-",
)


def paypay(*rows: str) -> bytes:
    return "\r\n".join((HEADINGS, *rows)).encode("cp932")


def test_the_daily_file_of_paypay_is_read_as_it_comes() -> None:
    found = read_file(paypay(*ROWS), PAYPAY_DAILY, "shop-a")
    sale, refund = found.lines
    assert (sale.row, sale.number, sale.reference, sale.is_refund, sale.amount_yen) == (
        2, "0123456789", "", False, 1300,
    )  # fmt: skip
    assert (sale.time, sale.has_clock, sale.day) == (
        datetime.fromisoformat("2026-11-21T10:00:05"), True, date(2026, 11, 21),
    )  # fmt: skip
    assert (sale.tender, sale.shop_place_id) == (Tender.CODE_PAYMENT, "shop-a")
    assert (refund.is_refund, refund.amount_yen, refund.reference) == (True, 1000, "our-id")
    assert len(found.skipped_rows) == 1
    assert [(each.row, each.field, each.reason) for each in found.rejected] == [
        (6, "time", "malformed"), (7, "status", "unknown_status"), (8, "amount", "malformed"),
    ]  # fmt: skip


def test_a_row_of_another_shop_is_not_taken_for_the_one_that_was_chosen() -> None:
    text = "number,time,amount,tender,shop\n1,2026-11-21,100,card,shop-a\n2,2026-11-21,100,card,b\n"
    generic = BUILT_IN["generic"]
    found = read_file(text.encode(), generic, "shop-a")
    assert [line.shop_place_id for line in found.lines] == ["shop-a"]
    assert [(each.row, each.field, each.reason) for each in found.rejected] == [
        (3, "shop", "other_shop"),
    ]  # fmt: skip
    both = read_file(text.encode(), generic)
    assert [line.shop_place_id for line in both.lines] == ["shop-a", "b"]
    # Numbers that a provider gives to shops are no ids of ours.
    assert read_file(paypay(*ROWS), PAYPAY_DAILY, "shop-a").lines[0].shop_place_id == "shop-a"


@pytest.mark.parametrize(
    ("amount", "status", "told"),
    [
        ("-500", "sale", "below_zero"), ("¥-500", "sale", "below_zero"), ("-500", "refund", 500),
        ("500", "refund", 500), ("-500", "", 500), ("500", "", 500), ("0", "sale", "zero"),
        ('"1,300円"', "sale", 1_300), ('"123,456,789"', "sale", 123_456_789),
        ('"12,50"', "sale", "malformed"), ('"1,2345"', "sale", "malformed"),
        ('"1,000,000,000"', "sale", "malformed"), ("５００", "sale", "malformed"),
    ],
)  # fmt: skip
def test_an_amount_is_never_guessed_and_a_sale_never_below_zero(
    amount: str, status: str, told: int | str
) -> None:
    text = f"number,time,amount,status,tender\n1,2026-11-21 10:00,{amount},{status},card\n"
    found = read_file(text.encode(), BUILT_IN["generic"], "shop-a")
    if isinstance(told, str):
        assert [(each.field, each.reason) for each in found.rejected] == [("amount", told)]
        assert not found.lines
    else:
        assert [each.amount_yen for each in found.lines] == [told]
        assert found.lines[0].is_refund is (status == "refund" or (not status and "-" in amount))


MAPPING = """
name = "acquirer-x"
encoding = "utf-8"
gateway = "other_device"
[columns]
number = ["番号", "No"]
time = "日付"
amount = "金額"
fee = "手数料"
payout_date = "入金予定日"
tender = "種別"
shop = "店"
[shops]
"9001" = "shop-a"
[tenders]
"クレジット" = "card"
"""


def test_a_mapping_names_shops_tenders_fees_and_payouts() -> None:
    text = (
        "\ufeffNo,日付,金額,手数料,入金予定日,種別,店\n"
        "1,2026-11-21,1000,33,2026-11-30,クレジット,9001\n"
        "2,20261121,-400,-13,2026-11-30,クレジット,9001\n"
        "3,20261121,500,0,2026-11-30,謎,9001\n"
        "4,20261121,500,0,2026-11-30,クレジット,8\n"
    )
    found = read_file(text.encode(), read_mapping(MAPPING))
    first, second = found.lines
    assert (first.fee_yen, first.payout_date, first.tender) == (33, date(2026, 11, 30), Tender.CARD)
    assert not first.has_clock
    assert (second.is_refund, second.amount_yen, second.fee_yen) == (True, 400, -13)
    assert [each.reason for each in found.rejected] == ["unknown_tender", "unknown_shop"]


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ('time = "日付"\n', "", "mapping.columns"),
        ('fee = "手数料"', 'tax = "税"', "mapping.columns"),
        ('encoding = "utf-8"', 'encoding = "ebcdic"', "mapping.encoding"),
        ('tender = "種別"\n', "", "mapping.tender"),
        ("[columns]", "[columns", "mapping"),
        ('[shops]\n"9001" = "shop-a"', "", ""),
    ],
)
def test_a_mapping_that_cannot_be_used_is_refused_by_name(old: str, new: str, field: str) -> None:
    text = MAPPING.replace(old, new)
    if not field:
        assert read_mapping(text).shops == {}
        return
    with pytest.raises(InvalidFields) as caught:
        read_mapping(text)
    assert caught.value.fields[0][0] == field


def test_a_file_of_another_shape_changes_nothing() -> None:
    with pytest.raises(FileUnreadable, match="number"):
        read_file("番号".encode("cp932"), BUILT_IN["generic"])
    with pytest.raises(FileUnreadable, match="決済番号"):
        read_file("number,time\n1,2".encode("cp932"), PAYPAY_DAILY)
    with pytest.raises(FileUnreadable, match="empty"):
        read_file(b"", PAYPAY_DAILY)
    with pytest.raises(FileUnreadable, match="at most"):
        read_file(b"number,time,amount\n" + b"\n" * (MAX_LINES + 1), BUILT_IN["generic"])


@pytest.mark.parametrize(
    ("text", "day", "clock"),
    [
        ("2026/1/5", "2026-01-05T00:00", False), ("20260105", "2026-01-05T00:00", False),
        ("2026-01-05 9:05", "2026-01-05T09:05", True),
        ("2026-01-05T00:00:00", "2026-01-05T00:00", True),
        ("0001-01-01", "", False), ("9999-12-31", "", False),
        ("2026-02-30", "", False), ("2026-01-05 25:00", "", False), ("5.1.2026", "", False),
    ],
)  # fmt: skip
def test_times_are_read_as_providers_write_them(text: str, day: str, *, clock: bool) -> None:
    mapping = read_mapping(MAPPING.replace('tender = "種別"', "").replace(
        'name = "acquirer-x"', 'tender = "card"\nshop_place_id = "shop-a"'
    ))  # fmt: skip
    found = read_file(f"No,日付,金額\n1,{text},500\n".encode(), mapping)
    if not day:
        assert [each.field for each in found.rejected] == ["time"]
        return
    (line,) = found.lines
    assert (line.time, line.has_clock) == (datetime.fromisoformat(day), clock)


def test_a_table_that_is_none_is_named() -> None:
    with pytest.raises(InvalidFields, match="table"):
        read_mapping('columns = "number"')


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ('[shops]\nx = ["shop-a"]', "mapping.shops"), ("[tenders]\nx = 5", "mapping.tenders"),
        ("[status]\nsale = 5", "mapping.status"), ('[status]\nskip = [["a"]]', "mapping.status"),
    ],
)  # fmt: skip
def test_values_that_are_no_texts_are_named(table: str, field: str) -> None:
    columns = 'tender = "card"\n[columns]\nnumber = "no"\ntime = "t"\namount = "a"\n'
    assert read_mapping(columns).shops == {}
    with pytest.raises(InvalidFields) as caught:
        read_mapping(columns + table)
    assert caught.value.fields[0][0] == field


def test_brackets_and_cells_without_an_end_are_refused() -> None:
    with pytest.raises(InvalidFields, match="deep"):
        read_mapping("a = " + "[" * 5_000)
    with pytest.raises(FileUnreadable, match="no table"):
        read_file(b'number,time,amount\n"' + b"x" * 200_000, BUILT_IN["generic"])


@pytest.mark.parametrize(
    "card", ["4111111111111111", "4111-1111-1111-1111", "４１１１１１１１１１１１１１１１"]
)
@pytest.mark.parametrize("place", [2, 9])
def test_a_row_with_a_whole_card_number_is_refused_by_its_number_and_the_others_count(
    card: str, place: int
) -> None:
    cells = ROWS[0].split(",")
    cells[place] = card
    found = read_file(paypay(ROWS[0], ",".join(cells)), PAYPAY_DAILY, "shop-a")
    assert [each.row for each in found.lines] == [2]
    (refused,) = found.rejected
    assert (refused.row, refused.field, refused.reason) == (3, "row", "card_number")
    assert refused.text.startswith(f"column {place + 1} holds")
    assert "1111" not in repr(refused)


@pytest.mark.parametrize("masked", ["411111******1111", "************1111", "VISA 1111"])
def test_masked_numbers_are_what_providers_write(masked: str) -> None:
    cells = ROWS[0].split(",")
    cells[9] = masked
    found = read_file(paypay(",".join(cells)), PAYPAY_DAILY, "shop-a")
    assert len(found.lines) == 1


def test_cells_side_by_side_are_no_number() -> None:
    cells = ROWS[0].split(",")
    cells[2:6] = ["4111", "1111", "1111", "1111"]
    assert len(read_file(paypay(",".join(cells)), PAYPAY_DAILY, "shop-a").lines) == 1
