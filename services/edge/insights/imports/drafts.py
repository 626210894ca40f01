"""A draft: the file as it was read, what each row would become, what somebody corrects, and
keeping."""

from dataclasses import dataclass, field

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ANALYSTS
from meguri.insights.v1 import import_service_pb2 as pb
from services.edge.clients import new_request_id
from services.edge.errors import form_request_id, sentence
from services.edge.insights.imports import mapped, words
from services.edge.insights.imports.calls import FILE_DEADLINE_S, service, signed
from services.edge.insights.lines import line
from services.edge.insights.present import local
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.whole import read_whole

PAGE = "/insights/imports"
MOST_NOTE = 200

blueprint = Blueprint("import_drafts", __name__)


@dataclass
class Typed:
    """What somebody typed to keep a draft. wrong: sentences by the id of their field."""

    source: str = ""
    name: str = ""
    leave_out: bool = False
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(f"{PAGE}/drafts/<draft_id>")
@requires(*ANALYSTS)
def page(draft_id: str) -> Response:
    """What a draft would become; the form of a sheet asks again with another mapping."""
    given = request.args
    named = line(given.get("use", ""), mapped.MOST_NAME)
    found = _read(draft_id, None if named else mapped.read(given), named)
    return _page(found, Typed(name=found.statistics.mapping_name or named))


@blueprint.post(f"{PAGE}/drafts/<draft_id>")
@requires(*ANALYSTS)
def decide(draft_id: str) -> Response | Answer:
    """Keeps a draft or throws it away."""
    request_id, form = form_request_id(), request.form
    if form.get("action") == "drop":
        service().DropImportDraft(
            pb.DropImportDraftRequest(request_id=request_id, draft_id=draft_id)
        )
        return redirect(f"{PAGE}?done=dropped", 303)
    mapping = mapped.read(form)
    typed = Typed(
        line(form.get("source", ""), MOST_NOTE + 1),
        line(form.get("name", ""), mapped.MOST_NAME + 1),
        "leave_out" in form,
    )  # fmt: skip
    found = _read(draft_id, mapping, "")
    _check(typed, found)
    if typed.wrong:
        return _page(found, typed, request_id, 422)
    asked = pb.KeepImportRequest(
        request_id=request_id, draft_id=draft_id, mapping=mapping,
        expected_version=read_whole(form.get("version", ""), 18) or 0, mapping_name=typed.name,
        source_note=typed.source, signed_as=signed(), leave_out=typed.leave_out,
    )  # fmt: skip
    try:
        made = service(FILE_DEADLINE_S).KeepImport(asked)
    except grpc.RpcError as error:
        return _refused(found, typed, request_id, error)
    return redirect(f"{PAGE}?done=kept&count={made.kept_count}", 303)


def _check(typed: Typed, found: pb.ReadImportDraftResponse) -> None:
    if found.HasField("statistics") and not typed.source:
        typed.wrong["f-source"] = _("Say where the figures are from.")
    if len(typed.source) > MOST_NOTE:
        typed.wrong["f-source"] = _("At most 200 characters.")
    if len(typed.name) > mapped.MOST_NAME:
        typed.wrong["f-name"] = _("At most 60 characters.")
    if found.rejected_count and not typed.leave_out:
        typed.wrong["f-leave_out"] = _("Some rows cannot be used. Tick that they may be left out.")


def _refused(
    found: pb.ReadImportDraftResponse, typed: Typed, request_id: str, error: grpc.RpcError
) -> Response:
    reason = problem_of(error).reason
    if reason == "VERSION_CONFLICT":
        notify("warn", _("Somebody else imported something meanwhile. Look at it again."))
        mapping = found.statistics.mapping if found.HasField("statistics") else None
        return _page(_read(found.draft_id, mapping, ""), typed, new_request_id(), 409)
    if reason in {"TEXT_TOO_LONG", "CARD_NUMBER_TYPED"}:
        typed.wrong["form"] = str(sentence(reason.lower()))  # beside what was typed
        return _page(found, typed, request_id, 422)
    if reason in {"INVALID_FIELDS", "NOTHING_NEW"}:
        typed.wrong["form"] = (
            _("Everything in this file is kept already, as it is.") if reason == "NOTHING_NEW"
            else _("This cannot be kept. Look at each entry again; nothing was changed.")
        )  # fmt: skip
        return _page(found, typed, request_id, 422)
    raise error


def _read(draft_id: str, mapping: pb.SheetMapping | None, name: str) -> pb.ReadImportDraftResponse:
    asked = pb.ReadImportDraftRequest(draft_id=draft_id, mapping=mapping, mapping_name=name)
    found: pb.ReadImportDraftResponse = service(FILE_DEADLINE_S).ReadImportDraft(asked)
    return found


def _page(
    found: pb.ReadImportDraftResponse, typed: Typed, request_id: str = "", status: int = 200
) -> Response:
    sheet = found.statistics if found.HasField("statistics") else None
    body = render_template(
        "insights/imports_draft.html", found=found, sheet=sheet, typed=typed, words=words, pb=pb,
        weather=found.weather if found.HasField("weather") else None,
        wrong=typed.wrong | (mapped.wrong(sheet) if sheet else {}),
        fields=mapped.fields(sheet.mapping) if sheet else {},
        lines=mapped.lines(sheet) if sheet else [],
        sheet_choices=mapped.same(sheet.sheets) if sheet else [],
        unit_choices=[(str(code), word) for code, word in words.SHEET_UNITS.items()],
        aside=[each for each in sheet.columns if each.fate not in _SHOWN] if sheet else [],
        differing=[each for each in sheet.totals if not each.agrees] if sheet else [],
        compared=sum(bool(each.summed) for each in sheet.totals) if sheet else 0,
        rows={each.at: each for each in sheet.rows} if sheet else {},
        width=max((len(row.cells) for row in sheet.head), default=0) if sheet else 0,
        until=local(found.until_time, area().time_zone),
        before=local(found.kept_before_time, area().time_zone)
        if found.HasField("kept_before_time") else None,
        request_id=request_id or new_request_id(),
    )  # fmt: skip
    return make_response(body, status)


_SHOWN = frozenset({pb.ROW_FATE_TAKEN, pb.ROW_FATE_HEADING, pb.ROW_FATE_BLANK})
