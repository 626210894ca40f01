"""The gRPC door of spots: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ASSOCIATION
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.itinerary.v1 import spot_service_pb2 as pb
from meguri.itinerary.v1 import spot_service_pb2_grpc as pb_grpc
from services.itinerary.app import spots
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.wire.spots import settings_of, spots_message

NAME = "meguri.itinerary.v1.SpotService"

ALLOWED: Allowed = {
    "ListSpots": ASSOCIATION,
    "SaveSpotSettings": ASSOCIATION,
    "UndoSpotSettings": ASSOCIATION,
}

ERRORS: Errors = {AreaNotReady: (grpc.StatusCode.UNAVAILABLE, "AREA_NOT_READY")}


class SpotApi(pb_grpc.SpotServiceServicer):
    """Answers meguri.itinerary.v1.SpotService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListSpots(self, request: pb.ListSpotsRequest, context: Any) -> pb.ListSpotsResponse:
        """What plans of a month show."""
        found = await spots.list_spots(self._deps, caller().area, request.month)
        return spots_message(found)

    async def SaveSpotSettings(
        self, request: pb.SaveSpotSettingsRequest, context: Any
    ) -> pb.SaveSpotSettingsResponse:
        """Keeps capacity and recommendation."""
        version = await spots.save_settings(
            self._deps, request_key(request), caller().area, request.poi_id,
            request.expected_version, settings_of(request.settings),
        )  # fmt: skip
        return pb.SaveSpotSettingsResponse(version=version)

    async def UndoSpotSettings(
        self, request: pb.UndoSpotSettingsRequest, context: Any
    ) -> pb.UndoSpotSettingsResponse:
        """Takes the latest change back."""
        version = await spots.undo_settings(
            self._deps, request_key(request), caller().area, request.poi_id,
            request.expected_version,
        )  # fmt: skip
        return pb.UndoSpotSettingsResponse(version=version)
