"""Contracts with acquirers, the ground on which real money moves. Lines are added, never edited."""

from collections.abc import Sequence
from datetime import date, datetime

import msgspec

from kit.db import Transaction
from services.payments.domain.contract import AcquirerContract
from services.payments.domain.tender import Tender

_NAMES = (
    "area", "contract_id", "shop_place_id", "tender", "gateway", "acquirer", "contract_number",
    "valid_from", "valid_until", "recorded_by", "record_time",
)  # fmt: skip
_NEWEST = (
    "select distinct on (shop_place_id, tender, gateway) * from acquirer_contracts"
    " where area = %(area)s{only}"
    " order by shop_place_id, tender, gateway, record_time desc, contract_id desc"
)


async def add(
    tx: Transaction, contract_id: str, contract: AcquirerContract, principal: str, now: datetime
) -> None:
    """Adds a line; the newest for a shop, tender and gateway is what holds."""
    values = {name: getattr(contract, name, None) for name in _NAMES}
    values |= {"area": tx.area, "contract_id": contract_id, "recorded_by": principal,
               "record_time": now}  # fmt: skip
    await tx.execute(
        f"insert into acquirer_contracts ({', '.join(_NAMES)})"  # noqa: S608 - constants above
        f" values ({', '.join(f'%({name})s' for name in _NAMES)})",
        values,
    )


async def newest(tx: Transaction) -> list[AcquirerContract]:
    """Returns what holds or held last, ordered by shop and tender."""
    rows = await tx.fetch_all(_NEWEST.format(only=""), {"area": tx.area})
    return [msgspec.convert(row, AcquirerContract, strict=False) for row in rows]


async def valid_of(
    tx: Transaction, shop_place_ids: Sequence[str], day: date
) -> set[tuple[str, Tender, str]]:
    """Returns shop, tender and gateway of the contracts that hold on a day."""
    rows = await tx.fetch_all(
        "select shop_place_id, tender, gateway from ("  # noqa: S608 - the constant above
        + _NEWEST.format(only=" and shop_place_id = any(%(shops)s)")
        + ") as newest where valid_from <= %(day)s and coalesce(valid_until, %(day)s) >= %(day)s",
        {"area": tx.area, "shops": list(shop_place_ids), "day": day},
    )
    return {(row["shop_place_id"], Tender(row["tender"]), row["gateway"]) for row in rows}
