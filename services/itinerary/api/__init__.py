"""The gRPC door of itinerary: decode, call the use case, encode."""

from datetime import UTC
from typing import Any

import grpc

from kit.roles import ASSOCIATION, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1 import itinerary_service_pb2_grpc as pb_grpc
from services.itinerary.app import beside, changing, itineraries, pois, preview
from services.itinerary.app.deps import AreaNotReady, Deps
from services.itinerary.gateways.tables import PlannerBusy
from services.itinerary.wire.itineraries import itinerary_message
from services.itinerary.wire.pois import poi_message, poi_of, report_message
from services.itinerary.wire.trips import trip_of
from services.itinerary.wire.words import number

SHARE_OF_DEADLINE = 0.8  # the rest is for reading and keeping the plan

ALLOWED: Allowed = {
    "ImportPois": ASSOCIATION,
    "ListPois": EVERYBODY,
    "PlanItinerary": EVERYBODY,
    "GetItinerary": EVERYBODY,
    "RepairItinerary": EVERYBODY,
    "ChangeItinerary": EVERYBODY,
    "ReportLateness": EVERYBODY,
    "ProposeDays": EVERYBODY,
    "UndoItinerary": EVERYBODY,
    "PreviewClosure": ASSOCIATION,
}

ERRORS: Errors = {
    AreaNotReady: (grpc.StatusCode.UNAVAILABLE, "AREA_NOT_READY"),
    PlannerBusy: (grpc.StatusCode.UNAVAILABLE, "PLANNER_BUSY"),
    beside.DaysOverlap: (grpc.StatusCode.FAILED_PRECONDITION, "DAYS_OVERLAP"),
    changing.NotUnderWay: (grpc.StatusCode.FAILED_PRECONDITION, "NOT_UNDER_WAY"),
}


class ItineraryApi(pb_grpc.ItineraryServiceServicer):
    """Answers meguri.itinerary.v1.ItineraryService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ImportPois(
        self, request: pb.ImportPoisRequest, context: Any
    ) -> pb.ImportPoisResponse:
        """Loads POIs."""
        rows = [poi_of(row, record) for row, record in enumerate(request.records, start=1)]
        report = await pois.import_pois(
            self._deps, request_key(request), caller().area, rows, dry_run=request.dry_run,
            overwrite=request.overwrite,
        )  # fmt: skip
        return report_message(report)

    async def ListPois(self, request: pb.ListPoisRequest, context: Any) -> pb.ListPoisResponse:
        """Lists POIs."""
        listed, following = await pois.list_pois(
            self._deps, caller().area, request.page_size, request.page_token, request.visit_date
        )
        return pb.ListPoisResponse(
            pois=[poi_message(each) for each in listed], next_page_token=following
        )

    async def PlanItinerary(
        self, request: pb.PlanItineraryRequest, context: Any
    ) -> pb.PlanItineraryResponse:
        """Plans a day."""
        read = await itineraries.plan_itinerary(
            self._deps, request_key(request), caller().area, trip_of(request.trip),
            context.time_remaining() * SHARE_OF_DEADLINE,
        )  # fmt: skip
        return pb.PlanItineraryResponse(itinerary=itinerary_message(read))

    async def GetItinerary(
        self, request: pb.GetItineraryRequest, context: Any
    ) -> pb.GetItineraryResponse:
        """Reads a kept itinerary."""
        read = await itineraries.get_itinerary(self._deps, caller().area, request.itinerary_id)
        return pb.GetItineraryResponse(itinerary=itinerary_message(read))

    async def RepairItinerary(
        self, request: pb.RepairItineraryRequest, context: Any
    ) -> pb.RepairItineraryResponse:
        """Plans the rest of a kept day again."""
        read, repaired = await changing.repair_itinerary(
            self._deps, request_key(request), caller().area, request.itinerary_id,
            context.time_remaining() * SHARE_OF_DEADLINE,
        )  # fmt: skip
        return pb.RepairItineraryResponse(
            itinerary=itinerary_message(read),
            added_poi_ids=repaired.added,
            dropped_poi_ids=repaired.dropped,
        )

    async def ChangeItinerary(
        self, request: pb.ChangeItineraryRequest, context: Any
    ) -> pb.ChangeItineraryResponse:
        """Plans a kept day again for other wishes."""
        read = await changing.change_itinerary(
            self._deps, request_key(request), caller().area, request.itinerary_id,
            request.expected_version, trip_of(request.trip),
            context.time_remaining() * SHARE_OF_DEADLINE, anew=request.anew,
        )  # fmt: skip
        return pb.ChangeItineraryResponse(itinerary=itinerary_message(read))

    async def ReportLateness(
        self, request: pb.ReportLatenessRequest, context: Any
    ) -> pb.ReportLatenessResponse:
        """Plans the rest of a day again for a party that is late."""
        read = await changing.report_lateness(
            self._deps, request_key(request), caller().area, request.itinerary_id,
            request.expected_version, request.late_minutes,
            context.time_remaining() * SHARE_OF_DEADLINE, leaving=request.leaving,
        )  # fmt: skip
        return pb.ReportLatenessResponse(itinerary=itinerary_message(read))

    async def ProposeDays(
        self, request: pb.ProposeDaysRequest, context: Any
    ) -> pb.ProposeDaysResponse:
        """Other days for the same wishes."""
        found = await changing.propose_days(
            self._deps, caller().area, request.itinerary_id,
            context.time_remaining() * SHARE_OF_DEADLINE,
        )  # fmt: skip
        return pb.ProposeDaysResponse(
            days=[
                pb.ProposedDay(
                    kind=number(pb.DayKind, "DAY_KIND", kind),
                    itinerary=itinerary_message(itineraries.Read(itinerary, ())),
                )
                for kind, itinerary in found
            ]
        )

    async def UndoItinerary(
        self, request: pb.UndoItineraryRequest, context: Any
    ) -> pb.UndoItineraryResponse:
        """Takes the latest change back."""
        read = await changing.undo_itinerary(
            self._deps, request_key(request), caller().area, request.itinerary_id,
            request.expected_version, context.time_remaining() * SHARE_OF_DEADLINE,
        )  # fmt: skip
        return pb.UndoItineraryResponse(itinerary=itinerary_message(read))

    async def PreviewClosure(
        self, request: pb.PreviewClosureRequest, context: Any
    ) -> pb.PreviewClosureResponse:
        """What a closure would touch."""
        until = (
            request.until_time.ToDatetime(tzinfo=UTC) if request.HasField("until_time") else None
        )
        found = await preview.preview_closure(
            self._deps, caller().area, list(request.place_ids), until
        )
        return pb.PreviewClosureResponse(
            poi_ids=[poi.poi_id for poi in found.pois],
            poi_place_ids=[poi.place_id for poi in found.pois],
            plan_count=found.plans.plans,
            plan_count_today=found.plans.today,
        )
