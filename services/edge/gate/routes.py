"""The gate page: scans tickets. gate.js makes it work offline; a typed code works as a form."""

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

import grpc
from flask import Blueprint, Response, g, jsonify, make_response, redirect, render_template, request
from flask_babel import gettext as _
from google.protobuf.timestamp_pb2 import Timestamp

from kit import texts
from kit.client import problem_of
from kit.roles import DOOR_KEEPERS
from meguri.payments.v1 import payments_service_pb2 as payments_pb
from meguri.payments.v1 import tickets_service_pb2 as pb
from meguri.payments.v1.tickets_service_pb2_grpc import TicketsServiceStub
from services.edge import chosen, shutting
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, is_away, json_body, wants_json
from services.edge.gate import staff, words
from services.edge.gate.gates import all_gates
from services.edge.login import form_token_value, requires
from services.edge.parts import area, edge_itself, parts

# A queue of people stands behind this call: after it the page decides by itself.
SCAN_DEADLINE_S = 1.5
# Characters: of the square code as payments reads it, and of a typed one as its guard lets it pass.
MOST_SQUARE, MOST_TYPED = 400, texts.SHORT
SCRIPTS = (
    "gate/gate.js", "gate/camera.js", "gate/ticket.js", "gate/queue.js", "gate/keep.js",
    "gate/gate.css", "js/closed.js", "js/line.js",
    "gate/vendor/ed25519.js", "gate/vendor/qr/decode.js", "gate/vendor/qr/index.js",
    "till/till.css", "meguri.css", "img/icons.svg", "img/favicon.svg",
)  # fmt: skip

blueprint = Blueprint("gate", __name__, template_folder="templates")
blueprint.register_blueprint(staff.blueprint)


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {"gate_words": words, "tickets_pb": pb}


@blueprint.get("/gate")
@requires(*DOOR_KEEPERS)
def show() -> Response | str:
    """The scanning page of the chosen gate, or the gates to choose from."""
    gates = all_gates()
    wanted = request.args.get("gate", "")
    if not wanted and "choose" not in request.args:
        wanted = next(iter(gates)) if len(gates) == 1 else chosen.GATE.remembered()
    if wanted not in gates:
        if request.args.get("gate"):
            raise Problem(404, "unknown_gate")
        return render_template("gate/choose.html", gates=gates, next_page=chosen.GATE.wanted_next())
    if after := request.args.get("gate") and chosen.GATE.go_on(wanted):
        return _remember(make_response(redirect(after, 303)), wanted)
    return _page(wanted, gates[wanted])


@blueprint.post("/gate/scans")
@requires(*DOOR_KEEPERS)
def scan() -> Response:
    """One scan. A program sends JSON with the scan's own id; the form sends a typed code."""
    if not wants_json():
        return _scan_by_form()
    body = json_body()
    gate = _text(body, "gate")
    answer = _decide(gate, _needed(body, "scan_id"), body)
    # The page hears of closures by what it asks anyway.
    return jsonify(**answer, **shutting.all_of(gate))


@blueprint.post("/gate/queue")
@requires(*DOOR_KEEPERS)
def deliver() -> Response:
    """Scans that this gate decided while it was cut off."""
    body = json_body()
    scans = body.get("scans")
    if not isinstance(scans, list) or not all(isinstance(each, dict) for each in scans):
        raise Problem(400, "invalid_fields", fields=[("scans", "give a list of scans")])
    done = stub(TicketsServiceStub, deadline_s=9.0).RecordAdmissions(
        pb.RecordAdmissionsRequest(
            request_id=_needed(body, "request_id"), gate_place_id=_text(body, "gate"),
            scans=[
                pb.OfflineScan(
                    scan_id=_text(each, "scan_id"), payload=_text(each, "payload"),
                    scan_time=_moment(each.get("scan_time")), origin=_text(each, "origin"),
                )
                for each in scans
            ],
        )
    )  # fmt: skip
    return jsonify(
        scans=[{"scan_id": each.scan_id, "problem": each.problem} for each in done.scans]
    )


