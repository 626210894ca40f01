"""Ways of a routing engine: asked of a real Valhalla where it is installed, of one that fails in
every way a server can, and laid into plans through the service's own door."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from services.itinerary import events, main
from services.itinerary.app import roads as book_module
from services.itinerary.app.roads import End, RoadBook, roads_for
from services.itinerary.domain.place import Point
from services.itinerary.domain.roads import Roads, RoadWay
from services.itinerary.domain.trip import TravelMode
from services.itinerary.gateways.roads import EngineAway, RoadEngine
from tests import harness, road_network
from tests.road_network import BEND, CORNER, EAST, NORTH, SOUTH
from tests.service.itinerary.conftest import Mine
from tests.service.itinerary.test_sojourns import Days
from tests.service.itinerary.test_sojourns import asked as asked_days
from tests.unit.itinerary.samples import catalog, place, poi, trip

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


async def test_the_ways_of_a_rental_place_are_asked_for_too() -> None:
    """It is worth nothing as a visit, and an area may have a hundred that are worth more."""
    many = [poi(f"p{n}", score=50) for n in range(120)]
    rental = poi("hub", score=0, cycle_rental=True)
    places = [place(each.place_id, 0.01 * n) for n, each in enumerate([*many, rental])]
    known = catalog([*many, rental], [*places, place("station", 3)])
    hub = known.places["hub"].location
    assert hub
    for wish, there in ((trip(mode=CYCLE), True), (trip(mode=CYCLE, own_cycle=True), False),
                        (trip(), False)):  # fmt: skip
        told = Told()
        book = RoadBook(told)
        found = await roads_for(book, known, wish)
        assert any(hub.point in pair for pair in found.ways) is there
        await book.close()


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


class Told:
    """An engine that answers when it is let, and says what it was asked."""

    is_there = True

    def __init__(self) -> None:
        self.asked: list[tuple[tuple[Point, ...], tuple[Point, ...]]] = []
        self.private: set[Point] = set()
        self.may, self.fails = asyncio.Event(), False
        self.may.set()

    async def ways(
        self, sources: Sequence[Point], targets: Sequence[Point], mode: TravelMode,
        private: Collection[Point] = (),
    ) -> dict[tuple[Point, Point], RoadWay]:  # fmt: skip
        del mode
        self.private |= {*private}
        self.asked.append((tuple(sources), tuple(targets)))
        await self.may.wait()
        if self.fails:
            raise EngineAway("gone")
        return {(one, other): RoadWay(60, 900) for one in sources for other in targets}


async def test_places_are_asked_once_and_a_party_s_own_point_is_not_kept() -> None:
    told = Told()
    book = RoadBook(told)
    home = End(Point(34.1, 131.1), private=True)
    for _ in range(2):
        found = await book.between(CAR, ALL[:3], [home, End(ALL[0], private=False)])
        assert (home.point, ALL[1]) in found.ways
        assert (ALL[2], home.point) in found.ways
        assert (ALL[0], ALL[1]) in found.ways
    both_ways = [sources for sources, _targets in told.asked if home.point in sources]
    assert len(both_ways) == 2, "each party's own point is asked for anew"
    assert told.asked.count((tuple(ALL[:3]), tuple(ALL[:3]))) == 1
    assert repr(home.point) not in repr(book._kept)
    assert told.private == {home.point}
    assert (await book.between(TravelMode.BUS, ALL[:3], [])).ways == {}
    await book.close()


async def test_who_is_slow_holds_up_nobody_and_serves_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book_module, "WAIT_S", 0.1)
    told = Told()
    told.may.clear()
    book = RoadBook(told)
    assert (await book.between(CAR, ALL, [])).ways == {}
    assert (await book.between(CAR, ALL, [])).ways == {}
    assert len(told.asked) == 1, "one question is on its way already"
    told.may.set()
    await asyncio.sleep(0.05)
    assert len((await book.between(CAR, ALL, [])).ways) == len(ALL) ** 2
    assert len(told.asked) == 1
    await book.close()


async def test_two_taps_from_one_point_end_no_plan(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first one waits no longer and takes its question back; the second one had joined it."""
    monkeypatch.setattr(book_module, "WAIT_S", 0.1)
    told = Told()
    book = RoadBook(told)
    await book.between(CAR, ALL, [])
    told.may.clear()
    home = [End(Point(34.1, 131.1), private=True)]
    first = asyncio.create_task(book.between(CAR, ALL, home))
    await asyncio.sleep(0.05)
    second = asyncio.create_task(book.between(CAR, ALL, home))
    assert len((await first).ways) == len((await second).ways) == len(ALL) ** 2
    assert len(told.asked) == 1 + 2
    await book.close()


async def test_who_hangs_up_leaves_no_question_behind() -> None:
    told = Told()
    book = RoadBook(told)
    await book.between(CAR, ALL, [])
    told.may.clear()
    home = [End(Point(34.1, 131.1), private=True)]
    caller = asyncio.create_task(book.between(CAR, ALL, home))
    for _ in range(50):
        await asyncio.sleep(0)
    assert len(told.asked) == 3
    caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    for _ in range(50):
        await asyncio.sleep(0)
    assert not book._asked
    await book.close()


async def test_an_engine_that_answers_in_drops_is_given_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(book_module, "ANSWER_S", 0.05)
    told = Told()
    told.may.clear()
    book = RoadBook(told)
    for _ in range(2):
        assert (await book.between(CAR, ALL, [])).ways == {}
    assert len(told.asked) == 1
    await book.close()


async def test_who_fails_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    told = Told()
    told.fails = True
    book = RoadBook(told)
    for _ in range(3):
        assert (await book.between(CAR, ALL, [])).ways == {}
    assert len(told.asked) == 1
    monkeypatch.setattr(book, "_quiet_until", 0.0)
    told.fails = False
    assert (await book.between(CAR, ALL, [])).ways
    await book.close()
