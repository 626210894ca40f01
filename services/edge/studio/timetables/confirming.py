"""Confirming runs: who asked whom, when, and until when the times hold."""

from datetime import date, timedelta

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from services.edge import kept_forms
from services.edge.clients import new_request_id
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import day_there, locale, may
from services.edge.studio.timetables import clock, departures, fields, lines, refused, words
from services.edge.studio.timetables.typed import one_name
from services.edge.whole import read_whole

MOST_DAYS = 731  # as itinerary takes it: nobody knows today what runs in three years

blueprint = Blueprint("confirming", __name__)


@blueprint.get("/studio/timetables/<timetable_id>/confirm")
@requires(*ASSOCIATION)
def page(timetable_id: str) -> Response:
    """Shows the runs of a line, each with what its times rest on, and the form."""
    return _page(timetable_id, MultiDict())


@blueprint.post("/studio/timetables/<timetable_id>/confirm")
@requires(*ASSOCIATION)
def confirm(timetable_id: str) -> Response | Answer:
    """Confirms the chosen runs, or has them assumed again."""
    form = request.form
    undo = form.get("action") == "assume"
    runs = [each[:80] for each in form.getlist("run")]
    said = pb.Confirmation()
    wrong: dict[str, str] = {}
    if not undo:
        said, wrong = read(form, day_there())
    if not runs:
        wrong = {"runs": _("Tick the runs that are meant.")} | wrong
    if wrong:
        return _page(timetable_id, form, wrong, 422)
    wanted = pb.ConfirmRunsRequest(
        request_id=form_request_id(), timetable_id=timetable_id, run_ids=runs,
        expected_version=read_whole(form.get("version", ""), 18) or 0,
    )  # fmt: skip
    if not undo:
        wanted.confirmation.CopyFrom(said)
    try:
        lines.service().ConfirmRuns(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason == "VERSION_CONFLICT":
            notify("warn", changed_meanwhile())
            return _page(timetable_id, form, status=409)
        refused.told(error)
        return _page(timetable_id, form, status=422)
    done = "assumed" if undo else "confirmed"
    return redirect(f"/studio/timetables/{timetable_id}/confirm?done={done}", 303)


def read(form: fields.Form, today: date) -> tuple[pb.Confirmation, dict[str, str]]:
    """Reads who confirmed it when and until when, and what is wrong with it by field."""
    wrong: dict[str, str] = {}
    dates: dict[str, str] = {}
    for name in ("confirmed", "until"):
        try:
            dates[name] = clock.read_date(form.get(name, ""))
        except ValueError:
            dates[name] = ""
        if not dates[name]:
            wrong[f"f-{name}"] = _("Write the date as 2026-12-31.")
    by = form.get("by", "").strip()[:200]
    if not by:
        wrong["f-by"] = _("Write who asked whom, such as: Sato, by telephone with the operator.")
    if dates["confirmed"] > today.isoformat():
        wrong["f-confirmed"] = _("This day is still to come.")
    if not wrong and dates["until"] < dates["confirmed"]:
        wrong["f-until"] = _("It ends before it was confirmed.")
    if not wrong and _days(dates["confirmed"], dates["until"]) > MOST_DAYS:
        wrong["f-until"] = _("At most two years: timetables are made anew every year.")
    said = pb.Confirmation(
        confirmed_by=by, confirmed_date=dates["confirmed"], until_date=dates["until"]
    )
    return said, wrong


def changed_meanwhile() -> str:
    """Returns what to say where the times are others than those that were looked at."""
    return str(
        _("A colleague changed this line meanwhile. Look at the times again, then confirm them.")
    )


def _days(first: str, last: str) -> int:
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def _page(
    timetable_id: str, form: fields.Form, wrong: dict[str, str] | None = None, status: int = 200
) -> Response:
    found = lines.read(timetable_id)
    line, today = found.line, day_there()
    done = request.args.get("done", "")
    if done in words.DONE:
        notify("ok", words.DONE[done])
    chosen = set(form.getlist("run")) if form else {each.run_id for each in line.runs}
    body = render_template(
        "studio/timetables/confirm.html",
        line=line, version=found.version, title=one_name(dict(line.names), locale()),
        rows=[
            (
                each, *departures.summary(each, list(line.stops), locale()),
                words.days_of(each.days), departures.basis_on(each, today),
            )
            for each in line.runs
        ],
        chosen=chosen, form=form, wrong=wrong or {}, today=today,
        until=form.get("until") or _season_end(today).isoformat(),
        request_id=new_request_id() if status == 409 or not form else form["request_id"],
        undo_id=new_request_id(), words=words,
    )  # fmt: skip
    return make_response(body, status)


def _season_end(today: date) -> date:
    """Returns the end of the fiscal year: Japanese timetables change in spring."""
    end = date(today.year, 3, 31)
    return end if end - today > timedelta(days=30) else date(today.year + 1, 3, 31)


def _resume(kept: kept_forms.Kept, own: bool) -> Response | None:  # noqa: FBT001 - see Resume
    if not may(*ASSOCIATION):
        return None
    notify("warn", words.still_here())
    form = MultiDict(kept.fields)
    form["request_id"] = kept.first("request_id") if own else new_request_id()
    return _page(kept.path.split("/")[3], form)


kept_forms.keep(f"/studio/timetables/{lines.ID}/confirm", _resume)
