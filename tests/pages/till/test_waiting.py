"""Sales that waited on a device: read as the counter would have, each with an answer of its own."""

import json
from typing import Any
from urllib.parse import urlencode

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.assets import Assets
from services.edge.till import waiting
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.till.test_no_answer import fail
from tests.pages.till.test_sale import EN, SHOP, Payments, counter, payments

__all__ = ["payments"]

Code = grpc.StatusCode


@pytest.fixture(autouse=True)
def taken(services: FakeServices, payments: Payments) -> None:
    """Payments that takes every sale, but for those of 13 yen."""

    def take(request: Any) -> pb.TakePaymentsResponse:
        results = [
            pb.WaitingSaleResult(reason="WAITED_TOO_LONG", text="x")
            if each.sale.amount_yen == 13
            else pb.WaitingSaleResult(
                request_id=each.sale.request_id,
                payment=pb.Payment(payment_id=f"p-{each.sale.request_id}"),
            )
            for each in request.sales
        ]  # fmt: skip
        return pb.TakePaymentsResponse(results=results)

    services.answers["TakePayments"] = take


def sale(request_id: str, amount: str = "500", **more: object) -> dict[str, object]:
    fields = {"request_id": request_id, "shop": "shop-a", "amount_yen": amount,
              "pay": "7:cash_record", **more}  # fmt: skip
    return {"form": urlencode(fields, doseq=True), "waited_s": 60}


def told(answer: Any) -> Any:
    """The JSON of an answer."""
    return answer.json


def send(till: FlaskClient, sales: object, user: str = "u1", token: str = "") -> Any:
    known = told(till.get("/till/waiting", headers=EN))
    headers = {**EN, "X-Form-Token": token or known["form_token"], "Accept": "application/json"}
    return till.post("/till/waiting", json={"user": user, "sales": sales}, headers=headers)


def test_every_sale_gets_its_own_answer(browser: FlaskClient, services: FakeServices) -> None:
    given = [sale("first-one"), sale("no", "x"), sale("late-one", "13"), {"form": 1}, sale("", "5"),
             sale("second-one", tax_rate_percent="8"), sale("other", shop="shop-z")]  # fmt: skip
    results = send(browser, given).json["results"]
    assert [each.get("payment_id", each.get("reason")) for each in results] == [
        "p-first-one", "invalid_fields", "waited_too_long", "invalid_fields", "form_expired",
        "p-second-one", "unknown_shop",
    ]  # fmt: skip
    assert "seven days" in results[2]["text"]
    (asked,) = services.called("TakePayments")
    assert [each.sale.request_id for each in asked.sales] == ["first-one", "late-one", "second-one"]
    assert asked.sales[0].waited_s == 60


