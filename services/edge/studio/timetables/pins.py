"""Map pins: places whose point nobody has published, and a page for each to put it."""

from dataclasses import dataclass
from typing import Any

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as Answer

from kit.client import problem_of
from kit.roles import ASSOCIATION
from meguri.directory.v1 import directory_service_pb2 as pb
from meguri.directory.v1.directory_service_pb2_grpc import DirectoryServiceStub
from services.edge import closing, kept_forms, sketch, tiles
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may
from services.edge.studio.timetables import clock, fields, known, points, refused, words
from services.edge.whole import read_whole

NEIGHBOURS = 6  # on the sketch beside the pin
MOST_SHOWN, MOST_NAMED = 40, 4  # on the map to move and to zoom
FAR_M = 80_000.0  # from every other place: rather a slip than a bus stop
DEGREE_M = 111_195.0
STEPS_M = (10, 100, 1_000)
# direction → north, east
NUDGES = {"north": (1, 0), "west": (0, -1), "east": (0, 1), "south": (-1, 0)}
SOURCE, ESTIMATE = "source", "estimate"
MOST_ERROR_M = 20_000

blueprint = Blueprint("pins", __name__)


@dataclass
class Typed:
    """The form. point: what latitude and longitude say, None while they cannot be read."""

    latitude: str = ""
    longitude: str = ""
    quality: str = SOURCE
    error: str = ""
    point: tuple[float, float] | None = None
    sure: bool = False


@blueprint.get("/studio/pins")
@requires(*ASSOCIATION)
def page() -> str:
    """Shows the places without a published point, transit stops first."""
    found = known.places()
    rows = [
        (label, sorted((e for e in found if e.kind == kind and not known.is_published(e)),
                       key=lambda each: each.kana or closing.name_of(each)))
        for kind, label in known.KINDS.items()
    ]  # fmt: skip
    if request.args.get("done") == "pinned":
        notify("ok", words.DONE["pinned"])
    return render_template(
        "studio/timetables/pins.html", rows=[row for row in rows if row[1]],
        groups=known.place_groups(found), name_of=closing.name_of, words=words, wrong={}, pb=pb,
    )  # fmt: skip


@blueprint.get("/studio/pins/choose")
@requires(*ASSOCIATION)
def choose() -> Answer:
    """Leads to the page of the place that was chosen from the list."""
    wanted = request.args.get("place", "")
    if all(each.place_id != wanted for each in known.places()):
        raise Problem(404, "not_found")
    return redirect(f"/studio/pins/{wanted}", 303)


@blueprint.get("/studio/pins/<path:place_id>")
@requires(*ASSOCIATION)
def one(place_id: str) -> Response:
    """Shows where a place is said to be, and the form."""
    place = _place(place_id)
    # Nobody makes a published point of an estimate by pressing a button twice.
    typed = Typed(quality=SOURCE if known.is_published(place) else ESTIMATE)
    if place.coordinate_quality != pb.COORDINATE_QUALITY_UNSPECIFIED:
        typed.point = (place.latitude, place.longitude)
        typed.latitude, typed.longitude = f"{place.latitude:.6f}", f"{place.longitude:.6f}"
    if place.coordinate_quality == pb.COORDINATE_QUALITY_ESTIMATE:
        typed.error = str(place.error_m)
    return _page(place, typed, new_request_id())


