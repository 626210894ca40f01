"""Statements that are sent without waiting: in order, with the commit, and undone together."""

import asyncio
from collections.abc import AsyncIterator, Callable

import psycopg
import pytest

from kit.db import Database, StoreBusy, StoreUnavailable, Transaction

ADD = "insert into requests (area, principal, request_id, body_sha256) values (%s, 'anna', %s, 'b')"
COUNT = "select count(*) as n from requests"


@pytest.fixture
async def single(service_database: Callable[[str], str]) -> AsyncIterator[Database]:
    """A database over one connection: what one transaction leaves behind, the next one meets."""
    opened = Database(service_database("directory"), pool_max=1)
    await opened.open()
    yield opened
    await opened.close()


async def count(database: Database) -> int:
    async with database.read("mine") as tx:
        row = await tx.fetch_one(COUNT)
    assert row is not None
    return int(row["n"])


async def test_what_was_sent_last_is_there_after_the_commit(single: Database) -> None:
    told: list[str] = []
    async with single.transaction("mine") as tx:
        tx.after_commit(lambda: told.append("committed"))
        for number in range(3):
            await tx.send(ADD, ("mine", f"request-{number}"))
        assert told == []
    assert told == ["committed"]
    assert await count(single) == 3


async def test_a_statement_sees_what_was_sent_before_it_and_still_counts_rows(
    single: Database,
) -> None:
    async with single.transaction("mine") as tx:
        await tx.send(ADD, ("mine", "request-1"))
        await tx.send(ADD, ("mine", "request-2"))
        assert await tx.fetch_all(COUNT) == [{"n": 2}]
        await tx.send(ADD, ("mine", "request-3"))
        assert await tx.execute("delete from requests where request_id <> 'request-1'") == 2
        await tx.execute_many(ADD, [("mine", "request-4"), ("mine", "request-5")])
        await tx.send(ADD, ("mine", "request-6"))
    assert await count(single) == 4


async def test_an_error_of_what_was_sent_comes_with_the_commit_and_undoes_all(
    single: Database,
) -> None:
    told: list[str] = []

    async def fail() -> None:
        async with single.transaction("mine") as tx:
            tx.after_commit(lambda: told.append("committed"))
            assert await tx.execute(ADD, ("mine", "request-0")) == 1
            await tx.send(ADD, ("mine", "request-1"))
            await tx.send(ADD, ("mine", "request-1"))
            await tx.send(ADD, ("mine", "request-2"))

    with pytest.raises(psycopg.errors.UniqueViolation):
        await fail()
    assert told == []
    assert await count(single) == 0  # and the connection serves the next one


async def test_an_error_of_what_was_sent_comes_with_the_next_statement(single: Database) -> None:
    async def fail() -> None:
        async with single.transaction("mine") as tx:
            await tx.send(ADD, ("mine", "request-1"))
            await tx.send(ADD, ("mine", "request-1"))
            await tx.fetch_one(COUNT)
            raise AssertionError("it must not come this far")

    with pytest.raises(psycopg.errors.UniqueViolation):
        await fail()
    assert await count(single) == 0


async def test_the_error_of_the_block_is_the_one_that_is_told(single: Database) -> None:
    async def fail() -> None:
        async with single.transaction("mine") as tx:
            await tx.send(ADD, ("mine", "request-1"))
            await tx.send(ADD, ("mine", "request-1"))
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert await count(single) == 0


async def test_errors_of_what_was_sent_have_our_names(single: Database) -> None:
    async def fail() -> None:
        async with single.transaction("mine") as tx:
            await tx.execute("set local statement_timeout = '20ms'")
            await tx.send("select pg_sleep(5)")

    with pytest.raises(StoreBusy):
        await fail()
    assert await count(single) == 0


async def test_an_area_cannot_send_into_another(single: Database) -> None:
    async def fail() -> None:
        async with single.transaction("mine") as tx:
            await tx.send(ADD, ("hagi", "request-1"))

    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await fail()
    assert await count(single) == 0


SLEEP = "select pg_sleep(0.2)"


@pytest.mark.parametrize("cancels", [1, 2, 3])
@pytest.mark.parametrize("last", ["sent", "many", "waited"])
async def test_a_transaction_that_is_cancelled_leaves_a_connection_that_works(
    single: Database, cancels: int, last: str
) -> None:
    """A caller that gave up, perhaps more than once: what it left must not meet the next one."""

    async def work() -> None:
        async with single.transaction("mine") as tx:
            await tx.send(ADD, ("mine", "request-1"))
            await tx.send(SLEEP)
            if last == "many":
                await tx.execute_many(ADD, [("mine", f"many-{n}") for n in range(50)])
            elif last == "waited":
                await tx.fetch_one(SLEEP)

    task = asyncio.create_task(work())
    await asyncio.sleep(0.1)
    for _ in range(cancels):
        task.cancel()
        await asyncio.sleep(0)
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await count(single) == 0
    async with single.transaction("mine") as tx:
        await tx.send(ADD, ("mine", "request-2"))
    assert await count(single) == 1


async def left_in_a_pipeline(tx: Transaction) -> None:
    """What a cancelled exit leaves: psycopg cannot end a pipeline with answers nobody read."""
    await tx.send(ADD, ("mine", "request-1"))
    tx._sent.pop_all()


async def test_answers_that_nobody_read_do_not_meet_the_next_transaction(single: Database) -> None:
    async def work() -> None:
        async with single.transaction("mine") as tx:
            await left_in_a_pipeline(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await work()
    for _ in range(3):
        assert await count(single) == 0
    async with single.transaction("mine") as tx:
        await tx.send(ADD, ("mine", "request-2"))
    assert await count(single) == 1


async def test_a_commit_that_nobody_answered_is_not_told_as_one(single: Database) -> None:
    told: list[str] = []

    async def work() -> None:
        async with single.transaction("mine") as tx:
            tx.after_commit(lambda: told.append("committed"))
            await left_in_a_pipeline(tx)

    with pytest.raises(StoreUnavailable):
        await work()
    assert told == []
    assert await count(single) in (0, 1)  # the caller asks again with the same request id


HOW = "select current_setting('enable_sort') as sort, current_setting('enable_bitmapscan') as bits"


async def test_a_line_is_read_along_its_index_and_nothing_after_it(single: Database) -> None:
    for scope in (single.transaction, single.read):
        async with scope("mine", line=True) as tx:
            assert await tx.fetch_one(HOW) == {"sort": "off", "bits": "off"}
            assert await tx.fetch_one("select current_setting('meguri.area') as a") == {"a": "mine"}
        async with scope("mine") as tx:  # the same connection
            assert await tx.fetch_one(HOW) == {"sort": "on", "bits": "on"}


async def test_what_is_asked_with_the_beginning_sees_the_area_and_costs_no_round_trip(
    single: Database,
) -> None:
    asking = "select current_setting('meguri.area') as area, (select count(*) from requests) as n"
    async with single.transaction("mine", asking=asking) as tx:
        assert tx.asked == {"area": "mine", "n": 0}
        await tx.send(ADD, ("mine", "request-1"))
    async with single.read("mine", asking=asking) as tx:
        assert tx.asked == {"area": "mine", "n": 1}
    async with single.read("other", asking=f"{asking} where false") as tx:
        assert tx.asked is None
    async with single.read("other") as tx:
        assert tx.asked is None
        assert await tx.fetch_one(COUNT) == {"n": 0}
