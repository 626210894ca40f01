"""Guessing passwords is slow, locks nobody out of her own browser and leaves nothing readable."""

import asyncio
from typing import Any

import grpc
import pytest

from kit.client import problem_of
from kit.db import Database
from meguri.directory.v1 import directory_service_pb2 as pb
from services.directory.domain.attempts import ATTEMPTS_HERE, ATTEMPTS_OF_STRANGERS
from tests import harness
from tests.service.directory.test_directory import (
    TIMEOUT_S,
    make_area,
    new_id,
    program,
)

PASSWORD = "correct horse battery"
WRONG, LOCKED = "SIGN_IN_REFUSED", "TOO_MANY_ATTEMPTS"


class Door:
    """Tries to sign in as taro; `reason` is "" where it went well."""

    def __init__(self, edge: Any) -> None:
        self._edge = edge

    async def reason(self, password: str, sender: bytes = b"here", **more: Any) -> str:
        request = pb.SignInRequest(
            request_id=new_id(), login_name=more.pop("login_name", "taro"), password=password,
            sender=sender, **more,
        )  # fmt: skip
        try:
            await self._edge.SignIn(request, timeout=TIMEOUT_S)
        except grpc.RpcError as error:
            return problem_of(error).reason
        return ""


@pytest.fixture
async def door(directory: harness.Running, area: str) -> Door:
    stub = await make_area(directory, area)
    await stub.CreateUser(
        pb.CreateUserRequest(
            request_id=new_id(), login_name="taro", password=PASSWORD, roles=[pb.ROLE_ADMIN]
        ),
        timeout=TIMEOUT_S,
    )
    return Door(program(directory, area))


async def fill_strangers(door: Door) -> None:
    for network in range(ATTEMPTS_OF_STRANGERS // ATTEMPTS_HERE):
        for _ in range(ATTEMPTS_HERE):
            assert await door.reason("guess", b"net %d" % network) == WRONG


async def test_one_network_is_locked_and_no_other(door: Door) -> None:
    reasons = [await door.reason("guess") for _ in range(ATTEMPTS_HERE + 1)]
    assert reasons == [WRONG] * ATTEMPTS_HERE + [LOCKED]
    assert await door.reason(PASSWORD) == LOCKED
    assert await door.reason(PASSWORD, b"elsewhere") == ""
    assert await door.reason("guess", login_name="hanako") == WRONG


async def test_tries_from_everywhere_lock_strangers_and_not_a_browser_that_is_known(
    door: Door,
) -> None:
    await fill_strangers(door)
    assert await door.reason("guess", b"one more network") == LOCKED
    assert await door.reason(PASSWORD, b"one more network") == LOCKED
    assert await door.reason(PASSWORD, b"one more network", known_browser=b"hers") == ""


async def test_a_browser_that_is_known_may_not_guess_for_ever(door: Door) -> None:
    reasons = [
        await door.reason("guess", b"net %d" % number, known_browser=b"stolen")
        for number in range(ATTEMPTS_HERE + 1)
    ]
    assert reasons == [WRONG] * ATTEMPTS_HERE + [LOCKED]
    assert await door.reason(PASSWORD, known_browser=b"hers") == ""


async def test_signing_in_clears_the_own_count_and_not_that_of_others(door: Door) -> None:
    for _ in range(2):  # a person who mistypes nine times and gets in, again and again
        for _ in range(ATTEMPTS_HERE - 1):
            assert await door.reason("guess") == WRONG
        assert await door.reason(PASSWORD) == ""
    for _ in range(ATTEMPTS_OF_STRANGERS - 2 * (ATTEMPTS_HERE - 1)):
        left = await door.reason("guess", new_id().encode())
        assert left == WRONG
    assert await door.reason("guess", b"one more network") == LOCKED


async def test_tries_at_the_same_moment_do_not_slip_through(door: Door) -> None:
    reasons = await asyncio.gather(*(door.reason("guess") for _ in range(ATTEMPTS_HERE + 15)))
    assert reasons.count(WRONG) == ATTEMPTS_HERE
    assert reasons.count(LOCKED) == 15


async def test_what_was_typed_as_a_name_stands_nowhere(
    door: Door, area: str, database_of: list[str], directory: harness.Running
) -> None:
    typed = "my-secret-password-by-mistake"
    assert await door.reason("guess", login_name=typed) == WRONG
    database = Database(database_of[0])
    await database.open()
    async with database.read(area) as tx:
        tables = await tx.fetch_all("select tablename from pg_tables where schemaname = 'public'")
        for table in tables:
            rows = await tx.fetch_all(f"select t::text as row from {table['tablename']} t")  # noqa: S608 - names of the catalog
            assert not any(typed in row["row"] for row in rows), table
        tries = await tx.fetch_all("select key from sign_in_tries")
    await database.close()
    assert len(tries) == 2
    assert all(len(bytes(row["key"])) == 16 for row in tries)
