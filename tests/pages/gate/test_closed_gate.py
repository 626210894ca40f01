"""A closed gate: the notice, a scan that uses nothing up, a sale that is not made."""

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.edge.freshness import Watch
from services.edge.parts import Parts
from services.payments.domain.business_day import business_date
from tests.pages.edge.fakes import FakeServices, closure, stamp
from tests.pages.gate.test_gate import (
    HIDDEN,
    ORIGIN,
    SCAN_ID,
    document,
    gate,
    post,
    sale,
    scan,
    token,
)

__all__ = ["gate"]

NOW = datetime.now(UTC)
BAD = re.compile(r'<div class="notice notice--bad"[^>]* role="alert"')
HIDDEN_NOTICE = 'data-part="shut" aria-label="Closure" hidden'


@pytest.fixture(autouse=True)
def cave(services: FakeServices) -> None:
    """A cave with two gates, and a gate elsewhere."""
    rows = (("cave", ""), ("gate-a", "cave"), ("gate-b", "cave"), ("gate-c", ""))
    services.answers["ListPlaces"] = lambda _: directory.ListPlacesResponse(
        places=[
            directory.Place(place_id=name, parent_place_id=parent, names={"en": f"The {name}"})
            for name, parent in rows
        ]
    )


def close(
    services: FakeServices,
    parts: Parts,
    place_id: str,
    until: timedelta | None = timedelta(hours=2),
) -> directory.Closure:
    """Closes a place; the edge hears of it as it hears of every closure."""
    made = closure()
    made.place_id, made.note = place_id, "増水のため"
    made.ClearField("until_time")
    if until is not None:
        made.until_time.CopyFrom(stamp(NOW + until))
    services.closures.append(made)
    Watch(parts).on()["place_closed"]("mine")
    return made


def typed(gate: FlaskClient) -> str:
    """Sends a typed code as the form does."""
    form = {"form_token": token(gate), "gate": "gate-a", "request_id": SCAN_ID, "code": "GJRE1"}
    return gate.post("/gate/scans", data=form, headers=ORIGIN).text


@pytest.mark.parametrize("place_id", ["gate-a", "cave"])
def test_a_closed_gate_or_cave_says_why_and_until_when_and_uses_no_ticket_up(
    gate: FlaskClient, services: FakeServices, parts: Parts, place_id: str
) -> None:
    close(services, parts, place_id, None)
    page = gate.get("/gate?gate=gate-a").text
    assert HIDDEN_NOTICE not in page
    for words in (f"The {place_id} is closed", "High water · until further notice", "増水のため"):
        assert words in page
    answer = post(gate, "/gate/scans", scan()).json
    assert (answer["outcome"], answer["reason"], answer["ticket_id"], answer["persons"]) == (
        "closed", "gate_closed", "", 0
    )  # fmt: skip
    assert (answer["closure"]["reason"], answer["closure"]["until"]) == ("flood", "")
    assert answer["closures"] == [answer["closure"]]
    assert services.called("AdmitTicket") == []


def test_without_javascript_a_typed_code_meets_the_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "cave")
    page = typed(gate)
    result = page[page.index('data-part="result"') : page.index('data-part="ready"')]
    for words in ('data-result="closed"', "Closed", "High water · until", "not used up"):
        assert words in result
    assert "Go in" not in page
    assert services.called("AdmitTicket") == []


