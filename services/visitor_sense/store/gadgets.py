"""Gadgets that count devices themselves: their passwords' tags, their minutes and hours."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from kit.db import Transaction


@dataclass(frozen=True)
class GadgetHour:
    """What a gadget told of an hour. mean: None until it is closed. released: may be shown."""

    area: str
    sensor_id: str
    zone_id: str
    hour: datetime
    minutes: int
    mean: float | None
    released: int | None
    version: int
    noise_tenths: int = 0


async def put_gadget(tx: Transaction, sensor_id: str, password_tag: bytes, at: datetime) -> None:
    """Adds a gadget or gives it another password."""
    await tx.execute(
        "insert into gadgets (area, sensor_id, password_tag, enroll_time) values (%s, %s, %s, %s)"
        " on conflict (area, sensor_id) do update set password_tag = excluded.password_tag",
        (tx.area, sensor_id, password_tag, at),
    )


async def password_tag(tx: Transaction, sensor_id: str) -> bytes | None:
    """Returns what the password of a gadget is compared by, None where there is no such gadget."""
    row = await tx.fetch_one(
        "select password_tag from gadgets where area = %s and sensor_id = %s",
        (tx.area, sensor_id),
    )
    return bytes(row["password_tag"]) if row else None


async def list_gadgets(tx: Transaction) -> set[str]:
    """Returns the ids of all gadgets of the area, revoked ones too."""
    return {row["sensor_id"] for row in await tx.fetch_all("select sensor_id from gadgets")}


async def add_minutes(tx: Transaction, told: Mapping[tuple[str, datetime], int]) -> int:
    """Adds numbers by gadget and minute; the larger one of a minute holds. Returns how many minutes
    changed; their hours are to be closed (again)."""
    if not told:
        return 0
    keys = sorted(told)  # one order for all writers
    rows = await tx.fetch_all(
        "insert into gadget_minutes as kept (area, sensor_id, minute, devices)"
        " select %s, * from unnest(%s::text[], %s::timestamptz[], %s::integer[])"
        " on conflict (area, sensor_id, minute) do update set devices = excluded.devices"
        " where kept.devices < excluded.devices returning sensor_id, minute",
        (tx.area, [key[0] for key in keys], [key[1] for key in keys], [told[key] for key in keys]),
    )
    hours = {(row["sensor_id"], row["minute"].replace(minute=0)) for row in rows}
    for sensor_id, hour in sorted(hours):
        await tx.execute(
            "insert into gadget_hours (area, sensor_id, hour, dirty) values (%s, %s, %s, true)"
            " on conflict (area, sensor_id, hour) do update set dirty = true",
            (tx.area, sensor_id, hour),
        )
    return len(rows)


async def hours_to_close(tx: Transaction, ended_before: datetime, most: int) -> list[GadgetHour]:
    """Returns finished hours whose minutes changed, locked, with the mean as it is now."""
    rows = await tx.fetch_all(
        "select area, sensor_id, hour, released, version, noise_tenths from gadget_hours"
        " where dirty and hour + interval '1 hour' <= %s"
        " order by hour, area, sensor_id limit %s for update skip locked",
        (ended_before, most),
    )
    found = []
    for row in rows:
        told = await tx.fetch_one(
            "select count(*) as minutes, avg(devices)::double precision as mean from gadget_minutes"
            " where area = %s and sensor_id = %s and minute >= %s"
            " and minute < %s::timestamptz + interval '1 hour'",
            (row["area"], row["sensor_id"], row["hour"], row["hour"]),
        )
        assert told is not None  # noqa: S101 - an aggregate has a row
        found.append(GadgetHour(**row, zone_id="", minutes=told["minutes"], mean=told["mean"]))
    return found


async def close_hour(
    tx: Transaction, one: GadgetHour, released: int | None, noise_tenths: int
) -> None:
    """Keeps what an hour tells, with the next version."""
    await tx.execute(
        "update gadget_hours set dirty = false, version = version + 1, minutes = %s, mean = %s,"
        " released = %s, noise_tenths = %s where area = %s and sensor_id = %s and hour = %s",
        (one.minutes, one.mean, released, noise_tenths, one.area, one.sensor_id, one.hour),
    )


async def read_hours(tx: Transaction, since: datetime, until: datetime) -> Sequence[GadgetHour]:
    """Returns the closed hours from `since` to before `until`, by hour and gadget."""
    rows = await tx.fetch_all(
        "select h.area, h.sensor_id, s.zone_id, h.hour, h.minutes, h.mean, h.released, h.version,"
        " h.noise_tenths"
        " from gadget_hours h join sensors s using (area, sensor_id)"
        " where h.area = %s and h.hour >= %s and h.hour < %s and h.version > 0"
        " order by h.hour, h.sensor_id",
        (tx.area, since, until),
    )
    return [GadgetHour(**row) for row in rows]


async def forget_minutes(tx: Transaction, before: datetime) -> int:
    """Deletes what is older; returns how many rows."""
    return await tx.execute("delete from gadget_minutes where minute < %s", (before,))
