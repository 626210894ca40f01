"""Finished days: closing them, and what they tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from kit.db import Transaction
from services.visitor_sense.domain import day
from services.visitor_sense.domain.sketch import Distinct


@dataclass(frozen=True)
class ZoneDay:
    """A zone and day. stays: of devices that keep their address. quartiles_s: of their dwell.
    came_s, left_s: steps of when they were heard first and last, in seconds of the local day."""

    zone_id: str
    key_date: date
    stays: int
    quartiles_s: tuple[float, ...]
    came_s: tuple[int, ...] = ()
    left_s: tuple[int, ...] = ()
    noise_tenths: int = 0


@dataclass(frozen=True)
class ClosedDay:
    """A day that is closed. directed: moves were counted. noise_tenths: of epsilon, 0 without."""

    key_date: date
    directed: bool
    noise_tenths: int


@dataclass(frozen=True)
class ZoneDevices:
    """Different devices of a zone and day, as hours count them."""

    key_date: date
    zone_id: str
    devices: int


@dataclass(frozen=True)
class ZoneMove:
    """Devices that keep their address and went from one zone to the next on a day."""

    key_date: date
    from_zone_id: str
    to_zone_id: str
    devices: int
    noise_tenths: int


@dataclass(frozen=True)
class ZonePair:
    """Devices that keep their address and were in both zones on a day."""

    key_date: date
    zone_id: str
    other_zone_id: str
    devices: int


async def days_to_close(tx: Transaction, midnight: datetime) -> list[tuple[str, date]]:
    """Returns areas and days before a midnight that have minutes and were not closed."""
    rows = await tx.fetch_all(
        "select distinct area, date_trunc('hour', minute) as hour from zone_minutes"
        " where minute < %s",
        (midnight,),
    )
    closed = await tx.fetch_all(
        "select area, key_date from closed_days where key_date >= %s",
        (day.key_date(midnight - 2 * day.RETENTION),),
    )
    known = {(row["area"], row["key_date"]) for row in closed}
    return sorted({(row["area"], day.key_date(row["hour"])) for row in rows} - known)


async def minutes_between(
    tx: Transaction, begin: datetime, end: datetime
) -> list[tuple[str, datetime, Distinct]]:
    """Returns zone, minute and devices near by of the area, in order of time."""
    rows = await tx.fetch_all(
        "select zone_id, minute, near from zone_minutes where area = %s and minute >= %s"
        " and minute < %s order by minute, zone_id",
        (tx.area, begin, end),
    )
    return [
        (row["zone_id"], row["minute"], Distinct.from_bytes(bytes(row["near"]))) for row in rows
    ]


async def put_day(
    tx: Transaction,
    day_closed: ClosedDay,
    now: datetime,
    zones: Mapping[str, ZoneDay],
    pairs: Mapping[tuple[str, str], int],
    moves: Mapping[tuple[str, str], int],
    different: Mapping[str, int],
) -> bool:
    """Closes a day of the area; returns False when it was closed before."""
    key_date = day_closed.key_date
    fresh = await tx.execute(
        "insert into closed_days (area, key_date, close_time, directed, noise_tenths)"
        " values (%s, %s, %s, %s, %s) on conflict do nothing",
        (tx.area, key_date, now, day_closed.directed, day_closed.noise_tenths),
    )
    if not fresh:
        return False
    for one in zones.values():
        await tx.execute(
            "insert into zone_days (area, zone_id, key_date, stays, quartiles_s, came_s, left_s)"
            " values (%s, %s, %s, %s, %s, %s, %s)",
            (
                tx.area,
                one.zone_id,
                key_date,
                one.stays,
                list(one.quartiles_s),
                list(one.came_s),
                list(one.left_s),
            ),
        )
    for (zone_id, other), devices in pairs.items():
        await tx.execute(
            "insert into zone_pairs (area, key_date, zone_id, other_zone_id, devices)"
            " values (%s, %s, %s, %s, %s)",
            (tx.area, key_date, zone_id, other, devices),
        )
    for (left, reached), devices in moves.items():
        await tx.execute(
            "insert into zone_moves (area, key_date, from_zone_id, to_zone_id, devices)"
            " values (%s, %s, %s, %s, %s)",
            (tx.area, key_date, left, reached, devices),
        )
    for zone_id, devices in different.items():
        await tx.execute(
            "insert into zone_day_devices (area, zone_id, key_date, devices)"
            " values (%s, %s, %s, %s)",
            (tx.area, zone_id, key_date, devices),
        )
    return True


async def read_days(
    tx: Transaction, first: date, last: date
) -> tuple[list[ClosedDay], list[ZoneDay], list[ZonePair], list[ZoneMove], list[ZoneDevices]]:
    """Returns the closed days from first to last, and what they tell."""
    span = (tx.area, first, last)
    closed = await tx.fetch_all(
        "select key_date, directed, noise_tenths from closed_days where area = %s"
        " and key_date between %s and %s"
        " order by key_date",
        span,
    )
    zones = await tx.fetch_all(
        "select zone_id, key_date, stays, quartiles_s, came_s, left_s from zone_days"
        " where area = %s"
        " and key_date between %s and %s order by key_date, zone_id",
        span,
    )
    pairs = await tx.fetch_all(
        "select key_date, zone_id, other_zone_id, devices from zone_pairs where area = %s"
        " and key_date between %s and %s order by key_date, zone_id, other_zone_id",
        span,
    )
    moves = await tx.fetch_all(
        "select key_date, from_zone_id, to_zone_id, devices from zone_moves where area = %s"
        " and key_date between %s and %s order by key_date, from_zone_id, to_zone_id",
        span,
    )
    devices = await tx.fetch_all(
        "select key_date, zone_id, devices from zone_day_devices where area = %s"
        " and key_date between %s and %s order by key_date, zone_id",
        span,
    )
    noise = {row["key_date"]: row["noise_tenths"] for row in closed}
    return (
        [ClosedDay(**row) for row in closed],
        [
            ZoneDay(
                row["zone_id"], row["key_date"], row["stays"], tuple(row["quartiles_s"]),
                tuple(row["came_s"]), tuple(row["left_s"]), noise.get(row["key_date"], 0),
            )
            for row in zones
        ],
        [
            ZonePair(row["key_date"], row["zone_id"], row["other_zone_id"], row["devices"])
            for row in pairs
        ],
        [
            ZoneMove(
                row["key_date"], row["from_zone_id"], row["to_zone_id"], row["devices"],
                noise.get(row["key_date"], 0),
            )
            for row in moves
        ],
        [ZoneDevices(**row) for row in devices],
    )  # fmt: skip
