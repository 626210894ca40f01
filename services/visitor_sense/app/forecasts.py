"""Foretelling hours: from nothing but figures that were released, once an hour and area.

What is foretold is made of what everybody may read, so it tells of nobody what that does not. An
hour that is withheld is taken as five; foretold below ten it is withheld as well.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from kit import log
from kit.db import ALL_AREAS
from kit.pure.suppression import K
from services.visitor_sense.app.deps import Deps
from services.visitor_sense.app.hours import ReleasedHour, released_hours
from services.visitor_sense.app.silence import read_flawed
from services.visitor_sense.domain import day
from services.visitor_sense.domain.people import Method
from services.visitor_sense.gateways.forecaster import ForecasterDown
from services.visitor_sense.store import areas as area_store
from services.visitor_sense.store import forecasts as store
from services.visitor_sense.store import hours as hour_store
from services.visitor_sense.store import zones as zone_store
from services.visitor_sense.store.forecasts import Foretold

LOOK_BACK = timedelta(days=800)
FLAWED_BACK = timedelta(days=14)  # flawed hours farther back are learned from as they stand
LEAST_DAYS = 42  # as domain.forecast, which costs a second to load
SETTLED = timedelta(minutes=4)  # the hour that just ended is told by then
WITHHELD_AS = 5.0
TOO_FEW_DAYS = "TOO_FEW_DAYS"

Foretell = Callable[
    [datetime, Mapping[str, Mapping[datetime, float]]], Awaitable[dict[str, dict[str, Any]]]
]


@dataclass(frozen=True)
class HourTold:
    """An hour to come. figure: estimate, low, high; None when below k."""

    hour: datetime
    figure: tuple[int, int, int] | None


@dataclass(frozen=True)
class ZoneForecast:
    """What is foretold of a zone, or why not: reason is empty where it is foretold.

    make_time: None where nobody has looked yet. judged: as gateways.forecaster writes it.
    """

    zone_id: str
    make_time: datetime | None
    people: bool
    days: int
    reason: str
    hours: Sequence[HourTold] = ()
    judged: Mapping[str, float] | None = None


async def refresh(deps: Deps, foretell: Foretell) -> int:
    """Foretells the areas whose last hour is told and not looked at yet; returns how many."""
    now = deps.clock.now()
    async with deps.db.read(ALL_AREAS) as tx:
        areas = await area_store.all_areas(tx)
    done = 0
    for area in areas:
        async with deps.db.read(area) as tx:
            newest = await store.newest(tx)
        if newest is None or newest < day.hour_of(now - SETTLED) + SETTLED:
            done += await _refresh(deps, foretell, area, now)
    return done


async def _refresh(deps: Deps, foretell: Foretell, area: str, now: datetime) -> bool:
    first, last = day.hour_of(now - LOOK_BACK), day.hour_of(now)
    async with deps.db.read(area) as tx:
        figures = await hour_store.read_hours(tx, first, last)
        zones = [zone.zone_id for zone in await zone_store.list_zones(tx)]
        flawed = await read_flawed(tx, day.hour_of(now - FLAWED_BACK), last, now)
    left_out = {(one.zone_id, one.hour) for one in flawed}
    by_zone: dict[str, list[ReleasedHour]] = {zone_id: [] for zone_id in zones}
    for one in released_hours(figures)[0]:
        if (one.zone_id, one.hour) not in left_out and one.zone_id in by_zone:
            by_zone[one.zone_id].append(one)
    known = {zone_id: _alike(hours) for zone_id, hours in by_zone.items()}
    enough = {zone: hours for zone, (hours, _) in known.items() if _days(hours) >= LEAST_DAYS}
    try:
        told = await foretell(now, enough) if enough else {}
    except ForecasterDown as error:
        log.get("forecasts").warning("nothing is foretold", area=area, error=str(error))
        return False
    async with deps.db.transaction(area) as tx:
        for zone_id, (hours, people) in known.items():
            found = told.get(zone_id) or {
                "days": _days(hours), "reason": TOO_FEW_DAYS, "judged": None, "hours": [],
            }  # fmt: skip
            await store.put_forecast(tx, Foretold(zone_id, now, people, found))
    return True


def _alike(hours: Sequence[ReleasedHour]) -> tuple[dict[datetime, float], bool]:
    """Returns the hours that are told in the same way as the newest, and whether they tell people.
    What is counted another way would look like a change of the place."""
    if not hours:
        return {}, False
    method = hours[-1].method
    alike = {
        one.hour: float(one.figure.estimate) if one.figure else WITHHELD_AS
        for one in hours
        if one.method is method
    }
    return alike, method is Method.CALIBRATED


def _days(hours: Mapping[datetime, float]) -> int:
    return len({day.key_date(hour) for hour in hours})


async def read_forecast(deps: Deps, area: str) -> list[ZoneForecast]:
    """Returns what is foretold of all zones, from this hour on."""
    this = day.hour_of(deps.clock.now())
    async with deps.db.read(area) as tx:
        zones = [zone.zone_id for zone in await zone_store.list_zones(tx)]
        there = {one.zone_id: one for one in await store.read_forecasts(tx)}
    return [_zone(zone_id, there.get(zone_id), this) for zone_id in zones]


def _zone(zone_id: str, one: Foretold | None, this: datetime) -> ZoneForecast:
    if one is None:
        return ZoneForecast(zone_id, None, people=False, days=0, reason=TOO_FEW_DAYS)
    hours = [
        HourTold(hour, _figure(estimate, low, high))
        for at, estimate, low, high in one.told["hours"]
        if (hour := datetime.fromtimestamp(at, UTC)) >= this
    ]
    return ZoneForecast(
        zone_id, one.make_time, one.people, one.told["days"], one.told["reason"] or "", hours,
        one.told["judged"],
    )  # fmt: skip


def _figure(estimate: float, low: float, high: float) -> tuple[int, int, int] | None:
    found = round(estimate)
    return (found, min(found, int(low)), max(found, -int(-high // 1))) if found >= K else None