@blueprint.post("/gate/origins")
@requires(*DOOR_KEEPERS)
def origin() -> Response:
    """Where an admitted party comes from."""
    body = json_body() if wants_json() else dict(request.form)
    if not body.get("request_id"):
        raise Problem(400, "form_expired")
    done = stub(TicketsServiceStub).RecordOrigin(
        pb.RecordOriginRequest(
            request_id=_text(body, "request_id"), scan_id=_text(body, "scan_id"),
            origin=_text(body, "origin"),
        )
    )  # fmt: skip
    if wants_json():
        return jsonify(recorded=done.recorded)
    return _redirect(_text(body, "gate"))


@blueprint.get("/gate/setup")
@requires(*DOOR_KEEPERS)
def setup() -> Response:
    """Everything the page needs to decide alone: keys, classes, words. Kept by its worker."""
    gates = all_gates()
    gate = request.args.get("gate", "")
    if gate not in gates:
        raise Problem(404, "unknown_gate")
    tickets = stub(TicketsServiceStub)
    keys = tickets.ListTicketKeys(pb.ListTicketKeysRequest()).keys
    classes = tickets.ListPriceClasses(pb.ListPriceClassesRequest()).price_classes
    sites = {each.site_place_id for each in classes if gate in each.gate_place_ids}
    return jsonify(
        area=area().area,
        gate=gate,
        time_zone=area().time_zone,
        form_token=form_token_value(),
        keys={key.key_id.hex(): key.public_key.hex() for key in keys if not key.revoked},
        sites=[hashlib.sha256(site.encode()).hexdigest()[:8] for site in sorted(sites)],
        classes={str(each.number): name_of(dict(each.names)) for each in classes},
        outcomes={
            name: {"kind": look.kind, "icon": look.icon, "word": str(look.word)}
            for name, look in words.OUTCOMES.items()
        },
        reasons={name: str(text) for name, text in words.REASONS.items()},
        used_at=_("First used %(time)s at %(gate)s."),
        gates={place: name_of(dict(shop.names)) for place, shop in gates.items()},
        **shutting.all_of(gate),
    )


@blueprint.get("/gate/worker.js")
def worker() -> Response:
    """The page's service worker: its files by name, so that a new version fetches them anew."""
    files = [parts().assets.url(name) for name in SCRIPTS]
    text = render_template(
        "gate/worker.js", version=parts().assets.version, files=json.dumps(files)
    )
    response = make_response(text)
    response.content_type = "text/javascript; charset=utf-8"
    response.headers["Service-Worker-Allowed"] = "/gate"
    response.headers["Cache-Control"] = "no-cache"
    return response


@blueprint.get("/gate/site.webmanifest")
def manifest() -> Response:
    """Lets a phone keep the gate on its home screen."""
    icon = {"src": parts().assets.url("img/favicon.svg"), "sizes": "any", "type": "image/svg+xml"}
    response = jsonify(
        name=_("Gate"), short_name=_("Gate"), id="/gate", start_url="/gate", scope="/gate",
        display="standalone", background_color="#ffffff", theme_color="#115a36", icons=[icon],
    )  # fmt: skip
    response.content_type = "application/manifest+json"
    return response


@blueprint.get("/api/v1/ticket-keys")
def public_keys() -> Response:
    """The public keys of this area's tickets, for anybody who wants to check one."""
    reader = g.area.area
    keys = stub(TicketsServiceStub, caller=edge_itself(reader)).ListTicketKeys(
        pb.ListTicketKeysRequest()
    )
    return jsonify(
        area=reader,
        keys=[
            {
                "key_id": key.key_id.hex(), "public_key": key.public_key.hex(),
                "algorithm": "Ed25519", "revoked": key.revoked,
            }
            for key in keys.keys
        ],
    )  # fmt: skip


def _page(
    gate: str, shop: payments_pb.Shop, *, answer: dict[str, Any] | None = None, scan_id: str = ""
) -> Response:
    body = render_template(
        "gate/gate.html", gate=gate, gate_name=name_of(dict(shop.names)), here="scan",
        answer=answer, scan_id=scan_id, request_id=new_request_id(), origins=words.ORIGINS,
        shut=shutting.now(gate), as_of=shutting.as_of(), most_letters=MOST_SQUARE,
    )  # fmt: skip
    return _remember(make_response(body), gate)


def _remember(response: Response, gate: str) -> Response:
    chosen.GATE.cookie.put(response, gate)
    return response


