"""Sums of the journal, and the proof that the ledger is sound."""

from datetime import date

from kit.db import Row, Transaction


async def totals(tx: Transaction, day: date, shop_place_ids: list[str]) -> list[Row]:
    """Returns counts and sums of one business date per tender and practice flag.

    shop_place_ids: empty for all. Keys: tender, practice, kind_count and kind_yen for capture,
    void, refund.
    """
    return await tx.fetch_all(
        "select tender, practice,"
        " count(*) filter (where kind = 'capture') as capture_count,"
        " coalesce(sum(amount_yen) filter (where kind = 'capture'), 0)::bigint as capture_yen,"
        " count(*) filter (where kind = 'void') as void_count,"
        " coalesce(sum(amount_yen) filter (where kind = 'void'), 0)::bigint as void_yen,"
        " count(*) filter (where kind = 'refund') as refund_count,"
        " coalesce(sum(amount_yen) filter (where kind = 'refund'), 0)::bigint as refund_yen"
        " from journal_entries where area = %s and business_date = %s"
        " and kind in ('capture', 'void', 'refund') and (%s or shop_place_id = any(%s))"
        " group by tender, practice order by practice, tender",
        (tx.area, day, not shop_place_ids, shop_place_ids),
    )


async def accounts(tx: Transaction) -> list[Row]:
    """Returns every account with its kept balance and the sum of its postings."""
    return await tx.fetch_all(
        "select coalesce(a.account, p.account) as account,"
        " coalesce(a.practice, p.practice) as practice,"
        " coalesce(a.balance_yen, 0) as balance_yen, coalesce(p.posted_yen, 0) as posted_yen"
        " from (select * from accounts where area = %s) a"
        " full join (select practice, account, sum(amount_yen)::bigint as posted_yen"
        "   from postings where area = %s group by practice, account) p"
        " on a.account = p.account and a.practice = p.practice order by 2, 1",
        (tx.area, tx.area),
    )


# The two below group what they compare instead of joining it: of a ledger that has just begun the
# planner knows no sizes, and a join of two sides it takes for empty compares each line with each.


async def journal(tx: Transaction) -> Row:
    """Returns entry_count, posting_count, posting_sum_yen and unbalanced_count of the area."""
    row = await tx.fetch_one(
        "select coalesce(sum(entries), 0)::bigint as entry_count,"
        " coalesce(sum(lines), 0)::bigint as posting_count,"
        " coalesce(sum(sum_yen), 0)::bigint as posting_sum_yen,"
        " count(*) filter (where lines = 0 or sum_yen <> 0 or sides_yen <> 2 * entry_yen)"
        "   as unbalanced_count"
        " from (select sum(entries) as entries, sum(lines) as lines, sum(line_yen) as sum_yen,"
        "   sum(abs(line_yen)) as sides_yen, sum(entry_yen) as entry_yen from ("
        "     select entry_id, 1 as entries, 0 as lines, 0::bigint as line_yen,"
        "       amount_yen as entry_yen from journal_entries where area = %(area)s"
        "     union all select entry_id, 0, 1, amount_yen, 0 from postings where area = %(area)s"
        "   ) as parts group by entry_id) as each_entry",
        {"area": tx.area},
    )
    if row is None:
        raise AssertionError("an aggregate has one row")
    return row


async def mismatched_payments(tx: Transaction) -> int:
    """Returns how many payments tell other amounts than their journal entries."""
    row = await tx.fetch_one(
        "select count(*) as n from (select sum(payments) as payments, sum(captured) as captured,"
        "   sum(refunded) as refunded, bool_or(voided) as voided,"
        "   coalesce(sum(yen) filter (where kind = 'capture'), 0) as captured_yen,"
        "   sum(yen) filter (where kind = 'void') as voided_yen,"
        "   coalesce(sum(yen) filter (where kind = 'refund'), 0) as refunded_yen from ("
        "     select payment_id, 1 as payments, captured_yen as captured,"
        "       refunded_yen as refunded, state = 'voided' as voided, '' as kind,"
        "       0::bigint as yen from payments where area = %(area)s"
        "     union all select payment_id, 0, 0, 0, false, kind, amount_yen"
        "       from journal_entries where area = %(area)s"
        "   ) as parts group by payment_id) as each_payment"
        " where payments > 0 and (captured <> captured_yen or refunded <> refunded_yen"
        "   or (voided and captured <> coalesce(voided_yen, 0))"
        "   or (not voided and voided_yen is not null))",
        {"area": tx.area},
    )
    return int(row["n"]) if row else 0
