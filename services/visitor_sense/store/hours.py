"""Running counts per zone and hour."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from kit.db import Row, Transaction
from services.visitor_sense.domain.observations import ZoneHour
from services.visitor_sense.domain.people import Method, Told
from services.visitor_sense.domain.sketch import Bounded, Distinct


@dataclass(frozen=True)
class Figures:
    """The figures of a zone and hour as they stand, without the sketches.

    addresses_exact: the number of addresses is exact. count_time: when it was last added to.
    """

    area: str
    zone_id: str
    place_id: str
    hour: datetime
    frames: int
    addresses: Bounded
    devices: Bounded
    key_epochs: tuple[int, ...]
    version: int
    dirty: bool
    released: int | None
    bursts: int = 0
    near: float | None = None
    told: Told = field(default_factory=Told)
    count_time: datetime | None = None

    @property
    def addresses_exact(self) -> bool:
        """True when the number of addresses has no interval."""
        return self.addresses.low == self.addresses.high


_FIGURES = (
    "h.area, h.zone_id, z.place_id, h.hour, h.frames, h.address_estimate, h.address_low,"
    " h.address_high, h.device_estimate, h.device_low, h.device_high, h.key_epochs, h.version,"
    " h.dirty, h.released, h.bursts, h.near, h.method, h.raw, h.figure, h.figure_low,"
    " h.figure_high, h.calibration_version, h.noise_tenths, h.count_time from zone_hours h"
    " join zones z on z.area = h.area"
    " and z.zone_id = h.zone_id"
)


def _figures(row: Row) -> Figures:
    return Figures(
        area=row["area"], zone_id=row["zone_id"], place_id=row["place_id"], hour=row["hour"],
        frames=row["frames"],
        addresses=Bounded(row["address_estimate"], row["address_low"], row["address_high"]),
        devices=Bounded(row["device_estimate"], row["device_low"], row["device_high"]),
        key_epochs=tuple(row["key_epochs"]), version=row["version"], dirty=row["dirty"],
        released=row["released"], bursts=row["bursts"], near=row["near"],
        told=Told(
            Method(row["method"]), row["raw"],
            None if row["figure"] is None
            else Bounded(row["figure"], row["figure_low"], row["figure_high"]),
            row["calibration_version"],
            row["noise_tenths"],
        ),
        count_time=row["count_time"],
    )  # fmt: skip


async def lock_hours(
    tx: Transaction, keys: Iterable[tuple[str, datetime]]
) -> dict[tuple[str, datetime], ZoneHour]:
    """Returns the running counts of zones and hours; new ones are empty.

    Writers of one area take turns: a row that does not exist yet could not be locked.
    """
    await tx.execute(
        "select pg_advisory_xact_lock(hashtextextended('zone_hours ' || %s, 0))", (tx.area,)
    )
    found = {}
    for zone_id, hour in sorted(keys):
        row = await tx.fetch_one(
            "select frames, bursts, addresses, devices, key_epochs, version, released"
            " from zone_hours"
            " where area = %s and zone_id = %s and hour = %s",
            (tx.area, zone_id, hour),
        )
        if row is None:
            found[zone_id, hour] = ZoneHour(zone_id, hour)
            continue
        found[zone_id, hour] = ZoneHour(
            zone_id=zone_id, hour=hour, frames=row["frames"], bursts=row["bursts"],
            addresses=Distinct.from_bytes(bytes(row["addresses"])),
            devices=Distinct.from_bytes(bytes(row["devices"])),
            key_epochs=frozenset(row["key_epochs"]), version=row["version"],
            released=row["released"],
        )  # fmt: skip
    return found


async def put_hour(tx: Transaction, hour: ZoneHour, now: datetime) -> None:
    """Writes a running count; it is to be said (again) once the hour is over."""
    addresses, devices = hour.addresses.count(), hour.devices.count()
    await tx.execute(
        "insert into zone_hours (area, zone_id, hour, frames, bursts, addresses, address_estimate,"
        " address_low, address_high, devices, device_estimate, device_low, device_high,"
        " key_epochs, holds_values, count_time, dirty)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true)"
        " on conflict (area, zone_id, hour) do update set frames = excluded.frames,"
        " bursts = excluded.bursts,"
        " addresses = excluded.addresses, address_estimate = excluded.address_estimate,"
        " address_low = excluded.address_low, address_high = excluded.address_high,"
        " devices = excluded.devices, device_estimate = excluded.device_estimate,"
        " device_low = excluded.device_low, device_high = excluded.device_high,"
        " key_epochs = excluded.key_epochs, holds_values = excluded.holds_values,"
        " count_time = excluded.count_time, dirty = true",
        (tx.area, hour.zone_id, hour.hour, hour.frames, hour.bursts,
         hour.addresses.to_bytes(), addresses.estimate, addresses.low, addresses.high,
         hour.devices.to_bytes(), devices.estimate, devices.low, devices.high,
         sorted(hour.key_epochs), True, now),  # until forget_values() has been here
    )  # fmt: skip


async def read_hours(
    tx: Transaction, since: datetime, until: datetime, zone_id: str = ""
) -> list[Figures]:
    """Returns the figures of hours from `since` to before `until`, by hour and zone."""
    rows = await tx.fetch_all(
        f"select {_FIGURES} where h.hour >= %s and h.hour < %s and (%s = '' or h.zone_id = %s)"
        " order by h.hour, h.zone_id",
        (since, until, zone_id, zone_id),
    )
    return [_figures(row) for row in rows]


async def devices_between(
    tx: Transaction, since: datetime, until: datetime
) -> list[tuple[str, Distinct]]:
    """Returns the sets of devices of the area's hours, by zone and hour."""
    rows = await tx.fetch_all(
        "select zone_id, devices from zone_hours where area = %s and hour >= %s and hour < %s"
        " order by zone_id, hour",
        (tx.area, since, until),
    )
    return [(row["zone_id"], Distinct.from_bytes(bytes(row["devices"]))) for row in rows]


