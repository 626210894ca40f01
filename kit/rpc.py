"""The gRPC door: server bootstrap, who calls, and one table from errors to answers."""

import hashlib
import re
from collections.abc import Awaitable, Callable, Mapping
from contextvars import ContextVar
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any, NoReturn, cast

import grpc
import grpc.aio
from google.protobuf import descriptor_pool
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message
from google.rpc import error_details_pb2, status_pb2
from prometheus_client import Histogram

from kit import log, telemetry, texts
from kit.auth import Caller, NotAuthenticated, Role, Verifier
from kit.db import NotStorable, StoreBusy, StoreUnavailable
from kit.pure.errors import InvalidFields, NotFound, Refusal, VersionConflict
from kit.requests import RequestIdReused, RequestKey

Status = grpc.StatusCode
Errors = Mapping[type[Exception], tuple[grpc.StatusCode, str]]
Allowed = Mapping[str, frozenset[Role]]

MESSAGE_LIMIT_BYTES = 4 * 1024 * 1024
CONCURRENT_CALLS = 512
# The metadata of an answer may have 8 kB in all; what is longer would arrive as another error,
# without its reason. A text travels twice (in percent signs, in base64), fields in base64.
TEXT_BYTES, FIELDS_BYTES = 600, 3_500
FIELD_CHARACTERS, MOST_FIELDS = 200, 20
REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,100}")
ERROR_DOMAIN = "meguri"

_COMMON: Errors = {
    texts.TextTooLong: (Status.INVALID_ARGUMENT, "TEXT_TOO_LONG"),
    texts.CardNumberTyped: (Status.INVALID_ARGUMENT, "CARD_NUMBER_TYPED"),
    InvalidFields: (Status.INVALID_ARGUMENT, "INVALID_FIELDS"),
    NotFound: (Status.NOT_FOUND, "NOT_FOUND"),
    VersionConflict: (Status.ABORTED, "VERSION_CONFLICT"),
    RequestIdReused: (Status.ALREADY_EXISTS, "REQUEST_ID_REUSED"),
    NotAuthenticated: (Status.UNAUTHENTICATED, "NOT_AUTHENTICATED"),
    StoreUnavailable: (Status.UNAVAILABLE, "STORE_UNAVAILABLE"),
    NotStorable: (Status.INVALID_ARGUMENT, "INVALID_FIELDS"),
    StoreBusy: (Status.UNAVAILABLE, "STORE_BUSY"),
}

_caller: ContextVar[Caller] = ContextVar("caller")


class NotAllowed(Refusal):
    """The caller's roles do not include this."""


def caller() -> Caller:
    """Returns who makes the call being answered."""
    return _caller.get()


def request_key(request: Message) -> RequestKey:
    """Returns the idempotency key of a state change.

    A request that holds a password is cleared of it first: a fast hash can be tried offline.
    Errors: InvalidFields for a bad request_id.
    """
    request_id: str = getattr(request, "request_id", "")
    if not REQUEST_ID.fullmatch(request_id):
        raise InvalidFields(
            [("request_id", "give 8 to 100 letters, digits or . _ : - that you made yourself")]
        )
    # The message's name is part of the body: a capture and a void may have the same bytes.
    body = hashlib.sha256(request.DESCRIPTOR.full_name.encode() + b"\0")
    body.update(request.SerializeToString(deterministic=True))
    return RequestKey(caller().principal, request_id, body.digest())


def is_read(method: str) -> bool:
    """Tells whether a method ("meguri.x.v1.XService/Read") is marked as free of side effects."""
    service, _, name = method.lstrip("/").rpartition("/")
    options = descriptor_pool.Default().FindMethodByName(f"{service}.{name}").GetOptions()
    level: int = options.idempotency_level
    return level == options.NO_SIDE_EFFECTS


def service_of(name: str) -> str:
    """Returns which service a method ("/meguri.x.v1.XService/Read"), its gRPC service or a module
    made of its package is of: x. Tokens are made for it, and Guard.add holds that it is so."""
    return name.lstrip("/").split(".", 2)[1]


@dataclass(frozen=True)
class GrpcPart:
    """One gRPC service of a process.

    add: the generated add_…Servicer_to_server. name: in full, "meguri.x.v1.XService".
    allowed: roles per method; a method that is missing stops the start (deny by default).
    errors: the service's exceptions to code and reason.
    """

    add: Callable[[Any, grpc.aio.Server], None]
    servicer: object
    name: str
    allowed: Allowed
    errors: Errors

    def check(self) -> None:
        """Errors: ValueError when `allowed` and the contract do not name the same methods."""
        service = descriptor_pool.Default().FindServiceByName(self.name)
        methods = {method.name for method in service.methods}
        if methods != set(self.allowed):
            raise ValueError(
                f"{self.name}: roles and methods differ: {methods ^ set(self.allowed)}"
            )


@dataclass(frozen=True)
class _Method:
    """What is known of a method before anybody calls it. seconds: its timers by code."""

    part: GrpcPart
    name: str
    behavior: Callable[[Message, Any], Awaitable[Message]]
    seconds: dict[Status, Histogram] = field(default_factory=dict)


