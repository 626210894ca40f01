"""Kept itineraries."""

from collections.abc import Sequence
from datetime import date

import msgspec

from kit.db import Transaction
from services.itinerary.domain.plan import DayPlan, Itinerary

_PLAN = msgspec.json.Decoder(DayPlan)


async def write_itinerary(tx: Transaction, itinerary: Itinerary) -> None:
    """Inserts an itinerary or replaces an older version of it."""
    await tx.send(
        "insert into itineraries (area, itinerary_id, version, visit_date, body, earlier_body,"
        " create_time) values (%s, %s, %s, %s, %s::jsonb, %s::jsonb, %s)"
        " on conflict (area, itinerary_id) do update set version = excluded.version,"
        " visit_date = excluded.visit_date, body = excluded.body,"
        " earlier_body = excluded.earlier_body",
        (tx.area, itinerary.itinerary_id, itinerary.version, itinerary.plan.trip.day,
         msgspec.json.encode(itinerary.plan).decode(),
         msgspec.json.encode(itinerary.earlier).decode() if itinerary.earlier else None,
         itinerary.create_time),
    )  # fmt: skip
    await _write_rides(tx, itinerary)


async def _write_rides(tx: Transaction, itinerary: Itinerary) -> None:
    """Notes which timetables a day rides, so that a change of one finds it."""
    plan, timetables = itinerary.plan, {ride.timetable_id for ride in itinerary.plan.rides}
    if itinerary.version > 1:
        await tx.send(
            "delete from planned_rides where area = %s and itinerary_id = %s",
            (tx.area, itinerary.itinerary_id),
        )
    if timetables:
        await tx.send(
            "insert into planned_rides (area, itinerary_id, timetable_id, visit_date)"
            " select %s, %s, timetable_id, %s from unnest(%s::text[]) timetable_id",
            (tx.area, itinerary.itinerary_id, plan.trip.day, sorted(timetables)),
        )


async def count_riding(tx: Transaction, timetable_id: str, day: date) -> tuple[int, int]:
    """Returns how many kept days ride a timetable on a date or later, and how many on that date."""
    row = await tx.fetch_one(
        "select count(*) as days, count(*) filter (where visit_date = %s) as then"
        " from planned_rides where area = %s and timetable_id = %s and visit_date >= %s",
        (day, tx.area, timetable_id, day),
    )
    return (row["days"], row["then"]) if row else (0, 0)


async def forget_before(tx: Transaction, day: date, portion: int) -> int:
    """Deletes up to `portion` itineraries for days before `day`; returns how many."""
    return await tx.execute(
        "delete from itineraries where (area, itinerary_id) in"
        " (select area, itinerary_id from itineraries where visit_date < %s limit %s)",
        (day, portion),
    )


async def list_plans_at(
    tx: Transaction, place_ids: Sequence[str], first_day: date, last_day: date | None
) -> list[DayPlan]:
    """Returns the plans of some days that visit one of some places. last_day None: no last one."""
    rows = await tx.fetch_all(
        "select body::text as body from itineraries where area = %s and visit_date >= %s"
        " and (%s::date is null or visit_date <= %s) and exists"
        " (select 1 from jsonb_array_elements(body->'visits') visit"
        " where visit->>'place_id' = any(%s))",
        (tx.area, first_day, last_day, last_day, list(place_ids)),
    )
    return [_PLAN.decode(row["body"]) for row in rows]


async def read_itinerary(
    tx: Transaction, itinerary_id: str, *, for_update: bool = False
) -> Itinerary | None:
    """Returns an itinerary, locked until the end of the transaction when it is to be changed."""
    select = (
        "select version, body::text as body, earlier_body::text as earlier_body, create_time"
        " from itineraries"
    )
    where = " where area = %s and itinerary_id = %s"
    row = await tx.fetch_one(
        select + where + (" for update" if for_update else ""), (tx.area, itinerary_id)
    )
    if row is None:
        return None
    earlier = _PLAN.decode(row["earlier_body"]) if row["earlier_body"] else None
    return Itinerary(
        itinerary_id, row["version"], _PLAN.decode(row["body"]), row["create_time"], earlier
    )
