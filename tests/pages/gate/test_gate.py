"""What the edge passes on of scans and sales, what it refuses, and how it shows an answer."""

import html
import re
from datetime import UTC, datetime
from typing import Any

import grpc
import numpy as np
import pytest
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient
from google.protobuf.timestamp_pb2 import Timestamp

from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import tickets_service_pb2 as pb
from services.edge.gate.words import NUMBERS, OUTCOMES, REASONS
from services.edge.squares import squares
from services.payments.domain.ticket import Standing
from services.payments.domain.ticket_code import site_digest
from tests.pages.edge.fakes import AWAY, SESSION, Failure, FakeServices

HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)">')
ORIGIN = {"Origin": "http://localhost"}
SCAN_ID = "01a1fccb-e75c-71cb-8454-dd531a63b538"
SHOP = payments_pb.Shop(
    shop_place_id="gate-a", names={"ja": "正面口", "en": "Main gate"},
    owner=payments_pb.SHOP_OWNER_CITY,
    tenders=[payments_pb.TenderSetting(tender=payments_pb.TENDER_CASH_RECORD,
                                       gateway="cash_record")],
)  # fmt: skip
ADULT = pb.PriceClass(
    class_id="adult", number=1, site_place_id="cave", gate_place_ids=["gate-a"],
    names={"ja": "大人", "en": "Adult"}, unit_amount_yen=1300, persons_min=1, persons_max=19,
)  # fmt: skip
USED = Timestamp()
USED.FromDatetime(datetime(2026, 11, 21, 1, 0, tzinfo=UTC))
TICKET = pb.Ticket(
    ticket_id=SCAN_ID, code="GJRE1DY9HKG", persons=2, gate_place_id="gate-a",
    lines=[pb.TicketLine(class_id="adult", number=1, persons=2)],
    admitted_gate_place_id="gate-a", admit_time=USED, payload="MT1:ABC", amount_yen=2600,
    standing=pb.TICKET_STANDING_VALID,
)  # fmt: skip


def quoted(request: Any) -> pb.QuoteTicketResponse:
    """What payments says of a party of adults before it is sold a ticket."""
    persons = sum(line.persons for line in request.lines)
    if not 1 <= persons <= ADULT.persons_max:
        fields = (("lines[0].persons", "give 1 to 19"),)
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, fields=fields)
    return pb.QuoteTicketResponse(amount_yen=1300 * persons, persons=persons)


@pytest.fixture
def gate(browser: FlaskClient, services: FakeServices) -> FlaskClient:
    """A signed-in clerk at a gate."""
    services.answers |= {
        "ListShops": lambda _: payments_pb.ListShopsResponse(shops=[SHOP]),
        "ListPriceClasses": lambda _: pb.ListPriceClassesResponse(price_classes=[ADULT]),
        "ListTicketKeys": lambda _: pb.ListTicketKeysResponse(
            keys=[pb.TicketKey(key_id=b"\1\2\3\4", public_key=b"k" * 32),
                  pb.TicketKey(key_id=b"\5\6\7\10", public_key=b"o" * 32, revoked=True)]
        ),
        "AdmitTicket": lambda _: pb.AdmitTicketResponse(
            outcome=pb.ADMISSION_OUTCOME_ADMITTED, ticket=TICKET
        ),
        "RecordAdmissions": lambda request: pb.RecordAdmissionsResponse(
            scans=[pb.RecordedScan(scan_id=each.scan_id) for each in request.scans]
        ),
        "GetTicket": lambda _: pb.GetTicketResponse(ticket=TICKET),
        "SellTicket": lambda _: pb.SellTicketResponse(ticket=TICKET),
        "ListClerks": lambda _: office_pb.ListClerksResponse(),
        "QuoteTicket": quoted,
        "FindRequest": lambda _: payments_pb.FindRequestResponse(),
    }  # fmt: skip
    browser.set_cookie("meguri_session", SESSION)
    return browser


def token(gate: FlaskClient) -> str:
    """The form token of this session."""
    found = re.search(r'data-token="([^"]+)"', gate.get("/gate?gate=gate-a").text)
    assert found
    return found[1]


