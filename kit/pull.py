"""The one loop that fetches from a durable consumer of JetStream and tells faults apart."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any, Generic, TypeVar

import nats.errors
import nats.js.errors
from nats.aio.msg import Msg

from kit import log
from kit.db import StoreBusy
from kit.forever import STORE_WAITS, forever
from kit.lanes import Lanes
from kit.quick_client import RawMsg
from kit.stopping import stop_if_told

FETCH = 128  # deliveries applied in one transaction
FETCH_WAIT_S = 5.0
ACK_WAIT_S = 30.0
MAX_FAILURES = 5
FAILURES_KEPT = 10_000  # bound of memory; a poisonous delivery beyond it is tried a little longer
RETRY_PAUSE_S = 1.0
BEHIND_S = 3.0
LANES = 2  # one is made into rows while the other one is written: decision 0102

Item = TypeVar("Item")
Pairs = list[tuple[Msg, Item]]


class Poison(Exception):
    """A delivery that no attempt can make sense of."""


@dataclass(frozen=True)
class Listener(Generic[Item]):
    """What somebody does with the deliveries of one durable consumer.

    subscribe: returns the pull subscription. read: Errors: Poison. area, key: of an item; the key
    is the same at each delivery. apply: takes a run of items of one area in one transaction, and
    raises to have them again. bury: keeps a dead letter of what no attempt can use, with the
    reason. count: told the outcomes `waiting`, `retried` and `dead`. any_order: whether what
    becomes of an item depends on no other one; full batches of such are applied side by side.
    """

    name: str
    subscribe: Callable[[], Awaitable[Any]]  # nats-py ships no types
    read: Callable[[Msg], Item]
    area: Callable[[Item], str]
    key: Callable[[Item], str]
    apply: Callable[[str, list[Item]], Awaitable[None]]
    bury: Callable[[Msg, Item | None, Exception], Awaitable[None]]
    count: Callable[[str, int], None] = lambda _outcome, _amount: None
    spent: Callable[[str, float], None] = lambda _step, _seconds: None
    fetch: int = FETCH
    any_order: Callable[[Item], bool] = lambda _item: False


async def acknowledge(messages: Sequence[Msg]) -> None:
    """Acknowledges messages of one connection, in one write where it can."""
    if messages and isinstance(first := messages[0], RawMsg):
        await first.client.acknowledge(messages)
        return
    for message in messages:
        await message.ack()


class PullLoop(Generic[Item]):
    """Hears for one listener under a durable name: in order, but for full batches of what may come
    in any order (Listener.any_order), of which two may be at work side by side."""

    def __init__(self, listener: Listener[Item]) -> None:
        self._listener = listener
        self._log = log.get(listener.name)
        # Failures of the work by key. Redeliveries are not counted: an outage makes them too.
        self._failures: dict[str, int] = {}
        self._most = listener.fetch  # in one transaction; less while the store is busy
        self._lanes = Lanes(LANES)

    async def run(self) -> None:
        """Hears until canceled; comes back by itself after any fault of bus or database."""
        await forever(self._listener.name, self._hear, RETRY_PAUSE_S)

    async def _hear(self) -> None:
        subscription = await self._listener.subscribe()
        try:
            while True:
                stop_if_told()
                await self._fetch(subscription)
        finally:
            await self._lanes.end()
            with contextlib.suppress(nats.errors.Error, nats.js.errors.Error, OSError):
                await subscription.unsubscribe()

    async def _fetch(self, subscription: Any) -> None:
        began = perf_counter()
        try:
            messages = await subscription.fetch(self._listener.fetch, timeout=FETCH_WAIT_S)
        except (nats.errors.TimeoutError, TimeoutError):
            await self._lanes.join()
            # Silence and a dead subscription look alike: asking the server tells them apart.
            await subscription.consumer_info()
            return
        came = perf_counter()
        readable: Pairs[Item] = []
        for message in messages:
            try:
                readable.append((message, self._listener.read(message)))
            except Poison as poison:
                await self._bury(message, None, poison)
        self._listener.spent("fetch", came - began)
        self._listener.spent("read", perf_counter() - came)
        full = len(messages) == self._listener.fetch
        if full and all(self._listener.any_order(item) for _, item in readable):
            await self._lanes.begin(self._settle(readable))
            return
        await self._lanes.join()
        await self._settle(readable)

    async def _settle(self, readable: Pairs[Item]) -> None:
        try:
            for area, run in self._by_area(readable).items():
                await self._take(area, run)
        except STORE_WAITS as error:
            self._log.warning("the store waits", error=str(error), at_once=self._most)
            await self._hand_back([message for message, _ in readable], RETRY_PAUSE_S)
            await asyncio.sleep(RETRY_PAUSE_S)

    def _by_area(self, pairs: Pairs[Item]) -> dict[str, Pairs[Item]]:
        """Returns the run of each area: order matters within one only."""
        found: dict[str, Pairs[Item]] = {}
        for pair in pairs:
            found.setdefault(self._listener.area(pair[1]), []).append(pair)
        return found

    async def _take(self, area: str, run: Pairs[Item]) -> None:
        """Applies a run in transactions of a size that the store can bear."""
        while run:
            part, run = run[: self._most], run[self._most :]
            try:
                await self.apply(area, part)
            except STORE_WAITS as error:
                if isinstance(error, StoreBusy):
                    # Smaller and smaller, until one that is too slow or in the way stands alone.
                    self._most = max(1, min(self._most, len(part)) // 2)
                # It comes back after the others, so that it does not stand before them for ever.
                await self._hand_back([message for message, _ in part], BEHIND_S)
                raise
            self._most = min(self._listener.fetch, self._most * 2)

    async def apply(self, area: str, pairs: Pairs[Item]) -> None:
        """Applies deliveries in one transaction; one by one where that fails.

        Errors: StoreUnavailable and StoreBusy, which count as nobody's failure.
        """
        try:
            await self._listener.apply(area, [item for _, item in pairs])
        except STORE_WAITS:
            raise
        except Exception as error:  # noqa: BLE001 - any failure of the work means: again, or bury
            if len(pairs) > 1:
                for pair in pairs:
                    await self.apply(area, [pair])
                return
            await self._failed(*pairs[0], error)
            return
        if self._failures:
            for _, item in pairs:
                self._failures.pop(self._listener.key(item), None)
        began = perf_counter()
        await acknowledge([message for message, _ in pairs])
        self._listener.spent("acknowledge", perf_counter() - began)

    async def _hand_back(self, messages: Sequence[Msg], delay_s: float) -> None:
        """Has all that is not settled delivered again soon, instead of after ACK_WAIT_S."""
        waiting = [message for message in messages if not message.is_acked]
        self._listener.count("waiting", len(waiting))
        for message in waiting:
            await message.nak(delay=delay_s)

    async def _failed(self, message: Msg, item: Item, error: Exception) -> None:
        key = self._listener.key(item)
        failures = self._failures.pop(key, 0) + 1
        self._log.error(
            "delivery failed", subject=message.subject, key=key, failures=failures, exc_info=error
        )
        if isinstance(error, Poison) or failures >= MAX_FAILURES:
            await self._bury(message, item, error)
            return
        if len(self._failures) < FAILURES_KEPT:
            self._failures[key] = failures
        self._listener.count("retried", 1)
        await message.nak(delay=RETRY_PAUSE_S * 2 ** (failures - 1))

    async def _bury(self, message: Msg, item: Item | None, error: Exception) -> None:
        await self._listener.bury(message, item, error)
        await message.term()
        self._listener.count("dead", 1)
