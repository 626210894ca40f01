"""The KPI book with real PostgreSQL: entered, counted, frozen; isolated and repeated."""

import uuid
from collections.abc import AsyncIterator, Callable
from datetime import timedelta

import pytest

from kit.auth import Role
from kit.clock import ManualClock
from kit.db import Database
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.insights.v1 import kpi_service_pb2 as pb
from services.insights import events
from services.insights.app import kpi_books, kpis
from services.insights.app.deps import Deps
from services.insights.domain.kpi import Certainty, Measure, Unit
from services.insights.main import build
from services.insights.store.kpi_editions import EditionDamaged
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
from tests.service.insights.said import Ear, admitted, captured, said, scan

READERS = {Role.ANALYST, Role.ACCOUNTANT, Role.ADMIN}


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


async def test_a_book_is_kept_entered_and_frozen(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    assert (await it.SaveKpi(nights(), timeout=30)).version == 1
    await it.EnterKpiValue(value("2024", 900), timeout=30)
    await it.EnterKpiValue(value("2024", 980, source_note="corrected"), timeout=30)
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    (kpi,) = found.book.kpis
    assert (kpi.figure.value, kpi.figure.entered_by, kpi.figure.source_note) == (
        980, "Mori", "corrected",
    )  # fmt: skip
    assert kpi.figure.certainty == pb.KPI_CERTAINTY_ENTERED
    assert kpi.progress == pytest.approx((980 - 625) / (1_570 - 625), abs=1e-4)
    assert found.changed
    frozen = pb.FreezeKpiEditionRequest(
        request_id=new_id(), fiscal_year=2024, note="for the council", signed_as="Mori"
    )
    assert (await it.FreezeKpiEdition(frozen, timeout=30)).number == 1
    assert (await it.FreezeKpiEdition(frozen, timeout=30)).number == 1  # asked twice
    assert await refused(
        it.FreezeKpiEdition, pb.FreezeKpiEditionRequest(
            request_id=new_id(), fiscal_year=2024, note="again", signed_as="Mori"
        )
    ) == "NOTHING_CHANGED"  # fmt: skip
    await it.EnterKpiValue(value("2024", 990), timeout=30)
    frozen.request_id, frozen.note = new_id(), "a form came late"
    assert (await it.FreezeKpiEdition(frozen, timeout=30)).number == 2
    first = await it.ReadKpiEdition(
        pb.ReadKpiEditionRequest(fiscal_year=2024, number=1), timeout=30
    )
    second = await it.ReadKpiEdition(
        pb.ReadKpiEditionRequest(fiscal_year=2024, number=2), timeout=30
    )
    assert first.book.kpis[0].figure.value == 980
    assert not first.corrections
    ((what, before, after),) = [(c.what, c.before, c.after) for c in second.corrections]
    assert (what, before, after) == ("figure", 980, 990)
    assert second.mark.note == "a form came late"
    assert first.digest != second.digest


async def test_only_who_reads_figures_comes_in(service: harness.Running, area: str) -> None:
    for role in Role:
        call = stub(service, area, role).ReadKpiBook
        if role in READERS:
            await call(pb.ReadKpiBookRequest(), timeout=30)
        else:
            assert await refused(call, pb.ReadKpiBookRequest()) == "NOT_ALLOWED"


async def test_another_area_sees_nothing(service: harness.Running, area: str) -> None:
    await stub(service, area).SaveKpi(nights(), timeout=30)
    other = stub(service, f"{area}x")
    assert not (await other.ReadKpiBook(pb.ReadKpiBookRequest(), timeout=30)).book.kpis
    assert await refused(other.EnterKpiValue, value("2024", 1)) == "NOT_FOUND"


async def test_two_who_change_a_kpi_are_told(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    assert (await it.SaveKpi(nights(), timeout=30)).version == 1  # equal settings
    changed = nights(expected_version=1)
    changed.settings.owner = "Tourism section"
    assert (await it.SaveKpi(changed, timeout=30)).version == 2
    late = nights(expected_version=1)
    late.settings.owner = "Somebody else"
    assert await refused(it.SaveKpi, late) == "VERSION_CONFLICT"


@pytest.mark.parametrize(
    "request_",
    [
        value("2024", -1), value("2024", 10**15 + 1), value("2999", 1), value("2024-5", 1),
        value("2024", 1, source_note=" "), value("2024", 1, signed_as=""),
        value("2024", 1, source_note="a\nb"), value("2024", 1, request_id="short"),
    ],
)  # fmt: skip
async def test_a_figure_that_cannot_be_kept_changes_nothing(
    service: harness.Running, area: str, request_: pb.EnterKpiValueRequest
) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    assert await refused(it.EnterKpiValue, request_) == "INVALID_FIELDS"
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    assert not found.book.kpis[0].HasField("figure")


async def test_what_was_entered_can_be_taken_back(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    await it.SaveKpi(nights(), timeout=30)
    await it.EnterKpiValue(value("2024-05", 70), timeout=30)
    await it.EnterKpiValue(value("2024-05", None, source_note=""), timeout=30)
    found = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    assert not found.book.kpis[0].HasField("figure")


async def test_shops_and_costs_frame_a_year(service: harness.Running, area: str) -> None:
    it = stub(service, area)
    frame = pb.KpiFrame(shop_count=61, costs=[pb.KpiCost(label="signs", amount_yen=30_000)])
    await it.SaveKpiFrame(
        pb.SaveKpiFrameRequest(request_id=new_id(), fiscal_year=2024, frame=frame), timeout=30
    )
    here = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2024), timeout=30)
    assert here.book.frame == frame
    later = await it.ReadKpiBook(pb.ReadKpiBookRequest(fiscal_year=2025), timeout=30)
    assert (later.book.frame.shop_count, list(later.book.frame.costs)) == (61, [])
    bad = pb.KpiFrame(costs=[pb.KpiCost(label="", amount_yen=1)])
    assert await refused(
        it.SaveKpiFrame,
        pb.SaveKpiFrameRequest(request_id=new_id(), fiscal_year=2024, frame=bad),
    ) == "INVALID_FIELDS"  # fmt: skip


async def test_figures_are_counted_from_whole_days_of_events(deps: Deps, ear: Ear) -> None:
    yesterday, today = NOON - timedelta(days=1), NOON
    await ear.hear([
        scan(MARCH), scan(yesterday, scan_count=4), scan(today, scan_count=9),
        *(captured(yesterday, 400, "2026-05-02", shop=f"shop-{shop}") for shop in "abc"),
        captured(yesterday - timedelta(days=1), 7_000, "2026-05-01"),
        captured(yesterday, 99, "2026-05-02", practice=True),
        admitted(yesterday, 40, "2026-05-02", "KR"), admitted(yesterday, 30, "2026-05-02"),
    ])  # fmt: skip
    await counted(deps, "guide_views", Unit.VIEWS, Measure.GUIDE_VIEWS, NOON)
    await counted(deps, "takings", Unit.YEN, Measure.TAKINGS, NOON)
    await counted(deps, "foreign_entries", Unit.PERSONS, Measure.FOREIGN_ENTRIES, NOON)
    book = (await kpis.read_book(deps, "mine", 0)).book
    assert (book.fiscal_year, book.until_date, book.reporting_shop_count) == (2026, "2026-05-02", 3)
    views, takings, foreign = book.kpis
    assert views.figure
    assert (views.figure.value, views.figure.certainty) == (4, Certainty.EXACT)
    assert [(each.period, each.figure and each.figure.value) for each in views.years] == [
        ("2025", 1), ("2026", 4),
    ]  # fmt: skip
    assert takings.figure
    # Of the day with one shop nothing is told: the month less its days would be that shop's.
    assert (takings.figure.value, takings.figure.untold_days) == (1_200, 1)
    assert foreign.figure
    assert (foreign.figure.value, foreign.figure.high) == (40, 70)
    assert foreign.figure.certainty is Certainty.BOUNDED


async def test_what_is_counted_is_entered_only_for_the_time_before(deps: Deps, ear: Ear) -> None:
    await ear.hear([scan(MARCH)])
    await counted(deps, "guide_views", Unit.VIEWS, Measure.GUIDE_VIEWS, NOON)

    async def enter(period: str) -> None:
        await kpis.enter_value(deps, key(), "mine", "guide_views", period, 5, "old site", "Mori")

    await enter("2024")
    await enter("2026-02")
    for period in ("2025", "2026-03", "2026-05"):
        with pytest.raises(kpis.KpiMeasured):
            await enter(period)


async def test_an_edition_that_was_tampered_with_is_not_told(
    deps: Deps, database: Database
) -> None:
    await counted(deps, "guide_views", Unit.VIEWS, Measure.GUIDE_VIEWS, NOON)
    await kpi_books.freeze(deps, key(), "mine", 2026, "council", "Mori")
    async with database.transaction("mine") as tx:
        await tx.execute("update kpi_editions set book = replace(book, '2026', '2027')")
    with pytest.raises(EditionDamaged):
        await kpi_books.read_edition(deps, "mine", 2026, 1)


async def test_a_dropped_area_leaves_no_book(deps: Deps, ear: Ear, clock: ManualClock) -> None:
    await counted(deps, "guide_views", Unit.VIEWS, Measure.GUIDE_VIEWS, NOON)
    clock.advance(timedelta(minutes=1))
    gone = said("directory", "area_dropped", directory.AreaDropped(), clock.now())
    await ear.hear([gone])
    assert not (await kpis.read_book(deps, "mine", 0)).book.kpis
