"""Calling other services: channels that refuse a call without a deadline or a request id."""

from collections import namedtuple
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import grpc
from google.rpc import error_details_pb2, status_pb2

from kit import telemetry, tls
from kit.config import Settings
from kit.rpc import MESSAGE_LIMIT_BYTES, is_read, service_of

TokenSource = Callable[[str], str]  # the token for a service, by its name

OPTIONS: Sequence[tuple[str, Any]] = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT_BYTES),
    ("grpc.keepalive_time_ms", 20_000),
    ("grpc.keepalive_timeout_ms", 5_000),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1_000),
)


class UnboundedCall(AssertionError):
    """A call without timeout=, or a state change without request_id: a mistake of the caller."""


class _Details(
    namedtuple("_Details", "method timeout metadata credentials wait_for_ready compression"),
    grpc.ClientCallDetails,
):
    pass


class Discipline(grpc.UnaryUnaryClientInterceptor):
    """Checks every call of a synchronous channel and adds token and trace."""

    def __init__(self, token: TokenSource | None) -> None:
        self._token = token

    def intercept_unary_unary(
        self, continuation: Callable[[Any, Any], Any], client_call_details: Any, request: Any
    ) -> Any:
        """Errors: UnboundedCall."""
        details = client_call_details
        method = details.method.decode() if isinstance(details.method, bytes) else details.method
        check_call(method, details.timeout, request)
        metadata = list(details.metadata or ())
        if self._token is not None and not any(key == "authorization" for key, _ in metadata):
            metadata.append(("authorization", f"Bearer {self._token(service_of(method))}"))
        trace = telemetry.traceparent()
        if trace:
            metadata.append(("traceparent", trace))
        return continuation(
            _Details(details.method, details.timeout, metadata, details.credentials,
                     details.wait_for_ready, details.compression),
            request,
        )  # fmt: skip


def check_call(method: str, timeout_s: float | None, request: Any) -> None:
    """Errors: UnboundedCall for a call that could wait for ever or happen twice."""
    if timeout_s is None:
        raise UnboundedCall(f"{method} was called without timeout=")
    if not _is_read(method) and not getattr(request, "request_id", ""):
        raise UnboundedCall(f"{method} changes state and was called without request_id")


_is_read = lru_cache(maxsize=512)(is_read)


def sync_channel(address: str, tls_dir: Path | None, token: TokenSource | None) -> grpc.Channel:
    """Returns a channel for threads and command lines. token: called for each call without one,
    with the service that is called."""
    if tls_dir is None:
        channel = grpc.insecure_channel(address, OPTIONS)
    else:
        channel = grpc.secure_channel(address, tls.channel_credentials(tls_dir), OPTIONS)
    return grpc.intercept_channel(channel, Discipline(token))


class Peers:
    """Lazily made channels from one process to the services it was given addresses of."""

    def __init__(self, settings: Settings, token: TokenSource | None) -> None:
        self._settings, self._token = settings, token
        self._channels: dict[str, grpc.Channel] = {}

    def channel(self, service: str) -> grpc.Channel:
        """Returns the channel to a service. Errors: ConfigError when its address is not known."""
        if service not in self._channels:
            self._channels[service] = sync_channel(
                self._settings.address(service), self._settings.tls_dir, self._token
            )
        return self._channels[service]

    def close(self) -> None:
        """Closes all channels."""
        for channel in self._channels.values():
            channel.close()


@dataclass(frozen=True)
class Problem:
    """What a refused call said. fields: pairs of field name and sentence."""

    code: grpc.StatusCode
    reason: str
    text: str
    fields: tuple[tuple[str, str], ...] = ()


def problem_of(error: grpc.RpcError) -> Problem:
    """Reads code, stable reason and bad fields of a failed call.

    A call that got no answer at all has the reason UNAVAILABLE or DEADLINE_EXCEEDED.
    """
    code, text = error.code(), error.details() or ""
    reason, fields = code.name, []
    trailer: Any = error.trailing_metadata() or ()
    for key, value in trailer:
        if key != "grpc-status-details-bin":
            continue
        for detail in status_pb2.Status.FromString(value).details:
            info, bad = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
            if detail.Unpack(info):
                reason = info.reason
            elif detail.Unpack(bad):
                fields = [(v.field, v.description) for v in bad.field_violations]
    return Problem(code, reason, text, tuple(fields))
