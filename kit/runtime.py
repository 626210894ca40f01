"""The life of a service process: open, serve, hear, relay, and drain when told to stop."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import grpc.aio
import uvloop
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from kit import config, garbage, log, telemetry, tls
from kit.auth import Verifier
from kit.bus import Bus, Consumer, Hearing
from kit.clock import Clock, SystemClock
from kit.db import Database
from kit.outbox import Encoders, Outbox, Relay
from kit.pull import FETCH
from kit.requests import KEEP_DAYS, keep_forgetting
from kit.rpc import CONCURRENT_CALLS, MESSAGE_LIMIT_BYTES, GrpcPart, Guard
from kit.stopping import end

DATABASE = "database"  # what readiness asks the standard health call for
DRAIN_S = 5.0  # calls in flight may finish; with what follows it stays below the kill after ten

Background = Callable[[], Coroutine[Any, Any, None]]


@dataclass(frozen=True)
class Parts:
    """What a service is made of, besides what every service has.

    background: coroutines that run until they are canceled. closing: run last, in order.
    keep_requests_days: how long request ids are remembered, None for ever (money). hear_at_once:
    how many events are heard in one transaction at most.
    """

    grpc: Sequence[GrpcPart]
    hearings: Sequence[Hearing] = ()
    background: Sequence[Background] = ()
    closing: Sequence[Callable[[], Awaitable[None]]] = field(default_factory=tuple)
    keep_requests_days: int | None = KEEP_DAYS
    hear_at_once: int = FETCH


class Runtime:
    """Everything a service is given to build itself from."""

    def __init__(self, settings: config.Settings, encoders: Encoders) -> None:
        self.settings = settings
        self.clock: Clock = SystemClock()
        patience = config.patience(settings.environment)
        self.database = Database(settings.database_url, patience=patience)
        self.outbox = Outbox(encoders)
        self.bus = Bus(settings)
        self.log = log.get("main")


def main(service: str, encoders: Encoders, build: Callable[[Runtime], Parts]) -> None:
    """Runs a service until SIGTERM or SIGINT. Called by the service's main.py."""
    settings = config.load(service)
    log.configure(service, settings.log_level)
    host = settings.listen.rpartition(":")[0].strip("[]")
    telemetry.configure(service, settings.metrics_port, host or "127.0.0.1")
    try:
        # Waiting for a socket costs half as much as in asyncio's own loop: decision 0023.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_until_signal(Runtime(settings, encoders), build))
    except Exception as error:  # noqa: BLE001 - whatever it is, the process must end to be restarted
        log.get("main").error("stopped by an error", exc_info=error)
        sys.stderr.flush()
        os._exit(1)  # threads of libraries may still wait for something that never comes


async def _until_signal(runtime: Runtime, build: Callable[[Runtime], Parts]) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    await run(runtime, build, stop)


async def run(
    runtime: Runtime,
    build: Callable[[Runtime], Parts],
    stop: asyncio.Event,
    listening: Callable[[int], None] = lambda _port: None,
) -> None:
    """Runs a service until `stop` is set, then drains. listening: told the port once it serves.

    Errors: RuntimeError when a part of the service ends by itself.
    """
    settings = runtime.settings
    parts = build(runtime)
    # First the port: a start that fails leaves nothing open that could keep the process alive.
    server, state, port = _server(runtime, tuple(parts.grpc))
    await runtime.database.open()
    await server.start()
    relay = Relay(settings.service, runtime.database, runtime.outbox, runtime.bus)
    tasks = _bus_tasks(runtime, parts, relay)
    if parts.keep_requests_days is not None:
        forgetting = keep_forgetting(runtime.database, parts.keep_requests_days)
        tasks.append(asyncio.create_task(forgetting, name="forgetting"))
    tasks += [asyncio.create_task(work(), name="background") for work in parts.background]
    await state.set("", health_pb2.HealthCheckResponse.SERVING)
    garbage.keep_what_is_here()
    runtime.log.info("serving", port=port)
    listening(port)
    try:
        await _until_stopped(stop, tasks)
    finally:
        await _drain(runtime, parts, server, state, tasks, relay)


