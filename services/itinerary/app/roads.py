"""Ways of a road network for plans: asked of an engine once a day for the places of an area, and
never waited for longer than a visitor would. Until an engine has answered, ways are estimated."""

import asyncio
import time
from collections import OrderedDict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from kit import log
from services.itinerary.domain.place import Point
from services.itinerary.domain.prepare import Catalog
from services.itinerary.domain.rental import rental_places
from services.itinerary.domain.roads import NO_ROADS, Roads, RoadWay
from services.itinerary.domain.trip import TravelMode, TripRequest

WAIT_S = 1.0  # of a plan; what takes longer serves the next one
KEPT_S = 24 * 3600.0
KEPT = 256  # answers; one of a hundred places takes 3 MB, one of an end 50 kB
MOST_SHARED = 100
MOST_RENTALS = 4  # of those that are not among them
QUIET_S = 30.0  # after an engine that did not answer
ANSWER_S = 60.0  # for all parts of a question together

Ways = Mapping[tuple[Point, Point], RoadWay]
Key = tuple[TravelMode, tuple[Point, ...], tuple[Point, ...]]
# With a party's own points: if there are any, the answer is not kept.
Questions = dict[Key, frozenset[Point]]


class Engine(Protocol):
    """A routing engine."""

    @property
    def is_there(self) -> bool:
        """Whether an operator has named one."""
        ...

    async def ways(
        self, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode,
        private: Collection[Point] = (),
    ) -> Ways:  # fmt: skip
        """Returns the ways that it knows. private: points of which it remembers nothing. Errors:
        any, where it does not answer."""
        ...


@dataclass(frozen=True)
class End:
    """Where a day starts or ends. private: a party's own point, which is not kept."""

    point: Point
    private: bool


async def roads_for(book: "RoadBook", catalog: Catalog, trip: TripRequest) -> Roads:
    """Returns the ways that matter to a trip, as far as they are known soon enough."""
    if not book.is_there or trip.mode is TravelMode.BUS:
        return NO_ROADS
    worth = sorted(catalog.pois.values(), key=lambda poi: (-poi.score, poi.poi_id))
    # A must-visit of no worth to others is found by its place, as an end of the day is.
    wished = [catalog.pois[poi_id] for poi_id in trip.must_ids if poi_id in catalog.pois]
    points = [_point(catalog, poi.place_id) for poi in worth[:MOST_SHARED]]
    ends = [
        End(location.point, private=True) if location.point
        else _end(catalog, location.place_id)
        for location in (trip.start, trip.end)
    ]  # fmt: skip
    if trip.mode is TravelMode.CYCLE and not trip.own_cycle:
        wished += [poi for poi, _ in rental_places(catalog.pois, catalog.places)[:MOST_RENTALS]]
    ends += [_end(catalog, poi.place_id) for poi in wished]
    return await book.between(
        trip.mode,
        [point for point in points if point],
        list(dict.fromkeys(end for end in ends if end)),
    )


def _point(catalog: Catalog, place_id: str) -> Point | None:
    place = catalog.places.get(place_id)
    return place.location.point if place and place.location else None


def _end(catalog: Catalog, place_id: str) -> End | None:
    point = _point(catalog, place_id)
    return End(point, private=False) if point else None


class RoadBook:
    """What an engine told. engine: None for none."""

    def __init__(self, engine: Engine | None = None) -> None:
        self._engine = engine
        self._kept: OrderedDict[Key, tuple[float, Ways]] = OrderedDict()
        self._asked: dict[Key, asyncio.Task[Ways]] = {}
        self._quiet_until = 0.0
        self._log = log.get("roads")

    @property
    def is_there(self) -> bool:
        """Whether there is an engine to ask."""
        return self._engine is not None and self._engine.is_there

    async def between(
        self, mode: TravelMode, places: Sequence[Point], ends: Sequence[End]
    ) -> Roads:
        """Returns the ways between places of an area and the ends of a day, as far as they are
        known within WAIT_S seconds."""
        if not self.is_there or mode is TravelMode.BUS:
            return NO_ROADS
        shared = tuple(dict.fromkeys(places))[:MOST_SHARED]
        outside = [end for end in ends if end.point not in shared]
        private = frozenset(end.point for end in outside if end.private)
        keys: Questions = {(mode, shared, shared): frozenset()} if shared else {}
        for end in outside:
            others = (*shared, *(other.point for other in outside if other is not end))
            if others:
                keys[mode, (end.point,), others] = private
                keys[mode, others, (end.point,)] = private
        found = {key: kept for key in keys if (kept := self._remembered(key)) is not None}
        found |= await self._fetched({key: keys[key] for key in keys if key not in found})
        return Roads({pair: way for ways in found.values() for pair, way in ways.items()})

    def _remembered(self, key: Key) -> Ways | None:
        kept = self._kept.get(key)
        if kept is None or time.monotonic() - kept[0] > KEPT_S:
            return None
        self._kept.move_to_end(key)
        return kept[1]

    async def _fetched(self, keys: Questions) -> dict[Key, Ways]:
        """Returns what comes back in time."""
        if not keys or time.monotonic() < self._quiet_until:
            return {}
        tasks = {key: self._task(key, private) for key, private in keys.items()}
        try:
            done, _late = await asyncio.wait(tasks.values(), timeout=WAIT_S)
        finally:  # a party that hangs up waits for nothing either
            for key, task in tasks.items():
                if keys[key] and not task.done():
                    task.cancel()  # nobody else asks for the ways of this party
        # Another party at the same point may have had enough of waiting and ended the question.
        return {
            key: task.result() for key, task in tasks.items()
            if task in done and not task.cancelled()
        }  # fmt: skip

    def _task(self, key: Key, private: frozenset[Point]) -> "asyncio.Task[Ways]":
        task = self._asked.get(key)
        if task is None:
            task = asyncio.create_task(self._ask(key, private))
            self._asked[key] = task
            task.add_done_callback(lambda _task: self._asked.pop(key, None))
        return task

    async def _ask(self, key: Key, private: frozenset[Point]) -> Ways:
        mode, sources, targets = key
        if self._engine is None:
            return {}
        try:
            async with asyncio.timeout(ANSWER_S):
                ways = await self._engine.ways(sources, targets, mode, private)
        except Exception as error:  # noqa: BLE001 - whatever an engine does, a day is planned
            if time.monotonic() >= self._quiet_until:
                self._log.warning("ways are estimated: no answer", error=repr(error))
            self._quiet_until = time.monotonic() + QUIET_S
            return {}
        if not private:
            self._kept[key] = (time.monotonic(), ways)
            while len(self._kept) > KEPT:
                self._kept.popitem(last=False)
        return ways

    async def close(self) -> None:
        """Gives up what is still being asked."""
        tasks = list(self._asked.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
