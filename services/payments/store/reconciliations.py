"""Provider files that were matched, and what they left to look into.

An entry is matched once and a line of a provider counts once, whatever file it comes in: both are
keys here. Files of one gateway are matched one after another (`lock`).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import msgspec

from kit.db import Row, Transaction
from kit.ids import new_id
from services.payments.domain.matching import (
    WRONG_DAY_DAYS,
    Ended,
    Finding,
    Match,
    Record,
    line_key,
)
from services.payments.domain.provider_file import ProviderLine, Rejected
from services.payments.domain.receipt import receipt_number
from services.payments.domain.tender import Tender

_LOCK = 0x6D72


@dataclass(frozen=True, kw_only=True)
class Reconciliation:
    """A file that was matched. first_date, last_date: what it covers; None for an empty file."""

    reconciliation_id: str
    file_name: str
    mapping_name: str
    gateway: str
    first_date: date | None
    last_date: date | None
    line_count: int
    matched_count: int
    skipped_count: int
    rejected: tuple[Rejected, ...]
    rejected_count: int
    fee_yen: int
    payout_yen: int
    reconciled_by: str
    reconcile_time: datetime


async def lock(tx: Transaction, gateway: str) -> None:
    """Makes this the only transaction that matches files of a gateway."""
    await tx.execute(
        "select pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, f"{tx.area}/{gateway}")
    )


async def of_file(tx: Transaction, file_sha256: bytes) -> Reconciliation | None:
    """Returns the reconciliation of a file that was read before."""
    row = await tx.fetch_one(
        "select * from reconciliations where area = %s and file_sha256 = %s", (tx.area, file_sha256)
    )
    return _reconciliation(row) if row else None


async def find(tx: Transaction, reconciliation_id: str) -> Reconciliation | None:
    """Returns a reconciliation or None."""
    row = await tx.fetch_one(
        "select * from reconciliations where area = %s and reconciliation_id = %s",
        (tx.area, reconciliation_id),
    )
    return _reconciliation(row) if row else None


async def latest(tx: Transaction, limit: int) -> list[Reconciliation]:
    """Returns reconciliations, newest first."""
    rows = await tx.fetch_all(
        "select * from reconciliations where area = %s order by reconcile_time desc limit %s",
        (tx.area, limit),
    )
    return [_reconciliation(row) for row in rows]


async def insert(tx: Transaction, done: Reconciliation, file_sha256: bytes) -> None:
    """Keeps a reconciliation."""
    await tx.execute(
        "insert into reconciliations (area, reconciliation_id, file_sha256, file_name,"
        " mapping_name, gateway, first_date, last_date, line_count, matched_count, skipped_count,"
        " rejected, rejected_count, fee_yen, payout_yen, reconciled_by, reconcile_time)"
        " values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s)",
        (tx.area, done.reconciliation_id, file_sha256, done.file_name, done.mapping_name,
         done.gateway, done.first_date, done.last_date, done.line_count, done.matched_count,
         done.skipped_count, msgspec.json.encode(done.rejected).decode(), done.rejected_count,
         done.fee_yen, done.payout_yen, done.reconciled_by, done.reconcile_time),
    )  # fmt: skip


async def known_keys(tx: Transaction, gateway: str, lines: Sequence[ProviderLine]) -> set[str]:
    """Returns the keys of those lines that agreed with an entry in an earlier file."""
    rows = await tx.fetch_all(
        "select line_key from provider_lines"
        " where area = %s and gateway = %s and line_key = any(%s)",
        (tx.area, gateway, [line_key(line) for line in lines]),
    )
    return {row["line_key"] for row in rows}


async def matched_before(
    tx: Transaction, gateway: str, lines: Sequence[ProviderLine]
) -> dict[int, str]:
    """Returns, by row, the earlier file of each line that was matched there: its number, and an
    entry of its shop, kind and amount near its day."""
    numbered = [line for line in lines if line.number]
    rows = await tx.fetch_all(
        "select told.row, r.file_name, r.mapping_name from unnest(%s::bigint[], %s::text[],"
        " %s::text[], %s::bool[], %s::bigint[], %s::date[])"
        "   as told(row, line_key, shop, is_refund, amount_yen, day)"
        " join provider_lines p on p.area = %s and p.gateway = %s and p.line_key = told.line_key"
        " join reconciliations r using (area, reconciliation_id)"
        " where exists (select 1 from matched_entries m join journal_entries e"
        "   on e.area = m.area and e.entry_id = m.entry_id"
        "   where m.area = p.area and m.reconciliation_id = p.reconciliation_id"
        "   and e.shop_place_id = told.shop and e.amount_yen = told.amount_yen"
        "   and (e.kind <> 'capture') = told.is_refund"
        "   and abs(e.business_date - told.day) <= %s)",
        ([line.row for line in numbered], [line_key(line) for line in numbered],
         [line.shop_place_id for line in numbered], [line.is_refund for line in numbered],
         [line.amount_yen for line in numbered], [line.day for line in numbered],
         tx.area, gateway, WRONG_DAY_DAYS),
    )  # fmt: skip
    return {row["row"]: row["file_name"] or row["mapping_name"] for row in rows}


async def keep_lines(
    tx: Transaction, gateway: str, reconciliation_id: str, lines: Sequence[ProviderLine]
) -> None:
    """Remembers lines that used an entry up, for good: told again they are duplicates. One that
    agreed with nothing may come again, corrected."""
    await tx.execute(
        "insert into provider_lines (area, gateway, line_key, reconciliation_id)"
        " select %s, %s, line_key, %s from unnest(%s::text[]) as given(line_key)"
        " on conflict do nothing",
        (tx.area, gateway, reconciliation_id,
         sorted({line_key(line) for line in lines if line.number})),
    )  # fmt: skip


async def unmatched(
    tx: Transaction, gateway: str, shops: Sequence[str], tenders: Sequence[Tender],
    first: date, last: date, time_zone: str,
) -> list[Record]:  # fmt: skip
    """Returns a gateway's movements that no file has matched, a few days around a span too."""
    around = timedelta(days=WRONG_DAY_DAYS)
    rows = await tx.fetch_all(
        "select e.entry_id::text as entry_id, e.payment_id::text as payment_id,"
        " e.source_id::text as source_id, e.kind <> 'capture' as is_refund, e.amount_yen,"
        " e.business_date as day, coalesce(case when e.kind = 'capture' then p.tap_time end,"
        "   e.create_time) at time zone %(zone)s as time, e.shop_place_id,"
        " e.tender, e.practice, p.state = 'voided' as voided, p.unconfirmed,"
        " p.business_date as sale_date, l.account"
        " from journal_entries e join payments p using (area, payment_id)"
        " join postings l on l.area = e.area and l.entry_id = e.entry_id"
        "   and (l.account like 'acquirer!_clearing/%%' escape '!'"
        "     or l.account like 'other!_device/%%' escape '!')"
        " where e.area = %(area)s and p.gateway = %(gateway)s and e.tender = any(%(tenders)s)"
        " and e.shop_place_id = any(%(shops)s) and e.business_date between %(first)s and %(last)s"
        " and not exists (select 1 from matched_entries m"
        "   where m.area = e.area and m.entry_id = e.entry_id)",
        {"area": tx.area, "gateway": gateway, "tenders": list(tenders), "shops": list(shops),
         "first": first - around, "last": last + around, "zone": time_zone},
    )  # fmt: skip
    return [
        Record(
            entry_id=row["entry_id"], payment_id=row["payment_id"],
            references=(row["source_id"], row["payment_id"],
                        receipt_number(row["payment_id"], row["sale_date"].isoformat())),
            is_refund=row["is_refund"], amount_yen=row["amount_yen"], day=row["day"],
            time=row["time"], shop_place_id=row["shop_place_id"], tender=Tender(row["tender"]),
            account=row["account"], practice=row["practice"], voided=row["voided"],
            unconfirmed=row["unconfirmed"],
        )
        for row in rows
    ]  # fmt: skip


