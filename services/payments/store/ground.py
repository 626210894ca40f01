"""What the sales of one group stand on, read in one round trip."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kit.db import Transaction
from services.payments.domain.business_day import DEFAULT_TIME_ZONE
from services.payments.domain.shop import Shop

_READ = (
    "select (select time_zone from areas where area = %(area)s) as time_zone,"
    " array(select device_id from revoked_devices where area = %(area)s"
    "   and device_id = any(%(devices)s)) as revoked,"
    " (select coalesce(jsonb_agg(settings), '[]')::text from shops where area = %(area)s"
    "   and shop_place_id = any(%(places)s)) as shops"
)


@dataclass(frozen=True)
class Found:
    """shops: those that exist, by id. revoked: those of the devices that were revoked."""

    time_zone: str
    shops: dict[str, Shop]
    revoked: set[str]


async def read(tx: Transaction, places: Sequence[str], devices: Sequence[str]) -> Found:
    """Reads the time zone of the transaction's area, shops, and which devices were revoked."""
    row = await tx.fetch_one(
        _READ, {"area": tx.area, "places": list(places), "devices": list(devices)}
    )
    if row is None:
        raise AssertionError("a select without from has one row")
    shops = msgspec.json.decode(row["shops"], type=list[Shop])
    return Found(
        row["time_zone"] or DEFAULT_TIME_ZONE,
        {shop.shop_place_id: shop for shop in shops},
        set(row["revoked"]),
    )
