"""What the page of a canceled or refunded sale tells the clerk to do with the money."""

import re
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from services.edge.till import hand_back
from services.edge.till.hand_back import Step, Way
from tests.pages.edge.fakes import FakeServices
from tests.pages.till.test_sale import EN, Payments, payments
from tests.pages.till.test_split import OWN, part, sale

__all__ = ["payments", "sale"]

VOIDED, CAPTURED = pb.PAYMENT_STATE_VOIDED, pb.PAYMENT_STATE_CAPTURED
PAGE = "/till/payments/p-1"


def steps_on(page: str) -> str:
    """Returns the part of a page that says what to do, "" where it says nothing."""
    found = re.search(r'<section class="till-steps".*?</section>', page, re.DOTALL)
    return found[0] if found else ""


def look(till: FlaskClient, address: str = f"{PAGE}?back=now", locale: str = "en") -> str:
    return till.get(address, headers={**EN, "Accept-Language": locale}).text


@pytest.mark.parametrize(
    ("gateway", "tender", "said", "never"),
    [
        ("cash_record", pb.TENDER_CASH_RECORD, "Give back ¥1,300 in cash", "give no cash"),
        ("other_device", pb.TENDER_ID, "Cancel ¥1,300 on the other device, too", "in cash"),
        ("acquirer_simulator", pb.TENDER_CARD, "give no cash", "Give back"),
        ("paypay", pb.TENDER_CODE_PAYMENT, "Code payment: its provider has taken", "Give back"),
    ],
)  # fmt: skip
def test_a_canceled_sale_says_what_to_do_with_its_money(
    browser: FlaskClient, payments: Payments, gateway: str, tender: int, said: str, never: str
) -> None:
    payments.payment.state, payments.payment.gateway = VOIDED, gateway
    payments.payment.tender = pb.Tender.ValueType(tender)
    page = look(browser)
    assert said in steps_on(page)
    assert never not in steps_on(page)
    assert "Nothing is charged" not in page, "the customer's cash lies in the drawer"


def test_cash_is_given_back_in_words_of_the_clerk(browser: FlaskClient, payments: Payments) -> None:
    payments.payment.state = VOIDED
    page = look(browser, locale="ja")
    assert "現金で ¥1,300 を返してください" in steps_on(page)
    assert "請求はありません" not in page


def test_what_was_never_taken_needs_nothing(browser: FlaskClient, payments: Payments) -> None:
    payments.payment.state, payments.payment.captured_yen = VOIDED, 0
    assert not steps_on(look(browser))
    payments.payment.state, payments.payment.captured_yen = CAPTURED, 1300
    assert not steps_on(look(browser))


def test_a_sale_canceled_before_is_not_to_be_paid_out_a_second_time(
    browser: FlaskClient, payments: Payments
) -> None:
    payments.payment.state = VOIDED
    caution = "Only if it was not done when it was canceled."
    assert caution in steps_on(look(browser, PAGE))
    assert caution not in steps_on(look(browser))


def test_of_refunds_the_newest_is_told_and_only_by_the_answer_to_it(
    browser: FlaskClient, payments: Payments
) -> None:
    payment, first = payments.payment, 1_790_000_000
    for number, (yen, state) in enumerate(
        [(500, pb.REFUND_STATE_REFUNDED), (300, pb.REFUND_STATE_REFUNDED),
         (200, pb.REFUND_STATE_DECLINED)]
    ):  # fmt: skip
        made = payment.refunds.add(
            amount_yen=yen, channel=pb.REFUND_CHANNEL_CASH, state=state, refund_id=str(number)
        )
        made.create_time.FromSeconds(first + number)
    page = look(browser, f"{PAGE}?refund=asked")
    assert "Give back ¥300 in cash" in steps_on(page)
    assert "¥500" not in steps_on(page)
    assert not steps_on(look(browser, PAGE))


