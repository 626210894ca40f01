"""The tax-free side of a sale at the counter: what each state offers, and what its buttons ask."""

import re
from typing import Any, NoReturn

import grpc
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till.tax_free import standing
from tests.pages.edge.fakes import AWAY, Failure, FakeServices
from tests.pages.edge.test_office import refusal_of
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]
HERE = "/till/payments/p-1/tax-free"
RECORDED = pb.TaxFreeSale(
    tax_free_sale_id="t-1", payment_id="p-1", shop_place_id="shop-a", purchase_record_id="PR-1",
    sale_date="2026-11-20", confirm_until="2027-02-18", tax_yen=1000,
    state=pb.TAX_FREE_STATE_RECORDED,
)  # fmt: skip


def known(**more: Any) -> pb.TaxFreeSale:
    made = pb.TaxFreeSale()
    made.CopyFrom(RECORDED)
    made.MergeFrom(pb.TaxFreeSale(**more))
    return made


@pytest.fixture
def records(services: FakeServices, payments: Payments) -> list[pb.TaxFreeSale]:
    """The tax-free sales there are: none yet."""
    payments.payment.state = pb.PAYMENT_STATE_CAPTURED
    payments.payment.captured_yen = 11_000
    found: list[pb.TaxFreeSale] = []
    services.answers |= {
        "ListTaxFreeSales": lambda _: pb.ListTaxFreeSalesResponse(tax_free_sales=found),
        "RecordTaxFreeSale": lambda _: pb.RecordTaxFreeSaleResponse(tax_free_sale=RECORDED),
        "SettleTaxFreeSale": lambda _: pb.SettleTaxFreeSaleResponse(tax_free_sale=RECORDED),
        "RefundTaxFreeSale": lambda _: pb.RefundTaxFreeSaleResponse(
            refund=pb.Refund(state=pb.REFUND_STATE_REFUNDED)
        ),
    }
    return found


def send(browser: FlaskClient, action: str = "", **fields: str) -> TestResponse:
    page = browser.get(HERE, headers=EN).text
    _before, form = page.split(f'action="{HERE}{action}"')
    return browser.post(
        f"{HERE}{action}", data={**dict(HIDDEN.findall(form)), **fields}, headers=EN
    )


def test_a_sale_is_recorded_under_the_authority_s_id_alone(
    browser: FlaskClient, services: FakeServices, records: list[pb.TaxFreeSale]
) -> None:
    page = browser.get(HERE, headers=EN).text
    assert (
        len(re.findall(r"<input[^>]*required", page)) == 1
    )  # one thing to give, nothing of a person
    answer = send(browser, purchase_record_id=" PR-1 ")
    assert (answer.status_code, answer.headers["Location"]) == (303, HERE)
    (call,) = services.called("RecordTaxFreeSale")
    assert (call.payment_id, call.purchase_record_id, list(call.serials)) == ("p-1", "PR-1", [])
    assert call.request_id


def test_dear_things_are_asked_for_their_numbers(
    browser: FlaskClient, services: FakeServices, payments: Payments, records: list[pb.TaxFreeSale]
) -> None:
    payments.payment.items.append(pb.Item(name="皿", unit_amount_yen=900, quantity=1))
    payments.payment.items.append(pb.Item(name="壺", unit_amount_yen=1_200_000, quantity=1))
    assert 'name="serial_1"' in browser.get(HERE, headers=EN).text
    send(browser, purchase_record_id="PR-1", serial_0="x", serial_1=" S-9 ")
    (call,) = services.called("RecordTaxFreeSale")
    assert [(each.line, each.serial) for each in call.serials] == [(1, "S-9")]


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (refusal_of("purchase_record_id"), "A passport number never belongs here"),
        (Failure(grpc.StatusCode.FAILED_PRECONDITION, "TAX_FREE_NOT_POSSIBLE"), "¥5,000"),
    ],
)
def test_a_refusal_says_what_to_do_and_keeps_what_was_typed(
    browser: FlaskClient, services: FakeServices, records: list[pb.TaxFreeSale], failure: Failure,
    said: str,
) -> None:  # fmt: skip
    def refuse(_: Any) -> NoReturn:
        raise failure

    services.answers["RecordTaxFreeSale"] = refuse
    answer = send(browser, purchase_record_id="PR-7")
    assert answer.status_code == 422
    assert 'value="PR-7"' in answer.text
    assert said in answer.text


