"""Fetching from a durable consumer of JetStream, many messages at a time.

The library's own subscription waits for each message in a task of its own: with a thousand events
that wait, that was a third of the work of hearing them. Here a request is answered as a whole, and
while many wait the next one is answered during the work on this one.

A server that dies, or no longer leads the consumer, takes requests with it and says nothing. So
what is answered at once is asked again after a short silence, and what may wait has heartbeats
(the idle heartbeat of pull requests): where they stay away, it is asked again too.
"""

import asyncio
import json
from collections import deque

from nats.aio.msg import Msg
from nats.js.api import ConsumerInfo

from kit.quick_client import QuickClient

HEARTBEAT, EMPTY, OVER = "100", "404", "408"  # nothing waits; its time is over
ON_THEIR_WAY_S = 0.5  # at the end, for what was asked for ahead
SILENT_S = 2.0  # then a request is lost; an answer that comes later counts all the same
PARTLY_S = 0.2  # after some of what was asked for: the server may leave the rest, without a word
BEAT_S = 1.0  # between two heartbeats; the server wants two at least until a request's time is over
INFO_WAIT_S = 2.0


class QuickPull:
    """What PullLoop asks of a subscription, of one consumer of one stream."""

    def __init__(self, client: QuickClient, stream: str, consumer: str) -> None:
        self._client, self._stream, self._consumer = client, stream, consumer
        self._come: deque[Msg] = deque()
        self._waited = ""  # where the request is answered that is waited for
        self._due = 0  # messages that its answer may still bring
        self._ahead = False  # it was made before anybody needs its answer
        self._said = ""  # the status that ended the last answer
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
        # Half of the time at most for what has no end of its own; the rest is for a patient
        # request, with which the server ends those that it left unanswered.
        half, ends = _time() + timeout / 2, _time() + timeout
        if self._ahead:
            await self._answered(batch, half)
        self._ahead, patient = False, False
        while not self._come and (left := ends - _time()) > 0:
            await self._ask(batch, _patient(left) if patient else {"no_wait": True})
            answered = await self._answered(1 if patient else batch, ends if patient else half)
            if answered and (patient or self._said not in (EMPTY, OVER)):
                break  # all that time nothing came; or no such consumer is led by this server
            patient = True
        if not self._come:
            raise TimeoutError
        found = [self._come.popleft() for _ in range(min(batch, len(self._come)))]
        if len(found) == batch and not self._come:
            await self._ask(batch, {"no_wait": True})
            self._ahead = True
        return found

    async def consumer_info(self) -> ConsumerInfo:
        """Asks the server for the consumer. Errors: NotFoundError when it is gone."""
        stream = self._client.jetstream(timeout=INFO_WAIT_S)
        found: ConsumerInfo = await stream.consumer_info(self._stream, self._consumer)
        return found

    async def unsubscribe(self) -> None:
        """Ends, and hands back what has come and nobody took."""
        if self._ahead:
            await self._answered(self._due + len(self._come), _time() + ON_THEIR_WAY_S)
        await self._answers.unsubscribe()
        self._client.takers.pop(self._number, None)
        while self._come:
            await self._come.popleft().nak()

    async def _ask(self, batch: int, how: dict[str, bool | int]) -> None:
        self._asked += 1
        self._waited, self._due, self._said = f"{self._inbox}.{self._asked}", batch, ""
        await self._client.publish(
            f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}",
            json.dumps({"batch": batch, **how}).encode(), self._waited,
        )  # fmt: skip

    async def _answered(self, least: int, ends: float) -> bool:
        """Waits until enough has come or the server has no more, which is answered with True; False
        when it says nothing. ends: of the loop's time."""
        while len(self._come) < least and self._waited:
            self._news.clear()
            silent_s = PARTLY_S if self._come else SILENT_S
            try:
                async with asyncio.timeout_at(min(ends, _time() + silent_s)):
                    await self._news.wait()
            except TimeoutError:
                return False
        return True

    def _take(self, message: Msg) -> None:
        if message.reply:  # where an event is acknowledged; words of the server have none
            self._come.append(message)
            self._due -= 1
            if self._due <= 0:
                self._waited = ""
        elif message.subject == self._waited:
            said = (message.headers or {}).get("Status", "")
            if said != HEARTBEAT:
                self._waited, self._said = "", said
        self._news.set()


def _time() -> float:
    return asyncio.get_running_loop().time()


def _patient(left_s: float) -> dict[str, bool | int]:
    """Returns how to ask for what comes within so many seconds."""
    beats = {"idle_heartbeat": int(BEAT_S * 1e9)} if left_s > 2 * BEAT_S + SILENT_S / 2 else {}
    return {"expires": int(left_s * 1e9), **beats}


async def _nothing(_message: Msg) -> None:
    """Is never called: a taker has been given it."""
