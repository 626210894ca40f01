"""What sensors give to the server at the cave while the line is cut comes here once the line is
open again, each batch once and in order. The line is a proxy that loses everything, until both
servers have given it up; `./meguri chaos --scenario leaf-cut --full` cuts it for an hour.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nats.errors
import nats.js.errors
import pytest

from infra.local.bus_layout import OPERATOR, SENSOR, STREAMS
from infra.local.prepare import prepare_streams
from tests.service.infra.leaves import (
    LINE,
    PASSWORDS,
    WITHIN_S,
    Places,
    operator_at_cave,
    signed_in,
    two_places,
    until,
)

SUBJECT = "observations.mine.gate"
READY = [stream for stream in STREAMS if stream.name == "OBSERVATIONS"]
pytestmark = pytest.mark.long


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    with two_places(tmp_path) as both:
        yield both


async def give(sensor: Any, numbers: range) -> None:
    """Gives batches to the server at the cave; each is acknowledged there."""
    for number in numbers:
        deadline = time.monotonic() + WITHIN_S
        while True:
            try:
                await sensor.jetstream(timeout=2).publish(
                    SUBJECT, b"%d" % number, headers={"Nats-Msg-Id": f"batch-{number}"}
                )
                break
            except (nats.errors.Error, nats.js.errors.Error):  # its stream is not made yet
                assert time.monotonic() < deadline
                await asyncio.sleep(0.1)


async def taken_in(url: str, count: int) -> list[int]:
    """Returns what the consumer here hears, once so many came and a second more."""
    client = await signed_in(url, OPERATOR)
    try:
        subscription = await client.jetstream().subscribe("observations.>", ordered_consumer=True)
        found: list[int] = []
        while len(found) < count:
            found.append(int((await subscription.next_msg(timeout=WITHIN_S)).data))
        with pytest.raises(nats.errors.TimeoutError):
            await subscription.next_msg(timeout=1)
    finally:
        await client.close()
    return found


async def test_batches_given_while_the_line_is_cut_come_once_and_in_order(places: Places) -> None:
    sensor = await signed_in(places.cave, SENSOR)
    await give(sensor, range(50))
    await prepare_streams(places.here, OPERATOR, PASSWORDS[OPERATOR], READY, leaves=["cave"])
    assert await taken_in(places.here, 50) == list(range(50))

    places.line.cut(LINE)
    await give(sensor, range(50, 150))
    assert places.leaves(places.looks_here), "they were given before anybody knew that it is cut"
    # No answer to pings: given up by both, with a connection that nobody ever ended.
    await until(lambda: not places.leaves(places.looks_here))
    await until(lambda: not places.leaves(places.looks_cave))
    await give(sensor, range(150, 200))
    await give(sensor, range(100, 200))  # a sensor that missed the acknowledgements
    places.line.refuse(LINE)
    await give(sensor, range(200, 250))
    before, _ = places.line.carried(LINE)
    await until(lambda: places.line.carried(LINE)[0] > before)  # it tries, and is refused
    places.line.heal(LINE)
    assert await taken_in(places.here, 250) == list(range(250))

    places.lose()
    await give(sensor, range(250, 300))
    assert await taken_in(places.here, 300) == list(range(300))
    await sensor.close()


async def test_keys_are_asked_for_through_it_and_nothing_else_passes(places: Places) -> None:
    await prepare_streams(places.here, OPERATOR, PASSWORDS[OPERATOR], READY, leaves=["cave"])
    service = await signed_in(places.here, "visitor_sense")
    sensor, operator = await signed_in(places.cave, SENSOR), await operator_at_cave(places)

    async def answer(message: Any) -> None:
        await message.respond(b"sealed")

    await service.subscribe("sense.key.*", queue="visitor_sense", cb=answer)
    await sensor.subscribe("sense.ask.mine", cb=answer)
    for asking, subject in ((sensor, "sense.key.mine"), (service, "sense.ask.mine")):
        assert await answered(asking, subject) == b"sealed"

    # The operator of the cave says and hears everything there; none of it passes the line.
    here = await signed_in(places.here, OPERATOR)
    heard_here = await here.subscribe("meguri.>")
    heard_there = await operator.subscribe("meguri.>")
    await here.flush()
    await operator.flush()
    await operator.publish("meguri.mine.payments.v1.payment_captured", b"forged")
    await here.publish("meguri.mine.payments.v1.payment_captured", b"real")
    assert (await heard_here.next_msg(timeout=5)).data == b"real"
    assert (await heard_there.next_msg(timeout=5)).data == b"forged"
    for heard in (heard_here, heard_there):
        with pytest.raises(nats.errors.TimeoutError):
            await heard.next_msg(timeout=1)
    for each in (service, sensor, operator, here):
        await each.close()


async def answered(asking: Any, subject: str) -> bytes:
    """An answer through the line, once both servers know who listens."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return bytes((await asking.request(subject, b"?", timeout=2)).data)
        except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
