"""What the till prints or shows beside receipts: return slips, and the shop's own payment code."""

from flask import Blueprint, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.roles import SALES_READERS, SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.till import at_shop, linked, news, slip_help, slip_return
from services.edge.till.amounts import AmountInvalid, read_amount

DEADLINE_S = 1.5

blueprint = Blueprint("papers", __name__)


@blueprint.get("/till/refunds/<refund_id>/invoice")
@requires(*SALES_READERS)
def return_invoice(refund_id: str) -> str:
    """Shows the return invoice of a refund, to print or to hand over on the screen."""
    answer = _return(refund_id)
    found = answer.return_invoice
    return render_template(
        "till/return_invoice.html", invoice=found, shop=found.shop,
        slip=slip_help.with_help(slip_return.of_return(found)),
        link=linked.link_of_return(answer),
    )  # fmt: skip


@blueprint.get("/till/refunds/<refund_id>/invoice.pdf")
@requires(*SALES_READERS)
def return_pdf(refund_id: str) -> Response:
    """The return invoice of a refund as a PDF."""
    return linked.return_pdf(_return(refund_id).return_invoice)


def _return(refund_id: str) -> pb.ReadReturnInvoiceResponse:
    return _payments().ReadReturnInvoice(pb.ReadReturnInvoiceRequest(refund_id=refund_id))


@blueprint.get("/till/code")
@requires(*SELLERS)
def code() -> str | tuple[str, int]:
    """Shows the shop's payment code: for an amount, or without one as on its sticker."""
    shop = at_shop.chosen_shop()
    text, error = request.args.get("amount_yen", "").strip(), ""
    amount_yen = 0
    if text:
        try:
            amount_yen = read_amount(text)
        except AmountInvalid:
            error = _("An amount is 1 to 9,999,999 yen, digits only.")
    made = _payments().MakeMerchantCode(
        pb.MakeMerchantCodeRequest(shop_place_id=shop.shop_place_id, amount_yen=amount_yen)
    )
    news.tell_merchant_code(shop.shop_place_id, amount_yen)
    others = [each for each in shop.tenders if each.gateway == "other_device"]
    page = render_template(
        "till/code.html", shop=shop, amount_yen=amount_yen, error=error, amount_text=text[:20],
        sample=made.sample, request_id=new_request_id(),
        by_hand=next((each for each in others if each.tender == pb.TENDER_CODE_PAYMENT), None),
    )  # fmt: skip
    return (page, 422) if error else page


@blueprint.get("/till/code.<kind>")
@requires(*SELLERS)
def picture(kind: str) -> Response:
    """The code as a drawing, or as a picture to print."""
    types = {"svg": "image/svg+xml", "png": "image/png"}
    if kind not in types:
        raise Problem(404, "not_found")
    text = request.args.get("amount_yen", "0")
    made = _payments().MakeMerchantCode(
        pb.MakeMerchantCodeRequest(
            shop_place_id=request.args.get("shop", "")[:80],
            amount_yen=int(text) if text.isascii() and text.isdigit() and len(text) < 8 else 0,
        )
    )
    answer = Response(made.svg if kind == "svg" else made.png, mimetype=types[kind])
    answer.headers["Cache-Control"] = "private, no-store"
    if kind == "png":
        answer.headers["Content-Disposition"] = 'attachment; filename="payment-code.png"'
    return answer


def _payments() -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=DEADLINE_S)
