"""Places and closures."""

import json
from collections.abc import Mapping, Sequence

from kit.db import Row, Transaction
from services.directory.domain.place import Closure, CoordinateQuality, Place, PlaceKind


def _place(row: Row) -> Place:
    return Place(
        place_id=row["place_id"],
        kind=PlaceKind(row["kind"]),
        parent_place_id=row["parent_place_id"],
        names=row["names"],
        kana=row["kana"],
        latitude=row["latitude"],
        longitude=row["longitude"],
        coordinate_quality=CoordinateQuality(row["coordinate_quality"]),
        error_m=row["error_m"],
        version=row["version"],
    )


async def list_places(tx: Transaction, lock: list[str] | None = None) -> list[Place]:
    """Returns all places of the area, by id. lock: ids of those that nobody else changes until the
    end of the transaction; a list, for a single id would be taken for many of one letter."""
    if lock:
        await tx.fetch_all(
            "select 1 from places where area = %s and place_id = any(%s)"
            " order by place_id for update",
            (tx.area, lock),
        )
    rows = await tx.fetch_all("select * from places where area = %s order by place_id", (tx.area,))
    return [_place(row) for row in rows]


async def write_places(tx: Transaction, places: Sequence[Place]) -> None:
    """Inserts or replaces places."""
    await tx.execute_many(
        "insert into places (area, place_id, kind, parent_place_id, names, kana, latitude,"
        " longitude, coordinate_quality, error_m, version)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, place_id) do update set kind = excluded.kind,"
        " parent_place_id = excluded.parent_place_id, names = excluded.names,"
        " kana = excluded.kana, latitude = excluded.latitude, longitude = excluded.longitude,"
        " coordinate_quality = excluded.coordinate_quality, error_m = excluded.error_m,"
        " version = excluded.version",
        [
            (tx.area, place.place_id, int(place.kind), place.parent_place_id,
             json.dumps(dict(place.names)), place.kana, place.latitude, place.longitude,
             int(place.coordinate_quality), place.error_m, place.version)
            for place in places
        ],
    )  # fmt: skip


async def read_parents(tx: Transaction) -> Mapping[str, str]:
    """Returns place id to parent id ("" for a top place) of the whole area."""
    rows = await tx.fetch_all(
        "select place_id, parent_place_id from places where area = %s", (tx.area,)
    )
    return {row["place_id"]: row["parent_place_id"] for row in rows}


def _closure(row: Row) -> Closure:
    return Closure(
        closure_id=str(row["closure_id"]),
        place_id=row["place_id"],
        reason=row["reason"],
        note=row["note"],
        from_time=row["from_time"],
        until_time=row["until_time"],
        reopened_time=row["reopened_time"],
        version=row["version"],
    )


async def write_closure(tx: Transaction, closure: Closure) -> None:
    """Inserts a closure or records its end."""
    await tx.execute(
        "insert into closures (area, closure_id, place_id, reason, note, from_time, until_time,"
        " reopened_time, version) values (%s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, closure_id) do update set reopened_time = excluded.reopened_time,"
        " version = excluded.version",
        (tx.area, closure.closure_id, closure.place_id, closure.reason, closure.note,
         closure.from_time, closure.until_time, closure.reopened_time, closure.version),
    )  # fmt: skip


async def read_closure_for_update(tx: Transaction, closure_id: str) -> Closure | None:
    """Returns a closure and locks it until the end of the transaction."""
    row = await tx.fetch_one(
        "select * from closures where area = %s and closure_id = %s for update",
        (tx.area, closure_id),
    )
    return _closure(row) if row else None


async def list_closures(tx: Transaction, *, include_ended: bool) -> list[Closure]:
    """Returns closures, newest first, at most 200."""
    rows = await tx.fetch_all(
        "select * from closures where area = %s and (%s or (reopened_time is null"
        " and (until_time is null or until_time > now())))"
        " order by closure_id desc limit 200",
        (tx.area, include_ended),
    )
    return [_closure(row) for row in rows]
