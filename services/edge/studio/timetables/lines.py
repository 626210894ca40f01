"""The pages of lines: the list, and one line as a grid of stops and runs."""

import re
import secrets
from dataclasses import dataclass
from datetime import date
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.pure.languages import LOCALES
from kit.pure.public_holidays import is_public_holiday
from kit.roles import ASSOCIATION
from meguri.itinerary.v1 import timetable_service_pb2 as pb
from meguri.itinerary.v1.timetable_service_pb2_grpc import TimetableServiceStub
from services.edge import kept_forms
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, day_there, locale, may
from services.edge.studio.timetables import (
    changes,
    checked,
    clock,
    departures,
    differences,
    ending,
    fields,
    known,
    merging,
    refused,
    riding,
    words,
)
from services.edge.studio.timetables.typed import Line, one_name
from services.edge.whole import read_whole

DEADLINE_S = 5.0  # of keeping a whole line
NEW = "new"
ID = "[a-z0-9][a-z0-9-]{0,79}"
MOST_OF_NAME = 40

blueprint = Blueprint("lines", __name__)


@dataclass
class Shown:
    """What the page of a line shows besides the line. kept: the line as it is kept, None for none.

    focus: id of what to look at next. unkept: something was typed. on: date of the preview.
    shared: ask whether what is said of a stop shall hold on other lines, too.
    """

    line: Line
    request_id: str
    kept: pb.Line | None = None
    found: checked.Checked | None = None
    differing: list[differences.Difference] | None = None
    focus: str = ""
    status: int = 200
    unkept: bool = True
    on: str = ""
    shared: bool = False


@blueprint.get("/studio/timetables")
@requires(*ASSOCIATION)
def page() -> str:
    """Shows lines and feeds, and what has to be confirmed again."""
    found, today = ending.read(), day_there()
    if (done := request.args.get("done", "")) in words.DONE:
        notify("warn" if done == "not-sure" else "ok", words.DONE[done])
    return render_template(
        "studio/timetables/list.html",
        rows=[(each, ending.of(each, today)) for each in found],
        due=ending.due(found, today), words=words, pb=pb,
    )  # fmt: skip


@blueprint.get("/studio/timetables/new")
@requires(*ASSOCIATION)
def begin() -> Response:
    """Shows the page of a line that nobody has kept yet; back_of: the way back of another one."""
    line, other = Line(), request.args.get("back_of", "")
    if re.fullmatch(ID, other):
        found = read(other)
        line = changes.backwards(fields.of_kept(found.line, found.version))
    if not line.days:
        changes.add_days(line)
    changes.add_run(line)
    return _page(Shown(fields.with_empty_fares(line), new_request_id(), unkept=False))


@blueprint.get("/studio/timetables/<timetable_id>")
@requires(*ASSOCIATION)
def one(timetable_id: str) -> Response:
    """Shows a line as it is kept."""
    found = read(timetable_id)
    line = fields.of_kept(found.line, found.version)
    done, lost = request.args.get("done", ""), read_whole(request.args.get("lost", "")) or 0
    if done in words.DONE:
        notify("ok", words.DONE[done])
    if lost:
        notify("warn", words.told_lost(lost))
    shown = Shown(
        line, new_request_id(), found.line, checked.Checked(found.line), unkept=False,
        on=request.args.get("on", ""),
    )  # fmt: skip
    return _page(shown)


@blueprint.post("/studio/timetables/<timetable_id>")
@requires(*ASSOCIATION)
def change(timetable_id: str) -> Response | Answer:
    """Does what a button of the page says; only one of them keeps anything."""
    form = request.form
    line = fields.read(form, "" if timetable_id == NEW else timetable_id)
    action = form.get("action", "")
    if action == "save":
        return _save(line, form_request_id())
    shown = Shown(line, form_request_id(), _kept(line), on=form.get("on", ""))
    if action == "stop-add":
        shown.focus = _add_stop(shown)
    elif action == "take-theirs" and shown.kept:
        _take_theirs(shown)
    elif action == "check":
        shown.found = checked.check(line, shown.kept)
        shown.focus, shown.status = _first_wrong(shown.found)
    else:
        shown.focus = changes.act(line, action, form)
        fields.with_empty_fares(line)
    return _page(shown)


