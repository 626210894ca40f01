"""A municipal list of sights or occasions taken in: first a look at every row, then the chosen ones
as drafts."""

import hashlib
import re
from collections.abc import Sequence
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as directory_pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from meguri.itinerary.v1 import poi_service_pb2 as pb
from services.edge import uploads
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import area
from services.edge.studio.pois import elsewhere, kept, words
from services.edge.studio.timetables import known, refused
from services.edge.whole import read_whole

DEADLINE_S = 25.0
MOST_BYTES = 3 * 1024 * 1024
MOST_TAKEN = 500  # as itinerary and directory take them at once
# What a file has that is no list, by the reason at the end of what the service says.
UNUSABLE: dict[str, Any] = {
    "TOO_LARGE": _l("A list has at most 3 MiB. Divide it, and take in the parts."),
    "TOO_MANY_ROWS": _l("A list has at most 2,000 rows. Divide it, and take in the parts."),
    "NO_TEXT": _l("This is no CSV file in UTF-8 or Shift_JIS. Save it as CSV, not as Excel."),
    "NO_TABLE": _l("This file cannot be read as a table. Save it as CSV anew."),
    "NO_HEADING": _l("No line names its columns, one of them 名称 or イベント名."),
    "NO_ROWS": _l("There is no row below the line that names the columns."),
}
# What is wrong with a row, or to be looked at.
REASONS: dict[str, Any] = {
    "CELLS": _l("more or fewer cells than the heading"), "NAME_MISSING": _l("no name"),
    "TWICE": _l("stands there twice"), "CARD_NUMBER": _l("holds a card's number"),
    "NAME_TOO_LONG": _l("the name is too long"), "TEXT_TOO_LONG": _l("a text is too long"),
    "BAD_FEE": _l("the fee is too high"), "BAD_OPENING": _l("the hours cannot be read"),
    "NOTE_NOT_READ": _l("not understood, kept as a note"),
    "IRREGULAR_CLOSING": _l("closed on no fixed days"),
    "ONLY_SOMETIMES": _l("only at certain times that the file does not date"),
    "YEAR_END_ASSUMED": _l("closed over New Year; taken as 29 December to 3 January"),
    "WEEKDAYS_UNREADABLE": _l("the weekdays cannot be read"),
    "TIMES_UNREADABLE": _l("the times cannot be read"),
    "DATES_UNREADABLE": _l("the dates cannot be read"),
    "HOURS_UNKNOWN": _l("no opening hours, so no time can be promised"),
    "FEE_UNREADABLE": _l("the fee cannot be read"),
    "FEES_DIFFER": _l("two fees that differ; the one in words was taken"),
    "POINT_MISSING": _l("no latitude or longitude"),
    "POINT_UNUSABLE": _l("its point is no number or not in Japan"),
    "OLD_DATUM": _l("its point is in the old Japanese datum, some 400 m beside"),
    "TEXT_SHORTENED": _l("a text was too long and was cut"),
    "CATEGORY_UNKNOWN": _l("its name does not tell what it is"),
}  # fmt: skip
_REASON = re.compile(r"\[([A-Z_]+)\]\.?$")

blueprint = Blueprint("poi_import", __name__)


@blueprint.get("/studio/pois/import")
@requires(*ASSOCIATION)
def page() -> Response:
    """Shows the form."""
    return _page()


def _too_large(found: uploads.TooLarge) -> Response:
    said = uploads.told(found.size("file"), UNUSABLE["TOO_LARGE"])
    return _page({"f-file": said}, status=413)


@blueprint.post("/studio/pois/import")
@requires(*ASSOCIATION)
@uploads.comes_again(_too_large)
def take() -> Response | Answer:
    """Looks at the file, or takes chosen rows in where it is the one that was looked at."""
    sent = request.files.get("file")
    content = sent.read(MOST_BYTES + 1) if sent else b""
    name = name_of(sent.filename or "") if sent else ""
    if sent:
        sent.close()
    if not content or len(content) > MOST_BYTES:
        said = str(UNUSABLE["TOO_LARGE"]) if content else _("Choose the file.")
        return _page({"f-file": said}, 413 if content else 422)
    try:
        wanted = pb.ReadSightsRequest(file=content, name=name)
        found = kept.service(DEADLINE_S).ReadSights(wanted)
    except grpc.RpcError as error:
        return _page(_unusable(error), status=422)
    digest = hashlib.sha256(content).hexdigest()
    if request.form.get("action") == "take" and request.form.get("seen") == digest:
        return _take(found, digest)
    if request.form.get("action") == "take":
        notify("warn", _("This is another file than the one you looked at. Look at it first."))
    return _page(found=found, seen=digest, request_id=form_request_id())


