"""The office behind its gRPC door, and what it says over NATS."""

import uuid
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.payments.v1 import office_service_pb2 as pb
from meguri.payments.v1 import office_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import payments_service_pb2_grpc as payments_grpc
from services.payments import events
from services.payments.main import build
from tests import harness

TIMEOUT_S = 30.0
SHOP = payments_pb.Shop(
    shop_place_id="shop-a", names={"ja": "試しの店"}, default_tax_rate_percent=10,
    tenders=[
        payments_pb.TenderSetting(tender=payments_pb.TENDER_CASH_RECORD, gateway="cash_record"),
        payments_pb.TenderSetting(
            tender=payments_pb.TENDER_CARD, gateway="other_device",
            contract=payments_pb.CONTRACT_STATE_APPLIED,
        ),
    ],
)  # fmt: skip


def new_id() -> str:
    return str(uuid.uuid4())


@pytest.fixture
async def running(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    """The service as its process runs it, without an acquirer."""
    async with harness.running(
        "payments", events.ENCODERS, build, service_database("payments"), nats_url
    ) as it:
        yield it


@pytest.fixture
async def area(running: harness.Running) -> str:
    """An area of this test alone, with a shop and a sale of 500 yen in cash."""
    name = f"a{uuid.uuid4().hex[:12]}"
    await office(running, name).SetUpShop(
        pb.SetUpShopRequest(request_id=new_id(), shop=SHOP), timeout=TIMEOUT_S
    )
    await till(running, name).TakePayment(sale(), timeout=TIMEOUT_S)
    return name


def office(it: harness.Running, area: str, *roles: Role, shops: tuple[str, ...] = ()) -> Any:
    return pb_grpc.OfficeServiceStub(it.channel(area, *(roles or (Role.ADMIN,)), shops=shops))


def till(it: harness.Running, area: str) -> Any:
    return payments_grpc.PaymentsServiceStub(it.channel(area, Role.ADMIN))


def sale(**changes: Any) -> payments_pb.TakePaymentRequest:
    usual = {"request_id": new_id(), "shop_place_id": "shop-a", "amount_yen": 500,
             "tender": payments_pb.TENDER_CASH_RECORD}  # fmt: skip
    return payments_pb.TakePaymentRequest(**{**usual, **changes})


async def refusal(call: Any) -> str:
    with pytest.raises(grpc.RpcError) as caught:
        await call
    return problem_of(caught.value).reason


async def test_a_day_at_the_office(running: harness.Running, area: str) -> None:
    calls = office(running, area)
    day = await calls.ReadDay(pb.ReadDayRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S)
    assert (day.figures.net_yen, day.figures.lines[0].tax_yen) == (500, 45)
    request = pb.CloseDayRequest(
        request_id=new_id(), shop_place_id="shop-a", business_date=day.business_date,
        counted=True, float_yen=1000, counted_yen=1480, reason="両替",
    )  # fmt: skip
    made = (await calls.CloseDay(request, timeout=TIMEOUT_S)).close
    assert (made.number, made.difference_yen) == (1, -20)
    assert (await calls.CloseDay(request, timeout=TIMEOUT_S)).close == made
    reused = pb.CloseDayRequest()
    reused.CopyFrom(request)
    reused.reason = "別の理由"
    assert await refusal(calls.CloseDay(reused, timeout=TIMEOUT_S)) == "REQUEST_ID_REUSED"
    read = await calls.ReadClose(pb.ReadCloseRequest(close_id=made.close_id), timeout=TIMEOUT_S)
    assert read.close == made
    listed = await calls.ListCloses(pb.ListClosesRequest(), timeout=TIMEOUT_S)
    assert list(listed.closes) == [made]
    assert (await calls.ReadLegalFigures(pb.ReadLegalFiguresRequest(), timeout=TIMEOUT_S)
            ).limit_yen == 10_000_000  # fmt: skip
    export = await calls.ExportJournal(
        pb.ExportJournalRequest(first_date=day.business_date, last_date=day.business_date,
                                encoding=pb.ENCODING_SHIFT_JIS), timeout=TIMEOUT_S,
    )  # fmt: skip
    assert export.entry_count == 2
    assert "現金過不足" in export.content.decode("cp932")
    proof = await till(running, area).ProveLedger(
        payments_pb.ProveLedgerRequest(), timeout=TIMEOUT_S
    )
    assert proof.sound
    audit = await calls.VerifyAudit(pb.VerifyAuditRequest(), timeout=TIMEOUT_S)
    assert audit.sound
    assert audit.public_key_pem.startswith(b"-----BEGIN PUBLIC KEY")


async def test_refusals_have_their_reasons(running: harness.Running, area: str) -> None:
    calls = office(running, area)
    assert await refusal(
        calls.ReadClose(pb.ReadCloseRequest(close_id=new_id()), timeout=TIMEOUT_S)
    ) == "UNKNOWN_CLOSE"  # fmt: skip
    future = pb.CloseDayRequest(
        request_id=new_id(), shop_place_id="shop-a", business_date="2999-01-01"
    )
    assert await refusal(calls.CloseDay(future, timeout=TIMEOUT_S)) == "DAY_NOT_BEGUN"
    file = pb.ReconcileFileRequest(request_id=new_id(), content=b"x", mapping="paypay_daily")
    assert await refusal(calls.ReconcileFile(file, timeout=TIMEOUT_S)) == "FILE_UNREADABLE"
    clerk = office(running, area, Role.CLERK)
    assert await refusal(
        clerk.VerifyAudit(pb.VerifyAuditRequest(), timeout=TIMEOUT_S)
    ) == "NOT_ALLOWED"  # fmt: skip
    applied = sale(tender=payments_pb.TENDER_CARD, gateway="other_device")
    assert await refusal(
        till(running, area).TakePayment(applied, timeout=TIMEOUT_S)
    ) == "TENDER_NOT_ACCEPTED"  # fmt: skip


async def test_products_and_clerks_keep_their_words(running: harness.Running, area: str) -> None:
    calls = office(running, area, Role.SHOP_OWNER, shops=("shop-a",))
    product = pb.Product(
        code="M1", names={"ja": "まんじゅう"}, unit_amount_yen=800, tax_rate_percent=8, button=1
    )
    await calls.ReplaceProducts(
        pb.ReplaceProductsRequest(
            request_id=new_id(), shop_place_id="shop-a", products=[product]
        ), timeout=TIMEOUT_S,
    )  # fmt: skip
    listed = await calls.ListProducts(
        pb.ListProductsRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S
    )
    assert list(listed.products) == [product]
    put = pb.PutClerkRequest(
        request_id=new_id(), shop_place_id="shop-a", display_name="花子", pin="7302"
    )
    clerk_id = (await calls.PutClerk(put, timeout=TIMEOUT_S)).clerk_id
    assert (await calls.PutClerk(put, timeout=TIMEOUT_S)).clerk_id == clerk_id
    for pin, right in (("7302", True), ("7303", False)):
        check = pb.CheckClerkRequest(
            request_id=new_id(), shop_place_id="shop-a", clerk_id=clerk_id, pin=pin
        )
        assert (await calls.CheckClerk(check, timeout=TIMEOUT_S)).right is right
    (clerk,) = (
        await calls.ListClerks(pb.ListClerksRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S)
    ).clerks
    assert (clerk.display_name, clerk.resting) == ("花子", False)


async def test_a_provider_file_through_the_door(running: harness.Running, area: str) -> None:
    calls = office(running, area)
    content = b"number,time,amount\n1,2026-01-02,700\n"
    file = pb.ReconcileFileRequest(
        request_id=new_id(), file_name="a.csv", content=content, shop_place_id="shop-a",
        mapping='name="x"\ntender="card"\n[columns]\nnumber="number"\ntime="time"\namount="amount"',
    )  # fmt: skip
    done = (await calls.ReconcileFile(file, timeout=TIMEOUT_S)).reconciliation
    assert [(each.kind, each.open_count) for each in done.counts] == [(pb.FINDING_KIND_EXTRA, 1)]
    (finding,) = (await calls.ListFindings(pb.ListFindingsRequest(), timeout=TIMEOUT_S)).findings
    settled = await calls.SettleFinding(
        pb.SettleFindingRequest(
            request_id=new_id(), finding_id=finding.finding_id, note="別の店の売上"
        ), timeout=TIMEOUT_S,
    )  # fmt: skip
    assert (settled.finding.note, settled.finding.settled_by) == ("別の店の売上", "tester")
    listed = await calls.ListReconciliations(pb.ListReconciliationsRequest(), timeout=TIMEOUT_S)
    assert [each.counts[0].open_count for each in listed.reconciliations] == [0]
    settlement = await calls.ReadSettlement(
        pb.ReadSettlementRequest(first_date="2026-01-01", last_date="2026-01-31"),
        timeout=TIMEOUT_S,
    )
    assert list(settlement.rows) == []
