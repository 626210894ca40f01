"""The guard before every method: no deadline, no token or the wrong role, and nothing is done."""

from typing import Any

import grpc
import pytest

from kit.auth import Caller, NotAuthenticated, Role
from kit.rpc import GrpcPart, Guard, caller
from meguri.directory.v1 import directory_service_pb2 as pb
from services.directory import api
from tests import noted

NAME = "meguri.directory.v1.DirectoryService"


class Context:
    """A call. remaining: seconds until its deadline."""

    def __init__(self, token: str, remaining: float | None = 1.0) -> None:
        self.token, self.remaining = token, remaining
        self.code: grpc.StatusCode | None = None

    def invocation_metadata(self) -> list[tuple[str, str]]:
        return [("x-other", "1"), ("authorization", f"Bearer {self.token}")]

    def time_remaining(self) -> float | None:
        return self.remaining

    async def abort(self, code: grpc.StatusCode, *_: Any, **__: Any) -> None:
        self.code = self.code or code
        raise grpc.aio.AbortError


class Tokens:
    """Knows one token for each role."""

    def verify(self, token: str) -> Caller:
        if token not in set(Role):
            raise NotAuthenticated
        return Caller("mine", f"some {token}", frozenset({Role(token)}))


async def _call(method: str, context: Context) -> list[str]:
    """Returns who reached the method."""
    reached: list[str] = []

    async def behavior(_request: Any, _context: Any) -> pb.DropAreaResponse:
        reached.append(caller().principal)
        return pb.DropAreaResponse()

    part = GrpcPart(lambda *_: None, object(), NAME, api.ALLOWED, {})
    tokens: Any = Tokens()
    handler: Any = grpc.unary_unary_rpc_method_handler(behavior)
    guarded = Guard("test", tokens).wrap(part, method, handler)
    try:
        await guarded.unary_unary(pb.DropAreaRequest(), context)
    except grpc.aio.AbortError:
        assert context.code is not None
    return reached


@pytest.mark.parametrize("role", list(Role))
async def test_only_the_roles_of_a_method_reach_it(role: Role) -> None:
    context = Context(role.value)
    if role in api.ALLOWED["DropArea"]:
        assert await _call("DropArea", context) == [f"some {role.value}"]
    else:
        assert await _call("DropArea", context) == []
        assert context.code is grpc.StatusCode.PERMISSION_DENIED


async def test_without_deadline_or_token_nothing_is_done() -> None:
    endless, unknown = Context(Role.ADMIN.value, None), Context("forged")
    assert await _call("DropArea", endless) == []
    assert await _call("DropArea", unknown) == []
    assert (endless.code, unknown.code) == (
        grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNAUTHENTICATED,
    )  # fmt: skip


@pytest.mark.parametrize(("token", "event", "by"), [
    (Role.VISITOR.value, "call_not_allowed", "some visitor"),
    ("forged", "call_not_authenticated", ""),
])  # fmt: skip
async def test_who_is_refused_is_noted_without_the_token(
    token: str, event: str, by: str, capfd: pytest.CaptureFixture[str]
) -> None:
    noted.listen()
    await _call("DropArea", Context(token))
    (line,) = noted.security(capfd)
    assert (line["event"], line["by"], line["method"]) == (event, by, f"{NAME}/DropArea")
    assert token == by.removeprefix("some ") or token not in str(line)
