"""Pages of the till. Every one works as plain forms; till.js only makes the counter quicker."""

from collections.abc import Sequence
from urllib.parse import quote, urlencode

import grpc
from flask import Blueprint, g, redirect, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from kit.client import problem_of
from kit.roles import SALES_READERS, SELLERS
from meguri.payments.v1 import office_service_pb2 as office_pb
from meguri.payments.v1 import payments_service_pb2 as pb
from meguri.payments.v1 import split_sales_service_pb2 as split_pb
from meguri.payments.v1.office_service_pb2_grpc import OfficeServiceStub
from meguri.payments.v1.payments_service_pb2_grpc import PaymentsServiceStub
from services.edge import chosen, first_parts, kept_forms, shutting
from services.edge.clients import new_request_id, stub
from services.edge.errors import Problem
from services.edge.login import requires
from services.edge.pages import notify
from services.edge.parts import may
from services.edge.till import (
    again,
    asking,
    at_shop,
    back,
    basket,
    cancel,
    clerks,
    display,
    hand_back,
    linked,
    named,
    news,
    pairing,
    papers,
    resume,
    sale,
    scan_code,
    slip,
    slip_help,
    split,
    tax_free,
    ticket_split,
    tickets,
    waiting,
    words,
)
from services.edge.till.amounts import AmountInvalid, read_amount
from services.edge.till.reading import FORM, read_rate, read_sale

# Above the gateway's deadline and the two transactions around it: the page always gets the answer.
TAKE_DEADLINE_S = 9.0
LINK_DEADLINE_S = 0.5
blueprint = Blueprint("till", __name__, template_folder="templates")
for _part in (
    at_shop,
    papers,
    ticket_split,
    tickets,
    waiting,
    clerks,
    cancel,
    back,
    named,
    display,
    linked,
    news,
    pairing,
    split,
    tax_free,
):
    blueprint.register_blueprint(_part.blueprint)


@blueprint.context_processor
def _words() -> dict[str, object]:
    return {
        "words": words, "pb": pb, "waiting": waiting, "basket": basket, "idle_s": clerks.IDLE_S,
        "shut_now": lambda shop: shutting.now(shop.shop_place_id), "shut_as_of": shutting.as_of,
        "tickets_closed_text": tickets.closed_text,
    }  # fmt: skip


@blueprint.get("/till")
@requires(*SELLERS)
def counter() -> Response | str:
    """Shows the counter of the chosen shop, or the shops to choose from."""
    shops = _shops()
    wanted = request.args.get("shop", "")
    if not wanted and len(shops) > 1:
        wanted = "" if "choose" in request.args else chosen.SHOP.remembered()
    elif len(shops) == 1:
        wanted = wanted or next(iter(shops))
    if wanted not in shops:
        if request.args.get("shop"):
            raise chosen.no_shop(wanted)
        return at_shop.page(shops)
    return _counter(shops[wanted])


@blueprint.post("/till/basket")
@requires(*SELLERS)
def change_basket() -> Response:
    """Puts a product or the typed amount into the basket, or takes one of a line out of it."""
    shop, form = _shop(request.form.get("shop", "")), request.form
    try:
        if "add" in form:
            item = _product(shop, form["add"])
            items = basket.put(basket.read_lines(form.getlist("item")), item)
        elif "add_amount" in form:
            amount_yen, rate_percent = (
                read_amount(form.get("amount_yen", "")),
                read_rate(form, shop),
            )
            lines = basket.read_lines(form.getlist("item"))
            items = basket.put(lines, basket.free_line(amount_yen, rate_percent))
        else:
            lines = basket.read_lines(form.getlist("item"))
            line, by = (form["more"], 1) if "more" in form else (form.get("less", ""), -1)
            items = basket.change(lines, line, by)
        basket.total_yen(items)
    except AmountInvalid as error:
        notify("bad", again.amount_sentence(error.reason))
        return _counter(shop, status=422, kept=True)
    typed = "" if "add_amount" in form else form.get("amount_yen", "")[:20]
    return _counter(shop, kept=True, items=items, typed=typed)


@blueprint.get("/till/payments")
@requires(*SELLERS)
def no_sale() -> Response:
    """Leads back to the counter whoever loads the page of a question again."""
    return redirect("/till", 303)


