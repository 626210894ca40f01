"""A party that a price is not for: told with its total, before anybody counts cash."""

from typing import Any

import grpc
import pytest
from flask.testing import FlaskClient

from meguri.payments.v1 import tickets_service_pb2 as pb
from tests.pages.edge.fakes import AWAY, Failure, FakeServices
from tests.pages.gate.test_gate import ADULT, gate, sale

__all__ = ["gate"]


@pytest.mark.parametrize(("persons", "fits"), [("19", True), ("20", False), ("999", False)])
def test_a_party_of_the_wrong_size_is_told_with_its_total_before_any_cash(
    gate: FlaskClient, services: FakeServices, persons: str, *, fits: bool
) -> None:
    page = gate.get(f"/till/tickets?shop=gate-a&go=1&n:adult={persons}").text
    assert ('name="pay"' in page) == fits
    assert (f"“Adult” is for 1 to 19 persons, not for {persons}." in page) != fits
    # The same of a page that was open while the prices changed.
    yen = str(1300 * int(persons))
    asked = sale(gate, step="counter", amount_yen=yen, **{"n:adult": persons})
    assert asked.status_code == (200 if fits else 422)
    assert ('name="tendered_yen"' in asked.text) == fits
    assert services.called("SellTicket") == []


def test_a_group_is_everybody_in_it(gate: FlaskClient, services: FakeServices) -> None:
    group = pb.PriceClass(
        class_id="group", number=2, names={"ja": "団体", "en": "Group"}, persons_min=20,
        persons_max=999, unit_amount_yen=1000, gate_place_ids=["gate-a"],
    )  # fmt: skip
    services.answers["ListPriceClasses"] = lambda _: pb.ListPriceClassesResponse(
        price_classes=[ADULT, group]
    )

    def refuse(_: Any) -> pb.QuoteTicketResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, fields=(("lines[1].persons", "20"),))

    services.answers["QuoteTicket"] = refuse
    page = gate.get("/till/tickets?shop=gate-a&go=1&n:adult=2&n:group=10").text
    assert "“Group” is for 20 to 999 persons in all, not for 12." in page


def test_a_price_that_changed_and_a_day_that_cannot_be_are_told_before_any_cash(
    gate: FlaskClient, services: FakeServices
) -> None:
    services.answers["QuoteTicket"] = lambda _: pb.QuoteTicketResponse(amount_yen=2800)
    changed = sale(gate, step="counter")
    assert (changed.status_code, 'name="tendered_yen"' in changed.text) == (409, False)
    assert "The prices have changed." in changed.text

    def refuse(_: Any) -> pb.QuoteTicketResponse:
        raise Failure(grpc.StatusCode.INVALID_ARGUMENT, fields=(("valid_date", "too far"),))

    services.answers["QuoteTicket"] = refuse
    far = sale(gate, step="counter", valid_date="2199-01-01")
    assert (far.status_code, "one of the next 180 days" in far.text) == (422, True)
    assert services.called("QuoteTicket")[-1].valid_date == "2199-01-01"
    assert services.called("SellTicket") == []


def test_a_voucher_s_number_is_asked_for_with_the_total_and_payments_away_hinders_nobody(
    gate: FlaskClient, services: FakeServices
) -> None:
    missing = Failure(grpc.StatusCode.INVALID_ARGUMENT, fields=(("voucher", "give the number"),))
    failures = iter((missing, AWAY))

    def fail(_: Any) -> Any:
        raise next(failures)

    services.answers["QuoteTicket"] = fail
    for _ in range(2):
        assert 'name="pay"' in gate.get("/till/tickets?shop=gate-a&go=1&n:adult=2").text


def test_a_voucher_is_billed_later_and_an_infant_is_free(
    gate: FlaskClient, services: FakeServices
) -> None:
    voucher = pb.PriceClass(
        class_id="voucher", number=3, names={"ja": "クーポン", "en": "Voucher"}, persons_min=1,
        persons_max=999, gate_place_ids=["gate-a"], kind=pb.PRICE_CLASS_KIND_VOUCHER,
    )  # fmt: skip
    infant = pb.PriceClass(
        class_id="infant", number=4, names={"ja": "幼児", "en": "Infant"}, persons_min=1,
        persons_max=999, gate_place_ids=["gate-a"],
    )  # fmt: skip
    services.answers["ListPriceClasses"] = lambda _: pb.ListPriceClassesResponse(
        price_classes=[ADULT, voucher, infant]
    )
    services.answers["QuoteTicket"] = lambda _: pb.QuoteTicketResponse()
    choice = gate.get("/till/tickets?shop=gate-a").text
    assert (choice.count(">billed later<"), choice.count(">free<")) == (1, 1)
    total = gate.get("/till/tickets?shop=gate-a&go=1&n:voucher=2&n:infant=1").text
    assert (total.count(">billed later<"), total.count(">free<")) == (2, 1), "its sum and its line"
    assert "their agency is billed later" in total