def post(gate: FlaskClient, path: str, body: dict[str, Any], *, safe: bool = True) -> Any:
    """Sends JSON as gate.js does."""
    headers = {**ORIGIN, "Accept": "application/json"}
    if safe:
        headers["X-Form-Token"] = token(gate)
    return gate.post(path, json=body, headers=headers)


def document(gate: FlaskClient, path: str) -> Any:
    """Reads JSON."""
    return gate.get(path, headers={"Accept": "application/json"}).json


def scan(**changes: Any) -> dict[str, Any]:
    """A scan as gate.js sends it."""
    return {"gate": "gate-a", "scan_id": SCAN_ID, "payload": "MT1:ABC", "code": "", **changes}


def test_a_scan_is_passed_on_with_its_own_id_and_shown(
    gate: FlaskClient, services: FakeServices
) -> None:
    answer = post(gate, "/gate/scans", scan()).json
    assert (answer["outcome"], answer["persons"], answer["used_time"]) == ("admitted", 2, "")
    (asked,) = services.called("AdmitTicket")
    assert (asked.request_id, asked.payload, asked.code) == (SCAN_ID, "MT1:ABC", "")


def test_a_used_ticket_says_when_and_where(gate: FlaskClient, services: FakeServices) -> None:
    services.answers["AdmitTicket"] = lambda _: pb.AdmitTicketResponse(
        outcome=pb.ADMISSION_OUTCOME_ALREADY_USED, reason="already_used", ticket=TICKET
    )
    answer = post(gate, "/gate/scans", scan()).json
    assert (answer["used_gate"], answer["used_time"]) == ("gate-a", "2026-11-21T01:00:00Z")


def test_a_practice_ticket_is_never_told_to_go_in(
    gate: FlaskClient, services: FakeServices
) -> None:
    practiced = pb.Ticket()
    practiced.CopyFrom(TICKET)
    practiced.practice = True
    services.answers["AdmitTicket"] = lambda _: pb.AdmitTicketResponse(
        outcome=pb.ADMISSION_OUTCOME_PRACTICE, reason="practice", ticket=practiced
    )
    assert post(gate, "/gate/scans", scan()).json["outcome"] == "practice"
    shown = gate.post(
        "/gate/scans", headers=ORIGIN,
        data={"gate": "gate-a", "request_id": SCAN_ID, "code": "X", "form_token": token(gate)},
    ).text  # fmt: skip
    result = shown[shown.index('data-part="result"') : shown.index('data-part="ready"')]
    assert "Practice ticket" in result
    assert "練習・入金されません" in result
    assert "Go in" not in result
    assert 'data-result="practice"' in result
    assert re.search(r'data-part="origins"[^>]* hidden', shown)  # nobody came from anywhere
    looks = document(gate, "/gate/setup?gate=gate-a")["outcomes"]
    kinds = [look["kind"] for name, look in looks.items() if name != "unchecked"]
    assert len(set(kinds)) == len(kinds)


def test_a_hand_scanner_types_the_square_code(gate: FlaskClient, services: FakeServices) -> None:
    post(gate, "/gate/scans", scan(payload="", code="MT1:ABC"))
    (asked,) = services.called("AdmitTicket")
    assert (asked.payload, asked.code) == ("MT1:ABC", "")


@pytest.mark.parametrize("path", ["/gate/scans", "/gate/queue", "/gate/origins"])
def test_nothing_is_admitted_without_the_session_s_form_token(
    gate: FlaskClient, services: FakeServices, path: str
) -> None:
    assert post(gate, path, scan(), safe=False).status_code == 403
    assert not services.called("AdmitTicket")


