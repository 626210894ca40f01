"""The last sale is shown before it is canceled, whichever day it is of; never twice, never half."""

from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.till import cancel
from tests.pages.edge.fakes import AWAY, Failure, FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]


@pytest.fixture(autouse=True)
def last(services: FakeServices, payments: Payments) -> pb.Payment:
    """The last sale, which can be canceled."""
    payments.payment.provider_refunds = True
    services.answers |= {
        "ListPayments": lambda _: pb.ListPaymentsResponse(payments=[payments.payment]),
        "VoidPayment": lambda _: pb.VoidPaymentResponse(payment=payments.payment),
        "RefundPayment": lambda _: pb.RefundPaymentResponse(payment=payments.payment),
    }
    return payments.payment


def refuse(services: FakeServices, method: str, failure: Failure) -> None:
    def answer(_: Any) -> pb.VoidPaymentResponse:
        raise failure

    services.answers[method] = answer


def tap(till: FlaskClient) -> Any:
    page = till.get("/till?shop=shop-a", headers=EN).text
    _before, form = page.split('action="/till/last/cancel"')
    return till.post("/till/last/cancel", data=dict(HIDDEN.findall(form)), headers=EN)


def test_a_sale_of_today_is_voided(browser: FlaskClient, services: FakeServices) -> None:
    answer = tap(browser)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/till/payments/p-1?back=now")
    assert len(services.called("VoidPayment")) == 1
    assert services.called("RefundPayment") == []


def test_the_first_tap_shows_what_would_be_canceled_and_cancels_nothing(
    browser: FlaskClient, services: FakeServices, last: pb.Payment
) -> None:
    last.receipt_number = "R-77"
    page = browser.get("/till?shop=shop-a", headers=EN).text
    _before, question = page.split('<details class="details till-cancel">')
    question = question.split("</details>")[0]
    for said in ("¥1,300", "Cash", "R-77", "Give back ¥1,300 in cash", "It cannot be undone"):
        assert said in question
    # The button stands inside of what the first tap unfolds, and is a form without any script.
    heading, form = question.split("</summary>")
    assert "<form" not in heading
    assert 'action="/till/last/cancel"' in form
    assert services.called("VoidPayment") == services.called("RefundPayment") == []


def test_a_sale_of_another_day_is_refunded(browser: FlaskClient, services: FakeServices) -> None:
    wrong_day = Failure(grpc.StatusCode.FAILED_PRECONDITION, "WRONG_BUSINESS_DATE")
    refuse(services, "VoidPayment", wrong_day)
    assert tap(browser).status_code == 303
    (refund,), (void,) = services.called("RefundPayment"), services.called("VoidPayment")
    assert (refund.amount_yen, refund.channel) == (1300, pb.REFUND_CHANNEL_PROVIDER)
    assert refund.request_id == f"{void.request_id}-back"
    assert refund.reason


def test_what_its_provider_keeps_goes_back_in_cash(
    browser: FlaskClient, services: FakeServices, last: pb.Payment
) -> None:
    last.provider_refunds = False
    assert "in cash" in browser.get("/till?shop=shop-a", headers=EN).text
    tap(browser)
    (refund,) = services.called("RefundPayment")
    assert refund.channel == pb.REFUND_CHANNEL_CASH
    assert services.called("VoidPayment") == []


def test_without_an_answer_it_is_asked_again_under_the_same_id(
    browser: FlaskClient, services: FakeServices
) -> None:
    refuse(services, "VoidPayment", AWAY)
    answer = tap(browser)
    assert answer.status_code == 503
    main = answer.text[answer.text.index('<form class="till-next"') :]
    again = dict(HIDDEN.findall(main))
    services.answers["VoidPayment"] = lambda _: pb.VoidPaymentResponse()
    assert browser.post("/till/last/cancel", data=again, headers=EN).status_code == 303
    first, second = services.called("VoidPayment")
    assert first.request_id == second.request_id


def test_another_refusal_is_said_and_nothing_goes_back(
    browser: FlaskClient, services: FakeServices
) -> None:
    refuse(services, "VoidPayment", Failure(grpc.StatusCode.FAILED_PRECONDITION, "WRONG_STATE"))
    assert tap(browser).status_code == 409
    assert services.called("RefundPayment") == []


@pytest.mark.parametrize(
    ("state", "may"),
    [(pb.PAYMENT_STATE_CAPTURED, True), (pb.PAYMENT_STATE_VOIDED, False),
     (pb.PAYMENT_STATE_UNKNOWN, False), (pb.PAYMENT_STATE_DECLINED, False)],
)  # fmt: skip
def test_only_what_was_taken_can_be_canceled(
    last: pb.Payment, state: pb.PaymentState.ValueType, *, may: bool
) -> None:
    last.state = state
    assert cancel.may_cancel(last) is may
    last.refunds.add(amount_yen=1)
    assert not cancel.may_cancel(last)
