"""Who uses the till: people who tap, tap again, take back and close the day, and a tablet whose
line comes and goes. Each keeps what it was told, and nothing else is believed afterwards.
"""

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from kit.db import StoreBusy
from kit.ids import new_id
from kit.pure.errors import Refusal
from kit.requests import RequestKey
from services.payments.app import take
from services.payments.app.change import capture_payment, void_payment
from services.payments.app.deps import Deps
from services.payments.app.office.close import close_day
from services.payments.app.refund import refund_payment
from services.payments.app.units import Sale
from services.payments.app.who import Who
from services.payments.domain.business_day import business_date
from services.payments.domain.errors import NothingToClose
from services.payments.domain.events import Channel, RefundChannel
from services.payments.domain.payment import Payment
from services.payments.domain.tender import Tender
from simulation.processes import Front, Unavailable
from simulation.world import World

AREA, SHOP, ZONE = "mine", "shop-a", "Asia/Tokyo"
CLERK = Who(area=AREA, principal="clerk-1", shops=frozenset(), device=False)
PATIENCE = 6  # tries; then the person asks again later, or gives up
AT_ONCE = 5  # sales in one upload of the tablet; 50 in services/edge/till/static/waiting.js


@dataclass(frozen=True)
class Told:
    """What somebody was told. kind: take, capture, void, refund, close. answer: id it was given."""

    kind: str
    request_id: str
    answer: str
    state: str
    amount_yen: int


@dataclass
class Book:
    """What people know. tapped: amounts by request id of every sale that was tapped; waited: those
    that the tablet keeps for a line."""

    told: list[Told] = field(default_factory=list)
    tapped: dict[str, int] = field(default_factory=dict)
    refused: set[str] = field(default_factory=set)
    waiting: dict[str, "Waiting"] = field(default_factory=dict)
    kept: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Waiting:
    """A sale on the tablet. tapped: when, by the tablet's own clock."""

    request_id: str
    sale: Sale
    tapped: float


def key_of(request_id: str, *body: object) -> RequestKey:
    """Returns the key of a request: who, its id, and the hash of what it asks for."""
    text = "/".join(map(str, body))
    return RequestKey(CLERK.principal, request_id, hashlib.sha256(text.encode()).digest())


