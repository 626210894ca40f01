"""Published figures with real PostgreSQL: only what was chosen, only of days that are over."""

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
from meguri.insights.v1 import open_data_service_pb2 as pb
from meguri.insights.v1 import open_data_service_pb2_grpc as pb_grpc
from services.insights import events
from services.insights.app import open_data
from services.insights.app.deps import Deps
from services.insights.domain.open_data import Licence, OpenMeasure, OpenSettings
from services.insights.main import build
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.said import Ear, admitted, said, scan

CHOSEN = OpenSettings(
    (OpenMeasure.GUIDE_VIEWS, OpenMeasure.ENTRIES), Licence.CC_BY_4_0, "Mine City", ""
)


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
    return RequestKey("mori", str(uuid.uuid4()), b"x" * 32)


def asked(**more: Any) -> pb.SaveOpenDataSettingsRequest:
    settings = pb.OpenDataSettings(
        measures=[pb.OPEN_MEASURE_PLANS], licence=pb.OPEN_LICENCE_CC_BY_4_0, publisher="Mine City"
    )
    given: dict[str, Any] = {"request_id": str(uuid.uuid4())}
    return pb.SaveOpenDataSettingsRequest(settings=settings, **(given | more))


async def refused(call: Any, request: Any) -> str:
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        await call(request, timeout=30)
    return problem_of(caught.value).reason


async def test_the_choice_is_kept_for_all_to_see(service: harness.Running) -> None:
    area = f"a{uuid.uuid4().hex[:12]}"
    staff = pb_grpc.OpenDataServiceStub(service.channel(area, Role.ANALYST))
    assert (await staff.SaveOpenDataSettings(asked(), timeout=30)).version == 1
    assert (await staff.SaveOpenDataSettings(asked(), timeout=30)).version == 1  # nothing new
    other = asked()
    other.settings.publisher = "Somebody"
    assert await refused(staff.SaveOpenDataSettings, other) == "VERSION_CONFLICT"
    other.settings.measures.append(99)  # type: ignore[arg-type] # of a later release
    assert await refused(staff.SaveOpenDataSettings, other) == "INVALID_FIELDS"
    for role in Role:
        guest = pb_grpc.OpenDataServiceStub(service.channel(area, role))
        found = await guest.ReadOpenData(pb.ReadOpenDataRequest(), timeout=30)
        assert found.settings.publisher == "Mine City"
    clerk = pb_grpc.OpenDataServiceStub(service.channel(area, Role.CLERK))
    assert await refused(clerk.SaveOpenDataSettings, asked()) == "NOT_ALLOWED"
    elsewhere = pb_grpc.OpenDataServiceStub(service.channel(f"{area}x", Role.ANALYST))
    nothing = await elsewhere.ReadOpenData(pb.ReadOpenDataRequest(), timeout=30)
    assert not nothing.settings.measures
    bad = pb.ReadOpenDataRequest(from_date="2026-01-01", until_date="2025-01-01")
    assert await refused(staff.ReadOpenData, bad) == "INVALID_FIELDS"


async def test_days_that_are_over_are_published_once_chosen(deps: Deps, ear: Ear) -> None:
    before, yesterday = NOON - timedelta(days=2), NOON - timedelta(days=1)
    await ear.hear(
        [
            scan(before, scan_count=40), scan(yesterday, scan_count=3), scan(NOON, scan_count=70),
            admitted(yesterday, 40, "2026-05-02", "KR"),
        ]
    )  # fmt: skip
    nothing = await open_data.read(deps, "mine", "", "")
    assert not nothing.days
    await open_data.save(deps, key(), "mine", 0, CHOSEN)
    found = await open_data.read(deps, "mine", "", "")
    assert [(str(day.on), list(day.figures.values())) for day in found.days] == [
        ("2026-05-01", [40]), ("2026-05-02", [None, 40]),
    ]  # fmt: skip
    assert (str(found.first), str(found.last)) == ("2026-05-01", "2026-05-02")
    one = await open_data.read(deps, "mine", "2026-05-02", "2026-05-02")
    assert [str(day.on) for day in one.days] == ["2026-05-02"]
    later = await open_data.read(deps, "mine", "2026-05-03", "2026-05-09")
    assert not later.days  # the running day is not told


async def test_the_staff_sees_what_it_would_choose(deps: Deps, ear: Ear) -> None:
    await ear.hear([scan(NOON - timedelta(days=30 - n), scan_count=20) for n in range(30)])
    choice = await open_data.read_choice(deps, "mine")
    assert len(choice.preview) == 7
    # What nobody could count yet is not told as nothing.
    assert set(choice.preview[-1].figures) == {OpenMeasure.GUIDE_VIEWS}


async def test_a_dropped_area_publishes_nothing(deps: Deps, ear: Ear, clock: ManualClock) -> None:
    await open_data.save(deps, key(), "mine", 0, CHOSEN)
    clock.advance(timedelta(minutes=1))
    await ear.hear([said("directory", "area_dropped", directory.AreaDropped(), clock.now())])
    assert (await open_data.read_choice(deps, "mine")).settings == OpenSettings()
