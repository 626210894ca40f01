"""What the counter asks once more: unusual amounts, cash handed over; and what is shown after."""

import re

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till import sale, words
from services.edge.till.amounts import MAX_AMOUNT_YEN, AmountInvalid
from tests.pages.edge.fakes import SESSION, FakeServices
from tests.pages.till.test_no_answer import HIDDEN, ORIGIN

SHOP = pb.Shop(
    shop_place_id="shop-a", names={"ja": "試しの店"}, default_tax_rate_percent=10,
    tenders=[
        pb.TenderSetting(tender=pb.TENDER_CARD, gateway="acquirer_simulator"),
        pb.TenderSetting(tender=pb.TENDER_CASH_RECORD, gateway="cash_record"),
    ],
)  # fmt: skip
EN = {**ORIGIN, "Accept-Language": "en"}


class Payments:
    """One payment, as payments would tell of it."""

    def __init__(self, services: FakeServices) -> None:
        self.services = services
        self.payment = pb.Payment(
            payment_id="p-1", shop_place_id="shop-a", tender=pb.TENDER_CASH_RECORD,
            amount_yen=1300, captured_yen=1300, state=pb.PAYMENT_STATE_CAPTURED,
            gateway="cash_record",
        )  # fmt: skip
        self.payment.create_time.GetCurrentTime()
        services.answers |= {
            "ListShops": lambda _: pb.ListShopsResponse(shops=[SHOP]),
            "ListProducts": lambda _: office_pb.ListProductsResponse(),
            "ListClerks": lambda _: office_pb.ListClerksResponse(),
            "ListPayments": lambda _: pb.ListPaymentsResponse(),
            "GetPayment": lambda _: pb.GetPaymentResponse(payment=self.payment),
            "TakePayment": lambda _: pb.TakePaymentResponse(payment=self.payment),
            "ReadReceipt": lambda _: pb.ReadReceiptResponse(
                receipt=pb.Receipt(
                    payment_id="p-1", shop=SHOP, total_yen=1300, tender=self.payment.tender,
                    receipt_number="R-1",
                )
            ),
        }  # fmt: skip

    @property
    def taken(self) -> list[pb.TakePaymentRequest]:
        return self.services.called("TakePayment")


@pytest.fixture
def payments(services: FakeServices, browser: FlaskClient) -> Payments:
    browser.set_cookie("meguri_session", SESSION)
    return Payments(services)


def counter(till: FlaskClient, amount: str, pay: str) -> dict[str, str]:
    """The form of the counter as a browser sends it."""
    page = till.get("/till?shop=shop-a", headers=EN).text
    return {**dict(HIDDEN.findall(page)), "step": "counter", "amount_yen": amount, "pay": pay}


def test_a_sale_far_above_the_habit_is_confirmed_once_with_the_same_request_id(
    browser: FlaskClient, payments: Payments
) -> None:
    form = counter(browser, "100,001", "1:acquirer_simulator")
    page = browser.post("/till/payments", data=form, headers=EN).text
    assert "¥100,001" in page
    assert "Is this amount right?" in page
    assert payments.taken == []
    again = {**dict(HIDDEN.findall(page)), "confirmed": "yes"}
    assert again["request_id"] == form["request_id"]
    assert browser.post("/till/payments", data=again, headers=EN).status_code == 303
    (taken,) = payments.taken
    assert (taken.amount_yen, taken.request_id) == (100_001, form["request_id"])


def test_a_sale_of_the_habit_is_not_asked_about(browser: FlaskClient, payments: Payments) -> None:
    form = counter(browser, "100000", "1:acquirer_simulator")
    assert browser.post("/till/payments", data=form, headers=EN).status_code == 303
    assert len(payments.taken) == 1


def test_cash_asks_what_is_handed_over_and_shows_the_change(
    browser: FlaskClient, payments: Payments
) -> None:
    form = counter(browser, "1300", "7:cash_record")
    page = browser.post("/till/payments", data=form, headers=EN).text
    assert payments.taken == []
    offered = re.findall(r'name="tendered_yen" value="(\d+)"', page)
    assert offered == ["1300", "2000", "5000", "10000"]
    again = {**dict(HIDDEN.findall(page)), "tendered_yen": "5000"}
    answer = browser.post("/till/payments", data=again, headers=EN)
    assert answer.headers["Location"] == "/till/payments/p-1?tendered=5000"
    shown = browser.get(answer.headers["Location"], headers=EN).text
    assert "¥3,700" in shown
    assert "/till/payments/p-1/receipt?tendered=5000" in shown
    receipt = browser.get("/till/payments/p-1/receipt?tendered=5000", headers=EN).text
    assert "¥5,000" in receipt
    assert "¥3,700" in receipt