async def keep_matches(tx: Transaction, reconciliation_id: str, matches: Sequence[Match]) -> None:
    """Marks entries as matched; open findings that one of them was missing, or that its line told
    something else in an earlier file, are settled."""
    entry_ids = [each.record.entry_id for each in matches]
    await tx.execute(
        "insert into matched_entries (area, entry_id, reconciliation_id)"
        " select %s, entry_id, %s from unnest(%s::uuid[]) as given(entry_id)",
        (tx.area, reconciliation_id, entry_ids),
    )
    await tx.execute(
        "update findings set settle_time = now(), settled_by = 'reconciliation',"
        " ended = 'found_later'"
        " where area = %s and entry_id = any(%s::uuid[]) and kind in ('missing', 'wrong_amount')"
        " and settle_time is null and reconciliation_id <> %s",
        (tx.area, entry_ids, reconciliation_id),
    )
    numbers = [each.line.number for each in matches if each.line.number]
    await tx.execute(
        "update findings f set settle_time = now(), settled_by = 'reconciliation',"
        " ended = 'corrected_later'"
        " from unnest(%s::text[], %s::text[], %s::bool[]) as told(number, shop, is_refund)"
        " where f.area = %s and f.kind = 'extra' and f.line_number = told.number"
        " and f.shop_place_id = told.shop and f.is_refund = told.is_refund"
        " and f.settle_time is null and f.reconciliation_id <> %s",
        (numbers, [each.line.shop_place_id for each in matches if each.line.number],
         [each.line.is_refund for each in matches if each.line.number], tx.area,
         reconciliation_id),
    )  # fmt: skip


