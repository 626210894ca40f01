"""The gRPC door of the tour: decode, call the use case, encode."""

from enum import IntEnum
from typing import Any, TypeVar

import grpc

from kit.pure.errors import InvalidFields
from kit.roles import ASSOCIATION, EDITORS
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import multilingual_service_pb2 as guide_pb
from meguri.multilingual.v1 import tour_service_pb2 as pb
from meguri.multilingual.v1 import tour_service_pb2_grpc as pb_grpc
from services.multilingual import wire
from services.multilingual.app import tour
from services.multilingual.app.deps import Deps
from services.multilingual.app.tour import Arranged, NewStop
from services.multilingual.domain import tour as rules
from services.multilingual.domain.guide import Group
from services.multilingual.domain.stop_code import StopCodeMistyped, StopCodeUnknown
from services.multilingual.domain.tour import RetireReason

NAME = "meguri.multilingual.v1.TourService"

E = TypeVar("E", bound=IntEnum)

ALLOWED: Allowed = {
    "ReadTour": EDITORS,
    "AddStop": ASSOCIATION,
    "MoveStop": ASSOCIATION,
    "PlaceStop": ASSOCIATION,
    "PreviewRetirement": EDITORS,
    "RetireStop": ASSOCIATION,
    "BringBackStop": ASSOCIATION,
}

ERRORS: Errors = {
    StopCodeMistyped: (grpc.StatusCode.INVALID_ARGUMENT, "STOP_CODE_MISTYPED"),
    StopCodeUnknown: (grpc.StatusCode.NOT_FOUND, "STOP_CODE_UNKNOWN"),
    rules.TourFull: (grpc.StatusCode.FAILED_PRECONDITION, "TOUR_FULL"),
    rules.PlaceTaken: (grpc.StatusCode.FAILED_PRECONDITION, "PLACE_TAKEN"),
    rules.StopRetired: (grpc.StatusCode.FAILED_PRECONDITION, "STOP_RETIRED"),
    rules.StopNotRetired: (grpc.StatusCode.FAILED_PRECONDITION, "STOP_NOT_RETIRED"),
    rules.LastStop: (grpc.StatusCode.FAILED_PRECONDITION, "LAST_STOP"),
}


class TourApi(pb_grpc.TourServiceServicer):
    """Answers meguri.multilingual.v1.TourService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadTour(self, request: pb.ReadTourRequest, context: Any) -> pb.ReadTourResponse:
        """All stops in order, and what was done."""
        found = await tour.read_tour(self._deps, caller().area)
        source = found.settings.source_locale
        return pb.ReadTourResponse(
            stops=[_stop(each) for each in found.stops],
            sections=[
                pb.TourSection(section_id=each.section_id, name=each.names.get(source, ""))
                for each in found.sections
            ],
            source_locale=source,
            steps=[
                pb.TourStep(
                    stop_code=each.stop_code, act=pb.TourAct.ValueType(int(each.act)),
                    author=each.author, step_time=wire.timestamp(each.step_time),
                )
                for each in found.steps
            ],
        )  # fmt: skip

    async def AddStop(self, request: pb.AddStopRequest, context: Any) -> pb.AddStopResponse:
        """A stop with a code of its own."""
        done = await tour.add_stop(
            self._deps, request_key(request), caller().area,
            NewStop(
                request.place_id, _known(Group, request.group, "group"), request.kind,
                request.section_id, request.after_stop_code, _meters(request), request.name,
                request.reading,
            ),
        )  # fmt: skip
        return pb.AddStopResponse(stop=_stop(done.arranged))

    async def MoveStop(self, request: pb.MoveStopRequest, context: Any) -> pb.MoveStopResponse:
        """Another place in the order."""
        done = await tour.move_stop(
            self._deps, request_key(request), caller().area, request.stop_code,
            request.after_stop_code,
        )  # fmt: skip
        return pb.MoveStopResponse(
            before_after_stop_code=done.followed, change_number=done.change_number
        )

    async def PlaceStop(self, request: pb.PlaceStopRequest, context: Any) -> pb.PlaceStopResponse:
        """Where it lies and what it is."""
        done = await tour.place_stop(
            self._deps, request_key(request), caller().area, request.stop_code, request.kind,
            request.section_id, _meters(request),
        )  # fmt: skip
        return pb.PlaceStopResponse(before=_stop(done.before), change_number=done.change_number)

    async def PreviewRetirement(
        self, request: pb.PreviewRetirementRequest, context: Any
    ) -> pb.PreviewRetirementResponse:
        """What retiring it would touch."""
        found = await tour.preview_retirement(self._deps, caller().area, request.stop_code)
        return pb.PreviewRetirementResponse(
            stop=_stop(found.arranged), sheet_hangs=found.sheet_hangs,
            sheet_printed=found.sheet_printed, renumbered_stop_codes=found.renumbered,
            previous_stop_code=found.previous, next_stop_code=found.next,
            recorded_locales=found.recorded, draft_locales=found.drafts,
            forwarded_stop_codes=found.forwarded, published_locales=found.published,
        )  # fmt: skip

    async def RetireStop(
        self, request: pb.RetireStopRequest, context: Any
    ) -> pb.RetireStopResponse:
        """Out of the guide; its code leads on."""
        done = await tour.retire_stop(
            self._deps, request_key(request), caller().area, request.stop_code,
            request.target_stop_code, _known(RetireReason, request.reason, "reason"),
        )  # fmt: skip
        return pb.RetireStopResponse(stop=_stop(done.arranged), change_number=done.change_number)

    async def BringBackStop(
        self, request: pb.BringBackStopRequest, context: Any
    ) -> pb.BringBackStopResponse:
        """Into the guide again: the undo."""
        done = await tour.bring_back_stop(
            self._deps, request_key(request), caller().area, request.stop_code
        )
        return pb.BringBackStopResponse(stop=_stop(done.arranged), change_number=done.change_number)


def _known(kind: type[E], number: int, field: str) -> E:
    try:
        return kind(number)
    except ValueError:
        raise InvalidFields([(field, "choose one")]) from None


def _meters(request: Any) -> int | None:
    return request.route_m if request.HasField("route_m") else None


def _stop(arranged: Arranged) -> pb.TourStop:
    stop, out = arranged.stop, arranged.stop.retired
    return pb.TourStop(
        stop_code=stop.stop_code, place_id=stop.place_id,
        group=guide_pb.StopGroup.ValueType(int(stop.group)), kind=stop.kind,
        section_id=stop.section_id, route_m=stop.route_m, name=arranged.name,
        published=arranged.published and out is None,
        retire_time=wire.timestamp(out.retire_time) if out else None,
        target_stop_code=arranged.leads_to,
        retire_reason=pb.RetireReason.ValueType(int(out.reason) if out else 0),
    )  # fmt: skip
