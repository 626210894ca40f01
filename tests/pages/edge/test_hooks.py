"""Webhooks at the edge: handed on byte for byte, with what signs them and nothing of the sender."""

import grpc
import pytest
from flask.testing import FlaskClient
from google.protobuf.message import Message

from meguri.payments.v1 import payments_service_pb2 as pb
from services.edge.hooks import problems, routes
from services.payments.api import ERRORS
from tests.pages.edge.fakes import AWAY, SESSION, Failure, FakeServices

BODY = b'{"a": 1,\n "b": "\xe7\xa7\x8b"}'
HEADERS = {
    "X-Square-Hmacsha256-Signature": "sig=",
    "Content-Type": "application/json",
    "User-Agent": "Square Connect v2",
    "X-Forwarded-For": "203.0.113.7",
}


@pytest.fixture
def payments(services: FakeServices) -> FakeServices:
    """Payments that accepts every webhook."""
    accepted = pb.ReceiveWebhookResponse(outcome=pb.WEBHOOK_OUTCOME_ACCEPTED)
    services.answers["ReceiveWebhook"] = lambda _: accepted
    return services


def test_body_and_signature_go_on_and_nothing_else(
    browser: FlaskClient, payments: FakeServices
) -> None:
    answer = browser.post("/hooks/square", data=BODY, headers=HEADERS)
    assert (answer.status_code, answer.json) == (200, {"outcome": "accepted"})
    (heard,) = payments.called("ReceiveWebhook")
    assert isinstance(heard, pb.ReceiveWebhookRequest)
    assert (heard.provider, heard.body) == ("square", BODY)
    assert dict(heard.headers) == {"x-square-hmacsha256-signature": "sig="}


def test_headers_are_bounded_in_number_and_length(
    browser: FlaskClient, payments: FakeServices
) -> None:
    many = {f"X-Signature-{number}": "x" * 5_000 for number in range(20)}
    assert browser.post("/hooks/square", data=BODY, headers=many).status_code == 200
    (heard,) = payments.called("ReceiveWebhook")
    assert isinstance(heard, pb.ReceiveWebhookRequest)
    assert len(heard.headers) == routes.MOST_HEADERS
    assert {len(value) for value in heard.headers.values()} == {routes.MOST_LENGTH}


@pytest.mark.parametrize(
    ("code", "reason", "status"),
    [
        (grpc.StatusCode.PERMISSION_DENIED, "WEBHOOK_FORGED", 403),
        (grpc.StatusCode.INVALID_ARGUMENT, "WEBHOOK_TOO_OLD", 400),
        (grpc.StatusCode.INVALID_ARGUMENT, "WEBHOOK_FROM_FUTURE", 400),
        (grpc.StatusCode.NOT_FOUND, "UNKNOWN_PROVIDER", 404),
        (grpc.StatusCode.FAILED_PRECONDITION, "WEBHOOK_MISMATCH", 409),
    ],
)
def test_a_refusal_has_a_stable_reason(
    browser: FlaskClient, payments: FakeServices, code: grpc.StatusCode, reason: str, status: int
) -> None:
    def refuse(_: Message) -> Message:
        raise Failure(code, reason)

    payments.answers["ReceiveWebhook"] = refuse
    answer = browser.post("/hooks/square", data=BODY, headers=HEADERS)
    assert answer.status_code == status
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    assert answer.json["reason"] == reason.lower()
    assert reason in problems.PROBLEMS


def test_while_payments_is_away_the_provider_is_told_to_come_again(
    browser: FlaskClient, payments: FakeServices
) -> None:
    def fail(_: Message) -> Message:
        raise AWAY

    payments.answers["ReceiveWebhook"] = fail
    answer = browser.post("/hooks/square", data=BODY, headers=HEADERS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")


@pytest.mark.parametrize(
    ("body", "status"), [(b"", 400), (b"x" * (routes.BODY_LIMIT_BYTES + 1), 413)]
)
def test_nothing_and_too_much_are_refused_here(
    browser: FlaskClient, payments: FakeServices, body: bytes, status: int
) -> None:
    assert browser.post("/hooks/square", data=body, headers=HEADERS).status_code == status
    assert payments.called("ReceiveWebhook") == []


def test_a_person_s_browser_cannot_be_made_to_send_one(
    browser: FlaskClient, payments: FakeServices
) -> None:
    browser.set_cookie("meguri_session", SESSION)
    assert browser.post("/hooks/square", data=BODY, headers=HEADERS).status_code == 403
    foreign = {**HEADERS, "Origin": "https://evil.example"}
    assert browser.post("/hooks/square", data=BODY, headers=foreign).status_code == 403
    assert payments.called("ReceiveWebhook") == []


def test_every_refusal_of_a_webhook_has_a_sentence() -> None:
    reasons = {reason for _code, reason in ERRORS.values() if "WEBHOOK" in reason}
    assert reasons <= set(problems.PROBLEMS)
