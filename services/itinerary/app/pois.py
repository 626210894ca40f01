"""Points of interest."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from kit.pure.errors import InvalidFields
from kit.requests import RequestKey, once
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.calendar import instant
from services.itinerary.domain.events import PoiPublished
from services.itinerary.domain.kept_poi import KeptPoi, PoiState, merged
from services.itinerary.domain.place import Place
from services.itinerary.domain.poi import Poi, Remark, check_poi
from services.itinerary.domain.spot import NOT_STEERED, SpotSettings
from services.itinerary.domain.trip import DATE, FIRST_YEAR, LAST_YEAR
from services.itinerary.domain.windows import DayAccess, day_access
from services.itinerary.store import areas, kept_pois, spots
from services.itinerary.store import catalog as store

MAX_IMPORT = 10_000
DEFAULT_PAGE, MAX_PAGE = 200, 1000
LISTED = PoiState.LISTED


@dataclass(frozen=True)
class ImportReport:
    """What became of the rows of a bulk load. read = loaded + rejected rows.

    kept: fields in which the staff says something else than the file, and which stay so.
    """

    read: int
    loaded: int
    changed: int
    warnings: tuple[Remark, ...]
    rejected: tuple[Remark, ...]
    kept: tuple[Remark, ...] = ()


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
    deps: Deps, key: RequestKey, area: str, rows: Sequence[Poi | list[Remark]], *, dry_run: bool,
    overwrite: bool = False,
) -> ImportReport:  # fmt: skip
    """Loads POIs; rows that cannot be used are reported and change nothing.

    What the staff changed since the last load stays and is reported; overwrite: the file counts
    again. rows: a POI, or the remarks on a row that could not be read. Errors: InvalidFields.
    """
    if len(rows) > MAX_IMPORT:
        raise InvalidFields([("records", f"at most {MAX_IMPORT} at once")])
    pois, warnings, rejected = _sort(rows)
    bad = {remark.row for remark in rejected}
    async with deps.db.transaction(area) as tx:

        async def load() -> ImportReport:
            await kept_pois.lock(tx)
            known = {each.poi.poi_id: each for each in await kept_pois.list_kept(tx)}
            merges = [
                _with_file(known.get(poi.poi_id), poi, number, overwrite=overwrite)
                for number, poi in pois.items()
            ]
            written = [after for after, _ in merges if known.get(after.poi.poi_id) != after]
            changed = [
                after
                for after in written
                if after.version != getattr(known.get(after.poi.poi_id), "version", 0)
            ]
            report = ImportReport(
                len(rows), len(rows) - len(bad), len(changed), tuple(warnings), tuple(rejected),
                tuple(remark for _, remarks in merges for remark in remarks),
            )  # fmt: skip
            if dry_run:
                return report
            now = deps.clock.now()
            for after in changed:
                before = known.get(after.poi.poi_id)
                if before is not None and before.file_poi is not None:
                    await kept_pois.keep_version(tx, before, now)
            await kept_pois.write(tx, written, now)
            await deps.outbox.add_many(
                tx, [published(area, each, now) for each in changed if each.state is LISTED]
            )
            return report

        return await once(tx, key, ImportReport, load)


def published(area: str, kept: KeptPoi, now: datetime) -> PoiPublished:
    """Returns what is said of a POI that visitors see, or saw until now."""
    return PoiPublished(
        area=area, aggregate_id=kept.poi.poi_id, version=kept.version, occur_time=now,
        poi=kept.poi, state=kept.state,
    )  # fmt: skip


def _with_file(
    before: KeptPoi | None, poi: Poi, row: int, *, overwrite: bool
) -> tuple[KeptPoi, list[Remark]]:
    """Returns a POI after a file says it, and what of the staff's stays otherwise."""
    if before is None:
        return KeptPoi(poi, 1), []
    if overwrite:
        same = before.poi == poi
        after = replace(before, poi=poi, from_file=True, file_poi=None)
        return (after if same else replace(after, version=before.version + 1, confirmations=())), []
    if not before.from_file:
        differs = before.poi != poi
        return before, [_kept(row, "poi_id", "it was made at the studio")] if differs else []
    if before.file_poi is None:
        return (before, []) if before.poi == poi else (
            replace(before, poi=poi, version=before.version + 1), []
        )  # fmt: skip
    found = merged(before.file_poi, before.poi, poi)
    after = replace(before, file_poi=poi)
    remarks = [_kept(row, name, "the staff says something else") for name in found.kept]
    if check_poi(row, found.poi)[0]:  # each is right by itself, and they are wrong together
        return before, [_kept(row, "", "it does not fit what the staff says")]
    if found.poi != before.poi:
        after = replace(after, poi=found.poi, version=before.version + 1)
    return after, remarks


def _kept(row: int, name: str, text: str) -> Remark:
    return Remark(row, name, "STAFF_KEPT", text)


def _sort(
    rows: Sequence[Poi | list[Remark]],
) -> tuple[dict[int, Poi], list[Remark], list[Remark]]:
    """Returns the POIs by their rows, what is odd about them, and what cannot be used."""
    pois: dict[int, Poi] = {}
    seen: set[str] = set()
    warnings: list[Remark] = []
    rejected: list[Remark] = []
    for number, row in enumerate(rows, start=1):
        if isinstance(row, list):
            rejected += row
            continue
        errors, odd = check_poi(number, row)
        if not errors and row.poi_id in seen:
            errors = [Remark(number, "poi_id", "DUPLICATE_ID", "this id was in an earlier row")]
        if errors:
            rejected += errors
            continue
        warnings += odd
        seen.add(row.poi_id)
        pois[number] = row
    return pois, warnings, sorted(rejected, key=lambda remark: remark.row)


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
