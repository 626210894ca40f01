"""Who stands at the till: a PIN opens it, idleness locks it, each sale carries whose PIN it was."""

import time
from typing import Any
from urllib.parse import urlencode

import pytest
from flask import Flask, g
from flask.testing import FlaskClient

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge import cookies
from services.edge.errors import Problem
from services.edge.till import clerks
from tests.pages.edge.fakes import FakeServices
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, payments

__all__ = ["payments"]

AYA, KEN = "0199f3c5-0000-7000-8000-00000000000a", "0199f3c5-0000-7000-8000-00000000000b"


@pytest.fixture(autouse=True)
def people(services: FakeServices, payments: Payments) -> list[office_pb.Clerk]:
    """Two clerks and one who left."""
    found = [
        office_pb.Clerk(clerk_id=AYA, display_name="彩"),
        office_pb.Clerk(clerk_id=KEN, display_name="健"),
        office_pb.Clerk(clerk_id="x", display_name="前の人", disabled=True),
    ]

    def check(asked: Any) -> office_pb.CheckClerkResponse:
        return office_pb.CheckClerkResponse(right=asked.pin == "2580")

    services.answers |= {
        "ListClerks": lambda _: office_pb.ListClerksResponse(clerks=found),
        "CheckClerk": check,
    }
    return found


def token(till: FlaskClient) -> str:
    found: dict[str, str] = dict(HIDDEN.findall(till.get("/till/clerk?shop=shop-a").text))
    return found["form_token"]


def enter(till: FlaskClient, pin: str = "2580", clerk: str = AYA, **more: object) -> Any:
    form = {"form_token": token(till), "shop": "shop-a", "clerk_id": clerk, "pin": pin, **more}
    return till.post("/till/clerk", data=form, headers=EN)


def at_the_counter(till: FlaskClient) -> dict[str, str]:
    return dict(HIDDEN.findall(till.get("/till?shop=shop-a", headers=EN).text))


def pay(till: FlaskClient, form: dict[str, str]) -> Any:
    sold = {**form, "amount_yen": "500", "pay": "1:acquirer_simulator"}
    return till.post("/till/payments", data=sold, headers=EN)


def test_the_counter_opens_after_a_pin_and_a_sale_carries_the_clerk(
    browser: FlaskClient, payments: Payments
) -> None:
    page = browser.get("/till?shop=shop-a", headers=EN).text
    assert "Who is at the till?" in page
    assert "彩" in page
    assert "前の人" not in page
    assert 'name="pay"' not in page
    assert enter(browser).headers["Location"] == "/till?shop=shop-a"
    form = at_the_counter(browser)
    assert pay(browser, form).status_code == 303
    assert payments.taken[0].clerk_id == AYA


def test_a_wrong_pin_opens_nothing(browser: FlaskClient, services: FakeServices) -> None:
    answer = enter(browser, pin="1111")
    assert answer.status_code == 422
    assert "not right" in answer.text
    assert "1111" not in answer.text
    assert "Who is at the till?" in browser.get("/till?shop=shop-a", headers=EN).text


def test_another_clerk_takes_over(browser: FlaskClient, payments: Payments) -> None:
    enter(browser)
    enter(browser, clerk=KEN)
    pay(browser, at_the_counter(browser))
    assert payments.taken[0].clerk_id == KEN


def test_nobody_can_name_another_clerk(browser: FlaskClient, payments: Payments) -> None:
    enter(browser)
    form = at_the_counter(browser)
    forged = form["clerk"].replace(AYA, KEN)
    assert forged != form["clerk"]
    assert pay(browser, {**form, "clerk": forged}).status_code == 403
    assert payments.taken == []


def test_idleness_locks_and_keeps_the_sale(
    browser: FlaskClient, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(browser)
    form = at_the_counter(browser)
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + clerks.IDLE_S + 1)
    asked = pay(browser, form)
    assert (asked.status_code, payments.taken) == (409, [])
    assert "is kept" in asked.text
    kept = dict(HIDDEN.findall(asked.text))
    assert (kept["request_id"], kept["amount_yen"]) == (form["request_id"], "500")
    opened = enter(browser, **kept)
    again = dict(HIDDEN.findall(opened.text))
    page = browser.post("/till/basket", data=again, headers=EN).text
    assert dict(HIDDEN.findall(page))["request_id"] == form["request_id"]
    assert 'value="500"' in page


