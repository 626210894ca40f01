"""Videos of stops, and pieces of those that are on their way; store/recordings.py keeps bytes."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.narration import Reading
from services.multilingual.domain.photo import PhotoFile
from services.multilingual.domain.video import Video, VideoFile
from services.multilingual.store.photos import KEEP_REMOVED_DAYS

KEEP_PIECES_HOURS = 1


def _video(row: Row) -> Video:
    return Video(
        video_id=str(row["video_id"]),
        stop_code=row["stop_code"],
        version=row["version"],
        file=VideoFile(**row["file"]),
        poster=tuple(PhotoFile(**each) for each in row["poster"]),
        captions_sha256=row["captions_sha256"],
        credit=row["credit"],
        alts=row["alts"],
        transcripts=row["transcripts"],
        author=row["author"],
        writer=row["writer"],
        create_time=row["create_time"],
        remove_time=row["remove_time"],
        waiting=row["waiting"],
        reading=Reading(row["reading"]),
        looker=row["looker"],
        reason=row["reason"],
    )


async def list_shown(tx: Transaction) -> Mapping[str, tuple[Video, ...]]:
    """Returns stop code → videos that visitors see, in the order they came in."""
    rows = await tx.fetch_all(
        "select * from videos where area = %s and remove_time is null and not waiting"
        " order by create_time, video_id",
        (tx.area,),
    )
    found: defaultdict[str, tuple[Video, ...]] = defaultdict(tuple)
    for row in rows:
        found[row["stop_code"]] += (_video(row),)
    return dict(found)


async def count_waiting(tx: Transaction) -> dict[str, int]:
    """Returns stop code → videos that wait for a look, those that wait longest first."""
    rows = await tx.fetch_all(
        "select stop_code, count(*) as number from videos where area = %s and remove_time is null"
        " and waiting group by stop_code order by min(create_time)",
        (tx.area,),
    )
    return {row["stop_code"]: row["number"] for row in rows}


async def list_of(tx: Transaction, stop_code: str) -> list[Video]:
    """Returns the videos of a stop as they came in, then those taken away, the last one first."""
    rows = await tx.fetch_all(
        "select * from videos where area = %s and stop_code = %s"
        " order by remove_time desc nulls first, create_time, video_id",
        (tx.area, stop_code),
    )
    return [_video(row) for row in rows]


async def read(tx: Transaction, video_id: str) -> Video | None:
    """Returns a video, also one that was taken away."""
    row = await tx.fetch_one(
        "select * from videos where area = %s and video_id = %s", (tx.area, video_id)
    )
    return _video(row) if row else None


async def put(tx: Transaction, video: Video) -> None:
    """Keeps a video as it is now; its bytes, stop and author never change."""
    each = video
    await tx.execute(
        "insert into videos (area, video_id, stop_code, version, file, poster, captions_sha256,"
        " credit, alts, transcripts, author, writer, create_time, remove_time, waiting, reading,"
        " looker, reason)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
        " on conflict (area, video_id) do update set version = excluded.version,"
        " credit = excluded.credit, alts = excluded.alts, transcripts = excluded.transcripts,"
        " writer = excluded.writer, remove_time = excluded.remove_time,"
        " waiting = excluded.waiting, reading = excluded.reading, looker = excluded.looker,"
        " reason = excluded.reason",
        (tx.area, each.video_id, each.stop_code, each.version, json.dumps(asdict(each.file)),
         json.dumps([asdict(one) for one in each.poster]), each.captions_sha256, each.credit,
         json.dumps(dict(each.alts)), json.dumps(dict(each.transcripts)), each.author,
         each.writer, each.create_time, each.remove_time, each.waiting, int(each.reading),
         each.looker, each.reason),
    )  # fmt: skip


async def forget(tx: Transaction, sha256: str) -> list[str]:
    """Deletes the videos of these bytes and returns the stops they were shown at."""
    rows = await tx.fetch_all(
        "delete from videos where area = %s and file->>'sha256' = %s returning stop_code",
        (tx.area, sha256),
    )
    return sorted({row["stop_code"] for row in rows})


async def take_posters(tx: Transaction, sha256s: Sequence[str]) -> list[str]:
    """Takes the poster from videos that have one of these names in it; returns their stops."""
    rows = await tx.fetch_all(
        "update videos set poster = '[]' where area = %s and exists (select from"
        " jsonb_array_elements(poster) f where f->>'sha256' = any(%s)) returning stop_code",
        (tx.area, list(sha256s)),
    )
    return sorted({row["stop_code"] for row in rows})


async def stops_by_poster(tx: Transaction) -> dict[str, frozenset[str]]:
    """Returns name of a picture → stops with a video that has it as poster, also one that waits or
    was taken away."""
    rows = await tx.fetch_all(
        "select f->>'sha256' as name, array_agg(distinct stop_code) as stops from videos,"
        " jsonb_array_elements(poster) f where area = %s group by 1",
        (tx.area,),
    )
    return {row["name"]: frozenset(row["stops"]) for row in rows}


async def named_by_no_other(tx: Transaction, sha256s: Sequence[str]) -> list[str]:
    """Returns those of the names that no video there is has as its bytes, poster or captions."""
    rows = await tx.fetch_all(
        "select name from unnest(%s::text[]) name where not exists (select from videos v"
        " where v.area = %s and (name in (v.file->>'sha256', v.captions_sha256)"
        " or exists (select from jsonb_array_elements(v.poster) f where f->>'sha256' = name)))",
        (list(sha256s), tx.area),
    )
    return [row["name"] for row in rows]


async def put_piece(
    tx: Transaction, upload_id: str, place: int, author: str, content: bytes, now: datetime
) -> None:
    """Keeps a piece of a video that is on its way. The caller has asked is_begun_by_another."""
    await tx.execute(
        "insert into video_pieces (area, upload_id, place, author, content, create_time)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (area, upload_id, place)"
        " do update set content = excluded.content"
        " where video_pieces.author = excluded.author",
        (tx.area, upload_id, place, author, content, now),
    )


async def is_begun_by_another(tx: Transaction, upload_id: str, author: str) -> bool:
    """Tells whether pieces of an upload are somebody else's. Until the end of a transaction that
    writes nobody else asks, so that of two who begin at once one is told."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"video_upload/{tx.area}/{upload_id}",),
    )
    row = await tx.fetch_one(
        "select 1 from video_pieces where area = %s and upload_id = %s and author <> %s limit 1",
        (tx.area, upload_id, author),
    )
    return row is not None


