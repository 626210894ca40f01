"""A process's line to the model: what kit.quick_client.QuickClient is to a nats-server.

What one side says arrives in its order, as on TCP, or not at all when the line is cut meanwhile. A
client that was cut off comes back by itself, says what it had to say in between, and has lost what
was on its way.
"""

import asyncio
import json
from collections.abc import Callable, Iterable
from contextvars import Context
from types import SimpleNamespace
from typing import Any

import nats.errors
from nats.aio.msg import Msg
from nats.js.api import ConsumerConfig

from kit.quick_client import RawMsg
from simulation.bus.server import Consumer, JetStream
from simulation.loop import LIFE, Life
from simulation.world import World

TRAVEL_S = 0.001
AWAY_S = 0.5  # until a client that was cut off is back, usually

Arrival = tuple[str, str, bytes, bytes]


class Network:
    """All lines to one server. closed: processes that cannot reach it at all for a while."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.server = JetStream(world.loop.time, self._call_at, self._say)
        self.clients: dict[str, Client] = {}
        self.closed: set[str] = set()
        self._nobody = Context()

    def _call_at(self, when: float, callback: Callable[..., object], *args: Any) -> Any:
        return self.world.loop.call_at(when, callback, *args, context=self._nobody)

    def at_server(self, when: float, callback: Callable[..., object], *args: Any) -> None:
        """Has something happen where no process is."""
        self._call_at(when, callback, *args)

    def _say(self, inbox: str, subject: str, reply: str, head: bytes, body: bytes) -> bool:
        client = self.clients.get(inbox.split(".")[1])
        if client is None or not client.is_connected or not client.life.alive:
            return False
        client.hear(inbox, subject, reply, head, body)
        return True

    def restart(self) -> None:
        """Kills the server; what is stored is there again."""
        self.server.restart()
        for client in list(self.clients.values()):
            client.cut("the server died")


class Client:
    """One connection. Its surface is what kit uses of QuickClient."""

    def __init__(self, network: Network, life: Life) -> None:
        self.network, self.world, self.life = network, network.world, life
        self.is_connected, self.is_closed = True, False
        self.takers: dict[int, Callable[[Msg], None]] = {}
        self._name = f"{life.name}-{network.world.chance.getrandbits(32):08x}"
        self._context = Context()
        self._context.run(LIFE.set, life)
        self._line = 0  # counts up with every cut
        self._out_at = self._in_at = 0.0
        self._kept: list[Arrival] = []  # said while the line was cut
        self._asked: dict[str, asyncio.Future[Any]] = {}
        self._listens: dict[str, int] = {}
        self._numbers = 0
        network.clients[self._name] = self

    # What kit uses.

    def new_inbox(self) -> str:
        """Returns an inbox of this connection."""
        self._numbers += 1
        return f"_INBOX.{self._name}.{self._numbers}"

    async def subscribe(self, subject: str, cb: Any = None) -> Any:  # noqa: ARG002 - as the library has it
        """Listens to an inbox and what is below it."""
        self._numbers += 1
        number = self._numbers
        self._listens[subject.removesuffix(".*")] = number

        async def unsubscribe() -> None:
            self._listens.pop(subject.removesuffix(".*"), None)

        return SimpleNamespace(_id=number, unsubscribe=unsubscribe)

    async def publish(
        self, subject: str, payload: bytes = b"", reply: str = "",
        headers: dict[str, str] | None = None,
    ) -> None:  # fmt: skip
        """Says something and does not wait."""
        self._send((subject, reply, json.dumps(headers or {}).encode(), payload))

    async def publish_all(self, messages: Iterable[tuple[str, bytes, dict[str, str]]]) -> None:
        """Says many things in one write."""
        for subject, body, headers in messages:
            self._send((subject, "", json.dumps(headers).encode(), body))

    async def request(
        self, subject: str, payload: bytes, *, headers: dict[str, str] | None = None,
        timeout: float = 5.0,  # noqa: ASYNC109 - as the library has it
    ) -> Any:  # fmt: skip
        """Says something and waits for the answer. Errors: nats.errors.TimeoutError."""
        inbox = self.new_inbox()
        answer = self._asked[inbox] = self.world.loop.create_future()
        self._send((subject, inbox, json.dumps(headers or {}).encode(), payload))
        try:
            async with asyncio.timeout(timeout):
                return await answer
        except TimeoutError as error:
            raise nats.errors.TimeoutError from error
        finally:
            self._asked.pop(inbox, None)

    async def acknowledge(self, messages: Iterable[Msg]) -> None:
        """As kit.quick_client."""
        for message in messages:
            if not message.is_acked:
                self._send((message.reply, "", b"{}", b""))
                message._ackd = True  # noqa: SLF001 - as kit.quick_client

    def jetstream(self, **_: Any) -> "Stream":
        """Returns what manages streams and consumers."""
        return Stream(self)

    # The line.

    def _send(self, said: Arrival) -> None:
        if not self.is_connected:
            self._kept.append(said)
            return
        if self.world.goes_wrong("line to NATS cut", self.world.rates.line_cut / 8):
            self.cut("")
            self._kept.append(said)
            return
        self._out_at = max(self._out_at, self.world.loop.time() + self.world.delay(TRAVEL_S))
        self.network.at_server(self._out_at, self._arrive, self._line, said)

    def _arrive(self, line: int, said: Arrival) -> None:
        """At the server."""
        if line != self._line:
            return  # it was on its way when the line was cut
        subject, reply, head, body = said
        server = self.network.server
        if subject.startswith("$JS.ACK."):
            server.acknowledge(subject, body)
        elif subject.startswith("$JS.API.CONSUMER.MSG.NEXT."):
            stream, name = subject.split(".")[5:7]
            found = server.stream(stream)
            if name in found.consumers:
                server.ask(found, found.consumers[name], reply, json.loads(body))
        else:
            stream = (
                subject.split(".")[2].upper() if subject.startswith("meguri.") else "DEAD_LETTERS"
            )
            answer = self._refusal(reply) or server.publish(
                server.stream(stream), subject, json.loads(head), body
            )
            if answer is not None and reply:
                self.network._say(reply, reply, "", b"", json.dumps(answer).encode())  # noqa: SLF001 - one package

    def _refusal(self, reply: str) -> dict[str, Any] | None:
        """A server that takes nothing now, or not this: both leave the event where it is."""
        if not reply or not self.world.goes_wrong(
            "NATS refuses an event", self.world.rates.refuses
        ):
            return None
        code = self.world.chance.choice([400, 503])
        return {"error": {"code": code, "err_code": 10000 + code, "description": "refused"}}

    def hear(self, inbox: str, subject: str, reply: str, head: bytes, body: bytes) -> None:
        """Called at the server: sends something this way."""
        self._in_at = max(self._in_at, self.world.loop.time() + self.world.delay(TRAVEL_S))
        self.world.loop.call_at(
            self._in_at, self._heard, self._line, inbox, subject, reply, head, body,
            context=self._context,
        )  # fmt: skip

    def _heard(
        self, line: int, inbox: str, subject: str, reply: str, head: bytes, body: bytes
    ) -> None:
        if line != self._line:
            return
        answer = self._asked.get(inbox)
        if answer is not None:
            if not answer.done():
                answer.set_result(SimpleNamespace(data=body))
            return
        number = self._listens.get(inbox) or self._listens.get(inbox.rpartition(".")[0])
        taker = self.takers.get(number) if number else None
        if taker is not None:
            client: Any = self
            taker(RawMsg(client, subject.encode(), reply.encode(), head, body))

    def cut(self, why: str) -> None:
        """Cuts the line; it comes back by itself."""
        if not self.is_connected:
            return
        self.world.note(self.life.name, f"loses its line to NATS {why}".rstrip())
        self._line += 1
        self.is_connected = False
        self._come_back_later()

    def _come_back_later(self) -> None:
        at = self.world.loop.time() + self.world.delay(AWAY_S)
        self.network.at_server(at, self._come_back)

    def _come_back(self) -> None:
        if not self.life.alive:
            return
        if self.life.name in self.network.closed and not self.world.calm:
            self._come_back_later()
            return
        self.is_connected = True
        kept, self._kept = self._kept, []
        for said in kept:
            self._send(said)

    def crash(self) -> None:
        """The process is gone, and its line with it."""
        self._line += 1
        self.is_connected = False
        self.network.clients.pop(self._name, None)


class Stream:
    """What kit uses of the library's JetStream context."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def _round_trip(self) -> None:
        client = self._client
        if not client.is_connected:
            await asyncio.sleep(5.0)
            raise nats.errors.TimeoutError
        await asyncio.sleep(client.world.delay(2 * TRAVEL_S))
        if not client.is_connected:
            raise nats.errors.TimeoutError

    async def add_consumer(self, stream: str, config: ConsumerConfig) -> None:
        """Makes a durable consumer. Errors: nats.errors.TimeoutError."""
        await self._round_trip()
        server = self._client.network.server
        found = server.stream(stream)
        service = str(config.filter_subject).split(".")[2]
        server.add_consumer(found, Consumer(
            str(config.durable_name), service, float(config.ack_wait or 30.0),
            int(config.max_ack_pending or 1000),
        ))  # fmt: skip

    async def consumer_info(self, stream: str, name: str) -> Any:
        """Tells of a consumer. Errors: nats.errors.TimeoutError."""
        await self._round_trip()
        found = self._client.network.server.stream(stream)
        consumer = found.consumers[name]
        return SimpleNamespace(
            num_ack_pending=len(consumer.pending), num_pending=self._client.network.server.left(
                found, consumer
            ),
        )  # fmt: skip

    async def publish(self, subject: str, payload: bytes, headers: dict[str, str]) -> Any:
        """Publishes and waits until it is stored. Errors: nats.errors.TimeoutError."""
        return await self._client.request(subject, payload, headers=headers)


class ModelBus:
    """What kit.bus.Bus is to a process."""

    def __init__(self, network: Network, life: Life) -> None:
        self.connection = Client(network, life)
        self.stream = self.connection.jetstream()
        self.opened = asyncio.Event()
        self.opened.set()
