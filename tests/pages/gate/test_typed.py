"""What the gate answers to a text that no ticket can say: on its own page, without payments."""

from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from kit import texts as guard
from meguri.payments.v1 import tickets_service_pb2 as pb
from services.edge.gate.routes import MOST_SQUARE, MOST_TYPED
from services.edge.gate.words import REASONS
from services.payments.domain.ticket_code import MAX_TEXT
from tests.pages.edge.fakes import Failure, FakeServices
from tests.pages.gate.test_gate import ORIGIN, SCAN_ID, gate, post, scan, token

__all__ = ["gate"]


def test_a_text_longer_than_any_code_is_answered_on_the_gate_s_own_page(
    gate: FlaskClient, services: FakeServices
) -> None:
    for length in (MOST_TYPED + 1, 4 * MOST_SQUARE):
        form = {"form_token": token(gate), "gate": "gate-a", "request_id": SCAN_ID}
        page = gate.post("/gate/scans", data=form | {"code": "A" * length}, headers=ORIGIN)
        assert (page.status_code, 'data-result="odd"' in page.text) == (200, True)
        assert "Type the eleven letters under the square code." in page.text
    for long in ({"payload": "A" * 1000}, {"payload": "", "code": "MT1:" + "A" * 1000}):
        answer = post(gate, "/gate/scans", scan(**long)).json
        assert (answer["outcome"], answer["reason"]) == ("unknown", "too_long")
    assert not services.called("AdmitTicket")


def test_the_longest_codes_are_passed_on_and_the_field_takes_them(
    gate: FlaskClient, services: FakeServices
) -> None:
    square = "MT1:".ljust(MOST_SQUARE, "A")
    post(gate, "/gate/scans", scan(payload=square))
    post(gate, "/gate/scans", scan(payload="", code="A" * MOST_TYPED))
    asked = [(each.payload, each.code) for each in services.called("AdmitTicket")]
    assert asked == [(square, ""), ("", "A" * MOST_TYPED)]
    assert f'maxlength="{MOST_SQUARE}"' in gate.get("/gate?gate=gate-a").text
    assert MOST_SQUARE == MAX_TEXT
    guard.check(pb.AdmitTicketRequest(code="A" * MOST_TYPED, payload=square))
    with pytest.raises(guard.TextTooLong):
        guard.check(pb.AdmitTicketRequest(code="A" * (MOST_TYPED + 1)))


def test_a_card_s_number_at_the_gate_is_no_lost_connection(
    gate: FlaskClient, services: FakeServices
) -> None:
    def refuse(_request: Any) -> Any:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, "CARD_NUMBER_TYPED")

    services.answers["AdmitTicket"] = refuse
    answer = post(gate, "/gate/scans", scan(payload="", code="4111111111111111")).json
    assert (answer["outcome"], answer["reason"]) == ("unknown", "card_number_typed")
    assert {"card_number_typed", "too_long"} <= set(REASONS)


def test_what_names_no_number_of_its_own_is_told_so_and_nobody_is_asked(
    gate: FlaskClient, services: FakeServices
) -> None:
    scans = [{"scan_id": SCAN_ID, "payload": "MT1:A", "scan_time": "2026-11-21T01:00:00Z"}]
    for path, body, field in (
        ("/gate/scans", scan(scan_id=""), "scan_id"),
        ("/gate/queue", {"gate": "gate-a", "scans": scans}, "request_id"),
    ):
        answer = post(gate, path, body)
        assert answer.status_code == 400
        assert [each["field"] for each in answer.json["errors"]] == [field]
    assert not services.called("AdmitTicket")
    assert not services.called("RecordAdmissions")