async def hours_to_close(tx: Transaction, ended_before: datetime, most: int) -> list[Figures]:
    """Returns finished hours that are still to be said, locked."""
    rows = await tx.fetch_all(
        f"select {_FIGURES} where h.dirty and h.hour + interval '1 hour' <= %s"
        " order by h.hour, h.area, h.zone_id limit %s for update of h skip locked",
        (ended_before, most),
    )
    return [_figures(row) for row in rows]


async def close_hour(
    tx: Transaction, figures: Figures, released: int | None, near: float | None, told: Told
) -> None:
    """Marks an hour as said, with the next version, and keeps what it tells."""
    figure = told.figure
    await tx.execute(
        "update zone_hours set dirty = false, version = version + 1, released = %s, near = %s,"
        " method = %s, raw = %s, figure = %s, figure_low = %s, figure_high = %s,"
        " calibration_version = %s, noise_tenths = %s"
        " where area = %s and zone_id = %s and hour = %s",
        (released, near, int(told.method), told.raw, figure and figure.estimate,
         figure and figure.low, figure and figure.high, told.calibration_version, told.noise_tenths,
         figures.area, figures.zone_id, figures.hour),
    )  # fmt: skip


async def forget_values(tx: Transaction, ended_before: datetime, most: int) -> int:
    """Turns lists of devices of old hours into sketches and forgets the addresses, to which nothing
    can be added any more; the figures stay as counted.
    """
    rows = await tx.fetch_all(
        "select area, zone_id, hour, devices from zone_hours"
        " where holds_values and hour + interval '1 hour' <= %s limit %s for update skip locked",
        (ended_before, most),
    )
    for row in rows:
        devices = Distinct.from_bytes(bytes(row["devices"]))
        devices.forget_values()
        await tx.execute(
            "update zone_hours set addresses = %s, devices = %s, holds_values = false"
            " where area = %s and zone_id = %s and hour = %s",
            (Distinct().to_bytes(), devices.to_bytes(),
             row["area"], row["zone_id"], row["hour"]),
        )  # fmt: skip
    return len(rows)
