"""A ticket paid in parts at the till: opened as from a basket, its code once all is paid, a gate
that closes before and between, a used ticket that goes back only confirmed."""

import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services import edge
from services.edge.parts import Parts
from services.payments.domain.business_day import business_date
from tests.pages.edge.fakes import AWAY, Failure, FakeServices
from tests.pages.gate.test_closed_gate import cave, close
from tests.pages.gate.test_gate import HIDDEN, ORIGIN, TICKET, gate, token

__all__ = ["cave", "gate"]

OWN = "/till/splits/s-1"
TODAY = business_date(datetime.now(UTC), "Asia/Tokyo").isoformat()


@pytest.fixture
def sale(gate: FlaskClient, services: FakeServices) -> split_pb.SplitSale:
    """Two adults for 2,600 yen, nothing paid yet."""
    found = split_pb.SplitSale(
        split_sale_id="s-1", shop_place_id="gate-a", total_yen=2600, open_yen=2600, persons=2,
        state=split_pb.SPLIT_SALE_STATE_OPEN, receipt_number="R-9", valid_date=TODAY,
        ticket_lines=[tickets_pb.TicketLine(class_id="adult", number=1, persons=2)],
    )  # fmt: skip
    services.answers |= {
        "OpenSplitSale": lambda _: split_pb.OpenSplitSaleResponse(split_sale=found),
        "GetSplitSale": lambda _: split_pb.GetSplitSaleResponse(split_sale=found),
        "GiveBackSplitSale": lambda _: split_pb.GiveBackSplitSaleResponse(split_sale=found),
    }
    return found


def part(yen: int) -> pb.Payment:
    made = pb.Payment(
        payment_id=f"p-{yen}", shop_place_id="gate-a", amount_yen=yen, captured_yen=yen,
        split_sale_id="s-1", tender=pb.TENDER_CASH_RECORD, state=pb.PAYMENT_STATE_CAPTURED,
    )  # fmt: skip
    made.create_time.GetCurrentTime()
    return made


def pays(sale: split_pb.SplitSale, yen: int) -> Any:
    """What payments does with a part: the last one makes the ticket."""

    def answer(_: Any) -> pb.TakePaymentResponse:
        sale.parts.append(part(yen))
        sale.captured_yen, sale.open_yen = sale.captured_yen + yen, sale.open_yen - yen
        if not sale.open_yen:
            sale.state, sale.ticket_id = split_pb.SPLIT_SALE_STATE_PAID, "s-1"
        return pb.TakePaymentResponse(payment=sale.parts[-1])

    return answer


def fail(services: FakeServices, method: str, failure: Failure) -> None:
    def answer(_: Any) -> Any:
        raise failure

    services.answers[method] = answer


def total(gate: FlaskClient) -> dict[str, str]:
    """The form of the total as a browser sends it."""
    page = gate.get("/till/tickets?shop=gate-a&n%3Aadult=2").text
    _before, own = page.split('class="till-total"')
    assert 'formaction="/till/tickets/split"' in own
    return dict(HIDDEN.findall(own.split("</form>")[0]))


def next_part(gate: FlaskClient, amount: str, tendered: str) -> dict[str, str]:
    page = gate.get(OWN).text
    _before, own = page.split(f'action="{OWN}/parts"')
    hidden = dict(HIDDEN.findall(own.split("</form>")[0]))
    del hidden["step"]
    return {**hidden, "amount_yen": amount, "pay": "7:cash_record", "tendered_yen": tendered}


