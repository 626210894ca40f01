"""What an area offers: read once after each change, and never older than what was said."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from kit.db import Database, Transaction
from meguri.directory.v1 import directory_events_pb2 as said
from meguri.directory.v1 import directory_service_pb2 as directory
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary import cli, events
from services.itinerary.app.by_mark import ByMark
from services.itinerary.app.catalogs import OVER, Catalogs, Offer
from services.itinerary.domain.poi import Poi
from services.itinerary.main import build
from services.itinerary.store import areas
from services.itinerary.store import catalog as store
from tests import harness
from tests.service.itinerary.conftest import MINE, TIMEOUT_S, Mine, new_id, until, visited
from tests.service.itinerary.test_planning import NINE, close, stamp

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


class Beside:
    """A process of its own beside the service, on the same database."""

    def __init__(self, database: Database, area: str) -> None:
        self.database, self.area, self.catalogs = database, area, Catalogs()

    async def now(self) -> Offer | None:
        async with self.database.read(self.area) as tx:
            return await self.catalogs.current(tx, NOW)

    async def mark(self) -> str:
        async with self.database.read(self.area) as tx:
            found = await areas.read_mark(tx)
        return found[1] if found else ""

    async def next(self, mark: str) -> str:
        """Awaits another mark than one that is known."""

        async def other() -> str:
            found = await self.mark()
            return found if found != mark else ""

        return str(await until(other))


@pytest.fixture
def url(service_database: Callable[[str], str]) -> str:
    return service_database("itinerary")


@pytest.fixture
async def service(url: str, nats_url: str) -> AsyncIterator[harness.Running]:
    async with harness.running("itinerary", events.ENCODERS, build, url, nats_url) as it:
        yield it


@pytest.fixture
async def beside(url: str, area: str, service: harness.Running) -> AsyncIterator[Beside]:
    database = Database(url)
    await database.open()
    yield Beside(database, area)
    await database.close()


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The areas whose POIs were read and decoded, in order."""
    seen: list[str] = []
    whole = store.list_pois

    async def counted(tx: Transaction, *more: Any) -> list[tuple[Poi, int]]:
        seen.append(tx.area)
        return await whole(tx, *more)

    monkeypatch.setattr(store, "list_pois", counted)
    return seen


async def test_each_change_gives_another_mark_and_an_equal_load_does_not(
    beside: Beside, mine: Mine
) -> None:
    async def all_heard() -> bool:
        return {"st-mine", "st-shin-yamaguchi"} <= {*(await _offer(beside)).places}

    await until(all_heard)
    mark = await beside.mark()
    records = cli.read_pois(MINE / "pois.csv")

    async def load() -> None:
        request = pb.ImportPoisRequest(request_id=new_id(), records=records)
        await mine.staff.ImportPois(request, timeout=TIMEOUT_S)

    await load()
    assert await beside.mark() == mark
    records[0].stay_max_minutes += 1
    await load()
    mark = await beside.next(mark)
    offer = await beside.now()
    assert offer is not None
    assert offer.pois[records[0].poi_id].stay_max_minutes == records[0].stay_max_minutes
    closure_id = await close(mine, "akiyoshido-main")
    mark = await beside.next(mark)
    await mine.say("place_reopened", said.PlaceReopened(closure_id=closure_id), closure_id, 2)
    mark = await beside.next(mark)
    place = directory.Place(place_id="new-place", names={"ja": "新"}, version=1)
    await mine.say("place_recorded", said.PlaceRecorded(place=place), "new-place")
    mark = await beside.next(mark)
    assert "new-place" in (await _offer(beside)).places
    settings = directory.Area(area=mine.area, time_zone="Asia/Seoul", version=2)
    await mine.say("area_configured", said.AreaConfigured(area=settings), mine.area, 2)
    await beside.next(mark)
    assert (await _offer(beside)).time_zone == "Asia/Seoul"
    await mine.say("area_dropped", said.AreaDropped(), mine.area, 3)

    async def gone() -> bool:
        return await beside.now() is None

    await until(gone)


async def _offer(beside: Beside) -> Offer:
    offer = await beside.now()
    assert offer is not None
    return offer


async def test_many_at_once_read_it_once(beside: Beside, mine: Mine, reads: list[str]) -> None:
    found = await asyncio.gather(*(beside.now() for _ in range(12)))
    assert all(offer is found[0] for offer in found)
    assert reads == [mine.area]


async def test_few_areas_are_kept_at_once(
    beside: Beside, mine: Mine, service: harness.Running, reads: list[str]
) -> None:
    beside.catalogs = Catalogs(ByMark(1))
    other = Mine(service, f"{mine.area}x")
    await other.load()
    reads.clear()
    for beside.area in (mine.area, other.area, other.area, mine.area):
        await beside.now()
    assert reads == [mine.area, other.area, mine.area]


async def test_closures_are_those_of_the_day_also_of_one_that_is_over(
    beside: Beside, mine: Mine
) -> None:
    long_ago = NOW - OVER - timedelta(days=3)
    mark = await beside.mark()
    for place_id, begins, ends in (
        ("akiyoshido-main", long_ago, long_ago + timedelta(hours=5)),
        ("akiyoshido-kurotani", NOW - timedelta(hours=9), NOW - timedelta(hours=1)),
        ("beppu-benten-pond", NOW, None),
    ):
        more: dict[str, Any] = {"until_time": stamp(ends)} if ends else {}
        await close(mine, place_id, from_time=stamp(begins), **more)
        mark = await beside.next(mark)
    offer = await _offer(beside)
    async with beside.database.read(beside.area) as tx:
        shut = {
            moment: [next(iter(each.place_ids)) for each in await offer.closures_after(tx, moment)]
            for moment in (long_ago, NOW - timedelta(hours=2), NOW)
        }
    assert shut == {
        long_ago: ["akiyoshido-main", "akiyoshido-kurotani", "beppu-benten-pond"],
        NOW - timedelta(hours=2): ["akiyoshido-kurotani", "beppu-benten-pond"],
        NOW: ["beppu-benten-pond"],
    }


async def test_a_plan_right_after_a_closure_was_heard_avoids_it(beside: Beside, mine: Mine) -> None:
    first = await mine.plan()
    gate = next(poi_id for poi_id in visited(first) if poi_id.startswith("akiyoshido-"))
    mark = await beside.mark()
    closure_id = await close(mine, gate, from_time=stamp(NINE - timedelta(days=1)))
    mark = await beside.next(mark)
    assert gate not in visited(await mine.plan())
    await mine.say("place_reopened", said.PlaceReopened(closure_id=closure_id), closure_id, 2)
    await beside.next(mark)
    assert visited(await mine.plan()) == visited(first)
