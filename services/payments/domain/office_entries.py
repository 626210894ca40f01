"""Entries that the office makes: fees, payouts and what the cash count found.

A provider keeps its fee and pays the rest into the bank: both lower what it owes (the account where
the sale lies), so a provider that has paid everything stands at zero.
"""

from datetime import date

from services.payments.domain.ledger import EntryKind, JournalEntry, Posting
from services.payments.domain.tender import Tender


def fee_entry(
    *, area: str, source_id: str, shop_place_id: str, tender: str, practice: bool,
    account: str, amount_yen: int, day: date,
) -> JournalEntry:  # fmt: skip
    """What a provider kept. account: where the sales lie. amount_yen: below 0 when given back."""
    return _office(
        EntryKind.FEE, area, source_id, shop_place_id, tender, practice, amount_yen, day,
        into=f"fees/{shop_place_id}", out_of=account,
    )  # fmt: skip


def payout_entry(
    *, area: str, source_id: str, shop_place_id: str, tender: str, practice: bool,
    account: str, amount_yen: int, day: date,
) -> JournalEntry:  # fmt: skip
    """What a provider paid into the bank on `day`. amount_yen: below 0 for money taken back."""
    return _office(
        EntryKind.PAYOUT, area, source_id, shop_place_id, tender, practice, amount_yen, day,
        into=f"payout/{shop_place_id}", out_of=account,
    )  # fmt: skip


def cash_difference_entry(
    *, area: str, close_id: str, shop_place_id: str, difference_yen: int, day: date
) -> JournalEntry:
    """What was counted more (above 0) or less (below 0) than expected; never 0."""
    return _office(
        EntryKind.CASH_DIFFERENCE, area, close_id, shop_place_id, Tender.CASH_RECORD,
        False, difference_yen, day,  # noqa: FBT003 - practice never enters a close
        into=f"cash_record/{shop_place_id}", out_of=f"cash_over_short/{shop_place_id}",
    )  # fmt: skip


def _office(
    kind: EntryKind, area: str, source_id: str, shop_place_id: str, tender: str,
    practice: bool, amount_yen: int, day: date, *, into: str, out_of: str,  # noqa: FBT001 - a field
) -> JournalEntry:  # fmt: skip
    return JournalEntry(
        area=area, kind=kind, payment_id=None, source_id=source_id, shop_place_id=shop_place_id,
        tender=tender, practice=practice, amount_yen=abs(amount_yen), business_date=day,
        postings=(Posting(into, amount_yen), Posting(out_of, -amount_yen)),
    )  # fmt: skip
