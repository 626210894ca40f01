"""Settings of areas as heard from directory. The row of an area is also the lock of its facts."""

import json
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kit.db import Transaction
from services.insights.domain.area import AreaState
from services.insights.domain.fact import DEFAULT_TIME_ZONE, Kind

WHOLE_AREA = "15min"
# Kept in this order: every table that holds rows of an area, besides `areas` and `inbox`.
_OF_EVENTS = (
    "zone_hours", "zone_levels", "owner_totals", "shop_closes",
    "kpis", "kpi_values", "kpi_frames", "kpi_editions", "open_data", "keeping",
    "imports", "weather_values", "imported_months", "import_drafts", "import_mappings",
    "shop_consents",
    "letters", "letter_decisions", "letter_effects", "letter_mail", "letter_mails",
)  # fmt: skip


async def living(tx: Transaction) -> list[str]:
    """Returns the areas that are there; the transaction sees all areas."""
    rows = await tx.fetch_all(
        "select area from areas where dropped_time is null or configured_time is not null"
        " order by area"
    )
    return [row["area"] for row in rows]


async def hold(tx: Transaction) -> AreaState:
    """Returns the area's state and keeps it from changing until the transaction ends.

    Whoever dates facts holds it (shared); whoever changes the zone or drops the area waits.
    """
    for _ in range(2):
        row = await tx.fetch_one(
            "select time_zone, demo, dropped_time, configured_time, sealed from areas"
            " where area = %s for share",
            (tx.area,),
        )
        if row is not None:
            return _state(row)
        await tx.execute(
            "insert into areas (area, time_zone) values (%s, %s) on conflict do nothing",
            (tx.area, DEFAULT_TIME_ZONE),
        )
    raise RuntimeError("an area that was just written cannot be read")


async def read(tx: Transaction) -> AreaState:
    """Returns the area's state; the default one when nothing was heard yet."""
    row = await tx.fetch_one(
        "select time_zone, demo, dropped_time, configured_time, sealed from areas where area = %s",
        (tx.area,),
    )
    return _state(row) if row else AreaState(ZoneInfo(DEFAULT_TIME_ZONE))


async def change(tx: Transaction) -> AreaState:
    """Returns the area's state and locks it against everybody until the transaction ends."""
    await tx.execute(
        "insert into areas (area, time_zone) values (%s, %s) on conflict do nothing",
        (tx.area, DEFAULT_TIME_ZONE),
    )
    row = await tx.fetch_one(
        "select time_zone, demo, dropped_time, configured_time, sealed from areas"
        " where area = %s for update",
        (tx.area,),
    )
    if row is None:
        raise RuntimeError("an area that was just written cannot be read")
    return _state(row)


async def take_time(tx: Transaction) -> None:
    """Lets the statements that follow in this transaction work on all facts of an area.

    Only for another zone and for a drop: both are rare and must come to an end. The events that
    wait for them meanwhile are handed back by kit and heard afterwards.
    """
    await tx.execute(f"set local statement_timeout = '{WHOLE_AREA}'")


async def configure(tx: Transaction, *, time_zone: str, demo: bool, at: datetime) -> None:
    """Writes the settings said at a time."""
    await tx.execute(
        "update areas set time_zone = %s, demo = %s, configured_time = %s where area = %s",
        (time_zone, demo, at, tx.area),
    )


async def drop(tx: Transaction, at: datetime) -> None:
    """Removes everything that was said up to a time; only the area's name and that time stay.

    They stay because events said before may still be on their way and must not bring it back.
    """
    await tx.execute("delete from facts where area = %s and said_time <= %s", (tx.area, at))
    for table in _OF_EVENTS:
        await tx.execute(
            f"delete from {table} where area = %s and said_time <= %s",  # noqa: S608 - constants
            (tx.area, at),
        )
    for table in ("labels", "sources", "told_months", "late_counts", "outbox", "requests"):
        await tx.execute(f"delete from {table} where area = %s", (tx.area,))  # noqa: S608 - constants
    await tx.execute(
        "delete from inbox i where area = %s and not exists"
        " (select from facts f where f.area = i.area and f.event_id = i.event_id)",
        (tx.area,),
    )
    await tx.execute(
        "update areas set dropped_time = %s, configured_time = null, demo = false, sealed = '{}'"
        " where area = %s",
        (at, tx.area),
    )


async def seal(tx: Transaction, sealed: Mapping[Kind, date]) -> None:
    """Notes of kinds from which date on single facts are there. The area is locked by `change`."""
    await tx.execute(
        "update areas set sealed = sealed || %s::jsonb where area = %s",
        (json.dumps({kind.value: first.isoformat() for kind, first in sealed.items()}), tx.area),
    )


async def names(tx: Transaction) -> list[str]:
    """Returns the names of all areas, in a transaction that sees them."""
    return [row["area"] for row in await tx.fetch_all("select area from areas order by area")]


def _state(row: dict[str, Any]) -> AreaState:
    dropped, configured = row["dropped_time"], row["configured_time"]
    return AreaState(
        zone=ZoneInfo(str(row["time_zone"])),
        demo=bool(row["demo"]),
        dropped_time=dropped if isinstance(dropped, datetime) else None,
        configured_time=configured if isinstance(configured, datetime) else None,
        sealed={Kind(kind): date.fromisoformat(first) for kind, first in row["sealed"].items()},
    )
