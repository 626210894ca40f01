"""A random sequence of what people and the service do, on whatever database it is given."""

import random
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import msgspec

import kit.ids
from kit.bus import Consumer, Delivery, Hearing
from kit.clock import ManualClock
from kit.db import Database, Row
from kit.outbox import _PENDING, Outbox, Relay
from kit.publishing import Published
from kit.pure.errors import Refusal
from kit.requests import RequestKey
from meguri.payments.v1 import payments_events_pb2 as pb
from services.payments import events
from services.payments.app import resolve, shops, take
from services.payments.app.asked_before import find_request
from services.payments.app.change import capture_payment, void_payment
from services.payments.app.commit import make_deps
from services.payments.app.deps import Deps, Tools
from services.payments.app.office.close import close_day
from services.payments.app.refund import refund_payment
from services.payments.app.register_journal import Journal, take_journal
from services.payments.app.units import Sale
from services.payments.domain.business_day import business_date
from services.payments.domain.events import Channel, RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.provider import (
    DONE,
    NEVER_RECEIVED,
    UNANSWERED,
    Answer,
    Order,
    Outcome,
)
from services.payments.domain.tender import Tender
from services.payments.gateways.acquirer_simulator import AcquirerSimulator
from services.payments.gateways.cash_record import CashRecord
from services.payments.gateways.other_device import OtherDevice
from services.payments.gateways.webhook import AtOnce
from simulation.people import AREA, CLERK, SHOP
from simulation.run import SHOP_SETTINGS
from simulation.world import START

REFUSED = Answer(Outcome.REFUSED, "insufficient_funds")
SAID = (DONE, DONE, DONE, REFUSED, UNANSWERED, UNANSWERED, NEVER_RECEIVED)


class SeededIds:
    """Stands where kit.ids looks for its library: the same ids for both databases."""

    def __init__(self, seed: int) -> None:
        self._chance, self._count = random.Random(seed), 0

    def uuid7(self) -> uuid.UUID:
        """The next one, later than the one before."""
        self._count += 1
        stamp = int(START.timestamp() * 1000) + self._count
        return uuid.UUID(int=stamp << 80 | 7 << 76 | 2 << 62 | self._chance.getrandbits(62))


class Scripted(AtOnce):
    """A provider that says what the seed has it say."""

    facts = AcquirerSimulator.facts
    deadline_s = 5.0

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    async def perform(self, order: Order) -> Answer:
        """Anything but that it never came."""
        return self._chance.choice(SAID[:-1])

    async def ask(self, order: Order) -> Answer:
        """Anything."""
        return self._chance.choice(SAID)

    async def close(self) -> None:
        """Nothing to let go of."""


@dataclass
class Press:
    """Where the relay publishes: takes what the seed has it take."""

    chance: random.Random
    seen: list[tuple[str, int]] = field(default_factory=list)

    async def publish_rows(self, _service: str, rows: list[Row]) -> Published:
        """Stores some, in their order."""
        self.seen += [(row["type"], row["version"]) for row in rows]
        cut = self.chance.randrange(len(rows) + 1)
        return Published([row["id"] for row in rows[:cut]])


