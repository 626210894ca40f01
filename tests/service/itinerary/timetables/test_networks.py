"""The network of an area: what is kept now, read and decoded once after each change."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kit.db import Database, Transaction
from meguri.directory.v1 import directory_events_pb2 as said_events
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_events_pb2 as own
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.itinerary import events
from services.itinerary.app.by_mark import ByMark
from services.itinerary.app.networks import Networks
from services.itinerary.domain.transit.network import KnownWalk, Network, TimeBasis
from services.itinerary.main import build
from services.itinerary.store import timetables as store
from tests import harness
from tests.service.itinerary.conftest import new_id, until
from tests.service.itinerary.timetables.conftest import Desk, line, refused, run, said
from tests.unit.itinerary.transit.feeds import archive

WALK = pb.KnownWalk(from_place_id="bus-center", to_place_id="cave", minutes=8, source="seen")
TAXI = pb.Taxi(names={"ja": "町タクシー"}, phone="0837-62-0000", source="its page")


class Beside:
    """A process of its own beside the service, on the same database."""

    def __init__(self, database: Database, area: str) -> None:
        self.database, self.area, self.networks = database, area, Networks()

    async def now(self) -> Network:
        async with self.database.read(self.area) as tx:
            return await self.networks.current(tx)


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    return service_database("itinerary")


@pytest.fixture
async def desk(url: str, nats_url: str, area: str) -> AsyncIterator[Desk]:
    async with harness.running("itinerary", events.ENCODERS, build, url, nats_url) as it:
        yield Desk(it, area)


@pytest.fixture
async def beside(url: str, area: str) -> AsyncIterator[Beside]:
    database = Database(url)
    await database.open()
    yield Beside(database, area)
    await database.close()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The areas whose timetables were read and decoded, in order."""
    seen: list[str] = []
    whole = store.list_bodies

    async def counted(tx: Transaction) -> dict[str, store.Kept]:
        seen.append(tx.area)
        return await whole(tx)

    monkeypatch.setattr(store, "list_bodies", counted)
    return seen


async def test_nothing_is_a_network_too(beside: Beside, desk: Desk) -> None:
    network = await beside.now()
    assert (network.version, list(network.timetable.runs)) == ("", [])


async def test_lines_feeds_and_ways_are_in_it_and_what_is_suspended_is_not(
    beside: Beside, desk: Desk, tmp_path: Path
) -> None:
    await desk.save(line(runs=[run("one", 540, 560, 580, confirmation=said())]))
    await desk.save(line(timetable_id="rail", suspended=True))
    await desk.feed(archive(tmp_path).read_bytes())
    await desk.ways(walks=[WALK], taxis=[TAXI])
    network = await beside.now()
    assert {each.run_id for each in network.timetable.runs} == {
        "cave-line/one", "town-bus/out", "town-bus/late",
    }  # fmt: skip
    assert network.runs["cave-line/one"].basis_on(datetime(2026, 12, 1, tzinfo=UTC).date()) == (
        TimeBasis.CONFIRMED, "2026-11-02",
    )  # fmt: skip
    assert network.fare_yen("cave-line", "school", "hub") == 400
    assert network.walks == (KnownWalk("bus-center", "cave", 8),)
    assert [taxi.phone for taxi in network.taxis] == ["0837-62-0000"]


async def test_each_change_makes_another_network_and_nothing_else_does(
    beside: Beside, desk: Desk, tmp_path: Path, reads: list[str]
) -> None:
    seen = [(await beside.now()).version]

    async def changed(step: Any) -> bool:
        await step
        seen.append((await beside.now()).version)
        return seen[-1] not in seen[:-1]

    assert await changed(desk.save(line()))
    assert not await changed(desk.save(line()))
    assert await changed(desk.confirm(1, confirmation=said()))
    assert await changed(desk.ways(walks=[WALK]))
    assert not await changed(desk.ways(1, walks=[WALK]))
    body = archive(tmp_path).read_bytes()
    assert await changed(desk.feed(body))
    assert not await changed(desk.feed(body))
    assert not await changed(desk.feed(body, dry_run=True))
    assert not await changed(refused(desk.save(line(timetable_id="X"))))
    assert await changed(desk.delete("town-bus", 1))
    assert len(reads) == 6


