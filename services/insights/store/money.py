"""Reads of single payments, which roll-ups do not split by shop and hour."""

import json
from collections.abc import Collection, Sequence
from datetime import date

from kit.db import Transaction
from services.insights.domain.fact import DatedFact, Dimension, Fact, Kind, Slice


async def money(
    tx: Transaction, kinds: Collection[Kind], first: date, last: date,
    slices: Sequence[Sequence[str]] = (),
) -> list[DatedFact]:  # fmt: skip
    """Returns live payments on the dates from first to last, equal ones together: an index by date
    and kind finds them. slices: that each has, as [dimension, value]."""
    rows = await tx.fetch_all(
        "select occur_date, hour, kind, slices, max(occur_time) as occur_time,"
        " sum(count) as count, sum(amount_yen) as amount_yen from facts"
        " where area = %s and occur_date between %s and %s and kind = any(%s) and not practice"
        " and slices @> %s::jsonb group by occur_date, hour, kind, slices",
        (tx.area, first, last, [kind.value for kind in kinds], json.dumps(list(slices))),
    )
    return [
        DatedFact(
            Fact(
                event_id="", service="payments", kind=Kind(row["kind"]),
                occur_time=row["occur_time"], booked_date=row["occur_date"],
                count=int(row["count"]), amount_yen=int(row["amount_yen"]),
                slices=tuple(Slice(Dimension(name), value) for name, value in row["slices"]),
            ),
            row["occur_date"], row["hour"], late=False,
        )
        for row in rows
    ]  # fmt: skip