def test_the_page_of_the_total_opens_a_sale_for_the_same_party(
    gate: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    form = {**total(gate), "valid_date": "", "voucher": " V-1 "}
    answer = gate.post("/till/tickets/split", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["Location"]) == (303, OWN)
    (asked,) = services.called("OpenSplitSale")
    assert [(each.class_id, each.persons) for each in asked.ticket_lines] == [("adult", 2)]
    assert (asked.total_yen, asked.request_id) == (2600, form["request_id"])
    assert (asked.voucher, len(asked.items)) == ("V-1", 0)
    assert services.called("SellTicket") == []


def test_parts_lead_to_the_code_and_no_part_before_the_last_does(
    gate: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    page = gate.get(OWN).text
    for words in (
        "Adult ×&nbsp;2",
        "The ticket is made when all of it is paid.",
        "data-online-only",
    ):
        assert words in page
    services.answers["TakePayment"] = pays(sale, 1000)
    first = gate.post(f"{OWN}/parts", data=next_part(gate, "1000", "1000"), headers=ORIGIN)
    assert first.headers["Location"] == f"{OWN}?tendered=1000"
    services.answers["TakePayment"] = pays(sale, 1600)
    last = gate.post(f"{OWN}/parts", data=next_part(gate, "1600", "2000"), headers=ORIGIN)
    assert last.headers["Location"] == "/till/tickets/s-1?tendered=2000"
    ticket = tickets_pb.Ticket()
    ticket.CopyFrom(TICKET)
    ticket.split_sale_id = "s-1"
    services.answers["GetTicket"] = lambda _: tickets_pb.GetTicketResponse(ticket=ticket)
    shown = gate.get(last.headers["Location"]).text
    assert "ticket__code" in shown
    assert "¥400" in shown  # change of the last part
    assert f'href="{OWN}?tendered=2000"' in shown
    paid = gate.get(OWN).text
    assert 'href="/till/tickets/s-1"' in paid
    assert "Its ticket then lets nobody in." in paid


def test_a_cash_part_of_a_ticket_never_waits_without_a_signal(
    gate: FlaskClient, sale: split_pb.SplitSale
) -> None:
    form = {**next_part(gate, "1000", ""), "step": "counter"}
    asked = gate.post(f"{OWN}/parts", data=form, headers=ORIGIN).text
    assert len(re.findall(r"<form[^>]*data-yen[^>]*data-online-only", asked)) == len(
        re.findall(r"<form[^>]*data-yen", asked)
    )


def test_a_closed_gate_opens_no_sale_and_takes_no_first_part(
    gate: FlaskClient, services: FakeServices, parts: Parts, sale: split_pb.SplitSale
) -> None:
    form, cash = total(gate), next_part(gate, "1000", "1000")
    close(services, parts, "gate-a")
    refused = gate.post("/till/tickets/split", data=form, headers=ORIGIN)
    assert (refused.status_code, services.called("OpenSplitSale")) == (409, [])
    json = {**ORIGIN, "Accept": "application/json"}
    for path, data in (("/till/tickets/split", form), (f"{OWN}/parts", cash)):
        answer: Any = gate.post(path, data=data, headers=json)
        assert (answer.status_code, answer.json["reason"]) == (409, "gate_closed")
    page = gate.post(f"{OWN}/parts", data=cash, headers=ORIGIN)
    assert page.status_code == 409
    assert "offer another entrance" in page.text
    assert f'action="{OWN}/parts"' not in page.text
    assert f'action="{OWN}/give-back"' in page.text
    forged = gate.post(f"{OWN}/parts", data={**cash, "sent_before": "1"}, headers=ORIGIN)
    assert (forged.status_code, services.called("TakePayment")) == (409, [])
    sale.valid_date = "2099-01-01"  # for another day the gate sells on
    services.answers["TakePayment"] = pays(sale, 1000)
    assert gate.post(f"{OWN}/parts", data=cash, headers=ORIGIN).status_code == 303


def test_a_first_part_passes_a_closed_gate_by_no_other_way(
    gate: FlaskClient, services: FakeServices, parts: Parts, sale: split_pb.SplitSale
) -> None:
    """The counter takes parts too, and so does an upload of sales that waited."""
    cash = next_part(gate, "2600", "2600")
    form = {**cash, "split": "s-1", "usual_rate_percent": "10"}
    close(services, parts, "gate-a")
    json: Any = {**ORIGIN, "Accept": "application/json"}
    refused: Any = gate.post("/till/payments", data=form, headers=json)
    assert (refused.status_code, refused.json["reason"]) == (409, "gate_closed")
    page = gate.post("/till/payments", data=form, headers=ORIGIN)
    assert (page.status_code, "offer another entrance" in page.text) == (409, True)
    known: Any = gate.get("/till/waiting", headers=json).json
    body = {"user": known["user"], "sales": [{"form": urlencode(form), "waited_s": 5}]}
    headers = {**json, "X-Form-Token": known["form_token"]}
    waited: Any = gate.post("/till/waiting", json=body, headers=headers)
    assert waited.status_code == 200
    (told,) = waited.json["results"]
    assert told["reason"] == "gate_closed"
    assert "offer another entrance" in told["text"]
    assert services.called("TakePayment") == services.called("TakePayments") == []
    services.answers["TakePayment"] = pays(sale, 2600)
    sale.parts.append(part(1))  # a party that paid a part stands there
    assert gate.post("/till/payments", data=form, headers=ORIGIN).status_code == 303


def test_whatever_takes_a_payment_asks_the_gate_first() -> None:
    takers = {
        file for file in Path(edge.__file__).parent.rglob("*.py")
        if re.search(r"\.TakePayments?\($", file.read_text(), re.M)
        or re.search(r"\.TakePayments?\(wanted", file.read_text())
    }  # fmt: skip
    without = {file.name for file in takers if "first_parts.check(" not in file.read_text()}
    assert len(takers) == 5
    assert without == {"setup.py"}, "the trial sale of a new shop has no parts"


def test_a_first_part_that_payments_took_already_is_found_at_a_closed_gate(
    gate: FlaskClient, services: FakeServices, parts: Parts, sale: split_pb.SplitSale
) -> None:
    cash, opening = next_part(gate, "1000", "1000"), total(gate)
    close(services, parts, "gate-a")
    known = {cash["request_id"], opening["request_id"]}
    services.answers["FindRequest"] = lambda request: pb.FindRequestResponse(
        known=request.request_id in known
    )
    services.answers["TakePayment"] = pays(sale, 1000)
    opened = gate.post("/till/tickets/split", data=opening, headers=ORIGIN)
    assert opened.headers["Location"] == OWN
    assert gate.post(f"{OWN}/parts", data=cash, headers=ORIGIN).status_code == 303
    del sale.parts[:]
    del services.answers["FindRequest"]  # payments does not answer: asked again it is the same
    again = gate.post(f"{OWN}/parts", data=cash, headers=ORIGIN)
    assert (again.status_code, len(services.called("TakePayment"))) == (503, 1)


def test_a_ticket_whose_part_is_being_taken_back_lets_nobody_in_and_says_so(
    gate: FlaskClient, sale: split_pb.SplitSale
) -> None:
    pays(sale, 2600)(None)
    assert "Paid" in gate.get(OWN).text
    sale.parts[0].being_voided, sale.state = True, split_pb.SPLIT_SALE_STATE_OPEN
    sale.captured_yen, sale.under_way_yen = 0, 2600
    page = gate.get(OWN).text
    assert "Its ticket lets nobody in until all of it is paid." in page
    assert "Cancellation not known yet" in page
    assert 'href="/till/tickets/s-1"' not in page


def test_a_gate_that_closes_between_parts_leaves_both_ways_open_and_says_so(
    gate: FlaskClient, services: FakeServices, parts: Parts, sale: split_pb.SplitSale
) -> None:
    pays(sale, 1000)(None)
    close(services, parts, "cave")
    page = gate.get(OWN).text
    assert "The gate closed after this sale began." in page
    assert f'action="{OWN}/give-back"' in page
    services.answers["TakePayment"] = pays(sale, 1600)
    done = gate.post(f"{OWN}/parts", data=next_part(gate, "1600", "1600"), headers=ORIGIN)
    assert done.headers["Location"].startswith("/till/tickets/s-1")


def test_after_its_day_a_sale_is_only_given_back(
    gate: FlaskClient, sale: split_pb.SplitSale
) -> None:
    sale.valid_date = "2020-01-01"
    page = gate.get(OWN).text
    assert "The day of this ticket is over" in page
    assert f'action="{OWN}/parts"' not in page
    assert f'action="{OWN}/give-back"' in page


def test_a_used_ticket_goes_back_only_after_a_second_tap(
    gate: FlaskClient, services: FakeServices, sale: split_pb.SplitSale
) -> None:
    pays(sale, 2600)(None)
    used = Failure(grpc.StatusCode.FAILED_PRECONDITION, "TICKET_ADMITTED")
    fail(services, "GiveBackSplitSale", used)
    form = {"request_id": "back-1", "form_token": token(gate)}
    asked = gate.post(f"{OWN}/give-back", data=form, headers=ORIGIN)
    assert asked.status_code == 409
    assert "went in already" in asked.text
    assert f'href="{OWN}"' in asked.text
    services.answers["GiveBackSplitSale"] = lambda _: split_pb.GiveBackSplitSaleResponse()
    again = {**dict(HIDDEN.findall(asked.text)), **form, "admitted": "yes"}
    assert gate.post(f"{OWN}/give-back", data=again, headers=ORIGIN).status_code == 303
    first, second = services.called("GiveBackSplitSale")
    assert (first.admitted_confirmed, second.admitted_confirmed) == (False, True)
    assert first.request_id == second.request_id


@pytest.mark.parametrize(
    ("failure", "status"),
    [(AWAY, 503), (Failure(grpc.StatusCode.FAILED_PRECONDITION, "PRICE_CHANGED"), 409)],
)
def test_what_opens_no_sale_comes_back_to_the_total(
    gate: FlaskClient, services: FakeServices, sale: split_pb.SplitSale, failure: Failure,
    status: int,
) -> None:  # fmt: skip
    form = total(gate)
    fail(services, "OpenSplitSale", failure)
    page = gate.post("/till/tickets/split", data=form, headers=ORIGIN)
    assert page.status_code == status
    assert 'formaction="/till/tickets/split"' in page.text
    assert (form["request_id"] in page.text) is (status == 503)


def test_a_form_without_its_total_is_no_sale(gate: FlaskClient, services: FakeServices) -> None:
    form = {"shop": "gate-a", "n:adult": "2", "request_id": "r-1", "form_token": token(gate)}
    assert gate.post("/till/tickets/split", data=form, headers=ORIGIN).status_code == 400
    assert services.called("OpenSplitSale") == []


def test_the_list_of_unused_tickets_says_how_those_in_parts_go_back(
    gate: FlaskClient, services: FakeServices
) -> None:
    unused, said = tickets_pb.Ticket(), "each the way it was paid"
    unused.CopyFrom(TICKET)
    services.answers["ListUnusedTickets"] = lambda _: tickets_pb.ListUnusedTicketsResponse(
        valid_date=TODAY, tickets=[unused]
    )
    assert said not in gate.get("/gate/unused?gate=gate-a").text
    unused.split_sale_id = "s-1"
    assert said in gate.get("/gate/unused?gate=gate-a").text


def test_tickets_given_back_say_what_to_hand_over(
    gate: FlaskClient, services: FakeServices
) -> None:
    done = tickets_pb.TICKET_BACK_OUTCOME_DONE
    back = [
        tickets_pb.TicketBack(ticket_id="t-1", outcome=done, amount_yen=2600, cash_yen=2600),
        tickets_pb.TicketBack(ticket_id="t-2", outcome=done, amount_yen=1300, cash_yen=1300),
        tickets_pb.TicketBack(ticket_id="t-3", outcome=done, amount_yen=700, device_yen=700),
        tickets_pb.TicketBack(ticket_id="t-4", outcome=done, amount_yen=1000),
        tickets_pb.TicketBack(ticket_id="s-1", outcome=done, amount_yen=500, in_parts=True),
        tickets_pb.TicketBack(
            ticket_id="t-5", amount_yen=9999, outcome=tickets_pb.TICKET_BACK_OUTCOME_DECLINED
        ),
    ]
    services.answers |= {
        "ListUnusedTickets": lambda _: tickets_pb.ListUnusedTicketsResponse(
            valid_date=TODAY, tickets=[TICKET]
        ),
        "RefundTickets": lambda _: tickets_pb.RefundTicketsResponse(tickets=back),
    }
    shown = gate.get("/gate/unused?gate=gate-a").text
    form = {**dict(HIDDEN.findall(shown)), "gate": "gate-a", "reason": "closed", "ticket_id": "t-1"}
    page = gate.post("/gate/unused", data=form, headers=ORIGIN).text
    for said in (
        "Give back ¥3,900 in cash", "Cancel ¥700 on the other device, too", "¥1,000: give no cash",
        'href="/till/splits/s-1"', "Paid in parts: ¥500",
    ):  # fmt: skip
        assert said in page
    services.answers["RefundTickets"] = lambda _: tickets_pb.RefundTicketsResponse(
        tickets=back[3:4]
    )
    page = gate.post("/gate/unused", data=form, headers=ORIGIN).text
    assert "in cash" not in page
