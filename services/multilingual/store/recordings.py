"""Recordings, their bytes, and the term base."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.recording import Media, Origin, Recording
from services.multilingual.domain.speech import Term
from services.multilingual.store import photos, videos

KEEP_UNUSED_DAYS = 30  # pages and packs that are out still name it


def recording_of(row: Row) -> Recording:
    """Returns the recording a row holds."""
    return Recording(
        recording_id=str(row["recording_id"]),
        stop_code=row["stop_code"],
        locale=row["locale"],
        origin=Origin(row["origin"]),
        audio_sha256=row["audio_sha256"],
        audio_type=row["audio_type"],
        audio_bytes=row["audio_bytes"],
        duration_ms=row["duration_ms"],
        captions_sha256=row["captions_sha256"],
        captions_bytes=row["captions_bytes"],
        text_sha256=row["text_sha256"],
        credit=row["credit"],
        transcript=row["transcript"],
        author=row["author"],
        create_time=row["create_time"],
        speaker_agreed=row["speaker_agreed"],
        remove_time=row["remove_time"],
    )


async def list_recordings(tx: Transaction) -> Mapping[str, Mapping[str, tuple[Recording, ...]]]:
    """Returns stop code → locale → recordings, without their bytes."""
    rows = await tx.fetch_all(
        "select * from recordings where area = %s and remove_time is null", (tx.area,)
    )
    found: defaultdict[str, defaultdict[str, tuple[Recording, ...]]] = defaultdict(
        lambda: defaultdict(tuple)
    )
    for row in rows:
        found[row["stop_code"]][row["locale"]] += (recording_of(row),)
    return {code: dict(by_locale) for code, by_locale in found.items()}


async def list_earlier(tx: Transaction, locale: str) -> Mapping[str, Sequence[Recording]]:
    """Returns stop code → people's recordings that were taken away or replaced, the last first."""
    rows = await tx.fetch_all(
        "select * from recordings where area = %s and locale = %s and origin = %s"
        " and remove_time is not null order by remove_time desc, recording_id",
        (tx.area, locale, int(Origin.PERSON)),
    )
    found: defaultdict[str, list[Recording]] = defaultdict(list)
    for row in rows:
        found[row["stop_code"]].append(recording_of(row))
    return found


async def read(tx: Transaction, recording_id: str) -> Recording | None:
    """Returns a recording, heard or not."""
    row = await tx.fetch_one(
        "select * from recordings where area = %s and recording_id = %s", (tx.area, recording_id)
    )
    return recording_of(row) if row else None


async def put(tx: Transaction, recording: Recording) -> None:
    """Keeps a recording; the one of the same stop, locale and origin is heard no longer."""
    each = recording
    await _silence(tx, each, each.create_time)
    await tx.execute(
        "insert into recordings (area, stop_code, locale, origin, recording_id, audio_sha256,"
        " audio_type, audio_bytes, duration_ms, captions_sha256, captions_bytes, text_sha256,"
        " credit, transcript, author, create_time, speaker_agreed)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, each.stop_code, each.locale, int(each.origin), each.recording_id,
         each.audio_sha256, each.audio_type, each.audio_bytes, each.duration_ms,
         each.captions_sha256, each.captions_bytes, each.text_sha256, each.credit,
         each.transcript, each.author, each.create_time, each.speaker_agreed),
    )  # fmt: skip


async def take_away(tx: Transaction, recording_id: str, now: datetime) -> Recording | None:
    """Lets a recording be heard no longer and returns it; None where it is not heard."""
    row = await tx.fetch_one(
        "update recordings set remove_time = %s where area = %s and recording_id = %s"
        " and remove_time is null returning *",
        (now, tx.area, recording_id),
    )
    return recording_of(row) if row else None


