"""The porch on a loop of the test's own: its bounds, and what it keeps of whom for how long.

Granian is played by a server that answers each request with the address it believes.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

import pytest
import uvloop

from services.edge import leaving, porch
from services.edge.heads import Lines
from services.edge.hot import Answer
from services.edge.porch import NOBODY, Porch

PAGE = Answer(200, [("Content-Length", "4")], b"page")
HOT = b"GET /hot HTTP/1.1\r\nHost: localhost\r\n\r\n"
COLD = b"GET /cold HTTP/1.1\r\nHost: localhost\r\n\r\n"
LOOPS: list[Callable[[], asyncio.AbstractEventLoop]] = [
    asyncio.new_event_loop, uvloop.new_event_loop,
]  # fmt: skip


@pytest.fixture(autouse=True)
def nobody_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaving, "_then", [])
    monkeypatch.setattr(porch, "TICK_S", 0.02)


def ready(_method: str, path: str, _query: str, _client: str, _lines: Lines) -> Answer | None:
    return PAGE if path == "/hot" else None


class Scene:
    """A porch and who stands behind it."""

    def __init__(self) -> None:
        public, behind = socket.socket(), socket.socket()
        for each in (public, behind):
            each.bind(("127.0.0.1", 0))
        self.behind = behind
        self.porch = Porch(ready, public, behind.getsockname()[1])
        self.at = public.getsockname()
        self.peers: list[str] = []
        self._server: asyncio.Server | None = None

    async def answer(self) -> None:
        self._server = await asyncio.start_server(self._talk, sock=self.behind)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = "{}:{}".format(*writer.get_extra_info("peername"))
        self.peers.append(peer)
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while await reader.readuntil(b"\r\n\r\n"):
                known = self.porch.client_of(peer).encode()
                writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n" % len(known) + known)
        writer.close()

    async def end(self) -> None:
        """Ends everything at once. Porch.leave would tell the whole process."""
        self.porch.leaving = True
        self.porch._shut()
        for visit in list(self.porch._visits):
            visit.transport.abort()
        if self._server is not None:
            self._server.close()
        for each in (self.behind, self.porch._public):
            each.close()
        await self.comes(lambda: not self.porch._visits)
        await asyncio.sleep(0.05)

    async def ask(
        self, what: bytes, on: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    ) -> bytes:
        reader, writer = on or await asyncio.open_connection(*self.at)
        try:
            writer.write(what)
            head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0])
            return await reader.readexactly(length)
        finally:
            if on is None:
                writer.close()

    async def comes(self, what: Callable[[], object]) -> None:
        async with asyncio.timeout(10):
            while not what():  # noqa: ASYNC110 - nothing tells of it
                await asyncio.sleep(0.01)


def play(
    act: Callable[[Scene], Awaitable[Any]], loop: Callable[[], asyncio.AbstractEventLoop]
) -> None:
    async def run() -> None:
        scene = Scene()
        scene.porch.begin(asyncio.get_running_loop())
        try:
            await act(scene)
        finally:
            await scene.end()

    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(run())


@pytest.mark.parametrize("loop", LOOPS)
def test_beyond_the_bound_they_wait_for_one_to_end(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def act(scene: Scene) -> None:
        scene.porch._most = 2
        held = [await asyncio.open_connection(*scene.at) for _ in range(2)]
        for each in held:
            assert await scene.ask(HOT, each) == b"page"
        waiting = asyncio.create_task(scene.ask(HOT))
        done, _ = await asyncio.wait({waiting}, timeout=0.3)
        assert not done
        assert await scene.ask(HOT, held[0]) == b"page"
        held[1][1].close()
        assert await asyncio.wait_for(waiting, 10) == b"page"
        for _ in range(5):
            assert await scene.ask(HOT) == b"page"
        held[0][1].close()

    play(act, loop)


@pytest.mark.parametrize("loop", LOOPS)
@pytest.mark.parametrize("said", [b"", HOT, COLD])
def test_who_asks_nothing_for_long_is_let_go(
    loop: Callable[[], asyncio.AbstractEventLoop], said: bytes
) -> None:
    async def act(scene: Scene) -> None:
        await scene.answer()
        scene.porch.idle_s = 0.2
        reader, writer = await asyncio.open_connection(*scene.at)
        if said:
            await scene.ask(said, (reader, writer))
        assert await asyncio.wait_for(reader.read(), 10) == b""
        writer.close()
        await scene.comes(lambda: not scene.porch._visits)

    play(act, loop)


@pytest.mark.parametrize("loop", LOOPS)
def test_an_address_is_known_for_as_long_as_it_may_be_asked_for(
    loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(porch, "REMEMBERED_S", 0.5)

    async def act(scene: Scene) -> None:
        await scene.answer()
        reader, writer = await asyncio.open_connection(*scene.at)
        own = "{}:{}".format(*writer.get_extra_info("sockname")).encode()
        assert await scene.ask(COLD, (reader, writer)) == own
        assert await scene.ask(HOT, (reader, writer)) == b"page"
        assert await scene.ask(COLD, (reader, writer)) == own
        assert len(scene.peers) == 1  # one connection behind did for both
        writer.close()
        await scene.comes(lambda: not scene.porch._visits)
        assert scene.porch.client_of(scene.peers[0]).encode() == own
        await scene.comes(lambda: scene.porch.client_of(scene.peers[0]) == NOBODY[0])
        assert not scene.porch._clients

    play(act, loop)


def test_a_port_that_is_anothers_by_now_stays_known() -> None:
    scene = Scene()
    first = scene.porch.know("127.0.0.1:5", "192.0.2.1:1")
    scene.porch.know("127.0.0.1:5", "192.0.2.2:2")
    scene.porch.forget("127.0.0.1:5", first)
    scene.porch._gone[0] = (0.0, *scene.porch._gone[0][1:])

    class Loop:
        def call_later(self, *_: object) -> None:
            pass

    scene.porch._loop = Loop()  # type: ignore[assignment] # plays the loop
    scene.porch._tick()
    assert scene.porch.client_of("127.0.0.1:5") == "192.0.2.2:2"
    for each in (scene.behind, scene.porch._public):
        each.close()


@pytest.mark.parametrize("loop", LOOPS)
def test_a_granian_that_begins_later_is_waited_for(
    loop: Callable[[], asyncio.AbstractEventLoop],
) -> None:
    async def act(scene: Scene) -> None:
        asked = asyncio.create_task(scene.ask(COLD))
        await asyncio.sleep(0.1)
        await scene.answer()
        assert (await asked).startswith(b"127.0.0.1:")

    play(act, loop)


@pytest.mark.parametrize("loop", LOOPS)
def test_where_nobody_is_behind_the_connection_ends(
    loop: Callable[[], asyncio.AbstractEventLoop], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(porch, "TOLD_AGAIN_S", (0.01,))

    async def act(scene: Scene) -> None:
        with pytest.raises(asyncio.IncompleteReadError):
            await scene.ask(COLD)
        assert await scene.ask(HOT) == b"page"

    play(act, loop)
