"""The fault proxy: TCP connections that are cut, held up or thinned out, each way by itself.

A held way is a network that loses everything: what is sent, and that somebody hung up, arrives only
once the way is open again, as it does after TCP's own repeats. A refused one is a host that is not
there. Bytes are never changed: TLS passes as it is.
"""

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from types import TracebackType
from typing import Any, TypeVar

HOST = "127.0.0.1"
PIECE_BYTES = 64 * 1024
PIECES = 64  # under way in one direction of a connection; more waits at the sender
ASKED_WITHIN_S = 10.0
_T = TypeVar("_T")


@dataclass(frozen=True)
class Way:
    """One direction. held: nothing arrives. delay_s: each piece arrives so much later. bytes_per_s:
    not more than that, 0 for no bound."""

    held: bool = False
    delay_s: float = 0.0
    bytes_per_s: int = 0


_RESET = struct.pack("ii", 1, 0)  # lingers for no time at all
OPEN, HELD = Way(), Way(held=True)


class Link:
    """One listening port and what stands behind it. Lives in its proxy's loop.

    target: returns the port to lead to, 0 for none yet. there: to the target; back: from it.
    """

    def __init__(self, target: Callable[[], int]) -> None:
        self.target = target
        self.there, self.back, self.refused = OPEN, OPEN, False
        self.connections, self.bytes = 0, 0  # so far
        self._news = asyncio.Condition()
        self._running: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def open(self) -> int:
        """Listens on a free port and returns it."""
        self._server = await asyncio.start_server(self._meet, HOST, 0, limit=PIECE_BYTES)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def close(self) -> None:
        """Ends everything."""
        if self._server is not None:
            self._server.close()
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def change(self, there: Way, back: Way, *, refused: bool) -> None:
        """Lets another weather begin; one that refuses ends what is open."""
        async with self._news:
            self.there, self.back, self.refused = there, back, refused
            self._news.notify_all()
        if refused:
            await self.end()

    async def end(self) -> None:
        """Ends the connections of now."""
        for task in list(self._running):
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if task is None:
            raise AssertionError("a stream is served by a task")
        self._running.add(task)
        self.connections += 1
        far: asyncio.StreamWriter | None = None
        in_order = False
        try:
            port = 0 if self.refused else self.target()
            if port:
                far_reader, far = await asyncio.open_connection(HOST, port, limit=PIECE_BYTES)
                async with asyncio.TaskGroup() as both:
                    both.create_task(self._carry(reader, far, lambda: self.there))
                    both.create_task(self._carry(far_reader, writer, lambda: self.back))
                in_order = True
        except* (OSError, asyncio.CancelledError):
            pass  # whoever hung up, the other side is told below
        finally:
            self._running.discard(task)
            for each in (writer, far):
                if each is not None:
                    _hang_up(each, in_order=in_order)

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, way: Callable[[], Way]
    ) -> None:
        """Carries one direction of one connection to its end."""
        under_way: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(PIECES)
        loop = asyncio.get_running_loop()

        async def take() -> None:
            piece = b"-"
            while piece:
                piece = await reader.read(PIECE_BYTES)
                await under_way.put((loop.time() + way().delay_s, piece))

        async with asyncio.TaskGroup() as tasks:
            taking = tasks.create_task(take())
            while True:
                due, piece = await under_way.get()
                await asyncio.sleep(max(0.0, due - loop.time()))
                if way().bytes_per_s:
                    await asyncio.sleep(len(piece) / way().bytes_per_s)
                async with self._news:
                    await self._news.wait_for(lambda: not way().held)
                if not piece:
                    break
                self.bytes += len(piece)
                writer.write(piece)
                await writer.drain()
            with contextlib.suppress(OSError, RuntimeError):
                writer.write_eof()
            await taking


def _hang_up(writer: asyncio.StreamWriter, *, in_order: bool) -> None:
    """Ends a connection. Out of order it is reset: whoever waits for an answer learns of it."""
    if in_order:
        writer.close()
        return
    raw = writer.get_extra_info("socket")
    if raw is not None and not writer.is_closing():
        raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    writer.transport.abort()


class Proxy:
    """Links by name in a loop of their own thread. Use as a context; its methods may be called from
    any thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._links: dict[str, Link] = {}

    def __enter__(self) -> "Proxy":
        self._thread.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:  # fmt: skip
        for link in self._links.values():
            self._do(link.close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(ASKED_WITHIN_S)
        self._loop.close()

    def add(self, name: str, target: Callable[[], int]) -> int:
        """Opens a link and returns its port."""
        link = self._links[name] = Link(target)
        return self._do(link.open())

    def names(self) -> list[str]:
        """Returns the names of all links."""
        return list(self._links)

    def cut(self, name: str, *, there: bool = True, back: bool = True) -> None:
        """Loses what is sent to the target, what comes from it, or both."""
        self.set(name, HELD if there else OPEN, HELD if back else OPEN)

    def refuse(self, name: str) -> None:
        """Ends the connections of a link and takes no other."""
        self._do(self._links[name].change(OPEN, OPEN, refused=True))

    def heal(self, name: str) -> None:
        """Lets everything through again."""
        self.set(name, OPEN, OPEN)

    def set(self, name: str, there: Way, back: Way) -> None:
        """Sets both directions of a link."""
        self._do(self._links[name].change(there, back, refused=False))

    def lead(self, name: str, target: Callable[[], int]) -> None:
        """Leads a link elsewhere from now on, and ends its connections."""
        self._links[name].target = target
        self._do(self._links[name].end())

    def carried(self, name: str) -> tuple[int, int]:
        """Returns how many connections and bytes a link has carried."""
        link = self._links[name]
        return link.connections, link.bytes

    def _do(self, work: Coroutine[Any, Any, _T]) -> _T:
        done: Future[_T] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return done.result(ASKED_WITHIN_S)
