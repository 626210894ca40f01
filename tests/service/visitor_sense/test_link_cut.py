"""A link cut for half an hour, then everything twice in any order: the same bytes in the tables.

The sensor's own spool holds what waits. What a killed process does to it: tests/system/sensing
(kill -9 of the service) and TestSpool in tests/unit/visitor_sense/test_sensor.py.
"""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import nats
import psycopg
import pytest

from kit.clock import SystemClock
from services.visitor_sense.domain import day
from services.visitor_sense.sensor.batches import Batcher, Boot, Counters
from services.visitor_sense.sensor.captures import RADIOTAP
from services.visitor_sense.sensor.link import LinkDown
from services.visitor_sense.sensor.spool import Spool
from tests.service.visitor_sense.conftest import Sense, Start, enroll, until
from tests.service.visitor_sense.test_once import all_consumed, stored
from tests.unit.visitor_sense import made

CUT = timedelta(minutes=30)


async def heard_while_cut(sense: Sense, folder: Path) -> Spool:
    """Returns the spool of a sensor that had its key and then heard phones for half an hour."""
    link = await sense.link()
    now = SystemClock().now()
    key = await link.fetch_key(day.key_date(now))
    await link.close()
    spool, batcher = Spool(folder / "spool"), Batcher(sense.credential, Boot(), key, Counters())
    begin_ms = day.to_ms(now - CUT)
    for number in range(6_000):
        frame = made.probe(made.phone(number % 1_700), sequence=number % 4_096)
        ready = batcher.feed(begin_ms + number * 300, RADIOTAP, frame)
        if number % 211 == 210:  # what a second of a quiet place makes: batches of all sizes
            ready = ready or batcher.flush()
        if ready is not None:
            spool.put(ready)
    last = batcher.flush()
    if last is not None:
        spool.put(last)
    with pytest.raises(LinkDown):
        await link.forward(spool)
    return spool


def rows(sense: Sense) -> list[Any]:
    """Returns what is kept of all hours and minutes, sketches as bytes."""
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        hours = connection.execute(
            "select zone_id, hour, frames, bursts, addresses, devices, address_estimate,"
            " device_estimate, key_epochs from zone_hours order by zone_id, hour"
        ).fetchall()
        minutes = connection.execute(
            "select zone_id, minute, near from zone_minutes order by zone_id, minute"
        ).fetchall()
        reported = connection.execute("select observations from sensors").fetchall()
        return [*hours, *minutes, *reported]


def forget_all(sense: Sense) -> None:
    with psycopg.connect(sense.database_url) as connection:
        connection.execute("select set_config('meguri.area', '*', false)")
        for table in ("zone_hours", "zone_minutes", "counted_batches"):
            connection.execute(f"delete from {table}")  # noqa: S608 - constants
        connection.execute("update sensors set observations = 0")


async def test_half_an_hour_without_a_link_changes_no_byte(start: Start, tmp_path: Path) -> None:
    async with start() as sense:
        await enroll(sense)
        spool = await heard_while_cut(sense, tmp_path)
        waited = len(spool)
        link = await sense.link()
        assert await link.forward(spool) == waited > 25
        await link.close()
        await until(lambda: all_consumed(sense))
        undisturbed, batches = rows(sense), await stored(sense)
    assert undisturbed[0][2] > 0
    assert sum(row[2] for row in undisturbed if len(row) == 9) == 6_000
    forget_all(sense)
    assert rows(sense)[:-1] == []
    again = batches * 2
    random.Random(7).shuffle(again)
    connection = await nats.connect(sense.nats_url)
    for part in (again[:19], again[19:40], again[40:]):
        async with start() as sense:  # and the service is stopped while it counts
            for subject, payload in part:
                await connection.jetstream().publish(subject, payload)
    async with start() as sense:
        await until(lambda: all_consumed(sense), 60)
        assert rows(sense) == undisturbed
    await connection.close()
