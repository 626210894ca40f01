"""The processes of a run: payments as it is, and listeners to what it says."""

import asyncio
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextvars import Context
from typing import Any, TypeVar

from kit.bus import Consumer, Delivery, Hearing
from kit.db import StoreUnavailable, Transaction
from kit.outbox import Outbox, Relay
from kit.publishing import Published, publish_rows
from meguri.payments.v1 import payments_events_pb2 as pb
from services.payments import events
from services.payments.app import resolve
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.contract import Gateway
from services.payments.gateways.other_device import OtherDevice
from simulation.acquirer import Acquirer
from simulation.bus.client import ModelBus, Network
from simulation.loop import LIFE, Life
from simulation.store.database import ModelDatabase
from simulation.store.engine import Found, Server, Session
from simulation.store.registry import models
from simulation.world import Injected, LifeClock, World

Answer = TypeVar("Answer")

DEADLINE_S = 5.0  # of the gateway, as in production
CALL_S = 9.0  # of a call from the edge
NETWORK_S = 0.005
BACK_AFTER_S = 1.5  # a crashed process is started again, usually after so long


class Unavailable(Exception):
    """Nobody answered a call: it may have been carried out."""


class Process(ABC):
    """A program that crashes and comes back; its database does neither."""

    def __init__(
        self, world: World, network: Network, name: str, server: Server | None = None
    ) -> None:
        self.world, self.network, self.name = world, network, name
        self.server = server or Server(world.now)
        self.life = Life(name)
        self.life.alive = False
        self._database: ModelDatabase | None = None
        self._bus: ModelBus | None = None
        self._context = Context()
        self._calls: dict[int, asyncio.Future[None]] = {}  # by age: a set's order is chance

    def start(self) -> None:
        """Begins a new life."""
        skew_s = self.life.skew_s
        self.life = Life(self.name)
        self.life.skew_s = skew_s
        self.life.on_crash = self.crash
        self._context = Context()
        self._context.run(LIFE.set, self.life)
        self._context.run(self._open)
        self.world.note(self.name, "starts")

    def _open(self) -> None:
        self._database = ModelDatabase(self.world, self.server, self.life)
        self._bus = ModelBus(self.network, self.life)
        for work in self.work(self._database, self._bus):
            self.spawn(work)

    @abstractmethod
    def work(self, database: ModelDatabase, bus: ModelBus) -> list[Coroutine[Any, Any, Any]]:
        """Returns what the program does for as long as it runs."""

    def spawn(self, work: Coroutine[Any, Any, Answer]) -> "asyncio.Task[Answer]":
        """Runs something as part of this life."""
        return self.world.loop.create_task(work, context=self._context.copy())

    def crash(self) -> None:
        """kill -9, and the supervisor starts it again."""
        if not self.life.alive:
            return
        self.life.alive = False
        self.world.faults[f"crash of {self.name}"] += 1
        self.world.note(self.name, "CRASHES")
        if self._database is not None:
            self._database.crash()
        if self._bus is not None:
            self._bus.connection.crash()
        for gone in self._calls.values():
            if not gone.done():
                gone.set_result(None)
        self._calls.clear()
        loop = self.world.loop
        again = loop.time() + self.world.delay(BACK_AFTER_S)
        loop.call_at(again, self.start, context=Context())

    async def call(self, work: Callable[[], Coroutine[Any, Any, Answer]]) -> Answer:
        """Calls into the process over a network that loses, delays and doubles. Errors:
        Unavailable; whatever the work raises."""
        world = self.world
        await asyncio.sleep(world.delay(NETWORK_S))
        if world.goes_wrong("call lost on its way", world.rates.call_lost / 2):
            await asyncio.sleep(CALL_S)
            raise Unavailable("no answer")
        if not self.life.alive:
            raise Unavailable("connection refused")
        if world.goes_wrong("call doubled", world.rates.call_twice):
            self.spawn(_unheard(world.delay(1.0) * world.chance.random(), work))
        task = self.spawn(work())
        gone: asyncio.Future[None] = world.loop.create_future()
        self._calls[id(gone)] = gone
        either: list[asyncio.Future[Any]] = [task, gone]
        await asyncio.wait(either, timeout=CALL_S, return_when=asyncio.FIRST_COMPLETED)
        self._calls.pop(id(gone), None)
        if not task.done():
            if self.life.alive:
                task.cancel()  # as a gRPC server does with a call whose deadline passed
            raise Unavailable("no answer")
        if world.goes_wrong("answer lost on its way back", world.rates.call_lost / 2):
            task.exception()
            await asyncio.sleep(CALL_S)
            raise Unavailable("no answer")
        await asyncio.sleep(world.delay(NETWORK_S))
        try:
            return task.result()
        except StoreUnavailable as error:
            raise Unavailable("the store is away") from error


async def _unheard(seconds: float, work: Callable[[], Coroutine[Any, Any, Any]]) -> None:
    await asyncio.sleep(seconds)
    try:
        await work()
    except Exception:  # noqa: BLE001 - nobody hears the answer to a doubled call
        return


