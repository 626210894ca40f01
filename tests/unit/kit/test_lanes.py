"""Lanes: so many pieces of work side by side, none begun before there is a lane, none lost."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kit.lanes import Lanes


class Road:
    """Pieces of work that end when they are let go, and what was seen of them."""

    def __init__(self) -> None:
        self.lanes = Lanes(2)
        self.going: list[str] = []
        self.done: list[str] = []
        self.gates: dict[str, asyncio.Event] = {}

    async def work(self, name: str, error: Exception | None = None) -> None:
        self.going.append(name)
        try:
            await self.gates.setdefault(name, asyncio.Event()).wait()
            if error:
                raise error
            self.done.append(name)
        finally:
            self.going.remove(name)

    async def let_go(self, name: str) -> None:
        self.gates.setdefault(name, asyncio.Event()).set()
        await asyncio.sleep(0)


def run(test: Callable[[Road], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        await test(Road())

    asyncio.run(whole())


def test_the_third_begins_when_the_first_is_done() -> None:
    async def test(road: Road) -> None:
        await road.lanes.begin(road.work("a"))
        second = asyncio.create_task(road.lanes.begin(road.work("b")))
        await asyncio.sleep(0.01)
        assert (road.going, second.done()) == (["a", "b"], False)
        await road.let_go("b")
        await asyncio.sleep(0.01)
        assert not second.done(), "they are waited for in the order they were begun"
        await road.let_go("a")
        await second
        await road.lanes.join()
        assert road.done == ["b", "a"]

    run(test)


def test_an_error_comes_to_whoever_waits_and_the_rest_can_be_ended() -> None:
    async def test(road: Road) -> None:
        await road.lanes.begin(road.work("a", ValueError("no")))
        await road.let_go("a")
        with pytest.raises(ValueError, match="no"):
            await road.lanes.begin(road.work("b"))
        await road.lanes.end()
        assert (road.going, road.done) == ([], [])
        await road.lanes.join()

    run(test)


def test_who_is_canceled_while_it_waits_can_end_what_is_on_its_way() -> None:
    async def test(road: Road) -> None:
        await road.lanes.begin(road.work("a"))
        waiting = asyncio.create_task(road.lanes.join())
        await asyncio.sleep(0.01)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        assert road.going == ["a"], "its own end is another matter"
        await road.lanes.end()
        assert (road.going, road.done) == ([], [])

    run(test)


@given(st.integers(1, 4), st.lists(st.integers(0, 5), max_size=20))
def test_never_more_than_there_are_lanes_and_all_of_them_once(count: int, turns: list[int]) -> None:
    done: list[int] = []
    most = going = 0

    async def work(number: int, waits: int) -> None:
        nonlocal most, going
        going += 1
        most = max(most, going)
        for _ in range(waits):
            await asyncio.sleep(0)
        going -= 1
        done.append(number)

    async def whole() -> None:
        lanes = Lanes(count)
        for number, waits in enumerate(turns):
            await lanes.begin(work(number, waits))
        await lanes.join()

    asyncio.run(whole())
    assert sorted(done) == list(range(len(turns)))
    assert most <= count
