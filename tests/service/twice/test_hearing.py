"""Events that come to two processes of a service, three times each and shuffled, while one of them
is killed: what they know in the end is what one process knows that heard each once and in order.
"""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

import grpc
import nats
import psycopg
import pytest

from kit.bus import Delivery
from kit.clock import SystemClock
from kit.db import Database
from kit.publishing import subject_of
from meguri.directory.v1 import directory_events_pb2 as told
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as plans
from tests.service.insights import said
from tests.service.insights.said import Ear, thrice_and_shuffled
from tests.service.insights.test_intake import contents
from tests.service.insights.test_shuffled_late import _headers, some_months
from tests.service.itinerary.conftest import Mine, new_id, until
from tests.service.twice.conftest import Twice, running_twice

pytestmark = pytest.mark.long

CLOSURES, LATE = 30, 4


async def publish(nats_url: str, deliveries: list[Delivery]) -> None:
    """Puts events into the streams without ids, so that it takes repeats too."""
    connection = await nats.connect(nats_url)
    try:
        for each in deliveries:
            await connection.jetstream().publish(
                subject_of(each.area, each.service, each.type), each.body, headers=_headers(each)
            )
    finally:
        await connection.close()


async def hear_twice(twice: Twice, deliveries: list[Delivery]) -> None:
    """Lets both hear everything three times, and one of them die over it."""
    many = thrice_and_shuffled(deliveries, 11)
    half = len(many) // 2
    await publish(twice.nats_url, many[:half])
    rest = asyncio.create_task(publish(twice.nats_url, many[half:]))
    await asyncio.sleep(0.3)
    twice.kill_first()
    await rest
    await twice.settled(*sorted({each.service for each in deliveries}))


async def test_insights(
    service_database: Callable[[str], str], nats_url: str, tmp_path: Path
) -> None:
    clock = SystemClock()
    events = some_months("mine", 3)
    zone = [each for each in events if each.service == "directory"]
    alone = Database(service_database("insights"), pool_max=4)
    await alone.open()
    await Ear(alone, clock).hear(zone)
    await Ear(alone, clock).hear(events)
    wanted = await contents(alone, "mine")
    await alone.close()

    url = service_database("insights")
    async with running_twice("insights", url, nats_url, tmp_path) as twice:
        await publish(nats_url, zone)
        await twice.settled("directory")
        await hear_twice(twice, events)
        both = Database(url, pool_max=4)
        await both.open()
        found = await contents(both, "mine")
        async with both.read("mine") as tx:
            inbox = await tx.fetch_one("select count(*) as n from inbox")
        await both.close()
    assert found == wanted
    assert inbox == {"n": len({each.event_id for each in events})}


def closures(area: str) -> list[Delivery]:
    """Closures that begin and, but for the last few, end: two versions of each."""
    now = datetime.now(UTC)
    found = []
    for number in range(CLOSURES):
        closure = directory.Closure(
            closure_id=f"closure-{number}", place_id="akiyoshido", reason="flood", version=1
        )
        closure.from_time.FromDatetime(now)
        found.append(
            said.said("directory", "place_closed", _closed(closure), now, area=area,
                      aggregate_id=closure.closure_id)
        )  # fmt: skip
        if number >= LATE:
            reopened = told.PlaceReopened(closure_id=closure.closure_id, place_id="akiyoshido")
            found.append(
                said.said("directory", "place_reopened", reopened, now, area=area,
                          aggregate_id=closure.closure_id, version=2)
            )  # fmt: skip
    return found


def _closed(closure: directory.Closure) -> told.PlaceClosed:
    body = told.PlaceClosed(
        closure_id=closure.closure_id,
        place_id=closure.place_id,
        reason=closure.reason,
        affected_place_ids=[closure.place_id],
    )
    body.from_time.CopyFrom(closure.from_time)
    return body


async def _planned_once(both: list[Mine]) -> None:
    """One request at both is one plan, with the POIs that one of them imported."""
    trip = plans.TripRequest(
        visit_date="2026-11-21", start=plans.Location(place_id="parking-city"),
        start_minute=9 * 60, end_minute=17 * 60, mode=plans.TRAVEL_MODE_CAR,
    )  # fmt: skip
    request = plans.PlanItineraryRequest(request_id=new_id(), trip=trip)

    async def planned(mine: Mine) -> Any:
        try:
            return (await mine.visitor.PlanItinerary(request, timeout=60)).itinerary
        except grpc.aio.AioRpcError as error:
            if error.code() is not grpc.StatusCode.UNAVAILABLE:
                raise
            return None  # its search is still loading

    first, second = await asyncio.gather(*(until(partial(planned, m), 200.0) for m in both))
    assert first == second
    assert first.visits


async def test_itinerary(
    service_database: Callable[[str], str], nats_url: str, area: str, tmp_path: Path
) -> None:
    url = service_database("itinerary")
    async with running_twice("itinerary", url, nats_url, tmp_path, MEGURI_PATIENCE="5") as twice:
        mine = Mine(twice.both[1], area)
        await mine.load()
        other = Mine(twice.both[0], area)
        await _planned_once([mine, other])
        await hear_twice(twice, closures(area))
        with psycopg.connect(url) as connection:
            connection.execute("select set_config('meguri.area', %s, true)", (area,))
            row = connection.execute("select count(*) from closures where not ended").fetchone()
        assert row == (LATE,), "an end heard before its beginning is an end"
