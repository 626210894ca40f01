"""`/plan` and `/plan/{id}`: a day by one's own wishes."""

import hashlib
from datetime import UTC, datetime
from urllib.parse import urlsplit

import grpc
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from google.protobuf.message import Message
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as BaseResponse

from kit.pure.public_address import why_unreached
from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.parts import area, locale
from services.edge.plan import (
    api,
    as_json,
    changing,
    cycles,
    day_map,
    days,
    gone,
    live,
    lunch,
    open_data,
    others,
    present,
    sojourns,
    spots,
    take_along,
    weights,
    wishes,
    words,
)
from services.edge.plan.chooser import Chooser
from services.edge.plan.deadline import PLAN_DEADLINE_S
from services.edge.plan.shown import DayPage
from services.edge.squares import squares

DEFAULT_START = "akiyoshido-main"

blueprint = Blueprint("plan", __name__, template_folder="templates")
blueprint.register_blueprint(api.blueprint)
blueprint.register_blueprint(open_data.blueprint)
blueprint.register_blueprint(changing.blueprint)
blueprint.register_blueprint(day_map.blueprint)
blueprint.register_blueprint(live.blueprint)
blueprint.register_blueprint(others.blueprint)
blueprint.register_blueprint(sojourns.blueprint)
blueprint.register_blueprint(weights.blueprint)
blueprint.register_blueprint(gone.blueprint)
blueprint.register_error_handler(grpc.RpcError, gone.no_such_day)


@blueprint.get("/plan")
def form() -> str:
    """The form, filled in sensibly or with the wishes of an earlier plan (?from=ID)."""
    known = request.args.get("from", "")
    if known:
        answer = stub(ItineraryServiceStub).GetItinerary(pb.GetItineraryRequest(itinerary_id=known))
        entries = _entries_again(answer.itinerary)
    else:
        entries = wishes.propose(spots.now(), DEFAULT_START)
        entries.setlist("must", request.args.getlist("must"))
    return _form(entries, {})


def _entries_again(itinerary: pb.Itinerary) -> MultiDict[str, str]:
    """Returns the entries that would ask for a day again, or for all it was planned with."""
    sojourn_id = itinerary.together.sojourn_id
    kept = sojourns.load(sojourn_id) if sojourn_id else ()
    trips = [day.trip for day in kept]
    if len(trips) < days.LEAST_DAYS:  # or the others were forgotten
        return wishes.of_trip(itinerary.trip)
    entries = wishes.of_trip(days.as_one(trips))
    entries.update(days.entries_of(trips))
    return entries


@blueprint.post("/plan")
def submit() -> Response:
    """Plans the day or days and leads to their page; a second tap leads to the same one."""
    trip, errors = wishes.of_form(request.form)
    later = days.read(request.form, trip, errors)
    if errors:
        return make_response(_form(request.form, errors), 422)
    if later:
        return sojourns.plan(trip, later, _once(trip, *later))
    answer = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S).PlanItinerary(
        pb.PlanItineraryRequest(request_id=_once(trip), trip=trip)
    )
    return _see(answer.itinerary.itinerary_id)


@blueprint.get("/plan/<itinerary_id>")
def plan(itinerary_id: str) -> str:
    """A kept plan: whoever has the address may read it."""
    return render_template(
        "plan/plan.html",
        page=_page(itinerary_id),
        request_id=new_request_id(),
        modes=words.MODES,
        not_made=changing.why_not(request.args.get("not", "")),
        bring_something=lunch.bring_something,
        unsure_text=cycles.unsure_text,
        # On this machine or in a network of its own no other phone would get there.
        square=None if why_unreached(_host()) else squares(_address(itinerary_id)),
    )


@blueprint.get("/plan/<itinerary_id>/day.ics")
def to_calendar(itinerary_id: str) -> Response:
    """The day for a calendar."""
    content = take_along.calendar(
        [(_page(itinerary_id), _address(itinerary_id))], made=datetime.now(UTC)
    )
    return _file(content, "text/calendar; charset=utf-8", "day.ics")


@blueprint.get("/plan/<itinerary_id>/day.gpx")
def to_map(itinerary_id: str) -> Response:
    """The places of the day for a map."""
    page = _page(itinerary_id)
    title = f"{area().name(locale())} {page.itinerary.trip.visit_date}"
    content = take_along.waypoints(page, title=title, url=_address(itinerary_id))
    return _file(content, "application/gpx+xml", "day.gpx")


@blueprint.post("/plan/<itinerary_id>/repair")
def repair(itinerary_id: str) -> BaseResponse:
    """Plans the rest of the day around what has closed."""
    stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S).RepairItinerary(
        pb.RepairItineraryRequest(
            request_id=request.form.get("request_id") or new_request_id(),
            itinerary_id=itinerary_id,
        )
    )
    return changing.back(itinerary_id)


def _page(itinerary_id: str) -> DayPage:
    answer = stub(ItineraryServiceStub).GetItinerary(
        pb.GetItineraryRequest(itinerary_id=itinerary_id)
    )
    return present.build(answer.itinerary, locale())


def _address(itinerary_id: str) -> str:
    return f"{request.url_root}plan/{itinerary_id}"


def _host() -> str:
    return urlsplit(request.url_root).hostname or ""


def _file(content: bytes, kind: str, name: str) -> Response:
    response = make_response(content)
    response.content_type = kind
    response.headers["Content-Disposition"] = f'attachment; filename="meguri-{name}"'
    response.headers["X-Robots-Tag"] = "noindex"
    return response


def _once(*asked: Message) -> str:
    """Two taps on one form are one plan; going back and changing a wish is another."""
    opened = request.form.get("request_id") or new_request_id()
    bodies = (each.SerializeToString(deterministic=True) for each in asked)
    return hashlib.sha256(opened.encode() + b"".join(bodies)).hexdigest()


def _see(itinerary_id: str) -> Response:
    return redirect(url_for("plan.plan", itinerary_id=itinerary_id), 303)  # type: ignore[return-value] # werkzeug's is Flask's


def _form(entries: MultiDict[str, str], errors: wishes.Errors) -> str:
    # A date that cannot be read is told beside its field; the places are listed without hours.
    day = "" if "visit_date" in errors else entries.get("visit_date", "")
    found = spots.load(day)
    return render_template(
        "plan/form.html",
        entries=entries,
        errors=errors,
        chooser=Chooser(found, locale(), entries),
        interests=words.INTERESTS,
        interest_name=lambda number: as_json.word(pb.Interest, "INTEREST", number),
        paces=words.PACES,
        pace_name=lambda number: as_json.word(pb.Pace, "PACE", number),
        today=spots.today(),
        rentals=cycles.offers(found.pois, locale()),
        by_bus=found.by_bus,
        request_id=new_request_id(),
    )