async def test_plans_at_once_read_it_once(beside: Beside, desk: Desk, reads: list[str]) -> None:
    await desk.save(line())
    found = await asyncio.gather(*(beside.now() for _ in range(12)))
    assert all(network is found[0] for network in found)
    assert len(reads) == 1


async def test_few_areas_are_kept_at_once(beside: Beside, desk: Desk, reads: list[str]) -> None:
    beside.networks = Networks(ByMark(2))
    areas = [f"{beside.area}x{number}" for number in range(3)]
    for beside.area in (*areas, areas[2], areas[1], areas[0]):
        await beside.now()
    assert reads == [*areas, areas[0]]


async def test_ways_are_kept_at_once_and_nobody_is_overwritten(desk: Desk) -> None:
    assert await desk.ways(walks=[WALK], taxis=[TAXI]) == 1
    assert await desk.ways(walks=[WALK], taxis=[TAXI]) == 1
    assert (await refused(desk.ways(walks=[WALK]))).reason == "VERSION_CONFLICT"
    request_id = new_id()
    assert await desk.ways(1, walks=[WALK], request_id=request_id) == 2
    assert await desk.ways(1, walks=[WALK], request_id=request_id) == 2
    read = await desk.visitor.GetWays(pb.GetWaysRequest(), timeout=30)
    assert (list(read.walks), list(read.taxis), read.version) == ([WALK], [], 2)
    bad = await refused(desk.ways(2, walks=[WALK, WALK]))
    assert dict(bad.fields)["walks[1]"].endswith("[WALK_TWICE]")
    heard = await desk.it.heard(desk.area, "ways_changed", 2)
    told = [own.WaysChanged.FromString(message.data) for message in heard]
    assert [(each.walk_count, each.taxi_count) for each in told] == [(1, 1), (1, 0)]


async def test_a_dropped_area_keeps_no_timetable_and_a_new_one_begins_anew(
    beside: Beside, desk: Desk
) -> None:
    await desk.save(line())
    await desk.ways(walks=[WALK])
    before = await beside.now()
    await desk.it.say(desk.area, "directory", "area_dropped", said_events.AreaDropped(),
                      occur_time=datetime.now(UTC) + timedelta(seconds=1))  # fmt: skip

    async def gone() -> bool:
        return not await desk.listed()

    await until(gone)
    assert (await beside.now()).version == ""
    assert (await beside.now()).walks == ()
    await asyncio.sleep(1)
    assert (await desk.save(line())).version == 1
    after = await beside.now()
    assert after.version not in ("", before.version)


async def test_a_late_drop_leaves_what_was_kept_since(beside: Beside, desk: Desk) -> None:
    await desk.save(line(timetable_id="old"))
    between = datetime.now(UTC)
    await desk.save(line(timetable_id="new"))
    both = await beside.now()
    await desk.it.say(desk.area, "directory", "area_dropped", said_events.AreaDropped(),
                      occur_time=between)  # fmt: skip

    async def wiped() -> bool:
        return list(await desk.listed()) == ["new"]

    await until(wiped)
    network = await beside.now()
    assert network.version != both.version
    assert set(network.lines) == {"new"}


async def test_points_of_places_are_counted_as_directory_tells_of_them(desk: Desk) -> None:
    assert (await desk.save(line())).unknown_point_count == 3
    place = directory.Place(
        place_id="bus-center", names={"ja": "停"}, latitude=34.2, longitude=131.3, version=1,
        coordinate_quality=directory.COORDINATE_QUALITY_SOURCE,
    )  # fmt: skip
    recorded = said_events.PlaceRecorded(place=place)
    await desk.it.say(desk.area, "directory", "place_recorded", recorded, aggregate_id="bus-center")

    async def counted() -> bool:
        return (await desk.listed())["cave-line"].unknown_point_count == 2

    await until(counted)
