"""GET /api/v1/occupancy and /api/v1/visitors, POST of observations, and the page about sensing."""

from datetime import UTC, datetime, timedelta

import grpc
from flask import Blueprint, Response, jsonify, make_response, render_template, request
from google.protobuf import json_format
from google.protobuf.message import DecodeError

from meguri.visitor_sense.v1 import visitor_sense_observations_pb2 as observations
from meguri.visitor_sense.v1 import visitor_sense_service_pb2 as wire
from meguri.visitor_sense.v1.visitor_sense_service_pb2_grpc import VisitorSenseServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.occupancy import present
from services.edge.parts import area, locale

LIVE_S = 5  # how long an answer about now may be kept
HOURS_S = 60
PROTOBUF = "application/x-protobuf"
MERAKI_DEADLINE_S = 8.0
SIGN_DEADLINE_S = 15.0  # the first one loads a setter and its fonts
PAGE_DEADLINE_S = 0.5  # the page says what is measured also when the service is away

blueprint = Blueprint("occupancy", __name__, template_folder="templates")


@blueprint.get("/api/v1/occupancy")
def read_occupancy() -> Response:
    """How crowded each zone is now; levels only, never numbers."""
    answer = stub(VisitorSenseServiceStub).ReadOccupancy(wire.ReadOccupancyRequest())
    response = make_response(jsonify(present.occupancy(answer, locale())))
    response.cache_control.public = True
    response.cache_control.max_age = LIVE_S
    response.vary.add("Accept-Language")
    response.add_etag()
    response.make_conditional(request)
    return response


@blueprint.get("/api/v1/visitors")
def read_visitors() -> Response:
    """Counts per zone and finished hour; figures below k are withheld."""
    now = datetime.now(UTC)
    asked = wire.ReadVisitorsRequest(zone_id=request.args.get("zone", "")[:40])
    since = _moment("from", now - timedelta(hours=24))
    asked.from_time.FromDatetime(since)
    asked.to_time.FromDatetime(_moment("to", now))
    answer = stub(VisitorSenseServiceStub).ReadVisitors(asked)
    response = make_response(jsonify(present.visitors(answer)))
    response.cache_control.public = True
    response.cache_control.max_age = HOURS_S
    return response


@blueprint.get("/api/v1/visitors/days")
def read_days() -> Response:
    """How long people stayed and which zones were seen together, per finished day."""
    today = datetime.now(UTC).date()
    asked = wire.ReadDaysRequest(
        from_date=request.args.get("from", (today - timedelta(days=30)).isoformat())[:10],
        to_date=request.args.get("to", today.isoformat())[:10],
    )
    answer = stub(VisitorSenseServiceStub).ReadDays(asked)
    response = make_response(jsonify(present.days(answer)))
    response.cache_control.public = True
    response.cache_control.max_age = HOURS_S
    return response


@blueprint.post("/api/v1/sensors/<sensor_id>/observations")
def record_observations(sensor_id: str) -> Response:
    """Takes one signed batch (protobuf, or its JSON form) of an enrolled sensor."""
    signed = _signed_batch()
    if signed.sensor_id != sensor_id:
        raise Problem(400, "sensor_mismatch", "The batch is of another sensor than the address.")
    if signed.area != area().area:
        raise Problem(400, "area_mismatch", "The batch is of another area than the address.")
    try:
        batch = observations.ObservationBatch.FromString(signed.body)
    except DecodeError:
        raise Problem(400, "batch_malformed") from None
    answer = stub(VisitorSenseServiceStub).RecordObservations(
        wire.RecordObservationsRequest(
            request_id=f"{sensor_id}:{batch.boot_id[:32]}:{batch.sequence}",
            signed_batch=signed.SerializeToString(),
        )
    )
    response = jsonify({"stored": True, "duplicate": answer.duplicate})
    response.status_code = 202
    return response


@blueprint.get("/api/v1/meraki/<sensor_id>")
def show_validator(sensor_id: str) -> Response:
    """What Meraki asks for before it sends: the validator, as plain text."""
    answer = stub(VisitorSenseServiceStub).ReadMerakiValidator(
        wire.ReadMerakiValidatorRequest(sensor_id=sensor_id[:40])
    )
    response = make_response(answer.validator)
    response.mimetype = "text/plain"
    response.cache_control.no_store = True
    return response


@blueprint.post("/api/v1/meraki/<sensor_id>")
def receive_meraki(sensor_id: str) -> Response:
    """Hands a post of Meraki's on as it came: addresses are in it, so it is not looked at here."""
    body = request.get_data(cache=False)
    if not body:
        raise Problem(400, "body_malformed")
    visitor_sense = stub(VisitorSenseServiceStub, deadline_s=MERAKI_DEADLINE_S)
    answer = visitor_sense.ReceiveMeraki(
        wire.ReceiveMerakiRequest(request_id=new_request_id(), sensor_id=sensor_id[:40], body=body)
    )
    return jsonify({"observations": answer.observation_count})


@blueprint.get("/privacy/sensing")
def about_sensing() -> str:
    """What is measured, how long it is kept, and how not to be counted."""
    try:
        answer = stub(VisitorSenseServiceStub, deadline_s=PAGE_DEADLINE_S).ReadOccupancy(
            wire.ReadOccupancyRequest()
        )
    except grpc.RpcError:
        answer = wire.ReadOccupancyResponse()
    return render_template(
        "occupancy/sensing.html", zones=present.zones_shown(answer, locale()),
        noise_added=answer.privacy.noise_added,
    )  # fmt: skip


@blueprint.get("/privacy/sensing/sign.pdf")
def print_sign() -> Response:
    """The sign that hangs where we count. Nothing of the request is printed on it."""
    here = area()
    page = f"{here.public_url.rstrip('/')}/privacy/sensing" if here.public_url else ""
    answer = stub(VisitorSenseServiceStub, deadline_s=SIGN_DEADLINE_S).PrintSign(
        wire.PrintSignRequest(
            page_url=page, phone=here.help_phone,
            area_name=here.name("ja"),
        )
    )  # fmt: skip
    response = make_response(answer.pdf)
    response.content_type = "application/pdf"
    response.headers["Content-Disposition"] = "inline; filename=sensing-sign.pdf"
    response.cache_control.public = True
    response.cache_control.max_age = HOURS_S
    return response


def _moment(name: str, otherwise: datetime) -> datetime:
    text = request.args.get(name, "").strip()
    if name not in request.args:
        return otherwise
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))  # a plus sign arrives as a space
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        fields = [(name, "give a time as 2026-11-21T09:00:00+09:00")]
        raise Problem(400, "invalid_fields", fields=fields) from None


def _signed_batch() -> observations.SignedBySensor:
    try:
        if request.mimetype == PROTOBUF:
            return observations.SignedBySensor.FromString(request.get_data())
        if request.mimetype == "application/json":
            return json_format.Parse(request.get_data(), observations.SignedBySensor())
    except (DecodeError, json_format.ParseError, UnicodeDecodeError):
        raise Problem(400, "batch_malformed") from None
    raise Problem(415, "unsupported_media_type", f"Send {PROTOBUF} or application/json.")
