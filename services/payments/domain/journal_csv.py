"""The journal for accounting software: one line per entry and tax rate, debit and credit beside.

What each column holds: README, "Journal export".
"""

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from services.payments.domain.ledger import EntryKind, Posting
from services.payments.domain.rates import movement_by_rate
from services.payments.domain.receipt import Item, receipt_number, tax_inside
from services.payments.domain.shop import Shop

BOM = "\ufeff"
HEADINGS = ("日付", "仕訳番号", "借方科目", "借方補助", "貸方科目", "貸方補助", "金額", "税率",
            "内消費税", "種別", "摘要", "店舗")  # fmt: skip
# First part of our account -> account title as small shops' software knows it.
TITLES = {
    "acquirer_clearing": "未収入金", "cash_record": "現金", "other_device": "売掛金",
    "shop_payable": "預り金", "own_takings": "売上高", "city_revenue": "観光施設収入",
    "manual_refunds": "未払金", "fees": "支払手数料", "payout": "普通預金",
    "cash_over_short": "現金過不足",
}  # fmt: skip
KINDS = {
    EntryKind.CAPTURE: "売上", EntryKind.VOID: "取消", EntryKind.REFUND: "返金",
    EntryKind.FEE: "手数料", EntryKind.PAYOUT: "入金", EntryKind.CASH_DIFFERENCE: "現金過不足",
}  # fmt: skip
TENDERS = {
    "card": "カード", "transit_ic": "交通系IC", "id": "iD", "quicpay": "QUICPay",
    "code_payment": "コード決済", "points": "ポイント", "cash_record": "現金",
}  # fmt: skip
# Japanese spreadsheets take the wide signs for the narrow ones.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True, kw_only=True)
class ExportEntry:
    """An entry with what its line needs. before_yen: left of its payment before it.

    split_sale_id, split_date: of the sale paid in parts that its payment is one of; else "", None.
    """

    entry_id: str
    kind: EntryKind
    tender: str
    shop_place_id: str
    amount_yen: int
    before_yen: int
    business_date: date
    items: tuple[Item, ...]
    postings: tuple[Posting, ...]
    split_sale_id: str = ""
    split_date: date | None = None


def write(entries: Iterable[ExportEntry], shops: Mapping[str, Shop], encoding: str) -> bytes:
    """Returns the file. encoding: "utf-8" (with a byte order mark) or "shift_jis".

    A character that Shift_JIS lacks becomes 〓, as Japanese printers do.
    """
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(HEADINGS)
    for entry in entries:
        for cells in _lines(entry, shops.get(entry.shop_place_id)):
            writer.writerow([_harmless(cell) for cell in cells])
    text = sheet.getvalue()
    if encoding == "shift_jis":
        return "".join(each if _has(each) else "〓" for each in text).encode("cp932")
    return (BOM + text).encode()


def _has(character: str) -> bool:
    try:
        character.encode("cp932")
    except UnicodeEncodeError:
        return False
    return True


def _lines(entry: ExportEntry, shop: Shop | None) -> Iterable[tuple[object, ...]]:
    debit = next(each.account for each in entry.postings if each.amount_yen > 0)
    credit = next(each.account for each in entry.postings if each.amount_yen < 0)
    name = shop.names.get("ja", "") if shop else entry.shop_place_id
    note = f"{TENDERS.get(entry.tender, entry.tender)} {KINDS[entry.kind]}"
    if entry.split_date is not None:  # its parts have one receipt: its number joins their lines
        number = receipt_number(entry.split_sale_id, entry.split_date.isoformat())
        note += f" 分割会計 {number}"
    for rate, yen in _parts(entry, shop):
        taxed = rate is not None and shop is not None
        tax = tax_inside(yen, rate, shop.tax_rounding) if rate is not None and shop else ""
        yield (
            entry.business_date.isoformat(), entry.entry_id, *_titled(debit), *_titled(credit), yen,
            f"{rate}%" if taxed else "", tax, KINDS[entry.kind], note, name,
        )  # fmt: skip


def _parts(entry: ExportEntry, shop: Shop | None) -> Iterable[tuple[int | None, int]]:
    """Sales by rate, highest first; what is no sale has none."""
    if entry.kind not in (EntryKind.CAPTURE, EntryKind.VOID, EntryKind.REFUND) or shop is None:
        return [(None, entry.amount_yen)]
    parts = movement_by_rate(
        entry.kind, entry.amount_yen, entry.before_yen, entry.items, shop.default_tax_rate_percent
    )
    sign = 1 if entry.kind is EntryKind.CAPTURE else -1
    return [(rate, sign * yen) for rate, yen in sorted(parts.items(), reverse=True) if yen]


def _titled(account: str) -> tuple[str, str]:
    head, _, rest = account.partition("/")
    return TITLES.get(head, head), rest


def _harmless(cell: object) -> object:
    """A spreadsheet would run a text that begins like a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
