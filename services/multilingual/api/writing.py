"""The gRPC door of what helps to write: decode, call the use case, encode."""

from typing import Any

from kit.roles import EDITORS
from kit.rpc import Allowed, Errors, caller
from meguri.multilingual.v1 import writing_service_pb2 as pb
from meguri.multilingual.v1 import writing_service_pb2_grpc as pb_grpc
from services.multilingual.api import ERRORS as GUIDE_ERRORS
from services.multilingual.app import aids
from services.multilingual.app.deps import Deps
from services.multilingual.domain.memory import Pair

NAME = "meguri.multilingual.v1.WritingService"
ALLOWED: Allowed = {"ReadWritingAids": EDITORS}
ERRORS: Errors = dict(GUIDE_ERRORS)


class WritingApi(pb_grpc.WritingServiceServicer):
    """Answers meguri.multilingual.v1.WritingService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadWritingAids(
        self, request: pb.ReadWritingAidsRequest, context: Any
    ) -> pb.ReadWritingAidsResponse:
        """What helps to write one text."""
        found = await aids.read_aids(
            self._deps, caller().area, request.stop_code, request.locale, request.words
        )
        return pb.ReadWritingAidsResponse(
            parts=[_part(each) for each in found.parts], found=map(_pair, found.found)
        )


def _part(part: aids.PartAids) -> pb.PartAids:
    return pb.PartAids(
        part=part.part,
        matches=[
            pb.MemoryMatch(pair=_pair(each.pair), percent=each.percent) for each in part.matches
        ],
        names=[pb.KnownName(pair=_pair(each), said=said) for each, said in part.names],
        remarks=[
            pb.TextRemark(kind=pb.RemarkKind.ValueType(each.kind), detail=each.detail)
            for each in part.remarks
        ],
    )


def _pair(pair: Pair) -> pb.MemoryPair:
    return pb.MemoryPair(
        stop_code=pair.stop_code, part=pair.part, source=pair.source, target=pair.target,
        machine_draft=pair.machine_draft,
    )  # fmt: skip
