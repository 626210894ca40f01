"""What payments promises: enums agree, refusals have words, events carry their facts."""

from dataclasses import fields
from datetime import UTC, date, datetime
from enum import StrEnum

import pytest
from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper

from kit.outbox import type_name
from kit.pure.languages import LOCALES
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_events_pb2 as events_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from services.edge.hooks import problems as hooks
from services.edge.office.problems import PROBLEMS as OFFICE_PROBLEMS
from services.edge.till.problems import PROBLEMS
from services.payments import api, events
from services.payments.api import office, split_sales, tickets
from services.payments.app.ticket_back import Back
from services.payments.cli import read_shops
from services.payments.cli.tickets import read_prices
from services.payments.domain.audit import AuditFault
from services.payments.domain.events import Channel, PaymentCaptured, PaymentRefunded, RefundChannel
from services.payments.domain.matching import FindingKind
from services.payments.domain.payment import State
from services.payments.domain.price_class import ClassKind, check_class
from services.payments.domain.refund import RefundState
from services.payments.domain.shop import ContractState, Owner, Rounding, check_shop
from services.payments.domain.split_sale import SplitState
from services.payments.domain.tax_free import TaxFreeState
from services.payments.domain.tender import Tender
from services.payments.domain.ticket import Outcome as AdmissionOutcome
from services.payments.domain.ticket import Standing
from services.payments.domain.ticket_code import TicketKind
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.contract import Gateway
from services.payments.gateways.other_device import OtherDevice
from services.payments.wire import settings
from services.payments.wire import tickets as ticket_wire
from tests.service.payments.conftest import ROOT


@pytest.mark.parametrize(
    ("domain", "contract", "prefix"),
    [
        (Tender, pb.Tender, "TENDER_"),
        (State, pb.PaymentState, "PAYMENT_STATE_"),
        (RefundState, pb.RefundState, "REFUND_STATE_"),
        (RefundChannel, pb.RefundChannel, "REFUND_CHANNEL_"),
        (Channel, pb.SalesChannel, "SALES_CHANNEL_"),
        (Owner, pb.ShopOwner, "SHOP_OWNER_"),
        (Rounding, pb.TaxRounding, "TAX_ROUNDING_"),
        (TaxFreeState, pb.TaxFreeState, "TAX_FREE_STATE_"),
        (ContractState, pb.ContractState, "CONTRACT_STATE_"),
        (FindingKind, office_pb.FindingKind, "FINDING_KIND_"),
        (AuditFault, office_pb.AuditFault, "AUDIT_FAULT_"),
        (ClassKind, tickets_pb.PriceClassKind, "PRICE_CLASS_KIND_"),
        (TicketKind, tickets_pb.TicketKind, "TICKET_KIND_"),
        (Standing, tickets_pb.TicketStanding, "TICKET_STANDING_"),
        (AdmissionOutcome, tickets_pb.AdmissionOutcome, "ADMISSION_OUTCOME_"),
        (Back, tickets_pb.TicketBackOutcome, "TICKET_BACK_OUTCOME_"),
        (SplitState, split_pb.SplitSaleState, "SPLIT_SALE_STATE_"),
    ],
)
def test_enums_of_both_worlds_agree(
    domain: type[StrEnum], contract: EnumTypeWrapper, prefix: str
) -> None:
    names = {name.removeprefix(prefix) for name in contract.keys()} - {"UNSPECIFIED"}  # noqa: SIM118
    assert {member.name for member in domain} == names


def test_every_refusal_has_words_for_people_at_the_counter() -> None:
    reasons = {reason for _code, reason in api.ERRORS.values()}
    assert reasons <= set(PROBLEMS) | set(hooks.PROBLEMS)


def test_every_refusal_of_the_office_has_words_too() -> None:
    reasons = {reason for _code, reason in office.ERRORS.values()}
    assert reasons <= set(PROBLEMS) | set(OFFICE_PROBLEMS)
    methods = {m.name for m in office_pb.DESCRIPTOR.services_by_name["OfficeService"].methods}
    assert methods == set(office.ALLOWED)


def test_every_refusal_of_tickets_has_words_too() -> None:
    reasons = {reason for _code, reason in tickets.ERRORS.values()}
    assert reasons <= set(PROBLEMS) | set(hooks.PROBLEMS)


def test_every_method_has_its_roles() -> None:
    methods = {m.name for m in pb.DESCRIPTOR.services_by_name["PaymentsService"].methods}
    assert methods == set(api.ALLOWED)
    assert all(api.ALLOWED.values())
    methods = {m.name for m in tickets_pb.DESCRIPTOR.services_by_name["TicketsService"].methods}
    assert methods == set(tickets.ALLOWED)
    assert all(tickets.ALLOWED.values())
    methods = {m.name for m in split_pb.DESCRIPTOR.services_by_name["SplitSalesService"].methods}
    assert methods == set(split_sales.ALLOWED)
    assert all(split_sales.ALLOWED.values())


def test_every_event_of_the_contract_is_said_and_named_alike() -> None:
    contract = set(events_pb.DESCRIPTOR.message_types_by_name)
    assert {kind.__name__ for kind in events.ENCODERS} == contract
    assert "payment_became_unknown" in {type_name(kind) for kind in events.ENCODERS}


def test_an_event_keeps_every_fact_on_the_wire() -> None:
    event = PaymentCaptured(
        area="mine", aggregate_id="p-1", version=2, occur_time=datetime(2026, 11, 21, tzinfo=UTC),
        shop_place_id="shop-a", tender=Tender.ID, amount_yen=1300, channel=Channel.REGISTER,
        business_date=date(2026, 11, 21), practice=True, split_sale_id="s-1",
    )  # fmt: skip
    message = events.ENCODERS[PaymentCaptured](event)
    assert message == events_pb.PaymentCaptured(
        payment_id="p-1", shop_place_id="shop-a", tender=pb.TENDER_ID, amount_yen=1300,
        channel=pb.SALES_CHANNEL_REGISTER, business_date="2026-11-21", practice=True,
        split_sale_id="s-1",
    )  # fmt: skip
    assert {each.name for each in fields(PaymentRefunded)} >= {"refund_id", "channel", "practice"}


def test_the_shops_of_the_default_area_can_be_configured() -> None:
    made: list[Gateway] = [AcquirerSimulator("http://127.0.0.1:1"), CashRecord(), OtherDevice()]
    facts = {gateway.facts.name: gateway.facts for gateway in made}
    shops = [settings.shop_value(shop) for shop in read_shops(ROOT / "data" / "mine" / "shops.csv")]
    assert len(shops) >= 5
    for shop in shops:
        assert check_shop(shop, facts) is shop
        assert set(shop.names) == set(LOCALES)


def test_the_prices_of_the_default_area_can_be_sold_at_its_shops() -> None:
    classes = [
        ticket_wire.class_value(each)
        for each in read_prices(ROOT / "data" / "mine" / "tickets.csv")
    ]
    shops = {shop.shop_place_id for shop in read_shops(ROOT / "data" / "mine" / "shops.csv")}
    assert len({known.number for known in classes}) == len(classes) >= 10
    for known in classes:
        assert ticket_wire.class_value(ticket_wire.class_message(check_class(known))) == known
        assert set(known.gate_place_ids) <= shops
        assert set(known.names) == set(LOCALES)