@blueprint.post("/studio/timetables/<timetable_id>/delete")
@requires(*ASSOCIATION)
def delete(timetable_id: str) -> Answer:
    """Deletes a line or feed, once somebody said that they are sure."""
    if "sure" not in request.form:
        return redirect("/studio/timetables?done=not-sure", 303)
    wanted = pb.DeleteTimetableRequest(
        request_id=form_request_id(), timetable_id=timetable_id,
        expected_version=read_whole(request.form.get("version", ""), 18) or 0,
    )  # fmt: skip
    service().DeleteTimetable(wanted)
    return redirect("/studio/timetables?done=deleted", 303)


def _save(line: Line, request_id: str) -> Response | Answer:
    kept = _kept(line)
    found = checked.check(line, kept)
    found.line.timetable_id = line.timetable_id or _new_id(line, request_id)
    shown = Shown(line, request_id, kept, found)
    if found.wrong:
        shown.focus, shown.status = _first_wrong(found)
        return _page(shown)
    wanted = pb.SaveLineRequest(
        request_id=request_id, line=found.line, expected_version=line.version,
        update_shared_stops="share" in request.form,
    )  # fmt: skip
    try:
        made = service().SaveLine(wanted).summary
    except grpc.RpcError as error:
        return _refused(error, shown)
    lost = f"&lost={len(found.lost)}" if found.lost else ""
    return redirect(f"/studio/timetables/{made.timetable_id}?done=saved{lost}", 303)


def _refused(error: grpc.RpcError, shown: Shown) -> Response:
    if problem_of(error).reason == "VERSION_CONFLICT" and shown.line.timetable_id:
        return _conflict(shown)
    refused.told(error)
    shown.request_id = refused.next_id(error, shown.request_id)
    shown.shared = refused.has(error, "STOP_DIFFERS")
    shown.status = 422
    return _page(shown)


def _conflict(shown: Shown) -> Response:
    """Shows what a colleague kept meanwhile beside what was typed; keeping again is a decision."""
    newer = read(shown.line.timetable_id)
    theirs = fields.of_kept(newer.line, newer.version)
    shown.line.version = newer.version
    shown.differing = differences.between(theirs, shown.line, locale())
    shown.request_id, shown.kept = new_request_id(), newer.line
    shown.focus, shown.status = "conflict", 409
    return _page(shown)


def _take_theirs(shown: Shown) -> None:
    """Puts into the typed line what was ticked of the colleague's; what differs still is shown."""
    newer = read(shown.line.timetable_id)
    theirs = fields.of_kept(newer.line, newer.version)
    merging.take(theirs, shown.line, request.form.getlist("take"))
    fields.with_empty_fares(shown.line)
    shown.line.version, shown.kept = newer.version, newer.line
    shown.differing = differences.between(theirs, shown.line, locale())
    shown.focus, shown.unkept = "conflict", True


def _add_stop(shown: Shown) -> str:
    form, line = request.form, shown.line
    places, value = known.places(), form.get("add-place", "")
    stop = known.chosen(value, places, _other_stops(line)) if value else None
    names = fields.by_locale(form, "add-name-")
    if stop is None and not names.get("ja"):
        notify("bad", _("Choose a stop, or write the name of a new one."))
        return "add-place"
    if stop is None:
        stop = known.new_stop(names, form.get("add-point", "").strip()[:60])
    return changes.add_stop(line, stop, form.get("add-after", ""))


def _first_wrong(found: checked.Checked) -> tuple[str, int]:
    if not found.wrong:
        notify("ok", _("Nothing is wrong. It is not kept yet."))
        return "", 200
    return "wrong", 422


