"""The gRPC door of questions: decode, call the use case, encode."""

from typing import Any

from kit.roles import ANALYSTS
from kit.rpc import Allowed, Errors, caller
from meguri.insights.v1 import query_service_pb2 as pb
from meguri.insights.v1 import query_service_pb2_grpc as pb_grpc
from services.insights.app import query
from services.insights.app.deps import Deps
from services.insights.app.reading import span_of
from services.insights.wire import query as wire

NAME = "meguri.insights.v1.QueryService"

ALLOWED: Allowed = {"Ask": ANALYSTS, "AskMany": ANALYSTS, "Relate": ANALYSTS}

ERRORS: Errors = {}


class QueryApi(pb_grpc.QueryServiceServicer):
    """Answers meguri.insights.v1.QueryService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def Ask(self, request: pb.AskRequest, context: Any) -> pb.AskResponse:
        """An answer."""
        found = await query.ask(self._deps, caller().area, wire.question_of(request))
        return wire.answer_message(found)

    async def AskMany(self, request: pb.AskManyRequest, context: Any) -> pb.AskManyResponse:
        """Several answers."""
        questions = [wire.question_of(each) for each in request.questions]
        found = await query.ask_many(self._deps, caller().area, questions)
        return pb.AskManyResponse(answers=[wire.answer_message(each) for each in found])

    async def Relate(self, request: pb.RelateRequest, context: Any) -> pb.RelateResponse:
        """Two measures from day to day."""
        found = await query.relate(
            self._deps, caller().area, wire.compared_of("first", request.first),
            wire.compared_of("second", request.second),
            span_of(request.from_date, request.until_date), wire.filter_of(request.only),
        )  # fmt: skip
        return wire.together_message(found)
