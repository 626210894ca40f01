"""Split sales as registers ask for them: what is passed on, what is answered, what is refused."""

from types import SimpleNamespace
from typing import Any

import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import split_sales_service_pb2 as pb
from services.edge import first_parts
from services.edge.payments_api import routes, splits
from tests.pages.edge.fakes import FakeServices

OWN = "/api/v1/payments/split-sales"
HEADERS = {"Idempotency-Key": "sale-0001-of-today"}


@pytest.fixture
def sale(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> pb.SplitSale:
    """A sale of which 1,000 yen are paid; who signs is tested elsewhere."""
    for module in (routes, splits):
        monkeypatch.setattr(module, "verified_device", lambda: SimpleNamespace(place_id="shop-1"))
    found = pb.SplitSale(
        split_sale_id="s-1", shop_place_id="shop-1", state=pb.SPLIT_SALE_STATE_OPEN,
        total_yen=3000, captured_yen=1000, open_yen=2000,
        parts=[payments_pb.Payment(
            payment_id="p-1", split_sale_id="s-1", tender=payments_pb.TENDER_CARD,
            state=payments_pb.PAYMENT_STATE_CAPTURED,
        )],
    )  # fmt: skip
    services.answers |= {
        "OpenSplitSale": lambda _: pb.OpenSplitSaleResponse(split_sale=found),
        "GetSplitSale": lambda _: pb.GetSplitSaleResponse(split_sale=found),
        "GiveBackSplitSale": lambda _: pb.GiveBackSplitSaleResponse(split_sale=found),
        "TakePayment": lambda _: payments_pb.TakePaymentResponse(payment=found.parts[0]),
    }
    return found


def test_a_sale_is_opened_for_the_device_s_own_shop(
    browser: FlaskClient, services: FakeServices, sale: pb.SplitSale
) -> None:
    line = {"name": "湯のみ", "unit_amount_yen": 3000, "tax_rate_percent": 10}
    answer = browser.post(OWN, json={"total_yen": 3000, "items": [line]}, headers=HEADERS)
    assert (answer.status_code, answer.headers["Location"]) == (201, f"{OWN}/s-1")
    (asked,) = services.called("OpenSplitSale")
    assert (asked.shop_place_id, asked.total_yen, asked.request_id) == (
        "shop-1", 3000, "sale-0001-of-today",
    )  # fmt: skip
    shown = answer.get_json()
    assert (shown["state"], shown["open_yen"]) == ("open", 2000)
    assert shown["parts"][0]["split_sale_id"] == "s-1"


def test_a_register_takes_no_first_part_of_a_ticket_at_a_closed_gate(
    browser: FlaskClient,
    services: FakeServices,
    sale: pb.SplitSale,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sale.ticket_lines.add(class_id="adult", number=1, persons=2)
    monkeypatch.setattr(first_parts, "shut", lambda _: {"reason": "flood"})
    services.answers["FindRequest"] = lambda _: payments_pb.FindRequestResponse()
    body = {"tender": "card", "amount_yen": 1000, "split_sale_id": "s-1"}
    assert browser.post("/api/v1/payments", json=body, headers=HEADERS).status_code == 201
    del sale.parts[:]
    refused = browser.post("/api/v1/payments", json=body, headers=HEADERS)
    assert (refused.status_code, refused.get_json()["reason"]) == (409, "gate_closed")
    assert len(services.called("TakePayment")) == 1


def test_a_part_names_its_sale(
    browser: FlaskClient, services: FakeServices, sale: pb.SplitSale
) -> None:
    body = {"tender": "card", "amount_yen": 1000, "split_sale_id": "s-1"}
    answer = browser.post("/api/v1/payments", json=body, headers=HEADERS)
    assert (answer.status_code, answer.get_json()["split_sale_id"]) == (201, "s-1")
    assert services.called("TakePayment")[0].split_sale_id == "s-1"


def test_what_has_not_gone_back_yet_is_202(browser: FlaskClient, sale: pb.SplitSale) -> None:
    sale.state, sale.held_yen = pb.SPLIT_SALE_STATE_GIVING_BACK, 1000
    answer = browser.post(f"{OWN}/s-1/give-back", headers=HEADERS)
    assert (answer.status_code, answer.headers["Retry-After"]) == (202, "15")
    sale.state = pb.SPLIT_SALE_STATE_GIVEN_BACK
    answer = browser.post(f"{OWN}/s-1/give-back", headers=HEADERS)
    assert (answer.status_code, answer.get_json()["state"]) == (200, "given_back")
    assert browser.get(f"{OWN}/s-1").status_code == 200


@pytest.mark.parametrize(
    ("body", "headers", "reason"),
    [
        ({"total_yen": "3000"}, HEADERS, "invalid_fields"),
        ({"total_yen": 3000, "more": 1}, HEADERS, "invalid_fields"),
        ({"total_yen": 3000}, {}, "idempotency_key_missing"),
        ({"total_yen": 3000}, {"Idempotency-Key": "short"}, "invalid_fields"),
    ],
)
def test_a_request_with_a_mistake_opens_nothing(
    browser: FlaskClient, services: FakeServices, sale: pb.SplitSale, body: dict[str, Any],
    headers: dict[str, str], reason: str,
) -> None:  # fmt: skip
    answer = browser.post(OWN, json=body, headers=headers)
    assert (answer.status_code, answer.get_json()["reason"]) == (400, reason)
    assert services.called("OpenSplitSale") == []


def test_money_of_a_used_ticket_goes_back_only_where_the_register_says_so(
    browser: FlaskClient, services: FakeServices, sale: pb.SplitSale
) -> None:
    services.answers["VoidPayment"] = lambda _: payments_pb.VoidPaymentResponse(
        payment=sale.parts[0]
    )
    for body, told in ((None, False), ({"admitted_confirmed": True}, True)):
        browser.post("/api/v1/payments/p-1/void", json=body, headers=HEADERS)
        assert services.called("VoidPayment")[-1].admitted_confirmed is told
    wrong = {"admitted_confirmed": "yes"}
    assert browser.post("/api/v1/payments/p-1/void", json=wrong, headers=HEADERS).status_code == 400


def test_a_register_sells_no_ticket_and_gives_a_used_one_back_only_where_it_says_so(
    browser: FlaskClient, services: FakeServices, sale: pb.SplitSale
) -> None:
    party = {"total_yen": 3000, "ticket_lines": [{"class_id": "adult", "persons": 2}]}
    refused = browser.post(OWN, json=party, headers=HEADERS)
    assert (refused.status_code, refused.get_json()["reason"]) == (400, "invalid_fields")
    assert services.called("OpenSplitSale") == []
    sale.ticket_id = "s-1"
    assert browser.get(f"{OWN}/s-1").get_json()["ticket_id"] == "s-1"
    for body, told in ((None, False), ({"admitted_confirmed": True}, True)):
        browser.post(f"{OWN}/s-1/give-back", json=body, headers=HEADERS)
        assert services.called("GiveBackSplitSale")[-1].admitted_confirmed is told
    wrong = browser.post(f"{OWN}/s-1/give-back", json={"confirmed": True}, headers=HEADERS)
    assert wrong.status_code == 400
