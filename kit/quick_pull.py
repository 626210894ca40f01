"""Fetching from a durable consumer of JetStream, many messages at a time.

The library's own subscription waits for each message in a task of its own: with a thousand events
that wait, that was a third of the work of hearing them. Here a request is answered as a whole, and
while many wait the next one is answered during the work on this one.
"""

import asyncio
import json
from collections import deque

from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

from kit.quick_client import QuickClient

HEARTBEAT = "100"
ON_THEIR_WAY_S = 0.5  # at the end, for what was asked for ahead


class QuickPull:
    """What PullLoop asks of a subscription, of one consumer of one stream."""

    def __init__(self, client: QuickClient, stream: str, consumer: str) -> None:
        self._client, self._stream, self._consumer = client, stream, consumer
        self._come: deque[Msg] = deque()
        self._waited = ""  # where the request is answered that is waited for
        self._due = 0  # messages that its answer may still bring
        self._ahead = False  # it was made before anybody needs its answer
        self._news = asyncio.Event()
        self._asked = 0

    async def open(self) -> "QuickPull":
        """Begins to listen for answers."""
        self._inbox = self._client.new_inbox()
        self._answers = await self._client.subscribe(f"{self._inbox}.*", cb=_nothing)
        self._number = self._answers._id  # noqa: SLF001 - as the server calls it
        self._client.takers[self._number] = self._take
        return self

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109 - as the library has it
        """Returns what waits, up to a batch; where nothing does, what comes first.

        Errors: TimeoutError when nothing came in so many seconds; nats.errors.Error.
        """
        if self._ahead:
            await self._answered(batch, timeout)
        self._ahead = False
        if not self._come:
            await self._ask(batch, {"no_wait": True})
            await self._answered(batch, timeout)
        if not self._come:
            await self._ask(batch, {"expires": int(timeout * 1e9)})
            await self._answered(1, timeout)
        if not self._come:
            raise TimeoutError
        found = [self._come.popleft() for _ in range(min(batch, len(self._come)))]
        if len(found) == batch and not self._come:
            await self._ask(batch, {"no_wait": True})
            self._ahead = True
        return found

    async def consumer_info(self) -> ConsumerInfo:
        """Asks the server for the consumer. Errors: NotFoundError when it is gone."""
        stream = self._client.jetstream()
        found: ConsumerInfo = await stream.consumer_info(self._stream, self._consumer)
        return found

    async def unsubscribe(self) -> None:
        """Ends, and hands back what has come and nobody took."""
        if self._ahead:
            await self._answered(self._due + len(self._come), ON_THEIR_WAY_S)
        await self._answers.unsubscribe()
        self._client.takers.pop(self._number, None)
        while self._come:
            await self._come.popleft().nak()

    async def _ask(self, batch: int, how: dict[str, bool | int]) -> None:
        self._asked += 1
        self._waited, self._due = f"{self._inbox}.{self._asked}", batch
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            json.dumps({"batch": batch, **how}).encode(), self._waited,
        )  # fmt: skip

    async def _answered(self, least: int, within_s: float) -> None:
        """Waits until enough has come, or the server has no more."""
        try:
            async with asyncio.timeout(within_s):
                while len(self._come) < least and self._waited:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass

    def _take(self, message: Msg) -> None:
        if message.reply:  # where an event is acknowledged; words of the server have none
            self._come.append(message)
            self._due -= 1
            if self._due <= 0:
                self._waited = ""
        elif message.subject == self._waited and (message.headers or {}).get("Status") != HEARTBEAT:
            self._waited = ""
        self._news.set()


async def _nothing(_message: Msg) -> None:
    """Is never called: a taker has been given it."""