class Guard:
    """Stands before every method: deadline, token, role, texts; maps errors; measures.

    It wraps the methods once, when they are added. As an interceptor it would be built anew around
    each call, which cost a seventh of a call's CPU time.
    """

    def __init__(self, service: str, verifier: Verifier) -> None:
        self._service, self._verifier = service, verifier
        self._log = log.get("rpc")

    def add(self, part: GrpcPart, server: grpc.aio.Server) -> None:
        """Adds the unary methods of a part to a server. Errors: ValueError, see GrpcPart.check, and
        for a part whose package names another service: callers would bring tokens for that one."""
        part.check()
        if service_of(part.name) != self._service:
            raise ValueError(f"{part.name} is no part of {self._service}")
        part.add(part.servicer, cast("grpc.aio.Server", _Door(self, part, server)))

    def wrap(self, part: GrpcPart, name: str, handler: Any) -> Any:
        """Returns the handler of a method with this guard before it."""
        if handler.unary_unary is None:
            raise NotImplementedError("streams need a guard of their own")
        method = _Method(part, name, handler.unary_unary)

        async def answer(request: Message, context: Any) -> Message:
            return await self._answer(method, request, context)

        return grpc.unary_unary_rpc_method_handler(
            answer, handler.request_deserializer, handler.response_serializer
        )

    async def _answer(self, method: _Method, request: Message, context: Any) -> Message:
        started, code, part = perf_counter(), Status.OK, method.part
        authorization = traceparent = ""
        known: Caller | None = None
        for key, value in context.invocation_metadata() or ():
            if key == "authorization":
                authorization = str(value)
            elif key == "traceparent":
                traceparent = str(value)
        with telemetry.span(f"{part.name}/{method.name}", traceparent):
            try:
                if context.time_remaining() is None:
                    code = Status.INVALID_ARGUMENT
                    await refuse(context, code, "DEADLINE_REQUIRED", "Every call needs a deadline.")
                known = self._verifier.verify(authorization.removeprefix("Bearer "))
                if known.roles.isdisjoint(part.allowed[method.name]):
                    code = Status.PERMISSION_DENIED
                    log.security("call_not_allowed", area=known.area, by=known.principal,
                                 method=f"{part.name}/{method.name}")  # fmt: skip
                    await refuse(context, code, "NOT_ALLOWED", "Your roles do not include this.")
                _caller.set(known)
                texts.check(request)
                return await method.behavior(request, context)
            except grpc.aio.AbortError:
                raise
            except Exception as error:  # noqa: BLE001 - the one place that makes answers of errors
                telemetry.fail(error)
                code, reason = look_up(part.errors, error)
                if isinstance(error, NotAuthenticated | NotAllowed):
                    event = "call_not_allowed" if known else "call_not_authenticated"
                    log.security(event, area=known.area if known else "",
                                 by=known.principal if known else "",
                                 method=f"{part.name}/{method.name}")  # fmt: skip
                await self._refuse(code, reason, method.name, error, context)
            finally:
                self._observe(method, code, perf_counter() - started)

    def _observe(self, method: _Method, code: Status, elapsed_s: float) -> None:
        seconds = method.seconds.get(code)
        if seconds is None:
            seconds = telemetry.RPC_SECONDS.labels(self._service, method.name, code.name)
            method.seconds[code] = seconds
        seconds.observe(elapsed_s)

    async def _refuse(
        self, code: Status, reason: str, method: str, error: Exception, context: Any
    ) -> NoReturn:
        if code is Status.INTERNAL:
            self._log.error("call failed", method=method, exc_info=error)
            await refuse(context, code, reason, "Something broke here; it was logged.")
        fields = error.fields if isinstance(error, InvalidFields) else ()
        await refuse(context, code, reason, str(error), fields)


class _Door:
    """Stands for the server while generated code adds a part: its methods pass the guard."""

    def __init__(self, guard: Guard, part: GrpcPart, server: grpc.aio.Server) -> None:
        self._guard, self._part, self._server = guard, part, server

    def add_generic_rpc_handlers(self, _handlers: object) -> None:
        """Nothing: the same methods come by name."""

    def add_registered_method_handlers(self, service: str, handlers: Mapping[str, Any]) -> None:
        """Adds the methods, guarded."""
        guarded = {
            name: self._guard.wrap(self._part, name, handler) for name, handler in handlers.items()
        }
        handler = grpc.method_handlers_generic_handler(service, guarded)
        self._server.add_generic_rpc_handlers((handler,))


def look_up(errors: Errors, error: Exception) -> tuple[Status, str]:
    """Returns code and reason for an error: the service's table first, then the common one."""
    for table in (errors, _COMMON):
        for kind in type(error).__mro__:
            if kind in table:
                return table[kind]
    if isinstance(error, NotAllowed):
        return Status.PERMISSION_DENIED, "NOT_ALLOWED"
    return Status.INTERNAL, "INTERNAL"


async def refuse(
    context: grpc.aio.ServicerContext[Any, Any],
    code: Status,
    reason: str,
    text: str,
    fields: tuple[tuple[str, str], ...] = (),
) -> NoReturn:
    """Ends a call with a code, a stable reason (google.rpc.ErrorInfo) and bad fields, if any: the
    first of them, and cut, where there are more than an answer holds."""
    text = text.encode(errors="replace")[:TEXT_BYTES].decode(errors="ignore")
    details = [_packed(error_details_pb2.ErrorInfo(reason=reason, domain=ERROR_DOMAIN))]
    if fields:
        details.append(_packed(_told(fields)))
    status = status_pb2.Status(code=code.value[0], message=text, details=details)
    trailer = (("grpc-status-details-bin", status.SerializeToString()),)
    await context.abort(code, text, trailing_metadata=trailer)


def _told(fields: tuple[tuple[str, str], ...]) -> error_details_pb2.BadRequest:
    told = error_details_pb2.BadRequest()
    for name, description in fields[:MOST_FIELDS]:
        told.field_violations.add(
            field=name[:FIELD_CHARACTERS], description=description[:FIELD_CHARACTERS]
        )
        if told.ByteSize() > FIELDS_BYTES:
            del told.field_violations[-1]
            break
    return told


def _packed(message: Message) -> AnyMessage:
    packed = AnyMessage()
    packed.Pack(message)
    return packed
