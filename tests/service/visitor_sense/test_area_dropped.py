"""A dropped area leaves nothing, and its drop, however late or repeated, spares the area made anew.

Order is not guaranteed after a failure: every handler is given its events in both orders.
"""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from psycopg import sql

from kit.auth import Role
from kit.clock import SystemClock
from meguri.directory.v1.directory_events_pb2 import AreaDropped, PlaceClosed, PlaceReopened
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from services.visitor_sense.domain import day
from tests.service.visitor_sense.conftest import Sense, enroll, until
from tests.unit.visitor_sense import made

PAST = datetime(2026, 1, 1, tzinfo=UTC)


def rows(sense: Sense) -> dict[str, int]:
    """Returns how many rows each table holds of the area."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        tables = connection.execute(
            "select table_name from information_schema.columns"
            " where column_name = 'area' and table_schema = 'public'"
        ).fetchall()
        found = {}
        for (table,) in tables:
            count = sql.SQL("select count(*) from {} where area = %s").format(sql.Identifier(table))
            (found[table],) = connection.execute(count, (sense.area,)).fetchone() or (0,)
        return {table: count for table, count in found.items() if count}


def closing(closure_id: str = "c1") -> PlaceClosed:
    message = PlaceClosed(
        closure_id=closure_id, place_id="akiyoshido", affected_place_ids=["akiyoshido-main"]
    )
    message.from_time.FromDatetime(SystemClock().now() - timedelta(minutes=1))
    return message


def reopening(closure_id: str = "c1") -> PlaceReopened:
    message = PlaceReopened(closure_id=closure_id, affected_place_ids=["akiyoshido-main"])
    message.reopened_time.FromDatetime(SystemClock().now())
    return message


async def closed(sense: Sense) -> bool:
    answer = await sense.stub(Role.VISITOR).ReadOccupancy(wire.ReadOccupancyRequest(), timeout=30)
    return bool(answer.zones and answer.zones[0].closed)


async def gone(sense: Sense) -> bool:
    return not (await sense.admin.ListZones(wire.ListZonesRequest(), timeout=30)).zones


async def heard(sense: Sense, event_id: str) -> bool:
    """Tells whether an event was taken in."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        row = connection.execute("select 1 from inbox where event_id = %s", (event_id,)).fetchone()
    return row is not None


async def test_nothing_stays_but_the_proof_of_the_drop(sense: Sense, tmp_path: Path) -> None:
    await sense.counted(await sense.replay(made.pcap(tmp_path / "a", made.crowd(40))))
    await sense.it.say(sense.area, "directory", "place_closed", closing())
    pause = wire.PauseSiteRequest(request_id="pause-it", place_id="akiyoshido-main")
    await sense.admin.PauseSite(pause, timeout=30)

    async def is_closed() -> bool:
        return await closed(sense)

    await until(is_closed)
    assert {"zones", "sensors", "zone_hours", "closures", "pauses", "day_key_epochs"} <= set(
        rows(sense)
    )
    drop = str(uuid.uuid4())
    await sense.it.say(sense.area, "directory", "area_dropped", AreaDropped(), event_id=drop)

    async def only_the_proof() -> bool:
        return rows(sense) == {"inbox": 1}

    await until(only_the_proof)
    assert await heard(sense, drop)


async def test_a_repeated_drop_spares_the_area_made_anew(sense: Sense) -> None:
    drop = {"event_id": str(uuid.uuid4()), "occur_time": SystemClock().now()}
    await sense.it.say(sense.area, "directory", "area_dropped", AreaDropped(), **drop)

    async def is_gone() -> bool:
        return await gone(sense)

    await until(is_gone)
    await enroll(sense)
    await sense.it.say(sense.area, "directory", "area_dropped", AreaDropped(), **drop)
    last = await sense.it.say(sense.area, "directory", "place_closed", closing("after"))

    async def is_heard() -> bool:
        return await heard(sense, last)

    await until(is_heard)
    assert not await gone(sense)


async def test_a_late_drop_spares_what_was_made_after_it(sense: Sense, tmp_path: Path) -> None:
    await sense.counted(await sense.replay(made.pcap(tmp_path / "a", made.crowd(40))))
    before = rows(sense)
    drop = await sense.it.say(
        sense.area, "directory", "area_dropped", AreaDropped(), occur_time=PAST
    )

    async def is_heard() -> bool:
        return await heard(sense, drop)

    await until(is_heard)
    kept = rows(sense)
    for table in ("zones", "sensors", "zone_hours", "day_key_epochs"):
        assert kept[table] == before[table], table


async def test_a_closure_that_was_ended_stays_ended_whatever_comes_late(sense: Sense) -> None:
    say = sense.it.say
    await say(sense.area, "directory", "place_reopened", reopening(), version=2)
    await say(sense.area, "directory", "place_closed", closing(), version=1)
    await say(sense.area, "directory", "place_closed", closing("c2"), version=1)
    last = await say(sense.area, "directory", "place_reopened", reopening("c2"), version=2)

    async def is_heard() -> bool:
        return await heard(sense, last)

    await until(is_heard)
    assert not await closed(sense)


async def test_a_key_held_across_a_drop_is_not_given_on(sense: Sense) -> None:
    """The epoch of the dropped area is gone; the area made anew begins with a key of its own."""
    today = day.key_date(SystemClock().now())
    link = await sense.link()
    first = await link.fetch_key(today)
    await link.close()
    await sense.it.say(sense.area, "directory", "area_dropped", AreaDropped())

    async def is_gone() -> bool:
        return await gone(sense)

    await until(is_gone)
    await enroll(sense)
    link = await sense.link()
    second = await link.fetch_key(today)
    await link.close()
    assert (second.epoch, second.reveal() == first.reveal()) == (1, False)
