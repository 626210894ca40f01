"""A request id gets one answer, and is forgotten when its time is over."""

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass

import pytest

from kit.db import Database
from kit.requests import RequestIdReused, RequestKey, forget_old, once


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
