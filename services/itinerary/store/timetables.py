"""Timetables, known walks and taxis, and the mark of their latest change."""

from dataclasses import dataclass
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from kit.ids import new_id
from services.itinerary.domain.place import PointQuality
from services.itinerary.domain.transit.kept import Facts, KeptFeed, TimetableKind
from services.itinerary.domain.transit.line import KeptLine
from services.itinerary.domain.transit.ways import Ways
from services.itinerary.store import feeds

_FACTS = msgspec.json.Decoder(Facts)
_LINE = msgspec.json.Decoder(KeptLine)
_WAYS = msgspec.json.Decoder(Ways)


@dataclass(frozen=True)
class Kept:
    """A row of a timetable. facts, body: None where it was deleted."""

    version: int
    facts: Facts | None
    body: bytes | None

    @property
    def line(self) -> KeptLine | None:
        """The line by hand, where it is one."""
        return _LINE.decode(self.body) if self.body and self._is(TimetableKind.LINE) else None

    def feed(self, timetable_id: str) -> KeptFeed | None:
        """The feed, where it is one."""
        is_feed = self.body and self._is(TimetableKind.FEED)
        return feeds.from_bytes(timetable_id, self.body) if self.body and is_feed else None

    def _is(self, kind: TimetableKind) -> bool:
        return self.facts is not None and self.facts.kind is kind


def body_of(kept: KeptLine | KeptFeed) -> bytes:
    """Returns what is written as a timetable's body; equal ones give equal bytes."""
    if isinstance(kept, KeptFeed):
        return feeds.to_bytes(kept)
    fields = msgspec.to_builtins(kept)
    if not kept.operator_names:
        del fields["operator_names"]  # lines kept before there were any are still equal
    return msgspec.json.encode(fields, order="deterministic")


async def lock(tx: Transaction, now: datetime) -> None:
    """Keeps others from changing timetables or ways of the area until the transaction ends."""
    await tx.execute(
        "insert into networks (area, change_id, said_time) values (%s, %s, %s)"
        " on conflict do nothing",
        (tx.area, new_id(), now),
    )
    await tx.fetch_one("select 1 from networks where area = %s for update", (tx.area,))


async def mark_change(tx: Transaction, now: datetime) -> None:
    """Gives the network of the area another mark."""
    await tx.execute(
        "insert into networks (area, change_id, said_time) values (%s, %s, %s)"
        " on conflict (area) do update set change_id = excluded.change_id,"
        " said_time = excluded.said_time",
        (tx.area, new_id(), now),
    )


async def read_change_id(tx: Transaction) -> str:
    """Returns the mark of the latest change; "" where nothing was ever kept. A transaction that
    began with areas.MARKS knows already."""
    if tx.asked:
        return tx.asked["network_id"] or ""
    row = await tx.fetch_one(
        "select change_id::text as change_id from networks where area = %s", (tx.area,)
    )
    return row["change_id"] if row else ""


async def read(tx: Transaction, timetable_id: str) -> Kept | None:
    """Returns a timetable, also one that was deleted."""
    row = await tx.fetch_one(
        "select version, facts::text as facts, body from timetables"
        " where area = %s and timetable_id = %s",
        (tx.area, timetable_id),
    )
    return _kept(row) if row else None


async def list_bodies(tx: Transaction) -> dict[str, Kept]:
    """Returns all timetables with their times, by id."""
    rows = await tx.fetch_all(
        "select timetable_id, version, facts::text as facts, body from timetables"
        " where area = %s and body is not null order by timetable_id",
        (tx.area,),
    )
    return {row["timetable_id"]: _kept(row) for row in rows}


async def list_facts(
    tx: Transaction, after: str = "", limit: int | None = None
) -> dict[str, tuple[Facts, int]]:
    """Returns facts and version of timetables by id, from behind one id. limit None: all."""
    rows = await tx.fetch_all(
        "select timetable_id, version, facts::text as facts from timetables"
        " where area = %s and timetable_id > %s and facts is not null"
        " order by timetable_id limit %s",
        (tx.area, after, limit),
    )
    return {row["timetable_id"]: (_FACTS.decode(row["facts"]), row["version"]) for row in rows}


async def write(
    tx: Transaction,
    timetable_id: str,
    version: int,
    kept: tuple[Facts, bytes] | None,
    now: datetime,
) -> None:
    """Inserts or replaces a timetable; None: it is deleted and only its version stays."""
    facts, body = kept or (None, None)
    await tx.execute(
        "insert into timetables (area, timetable_id, version, facts, body, said_time)"
        " values (%s, %s, %s, %s::jsonb, %s, %s)"
        " on conflict (area, timetable_id) do update set version = excluded.version,"
        " facts = excluded.facts, body = excluded.body, said_time = excluded.said_time",
        (tx.area, timetable_id, version,
         None if facts is None else msgspec.json.encode(facts).decode(), body, now),
    )  # fmt: skip


async def read_ways(tx: Transaction) -> tuple[Ways, int]:
    """Returns known walks and taxis with their version; 0 where none was ever recorded."""
    row = await tx.fetch_one(
        "select body::text as body, version from ways where area = %s", (tx.area,)
    )
    return (_WAYS.decode(row["body"]), row["version"]) if row else (Ways(), 0)


async def write_ways(tx: Transaction, ways: Ways, version: int, now: datetime) -> None:
    """Inserts or replaces known walks and taxis."""
    await tx.execute(
        "insert into ways (area, version, body, said_time) values (%s, %s, %s::jsonb, %s)"
        " on conflict (area) do update set version = excluded.version, body = excluded.body,"
        " said_time = excluded.said_time",
        (tx.area, version, msgspec.json.encode(ways).decode(), now),
    )


async def published_places(tx: Transaction, place_ids: set[str]) -> set[str]:
    """Returns those of some places whose point is published."""
    rows = await tx.fetch_all(
        "select place_id from places where area = %s and place_id = any(%s) and quality = %s",
        (tx.area, sorted(place_ids), PointQuality.SOURCE.value),
    )
    return {row["place_id"] for row in rows}


def _kept(row: Row) -> Kept:
    facts = _FACTS.decode(row["facts"]) if row["facts"] else None
    return Kept(row["version"], facts, bytes(row["body"]) if row["body"] is not None else None)