def test_a_visitor_meets_the_sign_in_and_a_script_gets_401(gate: FlaskClient) -> None:
    gate.delete_cookie("meguri_session")
    assert gate.get("/gate").headers["Location"].startswith("/login")
    assert post(gate, "/gate/scans", scan(), safe=False).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (scan(payload=5), "payload"),
        (scan(scan_id="x" * 501), "scan_id"),
        ({"gate": "gate-a", "request_id": "r", "scans": "x"}, "scans"),
        ({"gate": "gate-a", "request_id": "r", "scans": [{"scan_time": "soon"}]}, "scan_time"),
        ({"gate": "gate-a", "request_id": "r", "scans": [{"scan_time": None}]}, "scan_time"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(
    gate: FlaskClient, body: dict[str, Any], field: str
) -> None:
    path = "/gate/queue" if "scans" in body else "/gate/scans"
    answer = post(gate, path, body)
    assert answer.status_code == 400
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_a_queue_keeps_ids_times_and_origins(gate: FlaskClient, services: FakeServices) -> None:
    waiting = {"scan_id": SCAN_ID, "payload": "MT1:ABC", "origin": "KR",
               "scan_time": "2026-11-21T01:00:00.000Z"}  # fmt: skip
    body = {"gate": "gate-a", "request_id": "r-1", "scans": [waiting]}
    assert post(gate, "/gate/queue", body).json == {"scans": [{"scan_id": SCAN_ID, "problem": ""}]}
    (sent,) = services.called("RecordAdmissions")
    assert sent.scans[0] == pb.OfflineScan(
        scan_id=SCAN_ID, payload="MT1:ABC", origin="KR", scan_time=USED
    )


def test_setup_holds_what_a_gate_needs_to_decide_alone(gate: FlaskClient) -> None:
    found = document(gate, "/gate/setup?gate=gate-a")
    assert found["keys"] == {"01020304": (b"k" * 32).hex()}  # the revoked one holds no longer
    assert found["sites"] == [site_digest("cave").hex()]
    assert set(found["outcomes"]) == set(OUTCOMES)
    assert found["classes"]["1"] in ("大人", "Adult")
    assert gate.get("/gate/setup?gate=elsewhere").status_code == 404


def test_the_worker_keeps_every_file_the_page_needs(gate: FlaskClient, app: Flask) -> None:
    answer = gate.get("/gate/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/gate"
    files = re.findall(r"/static/[^\"]+", answer.text)
    assert len(files) >= 12
    for path in files:
        found = app.extensions["meguri"].assets.find(path.removeprefix("/static/"))
        assert found is not None
        for name in re.findall(rb'(?:from|import\()\s*"\./([^"]+)"', found[0].body):
            assert any(path.endswith(f"/{name.decode()}") for path in files), name
    assert document(gate, "/gate/site.webmanifest")["scope"] == "/gate"


def test_a_typed_code_works_without_javascript(gate: FlaskClient, services: FakeServices) -> None:
    form = {"form_token": token(gate), "gate": "gate-a", "request_id": SCAN_ID, "code": " gjre 1 "}
    page = gate.post("/gate/scans", data=form, headers=ORIGIN)
    assert 'data-result="ok"' in page.text
    assert services.called("AdmitTicket")[0].code == "gjre 1"
    services.answers["AdmitTicket"] = _away
    page = gate.post("/gate/scans", data=form, headers=ORIGIN)
    assert 'data-result="odd"' in page.text


def _away(_request: Any) -> Any:
    raise AWAY


def test_every_word_of_payments_has_a_sentence_at_the_gate() -> None:
    assert {each.value for each in Standing} - {"valid"} <= set(REASONS)
    assert set(NUMBERS.values()) | {"unchecked", "closed"} == set(OUTCOMES)


def sale(gate: FlaskClient, **changes: str) -> Any:
    """Two adults in cash."""
    form = {"form_token": token(gate), "shop": "gate-a", "n:adult": "2", "amount_yen": "2600",
            "pay": "7:cash_record", "request_id": SCAN_ID, **changes}  # fmt: skip
    return gate.post("/till/tickets", data=form, headers=ORIGIN)


def test_a_sale_sends_the_total_that_was_shown(gate: FlaskClient, services: FakeServices) -> None:
    page = gate.get("/till/tickets?shop=gate-a&go=1&n:adult=2&n:nobody=0&x=1").text
    assert "¥2,600" in page
    assert sale(gate).headers["Location"] == f"/till/tickets/{SCAN_ID}"
    (asked,) = services.called("SellTicket")
    assert (asked.amount_yen, asked.gateway, asked.lines[0].persons) == (2600, "cash_record", 2)
    assert "<svg" in gate.get(f"/till/tickets/{SCAN_ID}").text


def test_cash_for_a_ticket_asks_what_is_handed_over_and_shows_the_change(
    gate: FlaskClient, services: FakeServices
) -> None:
    page = sale(gate, step="counter")
    assert (page.status_code, services.called("SellTicket")) == (200, [])
    assert 'action="/till/tickets"' in page.text
    assert page.text.count("data-online-only") == 2, "a ticket never waits on a device"
    again = dict(HIDDEN.findall(page.text))
    assert (again["n:adult"], again["request_id"]) == ("2", SCAN_ID)
    less = gate.post("/till/tickets", data={**again, "tendered_yen": "2000"}, headers=ORIGIN)
    assert (less.status_code, services.called("SellTicket")) == (422, [])
    done = gate.post("/till/tickets", data={**again, "tendered_yen": "5000"}, headers=ORIGIN)
    assert done.headers["Location"] == f"/till/tickets/{SCAN_ID}?tendered=5000"
    (asked,) = services.called("SellTicket")
    assert (asked.request_id, asked.amount_yen) == (SCAN_ID, 2600)
    paid = pb.Ticket()
    paid.CopyFrom(TICKET)
    paid.payment_id = "p-1"
    cash = payments_pb.Payment(tender=payments_pb.TENDER_CASH_RECORD, captured_yen=2600)
    services.answers["GetTicket"] = lambda _: pb.GetTicketResponse(ticket=paid)
    services.answers["GetPayment"] = lambda _: payments_pb.GetPaymentResponse(payment=cash)
    assert "¥2,400" in gate.get(done.headers["Location"]).text
    cash.tender = payments_pb.TENDER_CARD
    assert "till-change" not in gate.get(done.headers["Location"]).text


def test_a_large_party_is_no_slip_of_the_finger(gate: FlaskClient, services: FakeServices) -> None:
    assert sale(gate, pay="1:acquirer_simulator", amount_yen="130000").status_code == 303
    assert len(services.called("SellTicket")) == 1


def test_tickets_are_sold_only_at_a_till_that_a_pin_opened(
    gate: FlaskClient, services: FakeServices
) -> None:
    aya = office_pb.Clerk(clerk_id="0199f3c5-0000-7000-8000-00000000000a", display_name="彩")
    services.answers |= {
        "ListClerks": lambda _: office_pb.ListClerksResponse(clerks=[aya]),
        "CheckClerk": lambda _: office_pb.CheckClerkResponse(right=True),
    }
    total = "/till/tickets?shop=gate-a&go=1&n:adult=2"
    assert 'name="pin"' in gate.get(total).text
    locked = sale(gate)
    assert (locked.status_code, 'name="pin"' in locked.text) == (409, True)
    assert services.called("SellTicket") == []
    back = "/till/tickets?shop=gate-a&n%3Aadult=2"
    assert dict(HIDDEN.findall(html.unescape(locked.text)))["back"] == back, "the party is kept"
    opened = {"form_token": token(gate), "shop": "gate-a", "clerk_id": aya.clerk_id, "pin": "2580",
              "back": back}  # fmt: skip
    assert gate.post("/till/clerk", data=opened, headers=ORIGIN).headers["Location"] == back
    mark = dict(HIDDEN.findall(gate.get(total).text))["clerk"]
    assert sale(gate, clerk=f"{aya.clerk_id}.forged").status_code == 403
    assert sale(gate, clerk=mark).headers["Location"] == f"/till/tickets/{SCAN_ID}"
    (asked,) = services.called("SellTicket")
    assert asked.clerk_id == aya.clerk_id
    services.answers["SellTicket"] = _away
    again = sale(gate, clerk=mark).text
    assert dict(HIDDEN.findall(again))["clerk"] == mark, "sent again it is the same request"
    # The till locked itself over an answer that was lost: what was taken is shown after the PIN.
    services.answers["FindRequest"] = lambda _: payments_pb.FindRequestResponse(
        known=True, payment_id="p-9"
    )
    gate.delete_cookie("meguri_till_clerk", path="/till")
    assert dict(HIDDEN.findall(sale(gate, clerk=mark).text))["back"] == "/till/tickets/p-9"


@pytest.mark.parametrize(
    "changes",
    [{"amount_yen": "²"}, {"amount_yen": "9" * 30}, {"amount_yen": "9" * 5000}, {"amount_yen": ""},
     {"pay": "²:x"}, {"pay": "9" * 5000}],
)  # fmt: skip
def test_numbers_no_button_sends_are_refused_and_sell_nothing(
    gate: FlaskClient, services: FakeServices, changes: dict[str, str]
) -> None:
    assert sale(gate, **changes).status_code == 400
    assert services.called("SellTicket") == []


@pytest.mark.parametrize(
    ("failure", "status", "kept"),
    [
        (AWAY, 503, True),
        (Failure(grpc.StatusCode.FAILED_PRECONDITION, "PRICE_CHANGED"), 409, False),
        (Failure(grpc.StatusCode.INVALID_ARGUMENT), 422, False),
    ],
)
def test_a_sale_that_failed_is_asked_again_under_its_own_id_only_when_it_may_have_happened(
    gate: FlaskClient, services: FakeServices, failure: Failure, status: int, *, kept: bool
) -> None:
    def fail(_request: Any) -> Any:
        raise failure

    services.answers["SellTicket"] = fail
    page = sale(gate)
    assert page.status_code == status
    assert (f'name="request_id" value="{SCAN_ID}"' in page.text) == kept


@pytest.mark.parametrize("wrong", [{"pay": "99:x"}, {"amount_yen": "-1"}, {"request_id": ""}])
def test_what_no_button_sends_is_refused(
    gate: FlaskClient, services: FakeServices, wrong: dict[str, str]
) -> None:
    assert sale(gate, **wrong).status_code == 400
    assert not services.called("SellTicket")


def test_nobody_chosen_is_said_and_unknown_prices_are_not_found(gate: FlaskClient) -> None:
    assert "notice--bad" in gate.get("/till/tickets?shop=gate-a&go=1").text
    assert gate.get("/till/tickets?shop=gate-a&n:nobody=1").status_code == 404
    assert gate.get("/till/tickets?shop=elsewhere").status_code == 404


def test_a_family_s_code_is_drawn_small_and_says_what_was_signed() -> None:
    text = "MT1:" + "A1 $%*+-./:" * 14
    drawn = squares(text)
    assert drawn.side == 45 + 8  # version 7 with its quiet zone
    picture = np.full((drawn.side, drawn.side), 255, np.uint8)
    for x, y, width in re.findall(r"M(\d+) (\d+)h(\d+)v1h-\3z", drawn.path):
        picture[int(y), int(x) : int(x) + int(width)] = 0
    scaled = picture.repeat(4, axis=0).repeat(4, axis=1)
    assert [each.text for each in zxingcpp.read_barcodes(scaled)] == [text]


def test_a_payment_leads_to_its_ticket(gate: FlaskClient, services: FakeServices) -> None:
    def find(request: pb.GetTicketRequest) -> pb.GetTicketResponse:
        if request.ticket_id:
            raise Failure(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TICKET")
        return pb.GetTicketResponse(ticket=TICKET)

    services.answers["GetTicket"] = find
    assert "<svg" in gate.get("/till/tickets/a-payment").text
    services.answers["GetPayment"] = lambda _: payments_pb.GetPaymentResponse(
        payment=payments_pb.Payment(
            payment_id="a-payment", shop_place_id="gate-a", captured_yen=2600, amount_yen=2600,
            tender=payments_pb.TENDER_CASH_RECORD, gateway="cash_record",
            state=payments_pb.PAYMENT_STATE_CAPTURED, items=[payments_pb.Item(name="大人")],
        )
    )  # fmt: skip
    assert 'href="/till/tickets/a-payment"' in gate.get("/till/payments/a-payment").text

    def none(_request: pb.GetTicketRequest) -> pb.GetTicketResponse:
        raise Failure(grpc.StatusCode.NOT_FOUND, "UNKNOWN_TICKET")

    services.answers["GetTicket"] = none  # of a basket without tickets there is none to show
    assert "/till/tickets/a-payment" not in gate.get("/till/payments/a-payment").text
