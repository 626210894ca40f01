"""The page of a sale in parts: what it sends to payments, and what it says of each answer."""

import re
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from services.edge.till import split, words
from tests.pages.edge.fakes import AWAY, Failure, FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, SHOP, Payments, counter, payments

__all__ = ["payments"]

OWN = "/till/splits/s-1"


def part(yen: int, tender: int = pb.TENDER_CASH_RECORD, **more: Any) -> pb.Payment:
    usual: dict[str, Any] = {"captured_yen": yen, "state": pb.PAYMENT_STATE_CAPTURED, **more}
    made = pb.Payment(
        payment_id=f"p-{yen}", shop_place_id="shop-a", amount_yen=yen, split_sale_id="s-1",
        tender=pb.Tender.ValueType(tender), **usual,
    )  # fmt: skip
    made.create_time.GetCurrentTime()
    return made


@pytest.fixture
def sale(services: FakeServices, payments: Payments) -> split_pb.SplitSale:
    """A sale of 3,000 yen that is open."""
    found = split_pb.SplitSale(
        split_sale_id="s-1", shop_place_id="shop-a", total_yen=3000, open_yen=3000,
        state=split_pb.SPLIT_SALE_STATE_OPEN, receipt_number="R-9",
    )  # fmt: skip
    services.answers |= {
        "OpenSplitSale": lambda _: split_pb.OpenSplitSaleResponse(split_sale=found),
        "GetSplitSale": lambda _: split_pb.GetSplitSaleResponse(split_sale=found),
        "GiveBackSplitSale": lambda _: split_pb.GiveBackSplitSaleResponse(split_sale=found),
    }
    return found


def fail(services: FakeServices, method: str, failure: Failure) -> None:
    def answer(_: Any) -> Any:
        raise failure

    services.answers[method] = answer


def form(till: FlaskClient, amount: str, pay: str) -> dict[str, str]:
    """The form of the next part as a browser sends it."""
    page = till.get(OWN, headers=EN).text
    _before, own = page.split(f'action="{OWN}/parts"')
    return {**dict(HIDDEN.findall(own.split("</form>")[0])), "amount_yen": amount, "pay": pay}


