"""Money that goes back: a sale canceled on its day, and refunds. Both only behind a clerk's PIN
where the shop has clerks; payments asks for it once more, so that no other way leads round it."""

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import tickets_service_pb2 as tickets_pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import form_request_id, is_away
from services.edge.login import requires
from services.edge.till import again, clerks, hand_back, tickets
from services.edge.till.amounts import AmountInvalid, read_amount

DEADLINE_S = 9.0
ADMITTED = "TICKET_ADMITTED"  # of payments: the party of this ticket went in already
CHANNELS = {"cash": pb.REFUND_CHANNEL_CASH, "manual": pb.REFUND_CHANNEL_MANUAL}

blueprint = Blueprint("back", __name__)


@blueprint.post("/till/payments/<payment_id>/void")
@requires(*SELLERS)
def void(payment_id: str) -> Response | tuple[str, int]:
    """Cancels a sale of today."""
    request_id, clerk_id = form_request_id(), clerks.behind(_read(payment_id))
    wanted = pb.VoidPaymentRequest(
        request_id=request_id, payment_id=payment_id, clerk_id=clerk_id,
        admitted_confirmed=is_confirmed(),
    )  # fmt: skip
    try:
        _payments(DEADLINE_S).VoidPayment(wanted)
    except grpc.RpcError as error:
        if is_away(error):
            return again.ask(_("Ask again with this button: the sale is canceled only once."))
        if problem_of(error).reason == ADMITTED:
            return ask_admitted(payment_id)
        raise
    return redirect(f"/till/payments/{payment_id}?back={hand_back.FRESH}", 303)


@blueprint.get("/till/payments/<payment_id>/refund")
@requires(*SELLERS)
def refund_form(payment_id: str) -> str:
    """Asks how much goes back, which way and why."""
    clerks.behind(_read(payment_id))
    return _refund_form(payment_id)


@blueprint.post("/till/payments/<payment_id>/refund")
@requires(*SELLERS)
def refund(payment_id: str) -> Response | tuple[str, int]:
    """Gives money back. How much is left is judged by payments alone: after a lost answer this
    refund may have happened already, and asking again must find that out."""
    try:
        wanted = _read_refund(payment_id)
    except AmountInvalid as error:
        return _refund_form(payment_id, {"amount_yen": again.amount_sentence(error.reason)}), 422
    if not wanted.reason:
        return _refund_form(payment_id, {"reason": _("Write why the money goes back.")}), 422
    try:
        wanted.clerk_id = clerks.behind(_read(payment_id))
        done = _payments(DEADLINE_S).RefundPayment(wanted)
    except grpc.RpcError as error:
        if is_away(error):
            advice = _("Ask again with this button: the money goes back only once.")
            return again.ask(advice, wanted=wanted)
        if problem_of(error).reason == ADMITTED:
            return ask_admitted(payment_id)
        if problem_of(error).reason != "AMOUNT_TOO_LARGE":
            raise
        return _refund_form(payment_id, {"amount_yen": _("That is more than is left.")}), 422
    outcome = "declined" if done.refund.state == pb.REFUND_STATE_DECLINED else "asked"
    return redirect(f"/till/payments/{payment_id}?refund={outcome}", 303)


def _read_refund(payment_id: str) -> pb.RefundPaymentRequest:
    """Reads the form of a refund. Errors: AmountInvalid."""
    return pb.RefundPaymentRequest(
        request_id=form_request_id(), payment_id=payment_id,
        amount_yen=read_amount(request.form.get("amount_yen", "")),
        channel=CHANNELS.get(request.form.get("channel", ""), pb.REFUND_CHANNEL_PROVIDER),
        reason=request.form.get("reason", "").strip()[:200], admitted_confirmed=is_confirmed(),
    )  # fmt: skip


def is_confirmed() -> bool:
    """Tells whether the form says that money goes back although the ticket was used."""
    return request.form.get("admitted") == "yes"


def ask_admitted(payment_id: str) -> tuple[str, int]:
    """Warns that the ticket of a payment was used; a second tap sends the same form, confirmed."""
    payment = _read(payment_id)
    kept = [pair for pair in again.fields() if pair[0] != "admitted"]
    kept += [(name, request.form[name]) for name in ("payment_id",) if name in request.form]
    page = render_template(
        "till/admitted.html", payment=payment, shop=_shop_of(payment), again=kept,
        amount_text=request.form.get("amount_yen", ""),
    )  # fmt: skip
    return page, 409


def _refund_form(payment_id: str, errors: dict[str, str] | None = None) -> str:
    payment = _read(payment_id)
    return render_template(
        "till/refund.html", payment=payment, shop=_shop_of(payment), errors=errors or {},
        left_yen=payment.refundable_yen, ticket=_ticket(payment),
        request_id=request.form.get("request_id") or new_request_id(),
    )  # fmt: skip


def _read(payment_id: str) -> pb.Payment:
    return _payments().GetPayment(pb.GetPaymentRequest(payment_id=payment_id)).payment


def _ticket(payment: pb.Payment) -> tickets_pb.Ticket | None:
    """Returns the ticket sold with a payment, as far as the city sells any there."""
    if _shop_of(payment).owner != pb.SHOP_OWNER_CITY:
        return None
    return tickets.of_payment(payment.payment_id)


def _shop_of(payment: pb.Payment) -> pb.Shop:
    shops = _payments().ListShops(pb.ListShopsRequest()).shops
    known = {shop.shop_place_id: shop for shop in shops}
    return known.get(payment.shop_place_id) or pb.Shop(shop_place_id=payment.shop_place_id)


def _payments(deadline_s: float = 1.5) -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=deadline_s)