async def confirm(tx: Transaction, payment_ids: Sequence[str], now: datetime) -> int:
    """Another device's sales are no longer doubtful. Rows are locked in the order of their ids."""
    return await tx.execute(
        "update payments set unconfirmed = false, version = version + 1, update_time = %s"
        " where area = %s and payment_id in (select payment_id from payments where area = %s"
        "   and payment_id = any(%s::uuid[]) and unconfirmed order by payment_id for update)",
        (now, tx.area, tx.area, sorted(set(payment_ids))),
    )


async def insert_findings(
    tx: Transaction, reconciliation_id: str, found: Sequence[Finding], now: datetime
) -> None:
    """Puts findings on the work list, those with nothing to do settled at once; what is missing
    already, and a line that agrees with nothing and is told again as it was, are not put there
    twice."""
    rows = [_finding_row(each, now) for each in found]
    columns = ", ".join(_FINDING)
    await tx.execute(
        f"insert into findings (area, reconciliation_id, {columns})"  # noqa: S608 - constants
        f" select %s, %s, {columns} from jsonb_populate_recordset(null::findings, %s::jsonb) g"
        " where not (g.kind = 'missing' and exists (select 1 from findings f where f.area = %s"
        "   and f.entry_id = g.entry_id and f.kind = 'missing'))"
        " and not (g.kind in ('extra', 'wrong_amount') and g.line_number <> ''"
        "   and exists (select 1 from findings f join reconciliations r using"
        "     (area, reconciliation_id) where f.area = %s and f.kind = g.kind"
        "   and f.line_number = g.line_number and f.shop_place_id = g.shop_place_id"
        "   and f.is_refund = g.is_refund and f.found_yen = g.found_yen"
        "   and f.found_date = g.found_date and r.reconciliation_id <> %s"
        "   and r.gateway = (select gateway from reconciliations"
        "     where area = %s and reconciliation_id = %s)))",
        (
            tx.area,
            reconciliation_id,
            msgspec.json.encode(rows).decode(),
            tx.area,
            tx.area,
            reconciliation_id,
            tx.area,
            reconciliation_id,
        ),
    )


