"""Payments closes a shop and insights hears it: both services whole, with NATS between them."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from datetime import date, timedelta
from typing import Any

import pytest

from kit.auth import Role
from kit.ids import new_id
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import office_service_pb2_grpc as office_grpc
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from services.insights import events
from services.insights.main import build
from tests import harness
from tests.service.payments.conftest import acquirer, simulator
from tests.service.payments.test_doors import area, database_url, payments, sale, stub

__all__ = ["acquirer", "area", "database_url", "payments", "simulator"]

TIMEOUT_S = 30.0
TWO_DAYS_S = 2 * 24 * 3600


@pytest.fixture
async def insights(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


async def agreed(
    it: harness.Running, area: str, days: tuple[date, date], close_number: int
) -> dict[str, pb.ShopClose]:
    """Waits until the newest close heard of each date is of a number and all of it agrees."""
    reader = pb_grpc.InsightsServiceStub(it.channel(area, Role.ACCOUNTANT))
    wanted = pb.ReadAgreementRequest(from_date=days[0].isoformat(), until_date=days[1].isoformat())
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        answer = await reader.ReadAgreement(wanted, timeout=TIMEOUT_S)
        found = {day.business_date: shop for day in answer.days for shop in day.closes}
        if found and all(
            shop.agrees and shop.close_number == close_number for shop in found.values()
        ):
            return found
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(0.05)


async def closed(office: Any, day: date) -> None:
    await office.CloseDay(
        office_pb.CloseDayRequest(
            request_id=new_id(), shop_place_id="shop-a", business_date=day.isoformat(),
        ),
        timeout=TIMEOUT_S,
    )  # fmt: skip


async def test_closes_over_two_dates_agree_with_what_was_heard_to_the_yen(
    payments: harness.Running, insights: harness.Running, area: str
) -> None:
    till = stub(payments, area)
    office = office_grpc.OfficeServiceStub(payments.channel(area, Role.ADMIN))
    taken = (await till.TakePayment(sale(amount_yen=1_316), timeout=TIMEOUT_S)).payment
    practice = sale(amount_yen=9_000, tender=payments_pb.TENDER_CARD)
    assert (await till.TakePayment(practice, timeout=TIMEOUT_S)).payment.practice
    waiting = payments_pb.WaitingSale(
        sale=sale(amount_yen=700, gateway="cash_record"), waited_s=TWO_DAYS_S
    )
    late = payments_pb.TakePaymentsRequest(request_id=new_id(), sales=[waiting])
    await till.TakePayments(late, timeout=TIMEOUT_S)
    today = date.fromisoformat(taken.business_date)
    before = today - timedelta(days=2)
    await closed(office, today)
    found = await agreed(insights, area, (before, today), 1)
    assert {on: [s.closed_yen for s in shop.sums] for on, shop in found.items()} == {
        before.isoformat(): [700], today.isoformat(): [1_316],
    }  # fmt: skip
    gone = payments_pb.RefundPaymentRequest(
        request_id=new_id(), payment_id=taken.payment_id, amount_yen=16, reason="返品",
        channel=payments_pb.REFUND_CHANNEL_CASH,
    )  # fmt: skip
    await till.RefundPayment(gone, timeout=TIMEOUT_S)
    late.request_id, late.sales[0].sale.request_id = new_id(), new_id()
    await till.TakePayments(late, timeout=TIMEOUT_S)
    await closed(office, today)
    found = await agreed(insights, area, (before, today), 2)
    sums = {on: [(s.measure, s.closed_yen) for s in shop.sums] for on, shop in found.items()}
    assert sums == {
        before.isoformat(): [("captured_yen", 1_400)],
        today.isoformat(): [("captured_yen", 1_316), ("refunded_yen", 16)],
    }
    assert all(shop.waiting_yen == 0 for shop in found.values())
