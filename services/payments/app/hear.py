"""What directory says of areas and devices."""

from kit.db import Transaction
from services.payments.store import areas


async def keep_time_zone(tx: Transaction, time_zone: str) -> None:
    """The area's zone decides which day a sale belongs to."""
    await areas.put_time_zone(tx, time_zone)


async def revoke_device(tx: Transaction, device_id: str) -> None:
    """From now on the device takes nothing, whatever the edge still believes."""
    await areas.revoke_device(tx, device_id)


async def drop_area(tx: Transaction, event_id: str) -> None:
    """Only a demonstration area is ever dropped. event_id: the event that says so."""
    await areas.drop(tx, event_id)
