"""What closes of shops hold of each date, and the same money as counted here."""

from datetime import date, datetime

from kit.db import Row, Transaction
from services.insights.domain.shop_close import GRACE, ShopDayClosed


async def keep(
    tx: Transaction, said: ShopDayClosed, close_time: datetime, said_time: datetime
) -> None:
    """Keeps what a close says of its dates, unless a later close of the shop said it already."""
    await tx.execute_many(
        """
        insert into shop_closes as kept
            (area, shop_place_id, business_date, tender, captured_yen, voided_yen, refunded_yen,
             number, close_time, said_time)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)
        on conflict (area, business_date, shop_place_id, tender) do update set
            captured_yen = excluded.captured_yen, voided_yen = excluded.voided_yen,
            refunded_yen = excluded.refunded_yen, number = excluded.number,
            close_time = excluded.close_time, said_time = excluded.said_time
        where excluded.number > kept.number
        """,
        [
            (tx.area, said.shop_place_id, each.business_date, each.tender, each.captured_yen,
             each.voided_yen, each.refunded_yen, said.number, close_time, said_time)
            for each in said.tenders
        ],
    )  # fmt: skip


async def read(tx: Transaction, first: date, last: date) -> list[Row]:
    """Returns what is closed of each date, shop and tender."""
    return await tx.fetch_all(
        "select business_date, shop_place_id, tender, captured_yen, voided_yen, refunded_yen,"
        " number, close_time from shop_closes where area = %s and business_date between %s and %s",
        (tx.area, first, last),
    )


async def counted(tx: Transaction, first: date, last: date) -> list[Row]:
    """Returns live money counted here, by date, shop, tender and measure.

    after_yen and near_yen: see domain.shop_close; by the newest close that holds the date.
    """
    return await tx.fetch_all(
        """
        with newest as (
            select business_date, shop_place_id, max(said_time) as said_time from shop_closes
            where area = %(area)s and business_date between %(first)s and %(last)s group by 1, 2
        ), money as (
            select occur_date, kind, amount_yen, said_time,
                   jsonb_path_query_first(slices, 'strict $[*] ? (@[0] == "shop")') ->> 1
                       as shop,
                   jsonb_path_query_first(slices, 'strict $[*] ? (@[0] == "tender")') ->> 1
                       as tender
            from facts where area = %(area)s and occur_date between %(first)s and %(last)s
            and kind in ('payment_captured', 'payment_voided', 'payment_refunded')
            and not practice
        )
        select m.occur_date as business_date, m.shop as shop_place_id, m.tender,
               replace(m.kind, 'payment_', '') || '_yen' as measure,
               sum(m.amount_yen)::bigint as yen,
               coalesce(sum(m.amount_yen) filter (where m.said_time > n.said_time), 0)::bigint
                   as after_yen,
               coalesce(sum(m.amount_yen) filter (where m.said_time <= n.said_time
                   and m.said_time > n.said_time - %(grace)s), 0)::bigint as near_yen
        from money m left join newest n
             on n.business_date = m.occur_date and n.shop_place_id = m.shop
        group by 1, 2, 3, 4
        """,
        {"area": tx.area, "first": first, "last": last, "grace": GRACE},
    )
