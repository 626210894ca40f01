"""Which kept days belong together. A day that is forgotten leaves the others as they are."""

from collections.abc import Sequence

from kit.db import Row, Transaction
from services.itinerary.domain.away import OtherDay, Together

_DAYS = (
    "select sojourn_id::text as sojourn_id, itinerary_id::text as itinerary_id,"
    " visit_date::text as visit_date,"
    " jsonb_path_query_array(body, '$.visits[*].poi_id') as poi_ids,"
    " (body #>> '{trip,start_minute}')::int as start_minute,"
    " (body #>> '{trip,end_minute}')::int as end_minute from itineraries"
)
_OF_ITINERARY = (
    " where area = %s and sojourn_id ="
    " (select sojourn_id from itineraries where area = %s and itinerary_id = %s)"
)


async def write_sojourn(tx: Transaction, sojourn_id: str, itinerary_ids: Sequence[str]) -> None:
    """Notes that kept days belong together."""
    await tx.execute(
        "update itineraries set sojourn_id = %s where area = %s and itinerary_id = any(%s::uuid[])",
        (sojourn_id, tx.area, list(itinerary_ids)),
    )


async def read_together(
    tx: Transaction, itinerary_id: str, *, for_update: bool = False
) -> Together:
    """Returns the days of the sojourn of a kept day, none for a day by itself.

    for_update: they stay as they are until the transaction ends. All who change a day of a sojourn
    take its days in the same order, so that no two wait for one another.
    """
    order = " order by itinerary_id for update" if for_update else ""
    rows = await tx.fetch_all(_DAYS + _OF_ITINERARY + order, (tx.area, tx.area, itinerary_id))
    return _together(rows)


async def is_first(tx: Transaction, itinerary_id: str) -> bool:
    """Tells whether a kept day is the first to have been kept of its sojourn, or by itself."""
    row = await tx.fetch_one(
        "select 1 from itineraries where area = %s and itinerary_id < %s and sojourn_id ="
        " (select sojourn_id from itineraries where area = %s and itinerary_id = %s) limit 1",
        (tx.area, itinerary_id, tx.area, itinerary_id),
    )
    return row is None


async def read_sojourn(tx: Transaction, sojourn_id: str) -> Together:
    """Returns the days of a sojourn, none where there is no such one."""
    return _together(
        await tx.fetch_all(
            _DAYS + " where area = %s and sojourn_id = %s", (tx.area, sojourn_id)
        )
    )  # fmt: skip


def _together(rows: Sequence[Row]) -> Together:
    days = [
        OtherDay(
            row["visit_date"], tuple(row["poi_ids"]), row["itinerary_id"], row["start_minute"],
            row["end_minute"],
        )
        for row in rows
    ]  # fmt: skip
    days.sort(key=lambda day: (day.visit_date, day.itinerary_id))
    return Together(rows[0]["sojourn_id"] if rows else "", tuple(days))
