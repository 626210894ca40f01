"""The gRPC door of help: decode, call the use case, encode."""

from typing import Any

import grpc

from kit import texts
from kit.pure.errors import InvalidFields
from kit.roles import ASSOCIATION, EVERYBODY
from kit.rpc import Allowed, Errors, caller, request_key
from meguri.multilingual.v1 import help_service_pb2 as pb
from meguri.multilingual.v1 import help_service_pb2_grpc as pb_grpc
from services.multilingual.api import help_messages as wire
from services.multilingual.app import help_desk
from services.multilingual.app import helping as requests
from services.multilingual.app.deps import Deps
from services.multilingual.domain import help as rules
from services.multilingual.domain.help import Act, Step
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_sent import Sent
from services.multilingual.domain.help_template import HelpTemplateUnknown
from services.multilingual.wire import moment

NAME = "meguri.multilingual.v1.HelpService"

ALLOWED: Allowed = {
    "RecordHelpRequests": EVERYBODY,
    "ReadHelpAnswer": EVERYBODY,
    "ReadHelpDesk": EVERYBODY,
    "SetHelpDesk": ASSOCIATION,
    "ListHelpRequests": ASSOCIATION,
    "ReadHelpRequest": ASSOCIATION,
    "ChangeHelpRequest": ASSOCIATION,
    "ListHelpTemplates": ASSOCIATION,
    "WriteHelpTemplate": ASSOCIATION,
}

ERRORS: Errors = {
    rules.HelpRequestUnknown: (grpc.StatusCode.NOT_FOUND, "HELP_REQUEST_UNKNOWN"),
    rules.HelpLinkUnknown: (grpc.StatusCode.NOT_FOUND, "HELP_LINK_UNKNOWN"),
    rules.HelpDeskFull: (grpc.StatusCode.RESOURCE_EXHAUSTED, "HELP_DESK_FULL"),
    rules.HelpStepRefused: (grpc.StatusCode.FAILED_PRECONDITION, "HELP_STEP_REFUSED"),
    rules.PlaceholderLeft: (grpc.StatusCode.FAILED_PRECONDITION, "PLACEHOLDER_LEFT"),
    HelpTemplateUnknown: (grpc.StatusCode.NOT_FOUND, "HELP_TEMPLATE_UNKNOWN"),
}


class HelpApi(pb_grpc.HelpServiceServicer):
    """Answers meguri.multilingual.v1.HelpService."""

    def __init__(self, deps: Deps) -> None:
        self._deps = deps

    async def RecordHelpRequests(
        self, request: pb.RecordHelpRequestsRequest, context: Any
    ) -> pb.RecordHelpRequestsResponse:
        """Takes help requests, each once."""
        done = await requests.record(
            self._deps, request_key(request), caller().area,
            [_sent(each) for each in request.help_requests],
        )  # fmt: skip
        return pb.RecordHelpRequestsResponse(
            recorded_count=done.recorded,
            repeated_count=done.repeated,
            rejected=[
                pb.HelpRejected(help_id=each.help_id, reason=each.reason) for each in done.rejected
            ],
        )

    async def ReadHelpAnswer(
        self, request: pb.ReadHelpAnswerRequest, context: Any
    ) -> pb.ReadHelpAnswerResponse:
        """What became of a request, for whoever has its secret."""
        found = await requests.read_answer(self._deps, caller().area, request.secret)
        return wire.answer_message(found)

    async def ReadHelpDesk(
        self, request: pb.ReadHelpDeskRequest, context: Any
    ) -> pb.ReadHelpDeskResponse:
        """Hours of the desk."""
        desk = await help_desk.read(self._deps, caller().area)
        return pb.ReadHelpDeskResponse(desk=wire.desk_message(desk))

    async def SetHelpDesk(
        self, request: pb.SetHelpDeskRequest, context: Any
    ) -> pb.SetHelpDeskResponse:
        """Sets the hours of the desk."""
        given = request.desk
        desk = Desk(
            tuple(given.weekdays), given.from_minute, given.until_minute, given.answer_days,
            given.keep_days, given.version,
        )  # fmt: skip
        kept = await help_desk.write(self._deps, request_key(request), caller().area, desk)
        return pb.SetHelpDeskResponse(desk=wire.desk_message(kept))

    async def ListHelpRequests(
        self, request: pb.ListHelpRequestsRequest, context: Any
    ) -> pb.ListHelpRequestsResponse:
        """The inbox."""
        found = await requests.list_requests(self._deps, caller().area, closed=request.closed)
        return pb.ListHelpRequestsResponse(
            help_requests=[
                wire.summary_message(each, found.desk, found.now) for each in found.requests
            ],
            waiting_count=found.waiting,
            overdue_count=found.overdue,
        )

    async def ReadHelpRequest(
        self, request: pb.ReadHelpRequestRequest, context: Any
    ) -> pb.ReadHelpRequestResponse:
        """One request with all its steps."""
        found = await requests.read(self._deps, caller().area, request.help_id)
        return pb.ReadHelpRequestResponse(
            summary=wire.summary_message(found.request, found.desk, found.now),
            text=found.request.text,
            contact=found.request.contact_at(found.now),
            steps=[wire.step_message(each) for each in found.steps],
        )

    async def ChangeHelpRequest(
        self, request: pb.ChangeHelpRequestRequest, context: Any
    ) -> pb.ChangeHelpRequestResponse:
        """One step with a request."""
        if int(request.act) not in {int(each) for each in Act}:
            raise InvalidFields([("act", "say what is to be done")])
        step = Step(
            Act(request.act), "", self._deps.clock.now(), request.text, request.locale,
            request.machine_draft, request.owner,
        )  # fmt: skip
        done = await requests.change(
            self._deps, request_key(request), caller().area, request.help_id, request.version,
            step, request.due_date,
        )  # fmt: skip
        return pb.ChangeHelpRequestResponse(
            help_id=done.help_id, state=pb.HelpState.ValueType(int(done.state)),
            version=done.version,
        )  # fmt: skip

    async def ListHelpTemplates(
        self, request: pb.ListHelpTemplatesRequest, context: Any
    ) -> pb.ListHelpTemplatesResponse:
        """The templates."""
        found = await help_desk.list_templates(self._deps, caller().area)
        return pb.ListHelpTemplatesResponse(
            templates=[wire.template_message(each) for each in found]
        )

    async def WriteHelpTemplate(
        self, request: pb.WriteHelpTemplateRequest, context: Any
    ) -> pb.WriteHelpTemplateResponse:
        """Words of a template in one language."""
        version = await help_desk.write_template(
            self._deps, request_key(request), caller().area, request.template_id, request.version,
            request.locale, request.text,
        )  # fmt: skip
        return pb.WriteHelpTemplateResponse(version=version)


def _sent(message: pb.HelpRequestSent) -> Sent:
    """Decodes a request. The guard leaves each part of such a batch to us (text_scope)."""
    try:
        texts.check(message)
        typed_card = False
    except texts.CardNumberTyped:
        typed_card = True
    except texts.TextTooLong:
        texts.blank(message)  # what is then missing is refused with a reason of its own
        typed_card = False
    return Sent(
        message.help_id, message.secret, message.topic, message.text, message.contact,
        message.stop_code, message.receipt_number, message.locale,
        moment(message.write_time) if message.HasField("write_time") else None, typed_card,
    )  # fmt: skip
