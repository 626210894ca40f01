"""What directory told of areas and devices."""

from collections.abc import Sequence

from kit.db import Transaction
from services.payments.domain.business_day import DEFAULT_TIME_ZONE

# Children before parents.
_TABLES = (
    "postings", "journal_entries", "accounts", "refunds", "payments", "shops", "revoked_devices",
    "areas", "requests", "outbox",
)  # fmt: skip


async def put_time_zone(tx: Transaction, time_zone: str) -> None:
    """Keeps the IANA time zone of the transaction's area."""
    await tx.execute(
        "insert into areas (area, time_zone) values (%s, %s)"
        " on conflict (area) do update set time_zone = excluded.time_zone",
        (tx.area, time_zone),
    )


async def time_zone(tx: Transaction) -> str:
    """Returns the area's IANA time zone; the default one until directory has told it."""
    row = await tx.fetch_one("select time_zone from areas where area = %s", (tx.area,))
    return row["time_zone"] if row else DEFAULT_TIME_ZONE


async def revoke_device(tx: Transaction, device_id: str) -> None:
    """Remembers for good that a device may no longer sign."""
    await tx.execute(
        "insert into revoked_devices (area, device_id) values (%s, %s) on conflict do nothing",
        (tx.area, device_id),
    )


async def revoked_of(tx: Transaction, device_ids: Sequence[str]) -> set[str]:
    """Returns those of the devices that were revoked."""
    if not device_ids:
        return set()
    rows = await tx.fetch_all(
        "select device_id from revoked_devices where area = %s and device_id = any(%s)",
        (tx.area, list(device_ids)),
    )
    return {row["device_id"] for row in rows}


async def drop(tx: Transaction, event_id: str) -> None:
    """Deletes every row of the transaction's area, except that `event_id` was heard: told again,
    it must not delete a new area of the same name."""
    await tx.execute("select set_config('meguri.dropping_area', %s, true)", (tx.area,))
    for table in _TABLES:
        await tx.execute(f"delete from {table} where area = %s", (tx.area,))  # noqa: S608 - constants above
    await tx.execute("delete from inbox where area = %s and event_id <> %s", (tx.area, event_id))
