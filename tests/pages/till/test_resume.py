"""A login that expired in the middle of a sale: the sale is kept, and nothing is done twice."""

import html
import json
import re
from datetime import UTC, datetime
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict

from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.kept_forms import FIELDS, MARK, PATH
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, stamp
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import EN, Payments, counter, payments

__all__ = ["payments"]

LINES = ["2*650@8 夏みかん", "1*300@10 <b>\"'&"]


@pytest.fixture
def till(browser: FlaskClient, services: FakeServices, payments: Payments) -> FlaskClient:
    """A till whose clerk can sign in again."""
    services.answers |= {
        "SignIn": lambda _: directory_pb.SignInResponse(
            session_id=SESSION, user=services.user,
            expire_time=stamp(datetime(2100, 1, 1, tzinfo=UTC)),
        ),
        "FindRequest": lambda _: pb.FindRequestResponse(),
    }  # fmt: skip
    return browser


def kept(page: str) -> dict[str, str]:
    """The sign-in form as a browser sends it."""
    hidden = {name: html.unescape(value) for name, value in HIDDEN.findall(page)}
    return {**hidden, "login_name": "hanako", "password": "p"}


def expire(till: FlaskClient, path: str, form: Any) -> str:
    """Sends a form of a page that was opened while the session lasted, after it is over."""
    opened = till.get("/till?shop=shop-a", headers=EN).text
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', opened))
    form = MultiDict(form)
    form["form_token"] = token
    till.set_cookie("meguri_session", "over")
    refused = till.post(path, data=form, headers=EN)
    assert refused.status_code == 401
    return refused.text


def test_a_sale_is_kept_over_the_sign_in_and_goes_on_with_one_button(
    till: FlaskClient, payments: Payments
) -> None:
    form = MultiDict({**counter(till, "1,000", "7:cash_record")})
    form.setlist("item", LINES)
    page = expire(till, "/till/payments", form)
    assert "The sale is kept" in page
    assert payments.taken == []
    signed = till.post("/login", data=kept(page), headers=EN)
    assert (signed.status_code, payments.taken) == (200, [])
    assert "Not done yet" in signed.text
    assert "¥2,600" in signed.text
    assert SESSION in signed.headers["Set-Cookie"]
    sent = MultiDict((name, html.unescape(value)) for name, value in HIDDEN.findall(signed.text))
    assert sent.getlist("item") == LINES
    assert (sent["request_id"], sent["pay"], sent["step"]) == (
        form["request_id"], "7:cash_record", "counter",
    )  # fmt: skip
    assert 'action="/till/payments"' in signed.text
    del sent["step"]
    done = till.post("/till/payments", data=sent, headers=EN)
    assert done.headers["Location"] == "/till/payments/p-1"
    (taken,) = payments.taken
    assert (taken.request_id, len(taken.items)) == (form["request_id"], 3)


