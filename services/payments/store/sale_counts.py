"""How many sales stand: the one place that decides it, for reports, closes and the day at the till.

A sale, be it one payment or several parts, is *kept* while something is left of what its entries
took; a partial refund leaves it kept. Where nothing is left it is *refunded* if a refund took part
in that and *canceled* if only voids did. Entries of other dates, or of other closes, are left out:
a refund of the next day changes no figure of the day before, nor a close that was made. Insights
counts the same from the events, by `ends_payment` of a refund.
"""

from datetime import date

from kit.db import Row, Transaction
from services.payments.domain.close import SaleCounts

NONE = SaleCounts(kept=0, refunded=0, canceled=0)
# Of every payment what the entries took and gave back, and whether its sale stands.
_SQL = (
    "with held as (select practice, tender, sale_id, taken_yen, voided_yen, refunded_yen,"
    " taken_yen > voided_yen + refunded_yen as stands,"
    " bool_or(taken_yen > voided_yen + refunded_yen) over sale as sale_stands,"
    " bool_or(refunded_yen > 0) over sale as sale_refunded"
    " from (select e.practice, e.tender, e.payment_id,"
    "  coalesce(p.split_sale_id, p.payment_id) as sale_id,"
    "  coalesce(sum(e.amount_yen) filter (where e.kind = 'capture'), 0) as taken_yen,"
    "  coalesce(sum(e.amount_yen) filter (where e.kind = 'void'), 0) as voided_yen,"
    "  coalesce(sum(e.amount_yen) filter (where e.kind = 'refund'), 0) as refunded_yen"
    "  from journal_entries e join payments p using (area, payment_id)"
    "  where e.area = %(area)s and e.kind in ('capture', 'void', 'refund') and $which"
    "  group by e.practice, e.tender, e.payment_id, sale_id) as paid"
    " where taken_yen > 0 window sale as (partition by practice, sale_id))"
    " select practice, tender, count(*) filter (where stands) as kept_payments,"
    " count(distinct sale_id) filter (where sale_stands) as kept,"
    " count(distinct sale_id) filter (where not sale_stands and sale_refunded) as refunded,"
    " count(distinct sale_id) filter (where not sale_stands and not sale_refunded) as canceled"
    " from held group by grouping sets ((practice), (practice, tender))"
)
_OF_DAY = _SQL.replace(
    "$which", "e.business_date = %(day)s and (%(all)s or e.shop_place_id = any(%(shops)s))"
)
_OF_ENTRIES = _SQL.replace("$which", "e.entry_id = any(%(entries)s::uuid[])")


async def of_day(
    tx: Transaction, day: date, shop_place_ids: list[str]
) -> tuple[dict[bool, SaleCounts], dict[tuple[bool, str], int]]:
    """Returns the sales of a date by practice, and of each practice and tender the payments kept.

    shop_place_ids: empty for all.
    """
    rows = await tx.fetch_all(
        _OF_DAY,
        {"area": tx.area, "day": day, "all": not shop_place_ids, "shops": shop_place_ids},
    )
    return (
        {row["practice"]: _counts(row) for row in rows if row["tender"] is None},
        {(row["practice"], row["tender"]): row["kept_payments"] for row in rows if row["tender"]},
    )


async def practice_of_day(tx: Transaction, day: date, shop_place_id: str) -> SaleCounts:
    """Returns the practice sales of a shop's date: a count beside the figures, never among them."""
    sales, _tenders = await of_day(tx, day, [shop_place_id])
    return sales.get(True, NONE)


async def of_entries(tx: Transaction, entry_ids: list[str]) -> SaleCounts:
    """Returns how many sales stand within some entries: those of a close, all of them live."""
    rows = await tx.fetch_all(_OF_ENTRIES, {"area": tx.area, "entries": entry_ids})
    found = [_counts(row) for row in rows if row["tender"] is None and not row["practice"]]
    return found[0] if found else NONE


def _counts(row: Row) -> SaleCounts:
    return SaleCounts(kept=row["kept"], refunded=row["refunded"], canceled=row["canceled"])
