"""Mistakes of the protocol, planted in the real code for one run: a simulation that finds none
proves nothing. `./meguri simulate --mistake NAME`; the table is in docs/runbooks/simulation.md.
"""

import asyncio
import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from unittest import mock

import msgspec

import kit.outbox
import kit.pull
import kit.requests
from kit.bus import Consumer
from kit.ids import new_id
from kit.outbox import Outbox, Relay
from kit.publishing import Published
from kit.pull import PullLoop
from services.payments.app import change, commit, refund, resolve, steps
from services.payments.app.commit import Pages
from services.payments.domain import payment as payment_rules
from services.payments.domain import refund as refund_rules
from services.payments.domain import settle as settle_module
from services.payments.domain.errors import AlreadyResolved
from services.payments.domain.payment import first_step
from services.payments.domain.provider import NEVER_RECEIVED, Answer, Order, Outcome
from services.payments.gateways import acquirer_simulator
from services.payments.store import closes, ground, journal, payments
from simulation import people
from simulation.people import Tablet

Patches = Iterator[Any]


@dataclass(frozen=True)
class Mistake:
    """says: what the code does now. make: returns the patches that make it do so."""

    says: str
    make: Callable[[], list[Any]]

    @contextmanager
    def plant(self) -> Iterator[None]:
        """The code is wrong inside."""
        with ExitStack() as stack:
            for patch in self.make():
                stack.enter_context(patch)
            yield


def _of(tx: Any) -> Any:
    return tx._database  # noqa: SLF001 - to do apart what belongs together


def _put(owner: Any, name: str, value: Any) -> Any:
    return mock.patch.object(owner, name, value)


# Hearing.


def _ack_before_commit() -> list[Any]:
    real = PullLoop.apply

    async def apply(self: Any, area: str, pairs: Any) -> None:
        await kit.pull.acknowledge([message for message, _ in pairs])
        await real(self, area, pairs)

    return [_put(PullLoop, "apply", apply)]


def _inbox_not_written() -> list[Any]:
    real = Consumer._effect  # noqa: SLF001 - what is broken here

    async def effect(self: Any, tx: Any, deliveries: Any) -> None:
        async def nothing_seen(_sql: str, _params: Any = ()) -> list[Any]:
            return []

        with _put(tx, "fetch_all", nothing_seen):
            await real(self, tx, deliveries)

    return [_put(Consumer, "_effect", effect)]


def _inbox_of_its_own() -> list[Any]:
    """The inbox in a transaction before that of the effect."""
    real = Consumer._effect  # noqa: SLF001 - what is broken here

    async def effect(self: Any, tx: Any, deliveries: Any) -> None:
        before = tx.fetch_all

        async def elsewhere(sql: str, params: Any = ()) -> list[Any]:
            async with self._database.transaction(tx.area) as other:
                found: list[Any] = await other.fetch_all(sql, params)
            return found

        with _put(tx, "fetch_all", elsewhere):
            await real(self, tx, deliveries)
        tx.fetch_all = before

    return [_put(Consumer, "_effect", effect)]


# Saying.


def _marked_before_published() -> list[Any]:
    async def publish(self: Any, rows: Any) -> Any:
        if not rows:
            return Published()
        async with self._database.transaction("*", line=True) as tx:
            await tx.execute(kit.outbox._OUT, ([row["id"] for row in rows],))  # noqa: SLF001 - as above
        await self._bus.publish_rows(self._service, rows)
        return Published([row["id"] for row in rows])

    return [_put(Relay, "_publish", publish)]


def _event_outside() -> list[Any]:
    """Said in a transaction of its own, once the state is durable."""
    real = Outbox.add_many
    later: set[asyncio.Task[None]] = set()

    async def add_many(self: Any, tx: Any, events: Sequence[Any]) -> None:
        async def say() -> None:
            async with _of(tx).transaction(tx.area) as own:
                await real(self, own, events)

        if events:
            tx.after_commit(lambda: later.add(asyncio.ensure_future(say())))

    return [_put(Outbox, "add_many", add_many)]


