"""The guide for programs: stops as JSON, and scans that phones report themselves."""

import json
from datetime import UTC
from typing import Any

from flask import Blueprint, Response, jsonify, request

from meguri.multilingual.v1 import multilingual_service_pb2 as pb
from meguri.multilingual.v1.multilingual_service_pb2_grpc import GuideServiceStub
from services.edge import own_address
from services.edge.clients import stub
from services.edge.errors import Problem
from services.edge.parts import area, parts
from services.edge.visitor import batches, day_notes, keeping, stops
from services.edge.visitor.lookup import require_stop

PAGE_AT_MOST = 500
SCANS_AT_MOST = 500
RECORD_DEADLINE_S = 3.0

blueprint = Blueprint("api", __name__)


@blueprint.get("/api/v1/stops")
def list_stops() -> Response:
    """Lists the stops in the locale asked for, a page at a time."""
    turn = parts().ready.turn(area().area)
    read = stops.list_stops()
    found = read.value
    limit, after = _limit(), request.args.get("after", "")
    rows = list(found.stops)
    if after:
        codes = [stop.stop_code for stop in rows]
        if after not in codes:
            raise Problem(400, "invalid_fields", fields=[("after", "is no stop code of this list")])
        rows = rows[codes.index(after) + 1 :]
    shown = rows[:limit]
    document = {
        "stops": [_summary(stop) for stop in shown],
        "locale": found.locale,
        "published_locales": list(found.published_locales),
        "next": shown[-1].stop_code if len(rows) > limit else None,
    }
    ends = keeping.until(stops.ends(found), stale=read.as_of is not None)
    body = json.dumps(document, ensure_ascii=False)
    return keeping.answer(
        body, "/api/v1/stops", turn, ends, "application/json", of_host=not area().public_url
    )


@blueprint.get("/api/v1/stops/<code>")
def read_stop(code: str) -> Response:
    """One stop with every text and the truth about its language."""
    return _cached(_content(require_stop(code)))


@blueprint.post("/api/v1/scans")
def record_scans() -> Response:
    """Takes scans with client-made ids; each is counted exactly once, however often sent."""
    scans = batches.read("scans", SCANS_AT_MOST, _scan)
    answer = stub(GuideServiceStub, deadline_s=RECORD_DEADLINE_S).RecordScans(
        pb.RecordScansRequest(request_id=batches.request_id("scans"), scans=scans)
    )
    return jsonify(
        recorded=answer.recorded_count,
        repeated=answer.repeated_count,
        rejected=[
            {"scan_id": each.scan_id, "reason": each.reason.lower()} for each in answer.rejected
        ],
    )


def _scan(entry: batches.Entry) -> pb.Scan:
    return pb.Scan(
        requested_locale=entry.text("requested_locale"),
        served_locale=entry.text("served_locale"),
        scan_id=entry.text("scan_id", "is missing: a UUID made by the client"),
        stop_code=entry.text("stop_code", "is missing"),
        scan_time=entry.time("scan_time"),
        offline=entry.given.get("offline") is True,
    )


def _limit() -> int:
    given = request.args.get("limit", str(PAGE_AT_MOST))
    if not (given.isascii() and given.isdecimal()) or not 0 < int(given) <= PAGE_AT_MOST:
        raise Problem(400, "invalid_fields", fields=[("limit", f"must be 1 to {PAGE_AT_MOST}")])
    return int(given)


def _cached(document: dict[str, Any]) -> Response:
    response = jsonify(document)
    response.headers["Cache-Control"] = "no-cache"
    response.vary.update(("Accept-Language", "Cookie"))
    response.add_etag()
    response.make_conditional(request)
    return response


def _text(text: pb.LocalizedText) -> dict[str, Any]:
    return {
        "text": text.text,
        "locale": text.locale,
        "requested_locale": text.requested_locale,
        "state": _state(text.state),
        "fallback": text.fallback,
        "machine_draft": text.machine_draft,
    }


def _state(state: "pb.TranslationState.ValueType") -> str:
    return pb.TranslationState.Name(state).removeprefix("TRANSLATION_STATE_").lower()


def _group(group: "pb.StopGroup.ValueType") -> str:
    return pb.StopGroup.Name(group).removeprefix("STOP_GROUP_").lower()


def _summary(stop: pb.StopSummary) -> dict[str, Any]:
    return {
        "stop_code": stop.stop_code,
        "place_id": stop.place_id,
        "name": stop.name.text,
        "locale": stop.name.locale,
        "requested_locale": stop.name.requested_locale,
        "state": _state(stop.state),
        "fallback": stop.name.fallback,
        "reading": stop.name_reading,
        "group": _group(stop.group),
        "kind": stop.kind,
        "section": stop.section.name.text,
        "position": stop.position,
        "route_m": stop.route_m if stop.HasField("route_m") else None,
        "closed": stop.closed,
        "revision": stop.revision,
        "url": f"{own_address.of_area()}/g/{stop.stop_code}",
    }


def _content(stop: pb.StopContent) -> dict[str, Any]:
    closures = {shut.closure_id for shut in parts().closures.in_force(area().area)}
    return {
        "stop_code": stop.stop_code,
        "place_id": stop.place_id,
        "group": _group(stop.group),
        "kind": stop.kind,
        "locale": stop.locale,
        "requested_locale": stop.requested_locale or stop.locale,
        "state": _state(stop.state),
        "fallback": stop.fallback,
        "machine_draft": stop.machine_draft,
        "name": _text(stop.name),
        "reading": stop.name_reading,
        "section": _text(stop.section.name),
        "position": stop.position,
        "route_m": stop.route_m if stop.HasField("route_m") else None,
        "paragraphs": [
            {
                "id": each.paragraph_id,
                "topic": pb.ParagraphTopic.Name(each.topic)
                .removeprefix("PARAGRAPH_TOPIC_")
                .lower(),
                **_text(each.text),
            }
            for each in stop.paragraphs
        ],
        "notices": [_notice(notice, closures) for notice in stop.notices],
        "day_notes": day_notes.as_json(stop.day_notes, _text),
        "sources": list(stop.sources),
        "estimates": list(stop.estimates),
        "previous": stop.previous.stop_code or None,
        "next": stop.next.stop_code or None,
        "revision": stop.revision,
    }


def _notice(notice: pb.StopNotice, in_force: set[str]) -> dict[str, Any]:
    until = notice.until_time.ToDatetime(tzinfo=UTC) if notice.HasField("until_time") else None
    return {
        "closure_id": notice.closure_id,
        "place_id": notice.place_id,
        "reason": notice.reason,
        "from_time": notice.from_time.ToDatetime(tzinfo=UTC).isoformat(),
        "until_time": until.isoformat() if until else None,
        "as_of_time": notice.as_of_time.ToDatetime(tzinfo=UTC).isoformat(),
        "in_force": notice.closure_id in in_force,
    }