@blueprint.post("/till/payments")
@requires(*SELLERS)
def take() -> Response | tuple[str, int]:
    """Takes a payment. The request id was made when the page was: a double tap is one payment."""
    shop = _shop(request.form.get("shop", ""))
    try:
        wanted = read_sale(request.form, shop)
    except AmountInvalid as error:
        waiting.mark_sale("refused")
        notify("bad", again.amount_sentence(error.reason))
        return _counter(shop, status=422, kept=True)
    news.tell_basket(
        shop.shop_place_id, list(wanted.items) or [basket.free_line(wanted.amount_yen, 0)]
    )
    asked = asking.Asked(
        shop, wanted.tender, wanted.gateway, wanted.amount_yen, "/till/payments",
        f"/till?shop={quote(shop.shop_place_id)}",
    )  # fmt: skip
    if question := asking.question(asked):
        return question
    try:
        clerks.check(shop, request.form.get("clerk", ""))
        first_parts.check(wanted)
        taken = _payments(TAKE_DEADLINE_S).TakePayment(wanted)
    except grpc.RpcError as error:
        if page := asking.no_answer(error, asked, wanted):
            return page
        if problem_of(error).reason != "REQUEST_ID_REUSED":
            raise
        notify("warn", _("This page was already used for another sale. Enter the amount again."))
        return _counter(shop, status=409)
    told = asking.told({"repeated": "1"} if taken.answered_before else {})
    news.tell_payment(taken.payment, int(told.get("tendered", 0)), wanted.request_id)
    query = f"?{urlencode(told)}" if told else ""
    return redirect(f"/till/payments/{taken.payment.payment_id}{query}", 303)


@blueprint.get("/till/payments/<payment_id>")
@requires(*SALES_READERS)
def show(payment_id: str) -> str:
    """Shows what became of a payment, huge, and what can be done next."""
    payment = _payments().GetPayment(pb.GetPaymentRequest(payment_id=payment_id)).payment
    waiting.mark_sale("taken")
    shop = _shop_of(payment)
    kept = (
        payment.state == pb.PAYMENT_STATE_CAPTURED
        and not payment.refunds
        and not payment.being_voided
    )
    cash = _cash_stated(payment.tender, payment.captured_yen) if kept else None
    news.tell_payment(payment, cash.tendered_yen if cash else 0)
    return render_template(
        "till/payment.html", payment=payment, shop=shop, look=words.look_of(payment),
        repeated="repeated" in request.args, request_id=new_request_id(), link=_link(payment),
        ticket=tickets.of_payment(payment.payment_id) if shop.owner == pb.SHOP_OWNER_CITY else None,
        cash=cash, **_hand_back(payment),
    )  # fmt: skip


def _hand_back(payment: pb.Payment) -> dict[str, object]:
    """What a clerk does with the money; of a refund only on the page that answers it."""
    fresh = request.args.get("back") == hand_back.FRESH or request.args.get("refund") == "asked"
    told = fresh or payment.state == pb.PAYMENT_STATE_VOIDED
    return {"steps": hand_back.steps_of(payment) if told else [], "fresh": fresh}


@blueprint.get("/till/payments/<payment_id>/receipt")
@requires(*SALES_READERS)
def receipt(payment_id: str) -> str:
    """Shows the receipt, to print or to hand over on the screen."""
    answer = _payments().ReadReceipt(pb.ReadReceiptRequest(payment_id=payment_id))
    found, cash = answer.receipt, _cash_of(answer.receipt)
    return render_template(
        "till/receipt.html", receipt=found, shop=found.shop, cash=cash, purpose=named.PURPOSE,
        slip=slip_help.with_help(slip.of_receipt(found, cash=cash)),
        link=linked.link_of(answer),
    )  # fmt: skip


@blueprint.get("/till/payments/<payment_id>/receipt.pdf")
@requires(*SALES_READERS)
def receipt_pdf(payment_id: str) -> Response:
    """The receipt as a PDF."""
    answer = _payments().ReadReceipt(pb.ReadReceiptRequest(payment_id=payment_id))
    return linked.pdf(slip.of_receipt(answer.receipt, cash=_cash_of(answer.receipt)))


@blueprint.get("/till/today")
@requires(*SALES_READERS)
def today() -> str:
    """Shows the sales of a day and their sums, practice apart."""
    shop = at_shop.chosen_shop()
    totals = _payments().ReadTotals(
        pb.ReadTotalsRequest(
            shop_place_id=shop.shop_place_id, business_date=request.args.get("day", "")
        )
    )
    page = _payments().ListPayments(
        pb.ListPaymentsRequest(
            shop_place_id=shop.shop_place_id, business_date=totals.business_date,
            page_token=request.args.get("page", ""),
        )
    )  # fmt: skip
    return render_template(
        "till/today.html", shop=shop, here="today", totals=totals, page=page, split_pb=split_pb,
        unfinished=split.unfinished(shop.shop_place_id, totals.business_date),
        may_sell=may(*SELLERS),
    )  # fmt: skip