class People:
    """Everybody in front of the counter and behind it."""

    def __init__(self, world: World, payments: Front) -> None:
        self.world, self.payments, self.book = world, payments, Book()

    def _sale(self, tender: Tender, amount_yen: int, *, at_once: bool = True) -> Sale:
        return Sale(
            shop_place_id=SHOP, tender=tender, amount_yen=amount_yen, capture_at_once=at_once,
            items=(), gateway="", channel=Channel.TILL,
        )  # fmt: skip

    async def insist(
        self, what: str, ask: Callable[[Deps], Coroutine[Any, Any, Any]], tries: int = PATIENCE
    ) -> Any:
        """Asks until somebody answers, always with the same request id. Returns the answer, a
        Refusal, or None for a person who gave up."""
        for _ in range(tries):
            try:
                return await self.payments.call(ask)
            except (Unavailable, StoreBusy) as error:
                self.world.note("person", f"{what}: {error}; tries again")
                await asyncio.sleep(self.world.chance.uniform(0.1, 3.0))
            except Refusal as refusal:
                self.world.note("person", f"{what}: refused, {type(refusal).__name__}")
                return refusal
            except Exception as error:  # noqa: BLE001 - whatever it is, no call may end so
                self.world.problem(f"a call to {what} ended in {error!r}")
                return None
        return None

    async def buy(self, tender: Tender, *, at_once: bool = True, taps: int = 1) -> Payment | None:
        """Sells something. taps: how often the clerk taps, at the same time."""
        amount_yen = self.world.chance.randrange(100, 5000)
        request_id = new_id()
        self.book.tapped[request_id] = amount_yen
        sale = self._sale(tender, amount_yen, at_once=at_once)
        key = key_of(request_id, tender, amount_yen, at_once)
        self.world.note("clerk", f"taps {taps}x: {tender} {amount_yen} yen, {request_id[-6:]}")

        async def ask(deps: Deps) -> Any:
            return await take.take_payment(deps, key, CLERK, sale)

        if taps > 1:
            self.world.faults["double tap"] += 1
        answers = await asyncio.gather(*(self.insist("sale", ask) for _ in range(taps)))
        payment = None
        for taken in answers:
            if isinstance(taken, take.Taken):
                payment = taken.payment
                self._told("take", request_id, payment.payment_id, payment.state, amount_yen)
        return payment

    async def follow(self, payment: Payment) -> None:
        """Does something with a sale: captures, takes it back whole or in part, or nothing."""
        choice = self.world.chance.randrange(6)
        payment_id = payment.payment_id
        if not payment.capture_at_once and choice < 4:
            await self._change("capture", payment_id, capture_payment, 0)
        if choice in (1, 2):
            await self._change("void", payment_id, void_payment)
        if choice in (2, 3, 4):
            yen = self.world.chance.choice([payment.amount_yen, payment.amount_yen // 2 or 1, 7])
            await asyncio.gather(*(
                self.give_back(payment, yen) for _ in range(self.world.chance.randrange(1, 3))
            ))  # fmt: skip

    async def _change(self, kind: str, payment_id: str, act: Any, *more: Any) -> None:
        request_id = new_id()
        key = key_of(request_id, kind, payment_id, *more)

        async def ask(deps: Deps) -> Any:
            return await act(deps, key, CLERK, payment_id, *more)

        done = await self.insist(kind, ask)
        if isinstance(done, Payment):
            self._told(kind, request_id, payment_id, done.state, done.captured_yen)

    async def give_back(self, payment: Payment, amount_yen: int) -> None:
        """Refunds, at the provider or in cash."""
        request_id = new_id()
        channel = self.world.chance.choice([RefundChannel.PROVIDER, RefundChannel.CASH])
        key = key_of(request_id, payment.payment_id, amount_yen, channel)

        async def ask(deps: Deps) -> Any:
            return await refund_payment(
                deps, key, CLERK, payment.payment_id, amount_yen, channel, "returned"
            )

        taps = 2 if self.world.chance.random() < 0.3 else 1
        for done in await asyncio.gather(*(self.insist("refund", ask) for _ in range(taps))):
            if done is not None and not isinstance(done, Refusal):
                self._told("refund", request_id, done.refund_id, done.state, amount_yen)

    async def close(self) -> None:
        """Closes the day while others sell."""
        request_id = new_id()
        day = business_date(self.world.now(), ZONE).isoformat()
        key = key_of(request_id, "close", day)

        async def ask(deps: Deps) -> Any:
            return await close_day(deps, key, CLERK, SHOP, day, None)

        done = await self.insist("close", ask)
        if done is not None and not isinstance(done, (Refusal, NothingToClose)):
            self._told("close", request_id, done.close_id, str(done.number), done.expected_yen)

    def _told(self, kind: str, request_id: str, answer: str, state: str, yen: int) -> None:
        self.world.note("clerk", f"is told: {kind} {answer[-6:]} {state} {yen} yen")
        self.book.told.append(Told(kind, request_id, answer, str(state), yen))


class Tablet:
    """The till without a line, as services/edge/till/static/waiting.js has it: a sale is written
    down before anything else, sent when there is a line, and struck out only by an answer."""

    def __init__(self, world: World, payments: Front, book: Book) -> None:
        self.world, self.payments, self.book = world, payments, book
        self.clock_s = 0.0  # by what its clock is wrong; both readings are of the same clock
        self._busy = 0

    def tap(self) -> None:
        """Keeps a sale. Acknowledged to the person: it must not be lost any more."""
        tender = self.world.chance.choice([Tender.CASH_RECORD, Tender.CASH_RECORD, Tender.CARD])
        amount_yen = self.world.chance.randrange(100, 3000)
        sale = Sale(
            shop_place_id=SHOP, tender=tender, amount_yen=amount_yen, capture_at_once=True,
            items=(), gateway="" if tender is Tender.CASH_RECORD else "other_device",
            channel=Channel.TILL,
        )  # fmt: skip
        request_id = new_id()
        self.book.tapped[request_id] = amount_yen
        self.book.kept.add(request_id)
        self.book.waiting[request_id] = Waiting(request_id, sale, self._clock())
        self.world.note("tablet", f"keeps {tender} {amount_yen} yen, {request_id[-6:]}")

    def _clock(self) -> float:
        return self.world.now().timestamp() + self.clock_s

    async def drain(self) -> None:
        """Sends what waits, batch by batch. A power cut ends it anywhere; two tabs may run."""
        mine = list(self.book.waiting.values())
        while mine:
            batch, mine = mine[:AT_ONCE], mine[AT_ONCE:]
            if not await self._send(batch):
                return

    def _forms(self, batch: list[Waiting]) -> list[tuple[RequestKey, Sale]]:
        now, forms = self._clock(), []
        for each in batch:
            waited = timedelta(seconds=round(now - each.tapped))
            sale = Sale(**{name: getattr(each.sale, name) for name in Sale.__struct_fields__}
                        | {"waited": waited})  # fmt: skip
            key = key_of(each.request_id, each.sale.tender, each.sale.amount_yen)
            forms.append((key, sale))
        return forms

    async def _send(self, batch: list[Waiting]) -> bool:
        forms = self._forms(batch)
        self.world.note("tablet", f"sends {len(batch)} sales")

        async def ask(deps: Deps) -> Any:
            return await take.take_payments(deps, CLERK, forms)

        try:
            results = await self.payments.call(ask)
        except (Unavailable, StoreBusy) as error:
            self.world.note("tablet", f"{error}; keeps them")
            return False
        for each, result in zip(batch, results, strict=True):
            self.book.waiting.pop(each.request_id, None)
            if isinstance(result, take.Taken):
                paid = result.payment
                told = Told("take", each.request_id, paid.payment_id, paid.state, paid.amount_yen)
                self.book.told.append(told)
            else:
                self.book.refused.add(each.request_id)
                self.world.note("tablet", f"{each.request_id[-6:]} refused: {result!r}")
        return True
