"""One table from what went wrong to what people and programs are told."""

import grpc
import pytest
from flask.testing import FlaskClient

from services.edge import errors
from services.edge.errors import Problem
from tests.unit.edge.fakes import Failure, FakeServices

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


@pytest.mark.parametrize("reason", ["UNAVAILABLE", "STORE_UNAVAILABLE", "DEADLINE_EXCEEDED"])
def test_whatever_is_away_is_one_reason_and_tells_nothing_of_the_inside(reason: str) -> None:
    problem = errors.of_rpc(Failure(Code.UNAVAILABLE, reason, "10.0.0.7:5432 refused"))
    assert (problem.status, problem.reason, problem.detail) == (503, "service_unavailable", "")
    assert problem.retry_after_s > 0


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
    services.away.add("multilingual")
    assert browser.get("/g/4111111111111111").status_code >= 400
    assert browser.get("/api/v1/stops/4111111111111111").status_code == 503
    told = capfd.readouterr()
    assert "4111111111111111" not in told.out + told.err
    assert "/api/v1/stops/<" in told.out + told.err
