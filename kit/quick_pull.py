"""Fetching from a durable consumer of JetStream, many messages at a time.

The library's own subscription waits for each message in a task of its own: with a thousand events
that wait, that was a third of the work of hearing them. Here a request is answered as a whole.
"""

import asyncio
import json
from collections import deque

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

HEARTBEAT = "100"


class QuickPull:
    """What PullLoop asks of a subscription, of one consumer of one stream."""

    def __init__(self, client: Client, stream: str, consumer: str) -> None:
        self._client, self._stream, self._consumer = client, stream, consumer
        self._come: deque[Msg] = deque()
        self._waited = ""  # where the request is answered that is waited for
        self._news = asyncio.Event()
        self._asked = 0

    async def open(self) -> "QuickPull":
        """Begins to listen for answers."""
        self._inbox = self._client.new_inbox()
        self._answers = await self._client.subscribe(f"{self._inbox}.*", cb=self._take)
        return self

    async def fetch(self, batch: int, timeout: float) -> list[Msg]:  # noqa: ASYNC109 - as the library has it
        """Returns what waits, up to a batch; where nothing does, what comes first.

        Errors: TimeoutError when nothing came in so many seconds; nats.errors.Error.
        """
        if not self._come:
            await self._ask(batch, {"no_wait": True}, batch, timeout)
        if not self._come:
            wait_ns = int(timeout * 1e9)
            await self._ask(batch, {"expires": wait_ns}, 1, timeout)
        if not self._come:
            raise TimeoutError
        return [self._come.popleft() for _ in range(min(batch, len(self._come)))]

    async def consumer_info(self) -> ConsumerInfo:
        """Asks the server for the consumer. Errors: NotFoundError when it is gone."""
        stream = self._client.jetstream()
        found: ConsumerInfo = await stream.consumer_info(self._stream, self._consumer)
        return found

    async def unsubscribe(self) -> None:
        """Ends, and hands back what has come and nobody took."""
        await self._answers.unsubscribe()
        while self._come:
            await self._come.popleft().nak()

    async def _ask(
        self, batch: int, how: dict[str, bool | int], least: int, within_s: float
    ) -> None:
        """Asks for a batch and waits until enough has come, or the server has no more."""
        self._asked += 1
        self._waited = answer = f"{self._inbox}.{self._asked}"
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            json.dumps({"batch": batch, **how}).encode(), answer,
        )  # fmt: skip
        try:
            async with asyncio.timeout(within_s):
                while len(self._come) < least and self._waited:
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            pass

    async def _take(self, message: Msg) -> None:
        if message.reply:  # where an event is acknowledged; words of the server have none
            self._come.append(message)
        elif message.subject == self._waited and (message.headers or {}).get("Status") != HEARTBEAT:
            self._waited = ""
        self._news.set()
