"""Enrolled sensors, their health, and the epochs of day keys."""

from dataclasses import dataclass
from datetime import date, datetime

from kit.db import Row, Transaction
from services.visitor_sense.domain.zones import Sensor

_COLUMNS = (
    "sensor_id, zone_id, signing_public_key, sealing_public_key, enroll_time, revoke_time,"
    " heard_time, batches, observations, observations_refused, batches_waiting, clock_ahead_s,"
    " observations_dropped"
)


def _sensor(row: Row) -> Sensor:
    return Sensor(**{**row, "signing_public_key": bytes(row["signing_public_key"]),
                     "sealing_public_key": bytes(row["sealing_public_key"])})  # fmt: skip


async def add_sensor(tx: Transaction, sensor: Sensor) -> None:
    """Adds a sensor unless its id is taken."""
    await tx.execute(
        "insert into sensors (area, sensor_id, zone_id, signing_public_key, sealing_public_key,"
        " enroll_time) values (%s, %s, %s, %s, %s, %s) on conflict do nothing",
        (tx.area, sensor.sensor_id, sensor.zone_id, sensor.signing_public_key,
         sensor.sealing_public_key, sensor.enroll_time),
    )  # fmt: skip


async def find_sensor(tx: Transaction, sensor_id: str) -> Sensor | None:
    """Returns a sensor of the area."""
    row = await tx.fetch_one(
        f"select {_COLUMNS} from sensors where area = %s and sensor_id = %s",  # noqa: S608 - constants
        (tx.area, sensor_id),
    )
    return _sensor(row) if row else None


async def list_sensors(tx: Transaction) -> list[Sensor]:
    """Returns the sensors of the area by id."""
    rows = await tx.fetch_all(f"select {_COLUMNS} from sensors order by sensor_id")  # noqa: S608 - constants
    return [_sensor(row) for row in rows]


async def revoke_sensor(tx: Transaction, sensor_id: str, at: datetime) -> None:
    """Revokes a sensor; the first time counts."""
    await tx.execute(
        "update sensors set revoke_time = coalesce(revoke_time, %s)"
        " where area = %s and sensor_id = %s",
        (at, tx.area, sensor_id),
    )


async def add_report(
    tx: Transaction, sensor_id: str, at: datetime, batches: int, accepted: int, refused: int
) -> None:
    """Adds to what a sensor reported."""
    await tx.execute(
        "update sensors set heard_time = greatest(heard_time, %s), batches = batches + %s,"
        " observations = observations + %s, observations_refused = observations_refused + %s"
        " where area = %s and sensor_id = %s",
        (at, batches, accepted, refused, tx.area, sensor_id),
    )


@dataclass(frozen=True)
class Health:
    """What a sensor says of itself."""

    sensor_id: str
    batches_waiting: int
    clock_ahead_s: float
    observations_dropped: int


async def put_health(tx: Transaction, health: Health, at: datetime) -> None:
    """Keeps what a sensor last said of itself."""
    await tx.execute(
        "update sensors set heard_time = greatest(heard_time, %s), batches_waiting = %s,"
        " clock_ahead_s = %s, observations_dropped = %s where area = %s and sensor_id = %s",
        (at, health.batches_waiting, health.clock_ahead_s, health.observations_dropped,
         tx.area, health.sensor_id),
    )  # fmt: skip


async def put_clock(tx: Transaction, sensor_id: str, ahead_s: float) -> None:
    """Keeps by how much the clock of a gadget is ahead."""
    await tx.execute(
        "update sensors set clock_ahead_s = %s where area = %s and sensor_id = %s",
        (ahead_s, tx.area, sensor_id),
    )


async def latest_report(tx: Transaction) -> dict[str, datetime]:
    """Returns per zone when any of its sensors reported last. A gadget is none of them: it tells
    numbers, and nothing of it is in a level."""
    rows = await tx.fetch_all(
        "select zone_id, max(heard_time) as heard_time from sensors s"
        " where revoke_time is null and heard_time is not null and not exists"
        " (select from gadgets g where g.area = s.area and g.sensor_id = s.sensor_id)"
        " group by zone_id"
    )
    return {row["zone_id"]: row["heard_time"] for row in rows}


async def last_epoch(tx: Transaction, key_date: date) -> tuple[int, bytes] | None:
    """Returns the newest epoch of a day and the check value of its key."""
    row = await tx.fetch_one(
        "select epoch, check_value from day_key_epochs where area = %s and key_date = %s"
        " order by epoch desc limit 1",
        (tx.area, key_date),
    )
    return (row["epoch"], bytes(row["check_value"])) if row else None


async def add_epoch(
    tx: Transaction, key_date: date, epoch: int, check_value: bytes, at: datetime
) -> bool:
    """Records a new epoch; returns False when another process was first."""
    return bool(
        await tx.execute(
            "insert into day_key_epochs (area, key_date, epoch, check_value, begin_time)"
            " values (%s, %s, %s, %s, %s) on conflict do nothing",
            (tx.area, key_date, epoch, check_value, at),
        )
    )
