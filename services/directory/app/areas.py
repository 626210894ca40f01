"""Areas."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from kit.area import forget_area
from kit.db import ALL_AREAS
from kit.ids import new_id
from kit.pure.errors import InvalidFields, NotFound, VersionConflict
from kit.requests import RequestKey, once
from services.directory.app.deps import Deps
from services.directory.domain.area import (
    Area,
    AreaConfigured,
    AreaDropped,
    check_area,
    check_droppable,
    check_locales,
)
from services.directory.store import areas as store


async def list_areas(deps: Deps) -> list[Area]:
    """Returns all areas of the installation."""
    async with deps.db.read(ALL_AREAS) as tx:
        return await store.list_areas(tx)


async def read_area(deps: Deps, area: str) -> Area:
    """Returns one area. Errors: NotFound."""
    async with deps.db.read(area) as tx:
        found = await store.read_area(tx)
    if found is None:
        raise NotFound(f"There is no area {area}.")
    return found


async def configure_area(deps: Deps, key: RequestKey, area: str, settings: Area) -> Area:
    """Creates an area or changes its settings. Errors: InvalidFields, HostTaken."""
    if settings.area != area:
        raise InvalidFields([("area.area", "it must be the area you are signed in to")])
    check_area(settings)
    async with deps.db.transaction(area) as tx:

        async def change() -> Area:
            before = await store.read_area(tx)
            version = before.version + 1 if before else 1
            after = replace(settings, version=version, hosts=tuple(sorted(set(settings.hosts))))
            if before is not None:
                after = replace(after, demo=before.demo)  # a real area never becomes droppable
                if replace(before, version=version) == after:
                    return before
            await store.write_area(tx, after)
            await deps.outbox.add(tx, configured(deps, after))
            return after

        return await once(tx, key, Area, change)


async def change_locales(
    deps: Deps, key: RequestKey, area: str, locales: Sequence[str], names: Mapping[str, str],
    version: int,
) -> Area:  # fmt: skip
    """Offers visitors these languages. Errors: NotFound, VersionConflict, InvalidFields."""
    async with deps.db.transaction(area) as tx:

        async def change() -> Area:
            before = await store.read_area(tx)
            if before is None:
                raise NotFound(f"There is no area {area}.")
            if before.version != version:
                raise VersionConflict("The area was changed meanwhile. Open the page again.")
            check_locales(locales, before.locales[0])
            after = replace(
                before, version=version + 1, locales=tuple(locales),
                names={**{each: names[each] for each in locales if each in names}, **before.names},
            )  # fmt: skip
            check_area(after)
            await store.write_area(tx, after)
            await deps.outbox.add(tx, configured(deps, after))
            return after

        return await once(tx, key, Area, change)


def configured(deps: Deps, settings: Area) -> AreaConfigured:
    """Returns the event that tells of an area as it is now."""
    return AreaConfigured(
        area=settings.area, aggregate_id=settings.area, version=settings.version,
        occur_time=deps.clock.now(), settings=settings,
    )  # fmt: skip


async def drop_area(deps: Deps, key: RequestKey, area: str, *, confirmed: bool = False) -> None:
    """Removes an area everywhere: a demonstration, or a real one when confirmed.

    Errors: NotFound, AreaNotDemo.
    """
    async with deps.db.transaction(area) as tx:

        async def drop() -> None:
            found = await store.read_area(tx)
            if found is None:
                raise NotFound(f"There is no area {area}.")
            check_droppable(found, confirmed=confirmed)
            await store.delete_area(tx)
            await forget_area(
                tx, drop_id=new_id(), drop_time=deps.clock.now(), request_id=key.request_id
            )
            await deps.outbox.add(
                tx,
                AreaDropped(
                    area=area, aggregate_id=area, version=found.version + 1,
                    occur_time=deps.clock.now(),
                ),
            )  # fmt: skip

        await once(tx, key, type(None), drop)
