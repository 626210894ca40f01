"""The month of a shop with real PostgreSQL: own facts alone, people as days tell them."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime, timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import InvalidFields
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.insights.v1 import shop_service_pb2_grpc as pb_grpc
from meguri.payments.v1 import payments_service_pb2 as payments_words
from services.insights import events
from services.insights.app import keeping, shop_months
from services.insights.app.deps import Deps
from services.insights.app.shop_months import ShopMonth
from services.insights.domain.area_month import Told, Totals
from services.insights.domain.consent import Owner, ShopNotYours
from services.insights.domain.fact import Kind
from services.insights.domain.month_findings import FindingKind
from services.insights.main import build
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, admitted, captured, planned, scan, voided, zone_hour

MINE = Owner(frozenset({"shop-a"}))


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


async def read(deps: Deps, month: str = "", owner: Owner = MINE) -> ShopMonth:
    return await shop_months.read(deps, "mine", owner, "shop-a", month)


def on(day: str, hour: int = 12) -> datetime:
    """An hour of a day in Tokyo."""
    return NOON + (date.fromisoformat(day) - NOON.date()) + timedelta(hours=hour - 12)


async def test_a_month_is_read_whole_and_of_one_shop_alone(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    code = payments_words.TENDER_CODE_PAYMENT
    await ear.hear(
        [
            captured(on("2026-05-02", 9), 500, "2026-05-02"),
            captured(on("2026-05-02", 10), 700, "2026-05-02", tender=code),
            voided(on("2026-05-02", 11), 700, "2026-05-02"),
            captured(on("2026-05-31"), 300, "2026-05-31", split_sale_id="s"),
            captured(on("2026-05-31"), 100, "2026-05-31", split_sale_id="s", tender=code),
            captured(on("2026-05-31"), 9_999, "2026-05-31", practice=True),
            captured(on("2026-05-02"), 8_888, "2026-05-02", shop="shop-b"),
            captured(on("2026-04-30"), 250, "2026-04-30"),
            captured(on("2026-06-01"), 7_777, "2026-06-01"),
            admitted(on("2026-05-02", 9), 30, "2026-05-02", "KR"),
            admitted(on("2026-05-03", 9), 4, "2026-05-03", "KR"),
            admitted(on("2026-04-03", 9), 20, "2026-04-03"),
            scan(on("2026-05-02", 9), "ko", "ko", scan_count=40),
            *(planned(on("2026-05-04")) for _ in range(11)),
            zone_hour(on("2026-05-02", 13), 40, 1),
            zone_hour(on("2026-05-09", 13), 20, 1),
            zone_hour(on("2026-05-16", 13), 9, 1),
        ]
    )  # fmt: skip
    clock.advance(timedelta(days=60))
    found = await read(deps, "2026-05")
    assert (found.over, found.last, found.begins) == (True, date(2026, 5, 31), date(2026, 4, 3))
    assert (found.own.kept_count, found.own.net_yen) == (2, 900)
    assert [(tender, each.amount_yen) for tender, each in found.own.tenders] == [
        ("card", 800), ("code_payment", 800),
    ]  # fmt: skip
    assert {hour for _, hour in found.own.hours} == {9, 10, 12}
    assert found.area.totals == Totals(Told(30, 1), Told(40), Told(11))
    assert (found.area.origins, found.area.languages) == ((("KR", 30),), (("ko", 40),))
    assert found.area.gate_hours == {(6, 9): 30}
    assert found.before
    assert found.before.own
    assert (found.before.own.net_yen, found.before.area.admitted) == (250, Told(20))
    assert found.before.begun == {Kind.CAPTURED, Kind.ADMITTED}
    assert found.year_before
    assert (found.year_before.own, found.year_before.begun) == (None, frozenset())
    assert [each.kind for each in found.findings] == []
    (zone,) = found.area.zones
    (hour,) = zone.hours
    assert (hour.hour, hour.hours, hour.estimate, hour.low, hour.high) == (13, 2, 30, 28, 32)


async def test_a_month_whose_sales_are_gone_is_refused_and_never_told_as_zero(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    """Sums stay for good, single sales for 24 months; the month of a shop is made of these."""
    await ear.hear([
        captured(on(f"{day}-02"), 500, f"{day}-02") for day in ("2025-04", "2026-04", "2026-05")
    ])  # fmt: skip
    clock.advance(timedelta(days=400))  # June 2027: of April 2025 nothing is kept
    await keeping.tidy(deps)
    found = await read(deps, "2026-04")
    assert found.own.net_yen == 500
    assert found.year_before
    assert found.year_before.own is None
    assert found.begins
    with pytest.raises(InvalidFields, match="month"):
        await read(deps, "2025-04")
    oldest = f"{found.begins:%Y-%m}"
    assert "2025-04" < oldest <= "2026-04"
    assert (await read(deps, oldest)).first == found.begins.replace(day=1)


async def test_the_running_month_is_compared_by_as_many_days(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=7))  # 10 May: nine days are over
    await ear.hear(
        [
            captured(on("2026-05-09"), 500, "2026-05-09"),
            captured(on("2026-05-10"), 1, "2026-05-10"),
            captured(on("2026-04-09"), 300, "2026-04-09"),
            captured(on("2026-04-10"), 2, "2026-04-10"),
        ]
    )  # fmt: skip
    found = await read(deps)
    assert (found.first, found.last, found.over) == (date(2026, 5, 1), date(2026, 5, 9), False)
    assert found.own.net_yen == 500
    assert found.before
    assert found.before.last == date(2026, 4, 9)
    assert found.before.own
    assert found.before.own.net_yen == 300
    later = await read(deps, "2026-06")
    assert (later.last, later.own.days, later.before) == (None, (), None)
    with pytest.raises(InvalidFields):
        await read(deps, "2026-6")


async def test_the_first_day_of_a_month_shows_the_month_before(
    deps: Deps, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=29))  # 1 June
    assert (await read(deps)).first == date(2026, 5, 1)


async def test_leap_days_and_the_turn_of_the_year(deps: Deps, clock: ManualClock) -> None:
    clock.advance(timedelta(days=365 * 2))
    found = await read(deps, "2028-02")
    assert found.last == date(2028, 2, 29)
    assert found.year_before
    assert found.year_before.last == date(2027, 2, 28)
    january = await read(deps, "2027-01")
    assert january.before
    assert january.before.first == date(2026, 12, 1)


async def test_what_stands_out_comes_from_the_same_figures(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    sundays = ("2026-05-03", "2026-05-10", "2026-05-17", "2026-05-24")
    await ear.hear([admitted(on(day, hour), 60, day) for day in sundays for hour in (13, 14)])
    await ear.hear([admitted(on(day, 9), 12, day) for day in sundays])
    await ear.hear([captured(on(day, 9), 100, day) for day in sundays for _ in range(3)])
    clock.advance(timedelta(days=40))
    (found,) = (await read(deps, "2026-05")).findings
    assert (found.kind, found.weekday, found.hour) == (FindingKind.FULL_AND_QUIET, 7, 13)
    assert (found.area_count, found.own_count, found.own_weekday_count) == (480, 0, 12)


async def test_nobody_reads_the_month_of_another_shop(deps: Deps) -> None:
    for owner in (Owner(frozenset()), Owner(frozenset({"shop-b"}))):
        with pytest.raises(ShopNotYours):
            await read(deps, owner=owner)
    assert (await read(deps, owner=Owner(frozenset(), all=True))).own.kept_count == 0


async def test_the_door_is_open_for_owners_of_the_shop(service: harness.Running) -> None:
    area, asked = f"a{uuid.uuid4().hex[:12]}", pb.ReadShopMonthRequest(shop_place_id="shop-a")

    async def answer(*roles: Role, shops: tuple[str, ...] = ()) -> Any:
        stub = pb_grpc.ShopServiceStub(service.channel(area, *roles, shops=shops))
        try:
            return await stub.ReadShopMonth(asked, timeout=30)
        except grpc.aio.AioRpcError as error:
            return problem_of(error).reason

    owned = await answer(Role.SHOP_OWNER, shops=("shop-a",))
    assert (owned.suppression_k, owned.first_month) == (10, "")
    assert not owned.area.HasField("admitted")
    assert not owned.before.HasField("kept_count")
    assert (await answer(Role.ADMIN)).month == owned.month
    assert await answer(Role.SHOP_OWNER, shops=("shop-b",)) == "SHOP_NOT_YOURS"
    assert await answer(Role.SHOP_OWNER) == "SHOP_NOT_YOURS"
    for role in set(Role) - {Role.ADMIN, Role.SHOP_OWNER}:
        assert await answer(role, shops=("shop-a",)) == "NOT_ALLOWED"
