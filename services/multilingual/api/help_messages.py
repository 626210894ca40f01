"""Between protobuf and the values of help; shared by the doors."""

from datetime import datetime

from meguri.multilingual.v1 import help_service_pb2 as pb
from services.multilingual.app.helping import Read
from services.multilingual.domain.help import HelpRequest, Step
from services.multilingual.domain.help_desk import Desk
from services.multilingual.domain.help_template import Template
from services.multilingual.wire import timestamp


def summary_message(request: HelpRequest, desk: Desk, now: datetime) -> pb.HelpSummary:
    """Encodes a request as it stands in a list."""
    standing = request.standing
    return pb.HelpSummary(
        help_id=request.help_id,
        topic=pb.HelpTopic.ValueType(int(request.topic)),
        state=pb.HelpState.ValueType(int(standing.state)),
        owner=standing.owner,
        locale=request.locale,
        stop_code=request.stop_code,
        receipt_number=request.receipt_number,
        arrive_time=timestamp(request.arrive_time),
        due_time=timestamp(standing.due_time),
        overdue=request.is_overdue(now),
        has_contact=bool(request.contact_at(now)),
        close_time=timestamp(standing.close_time),
        erase_time=timestamp(request.erase_time(desk)),
        version=standing.version,
    )


def step_message(step: Step) -> pb.HelpStep:
    """Encodes a step."""
    return pb.HelpStep(
        act=pb.HelpAct.ValueType(int(step.act)),
        author=step.author,
        step_time=timestamp(step.step_time),
        text=step.text,
        locale=step.locale,
        machine_draft=step.machine_draft,
        owner=step.owner,
        due_time=timestamp(step.due_time),
    )


def answer_message(read: Read) -> pb.ReadHelpAnswerResponse:
    """Encodes what a visitor reads behind the link: no names, no notes of the staff."""
    request = read.request
    return pb.ReadHelpAnswerResponse(
        topic=pb.HelpTopic.ValueType(int(request.topic)),
        state=pb.HelpState.ValueType(int(request.standing.state)),
        text=request.text,
        arrive_time=timestamp(request.arrive_time),
        due_time=timestamp(request.standing.due_time),
        answers=[
            pb.HelpAnswer(
                text=each.text, locale=each.locale, machine_draft=each.machine_draft,
                answer_time=timestamp(each.step_time),
            )
            for each in read.steps
        ],
        expire_time=timestamp(request.link_expire_time()),
    )  # fmt: skip


def desk_message(desk: Desk) -> pb.HelpDesk:
    """Encodes a desk."""
    return pb.HelpDesk(
        weekdays=desk.weekdays, from_minute=desk.from_minute, until_minute=desk.until_minute,
        answer_days=desk.answer_days, keep_days=desk.keep_days, version=desk.version,
    )  # fmt: skip


def template_message(template: Template) -> pb.HelpTemplate:
    """Encodes a template."""
    return pb.HelpTemplate(
        template_id=template.template_id,
        topic=pb.HelpTopic.ValueType(template.topic),
        texts=[
            pb.HelpTemplateText(locale=locale, text=text, machine_draft=locale in template.drafts)
            for locale, text in template.texts.items()
        ],
        version=template.version,
    )
