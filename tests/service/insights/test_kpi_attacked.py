"""The KPI book under many hands at once, at its edges, and where events begin late."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from kit.auth import Role
from kit.client import problem_of
from kit.clock import ManualClock
from kit.db import Database
from meguri.insights.v1 import kpi_service_pb2 as pb
from services.insights import events
from services.insights.app import kpis
from services.insights.app.deps import Deps
from services.insights.domain.kpi import KpiSettings, Measure, Unit
from services.insights.main import build
from tests import harness
from tests.service.insights.conftest import NOON
from tests.service.insights.kpi_said import (
    MARCH,
    counted,
    key,
    new_id,
    nights,
    refused,
    stub,
    value,
)
from tests.service.insights.said import Ear, admitted, captured, scan


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


@pytest.fixture
def area() -> str:
    return f"a{uuid.uuid4().hex[:12]}"


async def test_many_who_freeze_at_once_make_one_edition(
    service: harness.Running, area: str
) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    for value_, number in ((900, 1), (901, 2)):
        await it.EnterKpiValue(value("2024", value_), timeout=30)
        made = await asyncio.gather(*(
            it.FreezeKpiEdition(
                pb.FreezeKpiEditionRequest(
                    request_id=new_id(), fiscal_year=2024, note=f"at once {at}", signed_as="Mori"
                ), timeout=60,
            )
            for at in range(20)
        ), return_exceptions=True)  # fmt: skip
        kept = [each.number for each in made if isinstance(each, pb.FreezeKpiEditionResponse)]
        refused_ = [problem_of(each).reason for each in made if isinstance(each, grpc.RpcError)]
        assert kept == [number]
        assert refused_ == ["NOTHING_CHANGED"] * 19
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    assert [each.number for each in found.editions] == [2, 1]


async def test_many_who_enter_at_once_all_stay_on_record(
    service: harness.Running, area: str
) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    await asyncio.gather(*(
        it.EnterKpiValue(value("2024", number), timeout=60) for number in range(20)
    ))  # fmt: skip
    told = await it.ReadKpiEntries(pb.ReadKpiEntriesRequest(kpi_id="foreign_stays"), timeout=30)
    assert sorted(each.value for each in told.entries) == list(range(20))
    (newest,) = [each.value for each in told.entries if each.newest]
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    assert found.book.kpis[0].figure.value == newest


async def test_an_id_of_a_request_means_one_request(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    first = nights()
    await it.SaveKpi(first, timeout=30)
    other = nights(request_id=first.request_id, kpi_id="others")
    assert await refused(it.SaveKpi, other) == "REQUEST_ID_REUSED"


async def test_what_was_entered_can_be_read_again(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    await it.EnterKpiValue(value("2024", 900, source_note="by phone"), timeout=30)
    await it.EnterKpiValue(value("2024", None, source_note=""), timeout=30)
    asked = pb.ReadKpiEntriesRequest(kpi_id="foreign_stays")
    back, first = (await it.ReadKpiEntries(asked, timeout=30)).entries
    assert (back.HasField("value"), back.newest, back.entered_by) == (False, True, "Mori")
    assert (first.value, first.newest, first.source_note) == (900, False, "by phone")
    assert await refused(it.EnterKpiValue, value("2024", None, source_note="")) == "INVALID_FIELDS"
    assert await refused(it.ReadKpiEntries, pb.ReadKpiEntriesRequest(kpi_id="x")) == "NOT_FOUND"
    assert await refused(stub(service, f"{area}x").ReadKpiEntries, asked) == "NOT_FOUND"
    assert await refused(stub(service, area, Role.EDITOR).ReadKpiEntries, asked) == "NOT_ALLOWED"


async def test_a_full_book_has_room_once_a_kpi_is_retired(
    deps: Deps, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.insights.domain.kpi.MOST_KPIS", 2)
    monkeypatch.setattr("services.insights.domain.kpi.MOST_EVER", 3)
    gone = KpiSettings({"en": "a"}, Unit.VIEWS, retired=True)

    async def save(kpi_id: str, version: int, settings: KpiSettings) -> None:
        await kpis.save_kpi(deps, key(), "mine", kpi_id, version, settings)

    there = KpiSettings({"en": "a"}, Unit.VIEWS)
    await save("a1", 0, there)
    await save("a2", 0, there)
    with pytest.raises(kpis.TooManyKpis):
        await save("a3", 0, there)
    await save("a1", 1, gone)
    await save("a3", 0, there)
    with pytest.raises(kpis.TooManyKpis):  # back from retired it would be one too many
        await save("a1", 2, there)
    await save("a2", 1, gone)
    await save("a1", 2, there)
    with pytest.raises(kpis.TooManyKpis):  # retired ones are kept, so they have an end too
        await save("a4", 0, gone)


async def test_what_is_counted_begins_with_its_own_first_event(deps: Deps, ear: Ear) -> None:
    yesterday = NOON - timedelta(days=1)
    await ear.hear([
        scan(MARCH), captured(MARCH, 5_000, "2026-03-04", practice=True),
        admitted(yesterday, 40, "2026-05-02", "KR"), admitted(yesterday, 30, "2026-05-02"),
    ])  # fmt: skip
    await counted(deps, "foreign_entries", Unit.PERSONS, Measure.FOREIGN_ENTRIES, NOON)
    await counted(deps, "takings", Unit.YEN, Measure.TAKINGS, NOON)
    entries, takings = (await kpis.read_book(deps, "mine", 2026)).book.kpis
    # In April nobody stood at a gate: that is no 0 of people from abroad.
    assert [(each.period, bool(each.figure)) for each in entries.months] == [
        ("2026-04", False), ("2026-05", True),
    ]  # fmt: skip
    assert not takings.years  # a till that practises takes nothing
    for kpi_id, period in (("foreign_entries", "2026-04"), ("takings", "2026-04")):
        await kpis.enter_value(deps, key(), "mine", kpi_id, period, 5, "old ledger", "Mori")
    for kpi_id in ("foreign_entries", "takings"):
        with pytest.raises(kpis.KpiMeasured):
            await kpis.enter_value(deps, key(), "mine", kpi_id, "2026-05", 5, "x", "Mori")


async def test_a_book_of_events_is_what_their_days_add_up_to(deps: Deps, ear: Ear) -> None:
    days = [NOON - timedelta(days=back) for back in (1, 2, 3)]
    await ear.hear([
        event
        for at in days
        for event in (
            admitted(at, 40, f"{at:%Y-%m-%d}", "JP"), admitted(at, 4, f"{at:%Y-%m-%d}", "KR"),
            admitted(at, 9, f"{at:%Y-%m-%d}", "TW"), admitted(at, 5, f"{at:%Y-%m-%d}"),
        )
    ])  # fmt: skip
    await counted(deps, "foreign_entries", Unit.PERSONS, Measure.FOREIGN_ENTRIES, NOON)
    await counted(deps, "entries", Unit.PERSONS, Measure.ENTRIES, NOON)
    foreign, all_ = (await kpis.read_book(deps, "mine", 2026)).book.kpis
    assert foreign.figure
    assert (foreign.figure.value, foreign.figure.high) == (39, 54)
    assert all_.figure
    assert all_.figure.value == 174


async def test_a_fiscal_year_turns_at_midnight_of_the_area(deps: Deps, clock: ManualClock) -> None:
    # 2027-03-31 15:30 UTC is half past midnight of the first of April in Tokyo.
    clock.advance(datetime(2027, 3, 31, 14, 30, tzinfo=UTC) - clock.now())
    assert (await kpis.read_book(deps, "mine", 0)).book.fiscal_year == 2026
    clock.advance(timedelta(hours=1))
    book = (await kpis.read_book(deps, "mine", 0)).book
    assert (book.fiscal_year, book.until_date) == (2027, "")


@pytest.mark.parametrize("year", [2000, 2098])
async def test_the_first_and_the_last_year_can_be_opened(deps: Deps, ear: Ear, year: int) -> None:
    await ear.hear([scan(MARCH)])
    await counted(deps, "guide_views", Unit.VIEWS, Measure.GUIDE_VIEWS, NOON)
    assert (await kpis.read_book(deps, "mine", year)).book.fiscal_year == year


@pytest.mark.parametrize("year", [1999, 2099, -(2**31), 2**31 - 1])
async def test_other_years_are_refused(service: harness.Running, area: str, year: int) -> None:
    it = stub(service, area)
    asked = pb.ReadKpiBookRequest(fiscal_year=year)
    assert await refused(it.ReadKpiBook, asked) == "INVALID_FIELDS"
    gone = pb.ReadKpiEditionRequest(fiscal_year=year, number=2**31 - 1)
    assert await refused(it.ReadKpiEdition, gone) == "NOT_FOUND"
    kpi = nights()
    kpi.settings.target.fiscal_year = year
    assert await refused(it.SaveKpi, kpi) == "INVALID_FIELDS"


async def test_figures_at_the_edge_stay_whole(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    kpi = nights()
    kpi.settings.baseline.value = 0
    kpi.settings.target.fiscal_year, kpi.settings.target.value = 2098, 1
    await it.SaveKpi(kpi, timeout=30)
    for year, number in ((2018, 10**15), (2019, 0), (2020, 10**15)):
        await it.EnterKpiValue(value(str(year), number), timeout=30)
    for month in ("2021-04", "2021-05"):
        await it.EnterKpiValue(value(month, 10**15), timeout=30)
    for number in (10**15 + 1, 2**63 - 1, -(2**63)):
        assert await refused(it.EnterKpiValue, value("2021", number)) == "INVALID_FIELDS"
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2021), timeout=30)
    assert found.book.kpis[0].figure.value == 2 * 10**15
    assert found.book.kpis[0].likely.high > 10**15
