"""Whose voices are kept, and erasing them; store/recordings.py keeps recordings."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction
from services.multilingual.domain.recording import ErasedKind, ErasureReason, Origin, Recording
from services.multilingual.store.recordings import recording_of

MOST_ERASURES = 20


@dataclass(frozen=True)
class Erasure:
    """What somebody erased at one time. files: how many, captions among them.
    reason: None of a photo or video erased by a page that asked for none."""

    erase_time: datetime
    eraser: str
    reason: ErasureReason | None
    files: int


async def list_voices(tx: Transaction) -> list[Recording]:
    """Returns people's recordings, heard or not, by credit, stop, locale and time."""
    rows = await tx.fetch_all(
        "select * from recordings where area = %s and origin = %s"
        " order by credit, stop_code, locale, create_time, recording_id",
        (tx.area, int(Origin.PERSON)),
    )
    return [recording_of(row) for row in rows]


async def read_voices(tx: Transaction, recording_ids: Sequence[str]) -> list[Recording]:
    """Returns those of people's recordings that are there, the oldest first."""
    rows = await tx.fetch_all(
        "select * from recordings where area = %s and origin = %s"
        " and recording_id = any(%s::uuid[]) order by create_time, recording_id",
        (tx.area, int(Origin.PERSON), list(recording_ids)),
    )
    return [recording_of(row) for row in rows]


async def forget(tx: Transaction, sha256s: Sequence[str]) -> list[Recording]:
    """Deletes every recording of these sounds, whatever stop and locale it is of; returns them."""
    rows = await tx.fetch_all(
        "delete from recordings where area = %s and audio_sha256 = any(%s) returning *",
        (tx.area, list(sha256s)),
    )
    return [recording_of(row) for row in rows]


async def named_by_none(tx: Transaction, sha256s: Sequence[str]) -> list[str]:
    """Returns those of the names of captions that no recording and no video there is has."""
    rows = await tx.fetch_all(
        "select name from unnest(%s::text[]) name"
        " where not exists (select from recordings r"
        "   where r.area = %s and r.captions_sha256 = name) and not"
        " exists (select from videos v where v.area = %s and v.captions_sha256 = name)",
        (list(sha256s), tx.area, tx.area),
    )
    return [row["name"] for row in rows]


async def list_erasures(tx: Transaction, kind: ErasedKind) -> list[Erasure]:
    """Returns when files of a kind were erased, the last time first."""
    rows = await tx.fetch_all(
        "select erase_time, eraser, reason, count(*) as files from erased_media"
        " where area = %s and kind = %s group by erase_time, eraser, reason, change_number"
        " order by change_number desc limit %s",
        (tx.area, int(kind), MOST_ERASURES),
    )
    return [
        Erasure(
            row["erase_time"],
            row["eraser"],
            ErasureReason(row["reason"]) if row["reason"] else None,
            row["files"],
        )
        for row in rows
    ]