def test_a_lock_by_hand_and_a_person_taken_off_the_list(
    browser: FlaskClient, people: list[office_pb.Clerk]
) -> None:
    enter(browser)
    browser.post("/till/lock", data={"form_token": token(browser), "shop": "shop-a"}, headers=EN)
    assert "clerk" not in at_the_counter(browser)
    enter(browser)
    assert "clerk" in at_the_counter(browser)
    people[0].disabled = True
    assert "clerk" not in at_the_counter(browser)


def test_a_page_answered_after_the_lock_does_not_open_the_till_again(browser: FlaskClient) -> None:
    enter(browser)
    under_way = browser.get_cookie(cookies.TILL_CLERK.name, path="/till")
    assert under_way
    browser.post("/till/lock", data={"form_token": token(browser), "shop": "shop-a"}, headers=EN)
    # The late answer writes it.
    browser.set_cookie(cookies.TILL_CLERK.name, under_way.value, path="/till")
    assert "clerk" not in at_the_counter(browser)
    enter(browser)
    assert "clerk" in at_the_counter(browser)


@pytest.mark.parametrize("locked", ["", "x", "１", "9" * 40])
def test_an_unclear_time_of_the_lock_never_opens_more(browser: FlaskClient, locked: str) -> None:
    enter(browser)
    browser.set_cookie(cookies.TILL_LOCKED.name, locked, path="/till")
    assert ("clerk" in at_the_counter(browser)) == (not locked)


@pytest.mark.parametrize("cookie", ["", "x", "9999999999.a.b.shop-a", "1.2.3", "１.a.b.shop-a"])
def test_a_made_up_cookie_opens_nothing(browser: FlaskClient, cookie: str) -> None:
    browser.set_cookie(cookies.TILL_CLERK.name, cookie, path="/till")
    assert "clerk" not in at_the_counter(browser)


def test_money_goes_back_only_at_an_open_till(browser: FlaskClient) -> None:
    assert "Who is at the till?" in browser.get("/till/payments/p-1/refund", headers=EN).text
    enter(browser)
    assert "Who is at the till?" not in browser.get("/till/payments/p-1/refund", headers=EN).text


def test_a_shop_without_clerks_has_no_lock(
    browser: FlaskClient, payments: Payments, people: list[office_pb.Clerk]
) -> None:
    people.clear()
    assert pay(browser, at_the_counter(browser)).status_code == 303
    assert payments.taken[0].clerk_id == ""


def test_a_sale_that_waited_keeps_its_clerk_over_a_new_secret(
    app: Flask, browser: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    enter(browser)
    form = at_the_counter(browser)
    parts = app.extensions["meguri"]
    before, parts.secret = parts.secret, b"the new secret of this installation"
    waited = {**form, "amount_yen": "500", "pay": "7:cash_record"}
    with app.test_request_context("/till/waiting"):
        g.area = parts.areas.of_host("localhost")
        with pytest.raises(Problem, match="clerk_unknown"):
            clerks.read_mark("shop-a", waited["clerk"])
        parts.old_secrets = (before,)
        assert clerks.read_mark("shop-a", waited["clerk"]) == AYA
        assert clerks.mark_of("shop-a", AYA) != waited["clerk"]


def later(monkeypatch: pytest.MonkeyPatch, seconds: float) -> None:
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + seconds)


