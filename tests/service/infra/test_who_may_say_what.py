"""What a program may say and hear on NATS, asked of a real server with our own configuration.

Permissions that only stand in a file prove nothing: an empty list, for one, means "everything".
"""

import asyncio
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import pytest
from nats.aio.client import Client
from nats.errors import Error as BusError

from infra.local import bus_layout, nats
from infra.local.bus_layout import OPERATOR, SENSOR, USER_NAMES
from infra.local.ports import PortChooser
from tests.servers import opens

PASSWORDS = {name: f"password-of-{name}" for name in USER_NAMES}


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """The port of a NATS with our users."""
    chooser = PortChooser()
    chosen = chooser.choose(0)
    config = nats.write_config(tmp_path_factory.mktemp("nats"), bus_layout.users(PASSWORDS))
    process = subprocess.Popen(
        nats.command(config, chosen, chooser.choose(0)),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    ready = opens(chosen)
    while not ready():
        assert process.poll() is None
    yield chosen
    process.terminate()
    process.wait(10)


class Program(Client):
    """A connected program that keeps what the server refused it."""

    def __init__(self) -> None:
        super().__init__()
        self.refused: list[str] = []

    async def note(self, error: Exception) -> None:
        """Keeps a complaint of the server."""
        self.refused.append(str(error))

    async def settle(self) -> None:
        """Waits until the server has done all before: the first ping may overtake a message."""
        await self.flush()
        await self.flush()


@asynccontextmanager
async def signed_in(port: int, user: str) -> AsyncIterator[Program]:
    """A program of ours, connected."""
    program = Program()
    await program.connect(
        f"nats://127.0.0.1:{port}", user=user, password=PASSWORDS[user],
        inbox_prefix=bus_layout.inbox(user), error_cb=program.note, allow_reconnect=False,
    )  # fmt: skip
    try:
        yield program
    finally:
        await program.close()


async def heard_by_operator(port: int, user: str, subject: str) -> bool:
    """Tells whether what a program says on a subject reaches anybody."""
    async with signed_in(port, OPERATOR) as operator, signed_in(port, user) as program:
        listening = await operator.subscribe(">")
        await operator.settle()
        await program.publish(subject, b"x")
        await program.settle()
        await operator.publish("end")
        while (message := await listening.next_msg(15)).subject != "end":
            if message.subject == subject:
                return True
        return False


async def reaches_operator(port: int, user: str, subject: str) -> bool:
    """Tells whether what a program may say arrives, however busy the machine is."""
    async with signed_in(port, OPERATOR) as operator, signed_in(port, user) as program:
        listening = await operator.subscribe(subject)
        await operator.settle()
        await program.publish(subject, b"x")
        await program.settle()
        return not program.refused and (await listening.next_msg(15)).data == b"x"


async def may_hear(port: int, user: str, subject: str) -> bool:
    """Tells whether the server lets a program listen to a subject."""
    async with signed_in(port, user) as program:
        await program.subscribe(subject)
        await program.settle()
        return not program.refused


@pytest.mark.parametrize(
    "subject",
    ["meguri.mine.payments.v1.payment_captured", "observations.mine.gate-1", "anything",
     "$JS.API.STREAM.DELETE.PAYMENTS", "_INBOX_payments.x"],
)  # fmt: skip
async def test_the_edge_says_nothing(port: int, subject: str) -> None:
    assert not await heard_by_operator(port, "edge", subject)


async def test_the_edge_hears_events(port: int) -> None:
    assert await may_hear(port, "edge", "meguri.>")
    assert not await may_hear(port, "edge", "observations.>")


async def test_a_service_says_its_own_events_and_no_other(port: int) -> None:
    own = "meguri.mine.payments.v1.payment_captured"
    assert await reaches_operator(port, "payments", own)
    assert await reaches_operator(port, "payments", "meguri_dead.payments.directory")
    for foreign in (
        "meguri.mine.directory.v1.user_changed",
        "meguri_dead.insights.payments",
        "$JS.API.STREAM.DELETE.DIRECTORY",
        "_INBOX_insights.x",
        "sense.ask.mine",
    ):
        assert not await heard_by_operator(port, "payments", foreign), foreign


async def test_a_sensor_says_observations_and_hears_only_what_is_meant_for_it(port: int) -> None:
    assert await reaches_operator(port, SENSOR, "observations.mine.gate-1")
    for subject in ("sense.ask.*", "sense.control.*", "_INBOX_sensor.>"):
        assert await may_hear(port, SENSOR, subject), subject
    for foreign in ("_INBOX.>", "_INBOX_payments.>", "meguri.>", "observations.>", ">"):
        assert not await may_hear(port, SENSOR, foreign), foreign
    for said in ("meguri.mine.payments.v1.payment_captured", "_INBOX_payments.x", "_INBOX.x"):
        assert not await heard_by_operator(port, SENSOR, said), said


async def test_nobody_reads_another_program_s_mail(port: int) -> None:
    for user in ("payments", "insights", "visitor_sense", SENSOR, "edge"):
        assert not await may_hear(port, user, f"{bus_layout.inbox('directory')}.>"), user


async def test_a_sensor_asks_for_its_key_and_the_service_may_answer(port: int) -> None:
    async with signed_in(port, "visitor_sense") as service, signed_in(port, SENSOR) as sensor:
        asked = await service.subscribe("sense.key.*")
        await service.settle()
        answer = asyncio.create_task(sensor.request("sense.key.mine", b"?", timeout=30))
        await (await asked.next_msg(15)).respond(b"key")
        assert (await answer).data == b"key"
        assert service.refused == sensor.refused == []


async def test_the_service_asks_a_sensor_and_the_sensor_may_answer(port: int) -> None:
    async with signed_in(port, "visitor_sense") as service, signed_in(port, SENSOR) as sensor:
        asked = await sensor.subscribe("sense.ask.*")
        await sensor.settle()
        answer = asyncio.create_task(service.request("sense.ask.mine", b"?", timeout=30))
        await (await asked.next_msg(15)).respond(b"mine")
        assert (await answer).data == b"mine"


async def test_a_wrong_password_opens_nothing(port: int) -> None:
    stranger = Client()
    with pytest.raises(BusError, match="Authorization"):
        await stranger.connect(
            f"nats://127.0.0.1:{port}", user="payments", password="guess", allow_reconnect=False
        )
    await stranger.close()


async def test_a_service_works_with_streams_through_its_own_inbox(port: int) -> None:
    async with signed_in(port, OPERATOR) as operator:
        await operator.jetstream().add_stream(name="PAYMENTS", subjects=["meguri.*.payments.v1.>"])
    async with signed_in(port, "payments") as payments, signed_in(port, "insights") as insights:
        stored = await payments.jetstream().publish("meguri.mine.payments.v1.x", b"1")
        assert stored.seq == 1
        consumer = await insights.jetstream().pull_subscribe(
            "meguri.*.payments.v1.>", durable="insights-hears-payments", stream="PAYMENTS"
        )
        (message,) = await consumer.fetch(1, timeout=30)
        await message.ack_sync()
        assert message.data == b"1"
        assert insights.refused == payments.refused == []
