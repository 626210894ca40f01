"""Day notes: what is said today, saying something, taking it back."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from kit.db import Transaction
from kit.ids import new_id
from kit.pure.midnight import next_midnight
from kit.requests import RequestKey, once
from services.multilingual.app.deps import Deps
from services.multilingual.domain import day_note
from services.multilingual.domain.day_note import DayNote, DayNoteUnknown, Said
from services.multilingual.domain.events import DayNoteChanged
from services.multilingual.store import areas
from services.multilingual.store import day_notes as store
from services.multilingual.store import stops as stop_store


@dataclass(frozen=True)
class Listed:
    """The notes of today with the stops whose pages show each. until_time: when one written now
    would end."""

    notes: tuple[tuple[DayNote, tuple[str, ...]], ...]
    until_time: datetime


@dataclass(frozen=True)
class Outcome:
    """What became of a note. stop_codes: see Listed."""

    note: DayNote
    stop_codes: tuple[str, ...]
    change_number: int


async def list_notes(deps: Deps, area: str) -> Listed:
    """Returns the notes of today, newest first, those taken back too."""
    now = deps.clock.now()
    async with deps.db.read(area) as tx:
        settings = await areas.read_settings(tx)
        notes = await store.list_current(tx, now)
        stops = [(each.stop_code, each.place_id) for each in await stop_store.list_stops(tx)]
    rows = tuple(
        (note, tuple(code for code, place in stops if note.place_id and note.is_about(place)))
        for note in notes
    )
    return Listed(rows, next_midnight(now, settings.time_zone))


async def write_note(
    deps: Deps, key: RequestKey, area: str, place_id: str, below: Sequence[str],
    said: Sequence[Said],
) -> Outcome:  # fmt: skip
    """Says something until midnight. below: the ids of the places below that one.

    Errors: InvalidFields, DayNotesFull.
    """
    said = day_note.tidy(said)
    day_note.check(said, place_id, below)
    async with deps.db.transaction(area) as tx:

        async def write() -> Outcome:
            number = await areas.next_change_number(tx)  # from here on others wait for us
            now = deps.clock.now()
            settings = await areas.read_settings(tx)
            day_note.check_room(len(day_note.shown(await store.list_current(tx, now), now)))
            note = DayNote(
                note_id=new_id(), place_id=place_id,
                place_ids=frozenset({place_id, *below}) if place_id else frozenset(),
                said=said, author=key.principal, create_time=now,
                until_time=next_midnight(now, settings.time_zone),
            )  # fmt: skip
            await store.forget_old(tx, now)
            await store.add(tx, note)
            return await _say_changed(deps, tx, note, number, now)

        return await once(tx, key, Outcome, write)


async def withdraw_note(deps: Deps, key: RequestKey, area: str, note_id: str) -> Outcome:
    """Takes a note back; one that is gone already stays as it is. Errors: DayNoteUnknown."""
    async with deps.db.transaction(area) as tx:

        async def withdraw() -> Outcome:
            number = await areas.next_change_number(tx)
            now = deps.clock.now()
            note = await store.lock(tx, _as_id(note_id))
            if note is None:
                raise DayNoteUnknown("There is no such note. Open the page again.")
            if not note.is_shown(now):
                return Outcome(note, await _stops(tx, note), number)
            await store.withdraw(tx, note.note_id, now)
            return await _say_changed(deps, tx, replace(note, withdraw_time=now), number, now)

        return await once(tx, key, Outcome, withdraw)


async def _say_changed(
    deps: Deps, tx: Transaction, note: DayNote, number: int, now: datetime
) -> Outcome:
    codes = await _stops(tx, note)
    if note.place_id:
        touched = codes
    else:
        touched = tuple(each.stop_code for each in await stop_store.list_stops(tx))
    await stop_store.mark_changed(tx, touched, number)
    withdrawn = note.withdraw_time is not None
    await deps.outbox.add(
        tx,
        DayNoteChanged(
            area=tx.area, aggregate_id=note.note_id, version=2 if withdrawn else 1,
            occur_time=now, place_id=note.place_id, stop_codes=touched, locales=note.locales(),
            until_time=note.until_time, withdrawn=withdrawn, change_number=number,
        ),
    )  # fmt: skip
    return Outcome(note, codes, number)


async def _stops(tx: Transaction, note: DayNote) -> tuple[str, ...]:
    """Returns the stops whose pages show a note; none named where all do."""
    return tuple(await stop_store.stops_at(tx, sorted(note.place_ids)))


def _as_id(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise DayNoteUnknown("There is no such note. Open the page again.") from None
