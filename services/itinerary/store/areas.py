"""The settings of an area as heard, and that it was dropped."""

from datetime import datetime

from kit.db import Transaction
from services.itinerary.domain.area import AreaState

_OWNED = (
    "delete from places where area = %s and (said_time is null or said_time <= %s)",
    "delete from closures where area = %s and (said_time is null or said_time <= %s)",
    "delete from pois where area = %s and (said_time is null or said_time <= %s)",
    "delete from poi_versions where area = %s and said_time <= %s",
    "delete from itineraries where area = %s and create_time <= %s",
    # Days of the area: east of Greenwich the next one has begun earlier.
    (
        "delete from headcounts as kept where area = %s and touched_date <= (select"
        " (%s::timestamptz at time zone coalesce(areas.time_zone, 'UTC'))::date"
        " from areas where areas.area = kept.area)"
    ),
    (
        "delete from spot_days as kept where area = %s and plan_date <= (select"
        " (%s::timestamptz at time zone coalesce(areas.time_zone, 'UTC'))::date"
        " from areas where areas.area = kept.area)"
    ),
    "delete from spot_settings where area = %s and said_time <= %s",
    "delete from zone_levels where area = %s and said_time <= %s",
    "delete from timetables where area = %s and said_time <= %s",
    "delete from live_addresses where area = %s and said_time <= %s",
    "delete from ways where area = %s and said_time <= %s",
    "delete from networks where area = %s and said_time <= %s",
    "update networks set change_id = gen_random_uuid() where area = %s and said_time > %s",
)


async def read_time_zone(tx: Transaction) -> str | None:
    """Returns the IANA zone of the area; None while directory has not told of it."""
    row = await tx.fetch_one("select time_zone from areas where area = %s", (tx.area,))
    return row["time_zone"] if row else None


# Asked with the beginning of a transaction, so that a plan does not wait for it by itself.
MARKS = (
    "select time_zone, change_id::text as change_id, (select change_id::text from networks"
    " where networks.area = areas.area) as network_id"
    " from areas where area = current_setting('meguri.area') and time_zone is not null"
)


async def read_mark(tx: Transaction) -> tuple[str, str] | None:
    """Returns the IANA zone of the area and the mark of its latest change; None while directory has
    not told of it. A transaction that began with MARKS knows already."""
    row = tx.asked or await tx.fetch_one(
        "select time_zone, change_id::text as change_id from areas"
        " where area = %s and time_zone is not null",
        (tx.area,),
    )
    return (row["time_zone"], row["change_id"]) if row else None


async def mark_change(tx: Transaction) -> None:
    """Gives the area another mark. One that directory has not told of yet gets its first then."""
    await tx.execute("update areas set change_id = gen_random_uuid() where area = %s", (tx.area,))


async def read_for_update(tx: Transaction) -> AreaState:
    """Returns what is known of the area and keeps others from changing it meanwhile."""
    await tx.execute(
        "insert into areas (area, version) values (%s, 0) on conflict do nothing", (tx.area,)
    )
    row = await tx.fetch_one("select * from areas where area = %s for update", (tx.area,))
    if row is None:
        raise RuntimeError("an area that was just written cannot be read")
    return AreaState(row["time_zone"], row["version"], row["said_time"], row["dropped_time"])


async def read_dropped_time(tx: Transaction) -> datetime | None:
    """Returns when the area was last dropped."""
    row = await tx.fetch_one("select dropped_time from areas where area = %s", (tx.area,))
    return row["dropped_time"] if row else None


async def write(tx: Transaction, state: AreaState) -> None:
    """Replaces what is known of the area; its row was read for update."""
    await tx.execute(
        "update areas set time_zone = %s, version = %s, said_time = %s, dropped_time = %s,"
        " change_id = gen_random_uuid() where area = %s",
        (state.time_zone, state.version, state.said_time, state.dropped_time, tx.area),
    )


async def wipe(tx: Transaction, until: datetime) -> None:
    """Deletes what was said of the area up to a time; its own row and the kit's stay."""
    for statement in _OWNED:
        await tx.execute(statement, (tx.area, until))
