"""What may go back of a payment: one rule, and everybody who asks it says the same."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.errors import AmountTooLarge, Unresolved, WrongState
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State, changed, start_void
from services.payments.domain.provider import Step
from services.payments.domain.refund import Refund, start_refund
from services.payments.domain.register_journal import why_kept
from services.payments.domain.split_sale import GiveBack, Void, way_back
from services.payments.domain.tender import Custody, GatewayFacts, Mode, Tender
from services.payments.wire import payment_message
from tests.unit.payments.sample import NOW, TODAY, fresh

TOMORROW = TODAY + timedelta(days=1)


def captured(**changes: Any) -> Payment:
    known = {"authorized_yen": 1000, "captured_yen": 1000, "captured_date": TODAY}
    return changed(fresh(), **{"pending": None, "state": State.CAPTURED, **known, **changes})


def being_voided() -> Payment:
    pending = fresh().pending
    assert pending is not None
    asked = msgspec.structs.replace(pending, step=Step.VOID, came_from=State.CAPTURED)
    return changed(captured(), pending=asked)


def refund_of(payment: Payment, amount_yen: int) -> Refund:
    return Refund(
        area=payment.area, refund_id="r", payment_id=payment.payment_id, amount_yen=amount_yen,
        channel=RefundChannel.PROVIDER, reason="broken", refunded_by="clerk-1",
        business_date=TODAY, create_time=NOW,
    )  # fmt: skip


AUTHORIZED = changed(fresh(), pending=None, state=State.AUTHORIZED, authorized_yen=1000)


@pytest.mark.parametrize(
    ("payment", "refundable_yen", "money_back", "kept_whole"),
    [
        (captured(), 1000, False, True),
        (captured(refunded_yen=300), 700, True, False),
        (captured(reserved_yen=300), 700, True, False),
        (captured(refunded_yen=300, reserved_yen=700), 0, True, False),
        (captured(refunded_yen=1000), 0, True, False),
        (being_voided(), 0, False, True),
        (fresh(), 0, False, False),
        (AUTHORIZED, 0, False, False),
        (captured(state=State.VOIDED), 0, False, False),
        (captured(state=State.UNKNOWN), 0, False, False),
    ],
)
def test_what_may_go_back(
    payment: Payment, refundable_yen: int, *, money_back: bool, kept_whole: bool
) -> None:
    assert payment.refundable_yen == refundable_yen
    assert (payment.has_money_back, payment.is_kept_whole) == (money_back, kept_whole)
    assert payment_message(payment, [], {}).refundable_yen == refundable_yen  # what a till is told


@given(st.integers(0, 1000), st.integers(0, 1000), st.integers(1, 1200))
def test_a_refund_is_taken_exactly_up_to_it(refunded: int, reserved: int, wanted: int) -> None:
    payment = captured(refunded_yen=refunded, reserved_yen=min(reserved, 1000 - refunded))
    if wanted <= payment.refundable_yen:
        after, _ = start_refund(payment, refund_of(payment, wanted))
        assert after.refundable_yen == payment.refundable_yen - wanted
        assert after.has_money_back
    else:
        with pytest.raises(AmountTooLarge):
            start_refund(payment, refund_of(payment, wanted))


@pytest.mark.parametrize(
    "payment", [fresh(), being_voided(), AUTHORIZED, captured(state=State.VOIDED)]
)
def test_of_nothing_refundable_nothing_is_refunded(payment: Payment) -> None:
    with pytest.raises((Unresolved, WrongState)):
        start_refund(payment, refund_of(payment, 1))


@pytest.mark.parametrize("reason", ["", " ", "\u3000\t\n", "\xa0", "x" * 201, f" {'x' * 201} "])
def test_a_refund_says_why(reason: str) -> None:
    refund = replace(refund_of(captured(), 1), reason=reason)
    with pytest.raises(InvalidFields, match="give a reason"):
        start_refund(captured(), refund)
    for fine in ("x", "x" * 200, " 返品 "):
        start_refund(captured(), replace(refund, reason=fine))


def test_what_went_back_in_part_is_neither_voided_nor_taken_back() -> None:
    for payment in (captured(refunded_yen=1), captured(reserved_yen=1)):
        with pytest.raises(WrongState):
            start_void(payment, key="k", now=NOW, today=TODAY)
        assert why_kept(payment, is_closed=False) == "returned"
        assert way_back(payment, TODAY, provider_refunds=True) == GiveBack(
            999, RefundChannel.PROVIDER
        )
    assert start_void(captured(), key="k", now=NOW, today=TODAY).pending is not None
    assert way_back(captured(), TODAY, provider_refunds=True) == Void()
    assert way_back(captured(), TOMORROW, provider_refunds=False) == GiveBack(
        1000, RefundChannel.CASH
    )


def test_a_provider_says_which_money_goes_back() -> None:
    facts = GatewayFacts(
        name="x", mode=Mode.PRACTICE, custody=Custody.ACQUIRER, immediate=False,
        tenders=frozenset({Tender.CARD, Tender.TRANSIT_IC}),
        no_refunds=frozenset({Tender.TRANSIT_IC}),
    )  # fmt: skip
    assert facts.gives_back(Tender.CARD)
    assert not facts.gives_back(Tender.TRANSIT_IC)
    for tender in (Tender.CARD, Tender.TRANSIT_IC):
        told = payment_message(captured(tender=tender, gateway="x"), [], {"x": facts})
        assert told.provider_refunds is facts.gives_back(tender)