def test_cash_handed_over_may_stay_unsaid(browser: FlaskClient, payments: Payments) -> None:
    page = browser.post(
        "/till/payments", data=counter(browser, "1300", "7:cash_record"), headers=EN
    ).text
    again = {**dict(HIDDEN.findall(page)), "tendered_yen": " "}
    answer = browser.post("/till/payments", data=again, headers=EN)
    assert answer.headers["Location"] == "/till/payments/p-1"
    assert "till-change" not in browser.get("/till/payments/p-1", headers=EN).text


@pytest.mark.parametrize(
    ("tendered", "says"),
    [("1000", "less than the amount"), ("12.5", "digits only"), ("-1", "at least 1 yen")],
)
def test_cash_that_cannot_be_is_refused_and_nothing_is_recorded(
    browser: FlaskClient, payments: Payments, tendered: str, says: str
) -> None:
    page = browser.post(
        "/till/payments", data=counter(browser, "1300", "7:cash_record"), headers=EN
    ).text
    again = {**dict(HIDDEN.findall(page)), "tendered_yen": tendered}
    answer = browser.post("/till/payments", data=again, headers=EN)
    assert answer.status_code == 422
    assert says in answer.text
    assert payments.taken == []


def test_unusual_cash_is_confirmed_by_the_same_tap(
    browser: FlaskClient, payments: Payments
) -> None:
    form = counter(browser, "120000", "7:cash_record")
    page = browser.post("/till/payments", data=form, headers=EN).text
    assert "Is this amount right?" in page
    again = {**dict(HIDDEN.findall(page)), "tendered_yen": "120000"}
    assert browser.post("/till/payments", data=again, headers=EN).status_code == 303
    assert len(payments.taken) == 1


@pytest.mark.parametrize("text", ["1299", "x", "", "99999999", "１３００円も"])
def test_an_address_written_by_hand_shows_no_change(
    browser: FlaskClient, payments: Payments, text: str
) -> None:
    query = {"tendered": text}
    assert "till-change" not in browser.get("/till/payments/p-1", query_string=query).text
    assert "お釣り" not in browser.get("/till/payments/p-1/receipt", query_string=query).text


def test_only_cash_has_change(browser: FlaskClient, payments: Payments) -> None:
    payments.payment.tender = pb.TENDER_CARD
    assert "till-change" not in browser.get("/till/payments/p-1?tendered=5000").text
    assert "お釣り" not in browser.get("/till/payments/p-1/receipt?tendered=5000").text


def test_a_full_refund_is_no_longer_shown_as_paid(browser: FlaskClient, payments: Payments) -> None:
    payments.payment.refunded_yen = 1300
    payments.payment.refunds.add(amount_yen=1300, state=pb.REFUND_STATE_REFUNDED)
    page = browser.get("/till/payments/p-1", headers=EN).text
    assert '<h1 class="till-result__word">Refunded</h1>' in page
    assert "till-result--ok" not in page
    assert words.look_of(payments.payment) == words.REFUNDED


@pytest.mark.parametrize("unconfirmed", [False, True])
def test_a_refund_of_a_part_is_no_plain_sale_and_says_what_is_left(
    browser: FlaskClient, payments: Payments, *, unconfirmed: bool
) -> None:
    payments.payment.refunded_yen = 300
    payments.payment.unconfirmed = unconfirmed
    page = browser.get("/till/payments/p-1", headers=EN).text
    assert '<h1 class="till-result__word">Partly refunded</h1>' in page
    assert '<p class="huge">¥1,000</p>' in page
    assert "Of ¥1,300, ¥300 went back and ¥1,000 stay." in page
    assert "The payment is complete." not in page
    assert (str(words.UNCONFIRMED.advice) in page) is unconfirmed  # its file is still to come


