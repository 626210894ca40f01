"""Stops and sections."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime

from kit.db import Row, Transaction
from services.multilingual.domain.guide import Group, Section, Stop
from services.multilingual.domain.tour import Retirement, RetireReason


def _stop(row: Row) -> Stop:
    return Stop(
        stop_code=row["stop_code"],
        place_id=row["place_id"],
        group=Group(row["group_number"]),
        kind=row["kind"],
        section_id=row["section_id"],
        position=row["position"],
        route_m=row["route_m"],
        sources=tuple(row["sources"]),
        estimates=tuple(row["estimates"]),
        revision=row["revision"],
        change_number=row["change_number"],
        publish_time=row["publish_time"],
        retired=Retirement(
            row["retire_time"], row["target_stop_code"], RetireReason(row["retire_reason"])
        )
        if row["retire_time"]
        else None,
    )


async def list_stops(tx: Transaction) -> list[Stop]:
    """Returns the stops of the tour by group and position, without texts."""
    return [each for each in await list_all(tx) if each.retired is None]


async def list_all(tx: Transaction) -> list[Stop]:
    """Returns all stops, retired ones too, by group and position, without texts."""
    rows = await tx.fetch_all(
        "select * from stops where area = %s order by group_number, position, stop_code",
        (tx.area,),
    )
    return [_stop(row) for row in rows]


async def read_stop(tx: Transaction, stop_code: str) -> Stop | None:
    """Returns a stop without texts, also a retired one."""
    row = await tx.fetch_one(
        "select * from stops where area = %s and stop_code = %s", (tx.area, stop_code)
    )
    return _stop(row) if row else None


async def places_of(tx: Transaction, stop_codes: Sequence[str]) -> Mapping[str, str]:
    """Returns code to place id for those codes that exist in the area, retired ones too: what
    phones read before they heard of it counts."""
    rows = await tx.fetch_all(
        "select stop_code, place_id from stops where area = %s and stop_code = any(%s)",
        (tx.area, list(stop_codes)),
    )
    return {row["stop_code"]: row["place_id"] for row in rows}


async def add_stop(tx: Transaction, stop: Stop) -> bool:
    """Inserts a stop. Returns False when its code is taken, in this area or another."""
    return bool(
        await tx.execute(
            "insert into stops (area, stop_code, place_id, group_number, kind, section_id,"
            " position, route_m, sources, estimates)"
            " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing",
            (tx.area, stop.stop_code, stop.place_id, int(stop.group), stop.kind, stop.section_id,
             stop.position, stop.route_m, list(stop.sources), list(stop.estimates)),
        )
    )  # fmt: skip


async def change_stop(tx: Transaction, stop: Stop) -> None:
    """Updates what a bulk load may change: code and place stay, and what somebody arranged."""
    await tx.execute(
        "update stops set group_number = case when arranged then group_number else %s end,"
        " kind = case when arranged then kind else %s end,"
        " section_id = case when arranged then section_id else %s end,"
        " position = case when arranged then position else %s end,"
        " route_m = case when arranged then route_m else %s end,"
        " sources = %s, estimates = %s where area = %s and stop_code = %s",
        (int(stop.group), stop.kind, stop.section_id, stop.position, stop.route_m,
         list(stop.sources), list(stop.estimates), tx.area, stop.stop_code),
    )  # fmt: skip


async def mark_published(tx: Transaction, stop_code: str, change_number: int, now: datetime) -> int:
    """Counts a publication and returns the stop's revision."""
    row = await tx.fetch_one(
        "update stops set revision = revision + 1, change_number = %s, publish_time = %s"
        " where area = %s and stop_code = %s returning revision",
        (change_number, now, tx.area, stop_code),
    )
    assert row is not None  # noqa: S101 - the caller has read the stop in this transaction
    return int(row["revision"])


async def mark_changed(tx: Transaction, stop_codes: Sequence[str], change_number: int) -> None:
    """Notes that pages changed without a publication: a neighbor's name, a closure."""
    await tx.execute(
        "update stops set change_number = %s where area = %s and stop_code = any(%s)",
        (change_number, tx.area, list(stop_codes)),
    )


async def stops_at(tx: Transaction, place_ids: Sequence[str]) -> list[str]:
    """Returns the codes of the stops of the tour at some places."""
    rows = await tx.fetch_all(
        "select stop_code from stops where area = %s and place_id = any(%s)"
        " and retire_time is null order by stop_code",
        (tx.area, list(place_ids)),
    )
    return [row["stop_code"] for row in rows]


async def list_changes(tx: Transaction, since: int) -> list[tuple[str, int, int]]:
    """Returns (stop code, change number, revision) of stops changed after a change number."""
    rows = await tx.fetch_all(
        "select stop_code, change_number, revision from stops"
        " where area = %s and change_number > %s order by change_number, stop_code",
        (tx.area, since),
    )
    return [(row["stop_code"], row["change_number"], row["revision"]) for row in rows]


async def list_sections(tx: Transaction) -> dict[str, Section]:
    """Returns the sections by id."""
    rows = await tx.fetch_all(
        "select section_id, position, names from sections where area = %s order by position",
        (tx.area,),
    )
    return {row["section_id"]: Section(row["section_id"], row["position"], row["names"])
            for row in rows}  # fmt: skip


async def write_sections(tx: Transaction, sections: Sequence[Section]) -> None:
    """Inserts or replaces sections."""
    await tx.execute_many(
        "insert into sections (area, section_id, position, names) values (%s, %s, %s, %s)"
        " on conflict (area, section_id) do update set position = excluded.position,"
        " names = excluded.names",
        [(tx.area, each.section_id, each.position, json.dumps(dict(each.names)))
         for each in sections],
    )  # fmt: skip
