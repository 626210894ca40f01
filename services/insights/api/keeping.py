"""The gRPC door of how long facts are kept: decode, call the use case, encode."""

from typing import Any

from kit.roles import ADMINS, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.insights.v1 import keeping_service_pb2 as pb
from meguri.insights.v1 import keeping_service_pb2_grpc as pb_grpc
from services.insights.app import keeping
from services.insights.app.deps import Deps
from services.insights.wire import keeping as wire

NAME = "meguri.insights.v1.KeepingService"

# Visitors are told how long records are kept. What is let go does not come back, so those who
# answer for the area decide.
ALLOWED: Allowed = {"ReadKeeping": EVERYBODY, "SaveKeeping": ADMINS}

ERRORS: Errors = {}


class KeepingApi(pb_grpc.KeepingServiceServicer):
    """Answers meguri.insights.v1.KeepingService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadKeeping(
        self, request: pb.ReadKeepingRequest, context: Any
    ) -> pb.ReadKeepingResponse:
        """The choice."""
        return wire.choice_message(await keeping.read_choice(self._deps, caller().area))

    async def SaveKeeping(
        self, request: pb.SaveKeepingRequest, context: Any
    ) -> pb.SaveKeepingResponse:
        """Chooses."""
        version = await keeping.save(
            self._deps, request_key(request), caller().area, request.expected_version,
            wire.settings_of(request.terms),
        )  # fmt: skip
        return pb.SaveKeepingResponse(version=version)
