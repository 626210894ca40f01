"""All POIs of the area, and a new one."""

import re
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.itinerary.v1 import itinerary_service_pb2 as base
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import day_there
from services.edge.studio.pois import kept, words
from services.edge.studio.timetables import known, refused
from services.edge.whole import read_whole

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
TAKEN = frozenset({"new", "import"})  # addresses of pages
FIRST_STAY, FIRST_SCORE = (20, 45), 30

blueprint = Blueprint("pois", __name__)


@blueprint.get("/studio/pois")
@requires(*ASSOCIATION)
def page() -> str:
    """Shows the POIs that fit a search, and what of each is to be looked at."""
    text, flag = request.args.get("q", "").strip()[:80], request.args.get("state", "")
    category = read_whole(request.args.get("category", "")) or 0
    found = kept.rows(kept.all_pois(), known.places(), day_there())
    shown = kept.chosen(found, text, category, flag if flag in words.FLAGS else "")
    done = request.args.get("done", "")
    if done in words.DONE:
        notify("ok", words.DONE[done])
    if added := read_whole(request.args.get("added", "")):
        told = ngettext(
            "%(num)s draft was made. Look through it, then show it to visitors.",
            "%(num)s drafts were made. Look through them, then show each to visitors.", added,
        )  # fmt: skip
        notify("ok", told)
    return render_template(
        "studio/pois/list.html",
        rows=sorted(shown, key=lambda row: row.kana or words.name_of(row.names, "")),
        counts={name: sum(name in row.flags for row in found) for name in words.FLAGS},
        total=len(found), words=words, given={"q": text, "state": flag, "category": category},
        wrong={}, pb=pb,
    )  # fmt: skip


@blueprint.get("/studio/pois/new")
@requires(*ASSOCIATION)
def new() -> Response:
    """Shows the form for a new POI."""
    return _new({})


@blueprint.post("/studio/pois/new")
@requires(*ASSOCIATION)
def add() -> Response | Answer:
    """Makes a place and a draft there, then opens it. Both calls may be repeated."""
    form, request_id = request.form, form_request_id()
    names = {
        locale: name
        for locale in ("ja", "en")
        if (name := form.get(f"name-{locale}", "").strip()[:200])
    }
    poi_id = form.get("id", "").strip().lower() or id_of(names.get("en", ""), request_id)
    category = read_whole(form.get("category", "")) or 0
    wrong = {}
    if "ja" not in names:
        wrong["f-name-ja"] = _("Write what it is called in Japanese.")
    if not ID.fullmatch(poi_id) or poi_id in TAKEN:
        wrong["f-id"] = _("Write a short name of small letters, digits and dashes.")
    if category not in words.CATEGORIES:
        wrong["f-category"] = _("Choose one.")
    if wrong:
        return _new(wrong, 422)
    place = directory_pb.Place(
        place_id=poi_id, names=names, kana=form.get("kana", "").strip()[:200]
    )
    record = base.PoiRecord(
        poi_id=poi_id, place_id=poi_id, category=base.PoiCategory.ValueType(category),
        status=base.POI_STATUS_CHECK_BEFORE_USE, stay_min_minutes=FIRST_STAY[0],
        stay_max_minutes=FIRST_STAY[1], score=FIRST_SCORE, estimated_fields=["stay", "score"],
    )  # fmt: skip
    try:
        stub(DirectoryServiceStub).AddPoiPlaces(
            directory_pb.AddPoiPlacesRequest(request_id=request_id, places=[place])
        )
        kept.service().SavePoi(
            pb.SavePoiRequest(request_id=request_id, record=record, draft=True)
        )  # fmt: skip
    except grpc.RpcError as error:
        if problem_of(error).reason == "VERSION_CONFLICT":
            return _new({"f-id": _("There is one of this short name already.")}, 422)
        refused.told(error)
        return _new({}, 422)
    return redirect(f"/studio/pois/{poi_id}?done=made", 303)


def id_of(name: str, request_id: str) -> str:
    """Returns a short name: of the English one, and of the request, so that a second tap has the
    same."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40].strip("-")
    tail = re.sub(r"[^a-z0-9]", "", request_id.lower())[-6:]
    return plain or f"poi-{tail}"


def _new(wrong: dict[str, Any], status: int = 200) -> Response:
    body = render_template(
        "studio/pois/new.html", wrong=wrong, given=request.form, words=words,
        request_id=request.form.get("request_id") or new_request_id(),
    )  # fmt: skip
    return make_response(body, status)
