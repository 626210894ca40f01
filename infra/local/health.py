"""Asking components whether they work."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from enum import Enum
from pathlib import Path
from typing import Any

from infra.local.machine import OPERATOR, Machine
from infra.local.ports import HOST
from infra.local.table import Component, Health

PROBE_TIMEOUT_S = 2.0


class Answer(Enum):
    """What a component said within PROBE_TIMEOUT_S. UNWELL: something, but not that it works, as
    a server does while it recovers. NONE: nothing at all."""

    WELL = "well"
    UNWELL = "unwell"
    NONE = "none"


class Prober:
    """Asks components. It keeps its gRPC channels, because each costs a TLS handshake."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine
        self._channels: dict[str, Any] = {}
        self._kinds: dict[Health, Callable[[Component], Awaitable[bool]]] = {
            Health.NATS: self._nats,
            Health.POSTGRES: self._postgres,
            Health.VALKEY: self._valkey,
            Health.GRPC: self._grpc,
            Health.HTTP: self._http,
            Health.PORT: self._port,
        }

    async def works(self, component: Component) -> bool:
        """Tells whether a component answers as it should within PROBE_TIMEOUT_S."""
        return await self.ask(component) is Answer.WELL

    async def ask(self, component: Component) -> Answer:
        """Returns what a component says within PROBE_TIMEOUT_S."""
        try:
            async with asyncio.timeout(PROBE_TIMEOUT_S):
                works = await self._kinds[component.health](component)
        except asyncio.IncompleteReadError as error:
            return Answer.UNWELL if error.partial else Answer.NONE
        except (OSError, TimeoutError):
            return Answer.NONE
        return Answer.WELL if works else Answer.UNWELL

    async def close(self) -> None:
        """Closes all channels."""
        for channel in self._channels.values():
            await channel.close()

    async def _nats(self, component: Component) -> bool:
        return await _http_ok(self._machine.metrics_ports[component.name], "/healthz")

    async def _http(self, component: Component) -> bool:
        return await _http_ok(self._machine.ports[component.name], "/healthz")

    async def _port(self, component: Component) -> bool:
        # A frozen process takes connections too, as long as the system has room for them. A proxy
        # of TLS refuses this, which is an answer.
        reader, writer = await asyncio.open_connection(HOST, self._machine.ports[component.name])
        try:
            writer.write(b"GET / HTTP/1.0\r\n\r\n")
            with contextlib.suppress(ConnectionResetError):
                await reader.read(1)
            return True
        finally:
            writer.close()

    async def _valkey(self, component: Component) -> bool:
        password = self._machine.passwords.valkey
        answer = await _exchange(
            self._machine.ports[component.name], f"AUTH {password}\r\nPING\r\n".encode(), 12
        )
        return answer == b"+OK\r\n+PONG\r\n"

    async def _postgres(self, component: Component) -> bool:
        # An SSL request is answered only once the server takes connections; a start-up packet
        # for a user that asks for a password shows that recovery is over.
        parameters = b"user\0meguri\0database\0postgres\0\0"
        packet = (len(parameters) + 8).to_bytes(4) + (196608).to_bytes(4) + parameters
        answer = await _exchange(self._machine.ports[component.name], packet, 1)
        return answer == b"R"

    async def _grpc(self, component: Component) -> bool:
        import grpc  # noqa: PLC0415 - 60 ms that the start of the servers need not wait for
        from grpc_health.v1 import health_pb2, health_pb2_grpc  # noqa: PLC0415 - as above

        stub: Any = health_pb2_grpc.HealthStub(self._channel(component.name))
        try:
            answer = await stub.Check(health_pb2.HealthCheckRequest(), timeout=PROBE_TIMEOUT_S)
        except grpc.RpcError as error:
            silent = {grpc.StatusCode.DEADLINE_EXCEEDED, grpc.StatusCode.UNAVAILABLE}
            if error.code() in silent:
                raise TimeoutError from error
            return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def _channel(self, name: str) -> Any:
        import grpc.aio  # noqa: PLC0415 - as in _grpc()

        address = self._machine.address(name)  # another one, where its port was taken
        if address not in self._channels:
            folder: Path = self._machine.home.secrets / "tls" / OPERATOR
            authority, key, certificate = (
                (folder / file).read_bytes() for file in ("ca.pem", "key.pem", "cert.pem")
            )
            self._channels[address] = grpc.aio.secure_channel(
                address,
                grpc.ssl_channel_credentials(authority, key, certificate),
                [("grpc.initial_reconnect_backoff_ms", 50), ("grpc.max_reconnect_backoff_ms", 200),
                 ("grpc.min_reconnect_backoff_ms", 50)],
            )  # fmt: skip
        return self._channels[address]


async def http_answer(port: int, path: str) -> bytes:
    """Returns what a server here answers, head and body. Errors: OSError."""
    async with _asked(port, _asking(port, path)) as reader:
        return await reader.read()


def _asking(port: int, path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nConnection: close\r\n\r\n".encode()


async def _http_ok(port: int, path: str) -> bool:
    answer = await _exchange(port, _asking(port, path), 12)
    return answer.startswith(b"HTTP/1.") and answer.endswith(b" 200")


async def _exchange(port: int, request: bytes, answer_bytes: int) -> bytes:
    async with _asked(port, request) as reader:
        return await reader.readexactly(answer_bytes)


@contextlib.asynccontextmanager
async def _asked(port: int, request: bytes) -> AsyncIterator[asyncio.StreamReader]:
    reader, writer = await asyncio.open_connection(HOST, port)
    try:
        writer.write(request)
        yield reader
    finally:
        writer.close()
        with contextlib.suppress(OSError):
            await writer.wait_closed()
