"""Drafts, which wait for a day for somebody to look at them, and mappings that are remembered."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec

from kit.db import Transaction
from services.insights.domain.imported.sheet import Mapping

KEPT = timedelta(days=1)
MOST_DRAFTS = 20
MOST_MAPPINGS = 100


@dataclass(frozen=True)
class Waiting:
    """A draft that nobody has kept or thrown away yet."""

    draft_id: str
    file_name: str
    said_time: datetime

    @property
    def until(self) -> datetime:
        """When it is thrown away."""
        return self.said_time + KEPT


@dataclass(frozen=True)
class Draft(Waiting):
    """What was read of a file. body: as the reader said it; the file itself is not kept."""

    sha256: str
    body: bytes


async def add(tx: Transaction, draft: Draft) -> None:
    """Keeps a draft. Those that are older than a day go, and the oldest of too many."""
    await forget_old(tx, draft.said_time)
    await tx.execute(
        "delete from import_drafts where area = %s and draft_id in (select draft_id from"
        " import_drafts where area = %s order by said_time desc, draft_id desc offset %s)",
        (tx.area, tx.area, MOST_DRAFTS - 1),
    )
    await tx.execute(
        "insert into import_drafts (area, draft_id, file_name, sha256, body, said_time)"
        " values (%s, %s, %s, %s, %s, %s)",
        (tx.area, draft.draft_id, draft.file_name, draft.sha256, draft.body, draft.said_time),
    )


async def forget_old(tx: Transaction, now: datetime) -> int:
    """Throws drafts away that are older than a day; returns how many."""
    return await tx.execute(
        "delete from import_drafts where (area = %s or %s = '*') and said_time <= %s",
        (tx.area, tx.area, now - KEPT),
    )


async def read(tx: Transaction, draft_id: str, now: datetime) -> Draft | None:
    """Returns a draft, None where it is gone."""
    row = await tx.fetch_one(
        "select draft_id, file_name, sha256, body, said_time from import_drafts"
        " where area = %s and draft_id = %s and said_time > %s",
        (tx.area, draft_id, now - KEPT),
    )
    return Draft(row["draft_id"], row["file_name"], row["said_time"], row["sha256"],
                 bytes(row["body"])) if row else None  # fmt: skip


async def waiting(tx: Transaction, now: datetime) -> list[Waiting]:
    """Returns the drafts there are, the newest first."""
    rows = await tx.fetch_all(
        "select draft_id, file_name, said_time from import_drafts"
        " where area = %s and said_time > %s order by said_time desc, draft_id desc",
        (tx.area, now - KEPT),
    )
    return [Waiting(row["draft_id"], row["file_name"], row["said_time"]) for row in rows]


async def drop(tx: Transaction, draft_id: str) -> None:
    """Throws a draft away."""
    await tx.execute(
        "delete from import_drafts where area = %s and draft_id = %s", (tx.area, draft_id)
    )


async def remember(tx: Transaction, name: str, shape: str, mapping: Mapping, at: datetime) -> None:
    """Keeps a mapping under a name, in the place of another of that name; of too many the one goes
    that was not used for longest."""
    await tx.execute(
        "insert into import_mappings (area, name, shape, mapping, said_time)"
        " values (%s, %s, %s, %s::jsonb, %s) on conflict (area, name) do update set"
        " shape = excluded.shape, mapping = excluded.mapping, said_time = excluded.said_time",
        (tx.area, name, shape, msgspec.json.encode(mapping).decode(), at),
    )
    await tx.execute(
        "delete from import_mappings where area = %s and name in (select name from import_mappings"
        " where area = %s order by said_time desc, name offset %s)",
        (tx.area, tx.area, MOST_MAPPINGS),
    )


async def of_shape(tx: Transaction, shape: str) -> tuple[str, Mapping] | None:
    """Returns the mapping that was used last for files of a shape, with its name."""
    row = await tx.fetch_one(
        "select name, mapping::text as mapping from import_mappings where area = %s and shape = %s"
        " order by said_time desc, name limit 1",
        (tx.area, shape),
    )
    return (row["name"], _mapping(row["mapping"])) if row else None


async def named(tx: Transaction, name: str) -> Mapping | None:
    """Returns the mapping of a name."""
    row = await tx.fetch_one(
        "select mapping::text as mapping from import_mappings where area = %s and name = %s",
        (tx.area, name),
    )
    return _mapping(row["mapping"]) if row else None


async def mappings(tx: Transaction) -> list[tuple[str, datetime]]:
    """Returns the names of all mappings, and when each was used last, the newest first."""
    rows = await tx.fetch_all(
        "select name, said_time from import_mappings where area = %s order by said_time desc, name",
        (tx.area,),
    )
    return [(row["name"], row["said_time"]) for row in rows]


def _mapping(text: str) -> Mapping:
    return msgspec.json.decode(text, type=Mapping)
