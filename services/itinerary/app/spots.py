"""What plans show of spots, and how the area steers visitors."""

import calendar
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

from kit.db import Transaction
from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.events import SpotSettingsChanged
from services.itinerary.domain.place import Place
from services.itinerary.domain.poi import NOT_A_VISIT, Poi
from services.itinerary.domain.spot import NOT_STEERED, SpotSettings, check_settings
from services.itinerary.domain.spot_figures import SpotFigures, figures_of, plans_of
from services.itinerary.store import areas, catalog
from services.itinerary.store import spots as store
from services.itinerary.store.spots import KeptSettings

MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])", re.ASCII)
MOST_MONTHS = 14
NOTHING = KeptSettings(NOT_STEERED, 0, None)
CHANGED = "Somebody else has changed this spot meanwhile. Look at it again."


@dataclass(frozen=True)
class ListedSpot:
    """A POI with its settings and figures."""

    poi: Poi
    place: Place | None
    kept: KeptSettings
    figures: SpotFigures


@dataclass(frozen=True)
class SpotList:
    """A month. plans: None where withheld. months: that have plans, the newest first."""

    month: str
    months: Sequence[str]
    plans: int | None
    spots: Sequence[ListedSpot]


async def list_spots(deps: Deps, area: str, month: str) -> SpotList:
    """Returns what plans made in a month show of each POI; "" for the present month.

    Today is not in it: whoever looks twice a day would see single plans. Errors: InvalidFields,
    AreaNotReady.
    """
    async with deps.db.read(area) as tx:
        zone = await areas.read_time_zone(tx)
        if zone is None:
            raise AreaNotReady("This area is still being loaded. Try again in a moment.")
        today = deps.clock.now().astimezone(ZoneInfo(zone)).date()
        month = month or f"{today:%Y-%m}"
        first, last = _days(month)
        yesterday = today - timedelta(days=1)
        counts = await store.read_plans(tx, first, min(last, yesterday))
        months = await store.list_months(tx, yesterday, MOST_MONTHS)
        pois = [poi for poi, _ in await catalog.list_pois(tx) if poi.category not in NOT_A_VISIT]
        places = await catalog.list_places(tx)
        settings = await store.read_settings(tx)
    figures = figures_of(counts, (poi.poi_id for poi in pois))
    spots = [
        ListedSpot(
            poi, places.get(poi.place_id), settings.get(poi.poi_id, NOTHING), figures[poi.poi_id]
        )
        for poi in pois
    ]
    return SpotList(month, months, plans_of(counts), spots)


def _days(month: str) -> tuple[date, date]:
    found = MONTH.fullmatch(month)
    if not found:
        raise InvalidFields([("month", "a month such as 2026-11")])
    year, number = int(found[1]), int(found[2])
    return date(year, number, 1), date(year, number, calendar.monthrange(year, number)[1])


async def save_settings(
    deps: Deps,
    key: RequestKey,
    area: str,
    poi_id: str,
    expected_version: int,
    settings: SpotSettings,
) -> int:
    """Keeps the settings of a spot and returns their version. Equal ones change nothing, whatever
    version. Errors: InvalidFields, NotFound, VersionConflict.
    """
    check_settings(settings)
    async with deps.db.transaction(area) as tx:

        async def save() -> int:
            kept = await _locked(tx, poi_id)
            if kept.settings == settings:
                return kept.version
            return await _write(deps, tx, poi_id, expected_version, kept, settings)

        return await once(tx, key, int, save)


async def undo_settings(
    deps: Deps, key: RequestKey, area: str, poi_id: str, expected_version: int
) -> int:
    """Takes the latest change of the settings back, and that back again; returns the version.

    Errors: NotFound (also where nothing was changed), VersionConflict.
    """
    async with deps.db.transaction(area) as tx:

        async def undo() -> int:
            kept = await _locked(tx, poi_id)
            if kept.earlier is None:
                raise NotFound("Nothing of this spot was changed yet.")
            return await _write(deps, tx, poi_id, expected_version, kept, kept.earlier)

        return await once(tx, key, int, undo)


async def _locked(tx: Transaction, poi_id: str) -> KeptSettings:
    """Returns the settings of a spot, locked until the end of the transaction."""
    if not await store.lock_settings(tx, poi_id):
        raise NotFound("There is no such spot. Open the list again.")
    return (await store.read_settings(tx)).get(poi_id, NOTHING)


async def _write(
    deps: Deps,
    tx: Transaction,
    poi_id: str,
    expected_version: int,
    kept: KeptSettings,
    settings: SpotSettings,
) -> int:
    if kept.version != expected_version:
        raise VersionConflict(CHANGED)
    now, version = deps.clock.now(), kept.version + 1
    await store.write_settings(tx, poi_id, KeptSettings(settings, version, kept.settings), now)
    await deps.outbox.add(
        tx,
        SpotSettingsChanged(
            area=tx.area, aggregate_id=poi_id, version=version, occur_time=now, settings=settings
        ),
    )
    return version
