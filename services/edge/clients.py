"""Calling the services: stubs made when first needed, each call with a deadline and a token."""

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar, cast

import grpc
from flask import current_app
from google.protobuf.message import Message

from kit import tls
from kit.auth import Caller, Minter
from kit.client import OPTIONS, Peers
from kit.config import Settings, patience
from kit.ids import new_id
from kit.rpc import is_read, service_of
from services.edge.connections import DEADLINE_MOST_S

DEADLINE_S = 1.5
RETRY_PAUSE_S = 0.05  # a service that was just restarted is back within the second try

S = TypeVar("S")


class Clients:
    """Channels and stubs of one process."""

    def __init__(self, settings: Settings, minter: Minter, caller: Callable[[], Caller]) -> None:
        self._peers = Peers(settings, lambda service: minter.mint(caller(), service))
        self._settings, self._minter = settings, minter
        self._patience = patience(settings.environment)
        self._plain: dict[str, grpc.Channel] = {}
        self._stubs: dict[type[Any], Any] = {}
        self._lock = threading.Lock()

    def stub(self, kind: type[S], deadline_s: float, caller: Caller | None) -> S:
        """Returns a stub whose calls end within deadline_s, longer where the operator has
        patience. caller: None for the request's."""
        inner = self._stubs.get(kind)
        if inner is None:
            with self._lock:
                inner = self._stubs.get(kind) or self._make(kind)
                self._stubs[kind] = inner
        # No call outlasts the connection its answer goes to.
        stretched_s = min(deadline_s * self._patience, max(deadline_s, DEADLINE_MOST_S))
        return cast(S, Bounded(inner, stretched_s, self._token_of(caller, kind)))

    def _make(self, kind: type[Any]) -> Any:
        return kind(self._peers.channel(service_of(kind.__module__)))

    def _token_of(
        self, caller: Caller | None, kind: type[Any]
    ) -> tuple[tuple[str, str], ...] | None:
        if caller is None:
            return None
        return (
            ("authorization", f"Bearer {self._minter.mint(caller, service_of(kind.__module__))}"),
        )

    def health_channel(self, service: str) -> grpc.Channel:
        """Returns a channel for the standard health call, which knows no token and no request id.

        Errors: ConfigError when the service's address is not known.
        """
        if service not in self._plain:
            address, folder = self._settings.address(service), self._settings.tls_dir
            self._plain[service] = (
                grpc.secure_channel(address, tls.channel_credentials(folder), OPTIONS)
                if folder
                else grpc.insecure_channel(address, OPTIONS)
            )
        return self._plain[service]

    def close(self) -> None:
        """Closes all channels."""
        self._peers.close()
        for channel in self._plain.values():
            channel.close()


class Bounded:
    """A stub that fills in deadline and token, and asks a second time where that is harmless."""

    def __init__(
        self, inner: Any, deadline_s: float, token: tuple[tuple[str, str], ...] | None
    ) -> None:
        self._inner, self._deadline_s, self._token = inner, deadline_s, token

    def __getattr__(self, name: str) -> Callable[..., Message]:
        method = getattr(self._inner, name)
        kind = type(self._inner)
        package = kind.__module__.rpartition(".")[0]
        full_name = f"{package}.{kind.__name__.removesuffix('Stub')}/{name}"

        def call(request: Message, timeout: float | None = None) -> Message:
            ends = time.monotonic() + (timeout or self._deadline_s)
            try:
                return cast(
                    Message,
                    method(request, timeout=timeout or self._deadline_s, metadata=self._token),
                )
            except grpc.RpcError as error:
                left_s = ends - time.monotonic() - RETRY_PAUSE_S
                away = error.code() is grpc.StatusCode.UNAVAILABLE
                if not away or left_s <= 0 or not is_read(full_name):
                    raise
            time.sleep(RETRY_PAUSE_S)
            return cast(Message, method(request, timeout=left_s, metadata=self._token))

        return call


def stub(kind: type[S], *, deadline_s: float = DEADLINE_S, caller: Caller | None = None) -> S:
    """Returns a stub of a service for the request at hand.

    Its calls raise grpc.RpcError, which errors.py turns into a page or problem details.
    """
    clients: Clients = current_app.extensions["meguri"].clients
    return clients.stub(kind, deadline_s, caller)


def new_request_id() -> str:
    """Returns an id for one state change. Hidden in a form, it makes a double tap one change."""
    return new_id()
