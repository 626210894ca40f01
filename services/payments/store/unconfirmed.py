"""Sales that no provider's file has confirmed yet."""

from collections.abc import Sequence
from datetime import date

from kit.db import Row, Transaction


async def by_day(tx: Transaction, first: date, shop_place_ids: Sequence[str]) -> list[Row]:
    """Returns shop_place_id, tender, gateway, business_date, payment_count and amount_yen (what
    was not given back) of the live ones since a day. shop_place_ids: [] for all.

    By the index of days: one of its own would cost each such sale a write more at the till.
    """
    return await tx.fetch_all(
        "select shop_place_id, tender, gateway, business_date, count(*) as payment_count,"
        " sum(captured_yen - refunded_yen)::bigint as amount_yen from payments"
        " where area = %s and business_date >= %s and unconfirmed and not practice"
        " and state = 'captured' and captured_yen > refunded_yen"
        " and (%s or shop_place_id = any(%s))"
        " group by 1, 2, 3, 4 order by 4, 1, 2, 3",
        (tx.area, first, not shop_place_ids, list(shop_place_ids)),
    )
