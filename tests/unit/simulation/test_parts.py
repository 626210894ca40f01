"""The parts of the simulation: its loop, its store, its lines."""

import asyncio
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest

from kit.db import StoreBusy
from kit.ids import new_id
from services.payments.domain.waited import tap_time
from simulation import checks, lines
from simulation.loop import LIFE, Life, VirtualLoop, pause
from simulation.people import Told
from simulation.store.engine import Server, Session, Violated
from simulation.world import FAIR, World, governing

NOON = datetime(2026, 8, 13, 3, tzinfo=UTC)


def test_time_jumps_to_the_next_timer() -> None:
    loop = VirtualLoop()

    async def sleep() -> list[float]:
        found = []
        for seconds in (3600.0, 0.5):
            await asyncio.sleep(seconds)
            found.append(loop.time())
        return found

    assert loop.run(sleep()) == [3600.0, 3600.5]


def test_a_dead_process_does_nothing_any_more_not_even_finally() -> None:
    loop, life, done = VirtualLoop(), Life("one"), list[str]()

    async def process() -> None:
        LIFE.set(life)
        try:
            await pause(1.0)
            done.append("went on")
        finally:
            done.append("said good-bye")

    async def kill() -> int:
        task = asyncio.ensure_future(process())
        await pause(0.5)
        life.alive = False
        await pause(5.0)
        assert not task.done()
        return len(done)

    assert loop.run(kill()) == 0


def test_a_loop_in_which_nothing_can_happen_says_so() -> None:
    async def for_ever() -> None:
        await asyncio.get_running_loop().create_future()

    with pytest.raises(RuntimeError, match="nothing is left"):
        VirtualLoop().run(for_ever())


def lock(session: Session, key: str) -> int:
    """A statement that holds one row and counts in it."""
    session.lock("rows", (key,))
    row = session.get("rows", (key,)) or {"area": "mine", "n": 0}
    session.put("rows", (key,), row | {"n": row["n"] + 1})
    return 1


def test_who_waits_for_a_row_sees_what_was_committed() -> None:
    server = Server(lambda: NOON)

    async def two() -> None:
        first, second = server.begin("mine"), server.begin("mine")
        await first.run(lock, "a")
        waiting = asyncio.ensure_future(second.run(lock, "a"))
        await pause(1.0)
        assert not waiting.done()
        first.commit()
        await waiting
        second.commit()

    VirtualLoop().run(two())
    assert [row["n"] for row in server.rows("rows")] == [2]


def test_a_circle_of_waiting_sessions_is_broken() -> None:
    server = Server(lambda: NOON)

    async def circle() -> None:
        first, second = server.begin("mine"), server.begin("mine")
        await first.run(lock, "a")
        await second.run(lock, "b")
        waiting = asyncio.ensure_future(first.run(lock, "b"))
        await pause(0.1)
        with pytest.raises(StoreBusy):
            await second.run(lock, "a")
        second.end()
        await waiting

    VirtualLoop().run(circle())


def test_a_lock_is_waited_for_five_seconds() -> None:
    server = Server(lambda: NOON)

    async def wait() -> float:
        await server.begin("mine").run(lock, "a")
        with pytest.raises(StoreBusy):
            await server.begin("mine").run(lock, "a")
        return asyncio.get_running_loop().time()

    assert VirtualLoop().run(wait()) == 5.0


def test_a_statement_that_fails_leaves_nothing() -> None:
    server = Server(lambda: NOON)

    def half(session: Session, _params: object) -> int:
        lock(session, "a")
        raise Violated("no")

    async def fail() -> None:
        session = server.begin("mine")
        with pytest.raises(Violated):
            await session.run(half, None)
        session.commit()

    VirtualLoop().run(fail())
    assert server.rows("rows") == []


def test_what_only_reads_sees_one_moment() -> None:
    server = Server(lambda: NOON)

    async def read() -> list[object]:
        reader = server.begin("mine", reads_only=True)
        writer = server.begin("mine")
        await writer.run(lock, "a")
        writer.commit()
        return [reader.get("rows", ("a",)), server.begin("mine").get("rows", ("a",))]

    before, after = VirtualLoop().run(read())
    assert before is None
    assert after == {"area": "mine", "n": 1}


def test_ids_come_from_the_clock_of_the_process_and_are_in_order() -> None:
    world = World(3, FAIR)
    with governing(world):
        found = [new_id() for _ in range(5)]
    assert found == sorted(found)
    assert len(set(found)) == 5


def test_lines_that_ran_are_told_from_those_that_did_not() -> None:
    found: dict[str, set[int]] = {}
    with lines.watching(found, watch=True):
        tap_time(NOON, None)
    missed = lines.never_reached(found)
    assert "services/payments/domain/waited.py check_may_wait" in missed
    assert missed["services/payments/domain/waited.py check_may_wait"] == "never called"
    assert missed["services/payments/domain/waited.py tap_time"].startswith("lines ")


@pytest.mark.parametrize(
    ("told", "stored", "wrong"),
    [
        ("declined", "declined", False), ("declined", "captured", True),
        ("voided", "captured", True), ("expired", "expired", False),
        ("captured", "voided", False),  # a clerk took it back, and was told of that as well
        ("created", "captured", False),
    ],
)  # fmt: skip
def test_what_has_ended_once_stays_as_it_was_told(told: str, stored: str, *, wrong: bool) -> None:
    world = World(1, FAIR)
    found = SimpleNamespace(payments={"p": {"state": stored}})
    checks._is_as_told(world, cast(Any, found), Told("take", "r", "p", told, 300))
    assert bool(world.problems) == wrong
