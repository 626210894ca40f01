"""POST /api/v1/payments and what follows it. The caller is a device, known by its signature."""

from flask import Blueprint, Response, request

from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import first_parts
from services.edge.bodies import check_length
from services.edge.clients import stub
from services.edge.errors import json_body, optional_json_body
from services.edge.payments_api import documents, splits
from services.edge.payments_api.answers import answer, key
from services.edge.payments_api.signatures import verified_device

DEADLINE_S = 9.0  # above the gateway's deadline and the two transactions around it
BODY_LIMIT_BYTES = 64 * 1024
OPEN_STATES = (pb.PAYMENT_STATE_CREATED, pb.PAYMENT_STATE_UNKNOWN)

blueprint = Blueprint("payments_api", __name__, url_prefix="/api/v1/payments")
blueprint.register_blueprint(splits.blueprint)


@blueprint.before_request
def _limit_body() -> None:
    check_length(request, BODY_LIMIT_BYTES)


@blueprint.post("")
def take() -> Response:
    """Takes a payment. 201 with its outcome; 202 where the outcome is still to come."""
    device = verified_device()
    wanted = documents.take_request(json_body(), key(), device.place_id)
    first_parts.check(wanted)
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
    wanted = documents.capture_request(optional_json_body(), key(), payment_id)
    return _payment_answer(_payments().CapturePayment(wanted).payment, 200)


@blueprint.post("/<payment_id>/void")
def void(payment_id: str) -> Response:
    """Cancels a payment."""
    verified_device()
    wanted = documents.void_request(optional_json_body(), key(), payment_id)
    return _payment_answer(_payments().VoidPayment(wanted).payment, 200)


@blueprint.post("/<payment_id>/refunds")
def refund(payment_id: str) -> Response:
    """Refunds a payment, wholly or in part."""
    verified_device()
    wanted = documents.refund_request(json_body(), key(), payment_id)
    done = _payments().RefundPayment(wanted)
    document = documents.refund_document(done.refund)
    document["payment"] = documents.payment_document(done.payment)
    still_open = done.refund.state in (pb.REFUND_STATE_CREATED, pb.REFUND_STATE_UNKNOWN)
    return answer(document, 202 if still_open else 201)


def _payments() -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=DEADLINE_S)


def _payment_answer(payment: pb.Payment, status: int) -> Response:
    response = answer(
        documents.payment_document(payment), 202 if payment.state in OPEN_STATES else status
    )
    response.headers["Location"] = f"/api/v1/payments/{payment.payment_id}"
    if payment.state in OPEN_STATES:
        response.headers["Retry-After"] = "2"
    return response
