"""What an area offers as plans want it: read once after each change, kept in the process."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from kit.db import Transaction
from services.itinerary.app.by_mark import ByMark
from services.itinerary.domain.heights import with_heights
from services.itinerary.domain.kept_poi import KeptPoi
from services.itinerary.domain.place import Closure, Place
from services.itinerary.domain.poi import Poi
from services.itinerary.domain.spot import SpotSettings
from services.itinerary.store import areas, kept_pois, spots
from services.itinerary.store import catalog as store

# Closures that ended longer ago are read anew by the few who plan a day that is over.
OVER = timedelta(days=2)


@dataclass(frozen=True)
class Offer:
    """POIs that visitors see and places by id; closures in force at some time from a moment on.

    retired: POIs that they no longer see. settings: of spots that have any.
    """

    time_zone: str
    pois: Mapping[str, Poi]
    places: Mapping[str, Place]
    closures: Sequence[Closure]
    closures_from: datetime
    retired: Mapping[str, KeptPoi] = field(default_factory=dict)
    settings: Mapping[str, SpotSettings] = field(default_factory=dict)

    async def closures_after(self, tx: Transaction, moment: datetime) -> Sequence[Closure]:
        """Returns closures in force at or after a moment, the earliest first."""
        if moment < self.closures_from:
            return await store.list_closures(tx, moment)
        return [each for each in self.closures if not each.until_time or each.until_time > moment]


@dataclass(frozen=True)
class Catalogs:
    """The offers of areas; one of a thousand POIs takes about 3 MB.

    A plan pays one small query; only the first after a change reads and decodes.
    """

    _kept: ByMark[Offer] = field(default_factory=ByMark)

    async def current(self, tx: Transaction, now: datetime) -> Offer | None:
        """Returns the offer of the transaction's area; None while directory has not told of it.

        tx: best one snapshot (Database.read); what is read a little later than the mark goes with
        it.
        """
        known = await areas.read_mark(tx)
        if known is None:
            return None
        time_zone, mark = known

        async def make() -> Offer:
            pois = {poi.poi_id: poi for poi, _ in await store.list_pois(tx)}
            places = with_heights(await store.list_places(tx), pois.values())
            since = now - OVER
            closures = await store.list_closures(tx, since)
            retired = {each.poi.poi_id: each for each in await kept_pois.list_retired(tx)}
            steered = await spots.read_settings(tx)
            settings = {poi_id: each.settings for poi_id, each in steered.items()}
            return Offer(time_zone, pois, places, closures, since, retired, settings)

        return await self._kept.get(tx.area, mark, make)
