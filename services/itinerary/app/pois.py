"""Points of interest."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.calendar import instant
from services.itinerary.domain.events import PoiPublished
from services.itinerary.domain.place import Place
from services.itinerary.domain.poi import Poi, Remark, check_poi
from services.itinerary.domain.spot import NOT_STEERED, SpotSettings
from services.itinerary.domain.trip import DATE, FIRST_YEAR, LAST_YEAR
from services.itinerary.domain.windows import DayAccess, day_access
from services.itinerary.store import areas, spots
from services.itinerary.store import catalog as store

MAX_IMPORT = 10_000
DEFAULT_PAGE, MAX_PAGE = 200, 1000


@dataclass(frozen=True)
class ImportReport:
    """What became of the rows of a bulk load. read = loaded + rejected rows."""

    read: int
    loaded: int
    changed: int
    warnings: tuple[Remark, ...]
    rejected: tuple[Remark, ...]


@dataclass(frozen=True)
class ListedPoi:
    """A POI with its place, how the area steers to it and, where a date was given, its opening on
    that date."""

    poi: Poi
    version: int
    place: Place | None
    access: DayAccess | None
    settings: SpotSettings = NOT_STEERED


async def import_pois(
    deps: Deps, key: RequestKey, area: str, rows: Sequence[Poi | list[Remark]], *, dry_run: bool
) -> ImportReport:
    """Loads POIs; rows that cannot be used are reported and change nothing.

    rows: a POI, or the remarks on a row that could not be read. Errors: InvalidFields.
    """
    if len(rows) > MAX_IMPORT:
        raise InvalidFields([("records", f"at most {MAX_IMPORT} at once")])
    pois, warnings, rejected = _sort(rows)
    bad = {remark.row for remark in rejected}
    async with deps.db.transaction(area) as tx:

        async def load() -> ImportReport:
            known = {poi.poi_id: (poi, version) for poi, version in await store.list_pois(tx)}
            changed = [
                (poi, known[poi.poi_id][1] + 1 if poi.poi_id in known else 1)
                for poi in pois
                if known.get(poi.poi_id, (None, 0))[0] != poi
            ]
            report = ImportReport(
                len(rows), len(rows) - len(bad), len(changed), tuple(warnings), tuple(rejected)
            )
            if dry_run:
                return report
            now = deps.clock.now()
            await store.write_pois(tx, changed, now)
            for poi, version in changed:
                await deps.outbox.add(
                    tx,
                    PoiPublished(
                        area=area, aggregate_id=poi.poi_id, version=version, occur_time=now,
                        poi=poi,
                    ),
                )  # fmt: skip
            return report

        return await once(tx, key, ImportReport, load)


def _sort(
    rows: Sequence[Poi | list[Remark]],
) -> tuple[list[Poi], list[Remark], list[Remark]]:
    pois: dict[str, Poi] = {}
    warnings: list[Remark] = []
    rejected: list[Remark] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, list):
            rejected += row
            continue
        errors, odd = check_poi(number, row)
        if not errors and row.poi_id in pois:
            errors = [Remark(number, "poi_id", "DUPLICATE_ID", "this id was in an earlier row")]
        if errors:
            rejected += errors
            continue
        warnings += odd
        pois[row.poi_id] = row
    return list(pois.values()), warnings, sorted(rejected, key=lambda remark: remark.row)


async def list_pois(
    deps: Deps, area: str, page_size: int, after: str, visit_date: str
) -> tuple[list[ListedPoi], str]:
    """Returns a page of POIs by id, and the id to go on after ("" on the last page).

    Errors: InvalidFields, AreaNotReady (only with a date).
    """
    day = _day(visit_date)
    size = page_size or DEFAULT_PAGE
    if not 0 < size <= MAX_PAGE:
        raise InvalidFields([("page_size", f"0 to {MAX_PAGE}")])
    async with deps.db.read(area) as tx:
        found = await store.list_pois(tx, after, size + 1)
        places = await store.list_places(tx)
        settings = await spots.read_settings(tx)
        zone = await areas.read_time_zone(tx) if day else ""
        if zone is None:
            raise AreaNotReady("This area is still being loaded. Try again in a moment.")
        closures = await store.list_closures(tx, instant(day, 0, zone)) if day else []
    listed = [
        ListedPoi(
            poi,
            version,
            places.get(poi.place_id),
            day_access(poi, day, poi.stay_min_minutes, closures, zone) if day else None,
            settings[poi.poi_id].settings if poi.poi_id in settings else NOT_STEERED,
        )
        for poi, version in found[:size]
    ]
    return listed, listed[-1].poi.poi_id if len(found) > size else ""


def _day(text: str) -> date | None:
    try:
        if text and not DATE.fullmatch(text):
            raise ValueError("not YYYY-MM-DD")
        day = date.fromisoformat(text) if text else None
        if day and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise ValueError("no calendar reaches there")
        return day
    except ValueError as error:
        raise InvalidFields([("visit_date", "a date such as 2026-11-21")]) from error
