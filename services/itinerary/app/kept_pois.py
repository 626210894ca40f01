"""POIs as the staff of the area keeps them: typed, confirmed, drafts, retired, versions of before.

Changes of an area's POIs wait for one another, for a load of a file reads all of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.pure.public_holidays import holiday_names
from kit.requests import RequestKey, once
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.app.pois import published
from services.itinerary.domain.calendar import OpeningError
from services.itinerary.domain.kept_poi import (
    MAX_SAID,
    FieldConfirmation,
    KeptPoi,
    PoiState,
    PoiVersion,
    check_confirmations,
    confirmed,
    retirement,
)
from services.itinerary.domain.place import Place
from services.itinerary.domain.poi import (
    LAST_ENTRY,
    Category,
    Fees,
    Poi,
    PoiStatus,
    PoiTexts,
    check_poi,
    parse_opening,
)
from services.itinerary.domain.repair import effects_on
from services.itinerary.domain.told_plans import told_plans
from services.itinerary.domain.windows import OpenSpan, day_access
from services.itinerary.store import areas, itineraries
from services.itinerary.store import catalog as places_store
from services.itinerary.store import kept_pois as store

MOST_POIS = 10_000
MOST_DRAFTS = 500
MOST_DAYS = 62
DEFAULT_PAGE, MAX_PAGE = 200, 1_000
CHANGED = "Somebody else changed this POI meanwhile. Open it again."


class PoisFull(Refusal):
    """An area has as many POIs as it can have."""


@dataclass(frozen=True)
class PoiFile:
    """All that is known of one POI. plan_count: kept plans with a visit there from today on;
    None where they are few."""

    kept: KeptPoi
    place: Place | None
    versions: tuple[PoiVersion, ...]
    plan_count: int | None


@dataclass(frozen=True)
class PreviewedDay:
    """A day of an opening calendar. holiday: its Japanese name, "" on other days."""

    day: date
    holiday: str
    spans: tuple[OpenSpan, ...]


async def list_kept(
    deps: Deps, area: str, page_size: int, after: str
) -> tuple[list[tuple[KeptPoi, Place | None]], str]:
    """Returns a page of POIs of every state by id, and the id to go on after. Errors:
    InvalidFields."""
    size = page_size or DEFAULT_PAGE
    if not 0 < size <= MAX_PAGE:
        raise InvalidFields([("page_size", f"0 to {MAX_PAGE}")])
    async with deps.db.read(area) as tx:
        found = await store.list_kept(tx, after, size + 1)
        places = await places_store.list_places(tx)
    page = [(each, places.get(each.poi.place_id)) for each in found[:size]]
    return page, page[-1][0].poi.poi_id if len(found) > size else ""


async def get_poi(deps: Deps, area: str, poi_id: str) -> PoiFile:
    """Returns all that is kept of a POI. Errors: NotFound, AreaNotReady."""
    async with deps.db.read(area) as tx:
        kept = await _known(tx, poi_id)
        zone = await areas.read_time_zone(tx)
        if zone is None:
            raise AreaNotReady("This area is still being loaded. Try again in a moment.")
        places = await places_store.list_places(tx)
        versions = await store.list_versions(tx, poi_id)
        now = deps.clock.now()
        today = now.astimezone(ZoneInfo(zone)).date()
        plans = await itineraries.list_plans_at(tx, [kept.poi.place_id], today, None)
    gone = retirement(replace(kept, retire_time=now))
    hit = sum(bool(effects_on(plan, [gone])) for plan in plans)
    return PoiFile(kept, places.get(kept.poi.place_id), tuple(versions), told_plans(hit, hit).plans)


async def save_poi(
    deps: Deps, key: RequestKey, area: str, poi: Poi, expected_version: int,
    confirmations: Sequence[FieldConfirmation], *, draft: bool = False,
) -> int:  # fmt: skip
    """Keeps a POI as it was typed; returns its version. One that is kept already changes nothing.

    expected_version: 0 for a new one. draft: visitors do not see it. Errors: InvalidFields,
    VersionConflict, PoisFull, NotFound (of the place).
    """
    errors, _ = check_poi(1, poi)
    faults = [(each.field, f"{each.text} [{each.reason}]") for each in errors]
    faults += check_confirmations(confirmations, _latest_today(deps.clock.now()))
    if faults:
        raise InvalidFields(faults)
    async with deps.db.transaction(area) as tx:

        async def save() -> int:
            await store.lock(tx)
            before = await store.read(tx, poi.poi_id)
            if before is None and len(await store.list_kept(tx)) >= MOST_POIS:
                raise PoisFull(f"At most {MOST_POIS} POIs. Nothing was kept.")
            now = deps.clock.now()
            typed, holds = confirmed(before, poi, confirmations)
            state = PoiState.DRAFT if draft else PoiState.LISTED
            if before and before.state is PoiState.RETIRED:
                state = PoiState.RETIRED
            after = KeptPoi(typed, 1, state, holds, from_file=False, change_time=now)
            if before:
                after = replace(
                    before, poi=typed, state=state, confirmations=holds,
                    file_poi=_file_of(before, typed),
                )  # fmt: skip
                if after == before:
                    return before.version
            if (before.version if before else 0) != expected_version:
                raise VersionConflict(CHANGED)
            return await _write(deps, tx, before, after, now)

        return await once(tx, key, int, save)


async def retire_poi(
    deps: Deps, key: RequestKey, area: str, poi_id: str, expected_version: int, note: str,
    *, bring_back: bool = False,
) -> int:  # fmt: skip
    """Takes a POI away from visitors, or brings it back; returns its version. Kept plans with a
    visit there say so and can be planned around it. One that is so already changes nothing.

    note: why, in the staff's words. Errors: InvalidFields, NotFound, VersionConflict.
    """
    if len(note) > MAX_SAID:
        raise InvalidFields([("note", f"at most {MAX_SAID} characters")])
    async with deps.db.transaction(area) as tx:

        async def retire() -> int:
            await store.lock(tx)
            before = await _known(tx, poi_id)
            if (before.state is PoiState.RETIRED) != bring_back:
                return before.version
            if before.version != expected_version:
                raise VersionConflict(CHANGED)
            now = deps.clock.now()
            after = replace(
                before, state=PoiState.LISTED if bring_back else PoiState.RETIRED,
                retire_note="" if bring_back else note, retire_time=None if bring_back else now,
            )  # fmt: skip
            return await _write(deps, tx, before, after, now)

        return await once(tx, key, int, retire)


async def add_drafts(deps: Deps, key: RequestKey, area: str, pois: Sequence[Poi]) -> list[str]:
    """Keeps new POIs as drafts; returns the ids of those that are new. What is kept already under
    an id stays as it is. Errors: InvalidFields, PoisFull."""
    if not 0 < len(pois) <= MOST_DRAFTS:
        raise InvalidFields([("records", f"1 to {MOST_DRAFTS} at once")])
    faults = [
        (f"records[{index}].{each.field}", f"{each.text} [{each.reason}]")
        for index, poi in enumerate(pois)
        for each in check_poi(index + 1, poi)[0]
    ]
    if faults:
        raise InvalidFields(faults)
    async with deps.db.transaction(area) as tx:

        async def add() -> list[str]:
            await store.lock(tx)
            known = {each.poi.poi_id for each in await store.list_kept(tx)}
            new = {poi.poi_id: poi for poi in pois if poi.poi_id not in known}
            if len(known) + len(new) > MOST_POIS:
                raise PoisFull(f"At most {MOST_POIS} POIs. Nothing was kept.")
            # Nothing is said of drafts: for everybody else there are none.
            drafts = [KeptPoi(poi, 1, PoiState.DRAFT, from_file=False) for poi in new.values()]
            await store.write(tx, drafts, deps.clock.now())
            return list(new)

        return await once(tx, key, list[str], add)


def preview_opening(
    opening: str, last_entry: str, first_day: date, day_count: int
) -> list[PreviewedDay]:
    """Returns what opening hours mean day by day. Errors: InvalidFields."""
    faults = []
    if not 0 < day_count <= MOST_DAYS:
        faults.append(("day_count", f"1 to {MOST_DAYS}"))
    if last_entry and not LAST_ENTRY.fullmatch(last_entry):
        faults.append(("last_entry", 'write "16:30" or "-45min" [BAD_LAST_ENTRY]'))
    try:
        if opening:
            parse_opening(opening)
    except OpeningError as error:
        faults.append(("opening", f"{str(error)[:200]} [BAD_OPENING]"))
    if faults:
        raise InvalidFields(faults)
    poi = Poi(
        "preview", "preview", Category.PARK, (), PoiStatus.OPEN, opening, last_entry, 1, 1, 0,
        hidden_spot=False, group="", fees=Fees(), texts=PoiTexts(), phone="", estimated_fields=(),
        source="",
    )  # fmt: skip
    days = [first_day + timedelta(days=number) for number in range(day_count)]
    return [
        PreviewedDay(
            day, holiday_names(day).get("ja", ""), day_access(poi, day, 1, (), "UTC").spans
        )
        for day in days
    ]


def _file_of(before: KeptPoi, typed: Poi) -> Poi | None:
    """Returns what a file said of a POI, which counts once the staff says something else."""
    if not before.from_file or before.file_poi is not None:
        return before.file_poi
    return None if typed == before.poi else before.poi


async def _write(
    deps: Deps, tx: Transaction, before: KeptPoi | None, after: KeptPoi, now: datetime
) -> int:
    after = replace(after, version=before.version + 1 if before else 1)
    if before:
        await store.keep_version(tx, before, now)
    await store.write(tx, [after], now)
    seen = {after.state, before.state if before else after.state}
    # A draft is nobody's business; one that becomes a draft again is gone for visitors.
    if seen != {PoiState.DRAFT}:
        await deps.outbox.add(tx, published(tx.area, after, now))
    return after.version


async def _known(tx: Transaction, poi_id: str) -> KeptPoi:
    kept = await store.read(tx, poi_id)
    if kept is None:
        raise NotFound("There is no such POI. Open the list again.")
    return kept


def _latest_today(now: datetime) -> date:
    """The date it is where the day begins first: east of UTC it is tomorrow already."""
    return (now + timedelta(hours=14)).date()
