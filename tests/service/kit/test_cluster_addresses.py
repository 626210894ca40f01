"""A process that is told of several NATS servers needs one of them."""

import socket

from kit import config
from kit.bus import Bus
from tests import harness


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def test_the_first_server_that_answers_will_do(nats_url: str) -> None:
    await harness.make_streams(nats_url)
    told = f"nats://127.0.0.1:{closed_port()},{nats_url}"
    bus = Bus(config.load("kit_test", {"MEGURI_NATS_URL": told}))
    await bus.open()
    try:
        assert (await bus.stream.stream_info("DIRECTORY")).config.name == "DIRECTORY"
    finally:
        await bus.close()
