"""`/api/v1/itineraries`: planning for programs."""

import re

from flask import Blueprint, Response, jsonify, request, url_for
from flask_babel import gettext as _

from meguri.itinerary.v1 import itinerary_service_pb2 as pb
from meguri.itinerary.v1.itinerary_service_pb2_grpc import ItineraryServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, json_body
from services.edge.parts import locale
from services.edge.plan import as_json, wishes
from services.edge.plan.deadline import PLAN_DEADLINE_S

REQUEST_ID = re.compile(r"[A-Za-z0-9_.:-]{8,100}")

blueprint = Blueprint("itineraries", __name__, url_prefix="/api/v1/itineraries")


@blueprint.post("")
def create() -> Response:
    """Plans a day. Demands that contradict each other are a plan with status "conflict"."""
    body = json_body()
    trip, errors = wishes.of_json(body)
    request_id = request.headers.get("Idempotency-Key") or body.get("request_id")
    if request_id is None:
        request_id = new_request_id()
    elif not isinstance(request_id, str) or not REQUEST_ID.fullmatch(request_id):
        errors["request_id"] = _("Give 8 to 100 letters, digits or . _ : -")
    if errors:
        raise Problem(400, "invalid_fields", fields=list(errors.items()))
    answer = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S).PlanItinerary(
        pb.PlanItineraryRequest(request_id=request_id, trip=trip)
    )
    response = jsonify(as_json.document(answer.itinerary, locale()))
    response.status_code = 201
    response.headers["Location"] = url_for(
        "plan.itineraries.read", itinerary_id=answer.itinerary.itinerary_id
    )
    return response


@blueprint.post("/<itinerary_id>/late")
def late(itinerary_id: str) -> Response:
    """Plans the rest of a day under way again for a party that is late."""
    body = json_body()
    errors = {
        name: _("Give a whole number.")
        for name, value in (("late_minutes", body.get("late_minutes", 0)),
                            ("version", body.get("version")))
        if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**31
    }  # fmt: skip
    request_id = request.headers.get("Idempotency-Key") or new_request_id()
    if not REQUEST_ID.fullmatch(request_id):
        errors["request_id"] = _("Give 8 to 100 letters, digits or . _ : -")
    if errors:
        raise Problem(400, "invalid_fields", fields=list(errors.items()))
    answer = stub(ItineraryServiceStub, deadline_s=PLAN_DEADLINE_S).ReportLateness(
        pb.ReportLatenessRequest(
            request_id=request_id, itinerary_id=itinerary_id, expected_version=body["version"],
            late_minutes=body.get("late_minutes", 0), leaving=body.get("leaving") is True,
        )
    )  # fmt: skip
    return jsonify(as_json.document(answer.itinerary, locale()))


@blueprint.get("/<itinerary_id>")
def read(itinerary_id: str) -> Response:
    """Returns a kept plan with the closures that hit it now."""
    answer = stub(ItineraryServiceStub).GetItinerary(
        pb.GetItineraryRequest(itinerary_id=itinerary_id)
    )
    return jsonify(as_json.document(answer.itinerary, locale()))
