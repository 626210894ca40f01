"""The gRPC door of insights: decode, call the use case, encode."""

from typing import Any

from kit.roles import ANALYSTS, AUDITORS, FEEDBACK_READERS
from kit.rpc import Allowed, Errors, caller
from meguri.insights.v1 import insights_service_pb2 as pb
from meguri.insights.v1 import insights_service_pb2_grpc as pb_grpc
from services.insights import wire
from services.insights.app import feedback, reading
from services.insights.app.deps import Deps

NAME = "meguri.insights.v1.InsightsService"

ALLOWED: Allowed = {
    "ReadToday": ANALYSTS,
    "ReadDay": ANALYSTS,
    "ReadRange": ANALYSTS,
    "ReadAgreement": ANALYSTS,
    "ReadFeedback": FEEDBACK_READERS,
    "ListUnlikedTexts": FEEDBACK_READERS,
}

ERRORS: Errors = {}  # bad dates are InvalidFields, which every service maps the same way


class InsightsApi(pb_grpc.InsightsServiceServicer):
    """Answers meguri.insights.v1.InsightsService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def ReadToday(self, request: pb.ReadTodayRequest, context: Any) -> pb.ReadTodayResponse:
        """The running day."""
        day = await reading.read_today(self._deps, caller().area, books=_keeps_books())
        return pb.ReadTodayResponse(day=wire.day_message(day))

    async def ReadDay(self, request: pb.ReadDayRequest, context: Any) -> pb.ReadDayResponse:
        """One day."""
        day = await reading.read_day(self._deps, caller().area, request.date, books=_keeps_books())
        return pb.ReadDayResponse(day=wire.day_message(day))

    async def ReadRange(self, request: pb.ReadRangeRequest, context: Any) -> pb.ReadRangeResponse:
        """Totals of each day."""
        found = await reading.read_range(
            self._deps, caller().area, request.from_date, request.until_date,
            books=_keeps_books(),
        )  # fmt: skip
        return wire.range_message(found)

    async def ReadAgreement(
        self, request: pb.ReadAgreementRequest, context: Any
    ) -> pb.ReadAgreementResponse:
        """Exact totals to compare with the owners'."""
        found = await reading.read_agreement(
            self._deps, caller().area, request.from_date, request.until_date,
            books=_keeps_books(),
        )  # fmt: skip
        return pb.ReadAgreementResponse(days=[wire.agreement_message(each) for each in found])

    async def ReadFeedback(
        self, request: pb.ReadFeedbackRequest, context: Any
    ) -> pb.ReadFeedbackResponse:
        """What visitors said in a month."""
        found = await feedback.read_feedback(self._deps, caller().area, request.month)
        return wire.feedback_message(found)

    async def ListUnlikedTexts(
        self, request: pb.ListUnlikedTextsRequest, context: Any
    ) -> pb.ListUnlikedTextsResponse:
        """Texts that few like."""
        found = await feedback.list_unliked(
            self._deps, caller().area, wire.since_values(request.since)
        )
        return pb.ListUnlikedTextsResponse(texts=[wire.unliked_message(each) for each in found])


def _keeps_books() -> bool:
    return not caller().roles.isdisjoint(AUDITORS)
