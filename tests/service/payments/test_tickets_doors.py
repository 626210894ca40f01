"""Tickets behind their doors: gRPC with tokens and stable reasons, and the event over NATS."""

import asyncio
from typing import Any

import pytest
from google.protobuf.timestamp_pb2 import Timestamp

from kit.auth import Role
from kit.client import problem_of
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.payments.v1 import payments_events_pb2 as events_pb
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import payments_service_pb2_grpc as payments_grpc
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from meguri.payments.v1 import split_sales_service_pb2_grpc as split_grpc
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2_grpc as pb_grpc
from tests import harness
from tests.service.payments.test_doors import TIMEOUT_S, area, database_url, new_id, payments

__all__ = ["area", "database_url", "payments"]

ADULT = pb.PriceClass(
    class_id="adult", number=1, site_place_id="cave", gate_place_ids=["shop-a"],
    names={"ja": "大人"}, unit_amount_yen=1300, tax_rate_percent=10, persons_min=1, persons_max=19,
)  # fmt: skip


def stub(it: harness.Running, area: str, role: Role = Role.ADMIN, principal: str = "p") -> Any:
    return pb_grpc.TicketsServiceStub(it.channel(area, role, principal=principal))


def sale(**changes: Any) -> pb.SellTicketRequest:
    """Two adults in cash."""
    usual: dict[str, Any] = {
        "request_id": new_id(), "gate_place_id": "shop-a", "amount_yen": 2600,
        "lines": [pb.TicketLine(class_id="adult", persons=2)],
        "tender": payments_pb.TENDER_CASH_RECORD,
    }  # fmt: skip
    return pb.SellTicketRequest(**{**usual, **changes})


async def reason(call: Any) -> str:
    """The stable reason a call is refused with."""
    with pytest.raises(Exception) as refused:  # noqa: PT011 - the reason is looked at
        await call
    return problem_of(refused.value).reason  # type: ignore[arg-type]


@pytest.fixture
async def priced(payments: harness.Running, area: str) -> harness.Running:
    """The service with prices in the area of this test."""
    await stub(payments, area).ConfigurePriceClasses(
        pb.ConfigurePriceClassesRequest(request_id=new_id(), price_classes=[ADULT]),
        timeout=TIMEOUT_S,
    )
    return payments


async def test_an_offline_admission_is_said_over_nats_once(
    priced: harness.Running, area: str
) -> None:
    door = stub(priced, area, Role.CLERK)
    ticket = (await door.SellTicket(sale(), timeout=TIMEOUT_S)).ticket
    now = Timestamp()
    now.GetCurrentTime()
    scan = pb.OfflineScan(scan_id=new_id(), payload=ticket.payload, scan_time=now, origin="TW")
    card = pb.OfflineScan(scan_id=new_id(), payload="4111111111111111", scan_time=now)
    for _ in range(2):
        done = await door.RecordAdmissions(
            pb.RecordAdmissionsRequest(
                request_id=new_id(), gate_place_id="shop-a", scans=[card, scan]
            ),
            timeout=TIMEOUT_S,
        )
        assert [bool(each.problem) for each in done.scans] == [True, False]
    (heard,) = await priced.heard(area, "ticket_admitted", 1)
    message = events_pb.TicketAdmitted.FromString(heard.data)
    assert (message.persons, message.origin, message.offline) == (2, "TW", True)
    assert heard.headers["ce-subject"] == ticket.ticket_id
    with pytest.raises(Exception, match="timeout"):
        await priced.heard(area, "ticket_admitted", 2, timeout_s=1.5)