def _take(found: pb.ReadSightsResponse, digest: str) -> Response | Answer:
    request_id = form_request_id()
    chosen = {n for each in request.form.getlist("row") if (n := read_whole(each))}
    rows = [row for row in found.rows if row.row in chosen and row.HasField("record")]
    if not 0 < len(rows) <= MOST_TAKEN:
        said = _("Tick 1 to %(most)s rows.", most=MOST_TAKEN)
        return _page({"rows": said}, 422, found, digest, chosen, request_id)
    try:
        added = take_in(rows, f"{request_id}-{digest[:12]}")
    except grpc.RpcError as error:
        refused.told(error)
        return _page({}, 422, found, digest, chosen, refused.next_id(error, request_id))
    return redirect(f"/studio/pois?state=draft&added={added}", 303)


def take_in(rows: Sequence[pb.SightRow], request_id: str) -> int:
    """Makes a place and a draft of each row; returns how many drafts are new. Both calls may be
    repeated. Errors: grpc.RpcError."""
    stub(DirectoryServiceStub, deadline_s=DEADLINE_S).AddPoiPlaces(
        directory_pb.AddPoiPlacesRequest(
            request_id=request_id, places=[_place(row) for row in rows]
        )
    )  # fmt: skip
    answer = kept.service(DEADLINE_S).AddDrafts(
        pb.AddDraftsRequest(request_id=request_id, records=[row.record for row in rows])
    )
    return len(answer.new_poi_ids)


def proposed(found: pb.ReadSightsResponse, names: frozenset[str]) -> set[int]:
    """Returns the rows that are ticked at first: what can be used and is not there yet. names: as
    of same_name."""
    usable = [
        row.row
        for row in found.rows
        if row.HasField("record") and not row.kept_poi_id and not same_name(row, names)
    ]
    return set(usable[:MOST_TAKEN])


def same_name(row: pb.SightRow, names: frozenset[str]) -> bool:
    """Tells whether a place of the area is called so already. names: of all, made plain."""
    return plain(row.name) in names


def plain(name: str) -> str:
    """Returns a name as two people would write it alike."""
    return re.sub(r"[\s　・（）()「」]+", "", name).casefold()


def name_of(sent: str) -> str:
    """Returns what to call a file in the source of POIs: its name without a folder."""
    return re.split(r"[/\\]", sent)[-1][:120].strip() or "CSV"


def _names(places: Sequence[directory_pb.Place]) -> frozenset[str]:
    return frozenset(plain(each.names.get("ja", "")) for each in places)


def _place(row: pb.SightRow) -> directory_pb.Place:
    names = {"ja": row.name} | ({"en": row.name_en} if row.name_en else {})
    place = directory_pb.Place(place_id=row.record.place_id, names=names, kana=row.kana)
    if row.HasField("point"):
        place.latitude, place.longitude = row.point.latitude, row.point.longitude
        place.coordinate_quality = directory_pb.COORDINATE_QUALITY_SOURCE
    return place


def _unusable(error: grpc.RpcError) -> dict[str, str]:
    """Returns what is wrong with the file; what else is refused is told at the top."""
    problem = problem_of(error)
    for _name, why in problem.fields:
        said = _REASON.search(why)
        if problem.reason == "SIGHTS_UNUSABLE" and said:
            return {"f-file": str(UNUSABLE.get(said[1]) or UNUSABLE["NO_TABLE"])}
    refused.told(error)
    return {}


def _page(
    wrong: dict[str, str] | None = None, status: int = 200,
    found: pb.ReadSightsResponse | None = None, seen: str = "", chosen: set[int] | None = None,
    request_id: str = "",
) -> Response:  # fmt: skip
    places = known.places() if found else ()
    names = _names(places)
    if chosen is None:
        chosen = proposed(found, names) if found else set()
    body = render_template(
        "studio/pois/import.html",
        wrong=wrong or {}, found=found, seen=seen, chosen=chosen, words=words,
        there={r.row for r in found.rows if same_name(r, names)} if found else set(),
        used=sum(row.HasField("record") for row in found.rows) if found else 0, reasons=REASONS,
        elsewhere=elsewhere.seen(found.rows, places, area().name("ja")) if found else None,
        request_id=request_id or new_request_id(), most_bytes=MOST_BYTES,
        too_large_words=UNUSABLE["TOO_LARGE"], most_taken=MOST_TAKEN,
    )  # fmt: skip
    return make_response(body, status)
