"""The KPI book: reading it, and changing what stands in it."""

from collections.abc import Sequence
from datetime import datetime

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.requests import RequestKey, once
from services.insights.app.deps import Deps
from services.insights.app.kpi_books import Standing, imported_months, read_year
from services.insights.domain import kpi as rules
from services.insights.domain.kpi import Certainty, Figure, KpiSettings, Measure
from services.insights.domain.kpi_book import Entry, Frame, KeptKpi
from services.insights.domain.kpi_imported import beside_entered, from_import
from services.insights.domain.kpi_measures import KIND_OF, month_of
from services.insights.domain.lines import is_line
from services.insights.store import areas, imported, kpi_sums
from services.insights.store import kpis as store

CHANGED = "Somebody else has changed this KPI meanwhile. Look at it again."
NOTHING = Figure(0, 0, Certainty.ENTERED)
MISSING = "There is no such KPI. Open the book again."


class TooManyKpis(Refusal):
    """The book is full; retire a KPI first."""


class KpiMeasured(Refusal):
    """This is counted from events; figures are entered only for years before the first one."""


async def read_book(deps: Deps, area: str, fiscal_year: int) -> Standing:
    """Returns the book of a fiscal year as it stands; 0 for the running year.

    Errors: InvalidFields.
    """
    async with deps.db.read(area) as tx:
        return await read_year(deps, tx, fiscal_year)


async def save_kpi(
    deps: Deps, key: RequestKey, area: str, kpi_id: str, expected_version: int, given: KpiSettings
) -> int:
    """Adds or changes a KPI and returns its version. Equal settings change nothing, whatever
    version. Errors: InvalidFields, VersionConflict, TooManyKpis.
    """
    rules.check_id(kpi_id)
    settings = rules.checked(given)
    async with deps.db.transaction(area) as tx:

        async def save() -> int:
            known = await _known(tx)
            kept = known.get(kpi_id, KeptKpi(kpi_id, KpiSettings(), 0))
            if kept.settings == settings:
                return kept.version
            if kept.version != expected_version:
                raise VersionConflict(CHANGED)
            if (settings.series, settings.unit) != (kept.settings.series, kept.settings.unit):
                await _check_series(tx, settings)
            followed = sum(not each.settings.retired for each in known.values())
            more = not settings.retired and (not kept.version or kept.settings.retired)
            if more and followed >= rules.MOST_KPIS:
                raise TooManyKpis(f"A book has at most {rules.MOST_KPIS} KPIs.")
            if not kept.version and len(known) >= rules.MOST_EVER:
                raise TooManyKpis(f"An area has at most {rules.MOST_EVER} KPIs, retired ones too.")
            version = kept.version + 1
            await store.write(tx, KeptKpi(kpi_id, settings, version), deps.clock.now())
            return version

        return await once(tx, key, int, save)


async def enter_value(
    deps: Deps, key: RequestKey, area: str, kpi_id: str, period: str, value: int | None,
    source_note: str, signed_as: str,
) -> None:  # fmt: skip
    """Enters a figure for a fiscal year or month; None takes back what was entered.

    Errors: InvalidFields, NotFound, KpiMeasured.
    """
    source_note, signed_as = source_note.strip(), signed_as.strip()
    _check_value(value, source_note, signed_as)
    async with deps.db.transaction(area) as tx:

        async def enter() -> int:
            kept = (await _known(tx)).get(kpi_id)
            if kept is None:
                raise NotFound(MISSING)
            now = deps.clock.now()
            await _check_period(tx, kept, period, now)
            there = (await store.entered(tx)).get(kpi_id, {})
            if value is None and period not in there:
                raise InvalidFields([("value", "there is nothing to take back")])
            await store.enter(tx, kpi_id, period, value, source_note, signed_as, key.principal, now)
            return 0

        await once(tx, key, int, enter)