async def count_uploads(tx: Transaction, author: str) -> int:
    """Returns how many videos of somebody are on their way. Until the end of the transaction
    nobody else counts theirs, so that pieces sent at once are not too many together."""
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended(%s, 0))",
        (f"video_pieces/{tx.area}/{author}",),
    )
    row = await tx.fetch_one(
        "select count(distinct upload_id) as number from video_pieces where area = %s"
        " and author = %s",
        (tx.area, author),
    )
    return int(row["number"]) if row else 0


async def read_pieces(tx: Transaction, upload_id: str, author: str) -> list[bytes]:
    """Returns the pieces somebody sent, in order, up to the first one that is missing."""
    rows = await tx.fetch_all(
        "select place, content from video_pieces where area = %s and upload_id = %s"
        " and author = %s order by place",
        (tx.area, upload_id, author),
    )
    return [bytes(row["content"]) for at, row in enumerate(rows) if row["place"] == at]


async def drop_pieces(tx: Transaction, upload_id: str, author: str) -> None:
    """Forgets the pieces somebody sent of a video that has come."""
    await tx.execute(
        "delete from video_pieces where area = %s and upload_id = %s and author = %s",
        (tx.area, upload_id, author),
    )


async def drop_old(tx: Transaction, now: datetime) -> None:
    """Forgets what was taken away for long; what names its bytes no longer lets them go."""
    await tx.execute(
        "delete from videos where area = %s and remove_time < %s - make_interval(days => %s)",
        (tx.area, now, KEEP_REMOVED_DAYS),
    )


async def drop_old_pieces(tx: Transaction, now: datetime) -> None:
    """Forgets the pieces nobody came back to, of all areas the transaction sees."""
    await tx.execute(
        "delete from video_pieces where create_time < %s - make_interval(hours => %s)",
        (now, KEEP_PIECES_HOURS),
    )