def _payments(deadline_s: float = 1.5) -> PaymentsServiceStub:
    return stub(PaymentsServiceStub, deadline_s=deadline_s)


def _shops() -> dict[str, pb.Shop]:
    return at_shop.shops()


def _shop(shop_place_id: str) -> pb.Shop:
    shop = _shops().get(shop_place_id)
    if shop is None:
        raise chosen.no_shop(shop_place_id)
    return shop


def _shop_of(payment: pb.Payment) -> pb.Shop:
    return _shops().get(payment.shop_place_id) or pb.Shop(shop_place_id=payment.shop_place_id)


def _counter(
    shop: pb.Shop, *, status: int = 200, kept: bool = False,
    items: Sequence[pb.Item] | None = None, typed: str | None = None,
) -> Response:  # fmt: skip
    """Shows the counter. kept: with the sale of the form that was sent, under its request id."""
    clerk = clerks.at_till(shop)
    newest = _payments().ListPayments(
        pb.ListPaymentsRequest(shop_place_id=shop.shop_place_id, page_size=1)
    )
    if items is None:
        items = basket.read_lines(request.form.getlist("item")) if kept else []
    news.tell_basket(shop.shop_place_id, items)
    body = render_template(
        "till/counter.html", shop=shop, here="counter", last=next(iter(newest.payments), None),
        own=[each for each in shop.tenders if each.gateway != "other_device"],
        others=[each for each in shop.tenders if each.gateway == "other_device"],
        request_id=(kept and request.form.get("request_id")) or new_request_id(),
        amount_text=request.form.get("amount_yen", "")[:20] if typed is None else typed,
        clerk=clerk, mark=clerks.mark_of(shop.shop_place_id, clerk.clerk_id) if clerk else "",
        cancel_id=new_request_id(), form_number=FORM, products=_products(shop), lines=items,
        rate=request.form.get("tax_rate_percent") or str(shop.default_tax_rate_percent),
    )  # fmt: skip
    response = Response(body, status, mimetype="text/html")
    at_shop.remember(response, shop.shop_place_id)
    return response


def _products(shop: pb.Shop) -> list[office_pb.Product]:
    """Returns the products that have a button, in the order of the buttons."""
    wanted = office_pb.ListProductsRequest(shop_place_id=shop.shop_place_id)
    found = stub(OfficeServiceStub).ListProducts(wanted).products
    return sorted((each for each in found if each.button), key=lambda each: each.button)


def _product(shop: pb.Shop, code: str) -> pb.Item:
    for product in _products(shop):
        if product.code == code:
            return pb.Item(
                name=product.names["ja"],
                quantity=1,
                unit_amount_yen=product.unit_amount_yen,
                tax_rate_percent=product.tax_rate_percent,
            )
    raise Problem(404, "unknown_product")


def _cash_of(found: pb.Receipt) -> sale.Cash | None:
    return None if found.voided else _cash_stated(found.tender, found.total_yen)


def _link(payment: pb.Payment) -> linked.Link | None:
    """Returns the receipt link of a sale; none where it cannot be had: the outcome counts more."""
    if payment.state != pb.PAYMENT_STATE_CAPTURED or payment.being_voided:
        return None
    try:
        wanted = pb.ReadReceiptRequest(payment_id=payment.payment_id)
        return linked.link_of(_payments(LINK_DEADLINE_S).ReadReceipt(wanted))
    except grpc.RpcError:
        return None


def _cash_stated(tender: int, amount_yen: int) -> sale.Cash | None:
    return sale.cash_of(request.args.get("tendered", ""), tender, amount_yen)


def shop_name(shop: pb.Shop) -> str:
    """Returns a shop's name in the language of the page, else in Japanese."""
    names: dict[str, str] = dict(shop.names)
    return str(names.get(g.locale) or names.get("ja") or shop.shop_place_id)


kept_forms.keep(resume.ADDRESSES, resume.show)
blueprint.add_app_template_global(scan_code.drawing, "scan_code")
blueprint.add_app_template_global(basket.product_name, "product_name")
blueprint.add_app_template_global(shop_name, "shop_name")
