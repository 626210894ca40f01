"""Scans, each once."""

from collections.abc import Sequence

from kit.db import Transaction
from services.multilingual.domain.scan import Counted


async def add_new(tx: Transaction, scans: Sequence[Counted]) -> set[str]:
    """Inserts scans and returns the ids of those that were not known."""
    rows = await tx.fetch_all(
        "insert into scans (area, scan_id, stop_code, requested_locale, served_locale, scan_time,"
        " offline, scan_count) select %s, * from unnest(%s::uuid[], %s::text[], %s::text[],"
        " %s::text[], %s::timestamptz[], %s::boolean[], %s::integer[]) on conflict do nothing"
        " returning scan_id::text as scan_id",
        (
            tx.area,
            [each.scan_id for each in scans],
            [each.stop_code for each in scans],
            [each.requested_locale for each in scans],
            [each.served_locale for each in scans],
            [each.scan_time for each in scans],
            [each.offline for each in scans],
            [each.scan_count for each in scans],
        ),
    )
    return {row["scan_id"] for row in rows}