async def read_entries(deps: Deps, area: str, kpi_id: str) -> Sequence[Entry]:
    """Returns all that was entered for a KPI, the newest first. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        if all(kept.kpi_id != kpi_id for kept in await store.read_all(tx)):
            raise NotFound(MISSING)
        return await store.entries(tx, kpi_id)


async def _check_series(tx: Transaction, settings: KpiSettings) -> None:
    series = settings.series
    if series is None:
        return
    units = {
        each.unit
        for each in await imported.months_of(tx, series.measure, series.place)
        if (each.measure, each.place) == (series.measure, series.place)
    }
    if not units:
        raise InvalidFields([("series", "nothing was imported by these names")])
    if units != {settings.unit}:
        names = ", ".join(sorted(each.value for each in units))
        raise InvalidFields([("unit", f"what was imported is counted in {names}")])


def _check_value(value: int | None, source_note: str, signed_as: str) -> None:
    wrong = []
    if value is not None and not 0 <= value <= rules.MOST_VALUE:
        wrong.append(("value", "give a whole figure from 0"))
    if (value is not None and not source_note) or not is_line(source_note, rules.MOST_NOTE):
        wrong.append(("source_note", f"say where it is from, in {rules.MOST_NOTE} characters"))
    if not signed_as or not is_line(signed_as, rules.MOST_OWNER):
        wrong.append(("signed_as", "give the name of who enters it"))
    if wrong:
        raise InvalidFields(wrong)


async def _check_period(tx: Transaction, kept: KeptKpi, period: str, now: datetime) -> None:
    year = rules.year_of_period(period)
    today = now.astimezone((await areas.read(tx)).zone).date()
    if year is None or rules.first_day(period) > today:
        raise InvalidFields([("period", "give a year or month that has begun, as 2026 or 2026-05")])
    if kept.settings.series is not None:
        months = await imported_months(tx, kept.settings.series)
        told = from_import(kept.settings.series, months, month_of(today))
        if period in told or ("-" not in period and period not in beside_entered(
            told, {period: NOTHING}
        )):  # fmt: skip
            raise KpiMeasured("This is imported. Enter figures only for times the file leaves out.")
    if kept.settings.measure is Measure.HAND:
        return
    first = (await kpi_sums.begins(tx)).get(KIND_OF[kept.settings.measure])
    # Before the first event everything until the running month can be of the time before.
    if rules.last_day(period) >= (first or today):
        raise KpiMeasured("This is counted from events. Enter figures only for the time before.")


async def save_frame(
    deps: Deps, key: RequestKey, area: str, fiscal_year: int, frame: Frame
) -> None:
    """Keeps what a fiscal year stands in. Errors: InvalidFields."""
    _check_frame(fiscal_year, frame)
    async with deps.db.transaction(area) as tx:

        async def save() -> int:
            await store.lock(tx)
            await store.write_frame(tx, fiscal_year, frame, deps.clock.now())
            return 0

        await once(tx, key, int, save)


def _check_frame(fiscal_year: int, frame: Frame) -> None:
    wrong = []
    if not rules.is_year(fiscal_year):
        wrong.append(("fiscal_year", "give a year"))
    if not 0 <= frame.shop_count <= rules.MOST_SHOPS:
        wrong.append(("frame.shop_count", "give the number of shops, 0 when nobody knows"))
    if len(frame.costs) > rules.MOST_COSTS or not all(
        each.label and is_line(each.label, rules.MOST_LABEL)
        and 0 <= each.amount_yen <= rules.MOST_VALUE
        for each in frame.costs
    ):  # fmt: skip
        wrong.append(("frame.costs", "give each cost a name and yen"))
    if wrong:
        raise InvalidFields(wrong)


async def _known(tx: Transaction) -> dict[str, KeptKpi]:
    """Returns the area's KPIs, with the book locked until the end of the transaction."""
    await store.lock(tx)
    return {kept.kpi_id: kept for kept in await store.read_all(tx)}
