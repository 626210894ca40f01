"""Day notes."""

from datetime import datetime, timedelta

import msgspec

from kit.db import Row, Transaction
from services.multilingual.domain.day_note import KEEP_DAYS, DayNote, Said

_SELECT = "select *, said::text as words from day_notes where area = %s"


def _note(row: Row) -> DayNote:
    return DayNote(
        note_id=str(row["note_id"]),
        place_id=row["place_id"],
        place_ids=frozenset(row["place_ids"]),
        said=msgspec.json.decode(row["words"], type=tuple[Said, ...]),
        author=row["author"],
        create_time=row["create_time"],
        until_time=row["until_time"],
        withdraw_time=row["withdraw_time"],
    )


async def list_current(tx: Transaction, now: datetime) -> tuple[DayNote, ...]:
    """Returns the notes whose day is not over, newest first; those taken back too."""
    rows = await tx.fetch_all(
        f"{_SELECT} and until_time > %s order by create_time desc, note_id desc", (tx.area, now)
    )
    return tuple(_note(row) for row in rows)


async def lock(tx: Transaction, note_id: str) -> DayNote | None:
    """Returns a note and keeps others from changing it meanwhile."""
    row = await tx.fetch_one(f"{_SELECT} and note_id = %s for update", (tx.area, note_id))
    return _note(row) if row else None


async def add(tx: Transaction, note: DayNote) -> None:
    """Keeps a note."""
    await tx.execute(
        "insert into day_notes (area, note_id, place_id, place_ids, said, author, create_time,"
        " until_time) values (%s, %s, %s, %s, %s::jsonb, %s, %s, %s)",
        (tx.area, note.note_id, note.place_id, sorted(note.place_ids),
         msgspec.json.encode(note.said).decode(), note.author, note.create_time,
         note.until_time),
    )  # fmt: skip


async def withdraw(tx: Transaction, note_id: str, now: datetime) -> None:
    """Notes that a note was taken back."""
    await tx.execute(
        "update day_notes set withdraw_time = %s where area = %s and note_id = %s",
        (now, tx.area, note_id),
    )


async def forget_old(tx: Transaction, now: datetime) -> int:
    """Deletes notes that ended long ago; returns how many."""
    return await tx.execute(
        "delete from day_notes where area = %s and until_time < %s",
        (tx.area, now - timedelta(days=KEEP_DAYS)),
    )
