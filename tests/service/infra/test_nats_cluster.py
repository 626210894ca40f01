"""Three servers with the configuration of a cluster: each stream is kept on all, and streams of one
server that grew become so. What they do when one dies: docs/runbooks/chaos.md.
"""

import asyncio
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import nats
import nats.errors
import nats.js.errors
import pytest

from infra.local import binaries, bus_layout
from infra.local import nats as configured
from infra.local.bus_layout import OPERATOR, STREAMS, USER_NAMES
from infra.local.ports import PortChooser
from infra.local.prepare import prepare_streams

PASSWORDS = {name: f"password-of-{name}" for name in USER_NAMES}
PEER_PASSWORD = "password-among-peers"
START_S = 60.0


@dataclass(frozen=True)
class Cluster:
    """Addresses for programs, and those at which the servers talk among themselves."""

    urls: list[str]
    peers: list[str]


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """Three servers that have found one another."""
    chooser = PortChooser()
    ports = [chooser.choose(0) for _ in range(3)]
    peers = [f"127.0.0.1:{chooser.choose(0)}" for _ in range(3)]
    with ExitStack() as stack:
        for number, (port, peer) in enumerate(zip(ports, peers, strict=True)):
            folder = tmp_path_factory.mktemp(f"nats-{number}")
            config = configured.write_config(
                folder, bus_layout.users(PASSWORDS),
                peers=configured.Peers(peers, PEER_PASSWORD),
            )  # fmt: skip
            process = subprocess.Popen(
                # In a cluster all listen at the same port; on one machine that cannot be.
                [binaries.find("nats-server"), "--config", config, "--addr", "127.0.0.1",
                 "--port", str(port), "--name", f"nats-{number}",
                 "--cluster", f"nats://{configured.PEER}:{PEER_PASSWORD}@{peer}"],
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
            stack.callback(process.wait, 20)
            stack.callback(process.terminate)
        yield Cluster([f"nats://127.0.0.1:{port}" for port in ports], peers)


async def prepared(url: str, replicas: int) -> None:
    """Makes all streams, once the three have chosen who leads them."""
    deadline = time.monotonic() + START_S
    while True:
        try:
            await prepare_streams(url, OPERATOR, PASSWORDS[OPERATOR], STREAMS, replicas)
        except (nats.errors.Error, nats.js.errors.Error):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.2)
        else:
            return


async def copies(url: str) -> dict[str, int]:
    """On how many servers each stream is, its leader's too."""
    connection = await nats.connect(url, user=OPERATOR, password=PASSWORDS[OPERATOR])
    try:
        found = await connection.jetstream().streams_info()
    finally:
        await connection.close()
    return {
        str(each.config.name): 1 + len(each.cluster.replicas or [])
        for each in found
        if each.cluster
    }


async def until(url: str, wanted: dict[str, int]) -> None:
    """Waits until the servers agree; they make copies one after another."""
    deadline = time.monotonic() + START_S
    while (known := await copies(url)) != wanted:
        assert time.monotonic() < deadline, known
        await asyncio.sleep(0.2)


@pytest.mark.parametrize("replicas", [1, 3])
async def test_streams_are_kept_on_as_many_servers_as_was_asked(
    cluster: Cluster, replicas: int
) -> None:
    urls = cluster.urls
    await prepared(urls[0], replicas)
    wanted = {stream.name: replicas for stream in STREAMS}
    await until(urls[1], wanted)
    await prepared(urls[2], replicas)
    await until(urls[0], wanted)


async def test_a_stranger_is_no_peer(cluster: Cluster, tmp_path: Path) -> None:
    chooser, log = PortChooser(), tmp_path / "log"
    own = f"127.0.0.1:{chooser.choose(0)}"
    config = configured.write_config(
        tmp_path, bus_layout.users(PASSWORDS), peers=configured.Peers(cluster.peers, "a-guess")
    )
    process = subprocess.Popen(  # noqa: ASYNC220 - it is started in a millisecond
        [binaries.find("nats-server"), "--config", config, "--addr", "127.0.0.1",
         "--port", str(chooser.choose(0)), "--name", "stranger", "--log", log,
         "--cluster", f"nats://{configured.PEER}:a-guess@{own}"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        deadline = time.monotonic() + START_S
        while not log.exists() or "Authorization Violation" not in log.read_text():
            assert time.monotonic() < deadline
            assert process.poll() is None
            await asyncio.sleep(0.1)
    finally:
        process.terminate()
        await asyncio.to_thread(process.wait, 20)
