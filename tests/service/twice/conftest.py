"""Two processes of one service on the same database and streams, as a cluster runs them."""

import asyncio
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nats
import psycopg
import pytest
from nats.js.errors import NotFoundError

from kit.auth import Minter
from tests import harness, servers

ROOT = Path(__file__).resolve().parents[3]
START_S, SETTLE_S = 60.0, 60.0


@dataclass
class Twice:
    """Both processes, as programs see them, and what they share."""

    both: list[harness.Running]
    processes: "list[subprocess.Popen[bytes]]"
    service: str
    database_url: str
    nats_url: str

    def kill_first(self) -> None:
        """kill -9 of the first one: what it had in hand comes to the other."""
        self.processes[0].send_signal(signal.SIGKILL)
        self.processes[0].wait()

    async def check_said(self, at_least: int) -> None:
        """What the outbox holds is in the stream, each event once, those of one aggregate in order.

        at_least: how many events there have to be, so that the check is one.
        """
        rows = await self._all_out()
        assert len(rows) >= at_least
        stream = await self._stream()
        assert sorted(event_id for event_id, _, _ in stream) == sorted(rows)
        order = defaultdict(list)
        for _, aggregate, version in stream:
            order[aggregate].append(version)
        assert all(versions == sorted(versions) for versions in order.values())

    async def _all_out(self) -> list[str]:
        deadline = time.monotonic() + SETTLE_S
        while True:
            with psycopg.connect(self.database_url) as connection:
                connection.execute("select set_config('meguri.area', '*', true)")
                rows = connection.execute(
                    "select event_id::text, published_time is not null from outbox"
                ).fetchall()
            if all(out for _, out in rows):
                return [event_id for event_id, _ in rows]
            assert time.monotonic() < deadline, "the relay stands still"
            await asyncio.sleep(0.1)

    async def _stream(self) -> list[tuple[str, tuple[str, str], int]]:
        connection = await nats.connect(self.nats_url)
        try:
            stream = connection.jetstream()
            count = (await stream.stream_info(self.service.upper())).state.messages
            subscription = await stream.subscribe(
                f"meguri.*.{self.service}.v1.>", ordered_consumer=True
            )
            found = [await subscription.next_msg(timeout=30) for _ in range(count)]
        finally:
            await connection.close()
        return [
            (
                headers["ce-id"],
                (each.subject.split(".")[1], headers["ce-subject"]),
                int(headers["ce-aggregateversion"]),
            )
            for each in found
            if (headers := each.headers or {})
        ]

    async def settled(self, *sources: str) -> None:
        """Waits until all that these services said is heard and acknowledged."""
        connection = await nats.connect(self.nats_url)
        try:
            deadline = time.monotonic() + SETTLE_S
            for source in sources:
                while not await self._heard(connection, source):
                    assert time.monotonic() < deadline, source
                    await asyncio.sleep(0.1)
        finally:
            await connection.close()

    async def _heard(self, connection: Any, source: str) -> bool:
        durable = f"{self.service}-hears-{source}"
        try:
            found = await connection.jetstream().consumer_info(source.upper(), durable)
        except NotFoundError:  # neither of them listens yet
            return False
        return not found.num_pending and not found.num_ack_pending


@asynccontextmanager
async def running_twice(
    service: str, database_url: str, nats_url: str, folder: Path, **environment: str
) -> AsyncIterator[Twice]:
    """Runs two processes of a service for as long as the block; they share keys and data folder."""
    await harness.make_streams(nats_url)
    private, public = harness.token_keys(folder)
    (folder / "audit").mkdir()
    (folder / "audit_private.pem").write_bytes(harness.token_keys(folder / "audit")[0])
    given = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'gen'}",
        "MEGURI_DATABASE_URL": database_url,
        "MEGURI_NATS_URL": nats_url,
        "MEGURI_TOKEN_PUBLIC_KEY": str(public),
        "MEGURI_AUDIT_PRIVATE_KEY": str(folder / "audit_private.pem"),
        "MEGURI_DATA": str(folder),
        **environment,
    }
    ports = [servers._ports.choose(0) for _ in range(2)]
    processes = []
    with (folder / f"{service}.log").open("wb") as log:
        for port in ports:
            process = subprocess.Popen(  # noqa: ASYNC220 - it is started in a millisecond
                [sys.executable, "-m", f"services.{service}.main"],
                env=given | {"MEGURI_LISTEN": f"127.0.0.1:{port}"},
                cwd=ROOT, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip
            processes.append(process)
    it = Twice(
        [harness.Running(service, f"127.0.0.1:{p}", Minter(private), nats_url) for p in ports],
        processes, service, database_url, nats_url,
    )  # fmt: skip
    try:
        for process, port in zip(processes, ports, strict=True):
            await _listens(process, port)
        yield it
    finally:
        for each in it.both:
            await each.close()
        for process in processes:
            _end(process)


async def _listens(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + START_S
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert process.poll() is None
        assert time.monotonic() < deadline
        await asyncio.sleep(0.1)


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@pytest.fixture
def area() -> str:
    """An area of this test alone."""
    return f"t{uuid.uuid4().hex[:12]}"