async def bring_back(tx: Transaction, recording_id: str, now: datetime) -> Recording | None:
    """Lets an earlier recording be heard again, in the place of the one of now; None for none."""
    row = await tx.fetch_one(
        "select * from recordings where area = %s and recording_id = %s and remove_time is not null"
        " and remove_time >= %s - make_interval(days => %s) for update",
        (tx.area, recording_id, now, photos.KEEP_REMOVED_DAYS),
    )
    if row is None:
        return None
    again = recording_of(row)
    await _silence(tx, again, now)
    await tx.execute(
        "update recordings set remove_time = null where area = %s and recording_id = %s",
        (tx.area, recording_id),
    )
    return again


async def _silence(tx: Transaction, alike: Recording, now: datetime) -> None:
    """Ends what is heard of the same stop, locale and origin."""
    await tx.execute(
        "update recordings set remove_time = %s where area = %s and stop_code = %s"
        " and locale = %s and origin = %s and remove_time is null",
        (now, tx.area, alike.stop_code, alike.locale, int(alike.origin)),
    )


async def put_media(tx: Transaction, media: Sequence[Media], now: datetime) -> None:
    """Keeps bytes under their hash, and drops those that nothing has named for long."""
    for each in media:
        await tx.execute(
            "insert into media (area, sha256, media_type, content, create_time)"
            " values (%s, %s, %s, %s, %s) on conflict (area, sha256)"
            " do update set create_time = excluded.create_time",
            (tx.area, each.sha256, each.media_type, each.content, now),
        )
    await drop_unused(tx, now)


async def drop_unused(tx: Transaction, now: datetime) -> None:
    """Forgets what was taken away for long, and bytes that nothing has named for long."""
    await photos.drop_old(tx, now)
    await videos.drop_old(tx, now)
    await tx.execute(
        "delete from recordings where area = %s and remove_time < %s - make_interval(days => %s)",
        (tx.area, now, photos.KEEP_REMOVED_DAYS),
    )
    await tx.execute(
        "delete from media m where area = %s and create_time < %s - make_interval(days => %s)"
        " and not exists (select from recordings r where r.area = m.area"
        "   and m.sha256 in (r.audio_sha256, r.captions_sha256))"
        " and m.sha256 not in (select f->>'sha256' from photos p,"
        "   jsonb_array_elements(p.files) f where p.area = %s)"
        " and not exists (select from videos v where v.area = m.area"
        "   and m.sha256 in (v.file->>'sha256', v.captions_sha256))"
        " and m.sha256 not in (select f->>'sha256' from videos v,"
        "   jsonb_array_elements(v.poster) f where v.area = %s)",
        (tx.area, now, KEEP_UNUSED_DAYS, tx.area, tx.area),
    )


async def read_media(
    tx: Transaction, sha256: str, offset: int, most: int
) -> tuple[Media, int] | None:
    """Returns a piece of bytes by their hash, `most` of them from an offset on, and their number
    in all."""
    row = await tx.fetch_one(
        "select media_type, substring(content from %s for %s) as piece,"
        " octet_length(content) as total from media where area = %s and sha256 = %s",
        (offset + 1, most, tx.area, sha256),
    )
    if row is None:
        return None
    return Media(sha256, row["media_type"], bytes(row["piece"])), row["total"]


async def write_terms(tx: Transaction, terms: Sequence[tuple[str, Term]]) -> None:
    """Inserts or replaces terms, each with its locale."""
    await tx.execute_many(
        "insert into terms (area, locale, term, reading, accent) values (%s, %s, %s, %s, %s)"
        " on conflict (area, locale, term) do update set reading = excluded.reading,"
        " accent = excluded.accent",
        [(tx.area, locale, each.term, each.reading, each.accent) for locale, each in terms],
    )


async def list_terms(tx: Transaction, locale: str) -> list[Term]:
    """Returns the terms of a locale, longest first."""
    rows = await tx.fetch_all(
        "select term, reading, accent from terms where area = %s and locale = %s"
        " order by length(term) desc, term",
        (tx.area, locale),
    )
    return [Term(row["term"], row["reading"], row["accent"]) for row in rows]