@pytest.mark.parametrize(
    ("refunded_yen", "banner", "left"),
    [(0, "", ""), (300, "一部返金済み", "¥1,000"), (1300, "全額返金済み", "¥0")],
)
def test_a_receipt_says_what_went_back_and_what_remains_paid(
    browser: FlaskClient, payments: Payments, refunded_yen: int, banner: str, left: str
) -> None:
    payments.services.answers["ReadReceipt"] = lambda _: pb.ReadReceiptResponse(
        receipt=pb.Receipt(payment_id="p-1", shop=SHOP, total_yen=1300, refunded_yen=refunded_yen,
                           tender=pb.TENDER_CASH_RECORD, receipt_number="R-1")
    )  # fmt: skip
    page = browser.get("/till/payments/p-1/receipt", headers={"Accept-Language": "ja"}).text
    assert re.findall(r'slip__practice">([^<]+)<', page) == ([banner] if banner else [])
    rest = re.findall(r"返金後のお支払額</span><span class=\"number\">([^<]+)<", page)
    assert rest == ([left] if left else [])


def test_the_day_counts_what_went_back_in_full_apart(
    browser: FlaskClient, payments: Payments
) -> None:
    payments.services.answers["ReadTotals"] = lambda _: pb.ReadTotalsResponse(
        business_date="2026-11-28", kept_sale_count=4, refunded_sale_count=2,
        totals=[pb.TenderTotal(tender=pb.TENDER_CARD, captured_count=7, voided_count=1,
                               kept_count=4, refunded_count=3)],
    )  # fmt: skip
    page = browser.get("/till/today?shop=shop-a", headers=EN).text
    assert re.findall(r'data-label="Sales kept">(\d+)<', page) == ["4", "4"]
    assert "2 sales went back in full on the same day" in page
    assert "counts once in the total" not in page


def test_loading_the_question_again_leads_back_to_the_counter(
    browser: FlaskClient, payments: Payments
) -> None:
    assert browser.get("/till/payments").headers["Location"] == "/till"


@given(st.integers(min_value=1, max_value=MAX_AMOUNT_YEN))
def test_notes_offered_are_enough_and_in_order(amount_yen: int) -> None:
    notes = list(sale.likely_notes(amount_yen))
    assert notes == sorted(set(notes))
    assert len(notes) <= 3
    for note in notes:
        assert note > amount_yen
        assert note % 1000 == 0
        cash = sale.cash_of(str(note), pb.TENDER_CASH_RECORD, amount_yen)
        assert cash is not None
        assert cash.change_yen == note - amount_yen < 10_000


@given(st.integers(min_value=1, max_value=10**8), st.integers(min_value=1, max_value=10**7))
def test_change_is_never_negative(tendered_yen: int, amount_yen: int) -> None:
    try:
        found = sale.read_tendered(str(tendered_yen), amount_yen)
    except AmountInvalid:
        assert tendered_yen < amount_yen or tendered_yen > MAX_AMOUNT_YEN
    else:
        assert found == tendered_yen >= amount_yen


@pytest.mark.parametrize("pay", ["", "²:x", "0:x", "99:x", "9" * 5000, "-1:x", "1 :x"])
def test_what_no_button_sends_is_refused_and_nothing_is_taken(
    browser: FlaskClient, payments: Payments, pay: str
) -> None:
    answer = browser.post("/till/payments", data=counter(browser, "500", pay), headers=EN)
    assert answer.status_code == 400
    assert payments.taken == []


@pytest.mark.parametrize("repeated", [True, False])
def test_a_sale_that_was_taken_before_says_so_whatever_the_clocks_say(
    browser: FlaskClient, payments: Payments, *, repeated: bool
) -> None:
    payments.payment.create_time.FromSeconds(0 if not repeated else 2**31)
    payments.services.answers["TakePayment"] = lambda _: pb.TakePaymentResponse(
        payment=payments.payment, answered_before=repeated
    )
    form = {**counter(browser, "1300", "1:acquirer_simulator"), "step": ""}
    to = browser.post("/till/payments", data=form, headers=EN).headers["Location"]
    assert ("repeated=1" in to) == repeated


def test_a_typed_amount_is_named_in_the_reader_s_language_on_the_receipt(
    browser: FlaskClient, payments: Payments
) -> None:
    line = pb.Item(name="お買上げ", quantity=1, unit_amount_yen=1300, tax_rate_percent=10)
    payments.services.answers["ReadReceipt"] = lambda _: pb.ReadReceiptResponse(
        receipt=pb.Receipt(payment_id="p-1", shop=SHOP, total_yen=1300, items=[line],
                           tender=pb.TENDER_CASH_RECORD)
    )  # fmt: skip
    page = browser.get("/till/payments/p-1/receipt", headers=EN).text
    assert re.search(r'<th scope="row">Sale <span class="slip__ja" lang="ja">お買上げ</span>', page)