def test_the_counter_opens_a_sale_for_what_stands_there(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    page = browser.get("/till?shop=shop-a", headers=EN).text
    assert 'formaction="/till/splits"' in page
    data = MultiDict({**dict(HIDDEN.findall(page)), "amount_yen": "1700", "tax_rate_percent": "10"})
    data.add("item", "3*433@8 まんじゅう")
    answer = browser.post("/till/splits", data=data, headers=EN)
    assert (answer.status_code, answer.headers["Location"]) == (303, OWN)
    (opened,) = services.called("OpenSplitSale")
    assert (opened.total_yen, len(opened.items)) == (2999, 2)
    assert opened.request_id == data["request_id"]
    nothing = browser.post("/till/splits", data={**data, "item": "", "amount_yen": ""}, headers=EN)
    assert nothing.status_code in (303, 400)
    assert len(services.called("OpenSplitSale")) == 1


def test_a_cash_part_asks_what_is_handed_over_and_comes_back_to_its_sale(
    browser: FlaskClient, payments: Payments, sale: split_pb.SplitSale
) -> None:
    page = browser.post(f"{OWN}/parts", data=form(browser, "1000", "7:cash_record"), headers=EN)
    assert payments.taken == []
    assert re.findall(r'name="tendered_yen" value="(\d+)"', page.text) == ["1000", "5000", "10000"]
    again = {**dict(HIDDEN.findall(page.text)), "tendered_yen": "5000"}
    done = browser.post(f"{OWN}/parts", data=again, headers=EN)
    assert (done.status_code, done.headers["Location"]) == (303, f"{OWN}?tendered=5000")
    (taken,) = payments.taken
    assert (taken.split_sale_id, taken.amount_yen, len(taken.items)) == ("s-1", 1000, 0)
    sale.parts.append(part(1000))
    sale.captured_yen, sale.open_yen = 1000, 2000
    shown = browser.get(done.headers["Location"], headers=EN).text
    assert "¥4,000" in shown
    assert 'value="2,000"' in shown


def test_more_than_is_open_is_said_before_anybody_is_asked(
    browser: FlaskClient, payments: Payments, sale: split_pb.SplitSale
) -> None:
    data = form(browser, "3001", "1:acquirer_simulator")
    page = browser.post(f"{OWN}/parts", data=data, headers=EN)
    assert page.status_code == 422
    assert "At most ¥3,000 are open." in page.text
    assert payments.taken == []


def test_a_declined_part_says_what_is_paid_what_is_open_and_offers_the_ways_on(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    sale.parts.extend(
        [
            part(1000),
            part(
                2000, pb.TENDER_CARD, captured_yen=0, state=pb.PAYMENT_STATE_DECLINED,
                decline_reason="insufficient_funds",
            ),
        ]
    )  # fmt: skip
    sale.captured_yen, sale.open_yen = 1000, 2000
    page = browser.get(OWN, headers=EN).text
    for text in ("Declined", "balance or limit", "¥1,000", "¥2,000", "Give all back ¥1,000"):
        assert text in page
    assert 'name="pay" value="7:cash_record"' in page


def test_a_silent_provider_leaves_the_rest_payable_but_nothing_waits_on_the_device(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    sale.parts.append(part(1000, captured_yen=0, state=pb.PAYMENT_STATE_UNKNOWN))
    sale.under_way_yen, sale.open_yen = 1000, 2000
    page = browser.get(OWN, headers=EN).text
    assert "data-online-only" in page
    assert 'name="pay"' in page
    sale.parts[0].state, sale.parts[0].customer_acts = pb.PAYMENT_STATE_CREATED, True
    page = browser.get(OWN, headers=EN).text
    assert 'name="pay"' not in page
    assert "data-open" in page


def test_no_answer_is_asked_again_with_the_same_form(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    fail(services, "TakePayment", AWAY)
    data = form(browser, "1000", "1:acquirer_simulator")
    page = browser.post(f"{OWN}/parts", data=data, headers=EN)
    assert page.status_code == 503
    again = dict(HIDDEN.findall(page.text))
    assert {name: again[name] for name in ("split", "request_id", "pay", "amount_yen")} == {
        name: data[name] for name in ("split", "request_id", "pay", "amount_yen")
    }


@pytest.mark.parametrize("reason", ["SPLIT_AMOUNT_TOO_LARGE", "SPLIT_SALE_ENDED"])
def test_a_sale_that_changed_meanwhile_is_shown_again(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale, reason: str
) -> None:
    fail(services, "TakePayment", Failure(grpc.StatusCode.FAILED_PRECONDITION, reason))
    data = form(browser, "1000", "1:acquirer_simulator")
    page = browser.post(f"{OWN}/parts", data=data, headers=EN)
    assert (page.status_code, page.headers["Meguri-Sale"]) == (409, "refused")
    assert "Nothing was charged" in page.text


def test_a_part_of_another_sale_is_refused(
    browser: FlaskClient, payments: Payments, sale: split_pb.SplitSale
) -> None:
    data = {**form(browser, "1000", "1:acquirer_simulator"), "split": "s-2"}
    assert browser.post(f"{OWN}/parts", data=data, headers=EN).status_code == 400
    assert payments.taken == []


def test_all_goes_back_under_one_request_id_however_often_it_is_sent(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    sale.parts.append(part(1000))
    page = browser.get(OWN, headers=EN).text
    data = dict(HIDDEN.findall(page.split(f'action="{OWN}/give-back"')[1]))
    for _ in range(2):
        assert browser.post(f"{OWN}/give-back", data=data, headers=EN).headers["Location"] == OWN
    one, two = services.called("GiveBackSplitSale")
    assert (one.request_id, one.split_sale_id) == (two.request_id, "s-1")
    fail(services, "GiveBackSplitSale", AWAY)
    asked = browser.post(f"{OWN}/give-back", data=data, headers=EN)
    assert asked.status_code == 503
    assert dict(HIDDEN.findall(asked.text))["request_id"] == one.request_id


@pytest.mark.parametrize(
    ("state", "word"),
    [
        (split_pb.SPLIT_SALE_STATE_GIVING_BACK, "Going back"),
        (split_pb.SPLIT_SALE_STATE_GIVEN_BACK, "Given back"),
        (split_pb.SPLIT_SALE_STATE_PAID, "Paid"),
    ],
)
def test_what_is_over_takes_no_part(
    browser: FlaskClient, sale: split_pb.SplitSale, state: split_pb.SplitSaleState.ValueType,
    word: str,
) -> None:  # fmt: skip
    sale.parts.append(part(3000))
    sale.state, sale.open_yen = state, 0
    page = browser.get(OWN, headers=EN).text
    assert word in page
    assert 'name="pay"' not in page
    is_going = state == split_pb.SPLIT_SALE_STATE_GIVING_BACK
    assert ("Try again to give back" in page) == is_going


def test_only_ways_of_the_same_book_pay_the_rest(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    shop = pb.Shop()
    shop.CopyFrom(SHOP)
    shop.tenders[0].practice = True
    sale.parts.append(part(1000))
    assert [each.gateway for each in split.tenders_of(sale, shop)] == ["cash_record"]
    sale.parts[0].state = pb.PAYMENT_STATE_DECLINED
    assert len(split.tenders_of(sale, shop)) == 2


def test_the_last_sale_of_a_counter_leads_to_the_whole_of_it(
    browser: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    payments.payment.split_sale_id = "s-1"
    services.answers["ListPayments"] = lambda _: pb.ListPaymentsResponse(
        payments=[payments.payment]
    )
    page = browser.get("/till?shop=shop-a", headers=EN).text
    assert f'href="{OWN}"' in page
    assert "/till/last/cancel" not in page, "one tap would cancel half a sale"


def test_two_terminals_of_one_tender_are_told_apart_by_name() -> None:
    ways = [
        pb.TenderSetting(tender=pb.TENDER_CARD, gateway="square", terminal="995CS397A6475287"),
        pb.TenderSetting(tender=pb.TENDER_CARD, gateway="adyen", terminal="V400m-000000001"),
        pb.TenderSetting(tender=pb.TENDER_CASH_RECORD, gateway="cash_record"),
    ]
    assert [words.apart(each, ways) for each in ways] == ["Square A6475287", "Adyen 00000001", ""]
    assert words.apart(ways[0], ways[:1]) == ""


def test_the_counter_s_buttons_carry_the_names(
    browser: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    shop = pb.Shop()
    shop.CopyFrom(SHOP)
    shop.tenders.add(tender=pb.TENDER_CARD, gateway="square", terminal="T-2")
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=[shop])
    page = browser.get("/till?shop=shop-a", headers=EN).text
    names = re.findall(r'<small class="till__apart">([^<]+)</small>', page)
    assert names == ["Simulator", "Square T-2"]
    assert counter(browser, "1300", "1:square")


def test_a_part_that_is_being_taken_back_is_never_shown_as_paid(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    """Its provider has not answered: the page says so, asks for nothing and looks again."""
    sale.parts.extend([part(1000), part(2000, pb.TENDER_CARD, being_voided=True)])
    sale.captured_yen, sale.under_way_yen, sale.open_yen = 1000, 2000, 0
    for state in (pb.PAYMENT_STATE_CAPTURED, pb.PAYMENT_STATE_UNKNOWN):
        sale.parts[1].state = state
        page = browser.get(OWN, headers=EN).text
        result = page[page.index("<main") :].partition("</section>")[0]
        assert "Cancellation not known yet" in result
        assert "give nothing back and charge nothing again" in result
        assert "Paid" not in result
        assert "data-open" in result
        assert 'name="pay"' not in page
        row = page[page.index('href="/till/payments/p-2000"') :]
        assert "Cancellation not known yet" in row[: row.index("</li>")]


def test_a_payment_that_is_being_canceled_offers_no_second_way_back(
    browser: FlaskClient, payments: Payments
) -> None:
    payments.payment.provider_refunds = True
    payments.payment.refundable_yen = payments.payment.captured_yen
    usual = browser.get("/till/payments/p-1", headers=EN).text
    assert "/till/payments/p-1/refund" in usual
    assert "/till/payments/p-1/void" in usual
    payments.payment.being_voided, payments.payment.refundable_yen = True, 0
    page = browser.get("/till/payments/p-1?tendered=2000", headers=EN).text
    assert "Cancellation not known yet" in page
    for offered in ("/void", "/refund", "data-receipt-link", "¥700"):
        assert offered not in page
    counted = browser.get("/till?shop=shop-a", headers=EN).text
    assert "/till/last/cancel" not in counted


def test_ways_to_pay_that_are_left_out_are_named_with_the_reason(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    shop = pb.Shop()
    shop.CopyFrom(SHOP)
    shop.tenders[0].practice = True  # the card of a cave gate out of the box; its cash is real
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=[shop])
    reason = "practice and real money do not mix"
    assert reason not in browser.get(OWN, headers=EN).text
    sale.parts.append(part(1000))
    sale.captured_yen, sale.open_yen = 1000, 2000
    page = browser.get(OWN, headers=EN).text
    assert reason in page
    assert "Left out: Card." in page
    assert 'value="1:acquirer_simulator"' not in page
    sale.parts[0].practice = True
    page = browser.get(OWN, headers=EN).text
    assert "begun as practice" in page
    assert "Left out: Cash." in page


def test_the_page_a_cash_part_leads_to_strikes_it_out_of_what_waits(
    browser: FlaskClient, sale: split_pb.SplitSale
) -> None:
    page = browser.get(f"{OWN}?tendered=5000", headers=EN)
    assert page.headers["Meguri-Sale"] == "taken"


def today(till: FlaskClient, services: FakeServices, *sales: split_pb.SplitSale) -> str:
    """The page of the day where some sales are not finished."""
    services.answers |= {
        "ReadTotals": lambda _: pb.ReadTotalsResponse(business_date="2026-11-28"),
        "ListUnfinishedSplitSales": lambda _: split_pb.ListUnfinishedSplitSalesResponse(
            split_sales=sales
        ),
    }
    return till.get("/till/today?shop=shop-a", headers=EN).text


def test_the_day_lists_what_is_half_paid_with_both_ways_on(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    assert "not finished" not in today(browser, services)
    sale.parts.append(part(1000))
    sale.captured_yen, sale.under_way_yen, sale.open_yen = 1000, 500, 1500
    page = today(browser, services, sale)
    asked = services.called("ListUnfinishedSplitSales")[-1]
    assert (asked.shop_place_id, asked.business_date) == ("shop-a", "2026-11-28")
    assert "1 sale in parts is not finished" in page
    assert "¥1,000 of ¥3,000 are paid, ¥1,500 are missing." in page
    assert "Of ¥500 the outcome is not known yet." in page
    assert re.findall(r'href="(/till/splits/s-1[^"]*)"', page) == [OWN, f"{OWN}?end=1#end"]


def test_one_that_is_going_back_is_not_to_be_paid(
    browser: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    sale.parts.append(part(1000))
    sale.state, sale.held_yen, sale.open_yen = split_pb.SPLIT_SALE_STATE_GIVING_BACK, 1000, 0
    page = today(browser, services, sale)
    assert "Going back: ¥1,000 of ¥3,000 have not gone back yet." in page
    assert re.findall(r'href="(/till/splits/s-1[^"]*)"', page) == [f"{OWN}?end=1#end"]
