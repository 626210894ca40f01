"""The gRPC door of days that belong together: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.itinerary.v1 import sojourn_service_pb2 as pb
from meguri.itinerary.v1 import sojourn_service_pb2_grpc as pb_grpc
from services.itinerary.app import sojourns
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.gateways.tables import PlannerBusy
from services.itinerary.wire.itineraries import itinerary_message
from services.itinerary.wire.trips import days_of

NAME = "meguri.itinerary.v1.SojournService"
SHARE_OF_DEADLINE = 0.8  # the rest is for reading and keeping the plans

ALLOWED: Allowed = {"PlanSojourn": EVERYBODY, "GetSojourn": EVERYBODY}

ERRORS: Errors = {
    AreaNotReady: (grpc.StatusCode.UNAVAILABLE, "AREA_NOT_READY"),
    PlannerBusy: (grpc.StatusCode.UNAVAILABLE, "PLANNER_BUSY"),
}


class SojournApi(pb_grpc.SojournServiceServicer):
    """Answers meguri.itinerary.v1.SojournService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def PlanSojourn(
        self, request: pb.PlanSojournRequest, context: Any
    ) -> pb.PlanSojournResponse:
        """Plans days together."""
        read = await sojourns.plan_sojourn(
            self._deps, request_key(request), caller().area, days_of(request),
            context.time_remaining() * SHARE_OF_DEADLINE,
        )  # fmt: skip
        return pb.PlanSojournResponse(sojourn=_message(read))

    async def GetSojourn(
        self, request: pb.GetSojournRequest, context: Any
    ) -> pb.GetSojournResponse:
        """Reads kept days."""
        read = await sojourns.get_sojourn(self._deps, caller().area, request.sojourn_id)
        return pb.GetSojournResponse(sojourn=_message(read))


def _message(read: sojourns.ReadSojourn) -> pb.Sojourn:
    days = [itinerary_message(day) for day in read.days]
    return pb.Sojourn(sojourn_id=read.sojourn_id, days=days)
