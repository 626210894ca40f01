"""Canceling the last sale: voided on its own day, else all of it is refunded.

One tap unfolds what would be canceled, a second one cancels it (docs/decisions/0047).
"""

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import stub
from services.edge.errors import form_request_id, is_away
from services.edge.login import requires
from services.edge.till import back, clerks, hand_back

DEADLINE_S = 9.0
REASON = "取消"  # on the record of a sale of another day; people read it in the office

blueprint = Blueprint("cancel", __name__)


@blueprint.post("/till/last/cancel")
@requires(*SELLERS)
def cancel_last() -> Response | tuple[str, int]:
    """Voids a sale of today; one of another day, or one its provider takes nothing back of, is
    refunded. The request ids follow from the form's: tapped twice, it is canceled once."""
    payment_id, request_id = request.form.get("payment_id", "")[:80], form_request_id()
    try:
        payment = _payments().GetPayment(pb.GetPaymentRequest(payment_id=payment_id)).payment
        clerk_id = clerks.behind(payment)
        if not _voided(payment, request_id, clerk_id):
            _refund(payment, request_id, clerk_id)
    except grpc.RpcError as error:
        if problem_of(error).reason == back.ADMITTED:
            return back.ask_admitted(payment_id)
        if not is_away(error):
            raise
        again = [("payment_id", payment_id), ("request_id", request_id)]
        again += [("admitted", "yes")] if back.is_confirmed() else []
        advice = _("Ask again with this button: the sale is canceled only once.")
        return render_template("till/no_answer.html", advice=advice, again=again), 503
    return redirect(f"/till/payments/{payment_id}?back={hand_back.FRESH}", 303)


def may_cancel(payment: pb.Payment) -> bool:
    """Tells whether the counter offers to cancel a sale: a whole one, nothing of it went back."""
    kept = (pb.PAYMENT_STATE_CAPTURED, pb.PAYMENT_STATE_AUTHORIZED)
    is_whole = not payment.refunds and not payment.split_sale_id
    return payment.state in kept and is_whole and not payment.being_voided


def in_cash(payment: pb.Payment) -> bool:
    """Tells whether the customer gets cash back, because the provider gives nothing back."""
    return payment.state == pb.PAYMENT_STATE_CAPTURED and not payment.provider_refunds


def _voided(payment: pb.Payment, request_id: str, clerk_id: str) -> bool:
    """Tells whether the sale is canceled; False where only a refund is left."""
    if in_cash(payment):
        return False
    try:
        _payments().VoidPayment(
            pb.VoidPaymentRequest(
                request_id=request_id,
                payment_id=payment.payment_id,
                clerk_id=clerk_id,
                admitted_confirmed=back.is_confirmed(),
            )
        )
    except grpc.RpcError as error:
        if problem_of(error).reason != "WRONG_BUSINESS_DATE":
            raise
        return False
    return True


def _refund(payment: pb.Payment, request_id: str, clerk_id: str) -> None:
    # All that was taken, never what is left by now: a second tap asks for the same.
    channel = pb.REFUND_CHANNEL_CASH if in_cash(payment) else pb.REFUND_CHANNEL_PROVIDER
    _payments().RefundPayment(
        pb.RefundPaymentRequest(
            request_id=f"{request_id}-back", payment_id=payment.payment_id,
            amount_yen=payment.captured_yen, channel=channel, reason=REASON,
            clerk_id=clerk_id, admitted_confirmed=back.is_confirmed(),
        )
    )  # fmt: skip


def _payments() -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=DEADLINE_S)


blueprint.add_app_template_global(may_cancel, "may_cancel")
blueprint.add_app_template_global(hand_back.before_cancel, "before_cancel")