def test_a_sale_begun_by_another_clerk_is_taken_only_while_it_is_under_way(
    browser: FlaskClient, payments: Payments, monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(browser)
    form = at_the_counter(browser)
    later(monkeypatch, clerks.UNDER_WAY_S - 5)
    enter(browser, clerk=KEN)
    assert pay(browser, form).status_code == 303
    later(monkeypatch, 10)
    enter(browser, clerk=KEN)
    changed = pay(browser, {**form, "request_id": "another-sale-1"})
    assert changed.status_code == 409
    assert "Somebody else stands at the till" in changed.text
    assert [each.clerk_id for each in payments.taken] == [AYA]


def test_where_clerks_work_no_sale_comes_without_one(
    browser: FlaskClient, payments: Payments
) -> None:
    enter(browser)
    form = at_the_counter(browser)
    assert pay(browser, {**form, "clerk": ""}).status_code == 403
    assert payments.taken == []


@pytest.mark.parametrize("age_s", [-3600, clerks.MARK_S + 3600])
def test_a_mark_is_of_use_while_a_sale_may_wait(app: Flask, age_s: int) -> None:
    with app.test_request_context("/till/waiting"):
        g.area = app.extensions["meguri"].areas.of_host("localhost")
        mark = clerks.mark_of("shop-a", AYA, made_s=int(time.time()) - age_s)
        with pytest.raises(Problem, match="clerk_unknown"):
            clerks.read_mark("shop-a", mark)
        for strange in ("x", f"{AYA}.", f"{AYA}.1", f"{AYA}.１.x", mark + "a"):
            with pytest.raises(Problem, match="clerk_unknown"):
                clerks.read_mark("shop-a", strange)


@pytest.mark.parametrize("clerk", ["", "forged.1.x"])
def test_a_sale_that_waited_needs_its_clerk(
    browser: FlaskClient, payments: Payments, clerk: str
) -> None:
    known = browser.get("/till/waiting", headers=EN).json
    assert known
    sale = {"request_id": "r-1", "shop": "shop-a", "amount_yen": "500", "pay": "7:cash_record",
            "form": "2", "tax_rate_percent": "10", "clerk": clerk}  # fmt: skip
    answer = browser.post(
        "/till/waiting", headers={**EN, "X-Form-Token": known["form_token"]},
        json={"user": known["user"], "sales": [{"form": urlencode(sale), "waited_s": 60}]},
    )  # fmt: skip
    assert answer.json
    (result,) = answer.json["results"]
    assert result["reason"] == ("clerk_unknown" if clerk else "clerk_pin_missing")
    assert "PIN" in result["text"]
    assert payments.taken == []


@pytest.mark.parametrize("step", ["void", "refund"])
def test_a_post_made_by_hand_gives_nothing_back_without_a_pin(
    browser: FlaskClient, services: FakeServices, step: str
) -> None:
    services.answers |= {
        "VoidPayment": lambda _: pb.VoidPaymentResponse(),
        "RefundPayment": lambda _: pb.RefundPaymentResponse(),
    }
    called = {"void": "VoidPayment", "refund": "RefundPayment"}[step]
    form = {"form_token": token(browser), "request_id": "r-1", "amount_yen": "100", "reason": "x"}
    path = f"/till/payments/p-1/{step}"
    asked = browser.post(path, data=form, headers=EN)
    assert asked.status_code == 409
    assert "Money goes back only behind" in asked.text
    program = browser.post(path, data=form, headers={**EN, "Accept": "application/json"})
    told: Any = program.json
    assert (program.status_code, told["reason"]) == (403, "clerk_pin_missing")
    assert services.called(called) == []
    again = {**dict(HIDDEN.findall(asked.text)), "clerk_id": AYA, "pin": "2580"}
    opened = browser.post("/till/clerk", data=again, headers=EN)
    assert opened.headers["Location"] == "/till/payments/p-1"
    assert browser.post(path, data=form, headers=EN).status_code == 303
    (done,) = services.called(called)
    assert done.clerk_id == AYA


def test_a_pin_leads_on_to_the_refund_that_was_asked_for(
    browser: FlaskClient, services: FakeServices
) -> None:
    asked = browser.get("/till/payments/p-1/refund", headers=EN)
    again = {**dict(HIDDEN.findall(asked.text)), "clerk_id": AYA, "pin": "2580"}
    opened = browser.post("/till/clerk", data=again, headers=EN)
    assert opened.headers["Location"] == "/till/payments/p-1/refund"


def test_a_pin_leads_back_to_pages_of_payments_only(browser: FlaskClient) -> None:
    for elsewhere in ("https://example.org/", "//example.org", "/admin"):
        assert enter(browser, back=elsewhere).headers["Location"] == "/till?shop=shop-a"


@pytest.fixture
def nobody_left(people: list[office_pb.Clerk]) -> None:
    """All clerks of the shop stopped working there."""
    for each in people:
        each.disabled = True


def test_a_shop_whose_last_clerk_left_sells_nothing_and_says_what_to_do(
    browser: FlaskClient, services: FakeServices, payments: Payments, nobody_left: None
) -> None:
    page = browser.get("/till?shop=shop-a", headers=EN)
    assert "Nobody has a PIN here any more" in page.text
    assert "/till/office/setup?step=clerks&amp;shop=shop-a" in page.text
    assert "works without" not in page.text
    assert 'name="pin"' not in page.text


@pytest.mark.parametrize("step", ["void", "refund"])
def test_a_shop_whose_last_clerk_left_gives_nothing_back(
    browser: FlaskClient, services: FakeServices, people: list[office_pb.Clerk], step: str
) -> None:
    form = {"form_token": token(browser), "request_id": "r-1", "amount_yen": "100", "reason": "x"}
    for each in people:
        each.disabled = True
    path = f"/till/payments/p-1/{step}"
    program = browser.post(path, data=form, headers={**EN, "Accept": "application/json"})
    told: Any = program.json
    assert (program.status_code, told["reason"]) == (403, "no_clerk_works")
    assert services.called({"void": "VoidPayment", "refund": "RefundPayment"}[step]) == []
