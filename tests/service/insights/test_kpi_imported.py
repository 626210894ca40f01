"""A KPI of imported figures with real PostgreSQL: it follows the imports, and editions say so."""

import uuid

import pytest

from kit.clock import ManualClock
from kit.db import Database
from kit.pure.errors import InvalidFields
from kit.requests import RequestKey
from services.insights.app import imports, kpi_books, kpis
from services.insights.app.deps import Deps
from services.insights.domain.kpi import Certainty, KpiSettings, Measure, Series, Unit
from services.insights.store import imported
from tests.service.insights.test_imports import keep_all
from tests.unit.insights.imported_made import spots, xlsx

CAVE = "秋芳洞"


@pytest.fixture
def deps(database: Database, clock: ManualClock) -> Deps:
    return Deps(db=database, clock=clock)


def key() -> RequestKey:
    return RequestKey("mori", str(uuid.uuid4()), b"x" * 32)


def sheet(cave: str) -> bytes:
    rows = spots("令和7年度")
    rows[3] = [CAVE, *[cave] * 12, str(int(cave) * 12)]
    rows[6] = ["合計", *[int(cave) + 205] * 12, "99"]
    return xlsx(rows)


async def measure_of(deps: Deps) -> str:
    async with deps.db.read("mine") as tx:
        return next(each.measure for each in await imported.months_of(tx) if each.place == CAVE)


async def save(deps: Deps, series: Series | None, unit: Unit = Unit.PERSONS, at: int = 0) -> int:
    settings = KpiSettings({"ja": "入込客数"}, unit, series=series)
    return await kpis.save_kpi(deps, key(), "mine", "visitors", at, settings)


async def figure(deps: Deps, year: int = 2025) -> tuple[int, int, int] | None:
    found = (await kpis.read_book(deps, "mine", year)).book.kpis[0].figure
    if found is None:
        return None
    assert found.certainty is Certainty.IMPORTED
    return found.value, found.months, found.import_number


async def test_the_book_follows_what_is_imported_corrected_and_taken_back(deps: Deps) -> None:
    await keep_all(deps, sheet("1000"))
    await save(deps, Series(await measure_of(deps), CAVE))
    assert await figure(deps) == (12_000, 12, 1)
    assert await kpi_books.freeze(deps, key(), "mine", 2025, "council", "Mori") == 1
    await keep_all(deps, sheet("1100"))
    assert await figure(deps) == (13_200, 12, 2)
    (told,) = (await kpis.read_book(deps, "mine", 2025)).pending
    assert (told.what, told.before and told.before.value, told.after and told.after.value) == (
        "figure", 12_000, 13_200,
    )  # fmt: skip
    assert await kpi_books.freeze(deps, key(), "mine", 2025, "the agency corrected", "Mori") == 2
    second = await kpi_books.read_edition(deps, "mine", 2025, 2)
    assert [each.what for each in second.corrections] == ["figure"]
    (frozen,) = second.book.kpis
    assert frozen.figure is not None
    assert (frozen.figure.import_number, frozen.figure.certainty) == (2, Certainty.IMPORTED)
    await imports.undo(deps, key(), "mine", 2, "Mori")
    assert await figure(deps) == (12_000, 12, 1)
    await imports.undo(deps, key(), "mine", 1, "Mori")
    assert await figure(deps) is None
    # What it is can still be changed though nothing is imported any more.
    kept = await kpis.read_book(deps, "mine", 2025)
    settings = kept.book.kpis[0].settings
    assert settings.series is not None
    assert await save(deps, settings.series, at=1) == 1


async def test_only_what_was_imported_in_the_same_unit_can_be_a_source(deps: Deps) -> None:
    for series in (Series("nothing", "nowhere"), Series("", CAVE)):
        with pytest.raises(InvalidFields) as caught:
            await save(deps, series)
        assert caught.value.fields[0][0] == "series"
    await keep_all(deps, sheet("1000"))
    with pytest.raises(InvalidFields) as caught:
        await save(deps, Series(await measure_of(deps), CAVE), Unit.YEN)
    assert caught.value.fields[0][0] == "unit"
    with pytest.raises(InvalidFields):
        await kpis.save_kpi(
            deps, key(), "mine", "visitors", 0,
            KpiSettings({"ja": "x"}, Unit.PERSONS, Measure.ENTRIES,
                        series=Series(await measure_of(deps), CAVE)),
        )  # fmt: skip


async def test_figures_are_entered_only_where_the_file_says_nothing(deps: Deps) -> None:
    await keep_all(deps, sheet("1000"))
    series = Series(await measure_of(deps), CAVE, "2025-04", "2025-06")
    await save(deps, series)
    for period, refused in (
        ("2025-04", True), ("2025-07", False), ("2024", False), ("2025", False)
    ):  # fmt: skip
        entering = kpis.enter_value(
            deps, key(), "mine", "visitors", period, 7, "by telephone", "Mori"
        )
        if refused:
            with pytest.raises(kpis.KpiMeasured):
                await entering
        else:
            await entering
    found = (await kpis.read_book(deps, "mine", 2025)).book.kpis[0]
    assert found.figure is not None
    # The year that was entered holds: three months of it alone are imported.
    assert (found.figure.value, found.figure.certainty) == (7, Certainty.ENTERED)
    told = {each.period: each.figure.value for each in found.months if each.figure}
    assert told == {"2025-04": 1_000, "2025-05": 1_000, "2025-06": 1_000, "2025-07": 7}
    await kpis.enter_value(deps, key(), "mine", "visitors", "2025", None, "", "Mori")
    found = (await kpis.read_book(deps, "mine", 2025)).book.kpis[0]
    assert found.figure is not None
    assert (found.figure.value, found.figure.months) == (3_007, 4)
    await save(deps, Series(series.measure, CAVE), at=1)
    with pytest.raises(kpis.KpiMeasured):
        await kpis.enter_value(deps, key(), "mine", "visitors", "2025", 9, "x", "Mori")


async def test_a_source_of_another_area_is_none(deps: Deps) -> None:
    await keep_all(deps, sheet("1000"))
    series = Series(await measure_of(deps), CAVE)
    settings = KpiSettings({"ja": "x"}, Unit.PERSONS, series=series)
    with pytest.raises(InvalidFields):
        await kpis.save_kpi(deps, key(), "other", "visitors", 0, settings)
