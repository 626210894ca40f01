"""POST /api/v1/payments and what follows it. The caller is a device, known by its signature."""

import re
from typing import Any

from flask import Blueprint, Response, jsonify, request

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.bodies import check_length
from services.edge.clients import stub
from services.edge.errors import Problem, json_body
from services.edge.payments_api import documents
from services.edge.payments_api.signatures import verified_device

DEADLINE_S = 9.0  # above the gateway's deadline and the two transactions around it
BODY_LIMIT_BYTES = 64 * 1024
KEY = re.compile(r"[A-Za-z0-9_.:-]{8,100}")
OPEN_STATES = (pb.PAYMENT_STATE_CREATED, pb.PAYMENT_STATE_UNKNOWN)

blueprint = Blueprint("payments_api", __name__, url_prefix="/api/v1/payments")


@blueprint.before_request
def _limit_body() -> None:
    check_length(request, BODY_LIMIT_BYTES)


@blueprint.post("")
def take() -> Response:
    """Takes a payment. 201 with its outcome; 202 where the outcome is still to come."""
    device = verified_device()
    wanted = documents.take_request(json_body(), _key(), device.place_id)
    payment = _payments().TakePayment(wanted).payment
    return _payment_answer(payment, 201)


@blueprint.get("/<payment_id>")
def read(payment_id: str) -> Response:
    """Reads a payment of the device's own shop."""
    verified_device()
    found = _payments().GetPayment(pb.GetPaymentRequest(payment_id=payment_id)).payment
    return _payment_answer(found, 200)


@blueprint.post("/<payment_id>/capture")
def capture(payment_id: str) -> Response:
    """Captures an authorization, wholly or in part."""
    verified_device()
    wanted = documents.capture_request(_optional_body(), _key(), payment_id)
    return _payment_answer(_payments().CapturePayment(wanted).payment, 200)


@blueprint.post("/<payment_id>/void")
def void(payment_id: str) -> Response:
    """Cancels a payment."""
    verified_device()
    wanted = documents.void_request(_optional_body(), _key(), payment_id)
    return _payment_answer(_payments().VoidPayment(wanted).payment, 200)


@blueprint.post("/<payment_id>/refunds")
def refund(payment_id: str) -> Response:
    """Refunds a payment, wholly or in part."""
    verified_device()
    wanted = documents.refund_request(json_body(), _key(), payment_id)
    done = _payments().RefundPayment(wanted)
    document = documents.refund_document(done.refund)
    document["payment"] = documents.payment_document(done.payment)
    still_open = done.refund.state in (pb.REFUND_STATE_CREATED, pb.REFUND_STATE_UNKNOWN)
    return _answer(document, 202 if still_open else 201)


def _payments() -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=DEADLINE_S)


def _key() -> str:
    """Returns the Idempotency-Key; the quotes of the draft standard are optional."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key:
        raise Problem(400, "idempotency_key_missing")
    key = key.strip('"')
    if not KEY.fullmatch(key):
        raise Problem(
            400, "invalid_fields",
            fields=[("Idempotency-Key", "give 8 to 100 letters, digits or . _ : -")],
        )  # fmt: skip
    return key


def _optional_body() -> dict[str, Any]:
    return json_body() if request.get_data(cache=True).strip() else {}


def _payment_answer(payment: pb.Payment, status: int) -> Response:
    response = _answer(
        documents.payment_document(payment), 202 if payment.state in OPEN_STATES else status
    )
    response.headers["Location"] = f"/api/v1/payments/{payment.payment_id}"
    if payment.state in OPEN_STATES:
        response.headers["Retry-After"] = "2"
    return response


def _answer(document: dict[str, Any], status: int) -> Response:
    response = jsonify(document)
    response.status_code = status
    response.headers["Cache-Control"] = "no-store"
    return response
