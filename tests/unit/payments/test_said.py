"""What people must give is something to be seen: audits ask why money went back."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.pure.errors import InvalidFields
from services.payments.domain.clerk import check_name
from services.payments.domain.close import CashCount, Figures, check_count
from services.payments.domain.events import RefundChannel
from services.payments.domain.provider import DONE
from services.payments.domain.receipt import Item, check_items
from services.payments.domain.refund import Refund, start_refund
from services.payments.domain.said import says_something
from services.payments.domain.settle import settle
from tests.unit.payments.sample import ID, NOW, TODAY, fresh

NOTHING = ["", " ", "\u3000", "\u200b", "\u202e\u200b", "\u3164", "\uffa0", "\ufeff\t\n", "\u0301"]
SOMETHING = ["x", "返品", "\u200bx", "1", "?", "円", "★", "한"]


def refund(reason: str) -> Refund:
    return Refund(
        area="mine", refund_id="r", payment_id=ID, amount_yen=1, channel=RefundChannel.PROVIDER,
        reason=reason, refunded_by="clerk-1", business_date=TODAY, create_time=NOW,
    )  # fmt: skip


def count(reason: str) -> CashCount:
    return CashCount(float_yen=0, counted_yen=50, reason=reason)


CAPTURED = settle(fresh(), ID, DONE, NOW).payment
SHORT = Figures(lines=(), entry_count=0, earlier_count=0, cash_yen=100)
ASKED: list[tuple[str, Callable[[str], object]]] = [
    ("reason", lambda text: start_refund(CAPTURED, refund(text))),
    ("reason", lambda text: check_count(count(text), SHORT)),
    ("display_name", check_name),
    ("items[0].name", lambda text: check_items(
        [Item(name=text, quantity=1, unit_amount_yen=1, tax_rate_percent=8)], 1)),
]  # fmt: skip


@pytest.mark.parametrize(("field", "ask"), ASKED)
def test_what_nobody_can_see_is_no_answer(field: str, ask: Callable[[str], object]) -> None:
    for text in NOTHING:
        with pytest.raises(InvalidFields) as refused:
            ask(text)
        assert field in dict(refused.value.fields)
    for text in SOMETHING:
        ask(text)


@given(st.text(st.characters(categories=["Cc", "Cf", "Zs", "Zl", "Zp", "Mn", "Me"])))
def test_a_text_without_a_sign_says_nothing_and_one_sign_is_enough(text: str) -> None:
    assert not says_something(text)
    assert says_something(f"{text}a{text}")
