"""Counts of kept plans, settings of spots, and what sensors say of zones.

Of an area that was dropped and made anew within a day, a sum may be below 0: it is read as 0.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

import msgspec

from kit.db import Transaction, column
from services.itinerary.domain.crowd import SLOTS, Level
from services.itinerary.domain.spot import SpotSettings
from services.itinerary.store.areas import mark_change

_SETTINGS = msgspec.json.Decoder(SpotSettings)


@dataclass(frozen=True)
class HeadcountKey:
    """One sum of people: day of the visit, POI, half hour, and when the plans were last touched."""

    visit_date: date
    poi_id: str
    slot: int
    touched_date: date


@dataclass(frozen=True)
class SpotKey:
    """One sum of plans: day on which they were made, POI ("" for all plans), what it counts."""

    plan_date: date
    poi_id: str
    kind: str


@dataclass(frozen=True)
class Marks:
    """Under which days a plan is counted; None for a plan that is not."""

    touched_date: date | None
    plan_date: date | None


@dataclass(frozen=True)
class KeptSettings:
    """Settings of a POI with their version, and what they were before the latest change."""

    settings: SpotSettings
    version: int
    earlier: SpotSettings | None


async def read_marks(tx: Transaction, itinerary_id: str) -> Marks:
    """Returns under which days a plan is counted."""
    row = await tx.fetch_one(
        "select touched_date, plan_date from itineraries where area = %s and itinerary_id = %s",
        (tx.area, itinerary_id),
    )
    return Marks(row["touched_date"], row["plan_date"]) if row else Marks(None, None)


async def write_marks(tx: Transaction, itinerary_id: str, marks: Marks) -> None:
    """Keeps under which days a plan is counted."""
    await tx.send(
        "update itineraries set touched_date = %s, plan_date = %s"
        " where area = %s and itinerary_id = %s",
        (marks.touched_date, marks.plan_date, tx.area, itinerary_id),
    )


async def add_people(tx: Transaction, changes: Mapping[HeadcountKey, int]) -> None:
    """Adds to sums of people, or takes off where negative; always in the same order, so that two
    plans kept at once do not lock one another out."""
    rows = [(key, people) for key, people in changes.items() if people]
    if not rows:
        return
    await tx.send(
        "insert into headcounts (area, visit_date, poi_id, slot, touched_date, people)"
        " select %s, d, p, s, t, n from unnest(string_to_array(%s, E'\n')::date[],"
        " string_to_array(%s, E'\n'), string_to_array(%s, E'\n')::smallint[],"
        " string_to_array(%s, E'\n')::date[], string_to_array(%s, E'\n')::integer[])"
        " as each(d, p, s, t, n) order by d, p, s, t"
        " on conflict (area, visit_date, poi_id, slot, touched_date)"
        " do update set people = headcounts.people + excluded.people",
        (tx.area, column(key.visit_date for key, _ in rows), column(key.poi_id for key, _ in rows),
         column(key.slot for key, _ in rows), column(key.touched_date for key, _ in rows),
         column(people for _, people in rows)),
    )  # fmt: skip


async def read_people(
    tx: Transaction, day: date, touched_since: date, poi_ids: Iterable[str]
) -> dict[str, list[int]]:
    """Returns, by POI, the people that plans have there in each half hour of a day."""
    rows = await tx.fetch_all(
        "select poi_id, slot, greatest(0, sum(people))::integer as people from headcounts"
        " where area = %s and visit_date = %s and touched_date >= %s and poi_id = any(%s)"
        " group by poi_id, slot",
        (tx.area, day, touched_since, list(poi_ids)),
    )
    found: dict[str, list[int]] = {}
    for row in rows:
        found.setdefault(row["poi_id"], [0] * SLOTS)[row["slot"]] = row["people"]
    return found


async def add_plans(tx: Transaction, changes: Mapping[SpotKey, int]) -> None:
    """Adds to sums of plans, or takes off where negative; in the same order, as add_people."""
    rows = [(key, plans) for key, plans in changes.items() if plans]
    if not rows:
        return
    await tx.send(
        "insert into spot_days (area, plan_date, poi_id, kind, plans)"
        " select %s, d, coalesce(p, ''), k, n from unnest(string_to_array(%s, E'\n')::date[],"
        " string_to_array(%s, E'\n'), string_to_array(%s, E'\n'),"
        " string_to_array(%s, E'\n')::integer[])"
        " as each(d, p, k, n) order by d, p, k on conflict (area, plan_date, poi_id, kind)"
        " do update set plans = spot_days.plans + excluded.plans",
        (tx.area, column(key.plan_date for key, _ in rows), column(key.poi_id for key, _ in rows),
         column(key.kind for key, _ in rows), column(plans for _, plans in rows)),
    )  # fmt: skip


async def read_plans(tx: Transaction, first: date, last: date) -> dict[tuple[str, str], int]:
    """Returns sums of plans made from a day to another, by POI and what they count."""
    rows = await tx.fetch_all(
        "select poi_id, kind, greatest(0, sum(plans))::integer as plans from spot_days"
        " where area = %s and plan_date between %s and %s group by poi_id, kind",
        (tx.area, first, last),
    )
    return {(row["poi_id"], row["kind"]): row["plans"] for row in rows}


async def list_months(tx: Transaction, until: date, limit: int) -> list[str]:
    """Returns months with plans up to a day, YYYY-MM, the newest first."""
    rows = await tx.fetch_all(
        "select distinct to_char(plan_date, 'YYYY-MM') as month from spot_days where area = %s"
        " and poi_id = '' and plan_date <= %s and plans > 0 order by month desc limit %s",
        (tx.area, until, limit),
    )
    return [row["month"] for row in rows]


async def read_settings(tx: Transaction) -> dict[str, KeptSettings]:
    """Returns the settings of all spots that have any."""
    rows = await tx.fetch_all(
        "select poi_id, version, body::text as body, earlier_body::text as earlier_body"
        " from spot_settings where area = %s",
        (tx.area,),
    )
    return {
        row["poi_id"]: KeptSettings(
            _SETTINGS.decode(row["body"]), row["version"],
            _SETTINGS.decode(row["earlier_body"]) if row["earlier_body"] else None,
        )
        for row in rows
    }  # fmt: skip


async def lock_settings(tx: Transaction, poi_id: str) -> bool:
    """Keeps others from changing the settings of a POI until the transaction ends. Says whether
    there is such a POI."""
    await mark_change(tx)  # first, as whoever changes what plans read
    row = await tx.fetch_one(
        "select 1 from pois where area = %s and poi_id = %s for update", (tx.area, poi_id)
    )
    return row is not None


async def write_settings(
    tx: Transaction, poi_id: str, kept: KeptSettings, said_time: datetime
) -> None:
    """Inserts or replaces the settings of a POI."""
    earlier = None if kept.earlier is None else msgspec.json.encode(kept.earlier).decode()
    await tx.execute(
        "insert into spot_settings (area, poi_id, version, body, earlier_body, said_time)"
        " values (%s, %s, %s, %s::jsonb, %s::jsonb, %s) on conflict (area, poi_id) do update"
        " set version = excluded.version, body = excluded.body,"
        " earlier_body = excluded.earlier_body, said_time = excluded.said_time",
        (tx.area, poi_id, kept.version, msgspec.json.encode(kept.settings).decode(), earlier,
         said_time),
    )  # fmt: skip


async def write_level(
    tx: Transaction, zone_id: str, place_id: str, level: Level, as_of: datetime, said: datetime
) -> None:
    """Keeps how crowded a zone is, unless something later is known."""
    await tx.execute(
        "insert into zone_levels (area, zone_id, place_id, level, as_of_time, said_time)"
        " values (%s, %s, %s, %s, %s, %s) on conflict (area, zone_id) do update"
        " set place_id = excluded.place_id, level = excluded.level,"
        " as_of_time = excluded.as_of_time, said_time = excluded.said_time"
        " where zone_levels.as_of_time <= excluded.as_of_time",
        (tx.area, zone_id, place_id, level.value, as_of, said),
    )


async def read_levels(tx: Transaction, since: datetime) -> dict[str, Level]:
    """Returns the levels said since a moment, by place; the busiest where it has several zones."""
    rows = await tx.fetch_all(
        "select place_id, level from zone_levels where area = %s and as_of_time >= %s",
        (tx.area, since),
    )
    order = list(Level)
    found: dict[str, Level] = {}
    for row in rows:
        level = Level(row["level"])
        found[row["place_id"]] = max(found.get(row["place_id"], level), level, key=order.index)
    return found


async def forget_counts(tx: Transaction, visits_before: date, plans_before: date) -> None:
    """Deletes counts of days long past, in all areas of the transaction."""
    await tx.execute("delete from headcounts where visit_date < %s", (visits_before,))
    await tx.execute("delete from spot_days where plan_date < %s", (plans_before,))