def test_customs_confirm_or_refuse_all_of_it(
    browser: FlaskClient, services: FakeServices, records: list[pb.TaxFreeSale]
) -> None:
    records.append(RECORDED)
    assert send(browser, "/customs", confirm_date="2026-11-25", confirmed="1").status_code == 303
    send(browser, "/customs", confirm_date="2026-11-25", confirmed="0")
    calls = services.called("SettleTaxFreeSale")
    assert [(each.tax_free_sale_id, each.confirmed, each.confirm_date) for each in calls] == [
        ("t-1", True, "2026-11-25"), ("t-1", False, "2026-11-25"),
    ]  # fmt: skip


def test_the_tax_goes_back_once_customs_confirmed(
    browser: FlaskClient, services: FakeServices, records: list[pb.TaxFreeSale]
) -> None:
    records.append(known(state=pb.TAX_FREE_STATE_CONFIRMED))
    answer = send(browser, "/refund", channel="cash")
    assert answer.headers["Location"] == "/till/payments/p-1?refund=asked"
    (call,) = services.called("RefundTaxFreeSale")
    assert (call.tax_free_sale_id, call.channel) == ("t-1", pb.REFUND_CHANNEL_CASH)


def test_a_lost_answer_is_asked_again_with_the_same_request(
    browser: FlaskClient, services: FakeServices, records: list[pb.TaxFreeSale]
) -> None:
    def away(_: Any) -> NoReturn:
        raise AWAY

    records.append(known(state=pb.TAX_FREE_STATE_CONFIRMED))
    services.answers["RefundTaxFreeSale"] = away
    page = send(browser, "/refund", channel="cash").text
    (call,) = services.called("RefundTaxFreeSale")
    assert dict(HIDDEN.findall(page))["request_id"] == call.request_id


@pytest.mark.parametrize(
    ("more", "where", "buttons"),
    [
        ({}, "customs", 2),
        ({"expired": True}, "expired", 0),
        ({"state": pb.TAX_FREE_STATE_REFUSED}, "refused", 0),
        ({"state": pb.TAX_FREE_STATE_CONFIRMED}, "back", 1),
        ({"state": pb.TAX_FREE_STATE_CONFIRMED, "refund_id": "r-1"}, "done", 0),
    ],
)
def test_each_state_offers_what_may_still_be_done(
    browser: FlaskClient, records: list[pb.TaxFreeSale], more: dict[str, Any], where: str,
    buttons: int,
) -> None:  # fmt: skip
    records.append(known(**more))
    assert standing(records[0]) == where
    main = browser.get(HERE, headers=EN).text.split("<main")[1]
    assert len(re.findall(r"<button", main)) == buttons
    assert "1,000" in main


def test_a_refund_its_provider_refused_may_be_tried_again(
    browser: FlaskClient, payments: Payments, records: list[pb.TaxFreeSale]
) -> None:
    records.append(known(state=pb.TAX_FREE_STATE_CONFIRMED, refund_id="r-1"))
    payments.payment.refunds.append(pb.Refund(refund_id="r-1", state=pb.REFUND_STATE_DECLINED))
    assert f'action="{HERE}/refund"' in browser.get(HERE, headers=EN).text


def test_the_list_begins_with_what_somebody_has_to_do(
    browser: FlaskClient, records: list[pb.TaxFreeSale]
) -> None:
    records += [
        known(state=pb.TAX_FREE_STATE_REFUSED, purchase_record_id="gone"),
        known(purchase_record_id="waits"),
        known(state=pb.TAX_FREE_STATE_CONFIRMED, purchase_record_id="pay"),
    ]
    page = browser.get("/till/tax-free?shop=shop-a", headers=EN).text
    assert page.index("pay<") < page.index("waits<") < page.index("gone<")
    assert browser.get("/till/tax-free?shop=shop-x", headers=EN).status_code == 404
