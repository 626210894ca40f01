"""One POI: its form, what its hours mean in the weeks to come, its names, retiring it."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.pure.languages import LOCALES
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge import kept_forms
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area, day_there, may
from services.edge.studio.pois import checked, differences, hours, kept, typed, words
from services.edge.studio.timetables import known, refused
from services.edge.studio.timetables import words as point_words
from services.edge.whole import read_whole

PREVIEW_DAYS = 28
# Fields of the service that have another name on the page.
ON_PAGE = {
    "opening": "notation", "last_entry": "f-last-entry", "stay_min_minutes": "f-stay-min",
    "score": "f-score", "fees": "f-fee-adult", "texts": "t-summary-ja",
}  # fmt: skip

blueprint = Blueprint("poi_sheets", __name__)


@dataclass
class Shown:
    """What the page shows beside what is kept. focus: id of what to look at first."""

    sheet: typed.Typed
    request_id: str
    found: checked.Checked | None = None
    differing: list[differences.Difference] = field(default_factory=list)
    focus: str = ""
    status: int = 200


@blueprint.get("/studio/pois/<path:poi_id>")
@requires(*ASSOCIATION)
def page(poi_id: str) -> Response:
    """Shows what is kept of a POI, or how it was before, to be kept again."""
    file, today = kept.one(poi_id), day_there()
    done = request.args.get("done", "")
    if done in words.DONE:
        notify("ok", words.DONE[done])
    if lost := [each for each in request.args.getlist("lost") if each in words.FIELDS]:
        notify("warn", words.told_lost(lost))
    wanted = read_whole(request.args.get("version", ""), 18)
    before = next((each for each in file.versions if each.version == wanted), None)
    sheet = typed.of_record(before.record if before else file.poi.record, file.poi, today)
    if before:
        notify("warn", _("This is how it was before. Nothing is changed until you keep it."))
    return _page(file, Shown(sheet, new_request_id()))


@blueprint.post("/studio/pois/<path:poi_id>")
@requires(*ASSOCIATION)
def change(poi_id: str) -> Response | Answer:
    """Does what a button of the page says; only one of them keeps anything."""
    file, form = kept.one(poi_id), request.form
    shown = Shown(typed.read(form), form_request_id())
    action = form.get("action", "")
    if action == "save":
        return _save(file, shown)
    if action == "check":
        shown.found = checked.check(shown.sheet, file.poi, day_there())
        shown.focus = "wrong" if shown.found.wrong else "preview"
    else:
        shown.focus = typed.act(shown.sheet, action)
    return _page(file, shown)


@blueprint.post("/studio/pois/<path:poi_id>/names")
@requires(*ASSOCIATION)
def name(poi_id: str) -> Response | Answer:
    """Keeps what the place of a POI is called."""
    file, form = kept.one(poi_id), request.form
    names = {
        locale: said
        for locale in LOCALES
        if (said := " ".join(form.get(f"name-{locale}", "").split())[:200])
    }
    wanted = directory_pb.RenameStopPlaceRequest(
        request_id=form_request_id(), place_id=file.poi.record.place_id, names=names,
        kana=form.get("kana", "").strip()[:200],
        version=read_whole(form.get("version", ""), 18) or 0,
    )  # fmt: skip
    try:
        stub(DirectoryServiceStub).RenameStopPlace(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            refused.told(error)
            status = 422
        else:
            notify("warn", _("A colleague changed this place meanwhile. Look at the names again."))
            status = 409
        sheet = typed.of_kept(file.poi, day_there())
        return _page(file, Shown(sheet, new_request_id(), focus="names", status=status))
    return redirect(f"/studio/pois/{poi_id}?done=named", 303)


@blueprint.post("/studio/pois/<path:poi_id>/retire")
@requires(*ASSOCIATION)
def retire(poi_id: str) -> Response | Answer:
    """Takes a POI away from visitors, or brings it back."""
    form, file = request.form, kept.one(poi_id)
    back = form.get("action") == "bring-back"
    sheet = typed.of_kept(file.poi, day_there())
    if not back and "sure" not in form:
        notify("warn", _("Nothing was changed: say first that you are sure."))
        return _page(file, Shown(sheet, new_request_id(), focus="retire", status=422))
    try:
        kept.service().RetirePoi(
            pb.RetirePoiRequest(
                request_id=form_request_id(), poi_id=poi_id, bring_back=back,
                note="" if back else " ".join(form.get("note", "").split())[:200],
                expected_version=read_whole(form.get("version", ""), 18) or 0,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            raise
        notify("warn", _("A colleague changed this meanwhile. Look at it again, then decide."))
        return _page(file, Shown(sheet, new_request_id(), focus="retire", status=409))
    if back:
        return redirect(f"/studio/pois/{poi_id}?done=back", 303)
    return redirect("/studio/pois?done=retired", 303)


def _save(file: pb.GetPoiResponse, shown: Shown) -> Response | Answer:
    sheet = shown.sheet
    found = shown.found = checked.check(sheet, file.poi, day_there())
    if found.wrong:
        shown.focus, shown.status = "wrong", 422
        return _page(file, shown)
    try:
        made = kept.service().SavePoi(
            pb.SavePoiRequest(
                request_id=shown.request_id, record=found.record, confirmations=found.said,
                expected_version=sheet.version, draft=sheet.draft,
            )
        )  # fmt: skip
    except grpc.RpcError as error:
        return _refused(file, shown, error)
    poi_id, same = file.poi.record.poi_id, made.version == file.poi.version
    done = "as-was" if same else "draft" if sheet.draft else "saved"
    lost = "".join(f"&lost={each}" for each in found.lost)
    return redirect(f"/studio/pois/{poi_id}?done={done}{lost}", 303)


def _refused(file: pb.GetPoiResponse, shown: Shown, error: grpc.RpcError) -> Response:
    problem = problem_of(error)
    if problem.reason == "VERSION_CONFLICT" and shown.found:
        newer = kept.one(file.poi.record.poi_id)
        shown.differing = differences.between(newer.poi.record, shown.found.record)
        shown.sheet.version, shown.request_id = newer.poi.version, new_request_id()
        shown.focus, shown.status = "conflict", 409
        return _page(newer, shown)
    refused.told(error)
    if shown.found:
        for path, why in problem.fields:
            if path in ON_PAGE:
                shown.found.wrong.setdefault(ON_PAGE[path], _fault(path, why))
    shown.request_id = refused.next_id(error, shown.request_id)
    shown.focus, shown.status = "wrong", 422
    return _page(file, shown)


def _fault(path: str, why: str) -> str:
    if path == "opening":
        return str(_("This notation cannot be read: %(why)s", why=why.rpartition(" [")[0]))
    return str(_("This cannot be kept so. Look at it again."))


def _page(file: pb.GetPoiResponse, shown: Shown) -> Response:
    sheet, today = shown.sheet, day_there()
    place = kept.place_of(file.poi)
    days, fault = _preview(sheet, today)
    wrong = dict(shown.found.wrong) if shown.found else {}
    if fault:
        wrong.setdefault("notation", fault)
    by_id = {each.field: each for each in file.poi.confirmations}
    body = render_template(
        "studio/pois/sheet.html",
        file=file, poi=file.poi, sheet=sheet, shown=shown, wrong=wrong, place=place,
        title=words.name_of(place.names if place else file.poi.names, file.poi.record.poi_id),
        published=known.is_published(place), quality=point_words.quality_of(place) if place else "",
        weeks=_weeks(days), today=today, confirmed=by_id, words=words, hours=hours, pb=pb,
        places=known.place_groups(known.places()), locales=_locales(),
        directory_pb=directory_pb, main_locales=("ja", "en"), new_id=new_request_id,
        where=_where(sheet),
    )  # fmt: skip
    return make_response(body, shown.status)


def _preview(sheet: typed.Typed, today: date) -> tuple[list[pb.PreviewedDay], str]:
    """Returns what the hours mean in the weeks to come, or what is wrong with them."""
    if sheet.wrong_rows:
        return [], ""
    first = today - timedelta(days=today.weekday())
    wanted = pb.PreviewOpeningRequest(
        opening=sheet.opening, first_date=first.isoformat(), day_count=PREVIEW_DAYS + 7
    )
    try:
        return list(kept.service().PreviewOpening(wanted).days), ""
    except grpc.RpcError as error:
        if problem_of(error).reason != "INVALID_FIELDS":
            raise
        return [], _fault("opening", next((why for _name, why in problem_of(error).fields), ""))


def _weeks(days: list[pb.PreviewedDay]) -> list[list[pb.PreviewedDay]]:
    return [days[at : at + 7] for at in range(0, len(days), 7)]


def _locales() -> list[str]:
    """Returns every locale a text may be in, those that everybody fills in first."""
    return list(dict.fromkeys(("ja", "en", *area().locales, *LOCALES)))


def _where(sheet: typed.Typed) -> dict[str, str]:
    """Returns what fields of the rows are called in a list of what is wrong, by their id."""
    count = len(sheet.rows or ())
    return {
        f"r{number}-{part}": _("Opening hours, row %(num)s", num=number + 1)
        for number in range(count)
        for part in ("first", "last", "days", "times")
    }


def _resume(form: kept_forms.Kept, own: bool) -> Response | None:  # noqa: FBT001 - see Resume
    if not may(*ASSOCIATION):
        return None
    file = kept.one(form.path.removeprefix("/studio/pois/"))
    fields: Any = MultiDict(form.fields)
    notify("warn", words.still_here())
    request_id = form.first("request_id") if own else new_request_id()
    return _page(file, Shown(typed.read(fields), request_id))


kept_forms.keep("/studio/pois/(?!new$|import$)[a-z0-9/_-]{1,79}(?<!/names)(?<!/retire)", _resume)