@blueprint.post("/studio/pins/<path:place_id>")
@requires(*ASSOCIATION)
def put(place_id: str) -> Response | Answer:
    """Moves the pin of the page, or keeps it."""
    place, form, request_id = _place(place_id), request.form, form_request_id()
    typed, wrong = read(form)
    action = form.get("action", "")
    if action != "save":
        nudge(typed, action, read_whole(form.get("step", "")) or STEPS_M[1])
        return _page(place, typed, request_id, wrong if action == "show" else {})
    if typed.point and not wrong and not typed.sure:
        wrong |= _far(place, typed.point)
    if wrong or typed.point is None:
        return _page(place, typed, request_id, wrong, 422)
    wanted = pb.PinPlaceRequest(
        request_id=request_id, place_id=place_id, latitude=typed.point[0],
        longitude=typed.point[1], version=read_whole(form.get("version", ""), 18) or 0,
        coordinate_quality=pb.COORDINATE_QUALITY_SOURCE, error_m=0,
    )  # fmt: skip
    if typed.quality == ESTIMATE:
        wanted.coordinate_quality = pb.COORDINATE_QUALITY_ESTIMATE
        wanted.error_m = read_whole(clock.plain(typed.error)) or 0
    try:
        stub(DirectoryServiceStub).PinPlace(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "VERSION_CONFLICT":
            refused.told(error)
            return _page(place, typed, refused.next_id(error, request_id), status=422)
        notify("warn", _("A colleague changed this place meanwhile. Yours is still in the fields."))
        return _page(_place(place_id), typed, new_request_id(), status=409)
    return redirect("/studio/pins?done=pinned", 303)


def read(form: fields.Form) -> tuple[Typed, dict[str, str]]:
    """Reads the form, and what is wrong with it by field."""
    typed = Typed(
        form.get("latitude", "").strip()[:60], form.get("longitude", "").strip()[:60],
        ESTIMATE if form.get("quality") == ESTIMATE else SOURCE,
        form.get("error", "").strip()[:9], sure="sure" in form,
    )  # fmt: skip
    wrong: dict[str, str] = {}
    try:
        typed.point = points.read(typed.latitude, typed.longitude)
        typed.latitude, typed.longitude = (f"{each:.6f}" for each in typed.point)
    except ValueError:
        wrong["f-latitude"] = points.how_to_type()
    error_m = read_whole(clock.plain(typed.error)) or 0
    if typed.quality == ESTIMATE and not 0 < error_m <= MOST_ERROR_M:
        wrong["f-error"] = _("Write how many meters it may be off, 1 to 20000.")
    return typed, wrong


def nudge(typed: Typed, direction: str, step_m: int) -> None:
    """Moves the point some meters; nothing without a point or a direction."""
    if typed.point is None or direction not in NUDGES:
        return
    north, east = NUDGES[direction]
    latitude, longitude = typed.point
    moved = (
        round(latitude + north * step_m / DEGREE_M, 6),
        round(longitude + east * step_m / (DEGREE_M * max(0.1, points.shrink(latitude))), 6),
    )
    typed.point = moved
    typed.latitude, typed.longitude = (f"{each:.6f}" for each in moved)


def _far(place: pb.Place, point: tuple[float, float]) -> dict[str, str]:
    """Returns what to say of a pin far from everything else; nothing of the first pin of all."""
    others = [each for _m, each in _neighbours(place, point)]
    if not others:
        return {}
    nearest = points.distance_m(point, (others[0].latitude, others[0].longitude))
    if nearest <= FAR_M:
        return {}
    return {"f-sure": _("This is %(km)s km away from every other place. Compare the numbers, or say"
                        " that it is right.", km=round(nearest / 1_000))}  # fmt: skip


def _neighbours(place: pb.Place, point: tuple[float, float]) -> list[tuple[float, pb.Place]]:
    found = [
        (points.distance_m(point, (each.latitude, each.longitude)), each)
        for each in known.places()
        if each.kind in known.KINDS and each.place_id != place.place_id
        and each.coordinate_quality != pb.COORDINATE_QUALITY_UNSPECIFIED
    ]  # fmt: skip
    return sorted(found, key=lambda each: (each[0], each[1].place_id))


def _sketch(place: pb.Place, typed: Typed) -> tuple[Any, list[tuple[int, str, int]]]:
    """Returns the drawn map around the pin, and the numbers on it: number, name, meters away."""
    if typed.point is None:
        return None, []
    near, seen = [], {typed.point}
    for meters, each in _neighbours(place, typed.point):
        at = (round(each.latitude, 4), round(each.longitude, 4))
        if at not in seen:  # a cave and its gate are one mark
            seen.add(at)
            near.append((meters, each))
        if len(near) == NEIGHBOURS:
            break
    pins = [
        sketch.Pin(
            str(number), closing.name_of(each), each.latitude, each.longitude,
            not known.is_published(each), "visit",
        )
        for number, (_m, each) in enumerate(near, start=1)
    ]  # fmt: skip
    own = sketch.Pin("", closing.name_of(place), *typed.point, typed.quality == ESTIMATE, "end")
    legend = [(n, closing.name_of(each), round(m)) for n, (m, each) in enumerate(near, start=1)]
    return sketch.draw([*pins, own], []), legend


def _place(place_id: str) -> pb.Place:
    """Errors: Problem not_found."""
    for each in known.places():
        if each.place_id == place_id:
            return each
    raise Problem(404, "not_found")


def _page(
    place: pb.Place, typed: Typed, request_id: str, wrong: dict[str, str] | None = None,
    status: int = 200,
) -> Response:  # fmt: skip
    drawn, legend = _sketch(place, typed)
    offered = tiles.of_area()
    shown = offered if "tiles" in request.args else None
    body = render_template(
        "studio/timetables/pin.html",
        place=place, title=closing.name_of(place), typed=typed, wrong=wrong or {}, drawn=drawn,
        legend=legend, published=known.is_published(place), words=words, steps=STEPS_M,
        request_id=request_id, pb=pb, step=read_whole(request.form.get("step", "")) or STEPS_M[1],
        pins=moving(place, typed), offered=offered, shown=shown,
    )  # fmt: skip
    response = make_response(body, status)
    if shown:
        response.headers["Content-Security-Policy"] = shown.policy
    return response


def moving(place: pb.Place, typed: Typed) -> list[dict[str, Any]]:
    """Returns what the map to move and to zoom shows: places near by, and at last the pin itself;
    without a pin as many places of the area as help to find where it goes."""
    around = typed.point or (place.latitude, place.longitude)
    near = [each for _m, each in _neighbours(place, around)][:MOST_SHOWN]
    pins = [
        {
            "lat": each.latitude, "lng": each.longitude, "label": "", "end": True,
            "title": closing.name_of(each), "estimated": not known.is_published(each),
            "named": number < MOST_NAMED,
        }
        for number, each in enumerate(near)
    ]  # fmt: skip
    if typed.point:
        pins.append(
            {
                "lat": typed.point[0], "lng": typed.point[1], "label": "●", "own": True,
                "title": closing.name_of(place), "estimated": typed.quality == ESTIMATE,
            }
        )  # fmt: skip
    return pins


def _resume(kept: kept_forms.Kept, own: bool) -> Response | None:  # noqa: FBT001 - see Resume
    if not may(*ASSOCIATION):
        return None
    form: Any = MultiDict(kept.fields)
    place = _place(kept.path.removeprefix("/studio/pins/"))
    notify("warn", words.still_here())
    return _page(place, read(form)[0], kept.first("request_id") if own else new_request_id())


kept_forms.keep("/studio/pins/[a-z0-9/-]{1,200}", _resume)
