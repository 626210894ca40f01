"""POST /hooks/{provider}: hands a webhook to payments as it came. Nothing is believed here."""

from flask import Blueprint, Response, g, jsonify, request

from kit.auth import Caller
from kit.roles import PROGRAMS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.bodies import too_large
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem

DEADLINE_S = 6.0  # payments may have to ask the provider before it believes
BODY_LIMIT_BYTES = 256 * 1024
# Only what schemes of signing put into headers goes on: no address, no agent, no cookie.
SIGNING = ("signature", "hmac", "timestamp")
MOST_HEADERS, MOST_LENGTH = 8, 1024

blueprint = Blueprint("hooks", __name__, url_prefix="/hooks")


@blueprint.post("/<provider>")
def receive(provider: str) -> Response:
    """Answers 200 with what the webhook did; a repeat is `duplicate` and changes nothing."""
    body = request.get_data(cache=False)
    if not body:
        raise Problem(400, "webhook_malformed")
    if len(body) > BODY_LIMIT_BYTES:
        raise too_large(BODY_LIMIT_BYTES)
    caller = Caller(g.area.area, "webhook", PROGRAMS)
    payments = stub(PaymentsServiceStub, deadline_s=DEADLINE_S, caller=caller)
    wanted = pb.ReceiveWebhookRequest(
        request_id=new_request_id(), provider=provider[:40], body=body, headers=_signing()
    )
    outcome = payments.ReceiveWebhook(wanted).outcome
    word = pb.WebhookOutcome.Name(outcome).removeprefix("WEBHOOK_OUTCOME_").lower()
    return jsonify({"outcome": word})


def _signing() -> dict[str, str]:
    found = {
        name.lower(): value[:MOST_LENGTH]
        for name, value in request.headers.items()
        if any(word in name.lower() for word in SIGNING)
    }
    return dict(sorted(found.items())[:MOST_HEADERS])