async def _drain(
    runtime: Runtime,
    parts: Parts,
    server: grpc.aio.Server,
    state: health.aio.HealthServicer,
    tasks: list[asyncio.Task[None]],
    relay: Relay,
) -> None:
    runtime.log.info("draining")
    await state.enter_graceful_shutdown()
    await server.stop(DRAIN_S)
    await end(tasks)
    with contextlib.suppress(Exception):  # a dead database or bus must not hold up the end
        async with asyncio.timeout(1.0):
            await relay.drain_once()
    for close in parts.closing:
        await close()
    await runtime.bus.close()
    await runtime.database.close()
    runtime.log.info("stopped")


def _bus_tasks(runtime: Runtime, parts: Parts, relay: Relay) -> list[asyncio.Task[None]]:
    """Serving does not wait for NATS: state is taken and its events wait in the outbox."""

    async def connect_and_relay() -> None:
        await runtime.bus.open()
        await relay.run()

    async def hear(consumer: Consumer) -> None:
        await runtime.bus.opened.wait()
        await consumer.run()

    service = runtime.settings.service

    async def until_lost() -> None:
        await runtime.bus.lost.wait()

    tasks = [
        asyncio.create_task(connect_and_relay(), name="relay"),
        asyncio.create_task(until_lost(), name="the connection to NATS"),
    ]
    by_source = sorted(parts.hearings, key=lambda hearing: hearing.service)
    for source, hearings in groupby(by_source, key=lambda hearing: hearing.service):
        consumer = Consumer(
            runtime.bus, runtime.database, service, source, list(hearings), parts.hear_at_once
        )
        tasks.append(asyncio.create_task(hear(consumer), name=f"hear {source}"))
    return tasks


async def _until_stopped(stop: asyncio.Event, tasks: list[asyncio.Task[None]]) -> None:
    """Waits for a signal. A part that dies takes the process down: the supervisor restarts it."""
    stopping = asyncio.create_task(stop.wait())
    done, _ = await asyncio.wait([stopping, *tasks], return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    for task in done - {stopping}:
        error = task.exception() if not task.cancelled() else None
        raise RuntimeError(f"{task.get_name()} ended by itself") from error


class _Health(health.aio.HealthServicer):
    """Health of the process, which the supervisor asks for: a dead database is no reason to start
    it anew. As DATABASE that of its database, which readiness asks for."""

    def __init__(self, database: Database) -> None:
        super().__init__()
        self._database = database

    async def Check(self, request: Any, context: Any) -> Any:
        """Answers by the name of what is asked for."""
        if request.service != DATABASE:
            return await super().Check(request, context)
        known = health_pb2.HealthCheckResponse
        answers = await self._database.answers()
        return known(status=known.SERVING if answers else known.NOT_SERVING)


def _server(
    runtime: Runtime, parts: tuple[GrpcPart, ...]
) -> tuple[grpc.aio.Server, health.aio.HealthServicer, int]:
    settings = runtime.settings
    if settings.token_public_key is None:
        raise config.ConfigError("MEGURI_TOKEN_PUBLIC_KEY is not set")
    verifier = Verifier(settings.token_public_key.read_bytes(), settings.service)
    guard = Guard(settings.service, verifier)
    server = grpc.aio.server(
        options=[
            ("grpc.so_reuseport", 0),  # a taken port must be an error, not shared silently
            ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
            ("grpc.max_send_message_length", MESSAGE_LIMIT_BYTES),
        ],
        maximum_concurrent_rpcs=CONCURRENT_CALLS,
    )
    for part in parts:
        guard.add(part, server)
    state = _Health(runtime.database)
    health_pb2_grpc.add_HealthServicer_to_server(state, server)
    names = [part.name for part in parts] + [health.SERVICE_NAME, reflection.SERVICE_NAME]
    reflection.enable_server_reflection(names, server)
    if settings.tls_dir is None:
        port = server.add_insecure_port(settings.listen)
    else:
        port = server.add_secure_port(settings.listen, tls.server_credentials(settings.tls_dir))
    if port == 0:
        raise OSError(f"{settings.listen} cannot be listened on")
    return server, state, port