_FINDING = ("finding_id", "is_refund", "kind", "shop_place_id", "tender", "row_number",
            "line_number", "entry_id", "payment_id", "expected_yen", "found_yen", "expected_date",
            "found_date", "settled_by", "note", "settle_time", "alike_count", "ended",
            "earlier_file")  # fmt: skip


def _finding_row(finding: Finding, now: datetime) -> Row:
    line, record, earlier = finding.line, finding.record, finding.matched_by
    where = record or line
    if where is None:
        raise AssertionError("a finding is about a line or an entry")
    return {
        "finding_id": new_id(), "kind": finding.kind, "shop_place_id": where.shop_place_id,
        "tender": where.tender, "is_refund": where.is_refund, "row_number": line.row if line else 0,
        "line_number": line.number if line else "", "entry_id": record and record.entry_id,
        "payment_id": record and record.payment_id,
        "expected_yen": record.amount_yen if record else 0,
        "found_yen": line.amount_yen if line else 0, "expected_date": record and record.day,
        "found_date": line and line.day, "settled_by": "reconciliation" if earlier else "",
        "note": "", "ended": Ended.MATCHED_BEFORE if earlier else "", "earlier_file": earlier,
        "settle_time": now if earlier else None,
        "alike_count": finding.alike_count,
    }  # fmt: skip


_SHOWN = (
    "*, finding_id::text as finding_id, reconciliation_id::text as reconciliation_id,"
    " payment_id::text as payment_id, (select r.gateway from reconciliations r where"
    " r.area = findings.area and r.reconciliation_id = findings.reconciliation_id) as gateway"
)


async def findings(
    tx: Transaction, shop_place_ids: list[str], reconciliation_id: str, *,
    settled: bool, before: str, limit: int,
) -> list[Row]:  # fmt: skip
    """Returns findings of the work list, newest first. Empty and "" for all."""
    return await tx.fetch_all(
        f"select {_SHOWN} from findings where area = %s"  # noqa: S608 - a constant of this file
        " and (%s or shop_place_id = any(%s)) and (settle_time is not null) = %s"
        " and (%s = '' or reconciliation_id = nullif(%s, '')::uuid)"
        " and (%s = '' or finding_id < nullif(%s, '')::uuid)"
        " order by findings.finding_id desc limit %s",
        (tx.area, not shop_place_ids, shop_place_ids, settled, reconciliation_id,
         reconciliation_id, before, before, limit),
    )  # fmt: skip


async def counts(tx: Transaction, reconciliation_ids: Sequence[str]) -> list[Row]:
    """Returns reconciliation_id, kind, found and open counts."""
    return await tx.fetch_all(
        "select reconciliation_id::text as reconciliation_id, kind, count(*) as found_count,"
        " count(*) filter (where settle_time is null) as open_count from findings"
        " where area = %s and reconciliation_id = any(%s::uuid[]) group by 1, 2 order by 2",
        (tx.area, list(reconciliation_ids)),
    )


async def lock_finding(tx: Transaction, finding_id: str) -> Row | None:
    """Returns a finding or None, its row locked."""
    return await tx.fetch_one(
        f"select {_SHOWN} from findings"  # noqa: S608 - a constant of this file
        " where area = %s and finding_id = %s for update",
        (tx.area, finding_id),
    )


async def settle_finding(
    tx: Transaction, finding_id: str, settled_by: str, note: str, now: datetime
) -> None:
    """Notes what became of a finding."""
    await tx.execute(
        "update findings set settled_by = %s, note = %s, settle_time = %s, ended = 'person'"
        " where area = %s and finding_id = %s",
        (settled_by, note, now, tx.area, finding_id),
    )


def _reconciliation(row: Row) -> Reconciliation:
    values = {name: row[name] for name in Reconciliation.__dataclass_fields__}
    values["reconciliation_id"] = str(row["reconciliation_id"])
    return msgspec.convert(values, Reconciliation)
