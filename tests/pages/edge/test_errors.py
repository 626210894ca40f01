"""One table from what went wrong to what people and programs are told."""

import grpc
import pytest
from flask import Flask
from flask.testing import FlaskClient

from kit import log, rpc
from kit.rpc import Errors
from services.directory import api as directory
from services.edge import errors, main, wings
from services.edge.errors import Problem
from services.insights import api as insights
from services.itinerary import api as itinerary
from services.multilingual import api as multilingual
from services.payments import api as payments
from services.payments.api import office, register, tickets
from services.visitor_sense import api as visitor_sense
from tests.pages.edge.fakes import Failure, FakeServices, settings

Code = grpc.StatusCode


@pytest.mark.parametrize("code", [code for code in Code if code is not Code.OK])
def test_every_code_has_an_answer_with_a_sentence(code: grpc.StatusCode) -> None:
    problem = errors.of_rpc(Failure(code))
    assert 400 <= problem.status < 600
    assert problem.reason in errors.TITLES


def test_a_reason_of_a_service_is_handed_on_in_lower_case() -> None:
    problem = errors.of_rpc(Failure(Code.NOT_FOUND, "STOP_CODE_UNKNOWN", "no such stop"))
    assert (problem.status, problem.reason, problem.detail) == (
        404, "stop_code_unknown", "no such stop",
    )  # fmt: skip


@pytest.mark.parametrize(
    "reason", ["UNAVAILABLE", "STORE_UNAVAILABLE", "STORE_BUSY", "DEADLINE_EXCEEDED"]
)
def test_whatever_is_away_is_one_reason_and_tells_nothing_of_the_inside(reason: str) -> None:
    problem = errors.of_rpc(Failure(Code.UNAVAILABLE, reason, "10.0.0.7:5432 refused"))
    assert (problem.status, problem.reason, problem.detail) == (503, "service_unavailable", "")
    assert problem.retry_after_s > 0


TABLES: list[Errors] = [
    rpc._COMMON, directory.ERRORS, itinerary.ERRORS, multilingual.ERRORS, visitor_sense.ERRORS,
    insights.ERRORS, payments.ERRORS, office.ERRORS, tickets.ERRORS, register.ERRORS,
]  # fmt: skip
REASONS = sorted({reason for table in TABLES for reason in table.values()}, key=str)


@pytest.mark.usefixtures("app")  # whose blueprints add their sentences
@pytest.mark.parametrize(("code", "reason"), REASONS)
def test_every_reason_of_every_service_has_a_sentence(code: grpc.StatusCode, reason: str) -> None:
    problem = errors.of_rpc(Failure(code, reason))
    assert problem.reason in errors.TITLES
    assert problem.reason != "internal"


def test_what_broke_inside_is_not_told() -> None:
    problem = errors.of_rpc(Failure(Code.INTERNAL, "INTERNAL", "KeyError: 'password'"))
    assert (problem.status, problem.reason, problem.detail) == (500, "internal", "")


def test_a_mistake_of_ours_gets_a_number_and_no_details(
    browser: FlaskClient, services: FakeServices
) -> None:
    def break_down(_: object) -> None:
        raise ValueError("secret detail")

    services.answers["ListStops"] = break_down  # type: ignore[assignment]
    for path in ("/g/", "/api/v1/stops"):
        answer = browser.get(path)
        assert answer.status_code == 500
        assert "secret detail" not in answer.text
    assert browser.get("/api/v1/stops").get_json()["number"]


def test_programs_get_problem_details_in_the_language_they_asked_for(browser: FlaskClient) -> None:
    answer = browser.get("/api/v1/nothing", headers={"Accept-Language": "ko"})
    assert answer.content_type == "application/problem+json"
    problem = answer.get_json()
    assert problem == {
        "type": "urn:meguri:problem:not_found", "reason": "not_found", "status": 404,
        "title": "이 페이지는 없습니다.",
    }  # fmt: skip


def test_reasons_are_stable_words() -> None:
    for reason in errors.TITLES:
        assert reason == reason.lower()
        assert reason.replace("_", "").isalnum()
    assert Problem(503, "UNAVAILABLE").reason == "service_unavailable"


def test_a_wrong_method_is_said_so(browser: FlaskClient) -> None:
    answer = browser.delete("/api/v1/stops")
    assert (answer.status_code, answer.get_json()["reason"]) == (405, "method_not_allowed")


def test_the_log_names_the_route_and_never_what_a_caller_put_into_the_address(
    browser: FlaskClient, services: FakeServices, capfd: pytest.CaptureFixture[str]
) -> None:
    log.configure("tests", "info")  # a test before may have silenced the process, as commands do
    services.away.add("multilingual")
    assert browser.get("/g/4111111111111111").status_code >= 400
    assert browser.get("/api/v1/stops/4111111111111111").status_code == 503
    told = capfd.readouterr()
    assert "4111111111111111" not in told.out + told.err
    assert "/api/v1/stops/<" in told.out + told.err


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/till/payments/p", "This person does not work here any more. Choose another name."),
        ("/till/office", "There is no such clerk at this shop."),
        ("/gate", "This person does not work here any more. Choose another name."),
    ],
)
def test_a_reason_is_told_in_the_words_of_its_own_pages(app: Flask, path: str, said: str) -> None:
    with app.test_request_context(path, headers={"Accept-Language": "en"}):
        assert str(errors.sentence("unknown_clerk")) == said


def test_a_blueprint_that_is_not_there_stops_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wings, "NAMES", ("visitor", "tll"))
    with pytest.raises(ModuleNotFoundError, match="tll"):
        main.create_app(settings(), clients=FakeServices())  # type: ignore[arg-type]
