"""The audit chain: rows that wait for their seal, links, and signed heads.

One writer at a time in an area (`lock`). Links and heads are never edited (a trigger refuses).
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

import msgspec

from kit.db import Row, Transaction
from services.payments.domain.audit import GENESIS, Head, Link, canonical_row

_LOCK = 0x6D61  # apart from the relay's lock; the second key is the area

_ENTRIES = (
    "select e.entry_id::text as row_id, e.kind, e.payment_id::text as payment_id,"
    " e.source_id::text as source_id, e.shop_place_id,"
    " e.tender, e.practice, e.amount_yen, e.business_date, e.create_time, e.area,"
    " e.into_account, e.out_of_account, e.into_yen"
    " from journal_entries e where e.area = %s and e.entry_id = any(%s::uuid[])"
)
_CLOSES = (
    "select c.close_id::text as row_id, c.area, c.shop_place_id, c.number, c.business_date,"
    " c.figures, c.float_yen, c.counted_yen, c.expected_yen, c.reason, c.unresolved_count,"
    " c.closed_by, c.close_time,"
    " (select encode(sha256(string_agg(m.entry_id::text, ',' order by m.entry_id)::bytea), 'hex')"
    "   from closed_entries m where m.area = c.area and m.close_id = c.close_id) as entries_sha256"
    " from closes c where c.area = %s and c.close_id = any(%s::uuid[])"
)
_LAST = "select number, hash from audit_chain where area = %s order by number desc limit 1"
# In another order than that of the key all that waits would be sorted anew for each batch.
_TAKE = (
    "delete from audit_waiting where (area, kind, row_id) in"
    " (select area, kind, row_id from audit_waiting where area = %s"
    "   order by kind, row_id limit %s)"
    " returning kind, row_id::text as row_id"
)
_ROWS = {"entry": _ENTRIES, "close": _CLOSES}


async def waiting_areas(tx: Transaction) -> list[str]:
    """Returns the areas in which a row waits for its seal."""
    rows = await tx.fetch_all("select distinct area from audit_waiting")
    return [row["area"] for row in rows]


async def lock(tx: Transaction) -> None:
    """Makes this transaction the only one that writes links in its area."""
    await tx.execute("select pg_advisory_xact_lock(%s, hashtext(%s))", (_LOCK, tx.area))


async def last_link(tx: Transaction) -> tuple[int, bytes]:
    """Returns number and hash of the last link, 0 and the genesis for none."""
    row = await tx.fetch_one(_LAST, (tx.area,))
    return (row["number"], bytes(row["hash"])) if row else (0, GENESIS)


async def take_waiting(tx: Transaction, limit: int) -> list[tuple[str, str]]:
    """Takes rows out of the line: kind and id, in the order of their ids (of time, that is)."""
    rows = await tx.fetch_all(_TAKE, (tx.area, limit))
    return sorted(((row["kind"], row["row_id"]) for row in rows), key=lambda each: each[1])


async def canonical(tx: Transaction, wanted: Sequence[tuple[str, str]]) -> Mapping[str, bytes]:
    """Returns the canonical text of those rows that exist, by id."""
    found: dict[str, bytes] = {}
    for kind, select in _ROWS.items():
        ids = ",".join(row_id for each, row_id in wanted if each == kind)
        rows = await tx.fetch_all(select, (tx.area, f"{{{ids}}}")) if ids else []
        found |= {row["row_id"]: _spelled(kind, row) for row in rows}
    return found


def _spelled(kind: str, row: Row) -> bytes:
    """Returns the text of a row, which is used up. Both sides of an entry are the two postings that
    they were when the chain began."""
    row["what"] = kind
    if kind == "entry":
        yen, practice = row.pop("into_yen"), row["practice"]
        row["postings"] = (
            (0, row.pop("into_account"), yen, practice),
            (1, row.pop("out_of_account"), -yen, practice),
        )
    return canonical_row(row)


async def append(tx: Transaction, links: Sequence[Link]) -> None:
    """Writes links."""
    if not links:
        return
    await tx.execute(
        "insert into audit_chain (area, number, kind, row_id, row_sha256, hash)"
        " select %s, number, kind, row_id, decode(row_sha256, 'base64'), decode(hash, 'base64')"
        " from json_to_recordset(%s::json) as given"
        " (number bigint, kind text, row_id uuid, row_sha256 text, hash text)",
        (tx.area, msgspec.json.encode(links).decode()),
    )


async def links_after(tx: Transaction, number: int, limit: int) -> list[Link]:
    """Returns the links that follow a number."""
    rows = await tx.fetch_all(
        "select number, kind, row_id::text as row_id, row_sha256, hash from audit_chain"
        " where area = %s and number > %s order by number limit %s",
        (tx.area, number, limit),
    )
    return [
        Link(row["number"], row["kind"], row["row_id"], bytes(row["row_sha256"]),
             bytes(row["hash"]))
        for row in rows
    ]  # fmt: skip


async def unsealed(tx: Transaction, limit: int) -> list[str]:
    """Returns entries and closes that have neither a link nor a place in the line."""
    rows = await tx.fetch_all(
        "select row_id::text as row_id from ("
        "   select area, 'entry' as kind, entry_id as row_id from journal_entries where area = %s"
        "   union all select area, 'close', close_id from closes where area = %s) r"
        " where not exists (select 1 from audit_chain c where c.area = r.area"
        "   and c.kind = r.kind and c.row_id = r.row_id)"
        " and not exists (select 1 from audit_waiting w where w.area = r.area"
        "   and w.kind = r.kind and w.row_id = r.row_id) limit %s",
        (tx.area, tx.area, limit),
    )
    return [row["row_id"] for row in rows]


async def waiting_count(tx: Transaction) -> int:
    """Returns how many rows wait for their seal."""
    row = await tx.fetch_one("select count(*) as n from audit_waiting where area = %s", (tx.area,))
    return int(row["n"]) if row else 0


async def has_head(tx: Transaction, day: date) -> bool:
    """Tells whether a day's head is signed."""
    row = await tx.fetch_one(
        "select 1 from audit_heads where area = %s and business_date = %s", (tx.area, day)
    )
    return row is not None


async def has_heads(tx: Transaction) -> bool:
    """Tells whether any day's head was signed yet."""
    row = await tx.fetch_one("select 1 from audit_heads where area = %s limit 1", (tx.area,))
    return row is not None


async def insert_head(tx: Transaction, head: Head, sign_time: datetime) -> None:
    """Keeps a signed head."""
    await tx.execute(
        "insert into audit_heads (area, business_date, number, hash, key_id, signature, sign_time)"
        " values (%s, %s, %s, %s, %s, %s, %s)",
        (tx.area, head.business_date, head.number, head.hash, head.key_id, head.signature,
         sign_time),
    )  # fmt: skip


async def heads(tx: Transaction) -> list[Head]:
    """Returns all signed heads, oldest first."""
    rows = await tx.fetch_all(
        "select area, business_date, number, hash, key_id, signature from audit_heads"
        " where area = %s order by business_date",
        (tx.area,),
    )
    return [_head(row) for row in rows]


def _head(row: Row) -> Head:
    return Head(
        area=row["area"], business_date=row["business_date"], number=row["number"],
        hash=bytes(row["hash"]), key_id=row["key_id"], signature=bytes(row["signature"]),
    )  # fmt: skip
