"""Two servers, one here and one at the cave: what sensors give there while the way is cut comes
here once the way is open again, each batch once. Cut for seconds: an hour differs in nothing but
what has to be stored meanwhile, which is bounded by the stream (a day, 1 GiB).
"""

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import nats.errors
import nats.js.errors
import pytest

from infra.local import authority, bus_layout, leaf
from infra.local import nats as configured
from infra.local.bus_layout import OPERATOR, PASSWORD_NAMES, SENSOR, STREAMS
from infra.local.ports import PortChooser
from infra.local.prepare import prepare_streams

PASSWORDS = {name: f"password-of-{name}" for name in PASSWORD_NAMES}
ROOT = Path(__file__).resolve().parents[3]
SUBJECT = "observations.mine.gate"
CUT_S, WITHIN_S = 6.0, 150.0
READY = [stream for stream in STREAMS if stream.name == "OBSERVATIONS"]
pytestmark = pytest.mark.long


@dataclass
class Places:
    """Both servers. here_ends: stops the one here, which is what a cut uplink is to the other."""

    here: str
    cave: str
    folder: Path
    hub_command: list[str]
    hub: "subprocess.Popen[bytes]"

    def cut(self) -> None:
        self.hub.send_signal(signal.SIGSTOP)  # no answer and no error, as a line that is cut

    def open(self) -> None:
        self.hub.send_signal(signal.SIGCONT)

    def lose(self) -> None:
        """kill -9 of the server here, and a new one on its data."""
        self.hub.kill()
        self.hub.wait()
        self.hub = started(self.hub_command)


def started(command: list[str]) -> "subprocess.Popen[bytes]":
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


@pytest.fixture
def places(tmp_path: Path) -> Iterator[Places]:
    chooser = PortChooser()
    here, cave, door, mqtt = (chooser.choose(0) for _ in range(4))
    authority.ensure_certificates(tmp_path / "tls", ["mqtt"])
    authority.ensure_token_keys(tmp_path)
    tls = str(tmp_path / "tls" / "mqtt")
    gadgets = configured.Gadgets(
        "127.0.0.1", mqtt, tls, authority.gadget_issuer(tmp_path), PASSWORDS[configured.USHER]
    )
    config = configured.write_config(
        tmp_path / "hub", bus_layout.users(PASSWORDS, ["cave"]), gadgets=gadgets,
        leaves=configured.Leaves("127.0.0.1", tls), leaf_port=door,
    )  # fmt: skip
    command = configured.command(config, here, chooser.choose(0))
    ca = (tmp_path / "tls" / "mqtt" / "ca.pem").read_bytes()
    path = leaf.write_leaf(tmp_path / "cave", "cave", f"127.0.0.1:{door}", PASSWORDS, ca)
    path.write_text(path.read_text().replace('"port": 4222', f'"port": {cave}'))
    hub = started(command)
    environment = {**os.environ, "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}"}
    at_cave = subprocess.Popen(
        [sys.executable, "-m", "cli", "leaf", "cave", "--folder", str(tmp_path / "cave"), "--run"],
        cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    both = Places(
        f"nats://127.0.0.1:{here}", f"nats://127.0.0.1:{cave}", tmp_path / "cave", command, hub
    )
    try:
        yield both
    finally:
        both.open()
        for process in (both.hub, at_cave):
            process.terminate()
        for process in (both.hub, at_cave):
            process.wait(20)


async def signed_in(url: str, user: str) -> Any:
    """A program at one of the places, once its server is there."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return await nats.connect(
                url, user=user, password=PASSWORDS[user], inbox_prefix=bus_layout.inbox(user),
                max_reconnect_attempts=-1, allow_reconnect=True, connect_timeout=5,
            )  # fmt: skip
        except (OSError, nats.errors.Error):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)


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


async def test_batches_given_while_the_way_is_cut_come_once(places: Places) -> None:
    sensor = await signed_in(places.cave, SENSOR)
    await give(sensor, range(50))
    await prepare_streams(places.here, OPERATOR, PASSWORDS[OPERATOR], READY, leaves=["cave"])
    assert sorted(await taken_in(places.here, 50)) == list(range(50))

    places.cut()
    began = time.monotonic()
    await give(sensor, range(50, 150))
    assert time.monotonic() - began < WITHIN_S, "at the cave nobody waits for the way"
    await give(sensor, range(100, 150))  # a sensor that missed the acknowledgement
    await asyncio.sleep(max(0.0, CUT_S - (time.monotonic() - began)))
    places.open()
    assert sorted(await taken_in(places.here, 150)) == list(range(150))

    places.lose()
    await give(sensor, range(150, 200))
    assert sorted(await taken_in(places.here, 200)) == list(range(200))
    await sensor.close()


async def test_keys_are_asked_for_through_it_and_nothing_else_passes(places: Places) -> None:
    await prepare_streams(places.here, OPERATOR, PASSWORDS[OPERATOR], READY, leaves=["cave"])
    service = await signed_in(places.here, "visitor_sense")
    sensor, operator = await signed_in(places.cave, SENSOR), await signed_in(places.cave, OPERATOR)

    async def answer(message: Any) -> None:
        await message.respond(b"sealed")

    await service.subscribe("sense.key.*", queue="visitor_sense", cb=answer)
    await sensor.subscribe("sense.ask.mine", cb=answer)
    for asking, subject in ((sensor, "sense.key.mine"), (service, "sense.ask.mine")):
        assert await answered(asking, subject) == b"sealed"

    # Whoever holds the server at the cave hears no event and says none, whatever its own users may.
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
    """An answer through the way, once both servers know who listens."""
    deadline = time.monotonic() + WITHIN_S
    while True:
        try:
            return bytes((await asking.request(subject, b"?", timeout=2)).data)
        except (nats.errors.NoRespondersError, nats.errors.TimeoutError):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
