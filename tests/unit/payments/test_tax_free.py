"""Tax-free sales under the refund method: what may be recorded, until when, and what goes back."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from kit.pure.errors import InvalidFields, Refusal
from services.payments.domain.errors import TaxFreeExpired, TaxFreeNotPossible, WrongState
from services.payments.domain.events import RefundChannel
from services.payments.domain.payment import Payment, State, changed
from services.payments.domain.receipt import Item
from services.payments.domain.refund import Refund, RefundState
from services.payments.domain.shop import Shop
from services.payments.domain.tax_free import (
    RecordWish,
    TaxFreeSale,
    TaxFreeState,
    record_sale,
    settle_customs,
    start_tax_refund,
)
from tests.unit.payments.sample import NOW, TODAY, fresh

SHOP = Shop(shop_place_id="shop-a", names={"ja": "店"}, tax_free=True)
WISH = RecordWish(
    tax_free_sale_id="01a1fccb-e75c-71cb-8454-dd531a63b539", purchase_record_id="PR-1", serials={},
    recorded_by="clerk-1", now=NOW, today=TODAY,
)  # fmt: skip


def paid(amount_yen: int = 11_000, **changes: Any) -> Payment:
    usual: dict[str, Any] = {
        "state": State.CAPTURED, "authorized_yen": amount_yen, "captured_yen": amount_yen,
        "captured_date": TODAY, "pending": None,
    }  # fmt: skip
    return changed(fresh(amount_yen), **{**usual, **changes})


def line(unit_amount_yen: int, rate: int, quantity: int = 1) -> Item:
    return Item(
        name="品", quantity=quantity, unit_amount_yen=unit_amount_yen, tax_rate_percent=rate
    )


def recorded(payment: Payment | None = None, **changes: Any) -> TaxFreeSale:
    return record_sale(payment or paid(), SHOP, replace(WISH, **changes))


def confirmed(sale: TaxFreeSale) -> TaxFreeSale:
    return settle_customs(sale, paid(), confirmed=True, confirm_date=TODAY, today=TODAY)


def test_the_tax_of_every_rate_may_go_back_and_no_more() -> None:
    items = (line(3_300, 10, 2), line(1_080, 8), line(500, 0))
    sale = recorded(paid(8_180, items=items))
    assert (sale.tax_yen, sale.state) == (600 + 80, TaxFreeState.RECORDED)


def test_customs_have_ninety_days_from_the_day_after() -> None:
    first = date(2026, 11, 1)
    sale = recorded(paid(captured_date=first), today=first)
    assert sale.confirm_until == date(2027, 1, 30)


@pytest.mark.parametrize(
    ("payment", "shop", "wish", "refusal"),
    [
        (paid(), replace(SHOP, tax_free=False), WISH, TaxFreeNotPossible),
        (paid(), SHOP, replace(WISH, purchase_record_id=" "), InvalidFields),
        (paid(), SHOP, replace(WISH, purchase_record_id="x" * 65), InvalidFields),
        (paid(), SHOP, replace(WISH, today=TODAY + timedelta(days=1)), TaxFreeNotPossible),
        (paid(captured_date=date(2026, 10, 31)), SHOP, replace(WISH, today=date(2026, 10, 31)),
         TaxFreeNotPossible),
        (paid(refunded_yen=1), SHOP, WISH, TaxFreeNotPossible),
        (paid(reserved_yen=1), SHOP, WISH, TaxFreeNotPossible),
        (paid(state=State.VOIDED), SHOP, WISH, WrongState),
        (paid(5_498), SHOP, WISH, TaxFreeNotPossible),  # 4,999 before tax
        (paid(20_000, items=(line(20_000, 0),)), SHOP, WISH, TaxFreeNotPossible),
        (paid(1_100_000), SHOP, WISH, InvalidFields),
        (paid(1_100_000), SHOP, replace(WISH, serials={0: "x" * 101}), InvalidFields),
        (paid(), SHOP, replace(WISH, serials={1: "x"}), InvalidFields),
    ],
)  # fmt: skip
def test_what_cannot_be_recorded(
    payment: Payment, shop: Shop, wish: RecordWish, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        record_sale(payment, shop, wish)


def test_the_bounds_themselves_are_good() -> None:
    assert recorded(paid(5_500)).tax_yen == 500
    assert recorded(paid(1_099_998)).serials == {}  # 999,999 before tax
    assert recorded(paid(1_100_000), serials={0: " W-7 "}).serials == {0: "W-7"}


def test_many_cheap_things_need_no_numbers() -> None:
    assert recorded(paid(2_200_000, items=(line(22_000, 10, 100),))).serials == {}


def test_customs_answer_once_and_in_time() -> None:
    sale = recorded()
    last = sale.confirm_until
    good = settle_customs(sale, paid(), confirmed=True, confirm_date=last, today=last)
    assert (good.state, good.confirm_date) == (TaxFreeState.CONFIRMED, last)
    with pytest.raises(WrongState):
        settle_customs(good, paid(), confirmed=True, confirm_date=last, today=last)
    late = last + timedelta(days=1)
    with pytest.raises(TaxFreeExpired):
        settle_customs(sale, paid(), confirmed=True, confirm_date=late, today=late)
    # Word that arrives late of goods seen in time is good.
    assert settle_customs(sale, paid(), confirmed=True, confirm_date=last, today=late).confirm_date
    refused = settle_customs(sale, paid(), confirmed=False, confirm_date=late, today=late)
    assert refused.state is TaxFreeState.REFUSED


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), TODAY + timedelta(days=1)])
def test_a_day_before_the_sale_or_to_come_is_refused(day: date) -> None:
    with pytest.raises(InvalidFields):
        settle_customs(recorded(), paid(), confirmed=True, confirm_date=day, today=TODAY)


@pytest.mark.parametrize(
    "payment", [paid(refunded_yen=1), paid(reserved_yen=1), paid(state=State.VOIDED)]
)
def test_goods_that_came_back_end_the_record(payment: Payment) -> None:
    with pytest.raises(TaxFreeNotPossible):
        settle_customs(recorded(), payment, confirmed=True, confirm_date=TODAY, today=TODAY)
    with pytest.raises(TaxFreeNotPossible):
        start_tax_refund(confirmed(recorded()), payment, None, "r-1")


def attempt(state: RefundState) -> Refund:
    return Refund(
        area="mine", refund_id="r-1", payment_id="p", amount_yen=1000, reason="免税",
        channel=RefundChannel.PROVIDER, refunded_by="clerk-1", business_date=TODAY,
        create_time=NOW, state=state,
    )  # fmt: skip


def test_the_tax_goes_back_once() -> None:
    sale = confirmed(recorded())
    assert start_tax_refund(sale, paid(), None, "r-1").refund_id == "r-1"
    for state in (RefundState.CREATED, RefundState.UNKNOWN, RefundState.REFUNDED):
        with pytest.raises(WrongState):
            start_tax_refund(sale, paid(), attempt(state), "r-2")
    again = start_tax_refund(sale, paid(), attempt(RefundState.DECLINED), "r-2")
    assert again.refund_id == "r-2"


def test_nothing_goes_back_before_customs_confirmed() -> None:
    refused = settle_customs(recorded(), paid(), confirmed=False, confirm_date=TODAY, today=TODAY)
    for sale in (recorded(), refused):
        with pytest.raises(WrongState):
            start_tax_refund(sale, paid(), None, "r-1")


@pytest.mark.parametrize(
    "typed",
    ["TK1234567", "M12345678", "e12345678", "123456789", "TK 1234567", "P<JPNYAMADA<<HANAKO<<<"],
)
def test_what_looks_like_a_passport_is_not_kept(typed: str) -> None:
    """Nor quoted in the refusal."""
    with pytest.raises(InvalidFields) as caught:
        recorded(purchase_record_id=typed)
    assert typed not in str(caught.value)


@pytest.mark.parametrize(
    "record_id", ["PR-1", "2611270000123456789", "20261127-000123", "A1B2C3D4E5"]
)
def test_ids_of_purchase_records_are_none(record_id: str) -> None:
    assert recorded(purchase_record_id=record_id).purchase_record_id == record_id
