"""Finds out whether NATS still stores messages, and restarts it when it no longer does.

A full disk leaves JetStream refusing writes long after space is free again; a restart cures it. It
may be one stream alone that refuses, while a message to another one is stored: the server names it
when it is asked how it is.
"""

import asyncio
import contextlib
from collections.abc import Callable
from typing import Any

from infra.local import health
from infra.local.bus_layout import PROBE_SUBJECT
from infra.local.machine import OPERATOR, Machine

PERIOD_S = 5.0
WRITE_TIMEOUT_S = 3.0
FAILURES_BEFORE_RESTART = 3
STUCK = b"write error"  # as nats-server 2.11 and later says of a stream that failed to store
PAUSE_AFTER_RESTART_S = 30.0  # a disk that is still full must not cause a storm of restarts


class WriteProbe:
    """Writes one small message every few seconds."""

    def __init__(self, machine: Machine, restart: Callable[[], None]) -> None:
        self._machine, self._restart = machine, restart
        self._client: Any = None

    async def run(self) -> None:
        """Probes until canceled."""
        failures = 0
        try:
            while True:
                await asyncio.sleep(PERIOD_S)
                failures = 0 if await self.stores() else failures + 1
                if failures >= FAILURES_BEFORE_RESTART:
                    failures = 0
                    self._restart()
                    await asyncio.sleep(PAUSE_AFTER_RESTART_S)
        finally:
            await self.close()

    async def close(self) -> None:
        """Closes the connection; NATS may have gone before, and what is said then helps nobody: a
        start that failed would end with this instead of with its reason."""
        if self._client is not None:
            with contextlib.suppress(OSError):
                await self._client.close()

    async def stores(self) -> bool:
        """Tells whether every stream takes what is said."""
        import nats.errors  # noqa: PLC0415 - 130 ms that the start must not wait for
        from nats.aio.client import Client  # noqa: PLC0415 - as above
        from nats.js.errors import Error as StreamError  # noqa: PLC0415 - as above

        try:
            if self._client is None:
                client = Client()
                await client.connect(
                    f"nats://{self._machine.address('nats')}",
                    user=OPERATOR,
                    password=self._machine.passwords.nats[OPERATOR],
                    name="supervisor",
                    max_reconnect_attempts=-1,
                    error_cb=_ignore,
                    connect_timeout=int(WRITE_TIMEOUT_S),
                )
                self._client = client
            stream = self._client.jetstream(timeout=WRITE_TIMEOUT_S)
            await stream.publish(PROBE_SUBJECT, b"")
        except (OSError, TimeoutError, nats.errors.Error, StreamError):
            return False
        return not await self._is_stuck()

    async def _is_stuck(self) -> bool:
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                told = await health.http_answer(self._machine.metrics_ports["nats"], "/healthz")
        except (OSError, TimeoutError):
            return False  # whether it answers at all is its keeper's business
        return STUCK in told


async def _ignore(_error: Exception) -> None:
    """The probe's own outcome says it all."""
