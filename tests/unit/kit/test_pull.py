"""The loop that fetches: full batches of what commutes side by side, all else in order."""

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Any, cast

from kit.db import StoreUnavailable
from kit.pull import Listener, PullLoop
from kit.stopping import end

FULL = 2


class Delivered:
    """A delivery, and what became of it. As the library has it, one handed back counts as acked."""

    def __init__(self, name: str) -> None:
        self.name, self.subject = name, "test"
        self.is_acked, self.heard, self.handed_back = False, False, 0

    async def ack(self) -> None:
        self.is_acked = self.heard = True

    async def nak(self, delay: float = 0.0) -> None:
        self.is_acked = True
        self.handed_back += 1
        assert delay > 0


class Bench:
    """A loop over batches that are given by hand. Names in capitals are heard in order only; what
    is in `shut` waits inside its transaction."""

    def __init__(self, *batches: str) -> None:
        self.deliveries = [[Delivered(name) for name in batch] for batch in batches]
        self.left = deque(self.deliveries)
        self.shut: set[str] = set()
        self.opened = asyncio.Event()
        self.inside: list[str] = []
        self.done: list[str] = []
        self.down: set[str] = set()

    async def fetch(self, _batch: int, timeout: float) -> Sequence[Delivered]:  # noqa: ASYNC109 - as the library has it
        if not self.left:
            await asyncio.sleep(timeout)
            raise TimeoutError
        return self.left.popleft()

    async def consumer_info(self) -> None: ...

    async def unsubscribe(self) -> None: ...

    async def apply(self, _area: str, names: list[str]) -> None:
        whole = "".join(names)
        self.inside.append(whole)
        try:
            if self.down & set(whole):
                raise StoreUnavailable("away")
            if self.shut & set(whole):
                await self.opened.wait()
        finally:
            self.inside.remove(whole)
        self.done.append(whole)

    def loop(self) -> PullLoop[str]:
        async def subscribe() -> "Bench":
            return self

        async def bury(*_: Any) -> None:
            raise AssertionError("nothing here is poison")

        return PullLoop(Listener(
            name="test", subscribe=subscribe, read=lambda message: cast(Any, message).name,
            area=lambda _: "mine", key=str, apply=self.apply, bury=bury, fetch=FULL,
            any_order=str.islower,
        ))  # fmt: skip

    async def run(self, turns: int = 20) -> "asyncio.Task[None]":
        """Begins the loop and lets it come as far as it can."""
        task = asyncio.create_task(self.loop().run())
        await self.rest(turns)
        return task

    async def rest(self, turns: int = 20) -> None:
        for _ in range(turns):
            await asyncio.sleep(0)

    def acked(self) -> str:
        return "".join(each.name for batch in self.deliveries for each in batch if each.heard)


async def test_two_full_batches_are_inside_at_once_and_no_third() -> None:
    bench = Bench("ab", "cd", "ef")
    bench.shut = set("abcdef")
    task = await bench.run()
    assert bench.inside == ["ab", "cd"]
    bench.opened.set()
    await bench.rest()
    assert (bench.done, bench.acked()) == (["ab", "cd", "ef"], "abcdef")
    await end([task])


async def test_a_batch_with_something_in_order_waits_for_the_one_before_it() -> None:
    bench = Bench("ab", "cD")
    bench.shut = set("ab")
    task = await bench.run()
    assert (bench.inside, bench.done) == (["ab"], []), "D is not begun"
    bench.opened.set()
    await bench.rest()
    assert bench.done == ["ab", "cD"]
    await end([task])


async def test_a_batch_that_is_not_full_is_heard_by_itself() -> None:
    bench = Bench("ab", "c", "de")
    bench.shut = set("abc")
    task = await bench.run()
    assert bench.inside == ["ab"]
    bench.opened.set()
    await bench.rest()
    assert (bench.done, bench.acked()) == (["ab", "c", "de"], "abcde")
    await end([task])


async def test_a_store_that_is_away_has_its_batch_handed_back_and_the_other_goes_on() -> None:
    bench = Bench("ab", "cd")
    bench.down, bench.shut = {"a"}, {"c"}
    task = await bench.run()
    first, second = bench.deliveries
    assert [each.handed_back for each in first] == [1, 1]
    bench.opened.set()
    await bench.rest()
    assert bench.acked() == "cd"
    assert not any(each.handed_back for each in second)
    await end([task])


async def test_whoever_is_told_to_stop_leaves_nothing_running_and_nothing_acknowledged() -> None:
    bench = Bench("ab", "cd")
    bench.shut = set("abcd")
    task = await bench.run()
    assert bench.inside == ["ab", "cd"]
    await end([task])
    assert (bench.inside, bench.done, bench.acked()) == ([], [], "")