async def test_refusals_have_stable_reasons_and_change_nothing(
    priced: harness.Running, area: str
) -> None:
    door = stub(priced, area)
    read = door.ListUnusedTickets
    assert await reason(door.SellTicket(sale(amount_yen=2000), timeout=30)) == "PRICE_CHANGED"
    assert await reason(door.SellTicket(sale(tender=0), timeout=30)) == "INVALID_FIELDS"
    assert await reason(door.SellTicket(sale(gate_place_id="x"), timeout=30)) == "INVALID_FIELDS"
    unknown = pb.GetTicketRequest(ticket_id=new_id())
    assert await reason(door.GetTicket(unknown, timeout=30)) == "UNKNOWN_TICKET"
    ticket = (await door.SellTicket(sale(), timeout=30)).ticket
    elsewhere = pb.AdmitTicketRequest(
        request_id=new_id(), gate_place_id="nowhere", payload=ticket.payload
    )
    assert await reason(door.AdmitTicket(elsewhere, timeout=30)) == "UNKNOWN_GATE"
    nothing = pb.AdmitTicketRequest(request_id=new_id(), gate_place_id="shop-a")
    assert await reason(door.AdmitTicket(nothing, timeout=30)) == "INVALID_FIELDS"
    visitor = stub(priced, area, Role.ANALYST)
    assert await reason(visitor.SellTicket(sale(), timeout=30)) == "NOT_ALLOWED"
    found = await read(pb.ListUnusedTicketsRequest(gate_place_id="shop-a"), timeout=30)
    assert [each.ticket_id for each in found.tickets] == [ticket.ticket_id]
    counted = pb.CountUnusedTicketsRequest(gate_place_ids=["cave", "shop-a"])
    told = await stub(priced, area, Role.EDITOR).CountUnusedTickets(counted, timeout=30)
    assert (told.ticket_count, told.person_count) == (1, 2)
    assert told.valid_date == found.valid_date
    for role in (Role.CLERK, Role.VISITOR):  # an editor counts; only tills see the tickets
        closed = stub(priced, area, role).CountUnusedTickets(counted, timeout=30)
        assert await reason(closed) == "NOT_ALLOWED"


async def test_a_revoked_gate_device_admits_nobody(priced: harness.Running, area: str) -> None:
    ticket = (await stub(priced, area).SellTicket(sale(), timeout=TIMEOUT_S)).ticket
    await priced.say(
        area, "directory", "device_revoked", directory.DeviceRevoked(device_id="gate-7")
    )
    device = stub(priced, area, Role.DEVICE, "gate-7")
    said = ""
    for _ in range(100):  # until the event is heard; a scan of an unknown code admits nobody
        probe = pb.AdmitTicketRequest(
            request_id=new_id(), gate_place_id="shop-a", code="00000000000"
        )
        try:
            await device.AdmitTicket(probe, timeout=TIMEOUT_S)
        except Exception as error:  # noqa: BLE001 - its reason is the point
            said = problem_of(error).reason  # type: ignore[arg-type]
            break
        await asyncio.sleep(0.05)
    assert said == "DEVICE_REVOKED"
    wanted = pb.AdmitTicketRequest(
        request_id=new_id(), gate_place_id="shop-a", payload=ticket.payload
    )
    assert await reason(device.AdmitTicket(wanted, timeout=TIMEOUT_S)) == "DEVICE_REVOKED"


async def test_a_quote_refuses_what_the_sale_would_and_takes_nothing(
    priced: harness.Running, area: str
) -> None:
    tickets = stub(priced, area, Role.CLERK)

    def quote(**changes: Any) -> Any:
        usual: dict[str, Any] = {
            "gate_place_id": "shop-a", "lines": [pb.TicketLine(class_id="adult", persons=2)],
        }  # fmt: skip
        return tickets.QuoteTicket(pb.QuoteTicketRequest(**{**usual, **changes}), timeout=TIMEOUT_S)

    found = await quote()
    assert (found.amount_yen, found.persons) == (2600, 2)
    for field, changes in (
        ("lines[0].persons", {"lines": [pb.TicketLine(class_id="adult", persons=20)]}),
        ("lines[0].class_id", {"lines": [pb.TicketLine(class_id="nobody", persons=1)]}),
        ("lines", {"lines": []}),
        ("valid_date", {"valid_date": "2199-01-01"}),
        ("valid_date", {"valid_date": "soon"}),
        ("voucher", {"voucher": "9" * 41}),
    ):
        with pytest.raises(Exception) as refused:  # noqa: PT011 - the field is looked at
            await quote(**changes)
        ((named, _said),) = problem_of(refused.value).fields  # type: ignore[arg-type]
        assert named == field
    bound = [
        pb_grpc.TicketsServiceStub(priced.channel(area, role, shops=["shop-z"]))
        for role in (Role.CLERK, Role.SHOP_OWNER, Role.DEVICE)
    ]
    asked = pb.QuoteTicketRequest(
        gate_place_id="shop-a", lines=[pb.TicketLine(class_id="adult", persons=2)]
    )
    for elsewhere in bound:
        assert await reason(elsewhere.QuoteTicket(asked, timeout=TIMEOUT_S)) == "SHOP_NOT_YOURS"
    listed = await payments_grpc.PaymentsServiceStub(priced.channel(area, Role.ADMIN)).ListPayments(
        payments_pb.ListPaymentsRequest(), timeout=TIMEOUT_S
    )
    assert list(listed.payments) == []


