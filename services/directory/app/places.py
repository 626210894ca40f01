"""Places and closures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kit.ids import new_id
from kit.pure.errors import NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.directory.app.deps import Deps, as_id
from services.directory.domain.place import (
    Closure,
    ClosureOver,
    CoordinateQuality,
    NamesKept,
    Place,
    PlaceClosed,
    PlaceKind,
    PlaceRecorded,
    PlaceReopened,
    StaffNames,
    below,
    check_closure,
    check_places,
    check_poi_places,
    keep_staff_names,
    pinned,
    renamed,
)
from services.directory.store import places as store
from services.directory.store import staff_names as staff_store


@dataclass(frozen=True)
class Recorded:
    """What became of places: how many are new or changed, how many were equal, and which kept the
    names that staff gave them."""

    changed: int
    unchanged: int
    kept: tuple[NamesKept, ...]


async def list_places(
    deps: Deps, area: str, kind: PlaceKind | None, parent_place_id: str
) -> list[Place]:
    """Returns places by id, of one kind and below one place where given."""
    async with deps.db.read(area) as tx:
        places = await store.list_places(tx)
    if parent_place_id:
        parents = {place.place_id: place.parent_place_id for place in places}
        within = set(below(parent_place_id, parents)) - {parent_place_id}
        places = [place for place in places if place.place_id in within]
    return [place for place in places if kind is None or place.kind is kind]


async def record_places(
    deps: Deps, key: RequestKey, area: str, places: Sequence[Place], *, overwrite: bool = False
) -> Recorded:
    """Records places. Names that staff gave since stay, and are told where the file has others.
    overwrite: those of the file count again.

    Errors: InvalidFields.
    """
    async with deps.db.transaction(area) as tx:

        async def record() -> Recorded:
            # Whoever names a place at this moment is waited for, or waits.
            known = {
                place.place_id: place
                for place in await store.list_places(tx, [each.place_id for each in places])
            }
            check_places(places, frozenset(known))
            if overwrite:
                await staff_store.forget(tx, [each.place_id for each in places])
            wanted, kept = _as_staff_named(known, places, await staff_store.read_all(tx))
            changed = list(_changes(known, wanted).values())
            await store.write_places(tx, changed)
            now = deps.clock.now()
            await deps.outbox.add_many(
                tx,
                [
                    PlaceRecorded(
                        area=area, aggregate_id=place.place_id, version=place.version,
                        occur_time=now, place=place,
                    )
                    for place in changed
                ],
            )  # fmt: skip
            return Recorded(len(changed), len(places) - len(changed), tuple(kept))

        return await once(tx, key, Recorded, record)


async def add_stop_place(
    deps: Deps, key: RequestKey, area: str, parent_place_id: str, names: Mapping[str, str],
    kana: str,
) -> Place:  # fmt: skip
    """Adds a place for a new stop where its parent is. Errors: InvalidFields, NotFound."""
    async with deps.db.transaction(area) as tx:

        async def add() -> Place:
            known = {place.place_id: place for place in await store.list_places(tx)}
            parent = known.get(parent_place_id)
            if parent is None:
                raise NotFound(f"There is no place {parent_place_id[:80]}.")
            place = Place(
                f"{parent_place_id}/stop-{new_id()[-12:]}", PlaceKind.STOP, parent_place_id, names,
                kana, parent.latitude, parent.longitude, _as_parent(parent), parent.error_m,
                version=1,
            )  # fmt: skip
            check_places([place], frozenset(known))
            await store.write_places(tx, [place])
            await deps.outbox.add(
                tx,
                PlaceRecorded(
                    area=area, aggregate_id=place.place_id, version=1,
                    occur_time=deps.clock.now(), place=place,
                ),
            )  # fmt: skip
            return place

        return await once(tx, key, Place, add)


async def add_poi_places(
    deps: Deps, key: RequestKey, area: str, places: Sequence[Place]
) -> list[str]:
    """Adds places for new POIs; returns the ids of those that are new, the others stay as they are.

    What staff called them counts as named by staff: a file that comes later changes it not. Errors:
    InvalidFields.
    """
    wanted = [
        replace(place, kind=PlaceKind.POI, parent_place_id="", version=1, error_m=0)
        for place in places
    ]
    check_poi_places(wanted)
    async with deps.db.transaction(area) as tx:

        async def add() -> list[str]:
            known = {place.place_id for place in await store.list_places(tx)}
            new = {place.place_id: place for place in wanted if place.place_id not in known}
            now = deps.clock.now()
            await store.write_places(tx, list(new.values()))
            for place in new.values():
                await staff_store.add(tx, place.place_id, place.names, now, kana=bool(place.kana))
            await deps.outbox.add_many(
                tx,
                [
                    PlaceRecorded(
                        area=area, aggregate_id=place.place_id, version=1, occur_time=now,
                        place=place,
                    )
                    for place in new.values()
                ],
            )  # fmt: skip
            return list(new)

        return await once(tx, key, list[str], add)


async def rename_stop_place(
    deps: Deps, key: RequestKey, area: str, place_id: str, names: Mapping[str, str],
    kana: str | None, version: int,
) -> Place:  # fmt: skip
    """Gives the place of a stop or POI new names; others stay, and so does kana=None.

    version: of the place that was read. Errors: InvalidFields, NotFound, VersionConflict.
    """
    async with deps.db.transaction(area) as tx:

        async def rename() -> Place:
            known = {place.place_id: place for place in await store.list_places(tx, [place_id])}
            before = known.get(place_id)
            if before is None:
                raise NotFound(f"There is no place {place_id[:80]}.")
            after = renamed(before, names, kana)
            check_places([after], frozenset(known))
            if before.version != version:
                raise VersionConflict("Somebody changed this place meanwhile. Look again.")
            if after == before:
                return before
            after = replace(after, version=before.version + 1)
            now = deps.clock.now()
            await store.write_places(tx, [after])
            await staff_store.add(tx, place_id, names, now, kana=kana is not None)
            await deps.outbox.add(
                tx,
                PlaceRecorded(
                    area=area, aggregate_id=place_id, version=after.version,
                    occur_time=now, place=after,
                ),
            )  # fmt: skip
            return after

        return await once(tx, key, Place, rename)


async def pin_place(
    deps: Deps, key: RequestKey, area: str, place_id: str, latitude: float, longitude: float,
    quality: CoordinateQuality, error_m: int, version: int,
) -> tuple[Place, int]:  # fmt: skip
    """Puts the pin of a place; returns it and how many places below moved with it.

    version: of the place that was read. Errors: InvalidFields, NotFound, VersionConflict.
    """
    async with deps.db.transaction(area) as tx:

        async def pin() -> tuple[Place, int]:
            known = {place.place_id: place for place in await store.list_places(tx)}
            if place_id not in known:
                raise NotFound(f"There is no place {place_id[:80]}.")
            wanted = pinned(known, place_id, latitude, longitude, quality, error_m)
            # Who names one of those that move is waited for, or waits; then they are read again.
            moving = [each.place_id for each in wanted]
            known = {place.place_id: place for place in await store.list_places(tx, moving)}
            before = known[place_id]
            wanted = pinned(known, place_id, latitude, longitude, quality, error_m)
            check_places(wanted, frozenset(known))
            if before.version != version:
                raise VersionConflict("Somebody changed this place meanwhile. Look again.")
            changed = list(_changes(known, wanted).values())
            await store.write_places(tx, changed)
            now = deps.clock.now()
            events = [
                PlaceRecorded(
                    area=area, aggregate_id=place.place_id, version=place.version,
                    occur_time=now, place=place,
                )
                for place in changed
            ]  # fmt: skip
            await deps.outbox.add_many(tx, events)
            after = next((each for each in changed if each.place_id == place_id), before)
            return after, len([each for each in changed if each.place_id != place_id])

        return await once(tx, key, tuple[Place, int], pin)


def _as_parent(parent: Place) -> CoordinateQuality:
    unknown = parent.coordinate_quality is CoordinateQuality.NONE
    return CoordinateQuality.NONE if unknown else CoordinateQuality.SAME_AS_PARENT


def _as_staff_named(
    known: Mapping[str, Place], places: Sequence[Place], named: Mapping[str, StaffNames]
) -> tuple[list[Place], list[NamesKept]]:
    wanted, kept = [], []
    for index, place in enumerate(places):
        before, staff = known.get(place.place_id), named.get(place.place_id)
        after = keep_staff_names(place, before, staff) if before and staff else place
        wanted.append(after)
        if staff and after != place:
            names = {tag: name for tag, name in after.names.items() if place.names.get(tag) != name}
            kana = after.kana if after.kana != place.kana else ""
            kept.append(NamesKept(index, place.place_id, staff.name_time, names, kana))
    return wanted, kept


def _changes(known: Mapping[str, Place], places: Sequence[Place]) -> dict[str, Place]:
    changed: dict[str, Place] = {}
    for place in places:
        before = known.get(place.place_id)
        after = replace(place, version=before.version + 1 if before else 1)
        if before is None or replace(before, version=after.version) != after:
            changed[place.place_id] = after
    return changed


async def close_place(
    deps: Deps,
    key: RequestKey,
    area: str,
    *,
    place_id: str,
    reason: str,
    note: str,
    from_time: datetime | None,
    until_time: datetime | None,
) -> Closure:
    """Shuts a place and everything below it. Errors: InvalidFields, NotFound."""
    now = deps.clock.now()
    begin = from_time or now
    check_closure(reason, note, begin, until_time)
    async with deps.db.transaction(area) as tx:

        async def close() -> Closure:
            parents = await store.read_parents(tx)
            if place_id not in parents:
                raise NotFound(f"There is no place {place_id[:80]}.")
            closure = Closure(new_id(), place_id, reason, note, begin, until_time, None, 1)
            await store.write_closure(tx, closure)
            await deps.outbox.add(
                tx,
                PlaceClosed(
                    area=area, aggregate_id=closure.closure_id, version=1, occur_time=now,
                    closure=closure, affected_place_ids=below(place_id, parents),
                ),
            )  # fmt: skip
            return closure

        return await once(tx, key, Closure, close)


async def reopen_place(deps: Deps, key: RequestKey, area: str, closure_id: str) -> Closure:
    """Ends a closure. Errors: InvalidFields, NotFound, ClosureOver."""
    closure_id = as_id("closure_id", closure_id)
    async with deps.db.transaction(area) as tx:

        async def reopen() -> Closure:
            before = await store.read_closure_for_update(tx, closure_id)
            if before is None:
                raise NotFound("There is no such closure.")
            if before.reopened_time is not None:
                raise ClosureOver("This closure was ended already.")
            now = deps.clock.now()
            after = replace(before, reopened_time=now, version=before.version + 1)
            await store.write_closure(tx, after)
            parents = await store.read_parents(tx)
            await deps.outbox.add(
                tx,
                PlaceReopened(
                    area=area, aggregate_id=closure_id, version=after.version, occur_time=now,
                    closure=after, affected_place_ids=below(after.place_id, parents),
                ),
            )  # fmt: skip
            return after

        return await once(tx, key, Closure, reopen)


async def list_closures(deps: Deps, area: str, *, include_ended: bool) -> list[Closure]:
    """Returns closures in force or to come, and ended ones on request; newest first."""
    async with deps.db.read(area) as tx:
        return await store.list_closures(tx, include_ended=include_ended)
