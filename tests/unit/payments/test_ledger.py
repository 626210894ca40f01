"""Which accounts move, for every custody, owner and way back."""

import pytest

from services.payments.domain.events import RefundChannel
from services.payments.domain.ledger import (
    EntryKind,
    JournalEntry,
    Posting,
    capture_entry,
    refund_entry,
    void_entry,
)
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Custody, Tender
from tests.unit.payments.sample import ID, TODAY, fresh

PAID = {"authorized_yen": 1000, "captured_yen": 1000}


def moved(entry: JournalEntry) -> dict[str, int]:
    """Accounts and their change."""
    return {posting.account: posting.amount_yen for posting in entry.postings}


@pytest.mark.parametrize(
    ("custody", "owner", "money", "takings"),
    [
        (Custody.ACQUIRER, Owner.MERCHANT, "acquirer_clearing/acquirer_simulator/card",
         "shop_payable/shop-a"),
        (Custody.ACQUIRER, Owner.CITY, "acquirer_clearing/acquirer_simulator/card",
         "city_revenue/shop-a"),
        (Custody.DRAWER, Owner.MERCHANT, "cash_record/shop-a", "own_takings/shop-a"),
        (Custody.DRAWER, Owner.CITY, "cash_record/shop-a", "city_revenue/shop-a"),
        (Custody.OTHER_DEVICE, Owner.MERCHANT, "other_device/shop-a/card", "own_takings/shop-a"),
    ],
)  # fmt: skip
def test_a_capture_and_its_void(custody: Custody, owner: Owner, money: str, takings: str) -> None:
    payment = fresh(custody=custody, owner=owner, **PAID)
    assert moved(capture_entry(payment, TODAY)) == {money: 1000, takings: -1000}
    assert moved(void_entry(payment, TODAY)) == {money: -1000, takings: 1000}


@pytest.mark.parametrize(
    ("channel", "expected"),
    [
        (RefundChannel.PROVIDER,
         {"shop_payable/shop-a": 300, "acquirer_clearing/acquirer_simulator/card": -300}),
        (RefundChannel.CASH, {"own_takings/shop-a": 300, "cash_record/shop-a": -300}),
        (RefundChannel.MANUAL, {"own_takings/shop-a": 300, "manual_refunds/shop-a": -300}),
    ],
)  # fmt: skip
def test_a_refund_goes_out_of_the_pocket_it_came_from(
    channel: RefundChannel, expected: dict[str, int]
) -> None:
    entry = refund_entry(fresh(**PAID), "refund-1", 300, channel, TODAY)
    assert moved(entry) == expected
    assert (entry.kind, entry.source_id, entry.payment_id) == (EntryKind.REFUND, "refund-1", ID)


def test_points_of_the_entry_follow_the_payment() -> None:
    entry = capture_entry(fresh(practice=False, tender=Tender.QUICPAY, **PAID), TODAY)
    assert (entry.practice, entry.tender, entry.business_date) == (False, "quicpay", TODAY)


@pytest.mark.parametrize(
    ("amount_yen", "postings"),
    [
        (5, (Posting("a", 5), Posting("b", -4))),
        (0, (Posting("a", 0), Posting("b", 0))),
        (-5, (Posting("a", -5), Posting("b", 5))),
    ],
)
def test_an_entry_that_does_not_balance_or_move_cannot_be_made(
    amount_yen: int, postings: tuple[Posting, Posting]
) -> None:
    with pytest.raises(AssertionError):
        JournalEntry(
            area="mine", kind=EntryKind.CAPTURE, payment_id=ID, source_id=ID,
            shop_place_id="shop-a", tender="card", practice=True, amount_yen=amount_yen,
            business_date=TODAY, postings=postings,
        )  # fmt: skip