async def test_whoever_got_no_answer_finds_what_became_of_a_request_and_only_of_their_own(
    priced: harness.Running, area: str
) -> None:
    aya, ben = (
        payments_grpc.PaymentsServiceStub(priced.channel(area, Role.CLERK, principal=name))
        for name in ("aya", "ben")
    )

    async def found(of: Any, request_id: str) -> tuple[bool, str, str]:
        answer = await of.FindRequest(
            payments_pb.FindRequestRequest(request_id=request_id), timeout=TIMEOUT_S
        )
        return answer.known, answer.payment_id, answer.ticket_id

    wanted = sale()
    assert await found(aya, wanted.request_id) == (False, "", "")
    assert await found(aya, "") == (False, "", "")
    sold = await stub(priced, area, Role.CLERK, "aya").SellTicket(wanted, timeout=TIMEOUT_S)
    assert await found(aya, wanted.request_id) == (True, sold.payment.payment_id, "")
    assert await found(ben, wanted.request_id) == (False, "", "")
    refused = sale(amount_yen=2500)
    assert await reason(
        stub(priced, area, Role.CLERK, "aya").SellTicket(refused, timeout=TIMEOUT_S)
    ) == "PRICE_CHANGED"  # fmt: skip
    assert await found(aya, refused.request_id) == (False, "", ""), "what was refused is not kept"
    void = payments_pb.VoidPaymentRequest(request_id=new_id(), payment_id=sold.payment.payment_id)
    await aya.VoidPayment(void, timeout=TIMEOUT_S)
    assert (await found(aya, void.request_id))[0]


async def test_a_request_that_opened_a_split_sale_is_found_as_one(
    priced: harness.Running, area: str
) -> None:
    def asker(name: str) -> Any:
        return payments_grpc.PaymentsServiceStub(priced.channel(area, Role.CLERK, principal=name))

    async def found(name: str, request_id: str) -> payments_pb.FindRequestResponse:
        answer: payments_pb.FindRequestResponse = await asker(name).FindRequest(
            payments_pb.FindRequestRequest(request_id=request_id), timeout=TIMEOUT_S
        )
        return answer

    splits = split_grpc.SplitSalesServiceStub(priced.channel(area, Role.CLERK, principal="aya"))
    wanted = split_pb.OpenSplitSaleRequest(
        request_id=new_id(), shop_place_id="shop-a", total_yen=3000
    )
    opened = (await splits.OpenSplitSale(wanted, timeout=TIMEOUT_S)).split_sale
    assert await found("aya", wanted.request_id) == payments_pb.FindRequestResponse(
        known=True, split_sale_id=opened.split_sale_id
    )
    assert await found("ben", wanted.request_id) == payments_pb.FindRequestResponse()
    part = payments_pb.TakePaymentRequest(
        request_id=new_id(), shop_place_id="shop-a", amount_yen=1000,
        tender=payments_pb.TENDER_CASH_RECORD, split_sale_id=opened.split_sale_id,
    )  # fmt: skip
    paid = (await asker("aya").TakePayment(part, timeout=TIMEOUT_S)).payment
    assert await found("aya", part.request_id) == payments_pb.FindRequestResponse(
        known=True, payment_id=paid.payment_id
    )
    back = split_pb.GiveBackSplitSaleRequest(
        request_id=new_id(), split_sale_id=opened.split_sale_id
    )
    await splits.GiveBackSplitSale(back, timeout=TIMEOUT_S)
    assert await found("aya", back.request_id) == payments_pb.FindRequestResponse(
        known=True, split_sale_id=opened.split_sale_id
    )
