"""POIs as the staff keeps them, with their versions."""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from kit.db import Row, Transaction
from services.itinerary.domain.kept_poi import FieldConfirmation, KeptPoi, PoiState, PoiVersion
from services.itinerary.domain.poi import Poi
from services.itinerary.store.areas import mark_change

_POI = msgspec.json.Decoder(Poi)
_CONFIRMATIONS = msgspec.json.Decoder(tuple[FieldConfirmation, ...])
_COLUMNS = (
    "select poi_id, body::text as body, version, state, from_file, file_body::text as file_body,"
    " confirmations::text as confirmations, retire_note, retire_time, said_time from pois"
)
VERSIONS = 30  # of a POI; older ones are forgotten


async def lock(tx: Transaction) -> None:
    """Has changes of an area's POIs wait for one another: a load reads all of them."""
    await tx.execute("select pg_advisory_xact_lock(hashtextextended('pois ' || %s, 0))", (tx.area,))


async def list_kept(tx: Transaction, after: str = "", limit: int | None = None) -> list[KeptPoi]:
    """Returns all POIs, drafts and retired ones too, by id from behind one id."""
    rows = await tx.fetch_all(
        f"{_COLUMNS} where area = %s and poi_id > %s order by poi_id limit %s",
        (tx.area, after, limit),
    )
    return [_kept(row) for row in rows]


async def read(tx: Transaction, poi_id: str) -> KeptPoi | None:
    """Returns one POI, None for none."""
    row = await tx.fetch_one(f"{_COLUMNS} where area = %s and poi_id = %s", (tx.area, poi_id))
    return _kept(row) if row else None


async def list_retired(tx: Transaction) -> list[KeptPoi]:
    """Returns the retired POIs."""
    rows = await tx.fetch_all(
        f"{_COLUMNS} where area = %s and state = 'retired' order by poi_id", (tx.area,)
    )
    return [_kept(row) for row in rows]


def _kept(row: Row) -> KeptPoi:
    return KeptPoi(
        _POI.decode(row["body"]), row["version"], PoiState(row["state"]),
        _CONFIRMATIONS.decode(row["confirmations"]), row["from_file"],
        _POI.decode(row["file_body"]) if row["file_body"] else None,
        row["retire_note"], row["retire_time"], row["said_time"],
    )  # fmt: skip


async def write(tx: Transaction, kept: Sequence[KeptPoi], said_time: datetime) -> None:
    """Inserts or replaces POIs. Plans read anew what the area offers."""
    if not kept:
        return
    await mark_change(tx)
    await tx.execute_many(
        "insert into pois (area, poi_id, place_id, body, version, state, from_file, file_body,"
        " confirmations, retire_note, retire_time, said_time)"
        " values (%s, %s, %s, %s::jsonb, %s, %s, %s, %s::jsonb, %s::jsonb, %s, %s, %s)"
        " on conflict (area, poi_id) do update set place_id = excluded.place_id,"
        " body = excluded.body, version = excluded.version, state = excluded.state,"
        " from_file = excluded.from_file, file_body = excluded.file_body,"
        " confirmations = excluded.confirmations, retire_note = excluded.retire_note,"
        " retire_time = excluded.retire_time, said_time = excluded.said_time",
        [
            (
                tx.area, each.poi.poi_id, each.poi.place_id, _json(each.poi), each.version,
                each.state.value, each.from_file,
                _json(each.file_poi) if each.file_poi else None, _json(each.confirmations),
                each.retire_note, each.retire_time, said_time,
            )
            for each in kept
        ],
    )  # fmt: skip


async def keep_version(tx: Transaction, before: KeptPoi, now: datetime) -> None:
    """Keeps a POI as it was before a change, and forgets what is older than VERSIONS of them."""
    poi_id = before.poi.poi_id
    await tx.execute(
        "insert into poi_versions (area, poi_id, version, body, state, said_time)"
        " values (%s, %s, %s, %s::jsonb, %s, %s) on conflict do nothing",
        (tx.area, poi_id, before.version, _json(before.poi), before.state.value,
         before.change_time or now),
    )  # fmt: skip
    await tx.execute(
        "delete from poi_versions where area = %s and poi_id = %s and version not in"
        " (select version from poi_versions where area = %s and poi_id = %s"
        " order by version desc limit %s)",
        (tx.area, poi_id, tx.area, poi_id, VERSIONS),
    )


async def list_versions(tx: Transaction, poi_id: str) -> list[PoiVersion]:
    """Returns how a POI was before its changes, the latest first."""
    rows = await tx.fetch_all(
        "select version, body::text as body, state, said_time from poi_versions"
        " where area = %s and poi_id = %s order by version desc",
        (tx.area, poi_id),
    )
    return [
        PoiVersion(row["version"], _POI.decode(row["body"]), PoiState(row["state"]),
                   row["said_time"])
        for row in rows
    ]  # fmt: skip


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
