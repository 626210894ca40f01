"""Fetching many at a time from a real JetStream: all, once, in order, handed back at the end."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest
from nats.js.api import AckPolicy, ConsumerConfig, StreamConfig
from nats.js.errors import NotFoundError

from kit.quick_client import QuickClient, RawMsg
from kit.quick_pull import BEAT_S, SILENT_S, QuickPull

STREAM, CONSUMER = "THINGS", "hears"


@pytest.fixture
async def client(nats_url: str) -> AsyncIterator[QuickClient]:
    """A connection to a NATS with one stream and a consumer of it."""
    connected = QuickClient()
    await connected.connect(nats_url)
    stream = connected.jetstream()
    await stream.add_stream(StreamConfig(name=STREAM, subjects=["things.>"]))
    await stream.add_consumer(STREAM, ConsumerConfig(
        durable_name=CONSUMER, ack_policy=AckPolicy.EXPLICIT, ack_wait=30, max_ack_pending=1_000,
    ))  # fmt: skip
    yield connected
    await connected.close()


async def put(client: QuickClient, first: int, count: int) -> None:
    for number in range(first, first + count):
        await client.jetstream().publish("things.one", str(number).encode())


async def test_all_come_once_and_in_order(client: QuickClient) -> None:
    await put(client, 0, 250)
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    found: list[int] = []
    sizes = []
    while len(found) < 250:
        messages = await pull.fetch(100, timeout=5)
        sizes.append(len(messages))
        for message in messages:
            found.append(int(message.data))
            await message.ack()
    assert found == list(range(250))
    assert max(sizes) == 100
    assert sizes[0] == 100, "what waits comes as one"


async def test_what_comes_first_is_not_held_back(client: QuickClient) -> None:
    """A request that waits for a hundred is answered by one."""
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    waiting = asyncio.create_task(pull.fetch(100, timeout=20))
    await asyncio.sleep(0.2)
    await put(client, 7, 1)
    async with asyncio.timeout(10):
        assert [message.data for message in await waiting] == [b"7"]
    await put(client, 8, 3)
    more: list[bytes] = []
    while len(more) < 3:
        more += [message.data for message in await pull.fetch(100, timeout=5)]
    assert more == [b"8", b"9", b"10"]


async def test_silence_is_told_and_is_not_the_end(client: QuickClient) -> None:
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    with pytest.raises(TimeoutError):
        await pull.fetch(10, timeout=0.3)
    await put(client, 1, 1)
    assert len(await pull.fetch(10, timeout=5)) == 1


async def test_what_nobody_took_is_handed_back_at_once(client: QuickClient) -> None:
    await put(client, 0, 30)
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    first = await pull.fetch(30, timeout=5)
    assert len(first) == 30
    for message in first[:5]:
        await message.ack()
    waiting = asyncio.create_task(pull.fetch(50, timeout=5))
    await asyncio.sleep(0.2)
    await put(client, 30, 10)
    async with asyncio.timeout(5):
        (await waiting)[0]
    await asyncio.sleep(0.3)
    await pull.unsubscribe()
    again = await QuickPull(client, STREAM, CONSUMER).open()
    async with asyncio.timeout(10):
        back = await again.fetch(50, timeout=5)
    assert {int(message.data) for message in back} <= set(range(30, 40)), "long before 30 s"
    assert back


async def test_a_consumer_that_is_gone_is_told(client: QuickClient) -> None:
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    await client.jetstream().delete_consumer(STREAM, CONSUMER)
    with pytest.raises(TimeoutError):
        await pull.fetch(10, timeout=1)
    with pytest.raises(NotFoundError):
        await pull.consumer_info()


async def unsettled(client: QuickClient) -> int:
    """Returns how many messages were delivered and not acknowledged."""
    count = (await client.jetstream().consumer_info(STREAM, CONSUMER)).num_ack_pending
    return count or 0


async def test_while_many_wait_the_next_ones_come_ahead(client: QuickClient) -> None:
    await put(client, 0, 250)
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    first = await pull.fetch(100, timeout=5)
    async with asyncio.timeout(10):
        while await unsettled(client) != 200:  # noqa: ASYNC110 - the condition lives in the server
            await asyncio.sleep(0.02)
    found = [*first, *await pull.fetch(100, timeout=5), *await pull.fetch(100, timeout=5)]
    assert [int(each.data) for each in found] == list(range(250))
    await client.acknowledge(found)
    with pytest.raises(TimeoutError):
        await pull.fetch(100, timeout=0.3)
    assert await unsettled(client) == 0


async def test_what_came_ahead_is_handed_back_at_the_end(client: QuickClient) -> None:
    await put(client, 0, 150)
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    await client.acknowledge(await pull.fetch(100, timeout=5))
    await pull.unsubscribe()
    again = await QuickPull(client, STREAM, CONSUMER).open()
    async with asyncio.timeout(10):
        back = await again.fetch(100, timeout=5)
        while len(back) < 50:
            back += await again.fetch(100, timeout=5)
    assert {int(each.data) for each in back} == set(range(100, 150)), "long before 30 s"


async def test_acknowledged_together_is_acknowledged_each(client: QuickClient) -> None:
    await put(client, 0, 60)
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    found = await pull.fetch(60, timeout=5)
    await client.acknowledge(found[10:])
    async with asyncio.timeout(10):
        while await unsettled(client) != 10:  # noqa: ASYNC110 - the condition lives in the server
            await asyncio.sleep(0.02)
    await client.acknowledge(found)
    async with asyncio.timeout(10):
        while await unsettled(client):  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.02)
    assert all(each.is_acked for each in found)


class Forgetful(QuickClient):
    """Loses requests for messages, as a server does that dies or leads the consumer no more.
    lost: numbers of them, from 1."""

    def __init__(self, lost: set[int]) -> None:
        super().__init__()
        self.asked: list[dict[str, Any]] = []
        self._lost = lost

    async def publish(self, subject: str, payload: bytes = b"", *more: Any, **rest: Any) -> None:
        """Publishes, or loses."""
        if ".MSG.NEXT." in subject:
            self.asked.append(json.loads(payload))
            if len(self.asked) in self._lost:
                return
        await super().publish(subject, payload, *more, **rest)


@pytest.mark.parametrize("lost", [{1}, {2}, {1, 2, 3}])
async def test_a_request_that_was_lost_is_made_again(
    client: QuickClient, nats_url: str, lost: set[int]
) -> None:
    """At once, then patiently, then both: what comes meanwhile is heard in this very fetch."""
    forgetful = Forgetful(lost)
    await forgetful.connect(nats_url)
    pull = await QuickPull(forgetful, STREAM, CONSUMER).open()
    waiting = asyncio.create_task(pull.fetch(10, timeout=20))
    async with asyncio.timeout(10):
        while len(forgetful.asked) < min(lost):  # noqa: ASYNC110 - the count lives in the client
            await asyncio.sleep(0.02)
    await put(client, 0, 3)
    found = await waiting
    while len(found) < 3:
        found += await pull.fetch(10, timeout=5)
    assert [each.data for each in found] == [b"0", b"1", b"2"]
    assert len(forgetful.asked) > max(lost)
    await forgetful.close()


async def test_a_server_that_still_waits_says_so_and_is_not_asked_again(nats_url: str) -> None:
    patient = Forgetful(set())
    await patient.connect(nats_url)
    stream = patient.jetstream()
    await stream.add_stream(StreamConfig(name=STREAM, subjects=["things.>"]))
    await stream.add_consumer(STREAM, ConsumerConfig(durable_name=CONSUMER))
    pull = await QuickPull(patient, STREAM, CONSUMER).open()
    with pytest.raises(TimeoutError):
        await pull.fetch(10, timeout=SILENT_S * 2)
    long = [each for each in patient.asked if each.get("expires", 0) > SILENT_S * 1e9]
    assert len(long) == 1, "one request for all that time"
    assert long[0]["idle_heartbeat"] == BEAT_S * 1e9
    assert len(patient.asked) <= 3, "at once, patiently, and for what the server's clock left"
    await patient.close()


async def test_where_another_server_leads_now_one_looks_for_it(client: QuickClient) -> None:
    """As the server says it: the fetch ends at once, so that the caller asks for the consumer."""
    pull = await QuickPull(client, STREAM, CONSUMER).open()
    waiting = asyncio.create_task(pull.fetch(10, timeout=60))
    await asyncio.sleep(0.3)
    head = b"NATS/1.0 409 Leadership Change\r\n\r\n"
    last = f"{pull._inbox}.{pull._asked}"
    pull._take(RawMsg(client, last.encode(), b"", head, b""))
    async with asyncio.timeout(10):
        with pytest.raises(TimeoutError):
            await waiting
