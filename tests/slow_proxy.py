"""A proxy that lets every byte wait: what a slow edge is to whoever asks it."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

HOST = "127.0.0.1"
CHUNK = 65_536


@contextmanager
def slow_proxy(url: str, delay_s: float) -> Iterator[str]:
    """Passes connections on to an address, what is asked as much later as told, in its order.

    Yields its own address.
    """
    target = urlsplit(url)
    loop, ready = asyncio.new_event_loop(), threading.Event()
    servers: list[asyncio.Server] = []

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, asyncio.CancelledError):
            far_reader, far_writer = await asyncio.open_connection(target.hostname, target.port)
            await asyncio.gather(
                _pass_on(reader, far_writer, delay_s), _pass_on(far_reader, writer, 0.0)
            )

    async def serve() -> None:
        servers.append(await asyncio.start_server(accept, HOST, 0))
        ready.set()

    def run() -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(serve())
        loop.run_forever()
        servers[0].close()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        loop.run_until_complete(loop.shutdown_asyncgens())
        loop.close()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    if not ready.wait(30):
        raise TimeoutError("the proxy does not start")
    try:
        yield f"http://{HOST}:{servers[0].sockets[0].getsockname()[1]}"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


async def _pass_on(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay_s: float
) -> None:
    """Passes on what comes, each piece a while after it came, however fast the next one comes."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def read() -> None:
        with suppress(OSError):
            while piece := await reader.read(CHUNK):
                await waiting.put((loop.time() + delay_s, piece))
        await waiting.put((0.0, b""))

    reading = asyncio.create_task(read())
    try:
        with suppress(OSError):
            while True:
                due, piece = await waiting.get()
                if not piece:
                    break
                await asyncio.sleep(max(0.0, due - loop.time()))
                writer.write(piece)
                await writer.drain()
    finally:
        reading.cancel()
        writer.close()
