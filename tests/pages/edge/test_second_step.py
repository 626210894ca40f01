"""The second step of signing in as people see it: asked for, set up, turned off, taken away."""

import html
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from kit.auth import Role
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1 import second_factor_service_pb2 as step_pb
from services.edge import login
from services.edge.kept_forms import FIELDS, MARK, PATH
from services.edge.parts import Parts
from tests.pages.edge.fakes import SESSION, Failure, FakeServices, stamp
from tests.pages.edge.test_account import hidden_of
from tests.pages.till.test_no_answer import HIDDEN
from tests.pages.till.test_sale import Payments, counter, payments

__all__ = ["payments"]

EN = {"Origin": "http://localhost", "Accept-Language": "en"}
HALF, SECRET = "half-of-a-login", "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
CODES = [f"abcd-efgh-{number}" for number in range(2340, 2350)]
FAILED = grpc.StatusCode.FAILED_PRECONDITION
LATER = stamp(datetime(2100, 1, 1, tzinfo=UTC))


def refuse(services: FakeServices, name: str, code: grpc.StatusCode, reason: str) -> None:
    def answer(_: Any) -> Any:
        raise Failure(code, reason)

    services.answers[name] = answer


@pytest.fixture
def asked(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """Nobody is signed in; whoever gives the password is asked for a code."""
    soon = stamp(datetime.now(UTC) + timedelta(minutes=5))
    services.answers |= {
        "SignIn": lambda _: pb.SignInResponse(half_login_id=HALF, expire_time=soon),
        "FinishSignIn": lambda _: step_pb.FinishSignInResponse(
            session_id=SESSION, user=services.user, expire_time=LATER
        ),
    }
    return browser


@pytest.fixture
def own(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """Somebody is signed in who has no second step."""
    browser.set_cookie("meguri_session", SESSION)
    services.answers |= {
        "ListOwnSessions": lambda _: pb.ListOwnSessionsResponse(
            sessions=[pb.OwnSession(begin_time=LATER, asking=True)]
        ),
        "BeginSecondFactor": lambda _: step_pb.BeginSecondFactorResponse(secret=SECRET),
        "ConfirmSecondFactor": lambda _: step_pb.ConfirmSecondFactorResponse(recovery_codes=CODES),
        "RenewRecoveryCodes": lambda _: step_pb.RenewRecoveryCodesResponse(recovery_codes=CODES),
        "EndSecondFactor": lambda _: step_pb.EndSecondFactorResponse(),
        "ResetSecondFactor": lambda _: step_pb.ResetSecondFactorResponse(),
        "SetSecondFactorRule": lambda _: step_pb.SetSecondFactorRuleResponse(),
    }
    return browser


def turn_on(services: FakeServices, left: int = 10) -> None:
    began = stamp(datetime(2026, 11, 30, 23, 30, tzinfo=UTC))
    services.answers["GetSecondFactor"] = lambda _: step_pb.GetSecondFactorResponse(
        begin_time=began, recovery_codes_left=left
    )


def give_password(browser: FlaskClient, **more: str) -> Any:
    form = {"login_name": "hanako", "password": "p", "next": "/admin/users", **more}
    return browser.post("/login", data=form, headers=EN)


def test_a_right_password_leads_to_the_code_and_opens_nothing(asked: FlaskClient) -> None:
    answer = give_password(asked)
    assert answer.headers["Location"] == "/login/code?next=/admin/users"
    (cookie,) = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith(f"meguri_half={HALF}; ")
    assert {"HttpOnly", "Path=/login", "SameSite=Lax"} <= set(cookie.split("; "))
    expires = re.search(r"Expires=([^;]+)", cookie)
    assert expires
    ends = datetime.strptime(expires[1], "%a, %d %b %Y %H:%M:%S GMT").replace(tzinfo=UTC)
    assert ends - datetime.now(UTC) <= timedelta(minutes=5)
    assert asked.get("/admin/users").status_code == 303
    page = asked.get("/login/code?next=/admin/users", headers=EN)
    assert page.headers["Cache-Control"] == "no-store"
    (field,) = re.findall(r'<input[^>]*name="code"[^>]*>', page.text)
    assert 'autocomplete="one-time-code"' in field
    assert 'inputmode="numeric"' in field
    assert "hanako" not in page.text


def test_the_right_code_opens_what_was_wanted(asked: FlaskClient, services: FakeServices) -> None:
    give_password(asked)
    form = hidden_of(asked.get("/login/code?next=/admin/users", headers=EN).text, "/login/code")
    answer = asked.post("/login/code", data={**form, "code": " 123 456 "}, headers=EN)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/admin/users")
    (call,) = services.called("FinishSignIn")
    assert (call.half_login_id, call.code) == (HALF, "123 456")
    assert call.sender == services.called("SignIn")[0].sender != b""
    (caller,) = [each for name, _, each in services.calls if name == "FinishSignIn"]
    assert caller.principal == "edge"
    cookies = {each.partition("=")[0]: each for each in answer.headers.getlist("Set-Cookie")}
    assert set(cookies) == {"meguri_session", "meguri_known", "meguri_half"}
    assert cookies["meguri_half"].startswith("meguri_half=; ")
    assert asked.get("/admin/users").status_code == 200
    services.answers["SignIn"] = lambda _: pb.SignInResponse(
        session_id=SESSION, user=services.user, expire_time=LATER
    )
    give_password(asked)
    assert services.called("SignIn")[-1].known_browser, "known by both steps, not by one"


def test_a_code_from_paper_is_handed_on_as_it_is(
    asked: FlaskClient, services: FakeServices
) -> None:
    give_password(asked)
    assert asked.post("/login/code", data={"paper": CODES[0]}, headers=EN).status_code == 303
    assert services.called("FinishSignIn")[0].code == CODES[0]


@pytest.mark.parametrize(("code", "reason", "status", "said"), [
    (FAILED, "CODE_WRONG", 401, "wrong or was used already"),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", 429, "Wait ten minutes"),
])  # fmt: skip
def test_a_refused_code_is_said_where_it_is_typed(
    asked: FlaskClient, services: FakeServices, code: grpc.StatusCode, reason: str, status: int,
    said: str,
) -> None:  # fmt: skip
    refuse(services, "FinishSignIn", code, reason)
    give_password(asked)
    answer = asked.post("/login/code", data={"code": "123456", "next": "/week"}, headers=EN)
    assert answer.status_code == status
    assert 'role="alert"' in answer.text
    assert said in answer.text
    assert 'name="next" value="/week"' in answer.text
    assert "123456" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_no_code_at_all_is_said_and_asked_of_nobody(
    asked: FlaskClient, services: FakeServices
) -> None:
    give_password(asked)
    answer = asked.post("/login/code", data={"code": "  "}, headers=EN)
    assert answer.status_code == 400
    assert "six digits" in answer.text
    assert services.called("FinishSignIn") == []


def test_a_code_that_comes_too_late_begins_anew(asked: FlaskClient, services: FakeServices) -> None:
    refuse(services, "FinishSignIn", grpc.StatusCode.UNAUTHENTICATED, "SESSION_OVER")
    give_password(asked)
    form = {"code": "123456", "next": "/admin/users"}
    answer = asked.post("/login/code", data=form, headers=EN)
    assert answer.status_code == 401
    assert "five minutes" in answer.text
    assert 'action="/login"' in answer.text
    assert 'name="next" value="/admin/users"' in answer.text
    assert answer.headers["Set-Cookie"].startswith("meguri_half=; ")
    again = asked.post("/login/code", data=form, headers=EN)  # the cookie is gone by now
    assert (again.status_code, len(services.called("FinishSignIn"))) == (401, 1)
    assert asked.get("/login/code?next=/week").headers["Location"] == "/login?next=/week"


def test_codes_are_counted_with_passwords_by_address(
    asked: FlaskClient, parts: Parts, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[tuple[str, int]] = []
    monkeypatch.setattr(
        parts.rates, "check", lambda _area, what, _address, limit: counted.append((what, limit))
    )
    asked.set_cookie("meguri_session", SESSION)  # whoever is signed in here is counted, too
    give_password(asked)
    asked.post("/login/code", data={"code": "1"}, headers=EN)
    assert counted == [("/login", 60), ("/login/", 60)]


def test_a_sale_that_was_kept_goes_through_both_steps(
    asked: FlaskClient, services: FakeServices, payments: Payments
) -> None:
    from meguri.payments.v1 import payments_service_pb2 as payments_pb  # noqa: PLC0415

    services.answers["FindRequest"] = lambda _: payments_pb.FindRequestResponse()
    asked.set_cookie("meguri_session", SESSION)
    form = counter(asked, "1,000", "7:cash_record")
    asked.set_cookie("meguri_session", "over")
    refused = asked.post("/till/payments", data=form, headers=EN)
    kept = {name: html.unescape(value) for name, value in HIDDEN.findall(refused.text)}
    page = asked.post("/login", data={**kept, "login_name": "hanako", "password": "p"}, headers=EN)
    assert (page.status_code, payments.taken) == (200, [])
    assert "is kept" in page.text
    again = {name: html.unescape(value) for name, value in HIDDEN.findall(page.text)}
    assert {again[PATH], kept[PATH]} == {"/till/payments"}
    assert (again[FIELDS], again[MARK]) == (kept[FIELDS], kept[MARK])
    done = asked.post("/login/code", data={**again, "code": "123456"}, headers=EN)
    assert done.status_code == 200
    assert "Not done yet" in done.text


def test_it_is_set_up_with_a_square_or_by_typing_and_shows_ten_codes_once(
    own: FlaskClient, services: FakeServices
) -> None:
    form = hidden_of(own.get("/account", headers=EN).text, "/account/second-step")
    page = own.post("/account/second-step", data={**form, "step_password": "p"}, headers=EN)
    (call,) = services.called("BeginSecondFactor")
    assert (call.session_id, call.current_password) == (SESSION, "p")
    assert page.headers["Cache-Control"] == "no-store"
    assert "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ" in page.text
    assert f"otpauth://totp/Meguri%20mine:hanako?secret={SECRET}&amp;issuer=Meguri" in page.text
    assert re.search(r'<svg class="step-square"[^>]*>.*<path d="M', page.text)
    form = hidden_of(page.text, "/account/second-step/confirm")
    assert form["secret"] == SECRET
    done = own.post(
        "/account/second-step/confirm", data={**form, "step_code": "123456"}, headers=EN
    )
    assert services.called("ConfirmSecondFactor")[0].code == "123456"
    assert done.headers["Cache-Control"] == "no-store"
    assert all(f">{code}</li>" in done.text for code in CODES)
    assert "The second step is on" in done.text
    empty = step_pb.ConfirmSecondFactorResponse()
    services.answers["ConfirmSecondFactor"] = lambda _: empty
    again = own.post(
        "/account/second-step/confirm", data={**form, "step_code": "123456"}, headers=EN
    )
    assert "were shown already" in again.text


@pytest.mark.parametrize(("secret", "status"), [
    (SECRET, 400), ("", 400), ("<script>", 400), (SECRET.lower(), 400), (SECRET + "A", 400),
])  # fmt: skip
def test_a_wrong_first_code_shows_the_same_square_again_and_nothing_made_up(
    own: FlaskClient, services: FakeServices, secret: str, status: int
) -> None:
    refuse(services, "ConfirmSecondFactor", FAILED, "CODE_WRONG")
    form = hidden_of(own.get("/account", headers=EN).text, "/account/second-step")
    answer = own.post(
        "/account/second-step/confirm", data={**form, "secret": secret, "step_code": "1"},
        headers=EN,
    )  # fmt: skip
    assert answer.status_code == status
    assert ("wrong or was used already" in answer.text) == (secret == SECRET)
    assert ("GEZD GNBV" in answer.text) == (secret == SECRET)
    assert "<script>" not in answer.text


@pytest.mark.parametrize(("code", "reason", "said"), [
    (FAILED, "PASSWORD_WRONG", "The password of before is wrong."),
    (FAILED, "CODE_WRONG", "wrong or was used already"),
    (grpc.StatusCode.RESOURCE_EXHAUSTED, "TOO_MANY_ATTEMPTS", "Wait ten minutes"),
])  # fmt: skip
@pytest.mark.parametrize(("action", "name"), [
    ("codes", "RenewRecoveryCodes"), ("off", "EndSecondFactor"),
])  # fmt: skip
def test_a_refusal_stands_at_its_field(
    own: FlaskClient, services: FakeServices, code: grpc.StatusCode, reason: str, said: str,
    action: str, name: str,
) -> None:  # fmt: skip
    turn_on(services)
    refuse(services, name, code, reason)
    form = hidden_of(own.get("/account", headers=EN).text, "/account/second-step/codes")
    answer = own.post(
        f"/account/second-step/{action}",
        data={**form, "step_password": "my secret", "step_code": "654321"}, headers=EN,
    )  # fmt: skip
    assert answer.status_code == 400
    assert answer.text.count(said) == 2  # above, and at the field
    assert "my secret" not in answer.text
    assert "654321" not in answer.text


def test_the_own_login_says_how_it_stands(own: FlaskClient, services: FakeServices) -> None:
    page = own.get("/account", headers=EN).text
    assert "A stolen password alone then opens nothing" in page
    turn_on(services, left=3)
    page = own.get("/account", headers=EN).text
    assert "Since 2026-12-01 08:30" in page
    assert "3 codes on paper are left." in page
    assert "Few codes on paper are left" in page
    turn_on(services, left=4)
    assert "Few codes" not in own.get("/account", headers=EN).text


def test_new_codes_are_shown_and_turning_off_is_said(
    own: FlaskClient, services: FakeServices
) -> None:
    turn_on(services)
    form = hidden_of(own.get("/account", headers=EN).text, "/account/second-step/codes")
    given = {**form, "step_password": "p", "step_code": "123456"}
    page = own.post("/account/second-step/codes", data=given, headers=EN)
    assert all(code in page.text for code in CODES)
    answer = own.post("/account/second-step/off", data=given, headers=EN)
    assert answer.headers["Location"] == "/account?changed=step#second-step"
    for name in ("RenewRecoveryCodes", "EndSecondFactor"):
        (call,) = services.called(name)
        assert (call.current_password, call.code, call.session_id) == ("p", "123456", SESSION)
    assert "The second step is off" in own.get("/account?changed=step", headers=EN).text


def test_who_owes_a_second_step_opens_the_own_login_and_nothing_else(
    own: FlaskClient, services: FakeServices
) -> None:
    services.owes = True
    services.answers["GetSecondFactor"] = lambda _: step_pb.GetSecondFactorResponse(required=True)
    for path in ("/admin", "/admin/users", "/studio", "/insights", "/week", "/till", "/gate"):
        answer = own.get(path, headers=EN)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/account#second-step")
    asked_of = {name for name, _, _ in services.calls}
    assert asked_of <= {"ReadSession", "ListAreas", "ListClosures"}
    # Also where no view asks: such a person speaks to services as a visitor does.
    owing = login.person_of(services.user, owes=True)
    assert owing.caller("mine").roles == {Role.VISITOR}
    assert Role.ADMIN in owing.whole().caller("mine").roles
    page = own.get("/account", headers=EN)
    assert "Until then nothing else opens." in page.text
    form = hidden_of(page.text, "/account/second-step")
    refused = own.post("/admin/users", data=form, headers=EN)
    assert refused.status_code == 403
    assert "Set it up at your own login first" in refused.text
    assert services.called("CreateUser") == []
    assert own.get("/api/v1/insights/today", headers=EN).status_code == 403
    assert own.post("/account/second-step", data=form, headers=EN).status_code == 200


def test_who_owes_one_is_led_there_after_the_password(
    browser: FlaskClient, services: FakeServices
) -> None:
    services.answers["SignIn"] = lambda _: pb.SignInResponse(
        session_id=SESSION, user=services.user, expire_time=LATER, owes_second_factor=True
    )
    assert give_password(browser).headers["Location"] == "/account#second-step"


def test_an_admin_sees_who_has_one_takes_it_away_and_says_who_needs_one(
    own: FlaskClient, services: FakeServices
) -> None:
    other = pb.User(
        user_id="u9", login_name="jiro", roles=[pb.ROLE_ANALYST], version=7, second_factor=True
    )
    services.answers |= {
        "ListUsers": lambda _: pb.ListUsersResponse(users=[services.user, other]),
        "GetSecondFactorRule": lambda _: step_pb.GetSecondFactorRuleResponse(roles=[pb.ROLE_ADMIN]),
    }
    page = own.get("/admin/users", headers=EN).text
    assert page.count(">second step<") == 1
    form = hidden_of(page, "/admin/users/u9/second-step")
    answer = own.post("/admin/users/u9/second-step", data=form, headers=EN)
    assert answer.headers["Location"] == "/admin/users?reset=u9"
    (call,) = services.called("ResetSecondFactor")
    assert (call.user_id, call.version) == ("u9", 7)
    assert "taken away" in own.get("/admin/users?reset=u9", headers=EN).text
    section = page[page.index('action="/admin/second-step"') :]
    checked = re.findall(r'name="needing" value="(\w+)" checked', section)
    assert checked == ["admin"]
    form = hidden_of(page, "/admin/second-step")
    own.post(
        "/admin/second-step", data={**form, "needing": ["admin", "analyst", "visitor?", "nobody"]},
        headers=EN,
    )  # fmt: skip
    (rule,) = services.called("SetSecondFactorRule")
    assert list(rule.roles) == [pb.ROLE_ADMIN, pb.ROLE_ANALYST]