def _wrong_order() -> list[Any]:
    real = Relay._publish  # noqa: SLF001 - what is broken here

    async def publish(self: Any, rows: Any) -> Any:
        return await real(self, list(reversed(rows)))

    return [_put(Relay, "_publish", publish)]


def _version_not_counted() -> list[Any]:
    def move(given: Any, state: Any, now: Any, **changes: Any) -> Any:
        return msgspec.structs.replace(given, update_time=now, state=state, **changes)

    return [_put(settle_module, "move", move), _put(payment_rules, "move", move)]


def _new_event_id_each_time() -> list[Any]:
    """The relay names the event anew at each try: nothing drops the repeats."""
    real = Relay._publish  # noqa: SLF001 - what is broken here

    async def publish(self: Any, rows: Any) -> Any:
        return await real(self, [row | {"event_id": new_id()} for row in rows])

    return [_put(Relay, "_publish", publish)]


# Taking.


def _request_not_stored() -> list[Any]:
    """Two taps are two sales."""
    real = ground.claim

    async def claim(tx: Any, wanted: Any, places: Any, devices: Any) -> Any:
        fresh = [(dataclasses.replace(key, request_id=new_id()), mine) for key, mine in wanted]
        kept, found = await real(tx, fresh, places, devices)
        return {
            (key.principal, key.request_id): (key.body_sha256, mine) for key, mine in wanted
        } | dict(kept), found

    return [_put(ground, "claim", claim)]


def _change_not_stored() -> list[Any]:
    """Two requests to refund are two refunds."""

    async def once(_tx: Any, _key: Any, _type: Any, action: Any) -> Any:
        return await action()

    return [_put(refund, "once", once), _put(change, "once", once)]


def _silence_is_no() -> list[Any]:
    """No answer counts as declined."""
    real = steps.perform

    async def perform(gateway: Any, order: Order) -> Answer:
        answer = await real(gateway, order)
        return NEVER_RECEIVED if answer.outcome is Outcome.UNANSWERED else answer

    return [_put(steps, "perform", perform)]


def _charged_again() -> list[Any]:
    """What nobody answered is sent again, under a key of its own."""

    async def ask(gateway: Any, order: Order) -> Answer:
        return await steps.perform(gateway, dataclasses.replace(order, key=new_id()))

    return [_put(resolve, "ask", ask)]


def _ask_without_fence() -> list[Any]:
    """An unknown key is taken for one that never comes, and nobody tells the acquirer so."""
    real = acquirer_simulator.AcquirerSimulator.ask

    async def ask(self: Any, order: Order) -> Answer:
        found = {each.key for each in self._http.acquirer.books.operations()}
        return await real(self, order) if order.key in found else NEVER_RECEIVED

    return [_put(acquirer_simulator.AcquirerSimulator, "ask", ask)]


def _resolved_twice() -> list[Any]:
    """A step that is over is settled again."""
    real = settle_module.settle

    def settle(payment: Any, key: str, answer: Answer, now: Any) -> Any:
        try:
            return real(payment, key, answer, now)
        except AlreadyResolved:
            if payment.state != "captured" or answer.outcome is not Outcome.DONE:
                raise
            again = msgspec.structs.replace(
                payment, state="unknown", captured_yen=0, authorized_yen=0,
                pending=first_step(key, payment.amount_yen, payment.business_date),
            )  # fmt: skip
            return real(again, key, answer, now)

    return [_put(commit, "settle", settle)]


def _no_lock() -> list[Any]:
    """A payment is read, and nobody waits for whoever changes it."""
    return [_put(payments, "lock", payments.find)]


def _no_reservation() -> list[Any]:
    """Refunds under way are not held against what is left."""
    real = refund_rules.start_refund

    def start(payment: Any, given: Any, **more: Any) -> Any:
        after, made = real(payment, given, **more)
        return msgspec.structs.replace(after, reserved_yen=payment.reserved_yen), made

    def settle(payment: Any, given: Any, answer: Any, now: Any, **more: Any) -> Any:
        held = msgspec.structs.replace(payment, reserved_yen=given.amount_yen)
        return _settle_refund(held, given, answer, now, **more)

    return [_put(refund, "start_refund", start), _put(refund, "settle_refund", settle)]


