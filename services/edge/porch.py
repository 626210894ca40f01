"""The porch: the public port of a worker, where ready pages are answered on the spot.

A plain request for a page or file in memory is answered here, on the event loop, at a third of what
the way through the server costs. Every other one is handed over as it came to granian, which reads
bodies, streams and hostile HTTP, and listens on the loopback; what it answers is passed on
(visits.py). Which request is plain heads.py decides, which page is ready Front.ready: the same
call as behind granian, so nothing is answered in two ways.
"""

import asyncio
import os
import signal
import socket
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress

from services.edge import connections, leaving
from services.edge.heads import Lines
from services.edge.hot import Answer
from services.edge.visits import Inner, Visit, written
from services.edge.wires import Wires

LOOPBACK = "127.0.0.1"
BACKLOG = 1024  # connections that wait to be taken; granian's own number
TICK_S = 0.5
IDLE_S = connections.HEAD_WITHIN_MS / 1000  # as long as granian waits for a head
TOLD_AGAIN_S = (0.01, 0.05, 0.2, 1.0)  # granian behind has just begun, or its queue is full
LOOKS_ROUND_S = 0.05  # what came before is seen within so long
REACHED_WITHIN_S = 1.0
# How long a client's address is known after its connection behind ended: a request that came over
# it may be about to begin.
REMEMBERED_S = 30.0
# Who asks granian past the porch, or after that time: nobody's address, which no proxy has.
NOBODY = ("0.0.0.0:0",)

Known = tuple[str]  # the client of one connection behind, told from another by its identity
Ready = Callable[[str, str, str, str, Lines], Answer | None]


class Porch:
    """Takes the connections of one worker. Everything happens on its event loop.

    ready: (method, path, query, client, lines) -> the answer from memory. public: a bound socket.
    behind: the port of granian.
    """

    def __init__(self, ready: Ready, public: socket.socket, behind: int) -> None:
        self.ready, self.wires = ready, Wires()
        self.now = time.monotonic()
        self.leaving, self.idle_s = False, IDLE_S
        self._public, self._behind = public, behind
        self.address = written(public.getsockname())
        self._visits: set[Visit] = set()
        self._most = connections.room()
        self._server: asyncio.Server | None = None
        self._emptied: asyncio.Event | None = None
        self._opening: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._clients: dict[str, Known] = {}
        self._gone: deque[tuple[float, str, Known]] = deque()

    def begin(self, loop: asyncio.AbstractEventLoop) -> None:
        """Has the loop, which is about to run, take connections."""
        self._loop = loop
        # Granian is told to end later, by the other signal it ends by: it takes no connection from
        # then on, and what came here before has to reach it.
        loop.add_signal_handler(signal.SIGTERM, lambda: None)
        self._public.setblocking(False)  # noqa: FBT003 - its name says what
        self._public.listen(BACKLOG)
        loop.call_soon(self._tick)
        loop.call_soon(self._open)
        leaving.then(lambda: loop.call_soon_threadsafe(self.leave))

    def client_of(self, peer: str) -> str:
        """Returns whose request granian has from a peer on the loopback: "address:port"."""
        return self._clients.get(peer, NOBODY)[0]

    def know(self, peer: str, client: str) -> Known:
        """Notes whose requests come to granian from a peer; returns what forget is told."""
        known = self._clients[peer] = (client,)
        return known

    def forget(self, peer: str, known: Known) -> None:
        """Notes that a connection to granian is over."""
        self._gone.append((self.now + REMEMBERED_S, peer, known))

    def came(self, visit: Visit) -> None:
        """Notes a new connection. At the bound no more are taken until one ends: they wait."""
        self._visits.add(visit)
        if len(self._visits) >= self._most:
            self._shut()

    def went(self, visit: Visit) -> None:
        """Notes that a connection is over."""
        self._visits.discard(visit)
        if self._emptied is not None and not self._visits:
            self._emptied.set()
        if self._server is None and not self.leaving and len(self._visits) < self._most:
            self._open()

    def reach(self, inner: Inner) -> None:
        """Connects to granian."""
        task = self._loop.create_task(self._reach(inner))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _reach(self, inner: Inner) -> None:
        for pause in (*TOLD_AGAIN_S, None):
            try:
                await self._loop.create_connection(lambda: inner, LOOPBACK, self._behind)
                return
            except OSError:
                if pause is None or self.leaving:
                    break
                await asyncio.sleep(pause)
        inner.not_reached()

    def _open(self) -> None:
        if self._server is None and self._opening is None and not self.leaving:
            self._opening = self._loop.create_task(self._take())

    async def _take(self) -> None:
        # A copy of the socket: at the bound the copy is closed, and who waits goes on waiting.
        door = socket.socket(fileno=os.dup(self._public.fileno()))
        door.setblocking(False)  # noqa: FBT003 - its name says what
        try:
            self._server = await self._loop.create_server(
                lambda: Visit(self), sock=door, backlog=BACKLOG
            )
        finally:
            self._opening = None
        if self.leaving:
            self._shut()

    def _shut(self) -> None:
        if self._server is not None:
            self._server.close()
            self._server = None

    def _tick(self) -> None:
        """Twice a second: the clock of answers, and connections that idle."""
        self.now = time.monotonic()
        self.wires.tick()
        for visit in list(self._visits):
            visit.look(self.now)
        while self._gone and self._gone[0][0] < self.now:
            _, peer, known = self._gone.popleft()
            if self._clients.get(peer) is known:  # else the port is another's by now
                del self._clients[peer]
        self._loop.call_later(TICK_S, self._tick)

    def leave(self) -> None:
        """Ends: what came is taken and answered, connections that wait for no answer end."""
        if not self.leaving:
            self.leaving = True
            self._ending = self._loop.create_task(self._leave())

    async def _leave(self) -> None:
        await asyncio.sleep(LOOKS_ROUND_S)
        self._shut()
        self._public.close()
        for visit in list(self._visits):
            visit.leave()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=REACHED_WITHIN_S)
        await asyncio.sleep(LOOKS_ROUND_S)  # granian takes what reached it
        signal.raise_signal(signal.SIGINT)

    def end(self, loop: asyncio.AbstractEventLoop, within_s: float) -> None:
        """Waits until the last answers of granian, which has ended, are on their way."""
        self.leave()
        with suppress(TimeoutError):
            loop.run_until_complete(asyncio.wait_for(self._empty(), within_s))

    async def _empty(self) -> None:
        if self._visits:
            self._emptied = asyncio.Event()
            await self._emptied.wait()