def test_a_sale_that_waited_is_asked_for_as_at_the_counter(
    browser: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    form = {**counter(browser, "200", "7:cash_record"), "item": ["2*650@8 ゼリー"]}
    browser.post("/till/payments", data={**form, "step": "", "tendered_yen": "1500"}, headers=EN)
    send(
        browser, [{"form": urlencode({**form, "tendered_yen": "1500"}, doseq=True), "waited_s": 9}]
    )
    (online,), (upload,) = payments.taken, services.called("TakePayments")
    assert upload.sales[0].sale == online
    assert online.amount_yen == 1500


REUSED = Failure(Code.ALREADY_EXISTS, "REQUEST_ID_REUSED")
NOT_ACCEPTED = Failure(Code.FAILED_PRECONDITION, "TENDER_NOT_ACCEPTED")
REFUSED = {
    "an amount that is none": ({"amount_yen": "-5"}, None, 422, "refused"),
    "too little cash": ({"tendered_yen": "5"}, None, 422, "refused"),
    "another sale has the id": ({}, REUSED, 409, "refused"),
    "payments says no": ({}, NOT_ACCEPTED, 409, "refused"),
    "nobody there": ({}, Failure(Code.UNAVAILABLE), 503, None),
    "the login is over": ({}, Failure(Code.UNAUTHENTICATED), 401, None),
    "the device is revoked": ({}, Failure(Code.PERMISSION_DENIED, "DEVICE_REVOKED"), 403, None),
    "a lot at once": ({}, Failure(Code.RESOURCE_EXHAUSTED), 429, None),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_only_an_answer_about_the_sale_lets_a_device_forget_it(
    browser: FlaskClient, services: FakeServices, payments: Payments, name: str
) -> None:
    changes, failure, status, outcome = REFUSED[name]
    if failure is not None:
        fail(services, "TakePayment", failure)
    form = {**counter(browser, "500", "7:cash_record"), "step": "", "tendered_yen": "500"}
    answer = browser.post("/till/payments", data={**form, **changes}, headers=EN)
    assert (answer.status_code, answer.headers.get(waiting.SALE_HEADER)) == (status, outcome)


def test_a_sale_that_was_taken_says_so_on_the_page_it_leads_to(
    browser: FlaskClient, payments: Payments
) -> None:
    form = {**counter(browser, "500", "7:cash_record"), "step": "", "tendered_yen": "500"}
    page = browser.post("/till/payments", data=form, headers=EN, follow_redirects=True)
    assert page.headers[waiting.SALE_HEADER] == "taken"
    counter_page = browser.get("/till", headers=EN)
    assert waiting.SALE_HEADER not in counter_page.headers


@pytest.mark.parametrize("rate", [None, "8", "10"])
@pytest.mark.parametrize("items", [[], ["2*650@8 ゼリー"]])
def test_a_sale_is_read_from_its_form_alone(
    browser: FlaskClient, services: FakeServices, payments: Payments, rate: str | None,
    items: list[str],
) -> None:  # fmt: skip
    form: dict[str, object] = {**counter(browser, "200", "7:cash_record"), "item": items}
    form |= {"step": "", "tendered_yen": "1500"} | ({"tax_rate_percent": rate} if rate else {})
    browser.post("/till/payments", data=form, headers=EN)
    changed = pb.Shop()
    changed.CopyFrom(SHOP)
    changed.default_tax_rate_percent = 8
    services.answers["ListShops"] = lambda _: pb.ListShopsResponse(shops=[changed])
    send(browser, [{"form": urlencode(form, doseq=True), "waited_s": 9}])
    (online,), (upload,) = payments.taken, services.called("TakePayments")
    assert upload.sales[0].sale == online
    assert [each.tax_rate_percent for each in online.items][-1] == int(rate or 10)


def test_a_sale_on_the_form_of_before_is_read_as_before(
    browser: FlaskClient, services: FakeServices
) -> None:
    plain, other = sale("first-one"), sale("second-one", tax_rate_percent="8")
    send(browser, [plain, other])
    (upload,) = services.called("TakePayments")
    assert [len(each.sale.items) for each in upload.sales] == [0, 1]


def test_a_form_that_lacks_its_rate_is_refused(browser: FlaskClient) -> None:
    answer = send(browser, [sale("first-one", form="2")])
    assert answer.json["results"][0]["reason"] == "invalid_fields"


def test_another_login_takes_nothing(browser: FlaskClient, services: FakeServices) -> None:
    answer = send(browser, [sale("first-one")], user="u9")
    assert (answer.status_code, answer.json["reason"]) == (409, "other_login")
    assert services.called("TakePayments") == []


def test_a_foreign_page_takes_nothing(browser: FlaskClient, services: FakeServices) -> None:
    assert send(browser, [sale("first-one")], token="forged").status_code == 403
    assert services.called("TakePayments") == []


@pytest.mark.parametrize("sales", [[], "x", None, [sale("x")] * (waiting.MOST_AT_ONCE + 1)])
def test_an_upload_has_a_form_and_a_size(
    browser: FlaskClient, services: FakeServices, sales: object
) -> None:
    assert send(browser, sales).status_code == 400
    assert services.called("TakePayments") == []


@pytest.mark.parametrize("twice", ["user", "sales", "form", "waited_s"])
def test_a_key_given_twice_takes_nothing(
    browser: FlaskClient, services: FakeServices, twice: str
) -> None:
    known = told(browser.get("/till/waiting", headers=EN))
    headers = {**EN, "X-Form-Token": known["form_token"], "Content-Type": "application/json"}
    text = json.dumps({"user": "u1", "sales": [sale("first-one")]})
    once = browser.post("/till/waiting", data=text, headers=headers)
    assert once.status_code == 200
    services.calls.clear()
    doubled = text.replace(f'"{twice}":', f'"{twice}": 0, "{twice}":')
    answer = browser.post(
        "/till/waiting", data=doubled, headers={**headers, "Accept": "application/json"}
    )
    assert (answer.status_code, told(answer)["reason"]) == (400, "malformed_json")
    assert services.called("TakePayments") == []


@pytest.mark.parametrize("waited_s", [True, 1.5, "60", None])
def test_a_wait_is_a_whole_number(browser: FlaskClient, waited_s: object) -> None:
    given = {**sale("first-one"), "waited_s": waited_s}
    assert send(browser, [given]).json["results"][0]["reason"] == "invalid_fields"


def test_too_many_fields_are_refused(browser: FlaskClient) -> None:
    given = {"form": "a=1&" * 400, "waited_s": 1}
    assert send(browser, [given]).json["results"][0]["reason"] == "invalid_fields"


def test_the_till_is_an_app_of_its_own(browser: FlaskClient) -> None:
    assert 'rel="manifest" href="/till/site.webmanifest"' in browser.get("/till?shop=shop-a").text
    app = told(browser.get("/till/site.webmanifest", headers=EN))
    assert (app["start_url"], app["scope"], app["display"]) == ("/till", "/till", "standalone")
    for icon in app["icons"]:
        assert Assets().find(icon["src"].removeprefix("/static/")) is not None


def test_the_worker_may_speak_for_the_till_and_needs_no_login(browser: FlaskClient) -> None:
    browser.delete_cookie("meguri_session")
    answer = browser.get("/till/sw.js")
    assert answer.status_code == 200
    assert answer.headers["Service-Worker-Allowed"] == "/till"
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize(
    ("reason", "says"),
    [
        ("CARD_NUMBER_TYPED", "A card's number was typed."),
        ("TEXT_TOO_LONG", "A text is too long."),
    ],
)
def test_a_sale_with_a_refused_text_says_why_and_holds_up_no_other(
    browser: FlaskClient, services: FakeServices, reason: str, says: str
) -> None:
    services.answers["TakePayments"] = lambda _: pb.TakePaymentsResponse(
        results=[
            pb.WaitingSaleResult(reason=reason, text="x"),
            pb.WaitingSaleResult(payment=pb.Payment(payment_id="p-2")),
        ]
    )
    refused, taken = told(send(browser, [sale("first-one"), sale("second-one")]))["results"]
    assert refused["reason"] == reason.lower()
    assert refused["text"].startswith(says)
    assert taken == {"payment_id": "p-2"}
