"""No answer of payments: the same request is asked again, with every field and its own id."""

import html
import re

import grpc
import pytest
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from tests.pages.edge.fakes import AWAY, SESSION, Failure, FakeServices

ORIGIN = {"Origin": "http://localhost"}
HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
SHOP = pb.Shop(
    shop_place_id="shop-a", names={"ja": "試しの店"}, default_tax_rate_percent=10,
    tenders=[pb.TenderSetting(tender=pb.TENDER_CARD, gateway="acquirer_simulator")],
)  # fmt: skip
PAID = pb.Payment(
    payment_id="p-1", shop_place_id="shop-a", tender=pb.TENDER_CARD, amount_yen=1000,
    captured_yen=1000, authorized_yen=1000, refundable_yen=1000, state=pb.PAYMENT_STATE_CAPTURED,
    gateway="acquirer_simulator",
)  # fmt: skip
REFUND = {"request_id": "refund-id-1", "amount_yen": "300", "reason": "a > b", "channel": "cash"}
VOID = {"request_id": "void-id-1"}
SALE = {
    "request_id": "sale-id-1", "shop": "shop-a", "amount_yen": "１，３００",
    "tax_rate_percent": "8", "pay": "1:acquirer_simulator",
}  # fmt: skip
FORMS = {
    "TakePayment": ("/till/payments", SALE),
    "VoidPayment": ("/till/payments/p-1/void", VOID),
    "RefundPayment": ("/till/payments/p-1/refund", REFUND),
}
AGAIN = {
    "TakePayment": "it can never charge twice",
    "VoidPayment": "the sale is canceled only once",
    "RefundPayment": "the money goes back only once",
}


@pytest.fixture
def till(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """A signed-in clerk at a till whose payments can be read."""
    services.answers |= {
        "ListProducts": lambda _: office_pb.ListProductsResponse(),
        "ListClerks": lambda _: office_pb.ListClerksResponse(),
        "ListShops": lambda _: pb.ListShopsResponse(shops=[SHOP]),
        "ListPayments": lambda _: pb.ListPaymentsResponse(),
        "GetPayment": lambda _: pb.GetPaymentResponse(payment=PAID),
        "TakePayment": lambda _: pb.TakePaymentResponse(payment=PAID),
        "VoidPayment": lambda _: pb.VoidPaymentResponse(payment=PAID),
        "RefundPayment": lambda _: pb.RefundPaymentResponse(
            refund=pb.Refund(state=pb.REFUND_STATE_REFUNDED), payment=PAID
        ),
    }
    browser.set_cookie("meguri_session", SESSION)
    return browser


def fail(services: FakeServices, method: str, failure: Failure) -> None:
    """Has a method fail from now on."""

    def raise_it(_: Message) -> Message:
        raise failure

    services.answers[method] = raise_it


def form(browser: FlaskClient, **fields: str) -> dict[str, str]:
    """A form as a page of the till sends it."""
    found = re.search(r'name="form_token" value="(\w+)"', browser.get("/till").text)
    assert found
    return {"form_token": found[1], **fields}


@pytest.mark.parametrize("code", [grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.DEADLINE_EXCEEDED])
@pytest.mark.parametrize("method", FORMS)
def test_it_is_asked_again_with_the_same_words_and_the_same_id(
    till: FlaskClient, services: FakeServices, method: str, code: grpc.StatusCode
) -> None:
    path, fields = FORMS[method]
    heard = services.answers[method]
    fail(services, method, Failure(code))
    answer = till.post(path, data=form(till, **fields), headers=ORIGIN)
    assert answer.status_code == 503
    assert AGAIN[method] in answer.text
    main = answer.text[answer.text.index("<main") :]
    assert f'action="{path}"' in main
    again = {name: html.unescape(value) for name, value in HIDDEN.findall(main)}
    assert {name: again[name] for name in fields} == fields

    services.answers[method] = heard
    assert till.post(path, data=again, headers=ORIGIN).status_code == 303
    first, second = services.called(method)
    assert first == second
    assert first.request_id == fields["request_id"]


def test_a_refund_that_happened_unheard_is_found_out_although_nothing_is_left(
    till: FlaskClient, services: FakeServices
) -> None:
    spent = pb.Payment()
    spent.CopyFrom(PAID)
    spent.refunded_yen = 1000
    services.answers["GetPayment"] = lambda _: pb.GetPaymentResponse(payment=spent)
    fields = form(till, **{**REFUND, "amount_yen": "1000"})
    answer = till.post("/till/payments/p-1/refund", data=fields, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (
        303,
        "/till/payments/p-1?refund=asked",
    )


def test_more_than_is_left_is_said_at_the_amount(till: FlaskClient, services: FakeServices) -> None:
    failure = Failure(grpc.StatusCode.FAILED_PRECONDITION, "AMOUNT_TOO_LARGE")
    fail(services, "RefundPayment", failure)
    answer = till.post("/till/payments/p-1/refund", data=form(till, **REFUND), headers=ORIGIN)
    assert answer.status_code == 422
    assert "That is more than is left." in answer.text


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [("amount_yen", "1.5", "digits only"), ("reason", " ", "Write why")],
)
def test_a_refund_that_cannot_be_read_is_not_sent(
    till: FlaskClient, services: FakeServices, field: str, value: str, said: str
) -> None:
    fields = form(till, **{**REFUND, field: value})
    answer = till.post("/till/payments/p-1/refund", data=fields, headers=ORIGIN)
    assert answer.status_code == 422
    assert said in answer.text
    assert services.called("RefundPayment") == []


@pytest.mark.parametrize("method", ["VoidPayment", "RefundPayment"])
def test_a_refusal_is_no_missing_answer(
    till: FlaskClient, services: FakeServices, method: str
) -> None:
    fail(services, method, Failure(grpc.StatusCode.FAILED_PRECONDITION, "GATEWAY_ABSENT"))
    path, fields = FORMS[method]
    answer = till.post(path, data=form(till, **fields), headers=ORIGIN)
    assert answer.status_code == 409
    assert "Its provider is not set up here." in answer.text


def test_without_payments_the_till_says_so(till: FlaskClient, services: FakeServices) -> None:
    fail(services, "ListShops", AWAY)
    assert till.get("/till").status_code == 503
