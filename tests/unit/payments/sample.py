"""Payments to test rules with."""

from datetime import UTC, date, datetime
from typing import Any

from services.payments.domain.events import Channel
from services.payments.domain.payment import Payment, changed, with_take
from services.payments.domain.shop import Owner
from services.payments.domain.tender import Custody, Tender

NOW = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
ID = "01a1fccb-e75c-71cb-8454-dd531a63b538"


def fresh(amount_yen: int = 1000, **changes: Any) -> Payment:
    """A payment whose provider has not been asked yet."""
    payment = Payment(
        area="mine", payment_id=ID, shop_place_id="shop-a", owner=Owner.MERCHANT,
        tender=Tender.CARD, gateway="acquirer_simulator", custody=Custody.ACQUIRER, practice=True,
        channel=Channel.TILL, taken_by="clerk-1", amount_yen=amount_yen, capture_at_once=True,
        items=(), business_date=TODAY, create_time=NOW, update_time=NOW,
    )  # fmt: skip
    return with_take(changed(payment, **changes))