class Acts:
    """A sequence of acts; `log` holds what each one said."""

    def __init__(self, database: Database, seed: int) -> None:
        self.chance, self.database = random.Random(seed), database
        self.clock = ManualClock(START + timedelta(hours=3))
        outbox = Outbox(events.ENCODERS)
        self.press = Press(random.Random(seed + 2))
        self.deps: Deps = make_deps(Tools(
            db=database, outbox=outbox, clock=self.clock,
            gateways={"acquirer_simulator": Scripted(seed + 1), "cash_record": CashRecord(),
                      "other_device": OtherDevice()},
        ))  # fmt: skip
        self.relay = Relay("payments", database, outbox, self.press)
        self.payments: list[str] = []
        self.keys: list[tuple[str, Any]] = []
        self.log: list[str] = []
        self.heard: list[str] = []

    async def play(self, count: int) -> list[str]:
        """Does so many acts and returns what each said."""
        await shops.configure_shops(self.deps, self._key("set-up"), AREA, [SHOP_SETTINGS])
        acts = [self._take, self._take, self._take_many, self._again, self._change, self._change,
                self._refund, self._refund, self._resolve, self._close, self._look, self._publish,
                self._hear, self._journal, self._later, self._find]  # fmt: skip
        for _ in range(count):
            self.clock.advance(timedelta(milliseconds=1))
            act = self.chance.choice(acts)
            try:
                said: object = await act()
            except Refusal as refusal:
                said = f"{type(refusal).__name__}: {refusal}"
            self.log.append(f"{act.__name__}: {said!r}")
        return self.log

    def _key(self, request_id: str, *body: object) -> RequestKey:
        return RequestKey("clerk-1", request_id, repr(body).encode().ljust(32)[:32])

    def _sale(self) -> Sale:
        tender = self.chance.choice([Tender.CARD, Tender.TRANSIT_IC, Tender.CASH_RECORD])
        shop = SHOP if self.chance.random() < 0.9 else "no-such-shop"
        waited = timedelta(hours=self.chance.randrange(200))
        return Sale(
            shop_place_id=shop, tender=tender, amount_yen=self.chance.randrange(1, 9000),
            capture_at_once=self.chance.random() < 0.6, items=(), gateway="", channel=Channel.TILL,
            waited=waited if self.chance.random() < 0.2 else None,
        )  # fmt: skip

    async def _take(self) -> object:
        request_id, sale = kit.ids.new_id(), self._sale()
        self.keys.append((request_id, sale))
        return self._note(await take.take_payment(self.deps, self._key(request_id), CLERK, sale))

    async def _take_many(self) -> object:
        fresh = [(self._key(kit.ids.new_id()), self._sale()) for _ in range(3)]
        known = [(self._key(name), sale) for name, sale in self.keys[-1:]]
        waiting = [(key, msgspec.structs.replace(sale, tender=Tender.CASH_RECORD))
                   for key, sale in fresh]  # fmt: skip
        done = await take.take_payments(self.deps, CLERK, [*waiting, *known, waiting[0]])
        return [self._note(each) if isinstance(each, take.Taken) else repr(each) for each in done]

    async def _again(self) -> object:
        if not self.keys:
            return None
        request_id, sale = self.chance.choice(self.keys)
        body = ("other",) if self.chance.random() < 0.3 else ()
        key = self._key(request_id, *body)
        return self._note(await take.take_payment(self.deps, key, CLERK, sale))

    def _note(self, taken: take.Taken) -> object:
        self.payments.append(taken.payment.payment_id)
        return taken

    def _some(self) -> str:
        return self.chance.choice(self.payments) if self.payments else kit.ids.new_id()

    async def _change(self) -> Payment:
        key, payment_id = self._key(kit.ids.new_id()), self._some()
        if self.chance.random() < 0.5:
            return await capture_payment(self.deps, key, CLERK, payment_id, 0)
        return await void_payment(self.deps, key, CLERK, payment_id)

    async def _refund(self) -> object:
        request_id = self.chance.choice(["twice-1", "twice-2", kit.ids.new_id()])
        channel = self.chance.choice(list(RefundChannel))
        yen = self.chance.choice([1, 100, 5000])
        payment_id = self._some()
        key = self._key(request_id, payment_id, yen, channel)
        return await refund_payment(self.deps, key, CLERK, payment_id, yen, channel, "returned")

    async def _resolve(self) -> int:
        # One at a time: in which order several answers are written is nobody's promise.
        batch, resolve.BATCH = resolve.BATCH, 1
        try:
            return await resolve.resolve_due(self.deps)
        finally:
            resolve.BATCH = batch

    async def _close(self) -> object:
        day = business_date(self.clock.now(), "Asia/Tokyo").isoformat()
        return await close_day(self.deps, self._key(kit.ids.new_id()), CLERK, SHOP, day, None)

    async def _look(self) -> object:
        async with self.deps.db.read(AREA) as tx:
            return await _rows_waiting(tx)

    async def _publish(self) -> object:
        stored = await self.relay.drain_once()
        seen, self.press.seen = self.press.seen, []
        return stored, seen

    async def _hear(self) -> object:
        """Some events, some of them again, some twice in one go."""

        def delivery() -> Delivery:
            number = self.chance.randrange(40)
            event_id = str(uuid.UUID(int=number + 1))
            return Delivery(event_id, "payment_captured", AREA, "payments", "p", 1, START, "", b"")

        async def handle(_tx: Any, each: Delivery, _message: Any) -> None:
            self.heard.append(each.event_id)

        hearing = Hearing("payments", "payment_captured", pb.PaymentCaptured, handle)
        nobody: Any = None
        consumer = Consumer(nobody, self.database, "payments", "payments", [hearing])
        before = len(self.heard)
        await consumer._apply(AREA, [delivery() for _ in range(4)])
        return self.heard[before:]

    async def _journal(self) -> object:
        numbers = [self.chance.randrange(12) for _ in range(4)]
        day = self.clock.now().date().isoformat()
        lines = ["number,time,amount,tender,status,reference,shop"]
        lines += [
            f"{n},{day} 10:00,{100 + n},cash_record,sale,,{SHOP}" for n in sorted(set(numbers))
        ]
        lines += [f"r{numbers[0]},{day} 11:00,{10},cash_record,refund,{numbers[0]},{SHOP}"]
        given = Journal(
            shop_place_id=SHOP, register="1", content="\n".join(lines).encode(), mapping="generic",
            dry_run=self.chance.random() < 0.2,
        )  # fmt: skip
        return await take_journal(self.deps, self._key(kit.ids.new_id()), CLERK, given)

    async def _later(self) -> None:
        hours = self.chance.choice([0.001, 0.01, 1, 26, 24 * 8])
        self.clock.advance(timedelta(hours=hours))

    async def _find(self) -> object:
        name = self.chance.choice(self.keys)[0] if self.keys else "nothing"
        return await find_request(self.deps, CLERK, name)


async def _rows_waiting(tx: Any) -> Sequence[Row]:
    found: Sequence[Row] = await tx.fetch_all(_PENDING)
    return found
