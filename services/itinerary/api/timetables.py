"""The gRPC door of timetables: decode, call the use case, encode."""

from typing import Any

import grpc

from kit.roles import ASSOCIATION, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1 import timetable_service_pb2_grpc as pb_grpc
from services.itinerary.app import feeds, live, timetables, ways
from services.itinerary.app.deps import Deps
from services.itinerary.gateways.feeds import FeedsBusy, FeedUnusable
from services.itinerary.wire import live as wire_live
from services.itinerary.wire import timetables as wire

NAME = "meguri.itinerary.v1.TimetableService"

ALLOWED: Allowed = {
    "ListTimetables": EVERYBODY,
    "GetLine": EVERYBODY,
    "GetWays": EVERYBODY,
    "PreviewTimetable": ASSOCIATION,
    "SetLiveAddresses": ASSOCIATION,
    "GetLiveAddresses": ASSOCIATION,
    "SaveLine": ASSOCIATION,
    "ConfirmRuns": ASSOCIATION,
    "ImportFeed": ASSOCIATION,
    "DeleteTimetable": ASSOCIATION,
    "SaveWays": ASSOCIATION,
}

ERRORS: Errors = {
    FeedUnusable: (grpc.StatusCode.INVALID_ARGUMENT, "FEED_UNUSABLE"),
    FeedsBusy: (grpc.StatusCode.UNAVAILABLE, "FEEDS_BUSY"),
    timetables.TimetablesFull: (grpc.StatusCode.FAILED_PRECONDITION, "TIMETABLES_FULL"),
    timetables.OtherKind: (grpc.StatusCode.FAILED_PRECONDITION, "OTHER_KIND"),
}


class TimetableApi(pb_grpc.TimetableServiceServicer):
    """Answers meguri.itinerary.v1.TimetableService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ListTimetables(
        self, request: pb.ListTimetablesRequest, context: Any
    ) -> pb.ListTimetablesResponse:
        """Lists what is kept."""
        listed, following = await timetables.list_timetables(
            self._deps, caller().area, request.page_size, request.page_token
        )
        return pb.ListTimetablesResponse(
            timetables=[wire.summary_message(each) for each in listed], next_page_token=following
        )

    async def GetLine(self, request: pb.GetLineRequest, context: Any) -> pb.GetLineResponse:
        """Reads a line; who of the staff confirmed it is told to colleagues alone."""
        line, version = await timetables.get_line(
            self._deps, caller().area, request.timetable_id
        )  # fmt: skip
        message = wire.line_message(line, with_people=bool(caller().roles & ASSOCIATION))
        return pb.GetLineResponse(line=message, version=version)

    async def SaveLine(self, request: pb.SaveLineRequest, context: Any) -> pb.SaveLineResponse:
        """Keeps a line."""
        kept = await timetables.save_line(
            self._deps, request_key(request), caller().area, wire.line_of(request.line),
            request.expected_version, update_shared_stops=request.update_shared_stops,
            dry_run=request.dry_run,
        )  # fmt: skip
        return pb.SaveLineResponse(summary=wire.summary_message(kept))

    async def ConfirmRuns(
        self, request: pb.ConfirmRunsRequest, context: Any
    ) -> pb.ConfirmRunsResponse:
        """Confirms the times of runs."""
        kept = await timetables.confirm_runs(
            self._deps, request_key(request), caller().area, request.timetable_id,
            request.expected_version, list(request.run_ids), wire.confirmation_of(request),
        )  # fmt: skip
        return pb.ConfirmRunsResponse(summary=wire.summary_message(kept))

    async def ImportFeed(
        self, request: pb.ImportFeedRequest, context: Any
    ) -> pb.ImportFeedResponse:
        """Takes a feed in."""
        report = await feeds.import_feed(
            self._deps, request_key(request), caller().area, request.timetable_id,
            request.archive, request.phone, dry_run=request.dry_run,
        )  # fmt: skip
        return wire.report_message(report)

    async def DeleteTimetable(
        self, request: pb.DeleteTimetableRequest, context: Any
    ) -> pb.DeleteTimetableResponse:
        """Deletes a line or feed."""
        await timetables.delete_timetable(
            self._deps, request_key(request), caller().area, request.timetable_id,
            request.expected_version,
        )  # fmt: skip
        return pb.DeleteTimetableResponse()

    async def PreviewTimetable(
        self, request: pb.PreviewTimetableRequest, context: Any
    ) -> pb.PreviewTimetableResponse:
        """How many kept days ride a timetable."""
        told = await timetables.preview_timetable(
            self._deps, caller().area, request.timetable_id
        )  # fmt: skip
        return pb.PreviewTimetableResponse(plan_count=told.plans, plan_count_today=told.today)

    async def SetLiveAddresses(
        self, request: pb.SetLiveAddressesRequest, context: Any
    ) -> pb.SetLiveAddressesResponse:
        """Says where an operator tells of its runs as they go."""
        found = await live.set_live(
            self._deps, request_key(request), caller().area, request.timetable_id,
            wire_live.urls_of(request),
        )  # fmt: skip
        now = self._deps.clock.now()
        return pb.SetLiveAddressesResponse(
            addresses=[wire_live.address_message(each, now) for each in found]
        )

    async def GetLiveAddresses(
        self, request: pb.GetLiveAddressesRequest, context: Any
    ) -> pb.GetLiveAddressesResponse:
        """Where that is, and what became of asking."""
        found = await live.get_live(self._deps, caller().area, request.timetable_id)
        now = self._deps.clock.now()
        return pb.GetLiveAddressesResponse(
            addresses=[wire_live.address_message(each, now) for each in found]
        )

    async def GetWays(self, request: pb.GetWaysRequest, context: Any) -> pb.GetWaysResponse:
        """Reads known walks and taxis."""
        return wire.ways_message(*await ways.get_ways(self._deps, caller().area))

    async def SaveWays(self, request: pb.SaveWaysRequest, context: Any) -> pb.SaveWaysResponse:
        """Keeps known walks and taxis."""
        version = await ways.save_ways(
            self._deps, request_key(request), caller().area, wire.ways_of(request),
            request.expected_version, dry_run=request.dry_run,
        )  # fmt: skip
        return pb.SaveWaysResponse(version=version)
