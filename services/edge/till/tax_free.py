"""Tax-free sales at the counter: recorded after the sale, told what customs said, tax given back.

Who bought is known to the tax authority's system alone: nothing of a passport is asked here, and
what looks like the number of one is refused by payments.
"""

from datetime import datetime
from zoneinfo import ZoneInfo

import grpc
from flask import Blueprint, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SELLERS
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem, form_request_id, is_away
from services.edge.login import requires
from services.edge.parts import area
from services.edge.till import again, at_shop, clerks

DEADLINE_S = 9.0
CHANNELS = {
    "provider": pb.REFUND_CHANNEL_PROVIDER, "cash": pb.REFUND_CHANNEL_CASH,
    "manual": pb.REFUND_CHANNEL_MANUAL,
}  # fmt: skip
SERIAL_FROM_YEN = 1_000_000  # a line below this price is never asked for its number

blueprint = Blueprint("tax_free", __name__)


@blueprint.get("/till/tax-free")
@requires(*SELLERS)
def sales() -> str:
    """Shows the shop's tax-free sales, those that somebody has to do something about first."""
    shop = at_shop.chosen_shop()
    page = _payments().ListTaxFreeSales(
        pb.ListTaxFreeSalesRequest(
            shop_place_id=shop.shop_place_id, page_size=100, page_token=request.args.get("page", "")
        )
    )
    order = {"back": 0, "customs": 1}
    rows = [(each, standing(each)) for each in page.tax_free_sales]
    rows.sort(key=lambda row: order.get(row[1], 2))
    return render_template(
        "till/tax_free.html", shop=shop, here="tax_free", rows=rows, next_page=page.next_page_token
    )


@blueprint.get("/till/payments/<payment_id>/tax-free")
@requires(*SELLERS)
def sale(payment_id: str) -> str:
    """Shows the tax-free side of a sale: its record, or the form for one."""
    return _page(_read(payment_id))


@blueprint.post("/till/payments/<payment_id>/tax-free")
@requires(*SELLERS)
def record(payment_id: str) -> Response | tuple[str, int]:
    """Records the sale under the id that the authority's system gave it."""
    payment = _read(payment_id)
    serials = [
        pb.TaxFreeSerial(line=line, serial=text)
        for line, _item in dear_lines(payment)
        if (text := request.form.get(f"serial_{line}", "").strip())
    ]
    wanted = pb.RecordTaxFreeSaleRequest(
        request_id=form_request_id(), payment_id=payment_id, serials=serials,
        purchase_record_id=request.form.get("purchase_record_id", "").strip(),
    )  # fmt: skip
    try:
        _payments().RecordTaxFreeSale(wanted)
    except grpc.RpcError as error:
        said = problem_of(error)
        fields = {name: _sentence(name) for name, _text in said.fields}
        if said.reason == "TAX_FREE_NOT_POSSIBLE":
            fields = {"": _sentence("")}
        if not fields:
            raise
        return _page(payment, fields), 422
    return redirect(f"/till/payments/{payment_id}/tax-free", 303)


@blueprint.post("/till/payments/<payment_id>/tax-free/customs")
@requires(*SELLERS)
def customs(payment_id: str) -> Response | tuple[str, int]:
    """Notes what customs said of all goods."""
    payment = _read(payment_id)
    known = _record_of(payment)
    wanted = pb.SettleTaxFreeSaleRequest(
        request_id=form_request_id(), tax_free_sale_id=known.tax_free_sale_id,
        confirmed=request.form.get("confirmed") == "1",
        confirm_date=request.form.get("confirm_date", ""),
    )  # fmt: skip
    try:
        _payments().SettleTaxFreeSale(wanted)
    except grpc.RpcError as error:
        if "confirm_date" not in dict(problem_of(error).fields):
            raise
        return _page(payment, {"confirm_date": _sentence("confirm_date")}), 422
    return redirect(f"/till/payments/{payment_id}/tax-free", 303)