@pytest.mark.parametrize(
    ("gateway", "channel", "way"),
    [
        ("cash_record", pb.REFUND_CHANNEL_PROVIDER, Way.DRAWER),
        ("acquirer_simulator", pb.REFUND_CHANNEL_CASH, Way.DRAWER),
        ("acquirer_simulator", pb.REFUND_CHANNEL_PROVIDER, Way.PROVIDER),
        ("acquirer_simulator", pb.REFUND_CHANNEL_MANUAL, Way.MANUAL),
        ("other_device", pb.REFUND_CHANNEL_MANUAL, Way.DEVICE),
        ("other_device", pb.REFUND_CHANNEL_CASH, Way.DRAWER),
    ],
)
def test_a_refund_goes_back_the_way_that_was_chosen(gateway: str, channel: int, way: Way) -> None:
    payment = pb.Payment(gateway=gateway, state=CAPTURED, tender=pb.TENDER_CARD)
    payment.refunds.add(
        amount_yen=70, channel=pb.RefundChannel.ValueType(channel), state=pb.REFUND_STATE_REFUNDED
    )
    assert hand_back.steps_of(payment) == [Step(way, 70, pb.TENDER_CARD)]


def given_back(found: split_pb.SplitSale, *parts: pb.Payment, at: int = 1000) -> None:
    found.state, found.open_yen = split_pb.SPLIT_SALE_STATE_GIVEN_BACK, 0
    found.give_back_time.FromSeconds(at)
    found.parts.extend(parts)


def canceled(yen: int, tender: int, gateway: str, at: int = 1001) -> pb.Payment:
    more: dict[str, Any] = {"state": VOIDED, "gateway": gateway}
    made = part(yen, tender, **more)
    made.update_time.FromSeconds(at)
    return made


def test_a_sale_in_parts_tells_it_of_every_part(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    given_back(
        sale,
        canceled(1000, pb.TENDER_CASH_RECORD, "cash_record"),
        canceled(500, pb.TENDER_CASH_RECORD, "cash_record"),
        canceled(700, pb.TENDER_CARD, "acquirer_simulator"),
        canceled(800, pb.TENDER_ID, "other_device"),
    )
    said = steps_on(look(browser, OWN))
    order = ["Give back ¥1,500 in cash", "Cancel ¥800 on the other device", "¥700: give no cash"]
    assert sorted(order, key=said.index) == order


def test_a_part_taken_back_before_is_not_handed_over_again(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    given_back(
        sale,
        canceled(1000, pb.TENDER_CASH_RECORD, "cash_record", at=999),
        canceled(300, pb.TENDER_CASH_RECORD, "cash_record"),
    )
    said = steps_on(look(browser, OWN))
    assert "Give back ¥300 in cash" in said
    assert "1,300" not in said


@given(
    st.lists(
        st.tuples(
            st.integers(1, 9_999_999),
            st.sampled_from(["cash_record", "other_device", "acquirer_simulator"]),
            st.sampled_from([VOIDED, CAPTURED]),
        ),
        max_size=20,
    )
)
def test_the_steps_of_a_sale_are_what_went_back_to_the_yen(
    parts: list[tuple[int, str, pb.PaymentState.ValueType]],
) -> None:
    found = split_pb.SplitSale()
    for yen, gateway, state in parts:
        found.parts.add(captured_yen=yen, gateway=gateway, state=state, tender=pb.TENDER_CARD)
    steps = hand_back.steps_of_sale(found)
    back_yen = sum(yen for yen, _gateway, state in parts if state == VOIDED)
    assert sum(each.amount_yen for each in steps) == back_yen
    assert len({each.way for each in steps}) == len(steps)


def test_another_device_has_one_state_and_not_two(
    browser: FlaskClient, payments: Payments, services: FakeServices
) -> None:
    payments.payment.unconfirmed, payments.payment.gateway = True, "other_device"
    page = look(browser, PAGE)
    assert "Recorded, not confirmed" in page
    assert "Paid" not in re.findall(r'till-result__word">([^<]*)', page)[0]
    services.answers["ListPayments"] = lambda _: pb.ListPaymentsResponse(
        payments=[payments.payment]
    )
    assert "Recorded, not confirmed" in browser.get("/till?shop=shop-a", headers=EN).text
    payments.payment.unconfirmed = False
    assert "Recorded, not confirmed" not in look(browser, PAGE)
