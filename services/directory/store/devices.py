"""Enrolled devices."""

from kit.db import Row, Transaction
from services.directory.domain.user import Device


def _device(row: Row) -> Device:
    return Device(
        device_id=str(row["device_id"]),
        name=row["name"],
        kind=row["kind"],
        place_id=row["place_id"],
        public_key=bytes(row["public_key"]),
        revoked=row["revoked"],
        version=row["version"],
    )


async def insert_device(tx: Transaction, device: Device) -> None:
    """Inserts a device."""
    await tx.execute(
        "insert into devices (area, device_id, name, kind, place_id, public_key, revoked, version)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, device.device_id, device.name, device.kind, device.place_id, device.public_key,
         device.revoked, device.version),
    )  # fmt: skip


async def read_device(tx: Transaction, device_id: str) -> Device | None:
    """Returns a device."""
    row = await tx.fetch_one(
        "select * from devices where area = %s and device_id = %s", (tx.area, device_id)
    )
    return _device(row) if row else None


async def list_devices(tx: Transaction) -> list[Device]:
    """Returns all devices, by name."""
    rows = await tx.fetch_all(
        "select * from devices where area = %s order by name, device_id", (tx.area,)
    )
    return [_device(row) for row in rows]


async def revoke_device(tx: Transaction, device_id: str) -> bool:
    """Revokes a device; returns False when it was revoked already or is not known."""
    changed = await tx.execute(
        "update devices set revoked = true, version = version + 1"
        " where area = %s and device_id = %s and not revoked",
        (tx.area, device_id),
    )
    return changed == 1
