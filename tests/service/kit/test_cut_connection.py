"""A connection that brings its bytes in any pieces and is cut in the midst of messages: all is
heard, and as it was sent."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import nats.errors
import pytest
from nats.aio.msg import Msg
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig

from kit import config
from kit.bus import Bus
from kit.pull import acknowledge
from kit.quick_client import QuickClient
from kit.quick_pull import QuickPull

COUNT, CUTS = 600, 8
# Bodies that read like the lines between which they stand.
BODIES = (
    b"", b"\r\n", b"\r", b"PING\r\n", b"-ERR 'x'\r\n", b"MSG cut.one 1 r 3\r\nabc\r\n",
    b"HMSG cut.one 1 r 12 12\r\nNATS/1.0\r\n\r\n\r\n", b"NATS/1.0 404 No Messages\r\n\r\n",
)  # fmt: skip


class Wire:
    """Stands between a client and the server. cuts: how often it has cut a connection."""

    def __init__(self, host: str, port: int, chance: random.Random) -> None:
        self._server_at, self._chance, self.cuts = (host, port), chance, 0
        self._going: set[asyncio.Task[None]] = set()

    async def ended(self) -> None:
        """Waits until no connection is carried: what is left open would outlive the test's loop."""
        async with asyncio.timeout(30):
            await asyncio.gather(*self._going)

    async def serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:  # fmt: skip
        """Carries one connection until a side ends it, or some bytes too early."""
        if task := asyncio.current_task():
            self._going.add(task)
            task.add_done_callback(self._going.discard)
        from_server, to_server = await asyncio.open_connection(*self._server_at)
        ways = [
            asyncio.create_task(self._carry(reader, to_server, whole=True)),
            asyncio.create_task(self._carry(from_server, writer, whole=self.cuts >= CUTS)),
        ]
        await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        for way in ways:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for each in (writer, to_server):
            each.close()
            with contextlib.suppress(OSError):
                await each.wait_closed()

    async def _carry(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, whole: bool
    ) -> None:
        left = self._chance.randint(5_000, 30_000)
        while data := await reader.read(65_536):
            while data:
                size = len(data) if whole else self._chance.choice([1, 2, 7, 300, 9_000])
                piece, data = data[:size], data[size:]
                if not whole and len(piece) >= left:
                    self.cuts += 1
                    writer.write(piece[:left])
                    await writer.drain()
                    return
                left -= len(piece)
                writer.write(piece)
                await writer.drain()


@pytest.fixture
async def direct(nats_url: str) -> AsyncIterator[QuickClient]:
    """A connection to a NATS with one stream and a consumer of it, which nobody cuts."""
    connected = QuickClient()
    await connected.connect(nats_url)
    stream = connected.jetstream()
    await stream.add_stream(StreamConfig(name="CUT", subjects=["cut.>"]))
    await stream.add_consumer("CUT", ConsumerConfig(
        durable_name="hears", ack_policy=AckPolicy.EXPLICIT, ack_wait=2, max_ack_pending=1_000,
    ))  # fmt: skip
    yield connected
    await connected.close()


async def _note(_error: Exception) -> None:
    """A cut is what is wanted here."""


async def heard(pull: QuickPull, client: QuickClient) -> dict[int, bytes]:
    """Returns the bodies by number, of all: what is not acknowledged in time comes again."""
    found: dict[int, bytes] = {}
    while len(found) < COUNT:
        try:
            messages = await pull.fetch(100, timeout=1)
            for message in messages:
                number = int((message.headers or {})["number"])
                assert found.setdefault(number, message.data) == message.data
            await acknowledge(messages)
        except (TimeoutError, nats.errors.Error):
            await asyncio.sleep(0.05)
    assert client.is_connected
    return found


async def test_nothing_is_lost_or_torn(direct: QuickClient, nats_url: str) -> None:
    chance = random.Random(7)
    sent = {
        number: chance.choice(BODIES) * chance.choice([1, 1, 200]) for number in range(COUNT)
    }  # fmt: skip
    await direct.publish_all(
        ("cut.one", body, {"number": str(number)}) for number, body in sent.items()
    )
    await direct.flush()
    host, port = nats_url.removeprefix("nats://").rsplit(":", 1)
    wire = Wire(host, int(port), chance)
    async with await asyncio.start_server(wire.serve, "127.0.0.1", 0) as server:
        client = QuickClient()
        between = server.sockets[0].getsockname()[1]
        await client.connect(
            f"nats://127.0.0.1:{between}", max_reconnect_attempts=-1, error_cb=_note,
            reconnect_time_wait=0.02,  # type: ignore[arg-type] # seconds, fractions work
        )  # fmt: skip
        pull = await QuickPull(client, "CUT", "hears").open()
        async with asyncio.timeout(90):
            assert await heard(pull, client) == sent
        await client.close()
        await wire.ended()
    assert wire.cuts == CUTS


async def test_who_asked_a_server_that_is_gone_need_not_wait(
    direct: QuickClient, nats_url: str
) -> None:
    """A request whose connection was cut ends with it, long before its time."""
    asked = asyncio.Event()

    async def keep_silent_once(message: Msg) -> None:
        if asked.is_set():
            await message.respond(b"here")
        asked.set()

    await direct.subscribe("question", cb=keep_silent_once)
    await direct.flush()
    host, port = nats_url.removeprefix("nats://").rsplit(":", 1)
    ways: list[asyncio.StreamWriter] = []

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        from_server, to_server = await asyncio.open_connection(host, int(port))
        ways.append(to_server)
        await asyncio.gather(_all(reader, to_server), _all(from_server, writer))

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        bus = Bus(config.load("asker", {
            "MEGURI_NATS_URL": f"nats://127.0.0.1:{server.sockets[0].getsockname()[1]}",
        }))  # fmt: skip
        await bus.open()
        async with asyncio.timeout(30):
            waiting = asyncio.create_task(bus.connection.request("question", timeout=600))
            await asked.wait()
            ways[0].close()
            with pytest.raises(nats.errors.ConnectionReconnectingError):
                await waiting
            assert (await bus.connection.request("question", timeout=20)).data == b"here"
        await bus.close()


async def _all(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(65_536):
            writer.write(data)
            await writer.drain()
    writer.close()