def _scan_by_form() -> Response:
    gate, scan_id = request.form.get("gate", ""), request.form.get("request_id", "")
    gates = all_gates()
    if gate not in gates:
        raise Problem(404, "unknown_gate")
    typed = request.form.get("code", "").strip()
    if not typed or not scan_id:
        return _redirect(gate)
    try:
        answer = _decide(gate, scan_id, {"code": typed})
    except grpc.RpcError as error:
        if not is_away(error):
            raise
        answer = {"outcome": "unchecked", "reason": "typed_offline", "lines": [], "persons": 0}
    return _page(gate, gates[gate], answer=answer, scan_id=scan_id)


def _decide(gate: str, scan_id: str, body: dict[str, Any]) -> dict[str, Any]:
    """Returns the answer to a scan. At a closed gate nobody is asked, so no ticket is used up."""
    shut = shutting.now(gate)
    if shut is None:
        return _answer_document(_admit(gate, scan_id, body))
    return {
        **_answer_document(pb.AdmitTicketResponse(reason=shutting.REASON)),
        "outcome": "closed", "closure": shut,
    }  # fmt: skip


def _admit(gate: str, scan_id: str, body: dict[str, Any]) -> pb.AdmitTicketResponse:
    """Asks payments. What no ticket can say is an answer too: a queue waits, and a refusal would
    read like a lost connection."""
    payload, code = (_text(body, name, any_length=True) for name in ("payload", "code"))
    if code.upper().startswith("MT1:"):  # a hand scanner types the square code
        payload, code = code, ""
    if len(payload) > MOST_SQUARE or len(code) > MOST_TYPED:
        return pb.AdmitTicketResponse(outcome=pb.ADMISSION_OUTCOME_UNKNOWN, reason="too_long")
    wanted = pb.AdmitTicketRequest(
        request_id=scan_id, gate_place_id=gate, payload=payload, code=code
    )
    try:
        return stub(TicketsServiceStub, deadline_s=SCAN_DEADLINE_S).AdmitTicket(wanted)
    except grpc.RpcError as error:
        if problem_of(error).reason != "CARD_NUMBER_TYPED":
            raise
    return pb.AdmitTicketResponse(outcome=pb.ADMISSION_OUTCOME_UNKNOWN, reason="card_number_typed")


def _answer_document(answer: pb.AdmitTicketResponse) -> dict[str, Any]:
    ticket = answer.ticket
    used_at = answer.outcome == pb.ADMISSION_OUTCOME_ALREADY_USED
    return {
        "outcome": words.NUMBERS.get(answer.outcome, "unknown"),
        "reason": answer.reason,
        "ticket_id": ticket.ticket_id,
        "persons": ticket.persons,
        "lines": [{"number": line.number, "persons": line.persons} for line in ticket.lines],
        "practice": ticket.practice,
        "first_date": ticket.first_date,
        "last_date": ticket.last_date,
        "used_gate": ticket.admitted_gate_place_id if used_at else "",
        "used_time": ticket.admit_time.ToJsonString() if used_at else "",
    }


def _redirect(gate: str) -> Response:
    return make_response(redirect(f"/gate?gate={gate}", 303))


def _text(body: dict[str, Any], name: str, *, any_length: bool = False) -> str:
    value = body.get(name, "")
    if not isinstance(value, str) or (len(value) > 500 and not any_length):
        raise Problem(400, "invalid_fields", fields=[(name, "give a text of at most 500 letters")])
    return value


def _needed(body: dict[str, Any], name: str) -> str:
    """Returns the number that makes a repeat harmless: without it nothing is asked."""
    value = _text(body, name)
    if not value:
        raise Problem(400, "invalid_fields", fields=[(name, "make one before the first try")])
    return value


def _moment(value: object) -> Timestamp:
    """Reads a time by the phone's clock; payments judges whether it can be right."""
    try:
        moment = datetime.fromisoformat(str(value).replace("Z", "+00:00"))
        stamp = Timestamp()
        stamp.FromDatetime(moment.astimezone(UTC))
    except (ValueError, OverflowError) as error:
        raise Problem(400, "invalid_fields", fields=[("scan_time", "give a time")]) from error
    return stamp


def name_of(names: dict[str, str]) -> str:
    """Returns a name in the language of the page, else in Japanese."""
    return names.get(g.locale) or names.get("ja") or next(iter(names.values()), "")