_settle_refund = refund_rules.settle_refund


def _state_without_entries() -> list[Any]:
    """The ledger in a transaction of its own, after that of the state."""
    real = journal.post
    later: set[asyncio.Task[None]] = set()

    async def post(tx: Any, entries: Any, now: Any) -> None:
        async def write() -> None:
            async with _of(tx).transaction(tx.area) as own:
                await real(own, entries, now)

        if entries:
            tx.after_commit(lambda: later.add(asyncio.ensure_future(write())))

    return [_put(journal, "post", post)]


def _nobody_asks() -> list[Any]:
    """Steps that a crash left behind are not looked for."""

    async def resolve_due(_deps: Any) -> int:
        return 0

    return [_put(resolve, "resolve_due", resolve_due)]


def _lease_forgotten() -> list[Any]:
    """A new sale has no time from which on somebody asks for it."""
    real = Pages.write

    async def write(self: Any, tools: Any, tx: Any) -> None:
        self.inserts = [msgspec.structs.replace(each, ask_time=None) for each in self.inserts]
        await real(self, tools, tx)

    return [_put(Pages, "write", write)]


# Closing, and the tablet.


def _close_only_looks() -> list[Any]:
    """A close takes what is open without taking it out of the line."""
    return [_put(closes, "take_open", closes.see_open)]


def _struck_out_first() -> list[Any]:
    """The tablet forgets a batch when it sends it."""
    real = Tablet._send  # noqa: SLF001 - what is broken here

    async def send(self: Any, batch: Any) -> bool:
        for each in batch:
            self.book.waiting.pop(each.request_id, None)
        return await real(self, batch)

    return [_put(Tablet, "_send", send)]


def _key_made_at_sending() -> list[Any]:
    """The tablet makes the request id when it sends, not when the clerk taps."""
    real = people.key_of

    def key_of(_request_id: str, *body: object) -> Any:
        return real(new_id(), *body)

    real_forms = Tablet._forms  # noqa: SLF001 - what is broken here

    def forms(self: Any, batch: Any) -> Any:
        with _put(people, "key_of", key_of):
            return real_forms(self, batch)

    return [_put(Tablet, "_forms", forms)]


MISTAKES: dict[str, Mistake] = {
    "ack-before-commit": Mistake("an event is acknowledged before its effect", _ack_before_commit),
    "inbox-not-written": Mistake("a listener keeps no inbox", _inbox_not_written),
    "inbox-of-its-own": Mistake("the inbox commits before the effect", _inbox_of_its_own),
    "marked-before-published": Mistake("the relay marks first", _marked_before_published),
    "event-outside": Mistake("events are said after the transaction", _event_outside),
    "wrong-order": Mistake("the relay publishes the newest first", _wrong_order),
    "version-not-counted": Mistake("a new state keeps its version", _version_not_counted),
    "new-event-id": Mistake("the relay renames events at each try", _new_event_id_each_time),
    "request-not-stored": Mistake("request ids of sales are not kept", _request_not_stored),
    "change-not-stored": Mistake("request ids of refunds are not kept", _change_not_stored),
    "silence-is-no": Mistake("no answer counts as declined", _silence_is_no),
    "charged-again": Mistake("UNKNOWN is sent again, not asked about", _charged_again),
    "no-fence": Mistake("an unknown key is believed without a fence", _ask_without_fence),
    "resolved-twice": Mistake("a settled step is settled again", _resolved_twice),
    "no-lock": Mistake("a payment is changed without its lock", _no_lock),
    "no-reservation": Mistake("refunds under way hold nothing back", _no_reservation),
    "ledger-apart": Mistake("entries are written after the state", _state_without_entries),
    "nobody-asks": Mistake("steps left by a crash are not looked for", _nobody_asks),
    "lease-forgotten": Mistake("a sale has no time to be asked about", _lease_forgotten),
    "close-only-looks": Mistake("a close leaves its entries in line", _close_only_looks),
    "struck-out-first": Mistake("the tablet forgets before the answer", _struck_out_first),
    "key-at-sending": Mistake("the tablet makes ids when it sends", _key_made_at_sending),
}
