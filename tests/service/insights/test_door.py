"""Insights with real PostgreSQL and NATS: events in through the bus, figures out through gRPC."""

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from meguri.multilingual.v1 import multilingual_events_pb2 as multilingual
from meguri.payments.v1 import payments_events_pb2 as payments
from meguri.payments.v1 import payments_service_pb2 as payments_words
from services.insights import api, events
from services.insights.main import build
from tests import harness

TIMEOUT_S = 30.0
READERS = {Role.ANALYST, Role.ACCOUNTANT, Role.ADMIN}
TODAY = datetime.now(UTC).astimezone(ZoneInfo("Asia/Tokyo")).date().isoformat()


@pytest.fixture
async def insights(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


@pytest.fixture
def area() -> str:
    """An area of this test alone."""
    return f"a{uuid.uuid4().hex[:12]}"


def stub(it: harness.Running, area: str, role: Role = Role.ACCOUNTANT) -> Any:
    return pb_grpc.InsightsServiceStub(it.channel(area, role))


def sale(amount_yen: int) -> payments.PaymentCaptured:
    return payments.PaymentCaptured(
        payment_id=str(uuid.uuid4()), shop_place_id="shop-a", amount_yen=amount_yen,
        tender=payments_words.TENDER_CARD, business_date=TODAY,
    )  # fmt: skip


async def until(it: Any, condition: Callable[[pb.Day], bool]) -> pb.Day:
    """Reads today until a condition holds; returns the day."""
    deadline = time.monotonic() + TIMEOUT_S
    while True:
        day: pb.Day = (await it.ReadToday(pb.ReadTodayRequest(), timeout=TIMEOUT_S)).day
        if condition(day):
            return day
        assert time.monotonic() < deadline, day
        await asyncio.sleep(0.05)


async def test_an_event_is_on_the_live_page_with_its_time(
    insights: harness.Running, area: str
) -> None:
    reader = stub(insights, area)
    await until(reader, lambda day: day.scans.count == 0)
    await insights.say(
        area, "multilingual", "scan_recorded",
        multilingual.ScanRecorded(stop_code="K7Q2X", requested_locale="ja", served_locale="ja"),
    )  # fmt: skip
    day = await until(reader, lambda day: day.scans.count == 1)
    assert day.HasField("as_of_time")


async def test_one_area_reads_nothing_of_another(insights: harness.Running, area: str) -> None:
    await insights.say(area, "payments", "payment_captured", sale(700))
    await until(stub(insights, area), lambda day: day.live_payments.captured_yen == 700)
    other = await stub(insights, f"{area}b").ReadToday(pb.ReadTodayRequest(), timeout=TIMEOUT_S)
    assert other.day.live_payments.captured_count == 0
    assert all(source.event_count == 0 for source in other.day.sources)


async def test_a_poisonous_event_does_not_hold_up_the_next(
    insights: harness.Running, area: str
) -> None:
    without_date = sale(100)
    without_date.ClearField("business_date")
    await insights.say(area, "payments", "payment_captured", without_date)
    await insights.say(area, "payments", "payment_captured", sale(300))
    day = await until(stub(insights, area), lambda day: day.live_payments.captured_count == 1)
    assert day.live_payments.captured_yen == 300


async def test_agreement_gives_exact_totals_per_date(insights: harness.Running, area: str) -> None:
    for amount_yen in (100, 250):
        await insights.say(area, "payments", "payment_captured", sale(amount_yen))
    reader = stub(insights, area, Role.ACCOUNTANT)
    await until(reader, lambda day: day.live_payments.captured_count == 2)
    answer = await reader.ReadAgreement(
        pb.ReadAgreementRequest(from_date=TODAY, until_date=TODAY), timeout=TIMEOUT_S
    )
    [day] = answer.days
    assert (day.business_date, day.live_payments.captured_yen) == (TODAY, 350)
    assert {t.measure: t.counted for t in day.totals}["captured_yen"] == 350
    assert not any(t.known or t.agrees for t in day.totals)


async def test_a_range_has_every_day(insights: harness.Running, area: str) -> None:
    first = (datetime.fromisoformat(TODAY) - timedelta(days=9)).date().isoformat()
    answer = await stub(insights, area).ReadRange(
        pb.ReadRangeRequest(from_date=first, until_date=TODAY), timeout=TIMEOUT_S
    )
    assert [day.date for day in answer.days][::9] == [first, TODAY]
    assert answer.first_date == ""


@pytest.mark.parametrize(
    ("call", "request_", "field"),
    [
        ("ReadDay", pb.ReadDayRequest(date="3 May"), "date"),
        ("ReadDay", pb.ReadDayRequest(date="2026-02-30"), "date"),
        ("ReadDay", pb.ReadDayRequest(date="0001-01-01"), "date"),
        ("ReadDay", pb.ReadDayRequest(date="9999-12-31"), "date"),
        ("ReadRange", pb.ReadRangeRequest(from_date="2026-05-02", until_date="2026-05-01"),
         "until_date"),
        ("ReadRange", pb.ReadRangeRequest(from_date="2020-01-01", until_date="2026-05-01"),
         "until_date"),
        ("ReadAgreement", pb.ReadAgreementRequest(until_date="2026-05-01"), "from_date"),
    ],
)  # fmt: skip
async def test_dates_that_cannot_be_used_are_named(
    insights: harness.Running, area: str, call: str, request_: Any, field: str
) -> None:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await getattr(stub(insights, area), call)(request_, timeout=TIMEOUT_S)
    problem = problem_of(caught.value)
    assert (problem.code, problem.reason) == (grpc.StatusCode.INVALID_ARGUMENT, "INVALID_FIELDS")
    assert [name for name, _ in problem.fields] == [field]


@pytest.mark.parametrize("role", sorted(set(Role) - READERS))
async def test_other_roles_read_nothing(insights: harness.Running, area: str, role: Role) -> None:
    writers = {Role.EDITOR, Role.REVIEWER}  # of the texts that visitors rate
    for method, allowed in api.ALLOWED.items():
        of_ratings = method in ("ReadFeedback", "ListUnlikedTexts")
        assert allowed == (READERS | writers if of_ratings else READERS)
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await stub(insights, area, role).ReadToday(pb.ReadTodayRequest(), timeout=TIMEOUT_S)
    assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED
    if role in writers:
        await stub(insights, area, role).ReadFeedback(pb.ReadFeedbackRequest(), timeout=TIMEOUT_S)
