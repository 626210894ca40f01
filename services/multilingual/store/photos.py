"""Photos of stops; store/recordings.py keeps their bytes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.photo import Photo, PhotoFile
from services.multilingual.domain.recording import ErasedKind

KEEP_REMOVED_DAYS = 30  # as long as one can be brought back


def _photo(row: Row) -> Photo:
    return Photo(
        photo_id=str(row["photo_id"]),
        stop_code=row["stop_code"],
        position=row["position"],
        version=row["version"],
        files=tuple(PhotoFile(**each) for each in row["files"]),
        credit=row["credit"],
        alts=row["alts"],
        author=row["author"],
        create_time=row["create_time"],
        remove_time=row["remove_time"],
        writer=row["writer"],
        waiting=row["waiting"],
        reading=Reading(row["reading"]),
        looker=row["looker"],
        reason=row["reason"],
    )


async def list_shown(tx: Transaction) -> Mapping[str, tuple[Photo, ...]]:
    """Returns stop code → photos that visitors see, in order."""
    rows = await tx.fetch_all(
        "select * from photos where area = %s and remove_time is null and not waiting"
        " order by position, photo_id",
        (tx.area,),
    )
    found: defaultdict[str, tuple[Photo, ...]] = defaultdict(tuple)
    for row in rows:
        found[row["stop_code"]] += (_photo(row),)
    return dict(found)


async def list_of(tx: Transaction, stop_code: str) -> list[Photo]:
    """Returns the photos of a stop in order, then those taken away, the last one first."""
    rows = await tx.fetch_all(
        "select * from photos where area = %s and stop_code = %s"
        " order by remove_time desc nulls first, position, photo_id",
        (tx.area, stop_code),
    )
    return [_photo(row) for row in rows]


async def read(tx: Transaction, photo_id: str) -> Photo | None:
    """Returns a photo, also one that was taken away."""
    row = await tx.fetch_one(
        "select * from photos where area = %s and photo_id = %s", (tx.area, photo_id)
    )
    return _photo(row) if row else None


async def put(tx: Transaction, photo: Photo) -> None:
    """Keeps a photo as it is now; its bytes, stop and author never change."""
    await tx.execute(
        "insert into photos (area, photo_id, stop_code, position, version, files, credit, alts,"
        " author, create_time, remove_time, writer, waiting, reading, looker, reason)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, photo_id) do update set position = excluded.position,"
        " version = excluded.version, credit = excluded.credit, alts = excluded.alts,"
        " remove_time = excluded.remove_time, writer = excluded.writer,"
        " waiting = excluded.waiting, reading = excluded.reading, looker = excluded.looker,"
        " reason = excluded.reason",
        (tx.area, photo.photo_id, photo.stop_code, photo.position, photo.version,
         json.dumps([asdict(each) for each in photo.files]), photo.credit,
         json.dumps(dict(photo.alts)), photo.author, photo.create_time, photo.remove_time,
         photo.writer, photo.waiting, int(photo.reading), photo.looker, photo.reason),
    )  # fmt: skip


async def order(tx: Transaction, photo_ids: Sequence[str]) -> None:
    """Numbers photos in this order, from 1."""
    await tx.execute_many(
        "update photos set position = %s where area = %s and photo_id = %s",
        [(at, tx.area, photo_id) for at, photo_id in enumerate(photo_ids, 1)],
    )


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Forgets what was taken away for long; what names its bytes no longer lets them go."""
    await tx.execute(
        "delete from photos where area = %s and remove_time < %s - make_interval(days => %s)",
        (tx.area, now, KEEP_REMOVED_DAYS),
    )


async def list_waiting(tx: Transaction) -> list[Photo]:
    """Returns the photos that wait for a look, those that wait longest first."""
    rows = await tx.fetch_all(
        "select * from photos where area = %s and remove_time is null and waiting"
        " order by create_time, photo_id",
        (tx.area,),
    )
    return [_photo(row) for row in rows]


async def erase(
    tx: Transaction, sha256s: Sequence[str], eraser: str, number: int, now: datetime,
    *, kind: ErasedKind, reason: int,
) -> list[str]:  # fmt: skip
    """Forgets bytes, and each photo that has one of them, for good; only their names are kept.

    number: change number of the area. kind, reason: see forget_bytes. Returns the stops whose
    photos went.
    """
    names = list(sha256s)
    rows = await tx.fetch_all(
        "delete from photos where area = %s and exists (select from jsonb_array_elements(files) f"
        " where f->>'sha256' = any(%s)) returning stop_code",
        (tx.area, names),
    )
    await forget_bytes(tx, names, eraser, number, now, kind=kind, reason=reason)
    return sorted({row["stop_code"] for row in rows})


async def forget_bytes(
    tx: Transaction, names: Sequence[str], eraser: str, number: int, now: datetime,
    *, kind: ErasedKind, reason: int,
) -> None:  # fmt: skip
    """Deletes bytes and keeps their names, so that the very same are not put in again.

    kind: what they were of. reason: number of an ErasureReason, 0 for none.
    """
    await tx.execute(
        "delete from media where area = %s and sha256 = any(%s)", (tx.area, list(names))
    )
    await tx.execute_many(
        "insert into erased_media (area, sha256, eraser, erase_time, change_number, reason, kind)"
        " values (%s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
        [(tx.area, each, eraser, now, number, reason, int(kind)) for each in names],
    )


async def erased(tx: Transaction, sha256s: Sequence[str]) -> bool:
    """Tells whether bytes of one of these names were erased."""
    row = await tx.fetch_one(
        "select 1 from erased_media where area = %s and sha256 = any(%s) limit 1",
        (tx.area, list(sha256s)),
    )
    return row is not None


async def last_erasure(tx: Transaction) -> int:
    """Returns the change number of the last erasure, 0 for none."""
    row = await tx.fetch_one(
        "select coalesce(max(change_number), 0) as number from erased_media where area = %s",
        (tx.area,),
    )
    return int(row["number"]) if row else 0
