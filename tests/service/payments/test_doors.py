"""The whole service behind its doors: gRPC with tokens, events over NATS."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.db import Database
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import payments_service_pb2_grpc as pb_grpc
from services.payments import events
from services.payments.main import build
from tests import harness
from tests.service.payments.conftest import Simulator

TIMEOUT_S = 30.0
SHOP = pb.Shop(
    shop_place_id="shop-a", names={"ja": "試しの店"}, owner=pb.SHOP_OWNER_MERCHANT,
    default_tax_rate_percent=10, tax_rounding=pb.TAX_ROUNDING_DOWN,
    tenders=[
        pb.TenderSetting(tender=pb.TENDER_CARD, gateway="acquirer_simulator"),
        pb.TenderSetting(tender=pb.TENDER_CASH_RECORD, gateway="cash_record"),
    ],
)  # fmt: skip


@pytest.fixture
def database_url(service_database: Callable[[str], str]) -> str:
    return service_database("payments")


@pytest.fixture
async def payments(
    database_url: str, nats_url: str, simulator: Simulator
) -> AsyncIterator[harness.Running]:
    """The service as its process runs it."""
    environment = {"MEGURI_ACQUIRER_SIMULATOR_URL": simulator.url}
    async with harness.running(
        "payments", events.ENCODERS, build, database_url, nats_url, **environment
    ) as it:
        yield it


@pytest.fixture
async def area(payments: harness.Running) -> str:
    """An area of this test alone, with a shop."""
    name = f"a{uuid.uuid4().hex[:12]}"
    await stub(payments, name).ConfigureShops(
        pb.ConfigureShopsRequest(request_id=new_id(), shops=[SHOP]), timeout=TIMEOUT_S
    )
    return name


def new_id() -> str:
    return str(uuid.uuid4())


def stub(it: harness.Running, area: str) -> Any:
    return pb_grpc.PaymentsServiceStub(it.channel(area, Role.ADMIN))


def sale(**changes: Any) -> pb.TakePaymentRequest:
    """A sale in cash."""
    usual = {
        "request_id": new_id(), "shop_place_id": "shop-a", "tender": pb.TENDER_CASH_RECORD,
        "amount_yen": 500,
    }  # fmt: skip
    return pb.TakePaymentRequest(**{**usual, **changes})


async def refusal(call: Any) -> str:
    """The stable reason a call is refused with."""
    with pytest.raises(grpc.RpcError) as caught:
        await call
    return problem_of(caught.value).reason


async def rows(database_url: str, area: str) -> dict[str, int]:
    """How many rows of the area each table holds that has any."""
    database = Database(database_url)
    await database.open()
    async with database.read(area) as tx:
        tables = await tx.fetch_all(
            "select table_name from information_schema.columns"
            " where column_name = 'area' and table_schema = 'public'"
        )
        counts = {
            each["table_name"]: len(await tx.fetch_all(f"select 1 from {each['table_name']}"))  # noqa: S608 - from the catalog
            for each in tables
        }
    await database.close()
    return {name: count for name, count in counts.items() if count}


async def until(
    database_url: str, area: str, enough: Callable[[dict[str, int]], bool]
) -> dict[str, int]:
    """Waits until the rows of an area are as they shall be; returns them."""
    async with asyncio.timeout(30):
        while not enough(found := await rows(database_url, area)):  # noqa: ASYNC110 - in the database
            await asyncio.sleep(0.1)
    return found


async def test_one_request_id_is_good_for_one_method_only(
    payments: harness.Running, area: str
) -> None:
    calls = stub(payments, area)
    held = await calls.TakePayment(
        sale(tender=pb.TENDER_CARD, capture=pb.CAPTURE_MODE_LATER), timeout=TIMEOUT_S
    )
    assert held.payment.state == pb.PAYMENT_STATE_AUTHORIZED
    same = {"request_id": new_id(), "payment_id": held.payment.payment_id}
    paid = await calls.CapturePayment(pb.CapturePaymentRequest(**same), timeout=TIMEOUT_S)
    assert paid.payment.state == pb.PAYMENT_STATE_CAPTURED
    reused = calls.VoidPayment(pb.VoidPaymentRequest(**same), timeout=TIMEOUT_S)
    assert await refusal(reused) == "REQUEST_ID_REUSED"
    taken_again = calls.TakePayment(sale(request_id=same["request_id"]), timeout=TIMEOUT_S)
    assert await refusal(taken_again) == "REQUEST_ID_REUSED"
    other = {**same, "request_id": new_id()}
    voided = await calls.VoidPayment(pb.VoidPaymentRequest(**other), timeout=TIMEOUT_S)
    assert voided.payment.state == pb.PAYMENT_STATE_VOIDED
    captured = calls.CapturePayment(pb.CapturePaymentRequest(**other), timeout=TIMEOUT_S)
    assert await refusal(captured) == "REQUEST_ID_REUSED"


async def test_a_repeated_sale_says_that_nothing_was_taken_now(
    payments: harness.Running, area: str
) -> None:
    calls, wanted = stub(payments, area), sale()
    first = await calls.TakePayment(wanted, timeout=TIMEOUT_S)
    again = await calls.TakePayment(wanted, timeout=TIMEOUT_S)
    assert (first.answered_before, again.answered_before) == (False, True)
    assert again.payment.payment_id == first.payment.payment_id


async def test_taps_on_what_is_refused_are_refused_alike(
    payments: harness.Running, area: str
) -> None:
    calls = stub(payments, area)
    nowhere = sale(shop_place_id="nowhere")
    reasons = await asyncio.gather(
        *(refusal(calls.TakePayment(nowhere, timeout=TIMEOUT_S)) for _ in range(20))
    )
    assert set(reasons) == {"UNKNOWN_SHOP"}


async def test_a_dropped_area_leaves_the_trace_that_it_was_dropped_and_nothing_else(
    payments: harness.Running, area: str, database_url: str
) -> None:
    await stub(payments, area).TakePayment(sale(), timeout=TIMEOUT_S)
    await say_configured(payments, area, datetime.now(UTC))
    await until(database_url, area, lambda left: "areas" in left)
    event_id = await payments.say(area, "directory", "area_dropped", directory.AreaDropped())
    await until(database_url, area, lambda left: left == {"inbox": 1})
    # Told again, under the same id, it does not touch what was set up since.
    await stub(payments, area).ConfigureShops(
        pb.ConfigureShopsRequest(request_id=new_id(), shops=[SHOP]), timeout=TIMEOUT_S
    )
    later = datetime.now(UTC) + timedelta(hours=1)
    await payments.say(
        area, "directory", "area_dropped", directory.AreaDropped(),
        event_id=event_id, occur_time=later,
    )  # fmt: skip
    await say_configured(payments, area, later)
    left = await until(database_url, area, lambda left: "areas" in left)
    assert left["shops"] == 1


async def say_configured(it: harness.Running, area: str, at: datetime) -> None:
    """Directory says what the area is like."""
    settings = directory_pb.Area(area=area, time_zone="Asia/Tokyo")
    message = directory.AreaConfigured(area=settings)
    await it.say(area, "directory", "area_configured", message, occur_time=at)


async def test_a_shop_owner_without_a_shop_sees_and_takes_nothing(
    payments: harness.Running, area: str
) -> None:
    taken = await stub(payments, area).TakePayment(sale(), timeout=TIMEOUT_S)
    payment_id = taken.payment.payment_id
    owner = pb_grpc.PaymentsServiceStub(payments.channel(area, Role.SHOP_OWNER))
    shops = await owner.ListShops(pb.ListShopsRequest(), timeout=TIMEOUT_S)
    assert list(shops.shops) == []
    listed = await owner.ListPayments(pb.ListPaymentsRequest(), timeout=TIMEOUT_S)
    assert list(listed.payments) == []
    totals = await owner.ReadTotals(pb.ReadTotalsRequest(), timeout=TIMEOUT_S)
    assert list(totals.totals) == []
    for call in (
        owner.TakePayment(sale(), timeout=TIMEOUT_S),
        owner.GetPayment(pb.GetPaymentRequest(payment_id=payment_id), timeout=TIMEOUT_S),
        owner.ReadReceipt(pb.ReadReceiptRequest(payment_id=payment_id), timeout=TIMEOUT_S),
        owner.ReadTotals(pb.ReadTotalsRequest(shop_place_id="shop-a"), timeout=TIMEOUT_S),
        owner.VoidPayment(
            pb.VoidPaymentRequest(request_id=new_id(), payment_id=payment_id), timeout=TIMEOUT_S
        ),
        owner.RefundPayment(
            pb.RefundPaymentRequest(
                request_id=new_id(), payment_id=payment_id, amount_yen=1, reason="x",
                channel=pb.REFUND_CHANNEL_CASH,
            ),
            timeout=TIMEOUT_S,
        ),
    ):  # fmt: skip
        assert await refusal(call) == "SHOP_NOT_YOURS"


async def test_a_bound_shop_owner_and_an_unbound_clerk_work(
    payments: harness.Running, area: str
) -> None:
    for roles, shops in (((Role.SHOP_OWNER,), ("shop-a",)), ((Role.CLERK, Role.SHOP_OWNER), ())):
        door = pb_grpc.PaymentsServiceStub(payments.channel(area, *roles, shops=shops))
        found = await door.ListShops(pb.ListShopsRequest(), timeout=TIMEOUT_S)
        assert [shop.shop_place_id for shop in found.shops] == ["shop-a"]
        await door.TakePayment(sale(), timeout=TIMEOUT_S)
    # Reading all figures lets nobody take payments of a shop that is not the own.
    both = pb_grpc.PaymentsServiceStub(payments.channel(area, Role.ACCOUNTANT, Role.SHOP_OWNER))
    assert len((await both.ListShops(pb.ListShopsRequest(), timeout=TIMEOUT_S)).shops) == 1
    assert await refusal(both.TakePayment(sale(), timeout=TIMEOUT_S)) == "SHOP_NOT_YOURS"


async def test_a_card_s_number_that_somebody_typed_is_kept_nowhere(
    payments: harness.Running, area: str, database_url: str
) -> None:
    it, card = stub(payments, area), "4111 1111 1111 1111"
    sold = (await it.TakePayment(sale(), timeout=TIMEOUT_S)).payment
    wanted = pb.RefundPaymentRequest(
        request_id=new_id(), payment_id=sold.payment_id, amount_yen=100,
        channel=pb.REFUND_CHANNEL_CASH, reason=f"card {card}",
    )  # fmt: skip
    assert await refusal(it.RefundPayment(wanted, timeout=TIMEOUT_S)) == "CARD_NUMBER_TYPED"
    named = sale(items=[pb.Item(name=card, quantity=1, unit_amount_yen=500, tax_rate_percent=10)])
    assert await refusal(it.TakePayment(named, timeout=TIMEOUT_S)) == "CARD_NUMBER_TYPED"
    long = sale(
        items=[pb.Item(name="x" * 999, quantity=1, unit_amount_yen=500, tax_rate_percent=10)]
    )
    assert await refusal(it.TakePayment(long, timeout=TIMEOUT_S)) == "TEXT_TOO_LONG"
    numbered = sale(request_id="4111111111111111")
    assert await refusal(it.TakePayment(numbered, timeout=TIMEOUT_S)) == "CARD_NUMBER_TYPED"
    waited = pb.TakePaymentsRequest(
        request_id=new_id(),
        sales=[pb.WaitingSale(sale=each, waited_s=60) for each in (named, long, sale())],
    )
    answers = (await it.TakePayments(waited, timeout=TIMEOUT_S)).results
    assert [each.reason for each in answers] == ["CARD_NUMBER_TYPED", "TEXT_TOO_LONG", ""]
    assert (await rows(database_url, area))["payments"] == 2
    database = Database(database_url)
    await database.open()
    async with database.read(area) as tx:
        kept = await tx.fetch_all("select request_id from requests where request_id ~ '^4111'")
    await database.close()
    assert kept == []
