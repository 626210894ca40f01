"""What visitors asked for: the list of what to do next, marks on it, and their undo."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import EDITORS
from meguri.multilingual.v1 import asked_service_pb2 as pb
from meguri.multilingual.v1.asked_service_pb2_grpc import AskedServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id, sentence
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.studio import asked_list

PAGE = "/studio/asked"
OUTCOMES = {"done": pb.ASKED_OUTCOME_DONE, "put-off": pb.ASKED_OUTCOME_PUT_OFF}
PUT_OFF_DAYS: Mapping[str, Any] = {"7": _l("1 week"), "30": _l("1 month"), "90": _l("3 months")}
TOLD = frozenset({"INVALID_FIELDS", "TEXT_TOO_LONG", "CARD_NUMBER_TYPED"})

blueprint = Blueprint("asked", __name__)


@dataclass(frozen=True)
class Typed:
    """A mark that was refused: of which matter, what was typed, what is wrong with it."""

    matter: str = ""
    reason: str = ""
    days: str = ""
    wrong: dict[str, str] = field(default_factory=dict)


@blueprint.get(PAGE)
@requires(*EDITORS)
def page() -> str:
    """Shows what to do next, most useful first."""
    return _page(marked=request.args.get("marked", ""))


@blueprint.post(f"{PAGE}/marks")
@requires(*EDITORS)
def mark() -> Response | tuple[str, int]:
    """Says that a matter is done, or puts it off."""
    outcome = OUTCOMES.get(request.form.get("outcome", ""), pb.ASKED_OUTCOME_UNSPECIFIED)
    put_off = outcome == pb.ASKED_OUTCOME_PUT_OFF
    days = request.form.get("days", "") if put_off else ""
    reason = request.form.get("reason", "") if put_off else ""
    matter = read_matter(request.form)
    wanted = pb.MarkAskedRequest(
        request_id=form_request_id(), matter=matter, outcome=outcome, reason=reason,
        put_off_days=int(days) if days in PUT_OFF_DAYS else 0,
    )  # fmt: skip
    try:
        made = _asked().MarkAsked(wanted).mark
    except grpc.RpcError as error:
        refused = problem_of(error)
        if refused.reason not in TOLD:
            raise
        return _page(
            typed=Typed(
                asked_list.name_of(matter), reason, days, _explain(refused.reason, refused.fields)
            )
        ), 422
    return redirect(f"{PAGE}?marked={made.mark_id}", 303)


@blueprint.post(f"{PAGE}/marks/<mark_id>/take-back")
@requires(*EDITORS)
def take_back(mark_id: str) -> Response:
    """Takes a mark back: the undo."""
    _asked().TakeBackAskedMark(
        pb.TakeBackAskedMarkRequest(request_id=form_request_id(), mark_id=mark_id)
    )
    return redirect(PAGE, 303)


def read_matter(form: Mapping[str, str]) -> pb.AskedMatter:
    """Returns the matter a form is about; the guide decides whether there is such a one."""
    numbers = {name: number for number, name in asked_list.KINDS.items()}
    return pb.AskedMatter(
        kind=pb.AskedKind.ValueType(numbers.get(form.get("kind", ""), 0)),
        stop_code=form.get("stop_code", "")[:20], locale=form.get("locale", "")[:40],
    )  # fmt: skip


def where_to(item: pb.AskedItem) -> str:
    """Returns the address of the page where a matter is seen to."""
    matter = item.matter
    code, locale = quote(matter.stop_code, safe=""), quote(matter.locale, safe="")
    if matter.kind == pb.ASKED_KIND_UNLIKED_TEXT:
        return f"/studio/{code}/{locale}"
    if matter.kind == pb.ASKED_KIND_STRAY_CODE:
        own = quote(area().locales[0], safe="")
        return f"/studio/{code}/{own}" if item.stop_without_text else "/studio/signs"
    if matter.kind == pb.ASKED_KIND_LANGUAGE_BEHIND and item.wished_texts:
        return f"/studio/{quote(item.wished_texts[0].stop_code, safe='')}/{locale}"
    return "/studio"


def _page(marked: str = "", typed: Typed | None = None) -> str:
    found = asked_list.read()
    just = next((each for each in found.marks if each.mark_id == marked), None)
    return render_template(
        "studio/asked.html",
        found=found,
        just=just,
        typed=typed or Typed(),
        put_off_days=PUT_OFF_DAYS,
        kinds=asked_list.KINDS,
        asked=pb,
        where_to=where_to,
        name_of=asked_list.name_of,
        settled=asked_list.settled(found),
        new_request_id=new_request_id,
    )


def _explain(reason: str, fields: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Returns what is wrong by field; what is of no field is said at the top."""
    wrong = {}
    names = {name for name, _why in fields}
    if "reason" in names:
        wrong["reason"] = str(
            _("Say why in one line of at most 200 characters, without invisible marks.")
        )
    if "put_off_days" in names:
        wrong["days"] = str(_("Choose for how long."))
    if not wrong:
        notify("bad", str(sentence(reason.lower())))
    return wrong


def _asked() -> Any:
    return stub(AskedServiceStub)
