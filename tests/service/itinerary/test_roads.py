"""Ways of a routing engine: asked of a real Valhalla where it is installed, of one that fails in
every way a server can, and laid into plans through the service's own door."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary import events, main
from services.itinerary.app.roads import End
from services.itinerary.domain.place import Point
from services.itinerary.domain.roads import Roads, RoadWay
from services.itinerary.domain.trip import TravelMode
from services.itinerary.gateways.roads import EngineAway, RoadEngine
from tests import harness, road_network
from tests.road_network import BEND, CORNER, EAST, NORTH, SOUTH
from tests.service.itinerary.conftest import Mine
from tests.service.itinerary.test_sojourns import Days
from tests.service.itinerary.test_sojourns import asked as asked_days

real = pytest.mark.skipif(
    not road_network.is_installed(), reason="no Valhalla: install requirements-roads.lock"
)
CAR, FOOT, CYCLE = TravelMode.CAR, TravelMode.FOOT, TravelMode.CYCLE
ALL = [Point(*node) for node in (SOUTH, BEND, NORTH, EAST, CORNER)]
SEA = Point(34.60, 131.0)
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture(scope="module")
def valhalla(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with road_network.engine(tmp_path_factory.mktemp("valhalla")) as url:
        yield url


@asynccontextmanager
async def asked(url: str) -> AsyncIterator[RoadEngine]:
    engine = RoadEngine(url)
    try:
        yield engine
    finally:
        await engine.close()


@asynccontextmanager
async def server(answer: Answer) -> AsyncIterator[str]:
    """A server that answers every question in one way."""
    app = web.Application()
    app.router.add_post("/sources_to_targets", answer)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@real
async def test_a_real_engine_knows_one_way_streets_and_paths(valhalla: str) -> None:
    south, bend, north, _east, corner = ALL
    async with asked(valhalla) as engine:
        driven = await engine.ways(ALL, ALL, CAR)
        walked = await engine.ways(ALL, ALL, FOOT)
        cycled = await engine.ways(ALL, ALL, CYCLE)
    assert 1600 < driven[south, north].meters < 1750
    assert driven[south, north].seconds < driven[corner, north].seconds
    assert (south, corner) not in driven, "one way, and a footway"
    assert 850 < driven[corner, south].meters < 1000
    assert 850 < walked[south, corner].meters < 1000
    assert walked[south, bend].seconds > 3 * driven[south, bend].seconds
    assert driven[south, bend].seconds < cycled[south, bend].seconds < walked[south, bend].seconds
    assert cycled[south, bend].meters == driven[south, bend].meters


@real
async def test_points_without_a_road_take_no_others_along(valhalla: str) -> None:
    async with asked(valhalla) as engine:
        alone = await engine.ways([SEA], ALL, CAR)
        mixed = await engine.ways([*ALL, SEA], [SEA, *ALL], CAR)
        assert alone == {}
        assert mixed == await engine.ways(ALL, ALL, CAR)


@real
async def test_many_points_are_asked_in_parts(valhalla: str) -> None:
    many = [Point(34.2250 + 0.0001 * n, 131.3030) for n in range(120)]
    async with asked(valhalla) as engine:
        ways = await engine.ways(many, many, CAR)
    assert len(ways) == 120 * 120


@real
async def test_a_plan_follows_the_roads(
    service_database: Callable[[str], str], nats_url: str, area: str, valhalla: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("MEGURI_ROUTING_URL", valhalla)
    url = service_database("itinerary")
    async with harness.running("itinerary", events.ENCODERS, main.build, url, nats_url) as it:
        mine = Mine(it, area)
        await mine.load()
        points = [
            pb.Location(point=pb.Point(latitude=latitude, longitude=longitude))
            for latitude, longitude in (SOUTH, NORTH)
        ]
        plan = await mine.plan(
            start=points[0],
            end=points[1],
            start_minute=540,
            end_minute=545 + 30,
        )
        [leg] = [each for each in plan.legs if each.on_road_network]
        assert 1600 < leg.distance_m < 1750
        assert leg.travel_minutes <= 10


class AllAtOnce:
    """A book that answers once all days of a party have asked, and never if one waits for
    another."""

    def __init__(self, days: int) -> None:
        self._gate, self._days, self.asked = asyncio.Barrier(days), days, 0
        self.is_there = True

    async def between(
        self, mode: TravelMode, places: Sequence[Point], ends: Sequence[End]
    ) -> Roads:
        del mode, places, ends
        self.asked += 1
        if self.asked <= self._days:
            async with asyncio.timeout(60):
                await self._gate.wait()
        return Roads()  # as of an engine that is too slow

    async def close(self) -> None:
        pass


async def test_days_together_wait_for_an_engine_once(
    service_database: Callable[[str], str], nats_url: str, area: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    book = AllAtOnce(3)
    monkeypatch.setattr(main, "RoadBook", lambda _engine: book)
    url = service_database("itinerary")
    async with harness.running("itinerary", events.ENCODERS, main.build, url, nats_url) as it:
        mine = Mine(it, area)
        await mine.load()
        kept = await Days(mine).plan(asked_days())
        assert len(kept.days) == 3
        assert book.asked == 3
        request = pb.ProposeDaysRequest(itinerary_id=kept.days[0].itinerary_id)
        await mine.visitor.ProposeDays(request, timeout=30)
        assert book.asked == 4


def matrix(rows: int, columns: int, seconds: object = 60) -> str:
    cell = {"time": seconds, "distance": 1.2, "from_index": 0, "to_index": 0}
    return json.dumps({"sources_to_targets": [[cell] * columns] * rows})


async def answers(status: int, body: str) -> Any:
    """What came of one question to a server that answers so."""

    async def answer(_request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, text=body)

    async with server(answer) as url, asked(url) as engine:
        return await engine.ways(ALL[:2], ALL[:2], CAR)


async def test_what_an_engine_tells_is_taken_in_seconds_and_meters() -> None:
    found = await answers(200, matrix(2, 2))
    assert set(found.values()) == {RoadWay(60, 1200)}
    assert await answers(200, matrix(2, 2, None)) == {}


@pytest.mark.parametrize("body", ["", "{", "[]", '{"sources_to_targets": 3}', matrix(1, 2)])
async def test_an_answer_that_is_none_is_no_way(body: str) -> None:
    with pytest.raises(EngineAway):
        await answers(200, body)


async def test_a_cycle_is_asked_for_as_the_engine_calls_it() -> None:
    asked_for = []

    async def answer(request: web.Request) -> web.StreamResponse:
        asked_for.append((await request.json())["costing"])
        return web.Response(text=matrix(2, 2))

    async with server(answer) as url, asked(url) as engine:
        for mode in (CAR, FOOT, CYCLE):
            await engine.ways(ALL[:2], ALL[:2], mode)
    assert asked_for == ["auto", "pedestrian", "bicycle"]


@pytest.mark.parametrize("seconds", [1e308, 1e22, 2**31, -1, -1e308])
async def test_a_way_that_nobody_can_go_is_none(seconds: float) -> None:
    assert await answers(200, matrix(2, 2, seconds)) == {}


@pytest.mark.parametrize("kilometers", [1e300, 1e9, -1, -1e300, 100])
async def test_a_length_that_none_has_is_no_way(kilometers: float) -> None:
    """A hundred kilometers in a minute too."""
    cell = {"time": 60, "distance": kilometers}
    assert await answers(200, json.dumps({"sources_to_targets": [[cell] * 2] * 2})) == {}


async def test_a_point_in_the_sea_costs_few_questions() -> None:
    """Else whoever asks for days from there would keep the engine from all others."""
    asked_for: list[tuple[int, int]] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        question = await request.json()
        sources, targets = question["sources"], question["targets"]
        asked_for.append((len(sources), len(targets)))
        if any(each["lat"] == SEA.latitude for each in (*sources, *targets)):
            return web.Response(status=400, text='{"error_code": 171}')
        return web.Response(text=matrix(len(sources), len(targets)))

    many = [Point(34.2250 + 0.0001 * n, 131.3030) for n in range(100)]
    async with server(answer) as url, asked(url) as engine:
        assert await engine.ways([SEA], many, CAR, [SEA]) == {}
        assert await engine.ways(many, [SEA], CAR, [SEA]) == {}
        assert len(asked_for) <= 8
        assert not engine._apart, "a party's own point is not remembered"
        asked_for.clear()
        # A place of the area without a road is looked for once.
        assert len(await engine.ways([*many[:20], SEA], many[:20], CAR)) == 400
        assert len(asked_for) > 3
        asked_for.clear()
        assert len(await engine.ways(many[:1], [*many[:20], SEA], CAR)) == 20
        assert asked_for == [(1, 20)]
        assert len(await engine.ways(many[:1], [SEA], FOOT)) == 0
        assert len(asked_for) > 1, "on foot it may be otherwise"


async def test_an_engine_cannot_join_the_questions_of_a_party() -> None:
    seen: list[str | None] = []

    async def answer(request: web.Request) -> web.StreamResponse:
        seen.append(request.headers.get("Cookie"))
        response = web.Response(text=matrix(1, 1))
        response.set_cookie("party", "1")
        return response

    async with server(answer) as url, asked(url.replace("127.0.0.1", "localhost")) as engine:
        for _ in range(2):
            assert await engine.ways(ALL[:1], ALL[1:2], CAR)
    assert seen == [None, None]


async def test_an_answer_without_an_end_is_given_up() -> None:
    with pytest.raises(EngineAway):
        await answers(200, "x" * 5_000_000)
    with pytest.raises(EngineAway):
        await answers(500, "")
    with pytest.raises(EngineAway):
        await answers(302, "")


async def test_a_question_that_is_refused_is_estimated() -> None:
    assert await answers(400, '{"error_code": 154}') == {}
    assert await answers(400, '{"error_code": 171}') == {}


async def test_nobody_there() -> None:
    async with asked("http://127.0.0.1:9") as engine:
        with pytest.raises(EngineAway):
            await engine.ways(ALL, ALL, CAR)


@pytest.mark.parametrize("url", ["localhost:8002", "ftp://x", "http://", "file:///etc/passwd"])
def test_a_wrong_address_stops_the_start(url: str) -> None:
    with pytest.raises(ValueError, match="MEGURI_ROUTING_URL"):
        RoadEngine.from_environment({"MEGURI_ROUTING_URL": url})
