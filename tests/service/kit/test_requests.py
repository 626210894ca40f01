"""A request id gets one answer, and is forgotten when its time is over."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from kit.db import Database
from kit.requests import RequestIdReused, RequestKey, forget_old, once, once_as


@dataclass(frozen=True)
class Answer:
    """What a use case returns."""

    number: int


@pytest.fixture
async def database(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    opened = Database(service_database("directory"))
    await opened.open()
    yield opened
    await opened.close()


def key(request_id: str = "", body: bytes = b"body", principal: str = "anna") -> RequestKey:
    return RequestKey(principal, request_id or str(uuid.uuid4()), body)


class Counting:
    """An action that counts how often it ran."""

    def __init__(self, pause_s: float = 0) -> None:
        self.ran = 0
        self._pause_s = pause_s

    async def __call__(self) -> Answer:
        self.ran += 1
        await asyncio.sleep(self._pause_s)
        return Answer(self.ran)


async def ask(database: Database, wanted: RequestKey, action: Counting) -> Answer:
    async with database.transaction("mine") as tx:
        return await once(tx, wanted, Answer, action)


async def test_fifty_at_once_run_one_action(database: Database) -> None:
    wanted, action = key(), Counting(pause_s=0.05)
    answers = await asyncio.gather(*(ask(database, wanted, action) for _ in range(50)))
    assert action.ran == 1
    assert set(answers) == {Answer(1)}


async def test_another_body_is_refused_and_runs_nothing(database: Database) -> None:
    wanted, action = key(), Counting()
    await ask(database, wanted, action)
    with pytest.raises(RequestIdReused):
        await ask(database, RequestKey("anna", wanted.request_id, b"other"), action)
    assert action.ran == 1


async def test_ids_of_different_people_do_not_meet(database: Database) -> None:
    wanted, action = key(), Counting()
    await ask(database, wanted, action)
    await ask(database, RequestKey("ben", wanted.request_id, b"other"), action)
    assert action.ran == 2


async def test_a_failed_action_leaves_nothing_behind(database: Database) -> None:
    wanted = key()

    async def fail() -> Answer:
        raise ZeroDivisionError

    async def attempt() -> None:
        async with database.transaction("mine") as tx:
            await once(tx, wanted, Answer, fail)

    with pytest.raises(ZeroDivisionError):
        await attempt()
    assert await ask(database, wanted, Counting()) == Answer(1)


async def test_old_keys_are_forgotten_and_young_ones_kept(database: Database) -> None:
    old, young, action = key(), key(), Counting()
    await ask(database, old, action)
    await ask(database, young, action)
    async with database.transaction("mine") as tx:
        await tx.execute(
            "update requests set create_time = now() - interval '91 days' where request_id = %s",
            (old.request_id,),
        )
    assert await forget_old(database, 90) == 1
    assert await ask(database, young, action) == Answer(2)


async def claim(database: Database, wanted: RequestKey, answer: str) -> str | None:
    async with database.transaction("mine") as tx:
        return await once_as(tx, wanted, answer, str)


async def test_an_answer_known_beforehand_is_kept_by_whoever_comes_first(
    database: Database,
) -> None:
    wanted = key()
    told = await asyncio.gather(*(claim(database, wanted, f"answer {n}") for n in range(20)))
    first = [n for n, known in enumerate(told) if known is None]
    assert len(first) == 1
    assert {known for known in told if known is not None} == {f"answer {first[0]}"}
    with pytest.raises(RequestIdReused):
        await claim(database, key(wanted.request_id, body=b"another"), "other")


async def test_an_answer_that_was_not_made_true_is_nobodys(database: Database) -> None:
    wanted = key()

    async def broken() -> None:
        async with database.transaction("mine") as tx:
            assert await once_as(tx, wanted, "first", str) is None
            raise ValueError("broken")

    with pytest.raises(ValueError, match="broken"):
        await broken()
    assert await claim(database, wanted, "second") is None