@blueprint.post("/till/payments/<payment_id>/tax-free/refund")
@requires(*SELLERS)
def give_back(payment_id: str) -> Response | tuple[str, int]:
    """Gives the tax back, behind a clerk's PIN where the shop has clerks."""
    payment = _read(payment_id)
    wanted = pb.RefundTaxFreeSaleRequest(
        request_id=form_request_id(), tax_free_sale_id=_record_of(payment).tax_free_sale_id,
        channel=CHANNELS.get(request.form.get("channel", ""), pb.REFUND_CHANNEL_CASH),
        clerk_id=clerks.behind(payment),
    )  # fmt: skip
    try:
        done = _payments(DEADLINE_S).RefundTaxFreeSale(wanted)
    except grpc.RpcError as error:
        if is_away(error):
            return again.ask(_("Ask again with this button: the tax goes back only once."))
        raise
    outcome = "declined" if done.refund.state == pb.REFUND_STATE_DECLINED else "asked"
    return redirect(f"/till/payments/{payment_id}?refund={outcome}", 303)


def standing(known: pb.TaxFreeSale) -> str:
    """Returns where a record stands: customs, back, done, refused or expired."""
    if known.state == pb.TAX_FREE_STATE_RECORDED:
        return "expired" if known.expired else "customs"
    if known.state == pb.TAX_FREE_STATE_CONFIRMED:
        return "done" if known.refund_id else "back"
    return "refused"


def dear_lines(payment: pb.Payment) -> list[tuple[int, str]]:
    """Returns number and name of the lines whose single price needs a serial number."""
    lines = [(each.unit_amount_yen, each.name) for each in payment.items]
    lines = lines or [(payment.captured_yen, "")]
    return [(at, name) for at, (yen, name) in enumerate(lines) if yen >= SERIAL_FROM_YEN]


def _page(payment: pb.Payment, errors: dict[str, str] | None = None) -> str:
    shops = _payments().ListShops(pb.ListShopsRequest()).shops
    shop = next((each for each in shops if each.shop_place_id == payment.shop_place_id), None)
    known = _find(payment)
    last = {each.refund_id: each.state for each in payment.refunds}
    where = standing(known) if known else "none"
    if known and last.get(known.refund_id) == pb.REFUND_STATE_DECLINED:
        where = "back"  # refused by its provider: another attempt may follow
    return render_template(
        "till/tax_free_sale.html", payment=payment, known=known, where=where, errors=errors or {},
        shop=shop or pb.Shop(shop_place_id=payment.shop_place_id), dear=dear_lines(payment),
        today=datetime.now(ZoneInfo(area().time_zone or "Asia/Tokyo")).date().isoformat(),
        request_id=request.form.get("request_id") or new_request_id(),
    )  # fmt: skip


def _sentence(name: str) -> str:
    possible = (
        _("It must be a sale of today, paid in full, with nothing refunded."),
        _("Taxed goods of ¥5,000 or more before tax are needed, and the shop's permission."),
    )
    record_id = (
        _("Scan or type the id of the purchase record, at most 64 characters."),
        _("A passport number never belongs here."),
    )
    sentences: dict[str, str] = {
        "": " ".join(possible),
        "purchase_record_id": " ".join(record_id),
        "serials": _("Give the serial number of each thing of ¥1,000,000 or more."),
        "confirm_date": _("Give the day customs saw the goods: not before the sale, not ahead."),
    }
    return sentences.get(name, sentences[""])


def _find(payment: pb.Payment) -> pb.TaxFreeSale | None:
    asked = pb.ListTaxFreeSalesRequest(payment_id=payment.payment_id)
    return next(iter(_payments().ListTaxFreeSales(asked).tax_free_sales), None)


def _record_of(payment: pb.Payment) -> pb.TaxFreeSale:
    known = _find(payment)
    if known is None:
        raise Problem(404, "unknown_tax_free_sale")
    return known


def _read(payment_id: str) -> pb.Payment:
    return _payments().GetPayment(pb.GetPaymentRequest(payment_id=payment_id)).payment


def _payments(deadline_s: float = 1.5) -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=deadline_s)
