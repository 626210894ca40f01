"""What the area offers: places and closures as heard, and its own POIs.

Whoever changes any of it gives the area another mark first (`areas.mark_change`), which also keeps
two that change the same rows in different orders apart.
"""

import json
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.itinerary.domain.place import Closure, KnownPoint, Place, Point, PointQuality
from services.itinerary.domain.poi import Poi
from services.itinerary.store.areas import mark_change

_POI = msgspec.json.Decoder(Poi)


async def write_place(tx: Transaction, place: Place, said_time: datetime) -> None:
    """Keeps a place, unless a newer state of it is known."""
    point = place.location.point if place.location else None
    await mark_change(tx)
    await tx.execute(
        "insert into places (area, place_id, names, latitude, longitude, quality, error_m,"
        " version, said_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, place_id) do update set names = excluded.names,"
        " latitude = excluded.latitude, longitude = excluded.longitude,"
        " quality = excluded.quality, error_m = excluded.error_m, version = excluded.version,"
        " said_time = excluded.said_time"
        " where places.version < excluded.version",
        (tx.area, place.place_id, json.dumps(dict(place.names)),
         point.latitude if point else None, point.longitude if point else None,
         place.location.quality.value if place.location else None,
         place.location.error_m if place.location else 0, place.version, said_time),
    )  # fmt: skip


async def list_places(tx: Transaction) -> dict[str, Place]:
    """Returns all places, by id."""
    rows = await tx.fetch_all("select * from places where area = %s", (tx.area,))
    return {row["place_id"]: _place(row) for row in rows}


def _place(row: Row) -> Place:
    location = None
    if row["quality"] is not None:
        location = KnownPoint(
            Point(row["latitude"], row["longitude"]), PointQuality(row["quality"]), row["error_m"]
        )
    return Place(row["place_id"], row["names"], location, row["version"])


async def write_closure(
    tx: Transaction, closure: Closure, version: int, said_time: datetime
) -> None:
    """Keeps a closure, unless its end was heard before its beginning."""
    await mark_change(tx)
    await tx.execute(
        "insert into closures (area, closure_id, place_ids, reason, from_time, until_time, ended,"
        " version, said_time) values (%s, %s, %s, %s, %s, %s, false, %s, %s)"
        " on conflict (area, closure_id) do update set place_ids = excluded.place_ids,"
        " reason = excluded.reason, from_time = excluded.from_time,"
        " until_time = excluded.until_time, ended = false, version = excluded.version"
        " where closures.version < excluded.version",
        (tx.area, closure.closure_id, sorted(closure.place_ids), closure.reason,
         closure.from_time, closure.until_time, version, said_time),
    )  # fmt: skip


async def end_closure(tx: Transaction, closure_id: str, version: int, said_time: datetime) -> None:
    """Ends a closure; a row without a time is kept so that a late beginning changes nothing."""
    await mark_change(tx)
    await tx.execute(
        "insert into closures (area, closure_id, place_ids, reason, ended, version, said_time)"
        " values (%s, %s, '{}', '', true, %s, %s)"
        " on conflict (area, closure_id) do update set ended = true, version = excluded.version"
        " where closures.version < excluded.version",
        (tx.area, closure_id, version, said_time),
    )


async def list_closures(tx: Transaction, after: datetime) -> list[Closure]:
    """Returns closures in force at or after a moment, the earliest first."""
    rows = await tx.fetch_all(
        "select * from closures where area = %s and not ended"
        " and (until_time is null or until_time > %s) order by from_time, closure_id",
        (tx.area, after),
    )
    return [
        Closure(row["closure_id"], frozenset(row["place_ids"]), row["reason"], row["from_time"],
                row["until_time"])
        for row in rows
    ]  # fmt: skip


async def list_pois(
    tx: Transaction, after: str = "", limit: int | None = None
) -> list[tuple[Poi, int]]:
    """Returns the POIs that visitors see with their versions, by id, from behind one id. limit
    None: all."""
    rows = await tx.fetch_all(
        "select body::text as body, version from pois where area = %s and state = 'listed'"
        " and poi_id > %s order by poi_id limit %s",
        (tx.area, after, limit),
    )
    return [(_POI.decode(row["body"]), row["version"]) for row in rows]
