"""Addresses at which operators tell of their runs as they go, and what they told last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.itinerary.domain.live import LiveAddress, LiveKind, LiveTold

_TOLD = msgspec.msgpack.Decoder(LiveTold)


@dataclass(frozen=True)
class Due:
    """An address that is to be asked now."""

    area: str
    timetable_id: str
    kind: LiveKind
    url: str
    etag: str
    last_modified: str
    fault_count: int
    mark: str
    told_time: datetime | None
    stale_told: bool


async def write_addresses(
    tx: Transaction, timetable_id: str, urls: Mapping[LiveKind, str], now: datetime
) -> bool:
    """Keeps the addresses of a feed ("" for none). Returns whether any of them is another one."""
    rows = await tx.fetch_all(
        "select kind, url from live_addresses where area = %s and timetable_id = %s",
        (tx.area, timetable_id),
    )
    known = {LiveKind(row["kind"]): row["url"] for row in rows}
    wanted = {kind: url for kind, url in urls.items() if url}
    for kind in known.keys() - {kind for kind, url in wanted.items() if known.get(kind) == url}:
        await tx.execute(
            "delete from live_addresses where area = %s and timetable_id = %s and kind = %s",
            (tx.area, timetable_id, kind.value),
        )
    for kind, url in wanted.items():
        await tx.execute(
            "insert into live_addresses (area, timetable_id, kind, url, said_time, next_ask_time)"
            " values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
            (tx.area, timetable_id, kind.value, url, now, now),
        )
    return known != wanted


async def delete(tx: Transaction, timetable_id: str) -> None:
    """Forgets the addresses of a feed that is deleted."""
    await tx.execute(
        "delete from live_addresses where area = %s and timetable_id = %s", (tx.area, timetable_id)
    )


async def list_addresses(tx: Transaction, timetable_id: str) -> list[LiveAddress]:
    """Returns the addresses of a feed with what became of asking them."""
    rows = await tx.fetch_all(
        "select * from live_addresses where area = %s and timetable_id = %s order by kind",
        (tx.area, timetable_id),
    )
    return [
        LiveAddress(
            timetable_id, LiveKind(row["kind"]), row["url"], row["answer_time"], row["told_time"],
            row["fault"], row["fault_count"],
            _TOLD.decode(row["body"]) if row["body"] is not None else LiveTold(),
        )
        for row in rows
    ]  # fmt: skip


async def take_due(tx: Transaction, now: datetime, until: datetime, most: int) -> list[Due]:
    """Returns addresses of all areas that are to be asked, and keeps others from asking them until
    a moment: whoever ends meanwhile is replaced then."""
    rows = await tx.fetch_all(
        "update live_addresses set next_ask_time = %s, ask_time = %s where (area, timetable_id,"
        " kind) in (select area, timetable_id, kind from live_addresses where next_ask_time <= %s"
        " order by next_ask_time limit %s for update skip locked) returning *",
        (until, now, now, most),
    )
    return [
        Due(row["area"], row["timetable_id"], LiveKind(row["kind"]), row["url"], row["etag"],
            row["last_modified"], row["fault_count"], row["mark"], row["told_time"],
            row["stale_told"])
        for row in rows
    ]  # fmt: skip


async def write_answer(
    tx: Transaction, due: Due, now: datetime, told_time: datetime, etag: str, last_modified: str
) -> bool:
    """Notes that an address answered. Returns False where it is another one meanwhile."""
    return await _noted(
        tx, due, "answer_time = %s, told_time = %s, etag = %s, last_modified = %s, fault = '',"
        " fault_count = 0, stale_told = false", (now, told_time, etag, last_modified),
    )  # fmt: skip


async def write_told(tx: Transaction, due: Due, mark: str, told: LiveTold) -> None:
    """Keeps what an address told, in place of what it told before."""
    await _noted(tx, due, "mark = %s, body = %s", (mark, msgspec.msgpack.encode(told)))


async def write_fault(tx: Transaction, due: Due, fault: str, now: datetime) -> bool:
    """Notes that an address did not answer as it should."""
    return await _noted(
        tx, due, "ask_time = %s, fault = %s, fault_count = fault_count + 1", (now, fault)
    )


async def write_next(tx: Transaction, due: Due, when: datetime) -> None:
    """Says when an address is asked again."""
    await _noted(tx, due, "next_ask_time = %s", (when,))


async def note_stale(tx: Transaction, due: Due) -> None:
    """Notes that it was told that what an address said is used no longer."""
    await _noted(tx, due, "stale_told = true", ())


async def _noted(tx: Transaction, due: Due, what: str, values: Sequence[object]) -> bool:
    changed = await tx.execute(
        f"update live_addresses set {what} where area = %s and timetable_id = %s and kind = %s"  # noqa: S608 - constants of this file
        " and url = %s",
        (*values, due.area, due.timetable_id, due.kind.value, due.url),
    )
    return changed > 0


async def list_told(
    tx: Transaction, kind: LiveKind, since: datetime
) -> dict[str, tuple[LiveTold, datetime]]:
    """Returns what the feeds of an area told since a moment, with when it was told."""
    rows = await tx.fetch_all(
        "select timetable_id, body, told_time from live_addresses where area = %s and kind = %s"
        " and told_time > %s and body is not null order by timetable_id",
        (tx.area, kind.value, since),
    )
    return {row["timetable_id"]: (_decoded(row), row["told_time"]) for row in rows}


def _decoded(row: Row) -> LiveTold:
    return _TOLD.decode(row["body"])


async def read_marks(tx: Transaction, since: datetime) -> str:
    """Returns a text that is another one whenever what is told of runs since a moment is."""
    row = await tx.fetch_one(
        "select string_agg(timetable_id || ':' || mark, ' ' order by timetable_id) as marks"
        " from live_addresses where area = %s and kind = 'runs' and told_time > %s and mark <> ''",
        (tx.area, since),
    )
    return (row["marks"] or "") if row else ""


async def list_states(tx: Transaction, timetable_ids: Sequence[str]) -> dict[str, datetime | None]:
    """Returns when feeds last told of their runs, of those that have an address for it."""
    rows = await tx.fetch_all(
        "select timetable_id, told_time from live_addresses where area = %s and kind = 'runs'"
        " and timetable_id = any(%s)",
        (tx.area, list(timetable_ids)),
    )
    return {row["timetable_id"]: row["told_time"] for row in rows}