class PaymentsProcess(Process):
    """The payments service: its use cases, its relay, what it does by itself."""

    def __init__(
        self, world: World, network: Network, acquirer: Acquirer, name: str = "payments",
        server: Server | None = None,
    ) -> None:  # fmt: skip
        super().__init__(world, network, name, server)
        self._acquirer = acquirer
        self.deps: Deps | None = None
        self.server.on_commit = self._note_states

    def work(self, database: ModelDatabase, bus: ModelBus) -> list[Coroutine[Any, Any, Any]]:
        """As services/payments/main.py puts it together."""
        gateways: dict[str, Gateway] = {
            "acquirer_simulator": self._acquirer.gateway(DEADLINE_S),
            "cash_record": CashRecord(),
            "other_device": OtherDevice(),
        }
        outbox = Outbox(events.ENCODERS)
        clock = LifeClock(self.world, self.life)
        self.deps = make_deps(Tools(db=database, outbox=outbox, clock=clock, gateways=gateways))
        relay = Relay("payments", database, outbox, _Publisher(bus))
        return [relay.run(), resolve.run(self.deps)]

    @property
    def here(self) -> Deps:
        """The use cases of the present life."""
        if self.deps is None:
            raise AssertionError("not started")
        return self.deps

    def _note_states(self, session: Session) -> None:
        """Notes which edges of the state machine a commit takes."""
        for table in ("payments", "refunds"):
            for key, row in session.own.get(table, {}).items():
                before = self.server.tables.get(table, {}).get(key)
                if row is None:
                    continue
                was = _state(before) if before else "-"
                edge = f"{was} -> {_state(row)}"
                if was != _state(row):
                    self.world.reached[table, edge] += 1
                    self.world.note("store", f"{table[:-1]} {str(key[1])[-6:]}: {edge}")


class Front:
    """The edge: hands each call to one of the processes that serve payments."""

    def __init__(self, world: World, replicas: Sequence[PaymentsProcess]) -> None:
        self.world, self.replicas = world, replicas

    async def call(self, work: Callable[[Deps], Coroutine[Any, Any, Answer]]) -> Answer:
        """As Process.call, with the use cases of the process it reached."""
        chosen = self.replicas[0]
        if len(self.replicas) > 1:
            chosen = self.world.chance.choice(self.replicas)
        return await chosen.call(lambda: work(chosen.here))


def _state(row: dict[str, Any]) -> str:
    step = row.get("pending_step")
    return f"{row['state']} ({step})" if step else str(row["state"])


class _Publisher:
    """What kit.bus.Bus does between a relay and its connection."""

    def __init__(self, bus: ModelBus) -> None:
        self._bus = bus

    async def publish_rows(self, service: str, rows: list[Any]) -> Any:
        """As kit.bus.Bus."""
        line: Any = self._bus.connection
        return await publish_rows(line, service, rows) if line.is_connected else Published()


_KINDS = {
    "payment_captured": pb.PaymentCaptured, "payment_declined": pb.PaymentDeclined,
    "payment_voided": pb.PaymentVoided, "payment_expired": pb.PaymentExpired,
    "payment_became_unknown": pb.PaymentBecameUnknown, "payment_refunded": pb.PaymentRefunded,
    "shop_day_closed": pb.ShopDayClosed,
}  # fmt: skip
_EFFECT = "insert into effects (area, event_id, type, aggregate_id, version, amount_yen, practice)"


@models(_EFFECT)
def effect(session: Session, params: Sequence[Any]) -> Found:
    """What a listener makes of an event. There is no unique key: a second time would show."""
    names = ("area", "event_id", "type", "aggregate_id", "version", "amount_yen", "practice")
    number = session.next_number()
    session.insert("effects", (number,), dict(zip(names, params, strict=True)))
    return 1


class Listener(Process):
    """A service that hears payments, as kit has every service hear. at_once: gathers instead of
    handling one by one, as insights does."""

    def __init__(self, world: World, network: Network, name: str, *, gathers: bool) -> None:
        super().__init__(world, network, name)
        self._gathers = gathers
        self.failures: Counter[str] = Counter()

    def work(self, database: ModelDatabase, bus: ModelBus) -> list[Coroutine[Any, Any, Any]]:
        """Hears."""
        hearings = [
            Hearing("payments", kind, message, gather=self._gather)
            if self._gathers
            else Hearing("payments", kind, message, self._handle)
            for kind, message in _KINDS.items()
        ]
        anything: Any = bus
        return [Consumer(anything, database, self.name, "payments", hearings, fetch=16).run()]

    async def _handle(self, tx: Transaction, delivery: Delivery, message: Any) -> None:
        if self.failures[delivery.event_id] < 2 and self.world.goes_wrong(
            "handler of a listener fails", self.world.rates.handler_fails
        ):
            self.failures[delivery.event_id] += 1  # at most twice: five make a dead letter
            raise Injected("this handler fails now")
        amount_yen = getattr(message, "amount_yen", 0)
        practice = getattr(message, "practice", False)
        await tx.execute(
            f"{_EFFECT} values (%s, %s, %s, %s, %s, %s, %s)",
            (tx.area, delivery.event_id, delivery.type, delivery.aggregate_id, delivery.version,
             amount_yen, practice),
        )  # fmt: skip

    async def _gather(self, tx: Transaction, pairs: Sequence[tuple[Delivery, Any]]) -> None:
        for delivery, message in pairs:
            await self._handle(tx, delivery, message)
