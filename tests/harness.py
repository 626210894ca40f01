"""Runs one service inside a test: its real rooms, real PostgreSQL and NATS, real gRPC calls.

    async with harness.running("directory", events.ENCODERS, build, database_url, nats_url) as it:
        stub = pb_grpc.DirectoryServiceStub(it.channel("mine", Role.ADMIN))
        await stub.ReadArea(pb.ReadAreaRequest(), timeout=30)

What the service says can be read with `it.heard(...)`; what others say is published with `it.say`.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import grpc.aio
import nats
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf.message import Message
from nats.js.api import StreamConfig
from nats.js.errors import BadRequestError

from kit import config, runtime
from kit.auth import Caller, Minter, Role
from kit.bus import DEAD_LETTERS, DEAD_PREFIX, stream_of
from kit.ids import new_id
from kit.outbox import Encoders
from kit.publishing import subject_of
from kit.runtime import Parts, Runtime

SERVICES = ("directory", "multilingual", "itinerary", "payments", "visitor_sense", "insights")


def token_keys(folder: Path) -> tuple[bytes, Path]:
    """Makes a key pair for tokens; returns the private PEM and the path of the public one."""
    key = Ed25519PrivateKey.generate()
    public = folder / "token_public.pem"
    public.write_bytes(
        key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    return private, public


async def make_streams(nats_url: str) -> None:
    """Makes the streams that `prepare` makes in an installation."""
    connection = await nats.connect(nats_url)
    stream = connection.jetstream()
    wanted = {stream_of(service): [f"meguri.*.{service}.v1.>"] for service in SERVICES}
    wanted[DEAD_LETTERS] = [f"{DEAD_PREFIX}.>"]
    for name, subjects in wanted.items():
        with suppress(BadRequestError):  # made for another service of this test
            await stream.add_stream(StreamConfig(name=name, subjects=subjects, allow_atomic=True))
    await connection.close()


class Running:
    """A service that runs inside the test."""

    def __init__(self, service: str, address: str, minter: Minter, nats_url: str) -> None:
        self.service, self.address = service, address
        self._minter, self._nats_url = minter, nats_url
        self._channels: list[grpc.aio.Channel] = []

    def token(
        self, area: str, *roles: Role, principal: str = "tester", shops: Iterable[str] = ()
    ) -> str:
        """Returns a token for this service."""
        known = Caller(area, principal, frozenset(roles), frozenset(shops))
        return self._minter.mint(known, self.service)

    def channel(
        self, area: str, *roles: Role, principal: str = "tester", shops: Iterable[str] = ()
    ) -> grpc.aio.Channel:
        """Returns a channel whose calls carry tokens. Each is made when it is needed, as callers of
        an installation do: a test that takes minutes on a slow machine outlives one."""
        kept = frozenset(shops)

        def token() -> str:
            return self.token(area, *roles, principal=principal, shops=kept)

        channel = grpc.aio.insecure_channel(self.address, interceptors=[_Authorize(token)])
        self._channels.append(channel)
        return channel

    def bare_channel(self) -> grpc.aio.Channel:
        """Returns a channel without a token."""
        channel = grpc.aio.insecure_channel(self.address)
        self._channels.append(channel)
        return channel

    async def close(self) -> None:
        """Closes the channels."""
        for channel in self._channels:
            await channel.close()

    async def heard(self, area: str, event: str, count: int, timeout_s: float = 30.0) -> list[Any]:
        """Waits for `count` events of a kind this service says in an area; returns the messages."""
        connection = await nats.connect(self._nats_url)
        try:
            subscription = await connection.jetstream().subscribe(
                subject_of(area, self.service, event), ordered_consumer=True
            )
            return [await subscription.next_msg(timeout=timeout_s) for _ in range(count)]
        finally:
            await connection.close()

    async def say(self, area: str, service: str, event: str, body: Message, **more: Any) -> str:
        """Publishes an event as another service would; see say()."""
        return await say(self._nats_url, area, service, event, body, **more)


class _Authorize(grpc.aio.UnaryUnaryClientInterceptor):
    def __init__(self, token: Callable[[], str]) -> None:
        self._token = token

    async def intercept_unary_unary(
        self, continuation: Any, client_call_details: Any, request: Any
    ) -> Any:
        metadata: Any = [
            *(client_call_details.metadata or ()),
            ("authorization", f"Bearer {self._token()}"),
        ]
        details = grpc.aio.ClientCallDetails(
            client_call_details.method,
            client_call_details.timeout,
            metadata,
            client_call_details.credentials,
            client_call_details.wait_for_ready,
        )
        return await continuation(details, request)


async def say(
    nats_url: str,
    area: str,
    service: str,
    event: str,
    body: Message,
    *,
    aggregate_id: str = "it",
    version: int = 1,
    event_id: str = "",
    occur_time: datetime | None = None,
) -> str:
    """Publishes an event as its owner would; returns its id."""
    event_id = event_id or new_id()
    headers = {
        "ce-specversion": "1.0",
        "ce-id": event_id,
        "ce-source": f"/meguri/{service}",
        "ce-type": f"meguri.{service}.v1.{event}",
        "ce-subject": aggregate_id,
        "ce-time": (occur_time or datetime.now(UTC)).isoformat(),
        "ce-aggregateversion": str(version),
    }
    connection = await nats.connect(nats_url)
    await connection.jetstream().publish(
        subject_of(area, service, event), body.SerializeToString(), headers=headers
    )
    await connection.close()
    return event_id


@asynccontextmanager
async def running(
    service: str,
    encoders: Encoders,
    build: Callable[[Runtime], Parts],
    database_url: str,
    nats_url: str,
    **environment: str,
) -> AsyncIterator[Running]:
    """Runs a service for as long as the block. environment: further MEGURI_… variables."""
    await make_streams(nats_url)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        private, public = token_keys(folder)
        (folder / "audit").mkdir()
        (folder / "audit_private.pem").write_bytes(token_keys(folder / "audit")[0])
        settings = config.load(
            service,
            {
                "MEGURI_AUDIT_PRIVATE_KEY": str(folder / "audit_private.pem"),
                "MEGURI_LISTEN": "127.0.0.1:0",
                "MEGURI_DATABASE_URL": database_url,
                "MEGURI_NATS_URL": nats_url,
                "MEGURI_TOKEN_PUBLIC_KEY": str(public),
                "MEGURI_DATA": str(folder),
                **environment,
            },
        )
        stop, port = asyncio.Event(), asyncio.get_running_loop().create_future()
        task = asyncio.create_task(
            runtime.run(Runtime(settings, encoders), build, stop, port.set_result)
        )
        await asyncio.wait([task, port], return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            task.result()
        it = Running(service, f"127.0.0.1:{port.result()}", Minter(private), nats_url)
        try:
            yield it
        finally:
            await it.close()
            stop.set()
            await task
