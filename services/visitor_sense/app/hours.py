"""Hours: closing them, and reading them inside and outside of the installation."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from kit.db import ALL_AREAS, Transaction
from kit.pure.errors import InvalidFields
from kit.pure.suppression import K
from services.visitor_sense.app.calibrations import ZoneLearned, zones_learned
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.silence import read_flawed
from services.visitor_sense.domain import day
from services.visitor_sense.domain.events import ZoneHourCounted
from services.visitor_sense.domain.nearby import near_in_hour
from services.visitor_sense.domain.noise import Noise
from services.visitor_sense.domain.people import Method, Told, tell, tell_noisy
from services.visitor_sense.domain.release import (
    device_figure,
    noisy_interval,
    released_figure,
    released_interval,
    released_line,
)
from services.visitor_sense.domain.silence import Flawed
from services.visitor_sense.domain.sketch import Bounded
from services.visitor_sense.store import hours as store
from services.visitor_sense.store.calibrations import learned_for
from services.visitor_sense.store.hours import Figures
from services.visitor_sense.store.minutes import forget_minutes as forget
from services.visitor_sense.store.minutes import near_of_hour
from services.visitor_sense.store.noise import budget_on

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
    method: Method
    calibration_version: int
    key_epochs: tuple[int, ...]
    noise_scale: float = 0.0


@dataclass(frozen=True)
class ReleasedTotal:
    """The sum over all zones of an hour. estimate: in tens, less than 20 below the sum; None when
    withheld, also where some zones tell people and others devices: their sum would be neither."""

    hour: datetime
    estimate: int | None
    people: bool


@dataclass(frozen=True)
class Released:
    """Hours by zone, sums per hour, what the zones have learned, and hours that a sensor heard only
    in part: their figures may be too low."""

    hours: Sequence[ReleasedHour]
    totals: Sequence[ReleasedTotal]
    learned: Sequence[ZoneLearned]
    flawed: Sequence[Flawed] = ()


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
        learned = await zones_learned(tx)
        flawed = await read_flawed(tx, first, last, deps.clock.now())
    hours, totals = released_hours(figures)
    if zone_id:
        mine = [one for one in hours if one.zone_id == zone_id]
        return Released(
            mine, [], [one for one in learned if one.learned.zone_id == zone_id],
            [one for one in flawed if one.zone_id == zone_id],
        )  # fmt: skip
    return Released(hours, totals, learned, flawed)


def released_hours(
    figures: Sequence[Figures],
) -> tuple[list[ReleasedHour], list[ReleasedTotal]]:
    """Returns what may be shown of finished hours of all zones, given in order of the hours."""
    hours, totals = list[ReleasedHour](), list[ReleasedTotal]()
    finished = [one for one in figures if one.version > 0]
    for hour, group in groupby(finished, key=lambda one: one.hour):
        zones = {one.zone_id: one for one in group}
        least = max(_least(one.told) for one in zones.values())
        line = released_line({name: _public_count(one) for name, one in zones.items()}, least)
        kinds = {one.told.method is Method.CALIBRATED for one in zones.values()}
        total = line.total if len(kinds) == 1 else None
        totals.append(ReleasedTotal(hour, total, kinds == {True}))
        for name, one in zones.items():
            figure = None if line.cells[name] is None else _public_figure(one)
            noise = _noise_of(one.told)
            hours.append(
                ReleasedHour(
                    name, hour, figure, one.told.method, one.told.calibration_version,
                    one.key_epochs, float(noise.scale) if noise else 0.0,
                )
            )  # fmt: skip
    return hours, totals


def _least(told: Told) -> int:
    """Returns what a figure has to be at least to be shown."""
    if told.noise is None or told.method is Method.CALIBRATED:
        return K
    return told.noise.hour.shown_from


def _noise_of(told: Told) -> Noise | None:
    """Returns the noise in what an hour tells."""
    if told.noise is None:
        return None
    return told.noise.shared() if told.method is Method.CALIBRATED else told.noise.hour


def _public_figure(figures: Figures) -> Bounded:
    if figures.told.method is Method.SIGNATURE and not figures.told.noise:
        return released_interval(_public_count(figures))
    assert figures.told.figure is not None  # noqa: S101 - else its count is below K
    return figures.told.figure


def _public_count(figures: Figures) -> int:
    told = figures.told
    if told.noise or told.method is not Method.SIGNATURE:
        return told.figure.estimate if told.figure else min(told.raw, _least(told) - 1)
    if figures.released is not None:
        return figures.released
    return min(figures.devices.estimate, K - 1)


async def close_hours(deps: Deps) -> int:
    """Says finished hours that are new or were corrected, in all areas; returns how many."""
    now = deps.clock.now()
    async with deps.db.transaction(ALL_AREAS) as tx:
        found = await store.hours_to_close(tx, now - CLOSE_GRACE, CLOSE_BATCH)
        return sum([await _close(deps, tx, one, now) for one in found])


async def _close(deps: Deps, tx: Transaction, one: Figures, now: datetime) -> bool:
    near = near_in_hour(await near_of_hour(tx, one.area, one.zone_id, one.hour))
    learned = await learned_for(tx, one.area, one.zone_id, one.told.calibration_version, now)
    before = one.told if one.version else None  # an hour keeps its way
    budget = before.noise if before else await budget_on(tx, one.area, day.key_date(one.hour))
    if budget is None:
        released = released_figure(one.devices.estimate, one.released)
        told = tell(one.devices.estimate, one.bursts, near, learned, before)
    elif before is not None:
        released, told = one.released, before
    elif one.count_time is not None and one.count_time > now - CLOSE_GRACE:
        return False  # a sensor still tells what waited there, and there is one draw only
    else:
        told, released = tell_noisy(one.devices.estimate, near, learned, budget)
    await store.close_hour(tx, one, released, near, told)
    await deps.outbox.add(tx, _counted(one, released, told, now))
    return True


def _counted(one: Figures, released: int | None, told: Told, now: datetime) -> ZoneHourCounted:
    devices, noise = device_figure(one.devices, one.addresses), _noise_of(told)
    if noise is not None:  # pages of others show it: nothing exact leaves here then
        devices = noisy_interval(released or 0, noise)
    return ZoneHourCounted(
        area=one.area,
        aggregate_id=f"{one.zone_id}/{day.hour_name(one.hour)}",
        version=one.version + 1,
        occur_time=now,
        zone_id=one.zone_id,
        place_id=one.place_id,
        hour=one.hour,
        devices=devices,
        addresses=0 if noise else one.addresses.estimate,
        frames=0 if noise else one.frames,
        key_date=day.key_date(one.hour),
        key_epochs=one.key_epochs,
        released=released,
    )


async def forget_minutes(deps: Deps) -> int:
    """Deletes devices near by of minutes whose hour can no longer change; returns how many rows."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await forget(tx, deps.clock.now() - day.RETENTION - timedelta(hours=1))


async def forget_values(deps: Deps) -> int:
    """Turns lists of pseudonyms into sketches 24 hours after their hour; returns how many rows."""
    async with deps.db.transaction(ALL_AREAS) as tx:
        return await store.forget_values(tx, deps.clock.now() - day.RETENTION, CLOSE_BATCH)
