"""A service says whether its database answers, and is itself well meanwhile."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from urllib.parse import urlsplit

import grpc

from kit.db import Database
from services.directory import events
from services.directory.main import build
from services.edge import operation
from tests import harness

SEEN_WITHIN_S = 5.0


class Line:
    """The line to a database: it can be cut, and hang."""

    def __init__(self, url: str) -> None:
        self._host, self._port = urlsplit(url).hostname, urlsplit(url).port
        self._writers: list[asyncio.StreamWriter] = []
        self._going: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None
        self._passing = asyncio.Event()
        self.port = 0

    async def open(self) -> None:
        self._passing.set()
        self._server = await asyncio.start_server(self._pass_on, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        assert self._server
        self._server.close()
        for _ in range(2):  # one that was only being made is there after the first time
            for writer in self._writers:
                writer.transport.abort()
            self._writers.clear()
            if self._going:
                await asyncio.wait(self._going, timeout=1)

    def hang(self, *, hangs: bool) -> None:
        (self._passing.clear if hangs else self._passing.set)()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if task := asyncio.current_task():
            self._going.add(task)
            task.add_done_callback(self._going.discard)
        self._writers.append(writer)
        there = await asyncio.open_connection(self._host, self._port)
        self._writers.append(there[1])
        if self._server is None or not self._server.is_serving():
            return
        await asyncio.gather(self._copy(reader, there[1]), self._copy(there[0], writer))

    async def _copy(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await reader.read(65536):
                await self._passing.wait()
                writer.write(data)
                await writer.drain()
        writer.close()


@asynccontextmanager
async def line_to(url: str) -> AsyncIterator[tuple[Line, str]]:
    line = Line(url)
    await line.open()
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    try:
        yield line, parts._replace(netloc=f"{user}@127.0.0.1:{line.port}").geturl()
    finally:
        line.hang(hangs=False)
        await line.cut()


async def until(state: str, asked: Callable[[], Any]) -> None:
    """Asks as the edge does, until it hears this."""
    loop = asyncio.get_running_loop()
    ends, said = loop.time() + SEEN_WITHIN_S, ""
    while (said := await asyncio.to_thread(asked)) != state:
        assert loop.time() < ends, said
        assert said != "away"  # the process itself is well
        await asyncio.sleep(0.05)


async def test_readiness_knows_that_the_database_is_gone_and_that_it_is_back(
    service_database: Callable[[str], str], nats_url: str
) -> None:
    async with (
        line_to(service_database("directory")) as (line, url),
        harness.running("directory", events.ENCODERS, build, url, nats_url) as it,
    ):
        channel = grpc.insecure_channel(it.address)
        clients: Any = SimpleNamespace(health_channel=lambda _name: channel)

        def asked() -> str:
            return operation._check(clients, "directory")

        await until("ok", asked)
        await line.cut()
        await until("database_away", asked)
        await line.open()
        await until("ok", asked)
        line.hang(hangs=True)
        await until("database_away", asked)
        line.hang(hangs=False)
        await until("ok", asked)
        channel.close()


async def test_connections_that_are_all_at_work_are_no_outage(
    service_database: Callable[[str], str],
) -> None:
    database = Database(service_database("directory"), pool_max=1)
    await database.open()
    async with database.read("*"):
        assert await database.answers()
    await database.close()