def _page(shown: Shown) -> Response:
    line, places = shown.line, known.places()
    others = _other_stops(line)
    by_id = {each.place_id: each for each in places}
    day = _day(shown.on)
    # What is previewed is what stands on the page, also before it is kept.
    looked = (shown.found or checked.check(line, shown.kept)).line
    body = render_template(
        "studio/timetables/line.html",
        line=line, shown=shown, wrong=shown.found.wrong if shown.found else {},
        groups=[
            *known.stop_group(_("Stops of other lines"), others, locale()),
            *known.place_groups(places, known.PLACE),
        ],
        unpublished={
            stop.key for stop in line.stops
            if (stop.place_id and not known.is_published(by_id.get(stop.place_id)))
            or not (stop.place_id or stop.point)
        },
        where=_where(line),
        confirmed=_confirmed(shown.kept), looked=departures.by_stop(looked, day), day=day,
        is_holiday=is_public_holiday(day), given=request.form,
        locales=_locales(), main_locales=_main_locales(), one_name=one_name, words=words,
        today=day_there(), new_id=new_request_id, riding=riding.count(line.timetable_id),
    )  # fmt: skip
    return make_response(body, shown.status)


def _where(line: Line) -> dict[str, str]:
    """Returns what fields of the grid are called in a list of what is wrong, by their id."""
    found: dict[str, str] = {}
    for number, run in enumerate(line.runs, start=1):
        name = _("Run %(num)s", num=number)
        found |= {f"run-days-{run.key}": name, f"run-of-{run.key}": name}
        for stop in line.stops:
            found[f"time-{run.key}-{stop.key}"] = f"{name}, {one_name(stop.names, locale())}"
    return found


def _confirmed(kept: pb.Line | None) -> dict[str, pb.Confirmation]:
    runs = kept.runs if kept else ()
    return {each.run_id: each.confirmation for each in runs if each.HasField("confirmation")}


def _other_stops(line: Line) -> list[pb.LineStop]:
    try:
        return known.other_stops(ending.read(), line.timetable_id)
    except grpc.RpcError:
        return []


def _kept(line: Line) -> pb.Line | None:
    """Returns the line as it is kept; None for a new one, and for one that was deleted."""
    if not line.timetable_id:
        return None
    try:
        return read(line.timetable_id).line
    except grpc.RpcError as error:
        if error.code() is not grpc.StatusCode.NOT_FOUND:
            raise
        return None


def _day(typed: str) -> date:
    try:
        found = clock.read_date(typed)
    except ValueError:
        found = ""
    return date.fromisoformat(found) if found else day_there()


def _new_id(line: Line, request_id: str) -> str:
    """Returns an id: of the English name, and of the request, so that a second tap has the same."""
    plain = re.sub(r"[^a-z0-9]+", "-", line.names.get("en", "").lower()).strip("-")[:MOST_OF_NAME]
    tail = re.sub(r"[^a-z0-9]", "", request_id.lower())[-5:] or secrets.token_hex(2)
    return f"{plain.strip('-') or 'line'}-{tail}"


def _main_locales() -> list[str]:
    return list(dict.fromkeys(("ja", "en")))


def _locales() -> list[str]:
    """Returns every locale a name may be in, those that everybody fills in first."""
    return list(dict.fromkeys((*_main_locales(), *area().locales, *LOCALES)))


def read(timetable_id: str) -> pb.GetLineResponse:
    """Errors: Problem not_found for what is no id; grpc.RpcError."""
    if not re.fullmatch(ID, timetable_id):
        raise Problem(404, "not_found")
    return service().GetLine(pb.GetLineRequest(timetable_id=timetable_id))


def _resume(kept: kept_forms.Kept, own: bool) -> Response | None:  # noqa: FBT001 - see Resume
    """Shows a line whose login had expired as it was typed; nothing of it was kept."""
    if not may(*ASSOCIATION):
        return None
    timetable_id = kept.path.rpartition("/")[2]
    form: Any = MultiDict(kept.fields)
    line = fields.read(form, "" if timetable_id == NEW else timetable_id)
    notify("warn", words.still_here())
    request_id = kept.first("request_id") if own else new_request_id()
    return _page(Shown(line, request_id, _kept(line)))


# A file cannot be kept: whoever sent a feed chooses it anew.
kept_forms.keep(f"/studio/timetables/(?!feed$){ID}", _resume)


def service() -> TimetableServiceStub:
    return stub(TimetableServiceStub, deadline_s=DEADLINE_S)
