"""What directory says of areas and devices. Its events may come twice, late and out of order."""

from datetime import datetime

from kit import log
from kit.db import Transaction
from services.payments.store import areas


async def keep_time_zone(
    tx: Transaction, time_zone: str, version: int, occur_time: datetime
) -> None:
    """The area's zone decides which day a sale belongs to; an older word changes nothing."""
    await areas.put_time_zone(tx, time_zone, version, occur_time)


async def revoke_device(tx: Transaction, device_id: str) -> None:
    """From now on the device takes nothing, whatever the edge still believes."""
    await areas.revoke_device(tx, device_id)


async def drop_area(tx: Transaction, occur_time: datetime) -> None:
    """Only a demonstration or an area without books is ever dropped; one made anew outlives it."""
    if await areas.is_made_anew(tx, occur_time):
        log.get("hear").warning("a late drop of an area that was made anew", area=tx.area)
        await areas.drop_payments(tx, occur_time)
    else:
        await areas.drop(tx)