def test_the_staff_read_it_in_their_language(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a", None)
    page = gate.get("/gate?gate=gate-a", headers={"Accept-Language": "ja"}).text
    assert "閉鎖中です" in page
    assert "増水 · 当分の間" in page


@pytest.mark.parametrize(
    ("place_id", "until"),
    [("gate-b", timedelta(hours=2)), ("gate-c", None), ("cave", timedelta(seconds=-1))],
)
def test_another_gate_s_closure_and_one_that_is_over_close_nothing(
    gate: FlaskClient, services: FakeServices, parts: Parts, place_id: str, until: timedelta | None
) -> None:
    close(services, parts, place_id, until)
    assert HIDDEN_NOTICE in gate.get("/gate?gate=gate-a").text
    assert post(gate, "/gate/scans", scan()).json["outcome"] == "admitted"
    assert document(gate, "/gate/setup?gate=gate-a")["closures"] == []
    assert "is closed" not in gate.get("/till/tickets?shop=gate-a").text
    assert sale(gate).status_code == 303


def test_a_reopened_gate_lets_the_next_scan_in(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a")
    assert post(gate, "/gate/scans", scan()).json["outcome"] == "closed"
    services.closures.clear()
    Watch(parts).on()["place_reopened"]("mine")
    answer = post(gate, "/gate/scans", scan()).json
    assert (answer["outcome"], answer["closures"]) == ("admitted", [])


def test_the_kept_setup_knows_closures_to_come_and_what_ends_last_first(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a", timedelta(hours=1))
    close(services, parts, "cave", timedelta(hours=3))
    later = close(services, parts, "gate-a", None)
    later.from_time.CopyFrom(stamp(NOW + timedelta(hours=5)))
    setup = document(gate, "/gate/setup?gate=gate-a")
    found = [(each["place_id"], bool(each["until"])) for each in setup["closures"]]
    assert found == [("gate-a", False), ("cave", True), ("gate-a", True)]
    assert setup["closures"][0]["since"] > NOW.isoformat()
    assert setup["closures_as_of"].startswith("as of ")
    assert setup["outcomes"]["closed"] == {"kind": "closed", "icon": "lock", "word": "Closed"}
    assert "gate_closed" in setup["reasons"]
    shown = post(gate, "/gate/scans", scan()).json["closure"]
    assert shown["place_id"] == "cave", "in force, and of these the one that lasts"


def test_no_ticket_for_today_is_sold_at_a_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "cave")
    chosen = gate.get("/till/tickets?shop=gate-a").text
    total = gate.get("/till/tickets?shop=gate-a&go=1&n:adult=2").text
    today = business_date(NOW, "Asia/Tokyo").isoformat()
    for page in (chosen, total, sale(gate).text, sale(gate, valid_date=today).text):
        assert "The cave is closed" in page
        assert "High water" in page
        assert "another entrance" in page
    refused = sale(gate, step="counter")
    assert (refused.status_code, services.called("SellTicket")) == (409, [])
    assert "notice--bad" in refused.text


def test_a_program_is_told_the_reason_of_a_sale_that_is_refused(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a")
    body: dict[str, Any] = {
        "form_token": token(gate), "shop": "gate-a", "n:adult": "1", "amount_yen": "1300",
        "pay": "7:cash_record", "request_id": SCAN_ID,
    }  # fmt: skip
    headers = {**ORIGIN, "Accept": "application/json"}
    refused: Any = gate.post("/till/tickets", data=body, headers=headers)
    assert (refused.status_code, refused.json["reason"]) == (409, "gate_closed")
    assert services.called("SellTicket") == []


def test_another_day_is_sold(gate: FlaskClient, services: FakeServices, parts: Parts) -> None:
    close(services, parts, "gate-a")
    day = (business_date(NOW, "Asia/Tokyo") + timedelta(days=1)).isoformat()
    assert sale(gate, valid_date=day).status_code == 303
    assert services.called("FindRequest") == []


@pytest.mark.parametrize("written", ["%Y%m%d", "%G-W%V-%u", "%GW%V%u", "%Y-%m-%d ", "%Y-%j"])
def test_today_written_otherwise_opens_no_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts, written: str
) -> None:
    close(services, parts, "gate-a")
    day = business_date(NOW, "Asia/Tokyo").strftime(written)
    form = {"form_token": token(gate), "shop": "gate-a", "n:adult": "1", "amount_yen": "1300",
            "pay": "7:cash_record", "request_id": SCAN_ID, "valid_date": day}  # fmt: skip
    headers = {**ORIGIN, "Accept": "application/json"}
    for path in ("/till/tickets", "/till/tickets/split"):
        refused: Any = gate.post(path, data=form, headers=headers)
        assert (refused.status_code, refused.json["reason"]) == (400, "invalid_fields")
    assert services.called("SellTicket") == services.called("OpenSplitSale") == []


def test_only_a_sale_that_payments_knows_passes_a_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    """A form says whatever somebody writes into it: payments is asked about its request id."""
    taken = {"01a1fccb-0000-7000-8000-00000000000a"}
    services.answers["FindRequest"] = lambda request: payments_pb.FindRequestResponse(
        known=request.request_id in taken
    )
    close(services, parts, "gate-a")
    for more in ({}, {"sent_before": "yes"}, {"sent_before": "1", "step": "counter"}):
        assert sale(gate, **more).status_code == 409
    assert services.called("SellTicket") == []
    assert sale(gate, request_id=next(iter(taken))).status_code == 303, "its answer was lost"
    assert len(services.called("SellTicket")) == 1


def test_without_an_answer_whether_it_was_taken_a_closed_gate_sells_nothing(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a")
    del services.answers["FindRequest"]  # payments does not answer
    page = sale(gate)
    assert page.status_code == 503
    assert f'name="request_id" value="{SCAN_ID}"' in page.text, "asked again it is the same sale"
    assert services.called("SellTicket") == []


def test_a_sale_without_an_answer_is_found_after_the_gate_closed(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    """503 first, then a closure: what payments took is answered, what it did not is not sold."""
    sold = services.answers.pop("SellTicket")
    lost = sale(gate)
    assert lost.status_code == 503
    again = dict(HIDDEN.findall(lost.text)) | {"pay": "7:cash_record"}
    close(services, parts, "gate-a")
    services.answers["SellTicket"] = sold
    refused = gate.post("/till/tickets", data={**again, "step": ""}, headers=ORIGIN)
    assert refused.status_code == 409
    services.answers["FindRequest"] = lambda request: payments_pb.FindRequestResponse(
        known=request.request_id == SCAN_ID
    )
    found = gate.post("/till/tickets", data={**again, "step": ""}, headers=ORIGIN)
    assert found.headers["Location"] == f"/till/tickets/{SCAN_ID}"


def test_a_closed_gate_says_so_once_and_shows_no_button_that_would_only_be_refused(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    close(services, parts, "gate-a")
    tapped = sale(gate, step="counter")  # on a page that was open when the gate closed
    today, tomorrow = (
        (business_date(NOW, "Asia/Tokyo") + timedelta(days=days)).isoformat() for days in (0, 1)
    )
    address = "/till/tickets?shop=gate-a&go=1&n:adult=2"
    days = ("", f"&valid_date={today}", "&valid_date=9")
    for page in (tapped.text, *(gate.get(address + day).text for day in days)):
        assert len(BAD.findall(page)) == 1
        assert ('name="pay"' in page, "data-other-day" in page) == (False, True)
        assert f'min="{tomorrow}"' in page
    other = gate.get(f"{address}&valid_date={tomorrow}").text
    assert len(BAD.findall(other)) == 1
    assert ('name="pay"' in other, "data-other-day" in other) == (True, False)
    assert f'value="{tomorrow}"' in other


def test_the_button_of_a_sale_without_an_answer_stays_at_a_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts
) -> None:
    del services.answers["FindRequest"]
    close(services, parts, "gate-a")
    assert 'name="pay"' in sale(gate).text
