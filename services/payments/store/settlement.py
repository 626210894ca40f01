"""What lies at each provider, and the journal for the accounting software."""

from collections.abc import Sequence
from datetime import date

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.journal_csv import ExportEntry

# The accounts where sales lie at a provider; drawers are counted at the close instead.
_AT_PROVIDERS = (
    "(l.account like 'acquirer!_clearing/%%' escape '!'"
    " or l.account like 'other!_device/%%' escape '!')"
)


async def settlement(
    tx: Transaction, first: date, last: date, shop_place_ids: list[str]
) -> list[Row]:
    """Returns a row per shop, acquirer, tender and book with anything in a span or still owed.

    gross, refunded, fee and payout in the span; balance: owed at its end. shop_place_ids: [] for
    all.
    """
    return await tx.fetch_all(
        "select e.shop_place_id, e.tender, e.practice,"  # noqa: S608 - a constant of this file
        " case when l.account like 'other%%' then 'other_device'"
        "   else split_part(l.account, '/', 2) end as acquirer,"
        " coalesce(sum(l.amount_yen) filter (where e.kind = 'capture' and inside), 0)::bigint"
        "   as gross_yen,"
        " coalesce(-sum(l.amount_yen) filter (where e.kind in ('void', 'refund') and inside), 0)"
        "   ::bigint as refunded_yen,"
        " coalesce(-sum(l.amount_yen) filter (where e.kind = 'fee' and inside), 0)::bigint"
        "   as fee_yen,"
        " coalesce(-sum(l.amount_yen) filter (where e.kind = 'payout' and inside), 0)::bigint"
        "   as payout_yen,"
        " max(e.business_date) filter (where e.kind = 'payout' and inside) as payout_date,"
        " coalesce(sum(l.amount_yen), 0)::bigint as balance_yen,"
        " count(distinct e.payment_id) filter (where e.kind = 'capture' and inside and"
        "   p.unconfirmed) as unconfirmed_count"
        " from journal_entries e join postings l using (area, entry_id)"
        " left join payments p on p.area = e.area and p.payment_id = e.payment_id,"
        " lateral (select e.business_date >= %(first)s as inside) s"
        f" where e.area = %(area)s and e.business_date <= %(last)s and {_AT_PROVIDERS}"
        " and (%(all)s or e.shop_place_id = any(%(shops)s))"
        " group by 1, 2, 3, 4 having bool_or(inside) or sum(l.amount_yen) <> 0"
        " order by e.practice, e.shop_place_id, acquirer, e.tender",
        {"area": tx.area, "first": first, "last": last, "all": not shop_place_ids,
         "shops": shop_place_ids},
    )  # fmt: skip


async def payouts(tx: Transaction, first: date, last: date, shop_place_ids: list[str]) -> list[Row]:
    """Returns live payouts of a span: payout_date, shop_place_id, tender, amount_yen."""
    return await tx.fetch_all(
        "select e.business_date as payout_date, e.shop_place_id, e.tender,"
        " sum(l.amount_yen)::bigint as amount_yen from journal_entries e"
        " join postings l on l.area = e.area and l.entry_id = e.entry_id"
        "   and l.account = 'payout/' || e.shop_place_id"
        " where e.area = %s and e.kind = 'payout' and not e.practice"
        " and e.business_date between %s and %s and (%s or e.shop_place_id = any(%s))"
        " group by 1, 2, 3 order by 1, 2, 3",
        (tx.area, first, last, not shop_place_ids, shop_place_ids),
    )


async def journal_page(
    tx: Transaction, first: date, last: date, shop_place_ids: Sequence[str],
    after: tuple[date, str] | None, limit: int,
) -> list[ExportEntry]:  # fmt: skip
    """Returns live entries of a span in the order of date and id, those after a place of it."""
    day, entry_id = after or (first, "00000000-0000-0000-0000-000000000000")
    rows = await tx.fetch_all(
        "select e.entry_id::text as entry_id, e.kind, e.tender, e.shop_place_id, e.amount_yen,"
        " e.business_date, coalesce(p.items, '[]'::jsonb) as items,"
        " coalesce(p.split_sale_id::text, '') as split_sale_id, s.business_date as split_date,"
        " coalesce((select sum(case when b.kind = 'capture' then b.amount_yen else -b.amount_yen"
        "   end) from journal_entries b where b.area = e.area and b.payment_id = e.payment_id"
        "   and (b.kind = 'capture' or b.entry_id < e.entry_id)), 0)::bigint as before_yen,"
        " (select jsonb_agg(jsonb_build_object('account', l.account, 'amount_yen', l.amount_yen)"
        "   order by l.line) from postings l where l.area = e.area and l.entry_id = e.entry_id)"
        "   as postings"
        " from journal_entries e left join payments p using (area, payment_id)"
        " left join split_sales s on s.area = p.area and s.split_sale_id = p.split_sale_id"
        " where e.area = %(area)s and not e.practice"
        " and e.business_date between %(first)s and %(last)s"
        " and (e.business_date, e.entry_id) > (%(day)s, %(id)s::uuid)"
        " and (%(all)s or e.shop_place_id = any(%(shops)s))"
        " order by e.business_date, e.entry_id limit %(limit)s",
        {"area": tx.area, "first": first, "last": last, "day": day, "id": entry_id,
         "all": not shop_place_ids, "shops": list(shop_place_ids), "limit": limit},
    )  # fmt: skip
    return [msgspec.convert(row, ExportEntry) for row in rows]


async def owed(tx: Transaction, account_prefix: str, last: date) -> int:
    """Returns what holders are owed on accounts that begin alike, at the end of a day."""
    row = await tx.fetch_one(
        "select coalesce(-sum(l.amount_yen), 0)::bigint as owed_yen from postings l"
        " join journal_entries e using (area, entry_id)"
        " where l.area = %s and not l.practice and starts_with(l.account, %s)"
        " and e.business_date <= %s",
        (tx.area, account_prefix, last),
    )
    return int(row["owed_yen"]) if row else 0
