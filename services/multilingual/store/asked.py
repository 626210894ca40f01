"""What visitors wished for, and what people said about it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from kit.db import Row, Transaction
from services.multilingual.domain.asked import KEEP_DAYS, MAX_MARKS, Kind, Mark, Matter, Outcome


async def wished(
    tx: Transaction, first: datetime, until: datetime, since: Mapping[str, datetime]
) -> dict[tuple[str, str], int]:
    """Returns page views by stop and wished language, between two times.

    since: of some languages, from when on they count instead.
    """
    rows = await tx.fetch_all(
        "select stop_code, requested_locale as locale, sum(scan_count) as views from scans"
        " left join unnest(%s::text[], %s::timestamptz[]) as later(locale, since_time)"
        " on later.locale = requested_locale"
        " where area = %s and scan_time >= %s and scan_time < %s"
        " and scan_time >= coalesce(since_time, scan_time) group by 1, 2",
        (list(since), list(since.values()), tx.area, first, until),
    )
    return {(row["stop_code"], row["locale"]): int(row["views"]) for row in rows}


async def served(
    tx: Transaction, first: datetime, until: datetime, stop_codes: Sequence[str]
) -> dict[tuple[str, str], int]:
    """Returns page views of some stops by the language they were read in, between two times."""
    rows = await tx.fetch_all(
        "select stop_code, served_locale as locale, sum(scan_count) as views from scans"
        " where area = %s and scan_time >= %s and scan_time < %s and stop_code = any(%s)"
        " group by 1, 2",
        (tx.area, first, until, list(stop_codes)),
    )
    return {(row["stop_code"], row["locale"]): int(row["views"]) for row in rows}


async def list_marks(tx: Transaction) -> list[Mark]:
    """Returns the newest mark of each matter that was not taken back, newest first."""
    rows = await tx.fetch_all(
        "select * from (select distinct on (kind, stop_code, locale) * from asked_marks"
        " where area = %s and withdraw_time is null"
        " order by kind, stop_code, locale, create_time desc, mark_id desc) as newest"
        " order by create_time desc, mark_id desc limit %s",
        (tx.area, MAX_MARKS),
    )
    return [_mark(row) for row in rows]


async def lock_mark(tx: Transaction, mark_id: str) -> Mark | None:
    """Returns a mark and keeps others from changing it meanwhile."""
    row = await tx.fetch_one(
        "select * from asked_marks where area = %s and mark_id = %s for update",
        (tx.area, mark_id),
    )
    return _mark(row) if row else None


async def add_mark(tx: Transaction, mark: Mark) -> None:
    """Keeps a mark, and forgets those of long ago."""
    await tx.execute(
        "delete from asked_marks where area = %s and create_time < %s",
        (tx.area, mark.create_time - timedelta(days=KEEP_DAYS)),
    )
    await tx.execute(
        "insert into asked_marks (area, mark_id, kind, stop_code, locale, outcome, reason, author,"
        " create_time, until_time) values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)",
        (tx.area, mark.mark_id, int(mark.matter.kind), mark.matter.stop_code, mark.matter.locale,
         int(mark.outcome), mark.reason, mark.author, mark.create_time, mark.until_time),
    )  # fmt: skip


async def withdraw_mark(tx: Transaction, mark_id: str, now: datetime) -> None:
    """Notes that a mark was taken back."""
    await tx.execute(
        "update asked_marks set withdraw_time = %s where area = %s and mark_id = %s",
        (now, tx.area, mark_id),
    )


def _mark(row: Row) -> Mark:
    return Mark(
        str(row["mark_id"]), Matter(Kind(row["kind"]), row["stop_code"], row["locale"]),
        Outcome(row["outcome"]), row["reason"], row["author"], row["create_time"],
        row["until_time"], row["withdraw_time"],
    )  # fmt: skip
