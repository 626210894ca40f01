"""The book of ways: asked once, never waited for, and closed when nobody reads it any more."""

import asyncio
from collections.abc import Collection, Sequence

import pytest

from services.itinerary.app import roads as book_module
from services.itinerary.app.roads import End, RoadBook, roads_for
from services.itinerary.domain.place import Point
from services.itinerary.domain.roads import RoadWay
from services.itinerary.domain.trip import TravelMode
from services.itinerary.gateways.roads import EngineAway
from tests.service.itinerary.test_roads import ALL, CAR, CYCLE
from tests.unit.itinerary.samples import catalog, place, poi, trip


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
