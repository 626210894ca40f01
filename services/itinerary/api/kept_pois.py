"""The gRPC door of POIs for the staff: decode, call the use case, encode."""

from datetime import date
from typing import Any

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import ASSOCIATION
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.itinerary.v1 import poi_service_pb2 as pb
from meguri.itinerary.v1 import poi_service_pb2_grpc as pb_grpc
from services.itinerary.app import kept_pois, sights
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.domain.trip import DATE, FIRST_YEAR, LAST_YEAR
from services.itinerary.gateways.sights import SightsBusy, SightsUnusable
from services.itinerary.wire import kept_pois as wire

NAME = "meguri.itinerary.v1.PoiService"

ALLOWED: Allowed = {
    "ListKeptPois": ASSOCIATION,
    "GetPoi": ASSOCIATION,
    "SavePoi": ASSOCIATION,
    "RetirePoi": ASSOCIATION,
    "AddDrafts": ASSOCIATION,
    "PreviewOpening": ASSOCIATION,
    "ReadSights": ASSOCIATION,
}

ERRORS: Errors = {
    AreaNotReady: (grpc.StatusCode.UNAVAILABLE, "AREA_NOT_READY"),
    kept_pois.PoisFull: (grpc.StatusCode.FAILED_PRECONDITION, "POIS_FULL"),
    SightsUnusable: (grpc.StatusCode.INVALID_ARGUMENT, "SIGHTS_UNUSABLE"),
    SightsBusy: (grpc.StatusCode.UNAVAILABLE, "SIGHTS_BUSY"),
}


class PoiApi(pb_grpc.PoiServiceServicer):
    """Answers meguri.itinerary.v1.PoiService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListKeptPois(
        self, request: pb.ListKeptPoisRequest, context: Any
    ) -> pb.ListKeptPoisResponse:
        """Lists POIs of every state."""
        page, following = await kept_pois.list_kept(
            self._deps, caller().area, request.page_size, request.page_token
        )
        return pb.ListKeptPoisResponse(
            pois=[wire.kept_message(kept, place) for kept, place in page],
            next_page_token=following,
        )

    async def GetPoi(self, request: pb.GetPoiRequest, context: Any) -> pb.GetPoiResponse:
        """Reads all of one POI."""
        return wire.file_message(await kept_pois.get_poi(self._deps, caller().area, request.poi_id))

    async def SavePoi(self, request: pb.SavePoiRequest, context: Any) -> pb.SavePoiResponse:
        """Keeps a POI."""
        version = await kept_pois.save_poi(
            self._deps, request_key(request), caller().area, wire.typed_poi(request.record),
            request.expected_version, wire.confirmations_of(request.confirmations),
            draft=request.draft,
        )  # fmt: skip
        return pb.SavePoiResponse(version=version)

    async def RetirePoi(self, request: pb.RetirePoiRequest, context: Any) -> pb.RetirePoiResponse:
        """Takes a POI away or brings it back."""
        version = await kept_pois.retire_poi(
            self._deps, request_key(request), caller().area, request.poi_id,
            request.expected_version, request.note, bring_back=request.bring_back,
        )  # fmt: skip
        return pb.RetirePoiResponse(version=version)

    async def AddDrafts(self, request: pb.AddDraftsRequest, context: Any) -> pb.AddDraftsResponse:
        """Keeps drafts."""
        pois = [
            wire.typed_poi(record, f"records[{index}]")
            for index, record in enumerate(request.records)
        ]
        new = await kept_pois.add_drafts(self._deps, request_key(request), caller().area, pois)
        return pb.AddDraftsResponse(new_poi_ids=new)

    async def PreviewOpening(
        self, request: pb.PreviewOpeningRequest, context: Any
    ) -> pb.PreviewOpeningResponse:
        """Tells what opening hours mean."""
        days = kept_pois.preview_opening(
            request.opening, request.last_entry, _day(request.first_date), request.day_count
        )
        return wire.preview_message(days)

    async def ReadSights(
        self, request: pb.ReadSightsRequest, context: Any
    ) -> pb.ReadSightsResponse:
        """Reads a municipal list."""
        found = await sights.read_sights(self._deps, caller().area, request.file, request.name)
        return wire.sights_message(found)


def _day(text: str) -> date:
    try:
        day = date.fromisoformat(text) if DATE.fullmatch(text) else None
    except ValueError:
        day = None
    if day is None or not FIRST_YEAR <= day.year < LAST_YEAR:
        raise InvalidFields([("first_date", "a date such as 2026-11-21")])
    return day
