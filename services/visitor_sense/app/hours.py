"""Hours: closing them, and reading them inside and outside of the installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from kit.db import ALL_AREAS
from kit.pure.errors import InvalidFields
from kit.pure.suppression import K, release_line
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.domain import day
from services.visitor_sense.domain.events import ZoneHourCounted
from services.visitor_sense.domain.release import (
    device_figure,
    released_figure,
    released_interval,
)
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.store import hours as store
from services.visitor_sense.store.hours import Figures

# Batches under way arrive within this time; later ones correct the hour with a higher version.
CLOSE_GRACE = timedelta(minutes=2)
CLOSE_BATCH = 200
MAX_RANGE = timedelta(days=31)


@dataclass(frozen=True)
class ReleasedHour:
    """What may be shown of a zone and hour. figure: None when withheld."""

    zone_id: str
    hour: datetime
    figure: Bounded | None
    key_epochs: tuple[int, ...]


@dataclass(frozen=True)
class Released:
    """Hours by zone, and per hour the sum over all zones (None when withheld)."""

    hours: Sequence[ReleasedHour]
    totals: Sequence[tuple[datetime, int | None]]


def check_range(since: datetime, until: datetime) -> tuple[datetime, datetime]:
    """Returns the range cut to whole hours. Errors: InvalidFields."""
    first = day.hour_of(since)
    if not first < until:
        raise InvalidFields([("to_time", "must be after from_time")])
    if until - first > MAX_RANGE:
        raise InvalidFields([("to_time", "at most 31 days after from_time")])
    return first, until


async def count_devices(
    deps: Deps, area: str, since: datetime, until: datetime, zone_id: str
) -> list[Figures]:
    """Returns exact figures, NOT suppressed, for use inside of the installation only."""
    first, last = check_range(since, until)
    async with deps.db.read(area) as tx:
        return await store.read_hours(tx, first, last, zone_id)


async def read_visitors(
    deps: Deps, area: str, since: datetime, until: datetime, zone_id: str
) -> Released:
    """Returns what may be shown of finished hours.

    What is withheld is decided over all zones of an hour, also when one zone is asked for.
    """
    first, last = check_range(since, until)
    async with deps.db.read(area) as tx:
        figures = await store.read_hours(tx, first, last)
    hours, totals = list[ReleasedHour](), list[tuple[datetime, int | None]]()
    finished = [one for one in figures if one.version > 0]
    for hour, group in groupby(finished, key=lambda one: one.hour):
        zones = {one.zone_id: one for one in group}
        line = release_line({name: _public_count(one) for name, one in zones.items()})
        totals.append((hour, line.total))
        for name, one in zones.items():
            shown = line.cells[name]
            figure = None if shown is None else released_interval(shown)
            hours.append(ReleasedHour(name, hour, figure, one.key_epochs))
    if zone_id:
        return Released([one for one in hours if one.zone_id == zone_id], [])
    return Released(hours, totals)


def _public_count(figures: Figures) -> int:
    if figures.released is not None:
        return figures.released
    return min(figures.devices.estimate, K - 1)


async def close_hours(deps: Deps) -> int:
    """Says finished hours that are new or were corrected, in all areas; returns how many."""
    now = deps.clock.now()
    async with deps.db.transaction(ALL_AREAS) as tx:
        found = await store.hours_to_close(tx, now - CLOSE_GRACE, CLOSE_BATCH)
        for one in found:
            released = released_figure(one.devices.estimate, one.released)
            await store.close_hour(tx, one, released)
            await deps.outbox.add(tx, _counted(one, released, now))
    return len(found)


def _counted(one: Figures, released: int | None, now: datetime) -> ZoneHourCounted:
    return ZoneHourCounted(
        area=one.area,
        aggregate_id=f"{one.zone_id}/{day.hour_name(one.hour)}",
        version=one.version + 1,
        occur_time=now,
        zone_id=one.zone_id,
        place_id=one.place_id,
        hour=one.hour,
        devices=device_figure(one.devices, one.addresses),
        addresses=one.addresses.estimate,
        frames=one.frames,
        key_date=day.key_date(one.hour),
        key_epochs=one.key_epochs,
        released=released,
    )


async def forget_values(deps: Deps) -> int:
    """Turns lists of pseudonyms into sketches 24 hours after their hour; returns how many rows."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await store.forget_values(tx, deps.clock.now() - day.RETENTION, CLOSE_BATCH)
