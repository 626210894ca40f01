"""What the guide does with the directory's events."""

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from google.protobuf.timestamp_pb2 import Timestamp

from kit.db import Database
from meguri.directory.v1 import directory_events_pb2 as directory
from meguri.multilingual.v1 import multilingual_events_pb2 as said
from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from services.multilingual.store import areas
from tests.service.multilingual.conftest import TIMEOUT_S, World


def at(hours: float) -> Timestamp:
    moment = Timestamp()
    moment.FromDatetime(datetime.now(UTC) + timedelta(hours=hours))
    return moment


async def until(condition: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(30):
        while not await condition():  # noqa: ASYNC110 - it lives in another service
            await asyncio.sleep(0.02)


def closed(closure_id: str, hours: float | None = 5) -> directory.PlaceClosed:
    return directory.PlaceClosed(
        closure_id=closure_id, place_id="cave", reason="flood", note="水が増えています。",
        from_time=at(-1), until_time=at(hours) if hours is not None else None,
        affected_place_ids=["cave", "cave/pool", "cave/fall"],
    )  # fmt: skip


async def test_a_closure_shows_on_the_pages_it_touches_until_reopened(world: World) -> None:
    await world.load()
    before, closure_id = await world.read("pool"), str(uuid.uuid4())
    await world.it.say(world.area, "directory", "place_closed", closed(closure_id))

    async def shows() -> bool:
        return len((await world.read("pool")).notices) == 1

    await until(shows)
    stop = await world.read("pool")
    [notice] = stop.notices
    assert (notice.reason, notice.place_id, notice.note_locale) == ("flood", "cave", "ja")
    assert notice.HasField("as_of_time")
    assert notice.until_time == stop.fresh_until_time
    assert stop.etag_basis != before.etag_basis
    assert stop.revision == before.revision
    assert not (await world.read("hall")).notices
    listed = await world.visitor.ListStops(pb.ListStopsRequest(), timeout=TIMEOUT_S)
    assert [each.closed for each in listed.stops] == [True, True, False, False]
    [message] = await world.it.heard(world.area, "stop_notices_changed", 1)
    body = said.StopNoticesChanged.FromString(message.data)
    assert set(body.stop_codes) == {world.code("pool"), world.code("fall")}

    reopened = directory.PlaceReopened(
        closure_id=closure_id, place_id="cave", reopened_time=at(0),
        affected_place_ids=["cave", "cave/pool", "cave/fall"],
    )  # fmt: skip
    await world.it.say(world.area, "directory", "place_reopened", reopened, version=2)

    async def gone() -> bool:
        return not (await world.read("pool")).notices

    await until(gone)


async def test_events_out_of_order_and_repeated_end_the_same(world: World) -> None:
    await world.load()
    closure_id = str(uuid.uuid4())
    reopened = directory.PlaceReopened(
        closure_id=closure_id,
        place_id="cave",
        reopened_time=at(0),
        affected_place_ids=["cave/pool"],
    )
    event_id = str(uuid.uuid4())
    for _ in range(2):
        await world.it.say(
            world.area, "directory", "place_reopened", reopened, version=2, event_id=event_id
        )
    await world.it.say(world.area, "directory", "place_closed", closed(closure_id), version=1)
    open_ended = str(uuid.uuid4())
    await world.it.say(world.area, "directory", "place_closed", closed(open_ended, None))

    async def shows() -> bool:
        return bool((await world.read("pool")).notices)

    await until(shows)
    stop = await world.read("pool")
    assert [each.closure_id for each in stop.notices] == [open_ended]
    assert not stop.notices[0].HasField("until_time")
    assert not stop.HasField("fresh_until_time")


async def test_every_table_of_the_guide_is_emptied_with_its_area(world: World) -> None:
    """A demonstration begins anew under the same name: nothing of the last one may be left."""
    database = Database(world.database_url)
    await database.open()
    async with database.read(world.area) as tx:
        rows = await tx.fetch_all(
            "select table_name from information_schema.columns"
            " where table_schema = 'public' and column_name = 'area'"
        )
    await database.close()
    kits = {"inbox", "outbox", "requests"}  # kit clears its own
    assert {row["table_name"] for row in rows} - kits == set(areas.TABLES)


async def test_a_dropped_area_is_gone(world: World) -> None:
    await world.load()
    await world.it.say(world.area, "directory", "area_dropped", directory.AreaDropped())

    async def empty() -> bool:
        answer = await world.visitor.ListStops(pb.ListStopsRequest(), timeout=TIMEOUT_S)
        return not answer.stops

    await until(empty)
    assert (await world.load()).stop_count == 4
