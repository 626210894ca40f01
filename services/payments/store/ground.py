"""What the sales of one group stand on: their request ids and all that is read, in one question."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from kit.db import Transaction
from kit.requests import RequestKey
from services.payments.domain.business_day import DEFAULT_TIME_ZONE
from services.payments.domain.shop import Shop
from services.payments.store import requests
from services.payments.store.requests import Kept

_CLAIM_AND_READ = (
    f"with claimed as ({requests.CLAIM} returning 1)"  # noqa: S608 - constants
    " select (select count(*) from claimed) as claimed,"
    " (select time_zone from areas where area = %(area)s) as time_zone,"
    " array(select device_id from revoked_devices where area = %(area)s"
    "   and device_id = any(%(devices)s)) as revoked,"
    " array(select shop_place_id from notice_addresses where area = %(area)s"
    "   and shop_place_id = any(%(places)s) and remove_time is null) as heard,"
    " (select coalesce(jsonb_agg(settings), '[]')::text from shops where area = %(area)s"
    "   and shop_place_id = any(%(places)s)) as shops"
)


@dataclass(frozen=True)
class Found:
    """shops: those that exist, by id. revoked: those of the devices that were revoked. heard: those
    of the shops that have an address for notices."""

    time_zone: str
    shops: dict[str, Shop]
    revoked: set[str]
    heard: set[str]


async def claim(
    tx: Transaction,
    wanted: Sequence[tuple[RequestKey, str]],
    places: Sequence[str],
    devices: Sequence[str],
) -> tuple[Kept, Found]:
    """Claims request ids for payment ids (store/requests.py), and reads the time zone of the
    transaction's area, shops, and which devices were revoked."""
    row = await tx.fetch_one(
        _CLAIM_AND_READ,
        {"area": tx.area, "wanted": requests.written(wanted), "places": list(places),
         "devices": list(devices)},
    )  # fmt: skip
    if row is None:
        raise AssertionError("a select without from has one row")
    shops = msgspec.json.decode(row["shops"], type=list[Shop])
    found = Found(
        row["time_zone"] or DEFAULT_TIME_ZONE,
        {shop.shop_place_id: shop for shop in shops},
        set(row["revoked"]),
        set(row["heard"]),
    )
    return await requests.kept(tx, wanted, row["claimed"]), found
