"""Whether NATS still stores, asked of a real one on a disk that was full for a while."""

import asyncio
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import nats as client
import nats.errors
import nats.js.errors
import pytest

from infra.local import home as homes
from infra.local import nats as server
from infra.local.bus_layout import PROBE_SUBJECT
from infra.local.home import Home, Settings
from infra.local.machine import Machine
from infra.local.ports import HOST, PortChooser
from infra.local.write_probe import WriteProbe
from tests import servers

DISK_MB = 48
MEGABYTE = 1024**2


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small file system of its own."""
    folder = tmp_path / "disk"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m", "tmpfs", str(folder)],
        check=False, capture_output=True,
    )  # fmt: skip
    if made.returncode:
        pytest.skip("a file system of its own needs the rights to mount one")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """Leaves no room in a folder."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(bytes(4096))
    return ballast


async def until_refused(stream: Any) -> None:
    """Says something larger again and again, until it is not stored."""
    for _ in range(200):
        try:
            await stream.publish("meguri.mine.payments.x.y", bytes(MEGABYTE // 4))
        except (nats.errors.Error, nats.js.errors.Error, TimeoutError):
            return
    raise AssertionError("a full disk takes everything")


async def test_one_stream_that_stays_stuck_is_found(
    disk: Path, tmp_path: Path, free_home: Callable[[], Home]
) -> None:
    ports = PortChooser(claims=False)
    port, monitor = ports.choose(0), ports.choose(0)
    command = server.command(server.write_config(disk / "nats", []), port, monitor)
    home = free_home()
    machine = Machine(
        home, Settings(), homes.ensure_passwords(home), {"nats": port}, {"nats": monitor}
    )

    def running(stack: ExitStack) -> None:
        stack.enter_context(servers._running("nats", command, tmp_path, servers.opens(port)))

    probe = WriteProbe(machine, lambda: None)
    with ExitStack() as first:
        running(first)
        connection = await client.connect(f"nats://{HOST}:{port}")
        streams = connection.jetstream(timeout=5)
        await streams.add_stream(name="PROBE", subjects=[PROBE_SUBJECT], max_msgs=1)
        await streams.add_stream(name="PAYMENTS", subjects=["meguri.*.payments.>"])
        await streams.publish("meguri.mine.payments.x.y", b"room")
        assert await probe.stores()
        ballast = fill(disk)
        await until_refused(streams)
        ballast.unlink()
        assert not await probe.stores()  # there is room again, and it still refuses
        await connection.close()
    with ExitStack() as second:
        running(second)
        for _ in range(60):  # its connection comes back by itself
            if await probe.stores():
                break
            await asyncio.sleep(0.5)
        else:
            raise AssertionError("a restart cures nothing")
        connection = await client.connect(f"nats://{HOST}:{port}")
        await connection.jetstream(timeout=5).publish("meguri.mine.payments.x.y", b"again")
        await connection.close()
        await probe.close()


@pytest.fixture
def free_home(tmp_path: Path) -> Callable[[], Home]:
    """Makes a data folder that is not on the small disk."""

    def make() -> Home:
        home = Home(tmp_path / "data")
        home.make()
        return home

    return make


async def test_that_nats_went_first_is_no_error_of_the_probe(tmp_path: Path) -> None:
    """Where a start fails, its reason is what people see."""

    class Gone:
        async def close(self) -> None:
            raise ConnectionResetError("Connection lost")

    home = Home(tmp_path)
    home.make()
    machine = Machine(home, Settings(), homes.ensure_passwords(home), {"nats": 1}, {})
    probe = WriteProbe(machine, lambda: None)
    probe._client = Gone()
    await probe.close()