def test_what_was_taken_before_is_shown_and_not_sent_again(
    till: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    """The answer was lost, the clerk asked again, and meanwhile the login expired."""
    form = counter(till, "1300", "1:acquirer_simulator")
    page = expire(till, "/till/payments", form)
    services.answers["FindRequest"] = lambda request: pb.FindRequestResponse(
        known=request.request_id == form["request_id"], payment_id="p-1"
    )
    signed = till.post("/login", data=kept(page), headers=EN)
    assert (signed.status_code, signed.headers["Location"]) == (303, "/till/payments/p-1")
    assert payments.taken == []


@pytest.mark.parametrize(
    ("path", "fields", "found", "leads"),
    [
        ("/till/tickets", {}, {"payment_id": "p-1"}, "/till/tickets/p-1"),
        ("/till/tickets", {}, {"ticket_id": "t-1"}, "/till/tickets/t-1"),
        ("/till/splits", {}, {"split_sale_id": "s-1"}, "/till/splits/s-1"),
        ("/till/tickets/split", {}, {"split_sale_id": "s-1"}, "/till/splits/s-1"),
        ("/till/splits/s-1/parts", {"split": "s-1"}, {"payment_id": "p-1"}, "/till/splits/s-1"),
        ("/till/splits/s-1/give-back", {}, {"split_sale_id": "s-1"}, "/till/splits/s-1"),
        ("/till/payments/p-1/void", {}, {}, "/till/payments/p-1"),
        ("/till/payments/p-1/refund", {}, {}, "/till/payments/p-1"),
        ("/till/last/cancel", {"payment_id": "p-1"}, {"payment_id": "p-1"}, "/till/payments/p-1"),
        ("/till/last/cancel", {"payment_id": "p-1"}, {}, "/till"),
    ],
)  # fmt: skip
def test_whatever_was_sent_leads_to_what_became_of_it(
    till: FlaskClient, services: FakeServices, path: str, fields: dict[str, str],
    found: dict[str, str], leads: str,
) -> None:  # fmt: skip
    page = expire(till, path, {"request_id": "r-1", **fields})
    services.answers["FindRequest"] = lambda _: pb.FindRequestResponse(known=True, **found)
    assert till.post("/login", data=kept(page), headers=EN).headers["Location"] == leads


def test_a_wrong_password_keeps_the_sale_and_payments_away_says_so(
    till: FlaskClient, services: FakeServices
) -> None:
    page = expire(till, "/till/payments", counter(till, "1300", "7:cash_record"))
    right = services.answers["SignIn"]

    def refuse(_: Any) -> Any:
        raise Failure(grpc.StatusCode.UNAUTHENTICATED, "SIGN_IN_REFUSED")

    services.answers["SignIn"] = refuse
    again = till.post("/login", data=kept(page), headers=EN)
    assert again.status_code == 401
    assert kept(again.text)[FIELDS] == kept(page)[FIELDS]
    services.answers["SignIn"] = right
    del services.answers["FindRequest"]
    unsure = till.post("/login", data=kept(again.text), headers=EN)
    assert unsure.status_code == 200
    assert "Not known yet" in unsure.text
    assert "nothing is done twice" in unsure.text


def test_a_basket_is_kept_without_asking_payments(
    till: FlaskClient, services: FakeServices
) -> None:
    page = expire(till, "/till/basket", MultiDict([("shop", "shop-a"), ("item", LINES[0])]))
    signed = till.post("/login", data=kept(page), headers=EN)
    assert 'action="/till/basket"' in signed.text
    assert services.called("FindRequest") == []


def test_no_pin_no_other_page_and_no_program_s_form_is_kept(till: FlaskClient) -> None:
    till.set_cookie("meguri_session", "over")
    for path in ("/till/clerk", "/till/lock", "/admin/closures", "/studio/signs"):
        refused = till.post(path, data={"pin": "2580"}, headers=EN)
        assert refused.status_code == 401
        assert "2580" not in refused.text
        assert FIELDS not in refused.text
    program = till.post("/till/payments", data={}, headers={**EN, "Accept": "application/json"})
    assert program.get_json()["reason"] == "login_expired"
    large = till.post("/till/payments", data={"item": "x" * 100_001}, headers=EN)
    assert FIELDS not in large.text


@pytest.mark.parametrize(
    "changes",
    [{PATH: "/admin/users"}, {PATH: "//evil.example"}, {PATH: "/till/payments/../../admin"},
     {PATH: ""}, {FIELDS: ""}, {FIELDS: "["}, {FIELDS: "[" * 90_000}, {FIELDS: "{}"},
     {FIELDS: "[[1, 2]]"}, {FIELDS: '[["a"]]'}, {FIELDS: '["ab"]'},
     {FIELDS: r'[["a","\ud800"]]'},
     # Too long as it was sent, though not as it is understood; and the other way round.
     {FIELDS: f'[["request_id","r-1"]{" " * 100_000}]'},
     {FIELDS: "[" + ",".join(['["",""]'] * 12_000) + "]"}],
)  # fmt: skip
def test_what_no_page_of_ours_kept_is_an_ordinary_sign_in(
    till: FlaskClient, changes: dict[str, str]
) -> None:
    form = {"login_name": "hanako", "password": "p", PATH: "/till/payments",
            FIELDS: json.dumps([["request_id", "r-1"]]), **changes}  # fmt: skip
    signed = till.post("/login", data=form, headers=EN)
    assert (signed.status_code, signed.headers["Location"]) == (303, "/till")


@pytest.mark.parametrize(("letters", "is_kept"), [(99_900, True), (100_000, False)])
def test_a_form_is_kept_up_to_a_size(till: FlaskClient, letters: int, *, is_kept: bool) -> None:
    page = expire(till, "/till/basket", {"item": "x" * letters})
    assert (FIELDS in page) == is_kept
    form = {"login_name": "hanako", "password": "p", PATH: "/till/basket",
            FIELDS: json.dumps([["item", "x" * letters]], ensure_ascii=False)}  # fmt: skip
    assert till.post("/login", data=form, headers=EN).status_code == (200 if is_kept else 303)


def test_whoever_sells_nothing_gets_no_sale(till: FlaskClient, services: FakeServices) -> None:
    page = expire(till, "/till/payments", {"request_id": "r-1"})
    del services.user.roles[:]
    services.user.roles.append(directory_pb.ROLE_ANALYST)
    signed = till.post("/login", data=kept(page), headers=EN)
    assert (signed.status_code, signed.headers["Location"]) == (303, "/insights")
    assert services.called("FindRequest") == []


@pytest.mark.parametrize("change", ["another person", "no mark", "a made-up mark"])
def test_what_somebody_else_began_is_neither_sent_again_nor_called_undone(
    till: FlaskClient, services: FakeServices, payments: Payments, change: str
) -> None:
    """Request ids belong to a login: under another one the sale would be taken a second time."""
    page = kept(expire(till, "/till/payments", counter(till, "1300", "1:acquirer_simulator")))
    if change == "another person":
        services.user.user_id = "u-other"
    else:
        page[MARK] = "" if change == "no mark" else "0" * 64
    signed = till.post("/login", data=page, headers=EN)
    assert signed.status_code == 200
    assert "Another login had begun this" in signed.text
    assert "Nothing was charged" not in signed.text
    assert "Go on with it" not in signed.text
    assert "request_id" not in signed.text
    assert (services.called("FindRequest"), payments.taken) == ([], [])


def test_a_cancellation_that_became_a_refund_is_found(
    till: FlaskClient, services: FakeServices
) -> None:
    page = expire(till, "/till/payments/p-1/void", {"request_id": "r-1"})
    services.answers["FindRequest"] = lambda request: pb.FindRequestResponse(
        known=request.request_id == "r-1-back", payment_id="p-1"
    )
    signed = till.post("/login", data=kept(page), headers=EN)
    assert signed.headers["Location"] == "/till/payments/p-1"


def test_the_form_that_goes_on_is_of_the_new_session(till: FlaskClient) -> None:
    page = expire(till, "/till/payments", counter(till, "1300", "7:cash_record"))
    signed = till.post("/login", data=kept(page), headers=EN)
    (token,) = set(re.findall(r'name="form_token" value="([^"]+)"', signed.text))
    counter_page = till.get("/till?shop=shop-a", headers=EN).text
    assert f'name="form_token" value="{token}"' in counter_page
