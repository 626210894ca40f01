"""What shops let be told, with real PostgreSQL: whoever decides, and what marketing staff reads."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Any

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from kit.requests import RequestKey
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.insights.v1 import insights_service_pb2 as insights_pb
from meguri.insights.v1 import insights_service_pb2_grpc as insights_grpc
from meguri.insights.v1 import shop_service_pb2 as pb
from meguri.insights.v1 import shop_service_pb2_grpc as pb_grpc
from services.insights import events
from services.insights.app import consents, reading
from services.insights.app.deps import Deps
from services.insights.domain.consent import Owner
from services.insights.domain.day_sales import Reach
from services.insights.domain.figures import Day
from services.insights.main import build
from services.insights.store import consents as store
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, captured, place, refunded, said, scan

YESTERDAY, ON = NOON - timedelta(days=1), "2026-05-02"
ALL = ("shop-a", "shop-b", "shop-c", "shop-d")


@pytest.fixture
async def service(
    service_database: Callable[[str], str], nats_url: str
) -> AsyncIterator[harness.Running]:
    async with harness.running(
        "insights", events.ENCODERS, build, service_database("insights"), nats_url
    ) as it:
        yield it


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


def key() -> RequestKey:
    return RequestKey("tanaka", str(uuid.uuid4()), b"x" * 32)


async def decide(deps: Deps, shop: str, *, consents_: bool = True, version: int = 0) -> int:
    return await consents.save(
        deps, key(), "mine", Owner(frozenset({shop})), shop, version, "Tanaka", consents=consents_
    )


async def of_analyst(deps: Deps, on: str = ON) -> Day:
    return await reading.read_day(deps, "mine", on, books=False)


def asked(shop: str = "shop-a", **more: Any) -> pb.SaveShopConsentRequest:
    given: dict[str, Any] = {
        "request_id": str(uuid.uuid4()), "consents": True, "signed_as": "Tanaka",
    }  # fmt: skip
    return pb.SaveShopConsentRequest(shop_place_id=shop, **(given | more))


async def refusal(call: Any, request: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, timeout=30)
    return problem_of(caught.value).reason


async def test_an_owner_decides_for_the_own_shop_and_nobody_else_does(
    service: harness.Running,
) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"

    def stub(*roles: Role, shops: tuple[str, ...] = ()) -> Any:
        return pb_grpc.ShopServiceStub(service.channel(area, *roles, shops=shops))

    owner, admin = stub(Role.SHOP_OWNER, shops=("shop-a",)), stub(Role.ADMIN)
    first = asked()
    assert (await owner.SaveShopConsent(first, timeout=30)).version == 1
    assert (await owner.SaveShopConsent(first, timeout=30)).version == 1  # the same request
    assert (await owner.SaveShopConsent(asked(), timeout=30)).version == 1  # the same decision
    back = asked(consents=False)
    assert await refusal(owner.SaveShopConsent, back) == "VERSION_CONFLICT"
    back = asked(consents=False, expected_version=1)
    assert (await owner.SaveShopConsent(back, timeout=30)).version == 2
    for request, reason in (
        (asked("shop-b"), "SHOP_NOT_YOURS"), (asked(""), "SHOP_NOT_YOURS"),
        (asked(expected_version=2, signed_as=" "), "INVALID_FIELDS"),
    ):  # fmt: skip
        assert await refusal(owner.SaveShopConsent, request) == reason
    # An admin sees and does not decide, not even as owner of another shop; nor does who has none.
    assert await refusal(admin.SaveShopConsent, asked()) == "NOT_ALLOWED"
    both = stub(Role.SHOP_OWNER, Role.ADMIN, shops=("shop-z",))
    for stranger in (both, stub(Role.SHOP_OWNER)):
        assert await refusal(stranger.SaveShopConsent, asked()) == "SHOP_NOT_YOURS"
    found = (await admin.ReadShopConsents(pb.ReadShopConsentsRequest(), timeout=30)).consents
    assert [(each.version, each.consents, each.signed_as) for each in found] == [
        (2, False, "Tanaka"), (1, True, "Tanaka"),
    ]  # fmt: skip
    assert found[0].decide_time.seconds > 0
    own = await owner.ReadShopConsents(pb.ReadShopConsentsRequest(), timeout=30)
    assert (len(own.consents), own.least_shops, own.most_share_percent) == (2, 3, 70)
    other = stub(Role.SHOP_OWNER, shops=("shop-b",))
    assert not (await other.ReadShopConsents(pb.ReadShopConsentsRequest(), timeout=30)).consents
    of_a = pb.ReadShopConsentsRequest(shop_place_id="shop-a")
    assert await refusal(other.ReadShopConsents, of_a) == "SHOP_NOT_YOURS"
    for role in set(Role) - {Role.ADMIN, Role.SHOP_OWNER}:
        assert await refusal(stub(role).ReadShopConsents, of_a) == "NOT_ALLOWED"


async def test_roles_decide_what_is_told_and_not_the_page(service: harness.Running) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"
    for role, reach in (
        (Role.ANALYST, insights_pb.SALES_REACH_NONE),
        (Role.ACCOUNTANT, insights_pb.SALES_REACH_ALL),
        (Role.ADMIN, insights_pb.SALES_REACH_ALL),
    ):  # fmt: skip
        stub = insights_grpc.InsightsServiceStub(service.channel(area, role))
        today = await stub.ReadToday(insights_pb.ReadTodayRequest(), timeout=30)
        assert today.day.live_payments.reach == reach
    both = service.channel(area, Role.ANALYST, Role.ACCOUNTANT)
    today = await insights_grpc.InsightsServiceStub(both).ReadToday(
        insights_pb.ReadTodayRequest(), timeout=30
    )
    assert today.day.live_payments.reach == insights_pb.SALES_REACH_ALL


async def test_consent_counts_at_once_for_days_that_are_past(deps: Deps, ear: Ear) -> None:
    await ear.hear(
        [
            place(NOON, "shop-b", {"ja": "茶屋"}),
            *(captured(YESTERDAY, 300, ON, shop=shop) for shop in ("shop-a", "shop-b")),
        ]
    )  # fmt: skip
    nothing = await of_analyst(deps)
    assert (nothing.live.told.reach, nothing.live.net_yen) == (Reach.NONE, 0)
    assert (nothing.live.told.alone, nothing.live.told.others) == ((), 2)
    await decide(deps, "shop-b")
    one = (await of_analyst(deps)).live
    assert [(each.shop_place_id, each.net_yen, each.names) for each in one.told.alone] == [
        ("shop-b", 300, {"ja": "茶屋"})
    ]
    assert (one.told.reach, one.told.others_yen) == (Reach.NONE, None)
    await decide(deps, "shop-a")
    both = await of_analyst(deps)
    assert (both.live.told.reach, both.live.net_yen) == (Reach.ALL, 600)
    assert sum(hour.captured.amount_yen for hour in both.hours) == 600
    await decide(deps, "shop-a", consents_=False, version=1)
    assert (await of_analyst(deps)).live.told == one.told
    async with deps.db.read("mine") as tx:
        assert await store.read(tx) == {"shop-b"}
        assert (await store.read_all(tx)).ever == {"shop-a", "shop-b"}


async def test_days_in_a_row_tell_the_same_as_each_by_itself(deps: Deps, ear: Ear) -> None:
    before, first = YESTERDAY - timedelta(days=1), "2026-05-01"
    await ear.hear(
        [
            scan(YESTERDAY, scan_count=40),
            *(captured(YESTERDAY, 100, ON, shop=shop) for shop in ALL),
            refunded(YESTERDAY, 20, ON, shop="shop-d"),
            captured(before, 5_000, first), captured(before, 70, first, practice=True),
            *(captured(NOON, 100, "2026-05-03", shop=shop) for shop in ALL),
        ]
    )  # fmt: skip
    found = await reading.read_range(deps, "mine", first, "2026-05-03", books=False)
    assert [(day.sales, day.net_yen, day.kept_count) for day in found.days] == [
        (Reach.NONE, 0, 0), (Reach.TOTAL, 380, 4), (Reach.NONE, 0, 0),
    ]  # fmt: skip
    assert [day.scan_count for day in found.days] == [0, 40, 0]
    by_service = {each.service: each for each in found.sources}
    assert by_service["payments"].coarse
    assert by_service["multilingual"].event_count == 1
    books = await reading.read_range(deps, "mine", first, "2026-05-03", books=True)
    assert [day.net_yen for day in books.days] == [5_000, 380, 400]
    checked = await reading.read_agreement(deps, "mine", first, "2026-05-03", books=False)
    assert [day.live.told.reach for day in checked] == [Reach.NONE, Reach.TOTAL, Reach.NONE]
    assert checked[0].practice.net_yen == 70
    assert {total.counted for day in checked for total in day.totals if total.hidden} == {0}
    day = await of_analyst(deps)
    assert (day.live.net_yen, day.live.kept_count) == (380, 4)
    await decide(deps, "shop-d")
    shown = (await of_analyst(deps)).live.told
    assert [(each.shop_place_id, each.net_yen) for each in shown.alone] == [("shop-d", 80)]
    assert (shown.others, shown.others_yen) == (3, 300)


async def test_late_sales_are_not_counted_for_whoever_keeps_no_books(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    clock.advance(timedelta(days=1))
    await ear.hear([captured(NOON, 100, "2026-05-03"), scan(NOON)])
    assert (await reading.read_day(deps, "mine", "2026-05-03", books=True)).late_count == 2
    assert (await of_analyst(deps, "2026-05-03")).late_count == 1


async def test_a_dropped_area_forgets_who_consented(
    deps: Deps, ear: Ear, clock: ManualClock
) -> None:
    await decide(deps, "shop-a")
    clock.advance(timedelta(minutes=1))
    await ear.hear([said("directory", "area_dropped", directory.AreaDropped(), clock.now())])
    async with deps.db.read("mine") as tx:
        assert await store.read(tx) == frozenset()
